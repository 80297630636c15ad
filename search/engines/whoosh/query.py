"""Runs a query tree over all articles of a generation at once, with numpy arrays instead of Whoosh's matchers.

The matchers of whoosh3 3.54 process one posting at a time. Its `Or` drops equal children and does not support
`minmatch`. Here each node becomes a mask of the articles that it matches and, if the order needs them, their scores.
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
"""The constants of BM25, the same as in tantivy and OpenSearch."""

EXACT, DIGITS = 24, 4
"""Rounding of article lengths: the offset, and the binary digits that are kept above it. See `rounded`."""

POSITION_BITS = 32
"""Bits for the position of a word, below the number of its article."""


class SimilarWords(Protocol):
    """The part of a lexicon that `Runner` needs."""

    def __call__(self, word: str, typos: int) -> list[str]:
        """Return the words with the same first letter within `typos` edits of a folded word."""
        ...


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs trees on one generation of an index."""

    terms: Terms
    columns: Columns
    similar: SimilarWords

    def matching(self, node: tree.Query) -> Mask:
        """Return a mask of the articles that match."""
        if isinstance(node, tree.ConstantScoreQuery):
            return self.matching(node.child)
        if isinstance(node, tree.And):
            return self._all([self.matching(child) for child in node.subqueries])
        if isinstance(node, tree.Or):
            return self._any(node)
        if isinstance(node, tree.Not):
            return self.terms.live & ~self.matching(node.query)
        if isinstance(node, tree.AndMaybe):
            return self.matching(node.a)
        return self._leaf(node)

    def scored(self, node: tree.Query) -> tuple[Mask, Scores]:
        """Return a mask of the articles that match, and the scores of all articles: 0 for those that do not match."""
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
            return self._any_scored(node)
        if isinstance(node, tree.AndMaybe):
            (mask, _), scores = self._children([(node.a, 1), (node.b, 1)])
            return mask, scores * mask
        if isinstance(node, tree.Term | tree.Phrase) and node.fieldname in self.columns.lengths:
            return self._scored_leaf(node)
        return self._constant(self.matching(node), 0.0 if isinstance(node, tree.Not) else 1.0)

    def _any(self, node: tree.Or) -> Mask:
        if self._is_lookup(node):
            return self._lookup(node)[0]
        return self._at_least(((self.matching(child), times) for child, times in _counted(node)), node.minmatch)

    def _any_scored(self, node: tree.Or) -> tuple[Mask, Scores]:
        if self._is_lookup(node):
            return self._lookup(node)
        children = list(_counted(node))
        masks, scores = self._children(children)
        mask = self._at_least(zip(masks, (times for _, times in children), strict=True), node.minmatch)
        return mask, scores * mask if node.minmatch > 1 else scores

    def _is_lookup(self, node: tree.Or) -> bool:
        """Whether all children are terms of fields without lengths, such as ids. Each match of these scores 1."""
        return bool(node.subqueries) and all(
            isinstance(child, tree.Term) and child.fieldname not in self.columns.lengths and child.boost == 1.0
            for child in node.subqueries
        )

    def _lookup(self, node: tree.Or) -> tuple[Mask, Scores]:
        """Return the matches of an `Or` for which `_is_lookup` holds. It takes one pass for hundreds of terms."""
        lists = [self._articles(child.fieldname, child.text) for child in node.subqueries]
        scores: Scores = np.bincount(np.concatenate(lists), minlength=len(self.terms.live)).astype(np.float64)
        mask: Mask = scores >= max(node.minmatch, 1)
        return mask, scores * mask

    def _constant(self, mask: Mask, score: float) -> tuple[Mask, Scores]:
        scores = self._zeros()
        scores[mask] = score
        return mask, scores

    def _children(self, nodes: Iterable[tuple[tree.Query, int]]) -> tuple[list[Mask], Scores]:
        """Return the mask of each child, and the sum of their scores. A repeated child counts each time."""
        masks, total = [], self._zeros()
        for child, times in nodes:
            mask, scores = self.scored(child)
            masks.append(mask)
            total += scores if times == 1 else scores * times
        return masks, total

    def _zeros(self) -> Scores:
        return np.zeros(len(self.terms.live))

    def _all(self, masks: Sequence[Mask]) -> Mask:
        common = self.terms.live.copy()
        for mask in masks:
            common &= mask
        return common

    def _at_least(self, children: Iterable[tuple[Mask, int]], least: int) -> Mask:
        """Return a mask of the articles for which the weights of the matching children add up to at least `least`."""
        if least < 2:
            combined = np.zeros(len(self.terms.live), np.bool_)
            for mask, _ in children:
                combined |= mask
            return combined
        weight = np.zeros(len(self.terms.live), np.int32)
        for mask, times in children:
            weight[mask] += times
        return weight >= least

    def _leaf(self, node: tree.Query) -> Mask:
        if isinstance(node, tree.Every):
            return self.terms.live
        if isinstance(node, tree.NumericRange):
            days = self.columns.day  # 0, before all days, for articles without a date and deleted ones
            dated: Mask = (days >= max(node.start, 1)) & (days <= node.end)
            return dated
        if isinstance(node, tree.Phrase):
            return self._any_of(articles for articles, _ in self._phrase_postings(node))
        return self._any_of(self._articles(node.fieldname, word) for word in self._words(node))

    def _articles(self, field: str, term: str) -> Numbers:
        """Return the numbers of the articles with a term."""
        return self.columns.keys.articles(term) if field == "keys" else self.terms.postings(field, term).articles

    def _words(self, node: tree.Query) -> Sequence[str]:
        """Return the terms that a node matches."""
        if isinstance(node, tree.FuzzyTerm):
            return self.similar(node.text, node.maxdist)
        if isinstance(node, tree.Prefix):
            return self.terms.with_prefix(node.fieldname, node.text)
        if isinstance(node, tree.Wildcard):
            return self.terms.with_pattern(node.fieldname, node.text)
        return [node.text]

    def _any_of(self, lists: Iterable[Numbers]) -> Mask:
        mask = np.zeros(len(self.terms.live), np.bool_)
        for articles in lists:
            mask[articles] = True
        return mask

    def _scored_leaf(self, node: tree.Term | tree.Phrase) -> tuple[Mask, Scores]:
        if isinstance(node, tree.Phrase):
            lists, words = self._phrase_postings(node), node.words
        else:
            postings = self.terms.postings(node.fieldname, node.text)
            lists, words = [(postings.articles, postings.times)], [node.text]
        mask, scores = self._any_of(articles for articles, _ in lists), self._zeros()
        idf = sum(self._idf(node.fieldname, word) for word in words)
        for articles, times in lists:
            scores[articles] += idf * (K1 + 1) * times / (times + self._norms(node.fieldname, articles))
        return mask, scores

    def _idf(self, field: str, word: str) -> float:
        frequency = self.terms.frequency(field, word)
        return math.log(1 + (self.terms.size - frequency + 0.5) / (frequency + 0.5))

    def _norms(self, field: str, articles: Numbers) -> Scores:
        """Return the length term of BM25, which is added to the frequency of a word. It grows with the length."""
        lengths = self.columns.lengths[field]
        if not len(articles):
            return np.zeros(0)
        mean = float(lengths.sum()) / self.terms.size
        shares = np.asarray(rounded(lengths[articles]) / mean, dtype=np.float64)
        return np.asarray(K1 * (1 - B + B * shares), dtype=np.float64)

    def _phrase_postings(self, node: tree.Phrase) -> list[tuple[Numbers, Numbers]]:
        """Return the articles with a phrase and the frequency in each, one pair for each combination of gaps."""
        positions = [self._positions(node.fieldname, word) for word in node.words]
        rarest = min(range(len(positions)), key=lambda number: len(positions[number]))
        steps = product(range(1, node.slop + 1), repeat=len(positions) - 1)
        postings = []
        for offsets in ((0, *accumulate(step)) for step in steps):
            starts = positions[rarest] - offsets[rarest]
            for number, offset in enumerate(offsets):
                if number != rarest:
                    starts = starts[_contained(starts + offset, positions[number])]
            postings.append(np.unique(starts >> POSITION_BITS, return_counts=True))
        return postings

    def _positions(self, field: str, word: str) -> Numbers:
        """Return all positions of a word in rising order, each with its article number in the higher bits."""
        postings = self.terms.postings(field, word)
        return (np.repeat(postings.articles, postings.times) << POSITION_BITS) + postings.places


