"""The capitalised words of an article: the one tokenization that the finders of countries and of persons share.

Names in news begin with a capital letter, so lower-case words are never made into tokens; what stands between two
tokens is kept as a link. One regular expression does the work over the whole text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

ABBREVIATED = re.compile(
    "Adm|Capt|Cmdr|Col|Cpl|Det|Dr|Fr|Ft|Gen|Gov|Jr|Lt|Maj|Mr|Mrs|Ms|Mt|Prof|Pvt|Reps?|Rev|Sen|Sgt|Sr|Ste?|Supt"
)
"""Words whose full stop ends no sentence."""
PARTICLES = (
    "van|von|der|den|de|del|della|di|da|dos|das|du|la|le|las|los|el|ter|ten|zu|zur|af|av|y"  # European
    "|bin|ibn|bint|ben|abu|al|ul|ur"  # Arabic and Hebrew
)
"""Lower-case words inside persons' names, as alternatives of a regular expression."""
BASIC_PLANE = 0x10000
"""Capitals beyond it (Deseret and the like) stand in no newspaper; looking for them costs a tenth of a second."""

JOINED = 0
"""Only a space, a hyphen or a particle ("van der", "al-") stands between the token and the one before it."""
APART = 1
"""Other text of the same sentence stands between."""
OPENING = 2
"""The token opens a sentence, a quotation, a line or the text."""

LONGEST_LINK = 14
"""Code points between two tokens above which no link is looked up; "-Abd al-Aziz bin " parts at its capitals."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of `original`, as parallel sequences.

    `text` is the same with straight apostrophes and plain spaces, code point for code point; `parts` is the set of
    what stands between its spaces.
    """

    original: str
    text: str
    words: list[str]
    starts: list[int]
    ends: list[int]
    links: list[int]
    parts: frozenset[str]

    def in_lower_case(self, word: str) -> bool:
        """Whether the text also writes the word in lower case, as it does not with names."""
        small = word.lower()
        return small in self.parts or f"{small}." in self.parts or f"{small}," in self.parts


def _upper_class() -> str:
    """Return a regular expression's class of all letters that begin a capitalised word."""
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
"""A Korean syllable in Latin letters: "Jong-un", "Ki-moon" and "Geun-hye" are one word, "US-led" is not."""
WORD = re.compile(
    rf"{UPPER}(?<!\w.)(?:\.(?:{UPPER}\.)+(?:{UPPER}\b)?|\.{UPPER}\b(?!')"
    rf"|\w*(?:'(?!(?:s|S|d|ll|re|ve)\b)\w+)*(?:-(?!(?:run|like|on|to|up|a)\b){SYLLABLE}(?![\w'-]))?)"
)
"""The capital comes first and what must not stand before it after: so `re` skips to capitals in its fast loop."""
STRAIGHT = {"’": "'", "‘": "'", "ʼ": "'", "\xa0": " ", "\u202f": " ", "\u2009": " "}
PARTICLE_LINK = re.compile(rf"(?:[ -](?:{PARTICLES}|d'))+[ -]|[ -]d'|-")
ACCENTS = re.compile("[\u0300-\u036f]+")
OPENERS = frozenset(".!?:;\n\"“”„«»'•|*–—()[]")


def _link(gap: str, before: str) -> int:
    if gap == " ":
        return JOINED
    if gap == ". " and (len(before) == 1 or ABBREVIATED.fullmatch(before)):
        return JOINED
    if PARTICLE_LINK.fullmatch(gap):
        return JOINED
    return OPENING if gap.rstrip(" ")[-1:] in OPENERS else APART


def tokenize(text: str) -> Tokens:
    """Return the capitalised words of `text` in order, without possessive endings; takes time linear in its length."""
    plain = text
    for curly, straight in STRAIGHT.items():
        plain = plain.replace(curly, straight)
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    links: list[int] = []
    last, before = 0, ""
    for match in WORD.finditer(plain):
        start, end = match.span()
        word = match.group()
        gap = plain[last:start]
        if gap == " ":
            link = JOINED
        elif len(gap) <= LONGEST_LINK:
            link = _link(gap, before)
        else:
            link = OPENING if plain[start - 2 : start].rstrip(" ")[-1:] in OPENERS else APART
        words.append(word)
        starts.append(start)
        ends.append(end)
        links.append(link)
        last, before = end, word
    if links:
        links[0] = OPENING
    return Tokens(text, plain, words, starts, ends, links, frozenset(plain.split()))


def first_word(name: str) -> str:
    """Return the first token of a name, by which a lexicon is looked up; empty where there is none at its start."""
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


def fold_name(word: str) -> str:
    """Return the word as names are compared: without case, accents and full stops."""
    return fold_accents(word.casefold()).replace(".", "")
