"""What the lexicon of a generation is made of: the words of all articles, and what their names and headlines are."""

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
    """What a lexicon needs to know of an article, its words aside. `day` is an ordinal, 0 where there is none."""

    article: str
    title: str
    day: int
    story: str
    persons: tuple[str, ...]
    countries: tuple[str, ...]

    @classmethod
    def of(cls, article: Article) -> ArticleFacts:
        """Return that of an article."""
        return cls(
            article.id,
            article.title,
            article.day.toordinal() if article.day else 0,
            article.story,
            tuple(person.name for person in article.persons),
            tuple(country.code for country in article.countries),
        )


def contents(words: Iterable[tuple[str, int]], told: Collection[ArticleFacts]) -> Contents:
    """Return what the lexicon of a generation is made of.

    `words` are folded words with the number of articles that hold each in the title or in the body, whichever is more.
    """
    persons = dated((one.day, one.persons) for one in told)
    spelled = surfaces(chain((person.value for person in persons), (one.title for one in told)))
    words = ((word, count) for word, count in words if word != NAME_BREAK)
    return Contents(words, persons, dated((one.day, one.countries) for one in told), headlines(told), spelled)


def dated(tagged: Iterable[tuple[int, tuple[str, ...]]]) -> list[Dated]:
    """Return all values with the number of their articles and the last day of these, out of days and values."""
    articles: Counter[str] = Counter()
    last: dict[str, int] = {}
    for day, found in tagged:
        articles.update(found)
        for value in found:
            if day > last.get(value, -1):
                last[value] = day
    return [Dated(value, count, last[value]) for value, count in articles.items()]


def headlines(told: Iterable[ArticleFacts]) -> Iterator[Headline]:
    """Yield the headline of each story: that of its earliest article that has one."""
    stories: dict[str, list[ArticleFacts]] = {}
    for one in told:
        if one.title:
            stories.setdefault(one.story, []).append(one)
    for same in stories.values():
        first = min(same, key=lambda one: (one.day or float("inf"), one.article))
        yield Headline(first.article, first.title, first.day, len(same))


def surfaces(texts: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the commonest spelling, in names and headlines, of each word that is not written as it is folded."""
    seen: dict[str, Counter[str]] = {}
    for text in texts:
        if not text.isascii():
            for token in analysis.tokenize(text):
                surface = text[token.start : token.end]
                if not surface.isascii() and surface.isalpha():
                    seen.setdefault(token.word, Counter())[surface] += 1
    for word, spellings in seen.items():
        yield word, max(spellings, key=lambda spelling: (spellings[spelling], spelling))
