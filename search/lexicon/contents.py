"""Collects the contents of a generation's lexicon: the words, names and headlines of all articles."""

from __future__ import annotations

from collections import Counter
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from search import analysis
from search.lexicon.lexicon import Contents, Dated, Headline
from search.storage.fields import NAME_BREAK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from search.model import Article


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
    seen: dict[str, Counter[str]] = {}
    for text in texts:
        if not text.isascii():
            for token in analysis.tokenize(text):
                surface = text[token.start : token.end]
                if not surface.isascii() and surface.isalpha():
                    seen.setdefault(token.word, Counter())[surface] += 1
    for word, spellings in seen.items():
        yield word, max(spellings, key=lambda spelling: (spellings[spelling], spelling))
