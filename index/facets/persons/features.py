"""Computes the tagger's features: evidence for and against a capitalised word being part of a person's name.

The features describe four things:

- the word itself,
- what the word lists say about it and its neighbours,
- the text around its run of joined words,
- the whole article (Chieu and Ng, "Named entity recognition: a maximum entropy approach using global information",
  COLING 2002).

Features are made in groups. A word has one key per group, so the tagger can cache the sum of a group's weights by key.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from index.facets.persons.words import ACTS, ROLES, SPEECH
from index.facets.tokens import JOINED, OPENING
from index.facets.words import KNOWN_BITS, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from index.facets.tokens import Tokens

Key = tuple[Any, ...]
"""The values from which a group makes its features."""

FLAGS: Final = (1 << KNOWN_BITS) - 1
GIVEN, TITLE = int(Word.GIVEN), int(Word.TITLE) | int(Word.HONORIFIC)
NAME: Final = GIVEN | int(Word.FAMILY) | int(Word.KNOWN)
STOP: Final = int(Word.STOP)
NO_NAME: Final = STOP | int(Word.ORGANISATION) | int(Word.PLACE) | int(Word.NATION)
PLACES: Final = int(Word.PLACE) | int(Word.NATION)
ITEM = re.compile(r"[^\W\d_]+|\d+|'s\b|\n|[^\w\s]")
SENTENCE_END: Final = frozenset(".!?\n")
WINDOW: Final = 20
"""Code points before and after a run from which features are made."""
MANY: Final = 4
"""Maximum of counts and positions; larger ones are treated as equal to it."""
LONG_RUN: Final = 3
"""Maximum words of a run whose features include the flags of its first and last word.

