"""Gives the spellings of a person's name one label over all articles.

Names that are the same letter for letter (`name_forms.fold`) are one. Other spellings become one where the name allows
it and the articles show it: blocking by a key of the sound, then verification (Fellegi and Sunter 1969; Christen, Data
Matching, 2012). The evidence is the company that a name keeps, its articles' countries and the persons beside it, each
weighed by its rarity (Bagga and Baldwin 1998, cross-document coreference by context vectors). Nothing is compared with
everything, and the result depends on the set of articles alone: sums are of whole numbers, or exact, and every loop
that decides goes through a sorted list.
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
"""Evidence from which on two spellings that sound the same are one person's.

Chosen with the next two by reading what is merged in 8,000 news articles, and what is not. Right ones begin at 0.5; the
last wrong one has 0.9 by its sound and 3.7 by full middle names, but for John Adams and his son.
"""
ENOUGH_INITIAL: Final = 1.0
"""The same for a name with and without its initials."""
ENOUGH_MIDDLE: Final = 4.0
"""The same for a name with and without its middle names: "John Paul Jones" is no "John Jones"."""
ENOUGH_TURNED: Final = 2.0
"""The same for an East Asian name with the family name first and last."""

MOST_TOGETHER: Final = 0.1
"""Share of the rarer spelling's articles that may hold both as two persons: a slip of the pen is no second person, but
father and son stand together again and again. So two spellings of a few articles are never one if they ever meet."""

USUAL: Final = 100
"""Articles that the rarity of a country or a person is taken from beforehand, so that it means something in an archive
of five articles, too; in them each stands this often:"""
USUAL_COUNTRY: Final = 3
USUAL_PERSON: Final = 1

MOST_BESIDE: Final = 60
"""Persons of an article from which on it is a list, and standing beside each other in it says nothing."""

MOST_GROUPS: Final = 50
"""Persons of one sound that a further spelling is compared with; keeps hostile input linear."""

WHOLE: Final = 100
"""Weights of countries are counted in hundredths: sums of whole numbers are the same in every order."""


class Tags(NamedTuple):
    """Of one article: its persons as it spells them, its countries as (code, weight), as they were found."""

    persons: tuple[str, ...]
    countries: tuple[tuple[str, float], ...]


@dataclass(slots=True, eq=False)
class Node:
    """Spellings that are one name from the start: the same letter for letter, or by the user's file.

    Where nodes are joined, the first speaks for all: `nodes` are theirs, `articles` and `beside` the sums. `beside`
    counts the nodes in the same articles and, below zero, the countries in hundredths.
    """

    key: str
    number: int
    label: str = ""
    spellings: list[str] = field(default_factory=list)
    articles: int = 0
    beside: Counter[int] = field(default_factory=Counter)
    nodes: list[Node] = field(default_factory=list)
    head: Node | None = None

    @property
    def root(self) -> Node:
        """The node that speaks for this one."""
        return self if self.head is None else self.head.root

    @property
    def order(self) -> tuple[int, str]:
        """Where it stands among others: the most frequent first."""
        return -self.articles, self.key


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A node under one of its forms."""

    node: Node
    form: Form


class Roster:
    """The names of all articles. `add` each article once, then ask for the `labels`."""

    def __init__(self, aliases: Aliases) -> None:
        self._aliases = aliases
        self._numbers: dict[str, int] = {}
        self._articles: Counter[int] = Counter()
        self._codes: dict[str, int] = {}
        self._persons = array("I")
        self._countries = array("I")
        self._ends: list[tuple[int, int]] = []

    def add(self, tags: Tags) -> None:
        """Take in an article."""
        numbers = {self._numbers.setdefault(name, len(self._numbers)) for name in tags.persons}
        self._articles.update(numbers)
        self._persons.extend(numbers)
        for code, weight in tags.countries:
            self._countries.extend((self._codes.setdefault(code, len(self._codes)), round(weight * WHOLE)))
        self._ends.append((len(self._persons), len(self._countries)))

    def labels(self) -> dict[str, str]:
        """Return spelling -> label, for those spellings that are not their own label."""
        nodes, of = self._nodes()
        blocks, turned = _candidates(nodes, self._aliases)
        wanted = {one.node for block in blocks for one in block} | {node for pair in turned for node in pair}
        usual = self._count(nodes, of, {node.number for node in wanted})
        joiner = _Joiner(usual, len(self._ends), self._aliases)
        for block in blocks:
            joiner.join_sounds(block)
            joiner.join_middles(block)
        for one, other in turned:
            joiner.join(one, other, ENOUGH_TURNED)
        return dict(self._named(nodes))

    def _nodes(self) -> tuple[list[Node], list[int]]:
        """Return the nodes in a fixed order, and the number of its node for each spelling's number."""
        found: dict[str, Node] = {}
        of: list[int] = []
        for name, number in self._numbers.items():
            label = self._aliases.label(name)
            key = self._aliases.key(label or name) if label or name_forms.is_full(name) else f"\t{name}"
            node = found.setdefault(key, Node(key, len(found), label))
            node.spellings.append(name)
            node.articles += self._articles[number]
            of.append(node.number)
        for node in found.values():
            node.nodes.append(node)
            node.spellings.sort(key=lambda name: _rank(name, self._articles[self._numbers[name]]))
        return list(found.values()), of

    def _count(self, nodes: list[Node], of: list[int], wanted: set[int]) -> Counter[int]:
        """Count the company of the wanted nodes; return in how many articles each node and country stands."""
        usual: Counter[int] = Counter({node.number: node.articles for node in nodes})
        first, start = 0, 0
        for last, end in self._ends:
            here = {of[number] for number in self._persons[first:last]}
            places = self._countries[start:end]
            about = {-1 - code: weight for code, weight in zip(places[::2], places[1::2], strict=True)}
            usual.update(about)
            company = here if len(here) <= MOST_BESIDE else here & wanted
            for number in here & wanted:
                beside = nodes[number].beside
                beside.update(about)
                beside.update(company)
            first, start = last, end
        return usual

    def _named(self, nodes: list[Node]) -> Iterator[tuple[str, str]]:
        for node in nodes:
            root = node.root
            label = root.label or (node.spellings[0] if len(root.nodes) == 1 else self._best(root.nodes))
            yield from ((name, label) for name in node.spellings if name != label)

    def _best(self, nodes: Iterable[Node]) -> str:
        return min((_rank(name, self._articles[self._numbers[name]]), name) for one in nodes for name in one.spellings)[
            1
        ]


