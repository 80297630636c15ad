"""The expected suggestions of a lexicon, computed without an index, and a function that builds a lexicon for a test."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from search import territories
from search.lexicon import Contents, Dated, Headline, Lexicon, build
from search.lexicon.entries import score
from search.lexicon.suggesting import MOST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from search.results import Suggestion

DAY = 738_000


def lexicon(
    words: Iterable[tuple[str, int]] = (),
    persons: Iterable[Dated] = (),
    countries: Iterable[Dated] = (),
    headlines: Iterable[Headline] = (),
    surfaces: Iterable[tuple[str, str]] = (),
) -> Lexicon:
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), Contents(words, persons, countries, headlines, surfaces))
        return Lexicon.open(Path(folder))


def edit_distance(one: str, other: str) -> int:
    """Return the edit distance of two words with transpositions ("optimal string alignment")."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]


def begins(word: str, typed: str) -> bool:
    return word.startswith(typed)


def nearly_begins(word: str, typed: str) -> bool:
    return len(typed) >= 4 and any(edit_distance(typed, word[:end]) <= 1 for end in range(1, len(word) + 1))


def nearly_is(word: str, typed: str) -> bool:
    return len(typed) >= 4 and edit_distance(typed, word) <= 1


def types_and_labels(found: Iterable[Suggestion]) -> list[tuple[str, str]]:
    return [(one.type, one.label) for one in found]


def naive_suggestions(contents: Contents, text: str) -> list[tuple[str, str]]:
    """Return all suggestions for a text, in order. At most three are headlines, and at most three are words."""
    *earlier, last = text.split()
    before = text.removesuffix(last)
    typed = [*dict.fromkeys(earlier), last]  # a repeated word counts once
    newest = max(
        [one.last for one in [*contents.persons, *contents.countries]] + [one.day for one in contents.headlines]
    )
    names = [
        *(("person", one.value, one.value, score(one.articles, one.last, newest)) for one in contents.persons),
        *(
            ("country", one.value, territories.name(one.value), score(one.articles, one.last, newest))
            for one in contents.countries
        ),
    ]
    names.sort(key=lambda one: (-one[3], one[2], one[1]))
    titles = sorted(contents.headlines, key=lambda one: (-score(one.copies, one.day, newest), one.text))
    counts: dict[str, int] = {}
    for title in titles:
        for word in set(title.text.split()):
            counts[word] = counts.get(word, 0) + 1
    for word, count in contents.words:
        counts[word] = max(counts.get(word, 0), count)
    named: dict[str, int] = {}
    for person in contents.persons:
        for word in set(person.value.split()):
            named[word] = named.get(word, 0) + person.articles
    counts = named | counts
    words = sorted(counts, key=lambda word: (-counts[word], word))
    tables = [
        [(kind, label, label.casefold().split()) for kind, _, label, _ in names],
        [("headline", one.text, one.text.split()) for one in titles],
        [("word", before + word, [word]) for word in words if word != typed[-1]],
    ]
    exact: list[list[tuple[str, str]]] = []
    near: list[list[tuple[str, str]]] = []
    for table in tables:
        exact.append([])
        near.append([])
        for kind, label, own in table:
            wanted = typed[-1:] if kind == "word" else typed
            strict = [(word if kind == "headline" and at < len(wanted) - 1 else "") for at, word in enumerate(wanted)]
            fits = [
                any(one == word if whole else begins(one, word) for one in own)
                for word, whole in zip(wanted, strict, strict=True)
            ]
            nearly = [
                any((nearly_is if whole else nearly_begins)(one, word) for one in own)
                for word, whole in zip(wanted, strict, strict=True)
            ]
            if all(fits):
                exact[-1].append((kind, label))
            elif any(nearly[at] and all(fits[:at] + fits[at + 1 :]) for at in range(len(wanted))):
                near[-1].append((kind, label))
    given = [min(len(some), most) for some, most in zip(exact, (99, MOST["headlines"], MOST["words"]), strict=True)]
    left = [99, MOST["headlines"] - given[1], MOST["words"] - given[2]]
    return [
        *itertools.chain.from_iterable(some[:most] for some, most in zip(exact, given, strict=True)),
        *itertools.chain.from_iterable(some[:most] for some, most in zip(near, left, strict=True)),
    ]
