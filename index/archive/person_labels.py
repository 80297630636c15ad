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
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import fsum, log
from typing import TYPE_CHECKING, Final, NamedTuple

from index.archive import name_forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from index.archive.aliases import Aliases
    from index.archive.name_forms import Form

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

MAX_BESIDE: Final = 60
"""Maximum persons of an article; one with more is a list. Persons of a list are not evidence for each other."""

MAX_COMPARED: Final = 50
"""Compare a spelling with at most this many others of its block, to keep hostile input linear."""

WHOLE: Final = 100
"""Weights of countries are counted in hundredths, because sums of integers do not depend on their order."""


class Tags(NamedTuple):
    """Persons and countries found in one article: names as the article spells them, pairs of code and weight."""

    persons: tuple[str, ...]
    countries: tuple[tuple[str, float], ...]


@dataclass(slots=True, eq=False)
class NameCluster:
    """Spellings of one name: they have the same letters, or the alias file lists them under one label.

    When clusters are merged, the most frequent one becomes the root of the others. In the root, `clusters` lists all
    merged clusters, and `articles` and `beside` are their sums. `beside` has two kinds of keys:

    - The number of another cluster. The value counts the articles that name both.
    - A negative number, which stands for a country. The value sums its weights, in hundredths.
    """

    key: str
    number: int
    label: str = ""
    spellings: list[str] = field(default_factory=list)
    articles: int = 0
    beside: Counter[int] = field(default_factory=Counter)
    clusters: list[NameCluster] = field(default_factory=list)
    head: NameCluster | None = None

    @property
    def root(self) -> NameCluster:
        """The cluster that this one was merged into, directly or through others; itself if it was not merged."""
        return self if self.head is None else self.head.root

    @property
    def order(self) -> tuple[int, str]:
        """Sort key: clusters with more articles come first."""
        return -self.articles, self.key


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A cluster and one form of its names, which decides the block where it is compared."""

    cluster: NameCluster
    form: Form


class PersonLabels:
    """Collects the names of all articles. Call `add` once per article, then `labels`."""

    def __init__(self, aliases: Aliases) -> None:
        self._aliases = aliases
        self._numbers: dict[str, int] = {}
        self._articles: Counter[int] = Counter()
        self._codes: dict[str, int] = {}
        self._persons = array("I")
        self._countries = array("I")
        self._ends: list[tuple[int, int]] = []  # of each article, in `_persons` and in `_countries`

    def add(self, tags: Tags) -> None:
        """Add the tags of one article."""
        numbers = {self._numbers.setdefault(name, len(self._numbers)) for name in tags.persons}
        self._articles.update(numbers)
        self._persons.extend(numbers)
        for code, weight in tags.countries:
            self._countries.extend((self._codes.setdefault(code, len(self._codes)), round(weight * WHOLE)))
        self._ends.append((len(self._persons), len(self._countries)))

    def labels(self) -> dict[str, str]:
        """Return a mapping of spelling to label, without the spellings that are their own label."""
        clusters, cluster_numbers = self._clusters()
        blocks, turned = _candidates(clusters, self._aliases)
        candidates = {candidate.cluster.number for block in blocks for candidate in block}
        candidates |= {cluster.number for pair in turned for cluster in pair}
        totals = self._count(clusters, cluster_numbers, candidates)
        merger = NameMerger(totals, len(self._ends), self._aliases)
        for block in blocks:
            merger.merge_by_sound(block)
            merger.merge_middle_names(block)
        for one, other in turned:
            merger.merge(one, other, ENOUGH_TURNED)
        return dict(self._spelling_labels(clusters))

    def _clusters(self) -> tuple[list[NameCluster], list[int]]:
        """Return the clusters, and a list of cluster numbers. Entry n of the list belongs to spelling number n."""
        by_key: dict[str, NameCluster] = {}
        cluster_numbers: list[int] = []
        for name, number in self._numbers.items():
            label = self._aliases.label(name)
            key = self._aliases.key(label or name) if label or name_forms.is_full(name) else f"\t{name}"
            cluster = by_key.setdefault(key, NameCluster(key, len(by_key), label))
            cluster.spellings.append(name)
            cluster.articles += self._articles[number]
            cluster_numbers.append(cluster.number)
        for cluster in by_key.values():
            cluster.clusters.append(cluster)
            cluster.spellings.sort(key=lambda name: _rank(name, self._articles[self._numbers[name]]))
        return list(by_key.values()), cluster_numbers

    def _count(self, clusters: list[NameCluster], cluster_numbers: list[int], candidates: set[int]) -> Counter[int]:
        """Fill `beside` of the candidates. Return the articles of each cluster and the summed weight of each country.

        `candidates` are the numbers of clusters that may be merged. A country's key is -1 minus its number.
        """
        totals: Counter[int] = Counter({cluster.number: cluster.articles for cluster in clusters})
        first, start = 0, 0
        for last, end in self._ends:
            persons = {cluster_numbers[number] for number in self._persons[first:last]}
            pairs = self._countries[start:end]
            countries = {-1 - code: weight for code, weight in zip(pairs[::2], pairs[1::2], strict=True)}
            totals.update(countries)
            company = persons if len(persons) <= MAX_BESIDE else persons & candidates
            for number in persons & candidates:
                beside = clusters[number].beside
                beside.update(countries)
                beside.update(company)
            first, start = last, end
        return totals

    def _spelling_labels(self, clusters: list[NameCluster]) -> Iterator[tuple[str, str]]:
        """Yield spellings with their labels, without the spellings that are their own label."""
        for cluster in clusters:
            root = cluster.root
            label = root.label or (cluster.spellings[0] if len(root.clusters) == 1 else self._best_label(root.clusters))
            yield from ((name, label) for name in cluster.spellings if name != label)

    def _best_label(self, clusters: Iterable[NameCluster]) -> str:
        """Return the spelling of these clusters that is the best label."""
        spellings = (name for cluster in clusters for name in cluster.spellings)
        return min(spellings, key=lambda name: _rank(name, self._articles[self._numbers[name]]))


def _rank(name: str, articles: int) -> tuple[int, bool, int, str]:
    """Return a sort key for labels. Best first: most articles, no initials, longer, then alphabetical order."""
    return -articles, name_forms.has_initials(name), -len(name), name


def _candidates(
    clusters: list[NameCluster], aliases: Aliases
) -> tuple[list[list[Candidate]], list[tuple[NameCluster, NameCluster]]]:
    """Return blocks of candidates that may be one person, and pairs of an East Asian name in its two word orders."""
    blocks: defaultdict[str, list[Candidate]] = defaultdict(list)
    by_key = {cluster.key: cluster for cluster in clusters}
    turned = []
    for cluster in sorted(clusters, key=lambda one: one.order):
        forms: set[Form] = set()
        for name in {cluster.spellings[0], *aliases.names(cluster.label)}:
            if name_forms.is_full(name):
                other = by_key.get(name_forms.turned(name) or "")
                if other is not None and other is not cluster:
                    turned.append((cluster, other))
                form = name_forms.form(name)
                if form:
                    forms.add(form)
        for form in sorted(forms):
            blocks[name_forms.block_key(form)].append(Candidate(cluster, form))
    return [block for _, block in sorted(blocks.items()) if len(block) > 1], turned


class NameMerger:
    """Merges name clusters for which the archive has enough evidence. `totals` is the result of `_count`."""

    def __init__(self, totals: Mapping[int, int], articles: int, aliases: Aliases) -> None:
        self._totals = totals
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
        together = sum(right.beside[cluster.number] for cluster in left.clusters)
        if together > MAX_TOGETHER * min(left.articles, right.articles):
            return
        if self._aliases.apart and any(
            self._aliases.are_apart(one.spellings, other.spellings) for one in left.clusters for other in right.clusters
        ):
            return
        first, second = sorted((left, right), key=lambda cluster: cluster.order)
        second.head = first
        first.clusters += second.clusters
        first.label = first.label or second.label
        first.articles += second.articles
        first.beside.update(second.beside)

    def evidence(self, one: NameCluster, other: NameCluster) -> float:
        """Return the evidence that two clusters are one person, from 0 up.

        The evidence is a sum over the persons and countries that share articles with both clusters. Each adds the
        smaller of its two shares of articles, times its rarity in the archive.
        """
        left, right = sorted((one.root, other.root), key=lambda cluster: len(cluster.beside))
        return fsum(
            min(_share(left, key), _share(right, key)) * self._rarity(key) for key in left.beside if key in right.beside
        )

    def _rarity(self, key: int) -> float:
        """Return the rarity of a person (`key` from 0) or a country in the archive: log(articles / its articles)."""
        count = self._totals[key] + USUAL_PERSON if key >= 0 else self._totals[key] / WHOLE + USUAL_COUNTRY
        return max(log(self._total / count), 0.0)


def _share(cluster: NameCluster, key: int) -> float:
    """Return the share of a cluster's articles that have a person (`key` from 0) or a country (by weight) beside it."""
    return cluster.beside[key] / (cluster.articles if key >= 0 else cluster.articles * WHOLE)
