"""How names are compared: what is the same letter for letter, and which spellings may be one name.

`fold` is the identity of a name. `Form` takes a full name apart; `phonetic_key` writes a word as the systems of
transliteration have in common; forms that are `alike` may be one person, which evidence has to
show (`index.archive.person_labels`).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from index.facets.persons.words import PERSONS
from search import analysis

MARKS = str.maketrans("", "", " \t\n\u00a0-\u00ad\u2010\u2011\u2012\u2013.,'`´\u2018\u2019\u02bc\u02b9\u02bb")
"""What names are written with or without: spaces, hyphens, full stops, apostrophes."""

BREAK = re.compile(r"[\s\u00a0\u2010-\u2013-]+")
ARTICLE = re.compile(r"(?<=[\s-])(?:a[lnrstzd]|e[ls]|ash|esh)-(?=\w)|(?<=[\s-])(?:al|el)[ ](?=\w)")
"""The Arabic article before its noun, which the press writes in many ways or not at all."""

SERVANT = re.compile(r"\babd[aeiu]?[lnrstz]?[ ]?(?=\w{3})")
"""`Abd al-`, "servant of": with the word that follows it is one name."""

FATHER = frozenset({"bin", "ibn", "ben"})
SUFFIXES = frozenset({"jr", "junior", "sr", "senior", "ii", "iii", "iv"})
EASTERN = frozenset(word.casefold() for word in PERSONS["eastern"].split())
"""Family names that stand first. The words beside them are so short and many that a letter makes another person."""

LEAST_LETTERS = 4
"""Of a word that may be spelled in other ways: "Li" and "Lee", "Jan" and "Jen" are two."""

HARD_START = 6
"""Letters of a word from which on G, K and Q at its start may be one: "Gaddafi", "Qaddafi", "Kadhafi"."""

CONSONANTS = (
    ("tsch", "ch"), ("shch", "sh"), ("sch", "sh"), ("tch", "ch"), ("dzh", "j"), ("dj", "j"), ("zh", "j"), ("ph", "f"),
    ("kh", "h"), ("gh", "g"), ("dh", "d"), ("ck", "k"), ("q", "k"), ("x", "ks"), ("tz", "ts"), ("w", "v"),
)  # fmt: skip
VOWELS = (("ee", "i"), ("oo", "u"), ("ou", "u"), ("aa", "a"), ("ae", "a"), ("oe", "o"), ("ue", "u"))
"""Replaced in this order."""

PATTERNS = (
    (re.compile(r"vic$"), "vich"),
    (re.compile(r"c(?![ehiy])"), "k"),
    (re.compile(r"^j(?=[aeu])|(?<=[^aeiou])j(?=[aeou])|(?<=[aeiouy])j$|(?<!^)y|^y(?=[aeiou])"), "i"),
    (re.compile(r"ii+"), "i"),
    (re.compile(r"ie(?!$)"), "e"),
    (re.compile(r"(?<=[bdkpt])er$"), "r"),
    (re.compile(r"(?<=[aeiou])h$"), ""),
    (re.compile(r"([^aeiou])\1+"), r"\1"),
)
BEFORE_VOWELS = 5
"""So many of the patterns come before `VOWELS`, the others after."""

CLUSTERS = re.compile(r"[aeiou]+|[^aeiou]+")
NOT_CONSONANTS = re.compile(r"[aeiou]+")

ALIKE_VOWELS = frozenset(map(frozenset, [("e", "i"), ("o", "u"), ("ai", "ei"), ("oa", "ua"), ("e", "io")]))
ALIKE_LATER = frozenset({"a", "e"})
"""Alike after the first syllable: "Ahmad" and "Ahmed", but not "Hamad" and "Hemad"."""


class Form(NamedTuple):
    """A full name taken apart, folded; `middle` and `suffix` may be empty."""

    first: str
    middle: tuple[str, ...]
    last: str
    suffix: str


def is_full(name: str) -> bool:
    """Whether a name has two words or more."""
    return len(BREAK.split(name.strip())) > 1


@lru_cache(maxsize=200_000)
def fold(name: str) -> str:
    """Return what is the same for all ways to write a name with these letters.

    Case, accents, hyphens, spaces, full stops and apostrophes make no other name.
    """
    return analysis.fold(name).translate(MARKS)


def form(name: str) -> Form | None:
    """Return a name taken apart; None where it is one word, or one end is an initial, which says too little."""
    plain = SERVANT.sub("abdul", ARTICLE.sub("", analysis.fold(name).replace(".", " ")))
    words = [word for word in (part.translate(MARKS) for part in BREAK.split(plain)) if word]
    suffix = words.pop() if len(words) > 2 and words[-1] in SUFFIXES else ""
    if len(words) < 2 or len(words[0]) == 1 or len(words[-1]) == 1:
        return None
    middle = tuple("bin" if word in FATHER else word for word in words[1:-1])
    return Form(words[0], middle, words[-1], suffix)


@lru_cache(maxsize=200_000)
def phonetic_key(word: str) -> str:
    """Return a folded word as it is in most systems of transliteration: `zelenskyy` and `zelenskij` as `zelenski`."""
    if not word.isascii():
        return word
    for written, plain in CONSONANTS:
        word = word.replace(written, plain)
    for pattern, plain in PATTERNS[:BEFORE_VOWELS]:
        word = pattern.sub(plain, word)
    for written, plain in VOWELS:
        word = word.replace(written, plain)
    for pattern, plain in PATTERNS[BEFORE_VOWELS:]:
        word = pattern.sub(plain, word)
    return word


def block(one: Form) -> str:
    """Return a key that all forms share which may be one person: the consonants of its first and last word."""
    if one.first in EASTERN:
        return " ".join((one.first, *one.middle, one.last, one.suffix))
    return f"{_consonants(one.first)} {_consonants(one.last)} {one.suffix}"


def _consonants(word: str) -> str:
    heard = phonetic_key(word)
    bare = NOT_CONSONANTS.sub("", heard)
    return ("*" if heard[:1] != bare[:1] else "") + (f"k{bare[1:]}" if bare[:1] == "g" else bare)


@lru_cache(maxsize=200_000)
def alike(one: str, other: str) -> bool:
    """Whether two folded words may be one word in two transliterations."""
    if one == other:
        return True
    if min(len(one), len(other)) < LEAST_LETTERS:
        return False
    left, right = CLUSTERS.findall(phonetic_key(one)), CLUSTERS.findall(phonetic_key(other))
    if left and right and {left[0], right[0]} in ({"g", "k"}, {"k"}) and min(len(one), len(other)) >= HARD_START:
        left[0] = right[0]
    if len(left) != len(right):
        return False
    last = len(left) - 1
    return all(
        mine == its or (place < last and _same_vowel(mine, its, first=place < 2))
        for place, (mine, its) in enumerate(zip(left, right, strict=True))
    )


def _same_vowel(mine: str, its: str, *, first: bool) -> bool:
    pair = frozenset((mine, its))
    return pair in ALIKE_VOWELS or (pair == ALIKE_LATER and not first)


def same_ends(one: Form, other: Form) -> bool:
    """Whether two names may be one by their first and last words and their suffixes."""
    return one.suffix == other.suffix and alike(one.first, other.first) and alike(one.last, other.last)


def same_middles(one: Form, other: Form) -> bool:
    """Whether all words between are the same or alike."""
    return len(one.middle) == len(other.middle) and all(map(alike, one.middle, other.middle))


def differ_in_initials(one: Form, other: Form) -> bool:
    """Whether what one name has more than the other between first and last word is initials alone."""
    if len(one.middle) == len(other.middle):
        return True
    return all(len(word) == 1 for word in max(one.middle, other.middle, key=len))


def compatible_middles(one: Form, other: Form) -> bool:
    """Whether the words between are as many, each alike, or one the initial of the other."""
    return len(one.middle) == len(other.middle) and all(
        alike(mine, its) or (min(len(mine), len(its)) == 1 and mine[0] == its[0])
        for mine, its in zip(one.middle, other.middle, strict=True)
    )


def has_initials(name: str) -> bool:
    """Whether a name has a word of one letter."""
    return any(len(word.translate(MARKS)) == 1 for word in BREAK.split(name))


def turned(name: str) -> str | None:
    """Return the fold of an East Asian name with its first word, the family's, put last; None for other names."""
    words = BREAK.split(name.strip())
    if len(words) < 2 or fold(words[0]) not in EASTERN:
        return None
    return fold("".join([*words[1:], words[0]]))
