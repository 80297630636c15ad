"""Classify lines by their words and signs: dates, bylines, headings of lists, boilerplate, appeals to the reader."""

from __future__ import annotations

import re
from enum import IntEnum, auto

from index.dates.printed import is_date_line
from index.pages.lines.vocabulary import (
    AGO,
    AUTHOR_BOX,
    AUTHOR_WORDS,
    BYLINE,
    BYLINE_WORDS,
    COMMENT_OPENINGS,
    COMMENTS,
    CONTACT,
    COUNTED_COMMENTS,
    COUNTED_NOISE,
    CREDIT,
    CREDIT_CHARS,
    CREDIT_WORDS,
    FOOTER,
    FOOTER_OPENINGS,
    FOOTER_WORDS,
    FORM,
    HEADING_OPENINGS,
    HEADINGS,
    MENU,
    MENU_OPENINGS,
    MILD_READER_WORDS,
    NOISE,
    NOISE_OPENINGS,
    NOISE_WORDS,
    NOTICE_OPENINGS,
    READER_WORDS,
)

HEADING_WORDS = 12
"""Maximum words of a heading."""

LONGEST_ENDED_HEADING = 5
"""Maximum words of a heading that ends like a sentence."""

READER_LINE_WORDS = 40
READER_SHARE = 0.08
READER_SCORE = 2.0
"""A line of at most 40 words addresses the reader if its score is at least 2 and at least 8 % of its words.

Each word of `READER_WORDS` scores 1, and each word of `MILD_READER_WORDS` scores 1/2.
"""

CONTACT_WORDS = 25
AUTHOR_CHARS = 200
PRESENTING_WORDS = 8
"""Limits for lines that present an author: maximum words of a contact, characters read, minimum words of a sentence."""

SIGNS = " \t-–—•·*>»›▪◦●■□►▶+|_=#~→↑↓^<«‹[]{}()"
"""Signs that surround the lines of menus and lists."""

YEAR = re.compile(r"\d{4}|\d\s?[./-]\s?\d{1,2}\s?[./-]\s?\d\d")
"""Matches in every date line: a year of four digits, or three numbers. Other lines need no further check."""

COPYRIGHT_SIGNS = ("©", "ⓒ", "(c)", "(C)")
ROW_SIGNS = ("|", " > ", "»", "·", "•", " / ", "] [")
ROW_SIGN = re.compile(r"[|>»·•/\]]")
DIGIT = re.compile(r"\d")
WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
ASCII_WORDS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "'")} | {
    code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)
}

