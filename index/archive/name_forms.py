"""Compares spellings of names: whether they are certainly or possibly the same name.

- `fold` removes case, accents and punctuation. Names with the same fold are the same name.
- `form` splits a full name into its parts.
- `phonetic_key` spells a word in one way for all systems of transliteration.
- `alike` compares two words by their phonetic keys. Names with alike words may be one person;
  `index.archive.person_labels` decides by evidence.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from index.facets.persons.words import PERSONS
from search import analysis

NO_PUNCTUATION = str.maketrans("", "", " \t\n\u00a0-\u00ad\u2010\u2011\u2012\u2013.,'`´\u2018\u2019\u02bc\u02b9\u02bb")
"""Removes the characters that do not distinguish names: spaces, hyphens, full stops, apostrophes."""

CACHED = 50_000
"""Results that a function keeps. They take up to 20 MB in all."""

BREAK = re.compile(r"[\s\u00a0\u2010-\u2013-]+")
ARTICLE = re.compile(r"(?<=[\s-])(?:a[lnrstzd]|e[ls]|ash|esh)-(?=\w)|(?<=[\s-])(?:al|el)[ ](?=\w)")
"""The Arabic article before a noun ("al-Assad"). Newspapers spell it in many ways or leave it out."""

SERVANT = re.compile(r"\babd[aeiu]?[lnrstz]?[ ]?(?=\w{3})")
"""`Abd al-`, "servant of". It forms one name with the next word: "Abdul Rahman", "Abdelrahman"."""

FATHER = frozenset({"bin", "ibn", "ben"})
SUFFIXES = frozenset({"jr", "junior", "sr", "senior", "ii", "iii", "iv"})
EASTERN = frozenset(word.casefold() for word in PERSONS["eastern"].split())
"""East Asian family names, which stand first.

The given names after them are short, and many differ in one letter. So these names have one spelling only.
"""

MIN_LETTERS = 4
"""Minimum letters of a word that may have several spellings. "Li" and "Lee", "Jan" and "Jen" are different names."""

MIN_HARD_START = 6
"""Minimum letters of a word in which G, K and Q at the start are alike: "Gaddafi", "Qaddafi", "Kadhafi"."""

CONSONANTS = (
    ("tsch", "ch"), ("shch", "sh"), ("sch", "sh"), ("tch", "ch"), ("dzh", "j"), ("dj", "j"), ("zh", "j"), ("ph", "f"),
    ("kh", "h"), ("gh", "g"), ("dh", "d"), ("ck", "k"), ("q", "k"), ("x", "ks"), ("tz", "ts"), ("w", "v"),
)  # fmt: skip
VOWELS = (("ee", "i"), ("oo", "u"), ("ou", "u"), ("aa", "a"), ("ae", "a"), ("oe", "o"), ("ue", "u"))
"""`CONSONANTS` and `VOWELS` are pairs of a spelling and its replacement, applied in this order."""

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
"""The first five patterns are applied before `VOWELS`, the others after."""

LETTER_GROUPS = re.compile(r"[aeiou]+|[^aeiou]+")
VOWEL_GROUPS = re.compile(r"[aeiou]+")

ALIKE_VOWELS = frozenset(map(frozenset, [("e", "i"), ("o", "u"), ("ai", "ei"), ("oa", "ua"), ("e", "io")]))
ALIKE_LATER_VOWELS = frozenset({"a", "e"})
"""Vowels that are alike only after the first syllable: in "Ahmad" and "Ahmed", but not in "Hamad" and "Hemad"."""


class Form(NamedTuple):
    """The folded parts of a full name; `middle` and `suffix` may be empty."""

    first: str
    middle: tuple[str, ...]
    last: str
    suffix: str


def is_full(name: str) -> bool:
    """Whether a name has two words or more."""
    return len(BREAK.split(name.strip())) > 1


@lru_cache(maxsize=CACHED)
def fold(name: str) -> str:
    """Return the name without case, accents, hyphens, spaces, full stops and apostrophes."""
    return analysis.fold(name).translate(NO_PUNCTUATION)


def form(name: str) -> Form | None:
    """Return the parts of a full name. None for a single word, or if the first or last word is only an initial."""
    plain = SERVANT.sub("abdul", ARTICLE.sub("", analysis.fold(name).replace(".", " ")))
    words = [word for word in (part.translate(NO_PUNCTUATION) for part in BREAK.split(plain)) if word]
    suffix = words.pop() if len(words) > 2 and words[-1] in SUFFIXES else ""
    if len(words) < 2 or len(words[0]) == 1 or len(words[-1]) == 1:
        return None
    middle = tuple("bin" if word in FATHER else word for word in words[1:-1])
    return Form(words[0], middle, words[-1], suffix)


@lru_cache(maxsize=CACHED)
def phonetic_key(word: str) -> str:
    """Return a folded word in a common spelling for all transliterations: `zelenskyy`, `zelenskij` -> `zelenski`.

    Words with letters other than ASCII are returned unchanged.
    """
    if not word.isascii():
        return word
    for spelling, plain in CONSONANTS:
        word = word.replace(spelling, plain)
    for pattern, plain in PATTERNS[:BEFORE_VOWELS]:
        word = pattern.sub(plain, word)
    for spelling, plain in VOWELS:
        word = word.replace(spelling, plain)
    for pattern, plain in PATTERNS[BEFORE_VOWELS:]:
        word = pattern.sub(plain, word)
    return word


def block_key(one: Form) -> str:
    """Return the key of the block in which a form is compared: the consonants of its first and last word.

    Forms that may be one person have the same key. East Asian names have all their words as the key.
    """
    if one.first in EASTERN:
        return " ".join((one.first, *one.middle, one.last, one.suffix))
    return f"{_consonants(one.first)} {_consonants(one.last)} {one.suffix}"


def _consonants(word: str) -> str:
    """Return the consonants of a word's phonetic key, with `*` for a vowel at the start and `k` for a leading `g`."""
    key = phonetic_key(word)
    bare = VOWEL_GROUPS.sub("", key)
    return ("*" if key[:1] != bare[:1] else "") + (f"k{bare[1:]}" if bare[:1] == "g" else bare)


