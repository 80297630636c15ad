"""Matches words that are near each other, fit a wildcard pattern, or have typos. The time is bounded for any input."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def chains(line: Sequence[str], words: tuple[str, ...], slop: int) -> Iterator[list[int]]:
    """Yield positions of the words in a list of tokens, each at most `slop` after the previous one.

    A chain is built backwards from each position of the last word, with the nearest position of each word before.
    Time is linear in the length of the list, however often a word occurs in it.
    """
    places_of: dict[str, list[int]] = {}
    for index, word in reversed(list(enumerate(words))):
        places_of.setdefault(word, []).append(index)
    latest: list[tuple[int, object] | None] = [None] * len(words)
    for place, word in enumerate(line):
        for index in places_of.get(word, ()):
            before = latest[index - 1] if index else None
            if index and (before is None or place - before[0] > slop):
                continue
            latest[index] = (place, before)
            if index == len(words) - 1:
                yield _unrolled(latest[index])


def _unrolled(chain: object) -> list[int]:
    places: list[int] = []
    while isinstance(chain, tuple):
        place, chain = chain
        places.append(place)
    return places[::-1]


def wildcard(text: str) -> re.Pattern[str]:
    """Return a pattern with `*` and `?` as a regular expression.

    Letters between two stars match at their first occurrence, without backtracking, so many stars take no more time.
    """
    first, *others = ("".join("." if c == "?" else re.escape(c) for c in run) for run in re.split(r"\*+", text))
    if not others:
        return re.compile(first)
    return re.compile(first + "".join(f"(?>.*?{run})" for run in others[:-1]) + ".*" + others[-1])


def within(word: str, target: str, typos: int) -> bool:
    """Whether two words have the same first letter and differ by at most `typos` edits (optimal string alignment)."""
    if word[:1] != target[:1] or abs(len(word) - len(target)) > typos:
        return False
    letters, others = set(word), set(target)
    if len(letters - others) > typos or len(others - letters) > typos:
        return False
    before: list[int] = []
    row = list(range(len(target) + 1))
    for i, letter in enumerate(word, 1):
        before, above, row = row, before, [i]
        for j, other in enumerate(target, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == target[j - 2] and word[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > typos:
            return False
    return row[-1] <= typos
