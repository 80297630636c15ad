"""The lexicon of one generation of an index, for any engine: what its users may want to type, and what they mistyped.

It is one file beside the engine's own, written with the generation and never changed, and mapped into the memory of
every process that serves. Entries are ranked when it is written:

    score = log(1 + count) * (1 + 2 ** (-age / HALF_LIFE)) / 2

where `age` is in days, from the last article about it to the newest of the archive; without a date it is endless. Old
names keep half of their score, so that freshness decides between what is about as frequent.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain, islice
from math import log
from typing import TYPE_CHECKING, Final, NamedTuple

from search import analysis, territories
from search.errors import IndexDamagedError, IndexVersionError
from search.highlight.patterns import wildcard
from search.lexicon import spelling
from search.lexicon.completion import Completion, Entry, pack
from search.lexicon.letters import cut
from search.lexicon.spelling import Speller, Usage
from search.lexicon.suggesting import TABLES, Suggester
from search.storage import mapped_arrays
from search.storage.fields import rotations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from search.lexicon.spelling import Change, Correction, Together
    from search.model import Suggestion
    from search.storage.mapped_arrays import Array

FILE: Final = "lexicon.bin"
VERSION: Final = 1
"""Raised when the file is laid out otherwise; the generation has to be built anew then."""

HALF_LIFE: Final = 30.0
"""Days after which a name that no article mentions has lost half of what freshness gives it."""

ALSO: Final = {"us": "US", **territories.ABBREVIATIONS}
"""Short forms by which countries are found, beside their names; folded."""


class Dated(NamedTuple):
    """A person's name or a country's code, how many articles name it, and the ordinal of the last one's day, or 0."""

    value: str
    articles: int
    last: int


class Headline(NamedTuple):
    """The headline of one article of a story; `day` is its ordinal, or 0, `copies` how many articles the story has."""

    article: str
    text: str
    day: int
    copies: int


class Contents(NamedTuple):
    """What a lexicon is made of.

    `words` are words of `search.analysis`, from titles and bodies, with the number of articles that hold each;
    `surfaces` are the commonest spellings of some of them.
    """

    words: Iterable[tuple[str, int]]
    persons: Iterable[Dated]
    countries: Iterable[Dated]
    headlines: Iterable[Headline]
    surfaces: Iterable[tuple[str, str]] = ()


def build(folder: Path, contents: Contents) -> None:
    """Write the lexicon of a generation into its folder, in whatever order the contents come."""
    persons = [(one, analysis.streams(one.value)[0]) for one in contents.persons]
    countries = [(one, _country_words(one.value)) for one in contents.countries]
    headlines = [(one, analysis.streams(one.text)[0]) for one in contents.headlines]
    usages = _usages(contents.words, headlines, persons)
    surfaces = dict(sorted(contents.surfaces))
    days = [one.last for one, _ in persons + countries] + [one.day for one, _ in headlines]
    newest = max(days, default=0)
    scored = {
        "names": [
            *_names(0, persons, newest, lambda name: name),
            *_names(1, countries, newest, territories.name),
        ],
        "headlines": [
            (score(one.copies, one.day, newest), Entry(2, one.article, one.text, one.copies, words))
            for one, words in headlines
        ],
        "words": [
            (float(use.articles), Entry(3, word, surfaces.get(word, word), use.articles, word))
            for word, use in usages.items()
        ],
    }
    arrays: dict[str, Array] = {}
    alphabets = {}
    for table in TABLES:
        packed, alphabets[table] = pack(entry for _, entry in sorted(scored.pop(table), key=_rank))
        arrays |= {f"{table}.{name}": array for name, array in packed.items()}
    decoded = [word.decode() for word in arrays["words.words"].tolist()]
    arrays |= {f"spelling.{name}": array for name, array in spelling.pack(decoded, usages).items()}
    mapped_arrays.write(folder / FILE, arrays, {"version": VERSION, "alphabets": alphabets})


def _names(
    kind: int, dated: Iterable[tuple[Dated, str]], newest: int, label: Callable[[str], str]
) -> Iterator[tuple[float, Entry]]:
    for one, words in dated:
        found = score(one.articles, one.last, newest)
        yield found, Entry(kind, one.value, label(one.value), one.articles, words)


def score(count: int, last: int, newest: int) -> float:
    """Return by what entries are ranked: see the top of this file. Days are ordinals, `last` 0 where there is none."""
    freshness = 2.0 ** ((last - newest) / HALF_LIFE) if last else 0.0
    return log(1 + max(count, 0)) * (1 + freshness) / 2


def _rank(scored: tuple[float, Entry]) -> tuple[float, str, str, int]:
    found, entry = scored
    return -found, entry.label, entry.value, entry.kind


def _country_words(code: str) -> str:
    names = (territories.name(code), *(short for short, other in ALSO.items() if other == code))
    return analysis.streams(" ".join(names))[0]


