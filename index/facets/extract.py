"""From an article's text to its countries and persons: one tokenization, then places, persons, countries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from index.facets import words
from index.facets.countries import find as countries
from index.facets.countries.gazetteer import gazetteer
from index.facets.persons import find as persons
from index.facets.tokens import tokenize
from search.model import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from index.facets.countries.context import PlaceMention
    from index.facets.tokens import Tokens
    from search.model import Country, Person

TITLE_CASE: Final = 0.6
"""Share of a headline's longer words with a capital from which on it is in Title Case and capitals say nothing."""
LONGER_WORD: Final = 4


@dataclass(frozen=True, slots=True)
class Facets:
    """Countries and persons of one article, each in order of first mention."""

    countries: tuple[Country, ...]
    persons: tuple[Person, ...]


def is_title_case(headline: str) -> bool:
    """Whether most of the headline's longer words have a capital, as in Title Case and in capitals."""
    longer = [word for word in headline.split() if len(word) >= LONGER_WORD and word[0].isalpha()]
    return len(longer) > 1 and sum(word[0].isupper() for word in longer) >= TITLE_CASE * len(longer)


def find(text: str, title_length: int, language: str | None, beside: tuple[str, ...] = ()) -> Facets:
    """Return the countries and persons that `text` names; its first `title_length` code points are the headline.

    `beside` are lines that stand around the story, such as its captions. They lend fuller names to persons of the text
    ("Choe Son" in the story, "Choe Son Hui" under the picture) and name nobody and nothing else.

    For every mention `text[start:end] == mention.text`. Depends on nothing but its arguments, accepts any string,
    never raises, takes time linear in the length of the text. `language` is a BCP 47 tag; None is taken for English.
    """
    known = gazetteer(language)
    tokens = tokenize(SEPARATOR.join((text, *beside)))
    found = countries.locate(tokens, known)
    flags = flags_of(tokens, found)
    headline = title_length if is_title_case(text[:title_length]) else 0
    named, covered = persons.find(tokens, flags, headline, english=(language or "en")[:2] == "en")
    placed = countries.resolve(tokens, found, covered, known, countries.Extent(title_length, len(text)))
    return Facets(tuple(placed), tuple(_within(named, len(text)) if beside else named))


def flags_of(tokens: Tokens, found: Iterable[PlaceMention]) -> list[int]:
    """Return what each token may be: as the lexicon knows its word, and as the places found say."""
    flags = [words.flags(word) or (words.flags(word.capitalize()) if word.isupper() else 0) for word in tokens.words]
    countries.flag_places(flags, found)
    return flags


def _within(persons: Iterable[Person], end: int) -> Iterator[Person]:
    """Yield who is mentioned before `end`, with those mentions alone."""
    for one in persons:
        mentions = tuple(mention for mention in one.mentions if mention.end <= end)
        if mentions:
            yield replace(one, mentions=mentions)
