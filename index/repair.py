"""Repairs text: broken encodings, entities, invisible characters, odd blanks and line ends. No word comes or goes.

One look at the characters of a text tells which repairs it can need. What cannot be known, such as which quotation
mark a `?` once was, stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from html import unescape
from html.entities import html5

import numpy as np

from index.decode import sound


class Sign(IntEnum):
    """What a character may be a sign of; bits."""

    INVISIBLE = 1
    JOINER = 2
    NEWLINE = 4
    BLANK = 8
    LIGATURE = 16
    LEAD = 32
    CONTINUATION = 64


INVISIBLE_CHARS = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
)
"""Controls, soft hyphens, marks of direction and of width nought."""

NEWLINE_CHARS = "\r\x0b\x0c\x85\u2028\u2029"
BLANK_CHARS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ue000-\uf8ff"
"""Blanks of all widths, and private characters: on pages they are pictures of a font, which stand apart from words."""

JOINER_CHARS = "\u200c\u200d"
JOINED_CHARS = "\u0590-\u1fff\u2190-\u2bff\ufb50-\ufeff\U00010000-\U000fffff"
"""Scripts that are written with joiners, and signs that make one emoji with them; elsewhere a joiner is noise."""

LIGATURE_CHARS = "\ufb00-\ufb06"
"""Latin letters that a typesetter joined, `fi` and the like; whoever types the word types the letters."""

LATIN_CHARS = "\x80-\xbfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™"
EAST_CHARS = "\x80-\xbf–—‘’‚“”„†‡•…‰‹›€™ŠšŚśŤťŽžŹźˇ˘ŁłĄąŞşŻż˛Ľľ˝"
CYRILLIC_CHARS = "\x80-\xbf–—‘’‚“”„†‡•…‰‹›€™ЂђЃѓЉљЊњЌќЋћЏџЎўЈҐґЁёЄєЇїІіЅѕј№"
MOJIBAKE = re.compile(
    "[ÂÃ-ïĂĹŘŮРСГВвβā‚\x80-\x84\x86-\x9f]"
    f"(?:(?<=[Â-ß])[{LATIN_CHARS}]|(?<=[à-ï])[{LATIN_CHARS}]{{2}}|(?<=[ĂÄĹŘŮ])[{EAST_CHARS}]|(?<=[âβā])€|(?<=‚)Ä"
    f"|(?<=[РСГВ])[{CYRILLIC_CHARS}][РСГВ][{CYRILLIC_CHARS}]|(?<=в)Ђ|(?<=[ÂÃ]) |(?<=[\x80-\x9f]))"
)
"""UTF-8 that was read as Windows-1252, 1250, 1251 or another charset of one byte: the first byte of a character with
those that follow it. Sound text has such pairs, `É”` for one; whether it is damage, ftfy says."""

CHARS = {
    Sign.INVISIBLE: INVISIBLE_CHARS,
    Sign.JOINER: JOINER_CHARS,
    Sign.NEWLINE: NEWLINE_CHARS,
    Sign.BLANK: BLANK_CHARS,
    Sign.LIGATURE: LIGATURE_CHARS,
    Sign.LEAD: "Â-ïĂĹŘŮРСГВвβā‚\x80-\x84\x86-\x9f",
    Sign.CONTINUATION: LATIN_CHARS + EAST_CHARS + CYRILLIC_CHARS + "ÂÃ",
}

# A pattern that begins with a plain class of characters is looked for four times as fast as another.
INVISIBLE = re.compile(f"[{INVISIBLE_CHARS}]")
JOINERS = re.compile(f"[{JOINER_CHARS}](?<![{JOINED_CHARS}{JOINER_CHARS}].)[{JOINER_CHARS}]*")
NEWLINES = re.compile(f"[{NEWLINE_CHARS}](?:(?<=\r)\n)?")
BLANKS = re.compile(f"[{BLANK_CHARS}]")
LIGATURES = re.compile(f"[{LIGATURE_CHARS}]")
ENTITY = re.compile(r"&(?:(?:amp|#38|#x26);)*(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)
"""An entity, escaped any number of times."""

PASSES = 4
"""Repairs are repeated while one lays bare what another mends, an entity inside an entity for one; so often at most,
since time shall be linear in the length of the text. Two are enough for what is met."""

LONGEST_MARKS = 30
"""Marks on one letter, after Unicode's Stream-Safe Text Format (UAX 15): more mean nothing in any script, and its
composed form takes time with the square of their number."""

MARK_CHARS = "".join(chr(point) for point in range(0x300, 0xFE30) if unicodedata.combining(chr(point)))
TOO_MANY_MARKS = re.compile(f"(?<=[{MARK_CHARS}]{{{LONGEST_MARKS}}})[{MARK_CHARS}]+")


def repair(text: str) -> str:
    """Return `text` repaired, in Unicode's composed form; one newline ends a line.

    Repairing twice changes nothing more. Takes time linear in the length of the text; any string will do.
    """
    for _ in range(PASSES):
        repaired, done = _repair_once(text)
        if done or repaired == text:
            return repaired
        text = repaired
    return text


def repair_line(text: str | None, limit: int) -> str:
    """Return `text` repaired, as one line of at most `limit` characters."""
    return " ".join(repair(text[: 4 * limit]).split())[:limit].strip() if text else ""


def _repair_once(text: str) -> tuple[str, bool]:
    """Return the text, and whether it is repaired for sure."""
    text = sound(text)
    if "&" in text:
        text = ENTITY.sub(_character, text)
    signs = _signs(text)
    if signs & Sign.LEAD and signs & Sign.CONTINUATION and MOJIBAKE.search(text):
        text = "\n".join(_mended(line) if MOJIBAKE.search(line) else line for line in text.split("\n"))
        signs = _signs(text)
    joined = text
    for sign, pattern, instead in REPAIRS:
        if signs & sign:
            text = pattern.sub(instead, text)
    if not unicodedata.is_normalized("NFC", text):
        return unicodedata.normalize("NFC", TOO_MANY_MARKS.sub("", text)), False
    return text, text is joined


def _flags() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return the signs of each character of the basic plane, as bits."""
    table = np.zeros(0x10000, np.uint8)
    for sign, chars in CHARS.items():
        for first, last in re.findall(r"(.)(?:-(.))?", chars, re.DOTALL):
            table[ord(first) : ord(last or first) + 1] |= np.uint8(sign)
    return table


FLAGS = _flags()


def _signs(text: str) -> int:
    codes = np.frombuffer(text.encode("utf-16-le"), np.uint16)
    return int(np.bitwise_or.reduce(FLAGS.take(codes)))


def _mended(line: str) -> str:
    # Loading it takes a tenth of a second, which sound text need not pay.
    from ftfy import TextFixerConfig, fix_encoding  # noqa: PLC0415

    return fix_encoding(line, TextFixerConfig(explain=False))


def _character(entity: re.Match[str]) -> str:
    name = entity.group(1)
    return unescape(f"&{name};") if name.startswith("#") else html5.get(f"{name};", f"&{name};")


def _letters(ligature: re.Match[str]) -> str:
    return unicodedata.normalize("NFKC", ligature.group())


REPAIRS = (
    (Sign.INVISIBLE, INVISIBLE, ""),
    (Sign.JOINER, JOINERS, ""),
    (Sign.NEWLINE, NEWLINES, "\n"),
    (Sign.BLANK, BLANKS, " "),
    (Sign.LIGATURE, LIGATURES, _letters),
)
"""What is done where its sign was seen, in this order."""
