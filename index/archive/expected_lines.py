"""Guesses which lines will turn out to be boilerplate, from the articles so far.

The workers remove these lines at once, so that most articles with boilerplate are finished in the first pass. A wrong
guess costs time but changes nothing: `Collected` compares it with the decision over all articles.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from index.archive.boilerplate import EDGE_CONSTANCY, EDGE_SHARE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MIN_ARTICLES = 8
"""Minimum articles with a line that is expected again."""

MAX_EXPECTED = 500
"""Maximum lines that are expected, the most frequent ones. They are sent to the workers with each chunk."""

MAX_COUNTED = 20_000
"""Maximum lines that are counted; later ones are ignored. This bounds the memory."""

EVERY = 512
"""Articles between two choices of the expected lines."""


class ExpectedLines:
    """Counts the recurring lines of all articles so far. `keys` are those of the expected lines."""

    def __init__(self) -> None:
        self.keys: frozenset[int] = frozenset()
        self._sites: Counter[str] = Counter()
        self._articles: Counter[int] = Counter()
        self._at_edge: Counter[int] = Counter()
        self._site_of: dict[int, str] = {}
        self._next = EVERY

    def add(self, sites: Sequence[str], recurring: Iterable[tuple[int, int, bool]]) -> None:
        """Count the next articles.

        `sites` are their sites. `recurring` are their lines that other articles have, too: the place of the article in
        `sites`, the key of the line, and whether it is at the edge.
        """
        self._sites.update(sites)
        for place, key, at_edge in recurring:
            if key in self._site_of or len(self._site_of) < MAX_COUNTED:
                self._site_of[key] = sites[place]
                self._articles[key] += 1
                self._at_edge[key] += at_edge
        if self._sites.total() >= self._next:
            self._next += EVERY
            self._choose()

    def _choose(self) -> None:
        lines = [
            key for key, count in self._articles.most_common() if count >= MIN_ARTICLES and self._is_boilerplate(key)
        ]
        self.keys = frozenset(lines[:MAX_EXPECTED])

    def _is_boilerplate(self, key: int) -> bool:
        at_edge = self._at_edge[key]
        return (
            at_edge >= EDGE_CONSTANCY * self._articles[key] and at_edge >= EDGE_SHARE * self._sites[self._site_of[key]]
        )
