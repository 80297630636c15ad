"""Match ranges and best fragments. A snippet is text plus ranges; HTML is made of it once, at the edge."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from whoosh import query as tree

from search import analysis
from search.model import Snippet

if TYPE_CHECKING:
    from collections.abc import Iterator

FRAGMENT_CHARS = 240
"""Two or three sentences of news: what a reader takes in at a glance."""

MAX_FRAGMENTS = 3
MIN_LEAD_CHARS = 60
REACH = 600
"""Characters around the first and the last match within which sentences are told apart."""
TITLE_FIELDS = frozenset({"title", "title_words"})
BODY_FIELDS = frozenset({"body", "body_words"})
STEM_FIELDS = frozenset({"title", "body"})

_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*\s+(?=[^a-z])|[。！？]|\n+")


class Match(NamedTuple):
    """A range that matches (code points, half-open) and the number of the pattern that it matches."""

    start: int
    end: int
    pattern: int


@dataclass(slots=True)
class _Patterns:
    """What matches in one kind of field; every pattern has a number, the same for the same words of the query."""

    words: dict[str, int] = field(default_factory=dict)
    stems: dict[str, int] = field(default_factory=dict)
    tests: list[tuple[re.Pattern[str] | tuple[str, int], int]] = field(default_factory=list)
    phrases: dict[str, list[tuple[bool, tuple[str, ...], int, int]]] = field(default_factory=dict)
    size: int = 0
    _numbers: dict[str, tuple[int, ...]] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _wanted: set[str] = field(default_factory=set)
    _firsts: set[str] = field(default_factory=set)

    def add(self, node: tree.Query) -> None:
        number, self.size = self.size, self.size + 1
        stemmed = node.fieldname in STEM_FIELDS
        first = node.words[0][:1] if isinstance(node, tree.Phrase) else node.text[:1]
        self._firsts.update("*" if first in {"*", "?"} else (first, first.upper()))
        if isinstance(node, tree.Phrase):
            entry = (stemmed, tuple(node.words), node.slop, number)
            self.phrases.setdefault(node.words[0], []).append(entry)
        elif isinstance(node, tree.FuzzyTerm):
            self.tests.append(((node.text, node.maxdist), number))
        elif isinstance(node, tree.Prefix):
            self.tests.append((re.compile(re.escape(node.text)), number))
        elif isinstance(node, tree.Wildcard):
            spelt = {"*": ".*", "?": "."}
            self.tests.append((re.compile("".join(spelt.get(c, re.escape(c)) for c in node.text) + r"\Z"), number))
        elif isinstance(node, tree.Term):
            (self.stems if stemmed else self.words).setdefault(node.text, number)

    def matches(self, text: str) -> Iterator[Match]:
        """Yield the matches in a text, by start; a phrase is one match from its first word to its last.

        Each distinct surface is analyzed once a search. Paragraphs without one that matters are passed over; a phrase
        with gaps may reach over paragraphs.
        """
        if not self.size:
            return
        start = 0
        for paragraph in [text] if self.phrases else text.split("\n"):
            raw = analysis.surfaces(paragraph)
            for surface in set(raw) - self._known:
                if self._may_match(surface):
                    self._numbers[surface] = self._single(surface)
                    if self._numbers[surface] or self._begins(surface):
                        self._wanted.add(surface)
            self._known.update(raw)
            if not self._wanted.isdisjoint(raw):
                for match in self._matches_among(raw, analysis.spans(paragraph)):
                    yield Match(match.start + start, match.end + start, match.pattern)
            start += len(paragraph) + 1

    def _may_match(self, surface: str) -> bool:
        """Tell quickly, of most surfaces, that they match nothing: by their first letter."""
        return surface[0] in self._firsts or not surface.isascii() or "'" in surface or "*" in self._firsts

    def _single(self, surface: str) -> tuple[int, ...]:
        """Return the numbers of the patterns that one word matches."""
        word, stem, _ = analysis.form(surface)
        if stem in self.stems:
            return (self.stems[stem],)
        if word in self.words:
            return (self.words[word],)
        return tuple(
            number
            for test, number in self.tests
            if (within(word, *test) if isinstance(test, tuple) else test.match(word))
        )

    def _begins(self, surface: str) -> bool:
        word, stem, _ = analysis.form(surface)
        return word in self.phrases or stem in self.phrases

    def _matches_among(self, raw: list[str], spans: list[tuple[int, int]]) -> Iterator[Match]:
        for place, surface in enumerate(raw):
            if surface not in self._wanted:
                continue
            start = spans[place][0] + analysis.form(surface).skip
            for number in self._numbers[surface]:
                yield Match(start, spans[place][1], number)
            if self.phrases:
                for last, number in self._phrases_at(raw, place):
                    yield Match(start, spans[last][1], number)

    def _phrases_at(self, raw: list[str], place: int) -> Iterator[tuple[int, int]]:
        """Yield the last place and the number of each phrase that begins at a place."""
        word, stem, _ = analysis.form(raw[place])
        for key in {word, stem}:
            for stemmed, wanted, slop, number in self.phrases.get(key, ()):
                if key != (stem if stemmed else word):
                    continue
                last = place
                for other in wanted[1:]:
                    last = _next(raw, last, other, slop, stemmed=stemmed)
                    if last < 0:
                        break
                else:
                    yield last, number


def _next(raw: list[str], place: int, wanted: str, slop: int, *, stemmed: bool) -> int:
    """Return where a word comes next, at most `slop` words on; -1 where it does not."""
    for other in range(place + 1, len(raw)):
        word, stem, _ = analysis.form(raw[other])
        if not word:  # no token, so no position
            continue
        if (stem if stemmed else word) == wanted:
            return other
        slop -= 1
        if not slop:
            break
    return -1


def within(word: str, wanted: str, typos: int) -> bool:
    """Tell whether words of the same first letter differ by at most `typos` edits (optimal string alignment)."""
    if word[:1] != wanted[:1] or abs(len(word) - len(wanted)) > typos:
        return False
    before: list[int] = []
    row = list(range(len(wanted) + 1))
    for i, letter in enumerate(word, 1):
        before, above, row = row, before, [i]
        for j, other in enumerate(wanted, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == wanted[j - 2] and word[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
        if min(row) > typos:
            return False
    return row[-1] <= typos


class Highlighter:
    """Finds what a query tree matches in titles and bodies. Made once a search, used for each hit."""

    def __init__(self, node: tree.Query) -> None:
        self._title = _Patterns()
        self._body = _Patterns()
        for leaf in _positive(node):
            if leaf.fieldname in TITLE_FIELDS:
                self._title.add(leaf)
            elif leaf.fieldname in BODY_FIELDS:
                self._body.add(leaf)

    def title(self, text: str) -> Snippet:
        """Return the whole title with its matches."""
        return Snippet(text, _merge(list(self._title.matches(text)), 0, len(text)))

    def fragments(self, text: str, limit: int = MAX_FRAGMENTS) -> tuple[Snippet, ...]:
        """Return the best fragments of a body in the order of the text; where nothing matches, its beginning."""
        found = list(self._body.matches(text))
        if not found:
            start = _lead(text)
            starts = _sentences(text, start, start)
            return (_snippet(text, start, _room(text, starts, start), []),) if text else ()
        starts = _sentences(text, found[0].start, found[-1].start)
        windows = sorted(_windows(text, starts, found), key=lambda w: (-w.score, w.start))
        chosen: list[_Window] = []
        seen: set[int] = set()
        for window in windows:
            adds = window.patterns - seen
            if len(chosen) < limit and (not chosen or adds) and all(_apart(window, other) for other in chosen):
                chosen.append(window)
                seen |= window.patterns
        chosen.sort(key=lambda w: w.start)
        return tuple(_snippet(text, w.start, w.end, found) for w in chosen)


class _Window(NamedTuple):
    start: int
    end: int
    score: float
    patterns: frozenset[int]


def _apart(a: _Window, b: _Window) -> bool:
    return a.end <= b.start or b.end <= a.start


def _windows(text: str, starts: list[int], found: list[Match]) -> Iterator[_Window]:
    """Yield one candidate a sentence that holds a match: the sentence and what follows it, as far as there is room."""
    last_sentence = -1
    for index, match in enumerate(found):
        sentence = bisect_right(starts, match.start) - 1
        if sentence == last_sentence:
            continue
        start = starts[sentence]
        if match.end - start > FRAGMENT_CHARS:
            start = _cut_start(text, match.start)
        else:
            last_sentence = sentence
        end = max(_room(text, starts, start), match.end)
        inside = [m for m in found[index:] if m.end <= end and m.start >= start]
        patterns = frozenset(m.pattern for m in inside)
        yield _Window(start, end, len(patterns) + len(inside) / 100 - start / len(text) / 1000, patterns)


def _sentences(text: str, first: int, last: int) -> list[int]:
    """Return where the sentences begin from the one around `first` to those a fragment from `last` could hold."""
    left = max(text.rfind("\n", 0, first), first - REACH)
    ends = _SENTENCE_END.finditer(text, max(left, 0), min(last + REACH, len(text)))
    return [max(left + 1, 0), *(match.end() for match in ends), len(text)]


def _lead(text: str) -> int:
    """Return where the first paragraph begins that says something; a short one is a heading or a place."""
    start = 0
    for paragraph in text.split("\n"):
        if len(paragraph) >= MIN_LEAD_CHARS:
            return start
        start += len(paragraph) + 1
    return 0


def _room(text: str, starts: list[int], start: int) -> int:
    """Return where a fragment from `start` ends: after whole sentences of one paragraph where they fit."""
    limit = start + FRAGMENT_CHARS
    paragraph = text.find("\n", start)
    limit = min(limit, paragraph if paragraph >= 0 else len(text))
    if limit == paragraph or limit == len(text):
        return limit
    sentence = starts[bisect_right(starts, limit) - 1]
    return sentence if sentence - start > FRAGMENT_CHARS // 3 else _cut_end(text, start)


def _cut_start(text: str, position: int) -> int:
    """Return a word's beginning some words before a position."""
    space = text.find(" ", max(position - FRAGMENT_CHARS // 4, 0), position)
    return space + 1 if space >= 0 else position


def _cut_end(text: str, start: int) -> int:
    """Return the last word's end within a fragment from `start`."""
    limit = start + FRAGMENT_CHARS
    if limit >= len(text):
        return len(text)
    space = max(text.rfind(" ", start + 1, limit + 1), text.rfind("\n", start + 1, limit + 1))
    return space if space > 0 else limit


def _snippet(text: str, start: int, end: int, found: list[Match]) -> Snippet:
    raw = text[start:end]
    left = start + len(raw) - len(raw.lstrip())
    right = max(left, start + len(raw.rstrip()))
    ranges = _merge(found, left, right)
    flat = text[left:right].replace("\n", " ")
    if right < len(text.rstrip()) and flat and flat[-1] not in ".!?…\"”’'。！？":
        flat += " …"
    if left and flat[:1].islower() and text[left - 1] == " ":
        flat = "… " + flat
        ranges = tuple((a + 2, b + 2) for a, b in ranges)
    return Snippet(flat, ranges)


def _merge(found: list[Match], left: int, right: int) -> tuple[tuple[int, int], ...]:
    """Return the ranges inside `left..right`, counted from `left`, overlapping ones joined."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted((m.start - left, m.end - left) for m in found if m.start >= left and m.end <= right):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _positive(node: tree.Query) -> Iterator[tree.Query]:
    """Yield the leaves that make an article match; those under a NOT do not."""
    if isinstance(node, tree.Not):
        return
    if isinstance(node, tree.And | tree.Or):
        for child in node.subqueries:
            yield from _positive(child)
    elif isinstance(node, tree.AndMaybe):
        yield from _positive(node.a)
        yield from _positive(node.b)
    elif hasattr(node, "fieldname") and not isinstance(node, tree.NumericRange):
        yield node
