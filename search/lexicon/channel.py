"""How easily a word becomes another one under the fingers: the channel of the noisy channel model."""

from __future__ import annotations

from functools import cache
from math import log
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from search.storage.mapped_arrays import Array

LETTERS: Final = 26
"""Between so many letters a finger that errs has the choice, whatever the script."""

FIRST: Final = 0.5
"""How often the first letter is wrong, of how often another one is (Pollock and Zamora, 1984: 8 % of misspellings)."""

NEIGHBOUR: Final = 3.0
"""How much likelier a key beside the right one is hit, or a vowel taken for another, than any other letter."""

DOUBLED: Final = 3.0
"""How much likelier the letter before is typed once more than any other letter."""

TWICE: Final = log(1 / 4 / 8 / LETTERS) * 2
"""A second edit is as rare as the first; which ones they were is not asked."""

KEYBOARDS: Final = (
    ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
    ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    (" ςερτυθιοπ", "ασδφγηξκλ", "ζχψωβνμ"),
    ("ضصثقفغعهخحجد", "شسيبلاتنمكط", "ئءؤرلىةوزظ"),
)
"""Rows of keys; each row begins half a key to the right of the one above."""

VOWELS: Final = frozenset("aeiouyаеёиоуыэюяαειηουωاويى")


@cache
def _neighbours() -> frozenset[str]:
    """Return the pairs of letters whose keys touch."""
    pairs = set()
    for rows in KEYBOARDS:
        for row, keys in enumerate(rows):
            below = rows[row + 1] if row + 1 < len(rows) else ""
            for place, key in enumerate(keys):
                touching = keys[place + 1 : place + 2] + below[max(place - 1, 0) : place + 1]
                pairs.update({key + other for other in touching} | {other + key for other in touching})
    return frozenset(pairs)


def chance(typed: str, meant: str) -> float:
    """Return the logarithm of how likely one edit makes what was typed of what was meant.

    Each of the four kinds of edit is as likely, and so is each place in the word; a letter too many or a wrong one is
    one of all letters, so that each single one is rarer than a lost or a turned letter.
    """
    place = next((at for at, pair in enumerate(zip(typed, meant, strict=False)) if pair[0] != pair[1]), -1)
    place = min(len(typed), len(meant)) if place < 0 else place
    found = 1 / 4 / max(len(meant), 1)
    if len(typed) < len(meant):
        found *= 2 if place and meant[place] == meant[place - 1] else 1
    elif len(typed) > len(meant):
        twin = bool(place) and typed[place] == typed[place - 1]
        found *= (DOUBLED if twin else 1) / LETTERS
    elif typed[place + 1 :] == meant[place + 1 :]:
        pair = typed[place] + meant[place]
        likely = pair in _neighbours() or VOWELS.issuperset(pair)
        found *= (NEIGHBOUR if likely else 1) / LETTERS
    return log(found * (1 if place else FIRST))


def distances(typed: str, words: Array) -> Array:
    """Return how many edits each of many words is from what was typed, of whatever length; above 2 it says 3 or more.

    `words` are strings of numpy (`U`). Edits are counted as in "optimal string alignment": no letter is edited twice.
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
    found: Array = row[lengths, np.arange(len(words))]
    return found
