"""The error model of spelling correction: how likely a typing error turns one word into another."""

from __future__ import annotations

from functools import cache
from math import log
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from search.storage.mapped_arrays import Array

LETTERS: Final = 26
"""Letters that a wrong or extra letter is chosen from, in any script."""

FIRST_LETTER: Final = 0.5
"""Error rate of the first letter, relative to later letters.

Pollock and Zamora (1984) found 8 % of misspellings in the first letter.
"""

NEIGHBOUR: Final = 3.0
"""Weight of an adjacent key, or of one vowel typed for another, relative to any other letter."""

DOUBLED: Final = 3.0
"""Weight of a letter typed twice, relative to any other extra letter."""

TWO_EDITS: Final = log(1 / 4 / 8 / LETTERS) * 2
"""Logarithm of the probability of two edits. All kinds of edits count as equally rare here."""

KEYBOARDS: Final = (
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    (" ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ"),
    ("ضصثقفغعهخحجد", "شسيبلاتنمكط", "ئءؤرلىةوزظ"),
)
"""The rows of each keyboard, from top to bottom. Each row starts half a key to the right of the row above."""

VOWELS: Final = frozenset("aeiouyаеёиоуыэюяαειηουωاويى")


@cache
def _adjacent_keys() -> frozenset[str]:
    """Return all pairs of letters on adjacent keys, in both orders."""
    pairs = set()
    for rows in KEYBOARDS:
        for row, keys in enumerate(rows):
            below = rows[row + 1] if row + 1 < len(rows) else ""
            for place, key in enumerate(keys):
                touching = keys[place + 1 : place + 2] + below[max(place - 1, 0) : place + 1]
                pairs.update({key + other for other in touching} | {other + key for other in touching})
    return frozenset(pairs)


def chance(typed: str, intended: str) -> float:
    """Return the logarithm of the probability that a typing error of one edit turns `intended` into `typed`.

    The four kinds of edit are equally likely, and so are all positions in the word. An insertion or a substitution
    also picks one of `LETTERS` letters. So one particular insertion is less likely than a deletion or a transposition.
    """
    place = next((at for at, pair in enumerate(zip(typed, intended, strict=False)) if pair[0] != pair[1]), -1)
    place = min(len(typed), len(intended)) if place < 0 else place
    probability = 1 / 4 / max(len(intended), 1)
    if len(typed) < len(intended):
        probability *= 2 if place and intended[place] == intended[place - 1] else 1
    elif len(typed) > len(intended):
        doubled = bool(place) and typed[place] == typed[place - 1]
        probability *= (DOUBLED if doubled else 1) / LETTERS
    elif typed[place + 1 :] == intended[place + 1 :]:
        pair = typed[place] + intended[place]
        plausible = pair in _adjacent_keys() or VOWELS.issuperset(pair)
        probability *= (NEIGHBOUR if plausible else 1) / LETTERS
    return log(probability * (1 if place else FIRST_LETTER))


def distances(typed: str, words: Array) -> Array:
    """Return the edit distance of each word from the typed one; any value above 2 means "3 or more".

    `words` is a numpy array of strings (`U`), of any length. The distance is the "optimal string alignment" distance:
    no letter is edited twice.
    """
    width = words.dtype.itemsize // 4
    letters = np.ascontiguousarray(words.view(np.uint32).reshape(len(words), width).T)
    lengths = (letters != 0).sum(axis=0)
    far = np.full((width + 1, len(words)), 3, np.uint8)
    before, row = far, far.copy()
    row[:3] = np.arange(3, dtype=np.uint8)[: width + 1, None]
    for at, letter in enumerate(map(ord, typed), 1):
        last, before, row = before, row, far.copy()
        if at < 3:
            row[0] = at
        for place in range(max(at - 2, 1), min(at + 2, width) + 1):
            best = before[place - 1] + (letters[place - 1] != letter)
            np.minimum(best, before[place] + 1, out=best)
            np.minimum(best, row[place - 1] + 1, out=best)
            if at > 1 and place > 1:
                turned = (letters[place - 2] == letter) & (letters[place - 1] == ord(typed[at - 2]))
                np.minimum(best, np.where(turned, last[place - 2] + 1, best), out=best)
            np.minimum(best, 3, out=row[place])
    probability: Array = row[lengths, np.arange(len(words))]
    return probability
