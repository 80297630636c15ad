"""Finds the ranges of a text that a query tree matches. It analyzes only parts of the text, with the same result."""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from whoosh import query as tree

from search import analysis
from search.highlight.patterns import chains, wildcard, within
from search.highlight.scanning import scanner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

STEM_FIELDS = frozenset({"text", "title", "body"})
PHRASE_WEIGHT = 2.0
"""Factor on the weight of a phrase, relative to its words. A user who quotes wants to see the quotation."""

MAX_REACH = 64
"""Maximum tokens around a word that are searched for its phrases. For looser phrases the whole text is analyzed."""

MAX_MATCHES = 10_000
"""Maximum number of matches in one text. News articles have fewer, and fragments of longer texts are from the start."""

_CACHED_CHUNKS = 20_000
_CACHED_CHARS = 64


class Match(NamedTuple):
    """A matching range and the number of its pattern. Offsets are code points, half-open.

    `parts` are the ranges of the words of a phrase with gaps; they are empty if the whole range matches.
    """

    start: int
    end: int
    pattern: int
    parts: tuple[tuple[int, int], ...] = ()


class _Phrase(NamedTuple):
    words: tuple[str, ...]
    stemmed: bool
    slop: int
    number: int


class _Chunk(NamedTuple):
    """The matches in a piece of text.

    `before` and `after` count the tokens that a phrase may reach on each side; they are -1 if no phrase is possible.
    """

    found: tuple[Match, ...] = ()
    before: int = -1
    after: int = -1


_NOTHING = _Chunk()