def _usages(
    words: Iterable[tuple[str, int]],
    headlines: Iterable[tuple[Headline, str]],
    persons: Iterable[tuple[Dated, str]],
) -> dict[str, Usage]:
    """Return how much each word is used; what is too long to be kept whole is left out."""
    articles: Counter[str] = Counter()
    titled: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for _, own in headlines:
        titled.update(set(own.split()))
    for person, own in persons:
        named.update(dict.fromkeys(own.split(), person.articles))
    for word, count in chain(words, titled.items()):
        articles[word] = max(articles[word], count)
    for word, count in named.items():
        articles[word] = articles[word] or count
    return {
        word: Usage(count, titled[word], named[word]) for word, count in articles.items() if word and cut(word) == word
    }


class Lexicon:
    """A lexicon as `build` wrote it. Threads may share one."""

    def __init__(self, tables: Mapping[str, Completion], speller: Speller) -> None:
        self._tables = tables
        self._words = tables["words"]
        self._suggester = Suggester(tables)
        self._speller = speller

    @classmethod
    def open(cls, folder: Path) -> Lexicon:
        """Return the lexicon of a generation; takes a millisecond.

        Raises:
            IndexDamagedError: It is missing or cut off.
            IndexVersionError: Another version of this program wrote it.
        """
        arrays, facts = mapped_arrays.read(folder / FILE)
        if facts.get("version") != VERSION:
            raise IndexVersionError(
                f"The lexicon of generation {folder.name} has version {facts.get('version')}, not {VERSION}.",
                remedy="Build the index anew: dateline reindex PATH...",
            )
        try:
            parts: dict[str, dict[str, Array]] = {}
            for name, array in arrays.items():
                table, _, part = name.partition(".")
                parts.setdefault(table, {})[part] = array
            tables = {table: Completion(parts[table], facts["alphabets"][table]) for table in TABLES}
            return cls(tables, Speller(tables["words"], parts["spelling"]))
        except (KeyError, TypeError, ValueError) as error:
            message = f"The lexicon of generation {folder.name} lacks a part: {error}."
            raise IndexDamagedError(message, remedy=mapped_arrays.REMEDY) from error

    def surface(self, word: str) -> str:
        """Return how a folded word is mostly written, as far as `build` was told; else the word itself."""
        place = int(self._words.find([word])[0])
        return self._words.entry(self._words.owner(place)).label if place >= 0 else word

    def knows(self, word: str) -> bool:
        """Return whether a folded word is in the archive; of one that is too long to be kept it says so, too."""
        return self._speller.knows(word)

    def expansions(self, pattern: str, most: int) -> int:
        """Return how many words a folded pattern with `*` and `?` stands for; more than `most` are not all counted."""
        words = self._words.words
        low, high = self._words.prefix(re.split(r"[*?]", pattern, maxsplit=1)[0])
        size = int((high - low).sum())
        if size <= most or ("?" not in pattern and pattern.find("*") == len(pattern) - 1):
            return size
        matches = wildcard(pattern).fullmatch
        found = (
            1
            for one in zip(low, high, strict=True)
            for word in words[slice(*one)]
            if matches(word.decode(errors="replace"))
        )
        return sum(islice(found, most + 1))

    def names(self, prefix: str, most: int) -> list[str] | None:
        """Return the persons' names of which `prefix`, folded, begins one of `documents.rotations`, best first.

        None where that may be more than `most`, and where the prefix is empty, as all names begin so.
        """
        table = self._tables["names"]
        *whole, last = prefix.split() or [""]
        numbers = table.every([*map(table.whole, whole), table.prefix(last)]) if last else []
        if not last or len(numbers) > most:
            return None
        entries = (table.entry(number) for number in numbers)
        return [
            one.value
            for one in entries
            if one.kind == 0 and any(part.startswith(prefix) for part in rotations(one.value))
        ]

    def near(self, word: str, typos: int) -> list[str]:
        """Return the words with the same first letter that are at most `typos` (1 or 2) edits from a folded word."""
        return self._speller.near(word, typos)

    def corrections(self, word: str, limit: int) -> tuple[Correction, ...]:
        """Return what a folded word may have been meant to be, best first; see `Speller.corrections`."""
        return self._speller.corrections(word, limit)

    def correct(self, words: Sequence[str], together: Together) -> tuple[Change, ...]:
        """Return what to change in the folded words of a query; see `Speller.correct`."""
        return self._speller.correct(words, together)

    def suggest(self, text: str, limit: int, together: Together | None = None) -> tuple[Suggestion, ...]:
        """Return what the text may become, `limit` suggestions at most; what matches exactly comes before any typo.

        Persons and countries come first, by rank, then headlines and words, three of each at most. Names have, for each
        typed word, a word that begins so; headlines have all typed words, the last as a beginning. A `word` completes
        the last one: its value is the query to run, its label the same with the usual spelling; its count is that of
        articles with all the typed words where `together` can tell (see `Speller.correct`; it is asked some 20 times at
        most), else that of articles with the last one. One edit is forgiven in one typed word of four letters or more.
        """
        return self._suggester.suggest(text, limit, together)