def _rank(name: str, articles: int) -> tuple[int, bool, int, str]:
    """Return what is least for the best label: the most frequent, then without initials, the longer, by alphabet."""
    return -articles, name_forms.has_initials(name), -len(name), name


def _candidates(nodes: list[Node], aliases: Aliases) -> tuple[list[list[Candidate]], list[tuple[Node, Node]]]:
    """Return the candidates that may be one person in blocks, and the pairs of East Asian names that are turned."""
    blocks: defaultdict[str, list[Candidate]] = defaultdict(list)
    by_key = {node.key: node for node in nodes}
    turned = []
    for node in sorted(nodes, key=lambda one: one.order):
        forms: set[Form] = set()
        for name in {node.spellings[0], *aliases.names(node.label)}:
            if name_forms.is_full(name):
                other = by_key.get(name_forms.turned(name) or "")
                if other is not None and other is not node:
                    turned.append((node, other))
                form = name_forms.form(name)
                if form:
                    forms.add(form)
        for form in sorted(forms):
            blocks[name_forms.block(form)].append(Candidate(node, form))
    return [block for _, block in sorted(blocks.items()) if len(block) > 1], turned


class _Joiner:
    """Joins nodes on evidence."""

    def __init__(self, usual: Mapping[int, int], articles: int, aliases: Aliases) -> None:
        self._usual = usual
        self._total = articles + USUAL
        self._aliases = aliases

    def join_sounds(self, block: list[Candidate]) -> None:
        """Join the candidates of a block that sound the same in all words; the most frequent attract the others."""
        heads: list[Candidate] = []
        for one in block:
            best = max(
                (
                    (self.evidence(one.node, other.node), -rank, other)
                    for rank, other in enumerate(heads)
                    if name_forms.same_ends(one.form, other.form) and name_forms.same_middles(one.form, other.form)
                ),
                key=lambda found: found[:2],
                default=None,
            )
            if best is not None:
                self.join(one.node, best[2].node, ENOUGH)
            if len(heads) < MOST_GROUPS:
                heads.append(one)

    def join_middles(self, block: list[Candidate]) -> None:
        """Join names with and without their middle ones, where the block has one person's middle names only."""
        fuller = [one for one in block if one.form.middle][: MOST_GROUPS + 1]
        bare = [one for one in block if not one.form.middle][:MOST_GROUPS]
        if len(fuller) > MOST_GROUPS:
            return
        for one in fuller:
            rivals = [other for other in fuller if other is not one and name_forms.same_ends(one.form, other.form)]
            if not all(name_forms.compatible_middles(one.form, other.form) for other in rivals):
                continue
            others = [other for other in bare if name_forms.same_ends(one.form, other.form)] + rivals
            for other in sorted(others, key=lambda it: self._nearness(one, it)):
                short = name_forms.abbreviated(one.form, other.form)
                self.join(one.node, other.node, ENOUGH_INITIAL if short else ENOUGH_MIDDLE)

    def _nearness(self, one: Candidate, other: Candidate) -> tuple[bool, float, str]:
        """Return what is least for the name to join first: one with the same letters, then by evidence."""
        exact = (one.form.first, one.form.last) == (other.form.first, other.form.last)
        return not exact, -self.evidence(one.node, other.node), other.node.key

    def join(self, one: Node, other: Node, enough: float) -> None:
        """Make two nodes one, unless the user or an article keeps them apart, or the evidence is too weak."""
        left, right = one.root, other.root
        if left is right or (left.label and right.label) or self.evidence(left, right) < enough:
            return
        together = sum(right.beside[node.number] for node in left.nodes)
        if together > MOST_TOGETHER * min(left.articles, right.articles):
            return
        if self._aliases.apart and any(
            self._aliases.are_apart(mine.spellings, its.spellings) for mine in left.nodes for its in right.nodes
        ):
            return
        first, second = sorted((left, right), key=lambda node: node.order)
        second.head = first
        first.nodes += second.nodes
        first.label = first.label or second.label
        first.articles += second.articles
        first.beside.update(second.beside)

    def evidence(self, one: Node, other: Node) -> float:
        """Return how much of their company two nodes share, what is rare counting for more; from 0 on."""
        left, right = sorted((one.root, other.root), key=lambda node: len(node.beside))
        return fsum(
            min(count / self._of(left, key), right.beside[key] / self._of(right, key)) * self._rarity(key)
            for key, count in left.beside.items()
            if key in right.beside
        )

    @staticmethod
    def _of(node: Node, key: int) -> int:
        return node.articles if key >= 0 else node.articles * WHOLE

    def _rarity(self, key: int) -> float:
        count = self._usual[key] + USUAL_PERSON if key >= 0 else self._usual[key] / WHOLE + USUAL_COUNTRY
        return max(log(self._total / count), 0.0)