def rounded(lengths: Numbers) -> Numbers:
    """Return lengths rounded down as in tantivy and OpenSearch, so that all engines give the same scores.

    They store each length in one byte. Lengths up to 40 are exact. For larger ones, the part above 24 keeps only its
    four highest binary digits.
    """
    excess = np.maximum(lengths - EXACT, 1)
    zeros = np.maximum(np.frexp(excess)[1] - DIGITS, 0)
    result: Numbers = np.where(lengths > EXACT, EXACT + ((excess >> zeros) << zeros), lengths)
    return result


def _contained(numbers: Numbers, known: Numbers) -> Mask:
    """Return a mask of the numbers that are in `known`, which is sorted."""
    if not len(known):
        return np.zeros(len(numbers), np.bool_)
    contained: Mask = known[np.minimum(np.searchsorted(known, numbers), len(known) - 1)] == numbers
    return contained


def _counted(node: tree.Or) -> Iterator[tuple[tree.Query, int]]:
    """Yield each distinct child object with its number of occurrences."""
    times: dict[int, int] = {}
    for child in node.subqueries:
        times[id(child)] = times.get(id(child), 0) + 1
    seen = set()
    for child in node.subqueries:
        if id(child) not in seen:
            seen.add(id(child))
            yield child, times[id(child)]
