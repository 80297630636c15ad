"""Gives all spellings of a person's name one label over all articles.

Names with the same letters (`name_forms.fold`) are one name. Other spellings are merged if two conditions hold:

- Their forms are alike: the last and first words sound the same. Names are compared only within blocks that share a
  phonetic key (record linkage: Fellegi and Sunter 1969; Christen, Data Matching, 2012).
- Their articles are alike: they are about the same countries and name the same other persons. Rare ones count for more
  (cross-document coreference by context vectors: Bagga and Baldwin 1998).

The result depends only on the set of articles, not on their order: sums use integers or `fsum`, and every loop that
decides something runs over a sorted list.
"""

from __future__ import annotations

from array import array
from math import fsum, log
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from index.archive import name_forms
from index.archive.name_clusters import Company, NameClusters, Tagged

if TYPE_CHECKING:
    from collections import Counter

    from index.archive.aliases import Aliases
    from index.archive.name_clusters import Candidate, NameCluster

ENOUGH: Final = 1.2
"""Minimum evidence to merge two spellings that sound the same.

This value and the next two were chosen by reading the merged and the unmerged pairs of 8,000 news articles. Right pairs
have at least 0.5. Wrong pairs have at most 0.9 if the names sound the same. They have at most 3.7 if one name has more
full middle names; the only exception is John Adams and his son.
"""
ENOUGH_INITIAL: Final = 1.0
"""Minimum evidence to merge a name with initials and the same name without them."""
ENOUGH_MIDDLE: Final = 4.0
"""Minimum evidence to merge a name with full middle names and the same name without them.

"John Paul Jones" is usually not "John Jones".
"""
ENOUGH_TURNED: Final = 2.0
"""Minimum evidence to merge an East Asian name with its family name first and the same name with it last."""

MAX_TOGETHER: Final = 0.1
"""Merge two spellings only if at most this share of the rarer one's articles names both.

A misspelling rarely stands beside the right spelling, but father and son often stand together. Therefore two spellings
with fewer than ten articles are never merged if one article has both.
"""

USUAL: Final = 100
"""Imaginary articles that are added to the archive to compute rarity. They make it useful in a tiny archive, too.

Each country is in `USUAL_COUNTRY` of these articles, and each person in `USUAL_PERSON`.
"""
USUAL_COUNTRY: Final = 3
USUAL_PERSON: Final = 1

MAX_COMPARED: Final = 50
"""Compare a spelling with at most this many others of its block, to keep hostile input linear."""

WHOLE: Final = 100
"""Weights of countries are counted in hundredths, because sums of integers do not depend on their order."""


class Tags(NamedTuple):
    """Persons and countries found in one article: names as the article spells them, pairs of code and weight."""

    persons: tuple[str, ...]
    countries: tuple[tuple[str, float], ...]


class PersonLabels:
    """Collects the names of all articles. Call `add` once per article, then `labels`."""

    def __init__(self, aliases: Aliases) -> None:
        self._aliases = aliases
        self._numbers: dict[str, int] = {}
        self._codes: dict[str, int] = {}
        self._persons = array("I")
        self._person_ends = array("I")
        self._countries = array("H")
        self._weights = array("B")
        self._country_ends = array("I")

    def add(self, tags: Tags) -> None:
        """Add the tags of one article."""
        self._persons.extend({self._numbers.setdefault(name, len(self._numbers)) for name in tags.persons})
        for code, weight in tags.countries:
            self._countries.append(self._codes.setdefault(code, len(self._codes)))
            self._weights.append(round(weight * WHOLE))
        self._person_ends.append(len(self._persons))
        self._country_ends.append(len(self._countries))

    def labels(self) -> dict[str, str]:
        """Return a mapping of spelling to label, without the spellings that are their own label. Call it once."""
        columns = (self._persons, self._person_ends, self._countries, self._weights, self._country_ends)
        tagged = Tagged(*(np.frombuffer(column, dtype=column.typecode) for column in columns))
        names = list(self._numbers)
        del self._numbers  # half of the memory, which `clusters` needs now
        articles = np.bincount(tagged.persons, minlength=len(names)).astype(np.int32)
        clusters = NameClusters(names, articles, self._aliases)
        merger = NameMerger(clusters, Company(tagged, clusters), len(self._person_ends), self._aliases)
        for block in clusters.blocks():
            merger.merge_by_sound(block)
            merger.merge_middle_names(block)
        for one, other in clusters.turned_pairs():
            merger.merge(one, other, ENOUGH_TURNED)
        return dict(clusters.labels())