@lru_cache(maxsize=CACHED)
def alike(one: str, other: str) -> bool:
    """Whether two folded words may be two transliterations of one word: same consonants, same or similar vowels."""
    if one == other:
        return True
    shorter = min(len(one), len(other))
    if shorter < MIN_LETTERS:
        return False
    left, right = LETTER_GROUPS.findall(phonetic_key(one)), LETTER_GROUPS.findall(phonetic_key(other))
    if left and right and {left[0], right[0]} in ({"g", "k"}, {"k"}) and shorter >= MIN_HARD_START:
        left[0] = right[0]
    if len(left) != len(right):
        return False
    last = len(left) - 1
    return all(
        group == other_group or (place < last and _alike_vowels(group, other_group, first=place < 2))
        for place, (group, other_group) in enumerate(zip(left, right, strict=True))
    )


def _alike_vowels(one: str, other: str, *, first: bool) -> bool:
    """Whether two groups of vowels are alike. `first` says that they belong to the first syllable."""
    pair = frozenset((one, other))
    return pair in ALIKE_VOWELS or (pair == ALIKE_LATER_VOWELS and not first)


def same_ends(one: Form, other: Form) -> bool:
    """Whether first words and last words are alike and the suffixes are the same."""
    return one.suffix == other.suffix and alike(one.first, other.first) and alike(one.last, other.last)


def same_middles(one: Form, other: Form) -> bool:
    """Whether both names have the same number of middle words and all are alike."""
    return len(one.middle) == len(other.middle) and all(map(alike, one.middle, other.middle))


def differ_in_initials(one: Form, other: Form) -> bool:
    """Whether all middle words of the name with more of them are initials.

    Also true if both names have the same number of middle words.
    """
    if len(one.middle) == len(other.middle):
        return True
    return all(len(word) == 1 for word in max(one.middle, other.middle, key=len))


def compatible_middles(one: Form, other: Form) -> bool:
    """Whether the middle words of two names may be the same.

    Their number is equal, and in each pair both words are alike or one is the initial of the other.
    """
    return len(one.middle) == len(other.middle) and all(
        alike(word, other_word) or (min(len(word), len(other_word)) == 1 and word[0] == other_word[0])
        for word, other_word in zip(one.middle, other.middle, strict=True)
    )


def has_initials(name: str) -> bool:
    """Whether a name has a word of one letter."""
    return any(len(word.translate(NO_PUNCTUATION)) == 1 for word in BREAK.split(name))


def turned(name: str) -> str | None:
    """Return the fold of an East Asian name with its family name moved to the end; None for other names."""
    words = BREAK.split(name.strip())
    if len(words) < 2 or fold(words[0]) not in EASTERN:
        return None
    return fold("".join([*words[1:], words[0]]))
