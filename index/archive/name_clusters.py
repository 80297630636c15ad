"""Clusters and blocks of names, for `index.archive.person_labels`: a million articles have some 700,000 names.

Arrays hold what is needed of every name. A `NameCluster` is an object only while its block is compared, or after it was
merged with another one.
"""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from index.archive import name_forms

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from index.archive.aliases import Aliases
    from index.archive.name_forms import Form

MAX_BESIDE: Final = 60
"""Maximum persons of an article; one with more is a list. Persons of a list are not evidence for each other."""


@dataclass(slots=True, eq=False)
class NameCluster:
    """Spellings of one name: they have the same letters, or the alias file lists them under one label.

    When clusters are merged, the most frequent one becomes the root of the others. In the root, `clusters` lists all
    merged clusters, and `articles` is their sum. `beside` is computed when it is needed: see `Company.beside`.
    """

    key: str
    number: int
    label: str
    spellings: list[str]
    articles: int
    beside: Counter[int] | None = None
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


class NameClusters:
    """The clusters of all names; `articles` are the numbers of articles of the names.

    `numbers` maps the number of a name to the number of its cluster, and `totals` are the articles of each cluster.
    """

    def __init__(self, names: Sequence[str], articles: NDArray[np.integer], aliases: Aliases) -> None:
        self._names = names
        self._articles = articles
        self._aliases = aliases
        hashes = np.fromiter((_hash(self._key(name)) for name in names), np.uint64, len(names))
        self._hashes = np.unique(hashes)
        self.numbers = np.searchsorted(self._hashes, hashes).astype(np.int32)
        self.totals = np.bincount(self.numbers, articles, len(self._hashes)).astype(np.int32)
        self._members = np.argsort(self.numbers, kind="stable").astype(np.int32)
        self._starts = np.concatenate(([0], np.cumsum(np.bincount(self.numbers, minlength=len(self._hashes)))))
        self._used: dict[int, NameCluster] = {}
        self._scan()

    def _scan(self) -> None:
        """Find the blocks with two clusters or more, and the pairs of an East Asian name in its two word orders."""
        hashes, numbers = array("Q"), array("I")
        self.turned: list[tuple[int, int]] = []
        for number in range(len(self._hashes)):
            names = self._full_names(number)
            for other in filter(None, map(name_forms.turned, names)):
                place = int(np.searchsorted(self._hashes, np.uint64(_hash(other))))
                if place < len(self._hashes) and int(self._hashes[place]) == _hash(other) and place != number:
                    self.turned.append((number, place))
            for block in {_block(form) for form in _forms(names)}:
                hashes.append(block)
                numbers.append(number)
        _, block_of, sizes = np.unique(np.array(hashes), return_inverse=True, return_counts=True)
        is_shared = sizes[block_of] > 1
        shared = np.array(numbers, dtype=np.int32)[is_shared]
        order = np.argsort(block_of[is_shared], kind="stable")
        self._blocks = shared[order]
        self._block_ends = np.cumsum(sizes[sizes > 1])
        self._block_hashes = np.array(hashes)[is_shared][order]
        self.candidates = np.zeros(len(self._hashes), bool)
        self.candidates[shared] = True
        self.candidates[[number for pair in self.turned for number in pair]] = True

    def blocks(self) -> Iterator[list[Candidate]]:
        """Yield the blocks of candidates that may be one person, each in order of frequency."""
        start = 0
        for end in self._block_ends.tolist():
            clusters = [self.get(number) for number in self._blocks[start:end].tolist()]
            block = int(self._block_hashes[start])
            clusters.sort(key=lambda one: (-self.totals[one.number], one.key))
            forms = ((one, form) for one in clusters for form in _forms(self._full_names(one.number)))
            yield [Candidate(one, form) for one, form in forms if _block(form) == block]
            for one in clusters:
                self._forget(one)
            start = end

    def turned_pairs(self) -> Iterator[tuple[NameCluster, NameCluster]]:
        """Yield the pairs of an East Asian name in its two word orders, frequent ones first."""
        pairs = [(self.get(one), self.get(other)) for one, other in self.turned]
        yield from sorted(pairs, key=lambda pair: (-self.totals[pair[0].number], pair[0].key, pair[1].key))

    def get(self, number: int) -> NameCluster:
        """Return a cluster."""
        known = self._used.get(number)
        if known is None:
            spellings = self._spellings(number)
            label = self._label(number)
            known = NameCluster(self._key(spellings[0]), number, label, spellings, int(self.totals[number]))
            known.clusters.append(known)
            self._used[number] = known
        return known

    def labels(self) -> Iterator[tuple[str, str]]:
        """Yield spellings with their labels, without the spellings that are their own label."""
        several = np.flatnonzero(np.diff(self._starts) > 1).tolist()
        listed = range(len(self._hashes)) if self._aliases.same else ()
        for number in sorted({*several, *listed, *self._used}):
            cluster = self._used.get(number)
            spellings = cluster.spellings if cluster else self._spellings(number)
            label = self._best_label(cluster.root) if cluster else self._label(number) or spellings[0]
            yield from ((name, label) for name in spellings if name != label)

    def _best_label(self, root: NameCluster) -> str:
        """Return the label of merged clusters: the label in the alias file, else the best spelling."""
        return root.label or min(self._ranked(cluster.number)[0] for cluster in root.clusters)[-1]

    def _forget(self, cluster: NameCluster) -> None:
        """Drop what can be computed again."""
        cluster.beside = cluster.root.beside = None
        if cluster.root is cluster and len(cluster.clusters) == 1:
            self._used.pop(cluster.number, None)

    def _spellings(self, number: int) -> list[str]:
        """Return the names of a cluster, the best label first."""
        return [name for *_, name in self._ranked(number)]

    def _ranked(self, number: int) -> list[tuple[int, bool, int, str]]:
        """Return the ranks of the names of a cluster, sorted."""
        members = self._members[self._starts[number] : self._starts[number + 1]].tolist()
        return sorted(_rank(self._names[one], int(self._articles[one])) for one in members)

    def _full_names(self, number: int) -> list[str]:
        """Return the names that decide the blocks of a cluster: its best spelling and those of the alias file."""
        names = {self._spellings(number)[0], *self._aliases.names(self._label(number))}
        return sorted(filter(name_forms.is_full, names))

    def _label(self, number: int) -> str:
        """Return the label that the alias file gives to a cluster, else an empty string."""
        return self._aliases.label(self._names[self._members[self._starts[number]]]) if self._aliases.same else ""

    def _key(self, name: str) -> str:
        """Return the key of a name. All names with this key are in one cluster."""
        label = self._aliases.label(name)
        return self._aliases.key(label or name) if label or name_forms.is_full(name) else f"\t{name}"


