"""Sorting of articles, their freshness, and copies of one story. All functions work on numpy arrays."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from search.engines.plan_result import DAY_SECONDS, FULL_TEXT, MAX_HALF_LIVES
from search.engines.whoosh.columns import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.engines.whoosh.columns import Columns
    from search.engines.whoosh.query import Scores
    from search.engines.whoosh.segments import Numbers


def first(numbers: Numbers, keys: Sequence[Any], most: int) -> Numbers:
    """Return the first `most` numbers, sorted by the first key, then by the second, and so on.

    Only candidates for the first `most` places are sorted, because there may be many more results.
    """
    if most <= 0:
        return numbers[:0]
    if len(numbers) > most:
        candidates = np.flatnonzero(keys[0] <= np.partition(keys[0], most - 1)[most - 1])
        numbers, keys = numbers[candidates], [key[candidates] for key in keys]
    return numbers[np.lexsort(keys[::-1])][:most]


def freshness(instants: Numbers, half_life: float) -> Scores:
    """Return the freshness factors: 1 for an article of now, 0.5 for one that is a half-life (days) old."""
    known, places = np.unique(instants, return_inverse=True)  # equal instants get equal factors on any processor
    age = np.maximum(dt.datetime.now(dt.UTC).timestamp() - known, 0.0) / DAY_SECONDS
    halved = np.where(known == NEVER, MAX_HALF_LIVES, np.minimum(age / half_life, MAX_HALF_LIVES))
    factors: Scores = np.exp2(-halved)[places]
    return factors


@dataclass(frozen=True)
class Copies:
    """The articles that a search matches, grouped by story."""

    columns: Columns
    matches: Numbers

    @cached_property
    def _counts(self) -> Numbers:
        return np.bincount(self.columns.story[self.matches], minlength=1)

    @property
    def stories(self) -> int:
        """The number of stories among the matches."""
        return int(np.count_nonzero(self._counts))

    def of(self, article: int) -> int:
        """Return the number of matches of the same story as an article."""
        return int(self._counts[self.columns.story[article]])

    def representatives(self) -> Numbers:
        """Return the article that represents each story, in no order.

        It is the earliest match with a full text (at least `FULL_TEXT` times the longest). A match without a date
        counts as the latest.
        """
        columns, matches = self.columns, self.matches
        stories = columns.story[matches]
        longest = np.zeros(len(self._counts), np.int64)
        np.maximum.at(longest, stories, columns.length[matches])
        shortened = columns.length[matches] < FULL_TEXT * longest[stories]
        best = matches[np.lexsort((columns.own_key[matches], columns.instant[matches], shortened, stories))]
        ordered = columns.story[best]
        return best[np.r_[True, ordered[1:] != ordered[:-1]]] if len(best) else best
