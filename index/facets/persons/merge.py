"""Merges the names of one article into persons."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from index.facets.persons.words import PERSONS
from index.facets.tokens import fold_name

if TYPE_CHECKING:
    from index.facets.tokens import Tokens

SUFFIXES: Final = frozenset(suffix.casefold() for suffix in PERSONS["suffixes"].split())
MOST_NAMESAKES: Final = 50
"""Persons with one given or family name that a new name is compared with; keeps long lists of names linear."""
LONGEST_ACRONYM: Final = 3
"""Up to this length a word in capitals is "UN" rather than Mr Un."""


class Rule(StrEnum):
    """What says that a mention is one of the person."""

    FULL = "full name"
    AGAIN = "full name, as elsewhere in the article"
    SHORTER = "shorter form of the full name"
    SINGLE = "name of one word"


class Segment(NamedTuple):
    """Tokens `first` to `last`, both included, that are a name."""

    first: int
    last: int


Span: TypeAlias = "tuple[int, int, int, int, Rule]"
"""Start and end in code points, first and last token, what says that it is a mention."""


@dataclass(slots=True)
class Entity:
    """One person while an article is read; `starts` are the places of the full names, in order."""

    name: str
    words: tuple[str, ...]
    spans: list[Span] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def seen_before(self, start: int) -> tuple[int, int]:
        """Return a key that is higher the closer before `start` the full name stands; one that only follows is last."""
        position = bisect_left(self.starts, start)
        return self.starts[position - 1] if position else -1, -(self.starts[0] if self.starts else start)


class PersonMerger:
    """The persons of one article, merged as they come."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.entities: dict[tuple[str, ...], Entity] = {}
        self.by_last: defaultdict[str, list[Entity]] = defaultdict(list)
        self.by_first: defaultdict[str, list[Entity]] = defaultdict(list)
        self.by_middle: defaultdict[str, list[Entity]] = defaultdict(list)

    def _span(self, segment: Segment, rule: Rule) -> Span:
        return self.tokens.starts[segment.first], self.tokens.ends[segment.last], segment.first, segment.last, rule

    def _words(self, segment: Segment) -> tuple[str, ...]:
        return tuple(fold_name(word) for word in self.tokens.words[segment.first : segment.last + 1])

    def add(self, segment: Segment, rule: Rule) -> None:
        """Add a full name: to the person it is a form of, else as a new one. Longer names must come first."""
        span = self._span(segment, rule)
        words = self._words(segment)
        entity = self._known(words)
        if entity is None:
            entity = self.entities[words] = Entity(self.tokens.text[span[0] : span[1]], words)
            plain = words[:-1] if words[-1] in SUFFIXES else words
            if len(plain) > 1:
                self.by_last[plain[-1]].append(entity)
            self.by_first[words[0]].append(entity)
            for word in plain[1:-1]:
                self.by_middle[word].append(entity)
        entity.spans.append(span)

    def _known(self, words: tuple[str, ...]) -> Entity | None:
        if words in self.entities:
            return self.entities[words]
        for owner in self.by_last[words[-1]][:MOST_NAMESAKES]:
            if f" {words[0]} " in owner.name or f" {words[0]}-" in owner.name:
                return owner  # "Von der Leyen" after "Ursula von der Leyen"
        alike = self.by_first[words[0]][:MOST_NAMESAKES] + self.by_last[words[-1]][:MOST_NAMESAKES]
        return next((entity for entity in alike if _same(words, entity.words)), None)

    def close(self) -> None:
        """Make the merger ready for single words, after the last full name."""
        for entity in self.entities.values():
            entity.starts = sorted(span[0] for span in entity.spans)

    def repeat(self, segment: Segment) -> bool:
        """Add a full name to the person it is a form of. False where there is none."""
        entity = self._known(self._words(segment))
        if entity is None:
            return False
        entity.spans.append(self._span(segment, Rule.FULL))
        return True

    def attach(self, segment: Segment) -> bool:
        """Add a single word to the person it names, of several to the one named in full last. False where none."""
        spelled = self.tokens.words[segment.first]
        if spelled.isupper() and (len(spelled) <= LONGEST_ACRONYM or "." in spelled):
            return False
        word = fold_name(spelled)
        candidates = self.by_last.get(word) or self.by_first.get(word) or self.by_middle.get(word)
        if not candidates:
            return False
        span = self._span(segment, Rule.SHORTER)
        max(candidates[:MOST_NAMESAKES], key=lambda one: one.seen_before(span[0])).spans.append(span)
        return True


def _compatible(one: str, other: str) -> bool:
    return one == other or (min(len(one), len(other)) == 1 and one[:1] == other[:1])


def _same(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    """Whether two full names are forms of one: same ends, initials as they may be; or part of the longer's words.

    A name with "Jr" is not the one without: father and son stay two.
    """
    if (shorter[-1] in SUFFIXES) != (longer[-1] in SUFFIXES):
        return False
    if len(shorter) > 1 and len(longer) > 1 and shorter[-1] == longer[-1] and _compatible(shorter[0], longer[0]):
        middles = [word for word in shorter[1:-1] if not any(_compatible(word, other) for other in longer[1:-1])]
        return not middles or len(longer) == 2
    if len(shorter) > 1 and shorter == longer[-len(shorter) :]:
        return True
    return shorter[0] == longer[0] and set(shorter) <= set(longer)
