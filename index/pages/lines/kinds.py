"""Knows lines by their words and signs: dates, bylines, headings of lists, furniture, words to the reader."""

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
LONGEST_ENDED_HEADING = 5
"""A heading may end like a sentence if it has no more words."""

READER_LINE_WORDS = 40
READER_SHARE = 0.08
READER_SCORE = 2.0
"""A line of at most so many words speaks to the reader about the page if so many of them, and this share, do so."""

CONTACT_WORDS = 25
AUTHOR_CHARS = 200
PRESENTING_WORDS = 8
SIGNS = " \t-–—•·*>»›▪◦●■□►▶+|_=#~→↑↓^<«‹[]{}()"
"""What stands around lines of menus and lists."""

YEAR = re.compile(r"\d{4}|\d\s?[./-]\s?\d{1,2}\s?[./-]\s?\d\d")
"""What every line that is a date has: a year of four digits, or three numbers. Other lines need not be looked into."""

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
"""Bytes of UTF-8: the first ones of Latin, Greek and Cyrillic letters, and those that follow a first one."""

TELLING_SIGNS = b"0123456789|>/]@\n"
HARMLESS = bytes(code for code in range(128) if code not in TELLING_SIGNS) + LETTER_BYTES
SPELLED = bytes(
    code if code >= 128 or code == ord("\n") else ord(ASCII_WORDS.get(code, chr(code))) for code in range(256)
)
YEAR_DIGITS = 4


class Kind(IntEnum):
    """What a line looks like on its own."""

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

    # The hash of other enumerations is computed from the name, in Python, at each look into a set or a table.
    __hash__ = int.__hash__


def words_of(text: str) -> list[str]:
    """Return the words of `text` in lower case, without punctuation; a hyphen parts words."""
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
    spelled = first.replace("'", "['’]")
    return re.compile(rf"{spelled}(?:{rest})\Z", re.IGNORECASE)


def _openings() -> dict[str, list[tuple[Kind, re.Pattern[str]]]]:
    """Return the openings by the first word of a line, in the order in which they are tried."""
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
MARK_WORDS = FOOTER_WORDS | CREDIT_WORDS
"""A line that begins with none of the former, and has none of the latter, is known by its signs alone."""

READERS = READER_WORDS | MILD_READER_WORDS
LONE_WORDS = (
    MARK_WORDS
    | AUTHOR_WORDS
    | {f"{word}'s" for word in AUTHOR_WORDS}
    | {word.split("-")[0] for word in READERS if "-" in word}
)
TELLING_WORDS = LONE_WORDS | READERS
"""A line with none of `LONE_WORDS`, and too few of the others, is no footer, no credit and no aside."""

LEAST_HITS = 2
"""The fewest words of `READERS` that come to `READER_SCORE`."""


def spell(whole: str) -> tuple[list[str], list[bytes]]:
    """Return of each line of `whole` its words parted by blanks, ASCII in lower case, and the signs that tell kinds.

    All lines at once take a fraction of the time. Letters that are neither Latin, Greek nor Cyrillic count as signs;
    where there are any, words may be cut in other places than `words_of` cuts them.
    """
    for sign, plain in HARMLESS_SIGNS:
        whole = whole.replace(sign, plain)
    encoded = whole.encode("utf-8", "surrogatepass")
    signs = encoded.translate(None, HARMLESS).split(b"\n")
    return encoded.translate(SPELLED).decode("utf-8", "surrogatepass").split("\n"), signs


def is_telling(spelled: list[str], words: int) -> bool:
    """Tell whether words of a line may make it a footer, a credit or an aside; it is not sure that they do."""
    hits = TELLING_WORDS.intersection(spelled)
    return bool(hits) and (speaks_to_reader(hits, words) or not LONE_WORDS.isdisjoint(hits))


def is_numbered(text: str, signs: bytes) -> bool:
    """Tell whether a line of such `signs` has numbers that neither count something nor are a date: too few digits."""
    return (
        signs.isdigit()
        and text[0].isalpha()
        and (len(signs) < YEAR_DIGITS or (len(signs) == YEAR_DIGITS and signs.decode() in text))
    )


def kind_by_words(text: str, spelled: list[str], *, ends: bool) -> Kind | None:
    """Return the kind of a line that is known by its words, or None."""
    bare = text.strip(SIGNS).rstrip(":").rstrip()
    first, words = spelled[0], len(spelled)
    if first in NOTICES and NOTICES[first].match(bare):
        return Kind.NOISE
    phrase = PHRASES.get(" ".join(spelled)) if words <= HEADING_WORDS else None
    if phrase:
        return phrase
    heads = words <= (HEADING_WORDS if not ends else LONGEST_ENDED_HEADING)
    for kind, pattern in OPENINGS.get(first, ()):
        if (heads if kind in HEADS else (not ends or kind is Kind.NOISE)) and pattern.match(bare):
            return kind
    return _kind_by_pattern(text, bare, spelled, ends=ends)


def _kind_by_pattern(text: str, bare: str, spelled: list[str], *, ends: bool) -> Kind | None:
    if spelled[0] in NOISE_WORDS and NOISE.match(bare):
        return Kind.NOISE
    if not FOOTER_WORDS.isdisjoint(spelled) and FOOTER.match(bare):
        return Kind.BOILERPLATE
    if ends:
        return None
    if not CREDIT_WORDS.isdisjoint(spelled) and CREDIT.search(text[-CREDIT_CHARS:]):
        return Kind.NOISE
    return Kind.BYLINE if spelled[0] in BYLINE_WORDS and byline(bare) else None


def kind_by_signs(text: str, words: int, *, ends: bool) -> Kind | None:
    """Return the kind of a line that is known by signs or numbers, or None."""
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
    """Return the name in a byline such as `By Jane Doe, Staff writer`, or None if `text` is none."""
    match = BYLINE.match(text.strip(SIGNS))
    if not match or sum(word.islower() for word in match["name"].split()) > 2:
        return None
    return match["name"].strip()


def _is_row(text: str, words: int) -> bool:
    """Tell whether a line is a row of links: `News | Sport | Weather`, `Home > World > Asia`, `[ News ] [ Sport ]`."""
    parts = sum(map(text.count, ROW_SIGNS)) or (text.count(">") if text.count(">") > 1 else 0)
    few_words = words <= 6 * (parts + 1) and (parts > 1 or words <= 10)
    return parts >= 1 and few_words and "<" not in text and ("|" in text or not DIGIT.search(text))


def roughly_words_of(text: str) -> list[str]:
    """Return the words of a sentence in lower case without the commonest punctuation, fast."""
    lower = text.lower().replace("’", "'")
    return lower.replace(",", " ").replace(".", " ").replace("!", " ").replace("?", " ").replace(":", " ").split()


def speaks_to_reader(watched: frozenset[str], words: int) -> bool:
    """Tell whether a line with the `watched` words speaks to the reader about the page."""
    if len(watched) < LEAST_HITS:
        return False
    score = len(watched & READER_WORDS) + len(watched & MILD_READER_WORDS) / 2
    return words <= READER_LINE_WORDS and score >= max(READER_SCORE, READER_SHARE * words)


def presents_author(text: str, words: int) -> bool:
    """Tell whether a line presents its author, or says how to reach somebody."""
    if words <= CONTACT_WORDS and ("@" in text or "can be reached" in text) and CONTACT.search(text):
        return True
    return words >= PRESENTING_WORDS and AUTHOR_BOX.match(text[:AUTHOR_CHARS]) is not None
