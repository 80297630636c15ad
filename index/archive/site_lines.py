"""Decides for new articles which of their lines are boilerplate, from the other articles of the site.

The rules are those of `index.archive.boilerplate`. There, the lines of the whole archive are counted exactly. Here, the
articles with a line are counted by a lookup, and a sample of them shows the share of stories with the line at the edge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.archive import boilerplate, keys
from index.archive.boilerplate import MIN_STORIES, TITLE, is_boilerplate
from index.archive.lookup import HOLDERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from index.archive.lookup import Lookup
    from search.model import Article

CERTAIN = 0.5
"""A line is boilerplate if it was removed from at least this share of the sampled articles of the index."""


class Holder(NamedTuple):
    """An article of a sample that has a line: whether it is at the edge, and whether it was removed."""

    article: Article
    story: str
    at_edge: bool
    removed: bool


class SiteLines:
    """Decides about lines, each once. `kept_in` lists articles of the index that still have a boilerplate line.

    `stories` has the stories of the new articles, and of those articles of the index whose story changes.
    """

    def __init__(self, lookup: Lookup, stories: Mapping[str, str]) -> None:
        self._lookup = lookup
        self._stories = stories
        self._counts: dict[str, int] = {}
        self._decided: dict[int, bool] = {}
        self.kept_in: dict[str, tuple[Article, set[int]]] = {}

    def boilerplate_of(self, lines: Sequence[int], site: str) -> set[int]:
        """Return those of an article's lines that are boilerplate, by their keys."""
        frequent = self._frequent(lines)
        for line in frequent:
            if line not in self._decided:
                self._decided[line] = self._decide(line, site)
        return {line for line in frequent if self._decided[line]}

    def _frequent(self, lines: Sequence[int]) -> set[int]:
        """Return the lines that enough articles have, by their keys."""
        terms = {line: keys.line_key(line) for line in lines}
        self._counts |= self._lookup.counts(
            [term for term in terms.values() if term not in self._counts], MIN_STORIES - 1
        )
        return {line for line, term in terms.items() if self._counts[term] >= MIN_STORIES}

    def _decide(self, line: int, site: str) -> bool:
        """Return whether a frequent line is boilerplate."""
        holders = [self._holder(one, line) for one in self._lookup.holders(keys.line_key(line))]
        stories = {one.story: False for one in holders}
        for one in holders:
            stories[one.story] |= one.at_edge
        indexed = [one for one in holders if one.article.id not in self._lookup.new]
        if not indexed or sum(one.removed for one in indexed) < CERTAIN * len(indexed):
            term = keys.site_key(site)
            self._counts |= self._lookup.counts([term] * (term not in self._counts), 0)
            complete = len(holders) < HOLDERS
            scale = 1.0 if complete else self._counts[keys.line_key(line)] / len(holders)
            counts = np.array([len(stories)]), np.array([sum(stories.values())])
            if not is_boilerplate(np.array([line], np.uint64), *counts, self._counts[term], scale).all():
                return False
        for one in indexed:
            if not one.removed:
                self.kept_in.setdefault(one.article.id, (one.article, set()))[1].add(line)
        return True

    def _holder(self, article: Article, line: int) -> Holder:
        whole = boilerplate.restored(article)
        lines = boilerplate.keys_of(whole, own_title=whole.own_title).tolist()
        frequent = self._frequent(lines)
        passable = [one in frequent or bool(one & TITLE) for one in lines]
        places = [place for place, one in enumerate(lines) if one == line]
        at_edge = any(all(passable[:place]) or all(passable[place:]) for place in places)
        is_removed = line not in boilerplate.shown_keys(article, lines)
        return Holder(article, self._stories.get(article.id, article.story), at_edge, is_removed)