It is also the maximum letters of a word in capitals with the shape CAP; longer ones have the shape CAPITALS.
"""
LOCATIVE = frozenset(["in", "at", "near", "across", "outside", "inside", "into", "around", "throughout"])
CACHE_SIZE: Final = 1 << 11
"""Cached shapes, classes and texts around runs; most of them recur often."""


@lru_cache(CACHE_SIZE)
def _shape(word: str) -> str:
    """Return the shape of a word: an initial, capitals, or its hyphens, digits, inner capitals and accents."""
    if len(word) == 1 or word[-1:] == ".":
        return "initial"
    if word.isupper():
        return "CAPITALS" if len(word) > LONG_RUN else "CAP"
    signs = "".join(sign for sign in "-'" if sign in word)
    digit = "1" if any(char.isdigit() for char in word) else ""
    inner = "C" if any(char.isupper() for char in word[1:]) else ""
    return signs + digit + inner + ("" if word.isascii() else "é")


@lru_cache(CACHE_SIZE)
def _class(word: str) -> str:
    """Return a letter for each list that has the word: roles, verbs of speech, acts, locatives."""
    kinds = zip("RSAL", (ROLES, SPEECH, ACTS, LOCATIVE), strict=True)
    return "".join(name for name, kind in kinds if word in kind)


# Each of these functions yields the features of one group, from the values in the group's key.


def _of_word(word: str, known: int) -> Iterator[str]:
    yield from (f"w {word}", f"end {word[-3:]}", f"end {word[-2:]}", f"start {word[:3]}", f"shape {_shape(word)}")
    yield f"known {known}"


def _of_article(lower: bool, count: int, after_given: bool, after_title: bool, flags: int) -> Iterator[str]:  # noqa: FBT001 - a key's parts
    yield from (f"low {lower}", f"count {count}", f"elsewhere {after_given} {after_title} {flags}")


def _of_rank(link: int, flags: int, known: int) -> Iterator[str]:
    yield f"lf {link} {flags} {known}"


def _of_neighbours(link: int, flags: int, before: int, after: int) -> Iterator[str]:
    yield from (f"link {link}", f"f {flags}", f"f {flags} + {after}", f"f {before} - {flags}")
    yield f"f {before} {flags} {after}"


def _of_run(position: int, length: int, ends: tuple[int, int]) -> Iterator[str]:
    yield f"run {position} {length}"
    yield f"ends {ends} {length}" if length <= LONG_RUN else f"ends {length}"


def _of_text_before(word: str, second: str, flags: int) -> Iterator[str]:
    yield from (f"b {word}", f"bc {_class(word)} {flags}")
    if second:
        yield f"b2 {second} {word}"


def _of_text_after(first: str, second: str, _: str) -> Iterator[str]:
    yield f"a {first}"
    if second:
        yield f"a2 {first} {second}"


def _of_spot(kind: str, left: int) -> Iterator[str]:
    yield f"ac {kind} {left}"


def _of_joined(before: str, known: int, own: int, flags: tuple[int, int, int]) -> Iterator[str]:
    yield from (f"pw {before}", f"ps {_shape(before)}", f"pk {known} {own}", f"pf {flags}")


def _of_next(word: str, known: int, own: int) -> Iterator[str]:
    yield from (f"nw {word}", f"ns {_shape(word)}", f"nk {own} {known}")


def _of_last(word: str) -> Iterator[str]:
    yield f"last {word}"


GROUPS: Final[tuple[Callable[..., Iterator[str]], ...]] = (
    _of_word, _of_article, _of_rank, _of_neighbours, _of_run, _of_text_before, _of_text_after, _of_spot, _of_joined,
    _of_next, _of_last,
)  # fmt: skip
WORD, ARTICLE, RANK, NEIGHBOURS, RUN, TEXT_BEFORE, TEXT_AFTER, SPOT, BEFORE, NEXT, LAST = range(len(GROUPS))


def expand(keys: Sequence[tuple[int, Key]]) -> list[str]:
    """Return the features of a word from its keys; each key comes with the number of its group."""
    return [feature for group, key in keys for feature in GROUPS[group](*key)]


@lru_cache(CACHE_SIZE)
def _before(gap: str) -> tuple[str, str]:
    """Return the two items before a run, the closer one first. The second one is empty if it is in another sentence.

    At the beginning of a sentence, the first item is the sign that ends the previous sentence.
    """
    items = ITEM.findall(gap)
    word = items[-1] if items else "\n"
    return word, items[-2] if len(items) > 1 and word not in SENTENCE_END else ""


@lru_cache(CACHE_SIZE)
def _after(gap: str, *, place: bool) -> tuple[str, str, str]:
    """Return the first two items after a run and the class of the first. If the first ends the sentence, it is alone.

    `place` says that the next capitalised word is a place or a nation.
    """
    items = ITEM.findall(gap)
    first, second = (items[0], items[1:2]) if items else ("\n", [])
    if first == "'s" and second:
        first, second = f"'s {second[0]}", items[2:3]
    elif first.isdigit():
        first = "#"
    if first in SENTENCE_END:
        return first, "", ""
    kind = _class(first.removeprefix("'s "))
    if not second:
        return first, "PLACE" if place else "", kind
    return first, f"#{len(second[0])}" if second[0].isdigit() else second[0], kind


class TokenFeatures:
    """Makes the keys of features for the tokens of one article.

    `flags` have the bits of `Word` in their `KNOWN_BITS` lowest bits, and the ranks of names above them.
    """

    def __init__(self, tokens: Tokens, flags: Sequence[int]) -> None:
        self.tokens = tokens
        self.flags = [flag & FLAGS for flag in flags]
        self.known = [flag >> KNOWN_BITS for flag in flags]
        self._counts = Counter(tokens.words)
        self._given: set[str] = set()
        self._titled: set[str] = set()
        for before, link, word in zip(self.flags, tokens.links[1:], tokens.words[1:], strict=False):
            if link == JOINED:
                if before & GIVEN:
                    self._given.add(word)
                if before & TITLE:
                    self._titled.add(word)

    def runs(self) -> Iterator[tuple[int, int]]:
        """Yield the first index and the end (exclusive) of each run of joined tokens that may contain a name."""
        links, first = self.tokens.links, 0
        count = len(links)
        while first < count:
            last = first + 1
            while last < count and links[last] == JOINED:
                last += 1
            if self._may_name(first, last):
                yield first, last
            first = last

    def _may_name(self, first: int, last: int) -> bool:
        """Whether a run may contain a name. Runs of known words of other kinds may not, nor single acronyms."""
        flags, tokens = self.flags, self.tokens
        if last - first > 1:
            return any(flag & NAME or not flag & NO_NAME for flag in flags[first:last])
        flag, word = flags[first], tokens.words[first]
        if flag & NAME:
            return not (flag & STOP and tokens.links[first] == OPENING and tokens.in_lower_case(word))
        return not (flag & NO_NAME or (word.isupper() and len(word) > 1) or tokens.in_lower_case(word))

    def of_word(self, index: int) -> tuple[tuple[int, Key], ...]:
        """Return the keys of a word that do not depend on its neighbours: only on word, flags, link and article."""
        word, flags, known = self.tokens.words[index], self.flags[index], self.known[index]
        lower, count = self.tokens.in_lower_case(word), min(self._counts[word], MANY)
        return (
            (WORD, (word, known)),
            (ARTICLE, (lower, count, word in self._given, word in self._titled, flags)),
            (RANK, (self.tokens.links[index], flags, known)),
        )

    def around(self, first: int, last: int) -> tuple[tuple[str, str], tuple[str, str, str]]:
        """Return the items before and after a run, as `_before` and `_after` do."""
        tokens = self.tokens
        starts, ends, text = tokens.starts, tokens.ends, tokens.text
        start, end, count = starts[first], ends[last - 1], len(starts)
        before = _before(text[max(ends[first - 1] if first else 0, start - WINDOW) : start])
        following = starts[last] if last < count else len(text)
        place = last < count and bool(self.flags[last] & PLACES)
        return before, _after(text[end : min(following, end + WINDOW)], place=place)

    def of_single(self, index: int) -> tuple[Key, Key, Key, Key]:
        """Return the keys of a run of one token, for NEIGHBOURS, TEXT_BEFORE, TEXT_AFTER and SPOT."""
        before, after = self.around(index, index + 1)
        flag, link = self.flags[index], self.tokens.links[index]
        return (link, flag, -1 - link, -1), (*before, flag), after, (after[2], 1)

    def of_run(self, first: int, last: int) -> tuple[list[tuple[int, Key]], list[list[tuple[int, Key]]]]:
        """Return the keys that all tokens of a run share, and a list of the other keys for each token."""
        if last - first == 1:
            neighbours, opening, after, spot = self.of_single(first)
            return [(TEXT_AFTER, after)], [[(NEIGHBOURS, neighbours), (TEXT_BEFORE, opening), (SPOT, spot)]]
        flags, known, links, words = self.flags, self.known, self.tokens.links, self.tokens.words
        before, after = self.around(first, last)
        flag = flags[first]
        rows: list[list[tuple[int, Key]]] = []
        outer, length = (flag, flags[last - 1]), min(last - first, MANY + 1)
        for index in range(first, last):
            own, flag = known[index], flags[index]
            ahead = index + 1 < last
            behind = flags[index - 1] if index > first else -1 - links[index]
            row: list[tuple[int, Key]] = [
                (NEIGHBOURS, (links[index], flag, behind, flags[index + 1] if ahead else -1)),
                (RUN, (min(index - first, MANY), length, outer)),
                (SPOT, (after[2], min(last - index, MANY))),
            ]
            if index > first:
                further = flags[index - 2] if index - first > 1 else -1
                row.append((BEFORE, (words[index - 1], known[index - 1], own, (further, behind, flag))))
            else:
                row.append((TEXT_BEFORE, (*before, flag)))
            if ahead:
                row.append((NEXT, (words[index + 1], known[index + 1], own)))
            rows.append(row)
        return [(TEXT_AFTER, after), (LAST, (words[last - 1],))], rows