class NameMerger:
    """Merges name clusters for which the archive, of this many articles, has enough evidence."""

    def __init__(self, clusters: NameClusters, company: Company, articles: int, aliases: Aliases) -> None:
        self._articles = clusters.totals
        self._company = company
        self._total = articles + USUAL
        self._aliases = aliases

    def merge_by_sound(self, block: list[Candidate]) -> None:
        """Merge each candidate with an earlier one whose words all sound alike: the one with the most evidence.

        The block is in order of frequency, so rare spellings join frequent ones.
        """
        earlier: list[Candidate] = []
        for one in block:
            best = max(
                (
                    (self.evidence(one.cluster, other.cluster), -rank, other)
                    for rank, other in enumerate(earlier)
                    if name_forms.same_ends(one.form, other.form) and name_forms.same_middles(one.form, other.form)
                ),
                key=lambda scored: scored[:2],
                default=None,
            )
            if best is not None:
                self.merge(one.cluster, best[2].cluster, ENOUGH)
            if len(earlier) < MAX_COMPARED:
                earlier.append(one)

    def merge_middle_names(self, block: list[Candidate]) -> None:
        """Merge names that differ in middle names or initials, unless two persons of the block have middle names.

        If the archive names "George W. Bush" and "George H. W. Bush", "George Bush" is not merged with either.
        """
        fuller = [one for one in block if one.form.middle][: MAX_COMPARED + 1]
        bare = [one for one in block if not one.form.middle][:MAX_COMPARED]
        if len(fuller) > MAX_COMPARED:
            return
        for one in fuller:
            rivals = [other for other in fuller if other is not one and name_forms.same_ends(one.form, other.form)]
            if not all(name_forms.compatible_middles(one.form, other.form) for other in rivals):
                continue
            others = [other for other in bare if name_forms.same_ends(one.form, other.form)] + rivals
            for other in sorted(others, key=lambda candidate: self._merge_order(one, candidate)):
                only_initials = name_forms.differ_in_initials(one.form, other.form)
                self.merge(one.cluster, other.cluster, ENOUGH_INITIAL if only_initials else ENOUGH_MIDDLE)

    def _merge_order(self, one: Candidate, other: Candidate) -> tuple[bool, float, str]:
        """Return a sort key: names with the same first and last word come first, then those with more evidence."""
        exact = (one.form.first, one.form.last) == (other.form.first, other.form.last)
        return not exact, -self.evidence(one.cluster, other.cluster), other.cluster.key

    def merge(self, one: NameCluster, other: NameCluster, enough: float) -> None:
        """Merge two clusters if their evidence reaches `enough`.

        They are not merged in three cases:

        - Both have labels from the alias file.
        - The alias file lists them as apart.
        - Too many articles name both (`MAX_TOGETHER`).
        """
        left, right = one.root, other.root
        if left is right or (left.label and right.label) or self.evidence(left, right) < enough:
            return
        together = sum(self._beside(right)[cluster.number] for cluster in left.clusters)
        if together > MAX_TOGETHER * min(left.articles, right.articles):
            return
        if self._aliases.apart and any(
            self._aliases.are_apart(one.spellings, other.spellings) for one in left.clusters for other in right.clusters
        ):
            return
        first, second = sorted((left, right), key=lambda cluster: cluster.order)
        beside = self._beside(first)
        beside.update(self._beside(second))
        second.head = first
        first.clusters += second.clusters
        first.label = first.label or second.label
        first.articles += second.articles
        first.beside, second.beside = beside, None

    def evidence(self, one: NameCluster, other: NameCluster) -> float:
        """Return the evidence that two clusters are one person, from 0 up.

        The evidence is a sum over the persons and countries that share articles with both clusters. Each adds the
        smaller of its two shares of articles, times its rarity in the archive.
        """
        left, right = one.root, other.root
        sides = [(self._beside(left), left.articles), (self._beside(right), right.articles)]
        (fewer, articles), (more, others) = sorted(sides, key=lambda side: len(side[0]))
        return fsum(
            min(_share(fewer[key], key, articles), _share(more[key], key, others)) * self._rarity(key)
            for key in fewer
            if key in more
        )

    def _beside(self, cluster: NameCluster) -> Counter[int]:
        """Return the persons and countries beside a root and the clusters merged with it: see `Company.beside`."""
        if cluster.beside is None:
            beside = self._company.beside(cluster.clusters[0].number)
            for one in cluster.clusters[1:]:
                beside.update(self._company.beside(one.number))
            cluster.beside = beside
        return cluster.beside

    def _rarity(self, key: int) -> float:
        """Return the rarity of a person (`key` from 0) or a country in the archive: log(articles / its articles)."""
        count = (
            int(self._articles[key]) + USUAL_PERSON
            if key >= 0
            else self._company.country_weights[-1 - key] / WHOLE + USUAL_COUNTRY
        )
        return max(log(self._total / count), 0.0)


def _share(count: int, key: int, articles: int) -> float:
    """Return the share of a cluster's articles that have a person (`key` from 0) or a country (by weight) beside it."""
    return count / (articles if key >= 0 else articles * WHOLE)