class Company:
    """The persons and countries of each article, and for each candidate the articles that name it."""

    def __init__(self, tagged: Tagged, clusters: NameClusters) -> None:
        self._persons = clusters.numbers[tagged.persons]
        self._tagged = tagged
        self._candidates = clusters.candidates
        sizes = np.diff(tagged.person_ends, prepend=0)
        is_candidate = clusters.candidates[self._persons]
        articles = np.repeat(np.arange(len(sizes), dtype=np.uint32), sizes)[is_candidate]
        pairs = self._persons[is_candidate].astype(np.uint64)
        pairs <<= np.uint64(32)
        pairs |= articles
        pairs.sort()
        self._articles = pairs.astype(np.uint32)
        self._starts = np.searchsorted(pairs, np.arange(len(clusters.totals) + 1, dtype=np.uint64) << np.uint64(32))
        weights = np.bincount(tagged.codes, tagged.weights) if len(tagged.codes) else np.empty(0)
        self.country_weights: list[int] = weights.astype(np.int64).tolist()

    def beside(self, number: int) -> Counter[int]:
        """Return the persons and countries of the articles that name a candidate.

        There are two kinds of keys:

        - The number of a cluster, itself included. The value counts the articles that name both.
        - A negative number: -1 minus the number of a country. The value sums its weights, in hundredths.
        """
        beside: Counter[int] = Counter()
        tagged = self._tagged
        for article in np.unique(self._articles[self._starts[number] : self._starts[number + 1]]).tolist():
            first, start = (
                int(ends[article - 1]) if article else 0 for ends in (tagged.person_ends, tagged.country_ends)
            )
            last, end = tagged.person_ends[article], tagged.country_ends[article]
            codes, weights = tagged.codes[start:end].tolist(), tagged.weights[start:end].tolist()
            beside.update({-1 - code: weight for code, weight in zip(codes, weights, strict=True)})
            persons = set(self._persons[first:last].tolist())
            beside.update(persons if len(persons) <= MAX_BESIDE else (one for one in persons if self._candidates[one]))
        return beside


class Tagged(NamedTuple):
    """The tags of all articles: numbers of names and of countries, and weights of countries in hundredths.

    The ends are those of each article's tags.
    """

    persons: NDArray[np.integer]
    person_ends: NDArray[np.integer]
    codes: NDArray[np.integer]
    weights: NDArray[np.integer]
    country_ends: NDArray[np.integer]


def _rank(name: str, articles: int) -> tuple[int, bool, int, str]:
    """Return a sort key for labels. Best first: most articles, no initials, longer, then alphabetical order."""
    return -articles, name_forms.has_initials(name), -len(name), name


def _forms(names: Iterable[str]) -> list[Form]:
    """Return the different forms of some full names, sorted."""
    return sorted({form for form in map(name_forms.form, names) if form})


def _block(form: Form) -> int:
    return _hash(name_forms.block_key(form))


def _hash(text: str) -> int:
    """Return a 64-bit hash. Two of 700,000 names collide with a probability of 1 in 75 million."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
