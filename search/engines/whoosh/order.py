"""The order of articles, how fresh they are, and which are copies of one another; arrays in, arrays out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from search.engines.searching import DAY_SECONDS, FULL, OLDEST_HALF_LIVES
from search.engines.whoosh.columns import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.engines.whoosh.columns import Columns
    from search.engines.whoosh.query import Scores
    from search.engines.whoosh.segments import Numbers


def first(numbers: Numbers, keys: Sequence[Any], most: int) -> Numbers:
    """Return the first of some numbers, in the order of the first of the keys, then of the second, and so on.

    Only those that may be among the first are sorted; a page of many results is not worth sorting all.
    """
    if most <= 0:
        return numbers[:0]
    if len(numbers) > most:
        candidates = np.flatnonzero(keys[0] <= np.partition(keys[0], most - 1)[most - 1])
        numbers, keys = numbers[candidates], [key[candidates] for key in keys]
    return numbers[np.lexsort(keys[::-1])][:most]


def freshness(instants: Numbers, half_life: float) -> Scores:
    """Return by what scores are multiplied: 1 for an article of now, a half for one that is a half-life (days) old."""
    known, places = np.unique(instants, return_inverse=True)  # what is of one time ties whatever the processor does
    age = np.maximum(dt.datetime.now(dt.UTC).timestamp() - known, 0.0) / DAY_SECONDS
    halved = np.where(known == NEVER, OLDEST_HALF_LIVES, np.minimum(age / half_life, OLDEST_HALF_LIVES))
    worth: Scores = np.exp2(-halved)[places]
    return worth


@dataclass(frozen=True)
class Copies:
    """The articles that a search found, by the stories that they tell."""

    columns: Columns
    found: Numbers

    @cached_property
    def _counts(self) -> Numbers:
        return np.bincount(self.columns.story[self.found], minlength=1)

    @property
    def stories(self) -> int:
        """The number of stories among the articles."""
        return int(np.count_nonzero(self._counts))

    def of(self, article: int) -> int:
        """Return how many of the articles are of the story of one of them."""
        return int(self._counts[self.columns.story[article]])

    def shown(self) -> Numbers:
        """Return one article for each story, in no order.

        Shown is the earliest of those with the fullest text; one without a date counts as the latest.
        """
        columns, found = self.columns, self.found
        stories = columns.story[found]
        longest = np.zeros(len(self._counts), np.int64)
        np.maximum.at(longest, stories, columns.length[found])
        cut = columns.length[found] < FULL * longest[stories]
        best = found[np.lexsort((columns.own_key[found], columns.instant[found], cut, stories))]
        ordered = columns.story[best]
        return best[np.r_[True, ordered[1:] != ordered[:-1]]] if len(best) else best
