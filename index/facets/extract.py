"""Finds the countries and persons of an article: tokens first, then places, then persons, then countries."""

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
"""A headline is in Title Case if at least this share of its longer words are capitalised."""
LONGER_WORD: Final = 4
"""Minimum length of a longer word, in characters."""


@dataclass(frozen=True, slots=True)
class Facets:
    """Countries and persons of one article, both in order of first mention."""

    countries: tuple[Country, ...]
    persons: tuple[Person, ...]


def is_title_case(headline: str) -> bool:
    """Return whether most of the longer words begin with a capital, as in Title Case and in all capitals."""
    longer = [word for word in headline.split() if len(word) >= LONGER_WORD and word[0].isalpha()]
    return len(longer) > 1 and sum(word[0].isupper() for word in longer) >= TITLE_CASE * len(longer)


def find(text: str, title_length: int, language: str | None, beside: tuple[str, ...] = ()) -> Facets:
    """Return the countries and persons in `text`.

    Accepts any string and never raises. The time is linear in the length of the text, and the result depends only on
    the arguments. For every mention `text[start:end] == mention.text`.

    Args:
        text: The headline and the body.
        title_length: Length of the headline in code points.
        language: A BCP 47 tag; None means English.
        beside: Lines around the article, such as captions. They can only give a person in the text a fuller name:
            "Choe Son" in the text is "Choe Son Hui" under the picture.
    """
    places = gazetteer(language)
    tokens = tokenize(SEPARATOR.join((text, *beside)))
    mentions = countries.locate(tokens, places)
    flags = flags_of(tokens, mentions)
    headline = title_length if is_title_case(text[:title_length]) else 0
    named, covered = persons.find(tokens, flags, headline, english=(language or "en")[:2] == "en")
    resolved = countries.resolve(tokens, mentions, covered, places, countries.Extent(title_length, len(text)))
    return Facets(tuple(resolved), tuple(_within(named, len(text)) if beside else named))


def flags_of(tokens: Tokens, mentions: Iterable[PlaceMention]) -> list[int]:
    """Return the flags of each token, from the table of words and from the places that the text mentions."""
    flags = [words.flags(word) or (words.flags(word.capitalize()) if word.isupper() else 0) for word in tokens.words]
    countries.flag_places(flags, mentions)
    return flags


def _within(persons: Iterable[Person], end: int) -> Iterator[Person]:
    """Yield the persons with a mention before `end`, each with only those mentions."""
    for one in persons:
        mentions = tuple(mention for mention in one.mentions if mention.end <= end)
        if mentions:
            yield replace(one, mentions=mentions)
