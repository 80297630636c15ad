"""The lexicon of one generation of an index, for any engine: suggestions and spelling correction.

The lexicon is one file beside the engine's files. It is written with the generation, never changes, and is mapped into
the memory of every server process. Entries are ranked when the file is written:

    score = log(1 + count) * (1 + 2 ** (-age / HALF_LIFE)) / 2

`age` is the number of days from the last article about the entry to the newest date in the archive. For an entry
without a date it is infinite. Old names keep half of their score, so freshness decides between names of similar
frequency.
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
    from search.results import Suggestion
    from search.storage.mapped_arrays import Array

FILE: Final = "lexicon.bin"
VERSION: Final = 1
"""Version of the file format. Bump when it changes; older indexes are then refused with a rebuild hint."""

HALF_LIFE: Final = 30.0
"""Half-life, in days, of an entry's freshness bonus after the last article that mentions it."""

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


def build(folder: Path, contents: Contents) -> None:
    """Write the lexicon of a generation into its folder. The order of the contents does not matter."""
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
    for item, words in dated:
        yield (
            score(item.articles, item.last, newest),
            Entry(kind, item.value, label(item.value), item.articles, words),
        )


def score(count: int, last: int, newest: int) -> float:
    """Return the rank score of an entry; the top of this file has the formula.

    `count` is its number of articles. Days are ordinals; `last` is 0 for an entry without a date.
    """
    freshness = 2.0 ** ((last - newest) / HALF_LIFE) if last else 0.0
    return log(1 + max(count, 0)) * (1 + freshness) / 2


def _rank(scored: tuple[float, Entry]) -> tuple[float, str, str, int]:
    points, entry = scored
    return -points, entry.label, entry.value, entry.kind


def _country_words(code: str) -> str:
    names = (territories.name(code), *(short for short, other in SHORT_FORMS.items() if other == code))
    return analysis.streams(" ".join(names))[0]


def _usages(
    words: Iterable[tuple[str, int]],
    headlines: Iterable[tuple[Headline, str]],
    persons: Iterable[tuple[Dated, str]],
) -> dict[str, Usage]:
    """Return the usage of each word. Words that are too long to be stored are left out."""
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
    """An open lexicon that `build` wrote. It is safe to share between threads."""

    def __init__(self, tables: Mapping[str, Completion], speller: Speller) -> None:
        self._tables = tables
        self._words = tables["words"]
        self._suggester = Suggester(tables)
        self._speller = speller

    @classmethod
    def open(cls, folder: Path) -> Lexicon:
        """Return the lexicon of a generation. This takes about a millisecond.

        Raises:
            IndexDamagedError: The file is missing, truncated or incomplete.
            IndexVersionError: Another version of this program wrote the file.
        """
        arrays, facts = mapped_arrays.read(folder / FILE)
        if facts.get("version") != VERSION:
            raise IndexVersionError(
                f"The lexicon of generation {folder.name} has version {facts.get('version')}, not {VERSION}.",
                remedy="Rebuild the index: dateline reindex PATH...",
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
        """Return the most frequent spelling of a folded word, or the word itself if `build` got no spelling for it."""
        place = int(self._words.find([word])[0])
        return self._words.entry(self._words.owner(place)).label if place >= 0 else word

    def knows(self, word: str) -> bool:
        """Return whether a folded word is in the archive. A word that is too long to be stored counts as known."""
        return self._speller.knows(word)

    def expansions(self, pattern: str, most: int) -> int:
        """Return the number of words that match a folded pattern with `*` and `?`.

        The exact number matters only up to `most`: a count above that may be too low or include other words.
        """
        words = self._words.words
        low, high = self._words.prefix(re.split(r"[*?]", pattern, maxsplit=1)[0])
        size = int((high - low).sum())
        if size <= most or ("?" not in pattern and pattern.find("*") == len(pattern) - 1):
            return size
        matches = wildcard(pattern).fullmatch
        matching = (
            1
            for one in zip(low, high, strict=True)
            for word in words[slice(*one)]
            if matches(word.decode(errors="replace"))
        )
        return sum(islice(matching, most + 1))

    def names(self, prefix: str, most: int) -> list[str] | None:
        """Return the names of persons with a rotation (`fields.rotations`) that starts with `prefix`, the best first.

        The prefix is folded. Return None if there may be more than `most` names, or if the prefix is empty.
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
        """Return the words with the same first letter within `typos` (1 or 2) edits of a folded word."""
        return self._speller.near(word, typos)

    def corrections(self, word: str, limit: int) -> tuple[Correction, ...]:
        """Return candidates for a misspelt, folded word, the best first; see `Speller.corrections`."""
        return self._speller.corrections(word, limit)

    def correct(self, words: Sequence[str], together: Together) -> tuple[Change, ...]:
        """Return the changes that correct the folded words of a query; see `Speller.correct`."""
        return self._speller.correct(words, together)

    def suggest(self, text: str, limit: int, together: Together | None = None) -> tuple[Suggestion, ...]:
        """Return at most `limit` suggestions for the text. Exact matches come before matches with a typo.

        Persons and countries come first, by rank. Headlines and words follow, at most three of each.

        - A name has, for each typed word, a word that starts with it.
        - A headline has all typed words; the last one may be a prefix.
        - A `word` completes the last typed word. Its value is the query to run. Its label is the same query in the
          most frequent spelling.

        The count of a `word` comes from `together`, as described in `Speller.correct`: it is the number of articles
        with all typed words. `together` is called about 20 times at most. Without it, only the last word is counted.
        One edit is allowed in one typed word of at least four letters.
        """
        return self._suggester.suggest(text, limit, together)