class Matcher:
    """Finds the matches of the leaves of a tree. Use one instance per search, because it caches pieces of text.

    The argument `weights` maps a stem to its weight; the default is 1. The attribute `weights` lists the weights of the
    patterns by number. Equal leaves share one pattern.
    """

    def __init__(self, leaves: Iterable[tree.Query], weights: Mapping[str, float]) -> None:
        self.weights: list[float] = []
        self._stem_weights = weights
        self._heads: set[str] = set()
        self._terms: dict[tuple[bool, str], int] = {}
        self._tests: list[tuple[Callable[[str], bool], int]] = []
        self._phrases: list[_Phrase] = []
        self._anchors: dict[tuple[bool, str], tuple[int, int]] = {}
        self._seen: dict[str, _Chunk] = {}
        self._tested: dict[str, tuple[int, ...]] = {}
        for key in dict.fromkeys(map(_key, leaves)):
            self._add(*key)
        self._scans: dict[str, re.Pattern[str]] = {}

    def _add(self, kind: type[tree.Query], words: tuple[str, ...], stemmed: bool, slop: int) -> None:  # noqa: FBT001
        number = len(self.weights)
        weights = [self._stem_weights.get(word if stemmed else analysis.stem(word), 1.0) for word in words]
        if kind is tree.Phrase:
            self._add_phrase(_Phrase(words, stemmed, slop, number), weights)
        elif kind is tree.Term:
            self._terms[stemmed, words[0]] = number
            self._heads.add(head_of_stem(words[0]) if stemmed else words[0])
        else:
            test, head = _test(kind, words[0], slop)
            self._tests.append((test, number))
            self._heads.add(head)
        self.weights.append(sum(weights) * (PHRASE_WEIGHT if len(words) > 1 else 1))

    def _add_phrase(self, phrase: _Phrase, weights: list[float]) -> None:
        """Add a phrase; its rarest word is the anchor by which it is found."""
        place = max(range(len(weights)), key=lambda i: (weights[i], len(phrase.words[i])))
        word = phrase.words[place]
        before, after = self._anchors.get((phrase.stemmed, word), (0, 0))
        reach = max(before, place * phrase.slop), max(after, (len(weights) - 1 - place) * phrase.slop)
        self._anchors[phrase.stemmed, word] = reach
        self._phrases.append(phrase)
        self._heads.add(head_of_stem(word) if phrase.stemmed else word)

    def matches(self, text: str) -> list[Match]:
        """Return the matches in a text, sorted. A phrase of adjacent words is one match."""
        if not self._heads:
            return []
        found: list[Match] = []
        areas: list[tuple[int, int]] = []
        end = anchors = 0
        part = _separator_of(text)
        for hit in self._scan(part).finditer(text):
            before, (inside, end) = end, hit.span()
            start = text.rfind(part, before, inside + 1) + 1
            piece = text[start:end]
            chunk = self._seen.get(piece) or self._chunk(piece)
            if chunk is not _NOTHING:
                found += [Match(start + match.start, start + match.end, match.pattern) for match in chunk.found]
                if chunk.before >= 0:
                    anchors += 1
                    _widen(areas, (text, part), (start, end), chunk)
                if len(found) + anchors >= MAX_MATCHES:
                    break
        for start, end in areas:
            found += islice(self._phrases_in(text[start:end], start), MAX_MATCHES)
        if areas:
            found.sort()
        return found

    def _scan(self, part: str) -> re.Pattern[str]:
        if part not in self._scans:
            self._scans[part] = scanner(frozenset(self._heads), part)
        return self._scans[part]

    def _chunk(self, text: str) -> _Chunk:
        """Return the matches in a piece of text. The piece must begin and end between tokens."""
        surfaces = analysis.surfaces(text)
        matching = {surface for surface in set(surfaces) if self._matters(surface)}
        chunk = _NOTHING
        if matching:
            found: list[Match] = []
            before = after = -1
            for surface, (start, end) in zip(surfaces, analysis.spans(text), strict=True):
                if surface in matching and len(found) < MAX_MATCHES:
                    word, stem, skip = analysis.form(surface)
                    found += [Match(start + skip, end, number) for number in self._numbers(word, stem)]
                    for reach in (self._anchors.get((True, stem)), self._anchors.get((False, word))):
                        if reach:
                            before, after = max(before, reach[0]), max(after, reach[1])
            chunk = _Chunk(tuple(found), before, after)
        if len(text) <= _CACHED_CHARS:
            if len(self._seen) >= _CACHED_CHUNKS:
                self._seen.clear()
            self._seen[text] = chunk
        return chunk

    def _matters(self, surface: str) -> bool:
        word, stem, _ = analysis.form(surface)
        if not word:
            return False
        for key in ((True, stem), (False, word)):
            if key in self._terms or key in self._anchors:
                return True
        return bool(self._tests and self._by_test(word))

    def _numbers(self, word: str, stem: str) -> list[int]:
        """Return the numbers of the single-word patterns that a word matches."""
        numbers = [self._terms[key] for key in ((True, stem), (False, word)) if key in self._terms]
        return sorted((*numbers, *self._by_test(word)) if self._tests else numbers)

    def _by_test(self, word: str) -> tuple[int, ...]:
        known = self._tested.get(word)
        if known is None:
            if len(self._tested) >= _CACHED_CHUNKS:
                self._tested.clear()
            known = self._tested[word] = tuple(number for test, number in self._tests if test(word))
        return known

    def _phrases_in(self, text: str, offset: int) -> Iterator[Match]:
        forms = [form for form in map(analysis.form, analysis.surfaces(text)) if form.word]
        lines = [form.word for form in forms], [form.stem for form in forms]
        tokens: list[analysis.Token] = []
        for words, stemmed, slop, number in self._phrases:
            for places in chains(lines[stemmed], words, slop):
                tokens = tokens or list(analysis.tokenize(text))
                parts = tuple((offset + tokens[place].start, offset + tokens[place].end) for place in places)
                yield Match(parts[0][0], parts[-1][1], number, parts if slop > 1 else ())


