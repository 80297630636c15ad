"""Repairs text: broken encodings, entities, invisible characters, odd blanks and line ends. No word comes or goes.

One look at the characters of a text tells which repairs it can need; most need none. What cannot be known, such as
which quotation mark a `?` once was, stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from html import unescape
from html.entities import html5
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from index.sources.decode import without_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Sign(IntEnum):
    """What a character may be a sign of; bits."""

    INVISIBLE = 1
    JOINER = 2
    NEWLINE = 4
    BLANK = 8
    LIGATURE = 16
    LEAD = 32
    CONTINUATION = 64
    UNSETTLED = 128


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

SETTLED_CHARS = (
    "\x00-\u02ff\u0388-\u0482\u048a-\u0590\u061b-\u064a\u0660-\u066f\u0671-\u06d5\u2010-\u20cf\u2190-\u22ff\u2330-\u2acf\u3001-\u3029\u3041-\u3098\u309b-\u312f"
    "\u4e00-\u9fff\uac00-\ud7a3\ud83c-\ud83e\udc00-\udfff\ue000-\uf8ff\ufe00-\ufe0f\uff01-\uffef"
)
"""Letters and signs, emoji among them, that stand in Unicode's composed form as they are, whatever is beside them."""

CHARS = {
    Sign.INVISIBLE: INVISIBLE_CHARS,
    Sign.JOINER: JOINER_CHARS,
    Sign.NEWLINE: NEWLINE_CHARS,
    Sign.BLANK: BLANK_CHARS,
    Sign.LIGATURE: LIGATURE_CHARS,
    Sign.LEAD: "Â-ïĂĹŘŮРСГВвβā‚\x80-\x84\x86-\x9f",
    Sign.CONTINUATION: LATIN_CHARS + EAST_CHARS + CYRILLIC_CHARS + "Ä",
}
REPLACED = np.uint8(Sign.INVISIBLE | Sign.NEWLINE | Sign.BLANK | Sign.LIGATURE)


def _flags() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return the signs of each character of the basic plane, as bits."""
    table = np.full(0x10000, Sign.UNSETTLED, np.uint8)
    for first, last in _ranges(SETTLED_CHARS):
        table[first:last] = 0
    for sign, chars in CHARS.items():
        for first, last in _ranges(chars):
            table[first:last] |= np.uint8(sign)
    return table


def _ranges(chars: str) -> Iterator[tuple[int, int]]:
    for first, last in re.findall(r"(.)(?:-(.))?", chars, re.DOTALL):
        yield ord(first), ord(last or first) + 1


FLAGS = _flags()
FIRST_PRINTED, PRINTED = np.uint16(0x20), np.uint16(0x5E)
INSTEAD = {
    chr(code): unicodedata.normalize("NFKC", chr(code)) if instead is None else instead
    for sign, instead in ((Sign.INVISIBLE, ""), (Sign.NEWLINE, "\n"), (Sign.BLANK, " "), (Sign.LIGATURE, None))
    for first, last in _ranges(CHARS[sign])
    for code in range(first, last)
}
"""What is written for the characters that are replaced."""

JOINERS = re.compile(f"[{JOINER_CHARS}](?<![{JOINED_CHARS}{JOINER_CHARS}].)[{JOINER_CHARS}]*")
BLANKS = re.compile(f"[{BLANK_CHARS}]")
MANY = 20
"""So many characters are replaced one by one, which is faster than a pattern; only blanks can be more."""

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
    if text.isascii() and text.isprintable() and "&" not in text:
        return text
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
    if "&" in text:
        text = ENTITY.sub(_character, text)
    text, look = _look(text)
    if look.broken:
        mended = "\n".join(map(_mended, text.split("\n")))
        if mended != text:
            text, look = _look(mended)
    joined = text
    if len(look.replaced) > MANY:
        text = BLANKS.sub(" ", text)
    for char in look.replaced:
        if char == "\r":
            text = text.replace("\r\n", "\n")
        text = text.replace(char, INSTEAD[char])
    if look.signs & Sign.JOINER:
        text = JOINERS.sub("", text)
    if look.signs & Sign.UNSETTLED and not unicodedata.is_normalized("NFC", text):
        return unicodedata.normalize("NFC", TOO_MANY_MARKS.sub("", text)), False
    return text, text is joined


class _Look(NamedTuple):
    """What the characters of a text are signs of, those that are replaced, whether it may be broken."""

    signs: int = 0
    replaced: Sequence[str] = ()
    broken: bool = False


NOTHING = _Look()


def _look(text: str) -> tuple[str, _Look]:
    """Return the text without lone surrogates, and what its characters tell."""
    try:
        data = text.encode("utf-16-le")
    except UnicodeEncodeError:
        text = without_surrogates(text)
        data = text.encode("utf-16-le")
    codes = np.frombuffer(data, np.uint16)
    # Below a blank the difference wraps: one comparison leaves out all of ASCII but the controls.
    at = np.flatnonzero(codes - FIRST_PRINTED > PRINTED)
    rare = codes[at]
    flags = FLAGS[rare]
    signs = int(np.bitwise_or.reduce(flags))
    if not signs:
        return text, NOTHING
    replaced: list[str] = []
    if signs & REPLACED:
        found = set(rare[(flags & REPLACED) != 0].tolist())
        replaced = sorted(map(chr, found), key=INSTEAD.__getitem__)
    broken = False
    if signs & Sign.LEAD:
        leads = (flags & Sign.LEAD) != 0
        followed = leads[:-1] & ((flags[1:] & Sign.CONTINUATION) != 0) & (at[1:] == at[:-1] + 1)
        broken = (
            bool(followed.any()) or "Â " in text or "Ã " in text or any("\x80" <= char < "\xa0" for char in replaced)
        )
    return text, _Look(signs, replaced, broken)


def _mended(line: str) -> str:
    if line.isascii() or not MOJIBAKE.search(line):
        return line
    # Loading it takes a tenth of a second, which sound text need not pay.
    from ftfy import TextFixerConfig, fix_encoding  # noqa: PLC0415

    return fix_encoding(line, TextFixerConfig(explain=False))


def _character(entity: re.Match[str]) -> str:
    name = entity.group(1)
    return unescape(f"&{name};") if name.startswith("#") else html5.get(f"{name};", f"&{name};")
