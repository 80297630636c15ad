"""Runs a query tree over all articles of a generation at once, with arrays of numpy in place of Whoosh's matchers.

Whoosh's own tree classes are made for one posting after the other, and its `Or` drops children that are equal and knows
no `minmatch`. Here each node becomes the articles that it matches and, where the order needs them, their scores.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import accumulate, product
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from whoosh import query as tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from search.engines.whoosh.columns import Columns
    from search.engines.whoosh.segments import Numbers
    from search.engines.whoosh.terms import Terms

Mask: TypeAlias = NDArray[np.bool_]
Scores: TypeAlias = NDArray[np.float64]

K1, B = 1.2, 0.75
"""The constants of BM25, those of tantivy and OpenSearch."""

EXACT, DIGITS = 24, 4
"""Of the lengths of articles: see `rounded`."""

PLACES = 32
"""Bits for the place of a word beside the number of its article."""


class Near(Protocol):
    """The words of an archive, as far as running a tree needs them."""

    def near(self, word: str, typos: int) -> list[str]:
        """Return the words with the same first letter that are at most `typos` edits from a folded word."""
        ...


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs trees on one generation of an index."""

    terms: Terms
    columns: Columns
    words: Near

    def matching(self, node: tree.Query) -> Mask:
        """Return which articles match."""
        if isinstance(node, tree.ConstantScoreQuery):
            return self.matching(node.child)
        if isinstance(node, tree.And):
            return self._all([self.matching(child) for child in node.subqueries])
        if isinstance(node, tree.Or):
            return self._least(((self.matching(child), times) for child, times in _weighed(node)), node.minmatch)
        if isinstance(node, tree.Not):
            return self.terms.live & ~self.matching(node.query)
        if isinstance(node, tree.AndMaybe):
            return self.matching(node.a)
        return self._leaf(node)

    def scored(self, node: tree.Query) -> tuple[Mask, Scores]:
        """Return which articles match, and the scores of all, 0 for those that do not match."""
        mask, scores = self._scored(node)
        boost = getattr(node, "boost", 1.0)
        return mask, scores if boost == 1.0 else scores * boost

    def _scored(self, node: tree.Query) -> tuple[Mask, Scores]:
        if isinstance(node, tree.ConstantScoreQuery):
            return self._constant(self.matching(node.child), float(node.score))
        if isinstance(node, tree.And):
            masks, scores = self._children([(child, 1) for child in node.subqueries])
            mask = self._all(masks)
            return mask, scores * mask
        if isinstance(node, tree.Or):
            children = list(_weighed(node))
            masks, scores = self._children(children)
            mask = self._least(zip(masks, (times for _, times in children), strict=True), node.minmatch)
            return mask, scores * mask if node.minmatch > 1 else scores
        if isinstance(node, tree.AndMaybe):
            (mask, _), scores = self._children([(node.a, 1), (node.b, 1)])
            return mask, scores * mask
        if isinstance(node, tree.Term | tree.Phrase):
            return self._weighed_leaf(node)
        return self._constant(self.matching(node), 0.0 if isinstance(node, tree.Not) else 1.0)

    def _constant(self, mask: Mask, score: float) -> tuple[Mask, Scores]:
        scores = self._nothing()
        scores[mask] = score
        return mask, scores

    def _children(self, nodes: Iterable[tuple[tree.Query, int]]) -> tuple[list[Mask], Scores]:
        """Return what each child matches, and the sum of their scores, each as often as it is there."""
        masks, total = [], self._nothing()
        for child, times in nodes:
            mask, scores = self.scored(child)
            masks.append(mask)
            total += scores if times == 1 else scores * times
        return masks, total

    def _nothing(self) -> Scores:
        return np.zeros(len(self.terms.live))

    def _all(self, masks: Sequence[Mask]) -> Mask:
        found = self.terms.live.copy()
        for mask in masks:
            found &= mask
        return found

    def _least(self, children: Iterable[tuple[Mask, int]], least: int) -> Mask:
        """Return where the weights of the children that match make at least so much."""
        if least < 2:
            found = np.zeros(len(self.terms.live), np.bool_)
            for mask, _ in children:
                found |= mask
            return found
        weight = np.zeros(len(self.terms.live), np.int32)
        for mask, times in children:
            weight[mask] += times
        return weight >= least

    def _leaf(self, node: tree.Query) -> Mask:
        if isinstance(node, tree.Every):
            return self.terms.live
        if isinstance(node, tree.NumericRange):
            days = self.columns.day  # 0, which is before all days, where there is none or the article is deleted
            dated: Mask = (days >= max(node.start, 1)) & (days <= node.end)
            return dated
        if isinstance(node, tree.Phrase):
            return self._holding(articles for articles, _ in self._ways(node))
        return self._holding(self.terms.postings(node.fieldname, word).articles for word in self._words(node))

    def _words(self, node: tree.Query) -> Sequence[str]:
        """Return the terms that a node stands for."""
        if isinstance(node, tree.FuzzyTerm):
            return self.words.near(node.text, node.maxdist)
        if isinstance(node, tree.Prefix):
            return self.terms.begun(node.fieldname, node.text)
        if isinstance(node, tree.Wildcard):
            return self.terms.like(node.fieldname, node.text)
        return [node.text]

    def _holding(self, lists: Iterable[Numbers]) -> Mask:
        mask = np.zeros(len(self.terms.live), np.bool_)
        for articles in lists:
            mask[articles] = True
        return mask

    def _weighed_leaf(self, node: tree.Term | tree.Phrase) -> tuple[Mask, Scores]:
        if isinstance(node, tree.Phrase):
            ways, words = self._ways(node), node.words
        else:
            found = self.terms.postings(node.fieldname, node.text)
            ways, words = [(found.articles, found.times)], [node.text]
        mask, scores = self._holding(articles for articles, _ in ways), self._nothing()
        idf = sum(self._idf(node.fieldname, word) for word in words)
        for articles, times in ways:
            scores[articles] += idf * (K1 + 1) * times / (times + self._norms(node.fieldname, articles))
        return mask, scores

    def _idf(self, field: str, word: str) -> float:
        held = self.terms.frequency(field, word)
        return math.log(1 + (self.terms.size - held + 0.5) / (held + 0.5))

    def _norms(self, field: str, articles: Numbers) -> Scores:
        """Return what BM25 adds to the frequency of a word, more for longer articles."""
        lengths = self.columns.lengths.get(field)
        if lengths is None or not len(articles):
            return np.full(len(articles), K1)
        mean = float(lengths.sum()) / self.terms.size
        shares = np.asarray(rounded(lengths[articles]) / mean, dtype=np.float64)
        return np.asarray(K1 * (1 - B + B * shares), dtype=np.float64)

    def _ways(self, node: tree.Phrase) -> list[tuple[Numbers, Numbers]]:
        """Return, for every way in which the words of a phrase may stand, which articles have it and how often."""
        placed = [self._placed(node.fieldname, word) for word in node.words]
        rarest = min(range(len(placed)), key=lambda number: len(placed[number]))
        steps = product(range(1, node.slop + 1), repeat=len(placed) - 1)
        found = []
        for offsets in ((0, *accumulate(step)) for step in steps):
            starts = placed[rarest] - offsets[rarest]
            for number, offset in enumerate(offsets):
                if number != rarest:
                    starts = starts[_within(starts + offset, placed[number])]
            found.append(np.unique(starts >> PLACES, return_counts=True))
        return found

    def _placed(self, field: str, word: str) -> Numbers:
        """Return the places of a word, each with the number of its article before it, rising."""
        found = self.terms.postings(field, word)
        return (np.repeat(found.articles, found.times) << PLACES) + found.places


def rounded(lengths: Numbers) -> Numbers:
    """Return lengths as tantivy and OpenSearch know them, which have a byte for each: so all give the same scores.

    Up to 40 they are exact; above, what is more than 24 has four binary digits and then zeros.
    """
    more = np.maximum(lengths - EXACT, 1)
    zeros = np.maximum(np.frexp(more)[1] - DIGITS, 0)
    found: Numbers = np.where(lengths > EXACT, EXACT + ((more >> zeros) << zeros), lengths)
    return found


def _within(wanted: Numbers, known: Numbers) -> Mask:
    """Return which numbers are among others, which rise."""
    if not len(known):
        return np.zeros(len(wanted), np.bool_)
    found: Mask = known[np.minimum(np.searchsorted(known, wanted), len(known) - 1)] == wanted
    return found


def _weighed(node: tree.Or) -> Iterator[tuple[tree.Query, int]]:
    """Yield the children, those that are one object once, with the number of times that they are there."""
    times: dict[int, int] = {}
    for child in node.subqueries:
        times[id(child)] = times.get(id(child), 0) + 1
    seen = set()
    for child in node.subqueries:
        if id(child) not in seen:
            seen.add(id(child))
            yield child, times[id(child)]
