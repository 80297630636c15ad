"""Makes the features of a word, in groups: one function returns all features of a group.

`Groups` has a function for each group. The tagger replaces the functions in `FEATURES` by cached ones that return the
sum of the features' weights.
"""

from __future__ import annotations

from collections.abc import Callable  # noqa: TC003 - NamedTuple
from functools import lru_cache
from itertools import chain
from typing import Final, Generic, NamedTuple, TypeVar

Features = tuple[str, ...]
T = TypeVar("T", complex, Features)
"""The result for one token: its features, or the sum of their weights."""

MANY: Final = 4
"""Maximum of counts and positions; larger ones are treated as equal to it."""
LONG_RUN: Final = 3
"""Maximum words of a run whose features include the flags of its first and last word.

It is also the maximum letters of a word in capitals with the shape CAP; longer ones have the shape CAPITALS.
"""
SHAPES_KEPT: Final = 1 << 11
"""Number of recently used words whose shapes are cached."""


@lru_cache(SHAPES_KEPT)
def _shape(word: str) -> str:
    """Return the shape of a word: an initial, capitals, or its hyphens, digits, inner capitals and accents."""
    if word.isalpha() and word[1:].islower():
        return "" if word.isascii() else "é"
    if len(word) == 1 or word[-1:] == ".":
        return "initial"
    if word.isupper():
        return "CAPITALS" if len(word) > LONG_RUN else "CAP"
    signs = "".join(sign for sign in "-'" if sign in word)
    digit = "1" if any(char.isdigit() for char in word) else ""
    inner = "C" if any(char.isupper() for char in word[1:]) else ""
    return signs + digit + inner + ("" if word.isascii() else "é")


# Each of these functions returns the features of one group.


def _of_word(word: str, known: int) -> Features:
    ends = f"end {word[-3:]}", f"end {word[-2:]}", f"start {word[:3]}"
    return f"w {word}", *ends, f"shape {_shape(word)}", f"known {known}"


def _of_article(lower: bool, count: int, after_given: bool, after_title: bool, flags: int) -> Features:  # noqa: FBT001 - a cache's key
    return f"low {lower}", f"count {count}", f"elsewhere {after_given} {after_title} {flags}"


def _of_rank(link: int, flags: int, known: int) -> Features:
    return (f"lf {link} {flags} {known}",)


def _of_neighbours(link: int, flags: int, before: int, after: int) -> Features:
    pairs = f"f {flags} + {after}", f"f {before} - {flags}", f"f {before} {flags} {after}"
    return f"link {link}", f"f {flags}", *pairs


def _of_run(position: int, length: int, ends: tuple[int, int]) -> Features:
    return f"run {position} {length}", f"ends {ends} {length}" if length <= LONG_RUN else f"ends {length}"


def _of_spot(kind: str, left: int) -> Features:
    return (f"ac {kind} {left}",)


def _of_text_after(first: str, second: str) -> Features:
    return (f"a {first}", f"a2 {first} {second}") if second else (f"a {first}",)


def _of_last(word: str) -> Features:
    return (f"last {word}",)


def _of_text_before(word: str, second: str) -> Features:
    return (f"b {word}", f"b2 {second} {word}") if second else (f"b {word}",)


def _of_class_before(kind: str, flags: int) -> Features:
    return (f"bc {kind} {flags}",)


def _of_previous(word: str) -> Features:
    return f"pw {word}", f"ps {_shape(word)}"


def _of_previous_known(known: int, own: int) -> Features:
    return (f"pk {known} {own}",)


def _of_previous_flags(*flags: int) -> Features:
    return (f"pf {flags}",)


def _of_next(word: str) -> Features:
    return f"nw {word}", f"ns {_shape(word)}"


def _of_next_known(own: int, known: int) -> Features:
    return (f"nk {own} {known}",)


def _joined(*parts: Features) -> Features:
    return tuple(chain.from_iterable(parts))


class Groups(NamedTuple, Generic[T]):
    """The functions of the groups: each returns the features of its group, or the sum of their weights.

    The functions from `text_before` on return parts of groups. A part recurs more often than its group, so it is cached
    better. `joined` returns the result of a group from its parts.
    """

    word: Callable[[str, int], T]
    article: Callable[[bool, int, bool, bool, int], T]
    rank: Callable[[int, int, int], T]
    neighbours: Callable[[int, int, int, int], T]
    run: Callable[[int, int, tuple[int, int]], T]
    spot: Callable[[str, int], T]
    text_after: Callable[[str, str], T]
    last: Callable[[str], T]
    text_before: Callable[[str, str], T]
    class_before: Callable[[str, int], T]
    previous: Callable[[str], T]
    previous_known: Callable[[int, int], T]
    previous_flags: Callable[[int, int, int], T]
    next: Callable[[str], T]
    next_known: Callable[[int, int], T]
    joined: Callable[..., T]


FEATURES: Final = Groups(
    _of_word, _of_article, _of_rank, _of_neighbours, _of_run, _of_spot, _of_text_after, _of_last,
    _of_text_before, _of_class_before, _of_previous, _of_previous_known, _of_previous_flags, _of_next, _of_next_known,
    _joined,
)  # fmt: skip
"""The functions that return features."""
GROUPS: Final = ("word", "article", "rank", "neighbours", "run", "spot", "text_after", "last")
PARTS: Final = (
    "text_before", "class_before", "previous", "previous_known", "previous_flags", "next", "next_known",
)  # fmt: skip
"""Names of the functions for groups and for parts of groups."""
