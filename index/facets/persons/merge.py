"""Merges the forms of a name in one article into one person."""

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
MAX_NAMESAKES: Final = 50
"""Compare a new name with at most this many persons of the same given or family name, to keep time linear."""
LONGEST_ACRONYM: Final = 3
"""Maximum letters of an acronym, a word in capitals that does not name a person: "UN" is not "Mr Un"."""


class Rule(StrEnum):
    """The rule by which a mention belongs to its person. docs/facets.md explains each."""

    FULL = "full name"
    AGAIN = "full name, as elsewhere in the article"
    SHORTER = "shorter form of the full name"
    SINGLE = "name of one word"


class Segment(NamedTuple):
    """The tokens of a name: `first` to `last`, inclusive."""

    first: int
    last: int


Span: TypeAlias = "tuple[int, int, int, int, Rule]"
"""A mention: start and end in code points, first and last token, and the rule."""


@dataclass(slots=True)
class Entity:
    """A person while names are merged. `starts` has the sorted positions of the mentions of the full name."""

    name: str
    words: tuple[str, ...]
    spans: list[Span] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)

    def closeness(self, start: int) -> tuple[int, int]:
        """Return a sort key. It is higher if the last full name before `start` is closer to `start`.

        Persons with no full name before `start` have the lowest keys. Among them, a closer full name has a higher key.
        """
        position = bisect_left(self.starts, start)
        return self.starts[position - 1] if position else -1, -(self.starts[0] if self.starts else start)


class PersonMerger:
    """Merges the names of one article into persons.

    Call `add` for the full names, longest first, then `finish_full_names`, then the other methods.
    """

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.entities: dict[tuple[str, ...], Entity] = {}
        self.by_last: defaultdict[str, list[Entity]] = defaultdict(list)
        self.by_first: defaultdict[str, list[Entity]] = defaultdict(list)
        self.by_middle: defaultdict[str, list[Entity]] = defaultdict(list)

    def _span(self, segment: Segment, rule: Rule) -> Span:
        return self.tokens.starts[segment.first], self.tokens.ends[segment.last], segment.first, segment.last, rule

    def _words(self, segment: Segment) -> tuple[str, ...]:
        """Return the folded words of a name."""
        return tuple(fold_name(word) for word in self.tokens.words[segment.first : segment.last + 1])

    def add(self, segment: Segment, rule: Rule) -> None:
        """Add a name to the person with a matching name. Without one, add a new person."""
        span = self._span(segment, rule)
        words = self._words(segment)
        entity = self._find(words)
        if entity is None:
            entity = self.entities[words] = Entity(self.tokens.text[span[0] : span[1]], words)
            plain = words[:-1] if words[-1] in SUFFIXES else words
            if len(plain) > 1:
                self.by_last[plain[-1]].append(entity)
            self.by_first[words[0]].append(entity)
            for word in plain[1:-1]:
                self.by_middle[word].append(entity)
        entity.spans.append(span)

    def _find(self, words: tuple[str, ...]) -> Entity | None:
        """Return the person whose name has these words as a form, or None."""
        if words in self.entities:
            return self.entities[words]
        for entity in self.by_last[words[-1]][:MAX_NAMESAKES]:
            if f" {words[0]} " in entity.name or f" {words[0]}-" in entity.name:
                return entity  # "Von der Leyen" after "Ursula von der Leyen"
        namesakes = self.by_first[words[0]][:MAX_NAMESAKES] + self.by_last[words[-1]][:MAX_NAMESAKES]
        return next((entity for entity in namesakes if _same_name(words, entity.words)), None)

    def finish_full_names(self) -> None:
        """Prepare for single words: sort the positions of all full names."""
        for entity in self.entities.values():
            entity.starts = sorted(span[0] for span in entity.spans)

    def add_form(self, segment: Segment) -> bool:
        """Add a full name to the person with a matching name. Return False if there is no such person."""
        entity = self._find(self._words(segment))
        if entity is None:
            return False
        entity.spans.append(self._span(segment, Rule.FULL))
        return True

    def add_word(self, segment: Segment) -> bool:
        """Add a single word to the person whose name has it: as family name, else as given name, else as middle name.

        Of several such persons, the one last named in full gets it. Return False if no such person exists.
        """
        spelling = self.tokens.words[segment.first]
        if spelling.isupper() and (len(spelling) <= LONGEST_ACRONYM or "." in spelling):
            return False
        word = fold_name(spelling)
        candidates = self.by_last.get(word) or self.by_first.get(word) or self.by_middle.get(word)
        if not candidates:
            return False
        span = self._span(segment, Rule.SHORTER)
        max(candidates[:MAX_NAMESAKES], key=lambda one: one.closeness(span[0])).spans.append(span)
        return True


def _compatible(one: str, other: str) -> bool:
    """Whether two words are the same, or one is the initial of the other."""
    return one == other or (min(len(one), len(other)) == 1 and one[:1] == other[:1])


def _same_name(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    """Whether two full names are forms of one name.

    A name with "Jr" is never a form of one without: father and son stay two persons. Otherwise one of these must hold:

    - Same last word and compatible first words. If the longer name has middle words, the shorter one's middle words
      are compatible with them.
    - The shorter name is the end of the longer one.
    - Same first word, and the longer one has all words of the shorter one.
    """
    if (shorter[-1] in SUFFIXES) != (longer[-1] in SUFFIXES):
        return False
    if len(shorter) > 1 and len(longer) > 1 and shorter[-1] == longer[-1] and _compatible(shorter[0], longer[0]):
        middles = [word for word in shorter[1:-1] if not any(_compatible(word, other) for other in longer[1:-1])]
        return not middles or len(longer) == 2
    if len(shorter) > 1 and shorter == longer[-len(shorter) :]:
        return True
    return shorter[0] == longer[0] and set(shorter) <= set(longer)