def _key(leaf: tree.Query) -> tuple[type[tree.Query], tuple[str, ...], bool, int]:
    """Return kind, words, `stemmed` and tolerance of a leaf. The tolerance is the slop or the number of typos."""
    stemmed = leaf.fieldname in STEM_FIELDS
    if isinstance(leaf, tree.Phrase):
        if len(leaf.words) == 1:
            return tree.Term, tuple(leaf.words), stemmed, 0
        return tree.Phrase, tuple(leaf.words), stemmed, leaf.slop
    kind = next(kind for kind in KINDS if isinstance(leaf, kind))
    return kind, (leaf.text,), stemmed, leaf.maxdist if kind is tree.FuzzyTerm else 0


KINDS = (tree.Phrase, tree.FuzzyTerm, tree.Prefix, tree.Wildcard, tree.Term)
"""The kinds of leaves that match words."""


def _test(kind: type[tree.Query], text: str, typos: int) -> tuple[Callable[[str], bool], str]:
    """Return a function that tests whether a word matches, and the letters that each matching word begins with."""
    if kind is tree.FuzzyTerm:
        return (lambda word: within(word, text, typos)), text[:1]
    if kind is tree.Prefix:
        return (lambda word: word.startswith(text)), text
    pattern = wildcard(text)
    return (lambda word: pattern.fullmatch(word) is not None), re.split(r"[*?]", text, maxsplit=1)[0]


def head_of_stem(stem: str) -> str:
    """Return the letters that all words of a stem begin with.

    Snowball's English stemmer changes at most the last letter of a stem (`city`, `citi`), except in `dying`, `die`. The
    other stemmers keep the first letter of a word, and `scanner` uses only the first letter if it is not ASCII. Arabic
    words can lose their beginning; `scanner` matches all of them.
    """
    if stem[1:] == "ie":
        return stem[:1]
    return stem[:2] if len(stem) == 3 else stem[:3]


def _separator_of(text: str) -> str:
    """Return a separator that cuts a text into many pieces and occurs in no token: a space if words have spaces."""
    return " " if text.count(" ") * 16 >= len(text) else max(" \n，。、", key=text.count)


def _widen(areas: list[tuple[int, int]], parted: tuple[str, str], chunk: tuple[int, int], reach: _Chunk) -> None:
    """Add the area around a chunk that the phrases of its words can reach. `areas` stay sorted and disjoint."""
    text, part = parted
    if areas and areas[-1] == (0, len(text)):
        return
    start, end = chunk if reach.before + reach.after <= MAX_REACH else (0, len(text))
    need = reach.before
    while need > 0 and start > 0:
        left = text.rfind(part, 0, start - 1) + 1
        need -= _count(text[left : start - 1], need)
        start = left
    need = reach.after
    while need > 0 and end < len(text):
        right = text.find(part, end + 1)
        right = len(text) if right < 0 else right
        need -= _count(text[end + 1 : right], need)
        end = right
    while areas and start <= areas[-1][1] + 1:
        before, after = areas.pop()
        start, end = min(start, before), max(end, after)
    areas.append((start, end))


def _count(text: str, most: int) -> int:
    """Return the number of tokens of a text, up to `most`. An ASCII text that begins with a letter counts as one."""
    if text.isascii() and text[:1].isalnum():
        return 1
    return sum(1 for _ in islice(analysis.tokenize(text), most))


def leaves(node: tree.Query, *, optional: bool = False) -> Iterator[tree.Query]:
    """Yield the leaves that make an article match. Leaves under a NOT and leaves that only rank are left out.

    A constant score only ranks if it is optional, which means on the right side of `AndMaybe`.
    """
    if isinstance(node, tree.Not) or (optional and isinstance(node, tree.ConstantScoreQuery)):
        return
    if isinstance(node, tree.AndNot):
        yield from leaves(node.a, optional=optional)
    elif isinstance(node, tree.AndMaybe):
        yield from leaves(node.a, optional=optional)
        yield from leaves(node.b, optional=True)
    elif isinstance(node, KINDS):
        if node.words if isinstance(node, tree.Phrase) else node.text:
            yield node
    else:
        for child in node.children():
            yield from leaves(child, optional=optional)
