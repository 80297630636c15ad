"""Builds the base of a lexicon, in memory that depends on the vocabulary and little on the number of articles.

The texts of headlines wait in temporary files. A few numbers for each article are in memory.
"""

from __future__ import annotations

import tempfile
from array import array
from contextlib import ExitStack
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from search import analysis
from search.lexicon import files
from search.lexicon.contents import (
    Contents,
    Dated,
    Headline,
    Surfaces,
    country_entry,
    headline_entry,
    person_entry,
)
from search.lexicon.entries import PERSON, Collector, newest_day, ranked, scores
from search.lexicon.packing import packed
from search.lexicon.words import collected, composed, word_parts
from search.storage.fields import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path
    from types import TracebackType
    from typing import IO

    from search.lexicon.entries import Entries
    from search.lexicon.packing import Part
    from search.model import Article
    from search.storage.mapped_arrays import Array


class LexiconBuilder:
    """Collects what a lexicon needs of all articles, and writes it. Use it as a context manager, or call `close`."""

    def __init__(self) -> None:
        self._files = ExitStack()
        self._headlines = Collector(self._file)
        self._stories = array("Q")
        self._persons, self._countries = _Tally(), _Tally()
        self._surfaces = Surfaces()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the temporary files."""
        self._files.close()

    def _file(self) -> IO[bytes]:
        return self._files.enter_context(tempfile.TemporaryFile())

    def add(self, article: Article) -> None:
        """Add an article. Each article is added once."""
        day = article.day.toordinal() if article.day else 0
        for person in article.persons:
            self._persons.add(person.name, day)
        for country in article.countries:
            self._countries.add(country.code, day)
        if article.title:
            words = article.tokens.title_words if article.tokens else analysis.streams(article.title)[0]
            self._headlines.add(headline_entry(Headline(article.id, article.title, day, 1), words))
            self._stories.append(key_of(article.story))
            self._surfaces.add(article.title)

    def write(self, folder: Path, words: Iterable[tuple[str, int]]) -> None:
        """Write the base of the lexicon into a folder. Nothing may be added afterwards.

        `words` are folded words, each with the number of articles that contain it in the title or in the body,
        whichever number is higher.
        """
        names = Collector()
        for person in self._persons.dated():
            names.add(person_entry(person))
            self._surfaces.add(person.value)
        for country in self._countries.dated():
            names.add(country_entry(country))
        self._persons.clear()
        entries = self._headlines.entries()
        rows, sizes = _first_of_stories(entries, np.frombuffer(self._stories, np.uint64))
        copies = np.zeros(len(entries.counts), np.uint32)
        copies[rows] = sizes
        shown = _Shown(self._headlines, entries._replace(counts=copies), rows)
        _write(folder, _shown(names), shown, words, self._surfaces.most_frequent())
        self.close()


class _Tally:
    """Counts the articles of values, and notes their last day."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._articles, self._last = array("I"), array("i")

    def add(self, value: str, day: int) -> None:
        number = self._numbers.setdefault(value, len(self._numbers))
        if number == len(self._articles):
            self._articles.append(1)
            self._last.append(day)
        else:
            self._articles[number] += 1
            self._last[number] = max(self._last[number], day)

    def dated(self) -> Iterator[Dated]:
        return map(Dated, self._numbers, self._articles, self._last)

    def clear(self) -> None:
        self._numbers.clear()


class _Shown(NamedTuple):
    """The entries of a table, and the rows of those that are in the lexicon."""

    collector: Collector
    entries: Entries
    rows: Array

    def parts(self, newest: int) -> Iterator[Part]:
        """Yield the arrays of the table."""
        return table(self.entries, self.rows, newest)


def _shown(collector: Collector) -> _Shown:
    entries = collector.entries()
    return _Shown(collector, entries, np.arange(len(entries.counts)))


def table(entries: Entries, rows: Array, newest: int) -> Iterator[Part]:
    """Yield the arrays of a table with some rows of the entries. `newest` is the newest day."""
    points = scores(entries.counts[rows], entries.days[rows], newest)
    order = ranked(entries, rows, points)
    return packed(entries, rows[order], points[order])


def build(folder: Path, contents: Contents) -> None:
    """Write the lexicon of a generation into its folder. The order of the contents does not matter."""
    names, headlines = Collector(), Collector()
    for person in contents.persons:
        names.add(person_entry(person))
    for country in contents.countries:
        names.add(country_entry(country))
    for headline in contents.headlines:
        headlines.add(headline_entry(headline))
    _write(folder, _shown(names), _shown(headlines), contents.words, dict(sorted(contents.surfaces)))


def _write(
    folder: Path, names: _Shown, headlines: _Shown, words: Iterable[tuple[str, int]], surfaces: Mapping[str, str]
) -> None:
    (persons,) = np.nonzero(names.entries.kinds == PERSON)
    named = names.collector.uses(names.entries, persons, names.entries.counts[persons])
    titled = headlines.collector.uses(headlines.entries, headlines.rows, np.ones(len(headlines.rows)))
    names.collector.clear()
    headlines.collector.clear()
    newest = newest_day([names.entries.days[names.rows], headlines.entries.days[headlines.rows]])

    def tables() -> Iterator[tuple[str, Iterable[Part]]]:
        yield "names", names.parts(newest)
        yield "headlines", headlines.parts(newest)
        parts, spelling, _ = word_parts(composed(collected(words), titled, named, surfaces))
        yield "words", parts
        yield "spelling", spelling

    files.write(folder / files.FILE, tables(), {"newest": newest})
    (folder / files.DELTA).unlink(missing_ok=True)


def _first_of_stories(entries: Entries, stories: Array) -> tuple[Array, Array]:
    """Return the row of the earliest headline of each story, and the number of its headlines.

    Headlines without a date are last. Of one day, the smallest id of an article is first.
    """
    days = np.where(entries.days == 0, np.iinfo(np.int32).max, entries.days)
    order = np.lexsort((days, stories))
    starts = np.flatnonzero(np.concatenate([np.ones(min(len(order), 1), bool), np.diff(stories[order]) != 0]))
    ends = np.append(starts[1:], len(order))
    rows = order[starts]
    (several,) = np.nonzero(ends - starts > 1)
    for story in several.tolist():
        same = order[starts[story] : ends[story]]
        same = same[days[same] == days[same[0]]]
        if len(same) > 1:
            rows[story] = min(same.tolist(), key=lambda row: entries.values.item(row) or entries.labels.item(row))
    return rows, ends - starts
