"""Reads lexicons of version 1, which have the entries in rank order but neither scores nor days.

The numbers of headlines and names with a word are counted again. They were stored as one sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from search.lexicon.entries import PERSON
from search.lexicon.packing import letter_parts
from search.lexicon.ragged import found

if TYPE_CHECKING:
    from search.storage.mapped_arrays import Array

OLD_VERSION: Final = 1


def upgraded(parts: dict[str, dict[str, Array]]) -> None:
    """Add what version 1 lacks to the arrays of each table. Raises KeyError if an array is missing.

    An entry scores at most as much as a fresh one, and as the entry before it. This bound serves as the score. No entry
    has a day. Such a lexicon is read, but never amended.
    """
    for name in ("names", "headlines", "words"):
        table = parts[name]
        bounds = np.minimum.accumulate(np.log1p(table["counts"].astype(np.float64)))
        table["scores"] = (table["counts"] if name == "words" else bounds).astype(np.float32)
        table["days"] = np.zeros(len(bounds), np.int32)
        table |= dict(letter_parts(table["words"]))  # type: ignore[arg-type]
    words, spelling = parts["words"], parts["spelling"]
    names, titles = parts["names"], parts["headlines"]
    persons = np.where(names["kinds"] == PERSON, names["counts"], 0)
    spelling["articles"] = words["counts"][words["by_word"]]
    spelling["names"] = _uses(words["words"], names, persons)
    spelling["headlines"] = _uses(words["words"], titles, np.ones(len(titles["counts"])))


def _uses(words: Array, table: dict[str, Array], amounts: Array) -> Array:
    """Return for each word the sum of the amounts of the entries with it."""
    weights = np.repeat(amounts, np.diff(table["forward_starts"]))
    sums = np.bincount(table["forward"], weights, minlength=len(table["words"]))
    places = found(words, table["words"])
    uses = np.zeros(len(words), np.uint32)
    uses[places[places >= 0]] = sums[places >= 0]
    return uses