HARMLESS_SIGNS = (
    ("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("–", "-"), ("—", "-"), ("…", "."), ("×", "*"), ("÷", "*"),
)  # fmt: skip
LETTER_BYTES = bytes({0xC3, 0xC4, 0xC5, 0xCE, 0xCF, 0xD0, 0xD1, *range(0x80, 0xC0)})
"""Bytes of UTF-8: the first bytes of Latin, Greek and Cyrillic letters, and all continuation bytes."""

SIGNIFICANT_SIGNS = b"0123456789|>/]@\n"
HARMLESS = bytes(code for code in range(128) if code not in SIGNIFICANT_SIGNS) + LETTER_BYTES
"""Bytes that say nothing about the kind of a line. `spell` drops them from the signs of a line."""

SPELLED = bytes(
    code if code >= 128 or code == ord("\n") else ord(ASCII_WORDS.get(code, chr(code))) for code in range(256)
)
"""Translates each byte for `spell`: ASCII letters to lower case, other ASCII signs to spaces."""

YEAR_DIGITS = 4


class Kind(IntEnum):
    """The kind of a line, judged on its own.

    - `PROSE`, `SENTENCE`, `SHORT`: running text, a short sentence, any other line
    - `NOISE`: share bars, notices, captions
    - `HEADING`, `COMMENTS`: the heading of a list of other articles, or of comments
    - `BOILERPLATE`: entries of menus, footers
    - `RULE`: a line without letters and digits
    """

    PROSE = auto()
    SENTENCE = auto()
    SHORT = auto()
    DATE = auto()
    BYLINE = auto()
    NOISE = auto()
    HEADING = auto()
    COMMENTS = auto()
    BOILERPLATE = auto()
    RULE = auto()

    # Other enumerations compute the hash from the name, in Python code, at each look-up in a set or dictionary.
    __hash__ = int.__hash__


def words_of(text: str) -> list[str]:
    """Return the words of `text` in lower case, without punctuation. A hyphen separates words."""
    if text.isascii():
        return text.translate(ASCII_WORDS).split()
    return WORD.findall(text.lower().replace("’", "'"))


PHRASES = (
    dict.fromkeys(MENU, Kind.BOILERPLATE)
    | dict.fromkeys(FORM, Kind.NOISE)
    | dict.fromkeys(HEADINGS, Kind.HEADING)
    | dict.fromkeys(COMMENTS, Kind.COMMENTS)
)


def _line_from(first: str, rest: str) -> re.Pattern[str]:
    folded = first.replace("'", "['’]")
    return re.compile(rf"{folded}(?:{rest})\Z", re.IGNORECASE)


def _openings() -> dict[str, list[tuple[Kind, re.Pattern[str]]]]:
    """Return the patterns by the first word of a line, in the order in which they are tried."""
    index: dict[str, list[tuple[Kind, re.Pattern[str]]]] = {}
    for kind, openings in (
        (Kind.COMMENTS, COMMENT_OPENINGS),
        (Kind.HEADING, HEADING_OPENINGS),
        (Kind.BOILERPLATE, FOOTER_OPENINGS),
        (Kind.NOISE, NOISE_OPENINGS),
        (Kind.BOILERPLATE, MENU_OPENINGS),
    ):
        for firsts, rest in openings.items():
            for first in firsts.split():
                index.setdefault(words_of(first)[0], []).append((kind, _line_from(first, rest)))
    return index


HEADS = frozenset({Kind.HEADING, Kind.COMMENTS})
COUNTED = ((Kind.COMMENTS, COUNTED_COMMENTS), (Kind.NOISE, COUNTED_NOISE), (Kind.DATE, AGO))
OPENINGS = _openings()
NOTICES = {
    words_of(first)[0]: _line_from(first, rest) for firsts, rest in NOTICE_OPENINGS.items() for first in firsts.split()
}


FIRST_WORDS = frozenset(
    {phrase.split()[0] for phrase in PHRASES} | OPENINGS.keys() | NOTICES.keys() | BYLINE_WORDS | NOISE_WORDS
)
LATE_WORDS = FOOTER_WORDS | CREDIT_WORDS
"""The words of footers and credits, which are recognized at the end of a line.

A line whose first word is not in `FIRST_WORDS`, and that has none of these, can only be recognized by its signs.
"""

ADDRESSING_WORDS = READER_WORDS | MILD_READER_WORDS
LONE_WORDS = (
    LATE_WORDS
    | AUTHOR_WORDS
    | {f"{word}'s" for word in AUTHOR_WORDS}
    | {word.split("-")[0] for word in ADDRESSING_WORDS if "-" in word}
)
SIGNIFICANT_WORDS = LONE_WORDS | ADDRESSING_WORDS
"""Words that may make a line a footer, a credit or an aside.

One of `LONE_WORDS` is enough. Of the other words, at least `LEAST_HITS` are needed.
"""

LEAST_HITS = 2
"""Minimum words of `ADDRESSING_WORDS` in a line that addresses the reader; fewer cannot reach `READER_SCORE`."""


def spell(whole: str) -> tuple[list[str], list[bytes]]:
    """Return the words of each line of `whole`, separated by spaces, and the signs that matter for its kind.

    ASCII words are in lower case. Letters that are not Latin, Greek or Cyrillic count as signs. Around such letters,
    `words_of` may split words differently. Processing all lines at once takes a fraction of the time.
    """
    for sign, plain in HARMLESS_SIGNS:
        whole = whole.replace(sign, plain)
    encoded = whole.encode("utf-8", "surrogatepass")
    signs = encoded.translate(None, HARMLESS).split(b"\n")
    return encoded.translate(SPELLED).decode("utf-8", "surrogatepass").split("\n"), signs


def may_be_significant(folded: list[str], words: int) -> bool:
    """Tell whether the words of a line may make it a footer, a credit or an aside. The caller must check further."""
    hits = SIGNIFICANT_WORDS.intersection(folded)
    return bool(hits) and (addresses_reader(hits, words) or not LONE_WORDS.isdisjoint(hits))


def is_numbered(text: str, signs: bytes) -> bool:
    """Tell whether the signs of a line are only digits and too few for a date. `signs` are the signs of the line."""
    return (
        signs.isdigit()
        and text[0].isalpha()
        and (len(signs) < YEAR_DIGITS or (len(signs) == YEAR_DIGITS and signs.decode() in text))
    )


def kind_by_words(text: str, folded: list[str], *, ends: bool) -> Kind | None:
    """Return the kind of a line by its words, or None if they do not decide it."""
    bare = text.strip(SIGNS).rstrip(":").rstrip()
    first, words = folded[0], len(folded)
    if first in NOTICES and NOTICES[first].match(bare):
        return Kind.NOISE
    phrase = PHRASES.get(" ".join(folded)) if words <= HEADING_WORDS else None
    if phrase:
        return phrase
    heads = words <= (HEADING_WORDS if not ends else LONGEST_ENDED_HEADING)
    for kind, pattern in OPENINGS.get(first, ()):
        if (heads if kind in HEADS else (not ends or kind is Kind.NOISE)) and pattern.match(bare):
            return kind
    return _kind_by_pattern(text, bare, folded, ends=ends)


def _kind_by_pattern(text: str, bare: str, folded: list[str], *, ends: bool) -> Kind | None:
    if folded[0] in NOISE_WORDS and NOISE.match(bare):
        return Kind.NOISE
    if not FOOTER_WORDS.isdisjoint(folded) and FOOTER.match(bare):
        return Kind.BOILERPLATE
    if ends:
        return None
    if not CREDIT_WORDS.isdisjoint(folded) and CREDIT.search(text[-CREDIT_CHARS:]):
        return Kind.NOISE
    return Kind.BYLINE if folded[0] in BYLINE_WORDS and byline(bare) else None


def kind_by_signs(text: str, words: int, *, ends: bool) -> Kind | None:
    """Return the kind of a line by its signs or numbers, or None if they do not decide it."""
    if text.startswith(COPYRIGHT_SIGNS):
        return Kind.BOILERPLATE
    if not ends and ROW_SIGN.search(text) and _is_row(text, words):
        return Kind.BOILERPLATE
    if not DIGIT.search(text):
        return None
    bare = text.strip(SIGNS).rstrip(":").rstrip()
    if bare[:1].isdecimal() and words <= HEADING_WORDS:
        for kind, pattern in COUNTED:
            if pattern.match(bare):
                return kind
    return Kind.DATE if YEAR.search(text) and is_date_line(text, sure=not ends) else None


def byline(text: str) -> str | None:
    """Return the name in a byline such as `By Jane Doe, Staff writer`, or None if `text` is no byline."""
    match = BYLINE.match(text.strip(SIGNS))
    if not match or sum(word.islower() for word in match["name"].split()) > 2:
        return None
    return match["name"].strip()


def _is_row(text: str, words: int) -> bool:
    """Tell whether a line is a row of links: `News | Sport | Weather`, `Home > World > Asia`, `[ News ] [ Sport ]`."""
    parts = sum(map(text.count, ROW_SIGNS)) or (text.count(">") if text.count(">") > 1 else 0)
    few_words = words <= 6 * (parts + 1) and (parts > 1 or words <= 10)
    return parts >= 1 and few_words and "<" not in text and ("|" in text or not DIGIT.search(text))


def rough_words_of(text: str) -> list[str]:
    """Return the words of a sentence in lower case. Only the most common punctuation is removed, which is fast."""
    lower = text.lower().replace("’", "'")
    return lower.replace(",", " ").replace(".", " ").replace("!", " ").replace("?", " ").replace(":", " ").split()


def addresses_reader(hits: frozenset[str], words: int) -> bool:
    """Tell whether a line addresses the reader: `Subscribe to our newsletter`. `hits` are its known words."""
    if len(hits) < LEAST_HITS:
        return False
    score = len(hits & READER_WORDS) + len(hits & MILD_READER_WORDS) / 2
    return words <= READER_LINE_WORDS and score >= max(READER_SCORE, READER_SHARE * words)


def presents_author(text: str, words: int) -> bool:
    """Tell whether a line presents its author or gives a contact."""
    if words <= CONTACT_WORDS and ("@" in text or "can be reached" in text) and CONTACT.search(text):
        return True
    return words >= PRESENTING_WORDS and AUTHOR_BOX.match(text[:AUTHOR_CHARS]) is not None
