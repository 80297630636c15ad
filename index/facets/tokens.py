"""Splits an article into its capitalised words, for the finders of countries and of persons.

Names in news begin with a capital letter, so words in lower case are not tokens. A link describes the text between
two tokens. One regular expression finds all tokens.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

ABBREVIATED = re.compile(
    "Adm|Capt|Cmdr|Col|Cpl|Det|Dr|Fr|Ft|Gen|Gov|Jr|Lt|Maj|Mr|Mrs|Ms|Mt|Prof|Pvt|Reps?|Rev|Sen|Sgt|Sr|Ste?|Supt"
)
"""Abbreviations: the full stop after one of these words does not end a sentence."""
PARTICLES = (
    "van|von|der|den|de|del|della|di|da|dos|das|du|la|le|las|los|el|ter|ten|zu|zur|af|av|y"  # European
    "|bin|ibn|bint|ben|abu|al|ul|ur"  # Arabic and Hebrew
)
"""Words in lower case inside names of persons, as alternatives of a regular expression."""
BASIC_PLANE = 0x10000
"""First code point that is not searched for capitals. No newspaper prints those above it, such as Deseret."""

JOINED = 0
"""Link: only a space, a hyphen or a particle ("van der", "al-") separates the token from the previous one."""
APART = 1
"""Link: other text of the same sentence separates the token from the previous one."""
OPENING = 2
"""Link: the token is the first of a sentence, a quotation, a line or the text."""

LONGEST_LINK = 14
"""Maximum length of a particle with its spaces, in code points; longer text between tokens is never `JOINED`."""
NAMES_KEPT = 1 << 12
"""Number of recently folded words of names that are cached."""
LINKS_KEPT = 1 << 12
"""Number of cached links of short texts between tokens; most of these texts recur often."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of the text `original`, as parallel sequences.

    `text` has straight apostrophes and plain spaces instead; each code point keeps its place. `parts` is the set of the
    strings between its blanks.
    """

    original: str
    text: str
    words: list[str]
    starts: list[int]
    ends: list[int]
    links: list[int]
    parts: frozenset[str]

    def in_lower_case(self, word: str) -> bool:
        """Return whether the text also has the word in lower case, so that the word is hardly a name."""
        small = word.lower()
        return not self.parts.isdisjoint((small, f"{small}.", f"{small},"))


def _upper_class() -> str:
    """Return the character class of all capital letters, for a regular expression."""
    codes = [code for code in range(BASIC_PLANE) if (char := chr(code)).isupper() or char.istitle()]
    ranges: list[list[int]] = []
    for code in codes:
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges) + "]"


UPPER = _upper_class()
SYLLABLE = r"(?:[bcdghjkmnprstwy]|ch|kk|tt|pp|ss|jj)?[yw]?(?:ae|eo|eu|oe|ui|oo|ee|[aeiou])(?:ng|[klmnpth])?"
"""A Korean syllable in Latin letters. So "Jong-un", "Ki-moon" and "Geun-hye" are one word each, "US-led" is not."""
WORD = re.compile(
    rf"{UPPER}(?<!\w.)(?:\.(?:{UPPER}\.)+(?:{UPPER}\b)?|\.{UPPER}\b(?!')"
    rf"|\w*(?:'(?!(?:s|S|d|ll|re|ve)\b)\w+)*(?:-(?!(?:run|like|on|to|up|a)\b){SYLLABLE}(?![\w'-]))?)"
)
"""The class of capitals comes before the lookbehind, so that `re` skips to the next capital in its fast loop."""
SPLIT = re.compile(f"({WORD.pattern})")
"""Splits a text into the tokens and the texts between them."""
STRAIGHT = {"’": "'", "‘": "'", "ʼ": "'", "\xa0": " ", "\u202f": " ", "\u2009": " "}
PARTICLE_LINK = re.compile(rf"(?:[ -](?:{PARTICLES}|d'))+[ -]|[ -]d'|-")
ACCENTS = re.compile("[\u0300-\u036f]+")
OPENERS = frozenset(".!?:;\n\"“”„«»'•|*–—()[]")


def _link(gap: str, before: str) -> int:
    """Return the link of a token from the text between it and the token `before`."""
    if gap == " ":
        return JOINED
    if len(gap) > LONGEST_LINK:
        return OPENING if gap[-2:].rstrip(" ")[-1:] in OPENERS else APART
    if gap == ". " and (len(before) == 1 or ABBREVIATED.fullmatch(before)):
        return JOINED
    return _short_link(gap)


@lru_cache(LINKS_KEPT)
def _short_link(gap: str) -> int:
    if PARTICLE_LINK.fullmatch(gap):
        return JOINED
    return OPENING if gap.rstrip(" ")[-1:] in OPENERS else APART


def tokenize(text: str) -> Tokens:
    """Return the capitalised words of `text` in order, without possessive endings, in linear time."""
    plain = text
    for curly, straight in STRAIGHT.items():
        plain = plain.replace(curly, straight)
    pieces = SPLIT.split(plain)
    gaps, words = pieces[:-1:2], pieces[1::2]
    ends = list(accumulate(map(len, pieces)))
    links = [OPENING, *map(_link, gaps[1:], words)] if words else []
    return Tokens(text, plain, words, ends[:-1:2], ends[1::2], links, frozenset(plain.split()))


def first_word(name: str) -> str:
    """Return the token at the beginning of a name, which is its key in the tables; empty if it begins with none."""
    first = name.partition(" ")[0]
    if first.isalpha() and first[0].isupper() and len(first) > 1:
        return first
    match = WORD.match(name)
    return match.group() if match else ""


def fold_accents(text: str) -> str:
    """Return the text without accents."""
    if text.isascii():
        return text
    return ACCENTS.sub("", unicodedata.normalize("NFD", text))


@lru_cache(NAMES_KEPT)
def fold_name(word: str) -> str:
    """Return the form in which names are compared: without case, accents and full stops."""
    return fold_accents(word.casefold()).replace(".", "")
