"""The contents of a generation's lexicon: the words, names and headlines of all articles."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from search import analysis, territories
from search.lexicon.entries import COUNTRY, HEADLINE, PERSON, Entry
from search.storage.fields import NAME_BREAK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from search.model import Article

SHORT_FORMS: Final = {"us": "US", **territories.ABBREVIATIONS}
"""Folded short forms of countries, which are found by them as well as by their names."""


class Dated(NamedTuple):
    """A person's name or a country code.

    `articles` counts its articles; `last` is the ordinal of the last day, or 0.
    """

    value: str
    articles: int
    last: int


class Headline(NamedTuple):
    """The headline of one article of a story. `day` is an ordinal, or 0; `copies` counts the articles of the story."""

    article: str
    text: str
    day: int
    copies: int


class Contents(NamedTuple):
    """The contents of a lexicon.

    Attributes:
        words: Words of titles and bodies as `search.analysis` folds them, each with its number of articles.
        persons: The names of persons.
        countries: The codes of countries.
        headlines: One headline for each story.
        surfaces: Folded words and their most frequent spelling, if it differs.
    """

    words: Iterable[tuple[str, int]]
    persons: Iterable[Dated]
    countries: Iterable[Dated]
    headlines: Iterable[Headline]
    surfaces: Iterable[tuple[str, str]] = ()


class ArticleFacts(NamedTuple):
    """The facts of an article that the lexicon needs, apart from its words.

    `day` is an ordinal, or 0 without a date.
    """

    article: str
    title: str
    day: int
    story: str
    persons: tuple[str, ...]
    countries: tuple[str, ...]

    @classmethod
    def of(cls, article: Article) -> ArticleFacts:
        """Return the facts of an article."""
        return cls(
            article.id,
            article.title,
            article.day.toordinal() if article.day else 0,
            article.story,
            tuple(person.name for person in article.persons),
            tuple(country.code for country in article.countries),
        )


class Surfaces:
    """Counts the spellings of words in names and headlines, if they have non-ASCII letters."""

    def __init__(self) -> None:
        self._spellings: Counter[str] = Counter()  # of "word spelling": one text takes less memory than a tuple

    def add(self, text: str) -> None:
        """Count the spellings of the words in a text."""
        if not text.isascii():
            for token in analysis.tokenize(text):
                surface = text[token.start : token.end]
                if not surface.isascii() and surface.isalpha():
                    self._spellings[f"{token.word} {surface}"] += 1

    def most_frequent(self) -> dict[str, str]:
        """Return the most frequent spelling of each word."""
        best: dict[str, tuple[int, str]] = {}
        for pair, count in self._spellings.items():
            word, _, surface = pair.partition(" ")
            best[word] = max(best.get(word, (0, "")), (count, surface))
        return {word: surface for word, (_, surface) in best.items()}


def person_entry(person: Dated) -> Entry:
    """Return the entry of a person."""
    return Entry(PERSON, person.value, person.value, person.articles, analysis.streams(person.value)[0], person.last)


def country_entry(country: Dated) -> Entry:
    """Return the entry of a country, which is found by its name and by its short forms."""
    name = territories.name(country.value)
    names = (name, *(short for short, other in SHORT_FORMS.items() if other == country.value))
    words = analysis.streams(" ".join(names))[0]
    return Entry(COUNTRY, country.value, name, country.articles, words, country.last)


def headline_entry(headline: Headline, words: str | None = None) -> Entry:
    """Return the entry of a headline; `words` are its folded words, if they are known."""
    words = analysis.streams(headline.text)[0] if words is None else words
    return Entry(HEADLINE, headline.article, headline.text, headline.copies, words, headline.day)


def contents(words: Iterable[tuple[str, int]], facts: Collection[ArticleFacts]) -> Contents:
    """Return the contents of a generation's lexicon.

    `words` are folded words, each with the number of articles that contain it in the title or in the body, whichever
    number is higher. `facts` has one item for each article.
    """
    persons = dated((article.day, article.persons) for article in facts)
    spelled = surfaces(chain((person.value for person in persons), (article.title for article in facts)))
    words = ((word, count) for word, count in words if word != NAME_BREAK)
    return Contents(
        words, persons, dated((article.day, article.countries) for article in facts), headlines(facts), spelled
    )


def dated(tagged: Iterable[tuple[int, tuple[str, ...]]]) -> list[Dated]:
    """Return all values with their numbers of articles and last days. `tagged` holds day and values of each article."""
    articles: Counter[str] = Counter()
    last: dict[str, int] = {}
    for day, values in tagged:
        articles.update(values)
        for value in values:
            if day > last.get(value, -1):
                last[value] = day
    return [Dated(value, count, last[value]) for value, count in articles.items()]


def headlines(facts: Iterable[ArticleFacts]) -> Iterator[Headline]:
    """Yield one headline for each story: the headline of its earliest article that has a title."""
    stories: dict[str, list[ArticleFacts]] = {}
    for article in facts:
        if article.title:
            stories.setdefault(article.story, []).append(article)
    for same in stories.values():
        first = min(same, key=lambda article: (article.day or float("inf"), article.article))
        yield Headline(first.article, first.title, first.day, len(same))


def surfaces(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield folded words with their most frequent spelling in names and headlines, if it has non-ASCII letters."""
    counted = Surfaces()
    for text in texts:
        counted.add(text)
    yield from counted.most_frequent().items()
