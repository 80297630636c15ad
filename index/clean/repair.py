"""Repair text: broken encodings, entities, invisible characters, unusual spaces and line ends.

No word is added or lost.

One scan of the characters shows which repairs a text may need. Most texts need none. Damage that cannot be undone
stays, such as a `?` that was once a quotation mark.
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
    """The properties of a character that call for a repair, as bits."""

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
"""Control characters, soft hyphens, direction marks and zero-width characters."""

NEWLINE_CHARS = "\r\x0b\x0c\x85\u2028\u2029"
BLANK_CHARS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ue000-\uf8ff"
"""Spaces of all widths, and private-use characters: pages use them for icon fonts, and they separate words."""

JOINER_CHARS = "\u200c\u200d"
JOINED_CHARS = "\u0590-\u1fff\u2190-\u2bff\ufb50-\ufeff\U00010000-\U000fffff"
"""Scripts that need joiners, and signs that form one emoji with them. Elsewhere a joiner is noise."""

LIGATURE_CHARS = "\ufb00-\ufb06"
"""Latin ligatures such as `fi` as one character. Readers type the separate letters."""

LATIN_CHARS = "\x80-\xbfŒœŠšŸŽžƒˆ˜–—‘’‚“”„†‡•…‰‹›€™"
EAST_CHARS = "\x80-\xbf–—‘’‚“”„†‡•…‰‹›€™ŠšŚśŤťŽžŹźˇ˘ŁłĄąŞşŻż˛Ľľ˝"
CYRILLIC_CHARS = "\x80-\xbf–—‘’‚“”„†‡•…‰‹›€™ЂђЃѓЉљЊњЌќЋћЏџЎўЈҐґЁёЄєЇїІіЅѕј№"
MOJIBAKE = re.compile(
    "[ÂÃ-ïĂĹŘŮРСГВвβā‚\x80-\x84\x86-\x9f]"
    f"(?:(?<=[Â-ß])[{LATIN_CHARS}]|(?<=[à-ï])[{LATIN_CHARS}]{{2}}|(?<=[ĂÄĹŘŮ])[{EAST_CHARS}]|(?<=[âβā])€|(?<=‚)Ä"
    f"|(?<=[РСГВ])[{CYRILLIC_CHARS}][РСГВ][{CYRILLIC_CHARS}]|(?<=в)Ђ|(?<=[ÂÃ]) |(?<=[\x80-\x9f]))"
)
"""UTF-8 that was decoded as Windows-1252, 1250, 1251 or another single-byte charset.

The pattern is the first byte of a character with the bytes that follow it. Correct text has such pairs as well, for
example `É”`. The library ftfy decides whether it is damage.
"""

SETTLED_CHARS = (
    "\x00-\u02ff\u0388-\u0482\u048a-\u0590\u061b-\u064a\u0660-\u066f\u0671-\u06d5\u2010-\u20cf\u2190-\u22ff\u2330-\u2acf\u3001-\u3029\u3041-\u3098\u309b-\u312f"
    "\u4e00-\u9fff\uac00-\ud7a3\ud83c-\ud83e\udc00-\udfff\ue000-\uf8ff\ufe00-\ufe0f\uff01-\uffef"
)
"""Letters, signs and emoji that are in Unicode's composed form (NFC) whatever is next to them."""

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
    """Return the signs of each character of the basic multilingual plane, as bits."""
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
REPLACEMENT = {
    chr(code): unicodedata.normalize("NFKC", chr(code)) if replacement is None else replacement
    for sign, replacement in ((Sign.INVISIBLE, ""), (Sign.NEWLINE, "\n"), (Sign.BLANK, " "), (Sign.LIGATURE, None))
    for first, last in _ranges(CHARS[sign])
    for code in range(first, last)
}
"""The replacement of each replaced character."""

JOINERS = re.compile(f"[{JOINER_CHARS}](?<![{JOINED_CHARS}{JOINER_CHARS}].)[{JOINER_CHARS}]*")
BLANKS = re.compile(f"[{BLANK_CHARS}]")
MANY = 20
"""Maximum different characters that are replaced one by one, which is faster than a pattern.

If a text has more, a pattern replaces the spaces first.
"""

ENTITY = re.compile(r"&(?:(?:amp|#38|#x26);)*(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)
"""An entity, escaped any number of times (`&amp;amp;`)."""

SOUND_BYTES = bytes(range(0x20, 0x7F)) + b"\t\n"
"""ASCII characters that need no repair, unless they are part of an entity."""

PASSES = 4
"""Repairs repeat while one exposes another, such as an entity inside an entity. Real text needs at most two passes.

The limit keeps the time linear in the length of the text.
"""

LONGEST_MARKS = 30
"""Maximum combining marks on one letter, from Unicode's Stream-Safe Text Format (UAX 15). No script needs more.

Composing (NFC) takes time quadratic in their number.
"""

MARK_CHARS = "".join(chr(point) for point in range(0x300, 0xFE30) if unicodedata.combining(chr(point)))
TOO_MANY_MARKS = re.compile(f"(?<=[{MARK_CHARS}]{{{LONGEST_MARKS}}})[{MARK_CHARS}]+")


def repair(text: str) -> str:
    """Return `text` repaired, in Unicode's composed form (NFC), with one newline at the end of each line.

    Repairing it again changes nothing. Time is linear in the length of the text. Any string is allowed.
    """
    if text.isascii() and "&" not in text and not text.encode().translate(None, SOUND_BYTES):
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
    """Return the text after one pass, and whether it certainly needs no further pass."""
    if "&" in text:
        text = ENTITY.sub(_character, text)
    text, scan = _scan(text)
    if scan.broken:
        fixed = "\n".join(map(_fixed_encoding, text.split("\n")))
        if fixed != text:
            text, scan = _scan(fixed)
    joined = text
    if len(scan.replaced) > MANY:
        text = BLANKS.sub(" ", text)
    for char in scan.replaced:
        if char == "\r":
            text = text.replace("\r\n", "\n")
        text = text.replace(char, REPLACEMENT[char])
    if scan.signs & Sign.JOINER:
        text = JOINERS.sub("", text)
    if scan.signs & Sign.UNSETTLED and not unicodedata.is_normalized("NFC", text):
        return unicodedata.normalize("NFC", TOO_MANY_MARKS.sub("", text)), False
    return text, text is joined


class _Scan(NamedTuple):
    """The result of scanning a text.

    `signs` are the properties of all characters, `replaced` the characters to replace. `broken` is true if the encoding
    may be broken.
    """

    signs: int = 0
    replaced: Sequence[str] = ()
    broken: bool = False


CLEAN = _Scan()


def _scan(text: str) -> tuple[str, _Scan]:
    """Return the text without lone surrogates, and the scan of its characters."""
    try:
        data = text.encode("utf-16-le")
    except UnicodeEncodeError:
        text = without_surrogates(text)
        data = text.encode("utf-16-le")
    codes = np.frombuffer(data, np.uint16)
    # Unsigned differences below the space wrap around, so one comparison excludes all printable ASCII characters.
    at = np.flatnonzero(codes - FIRST_PRINTED > PRINTED)
    rare = codes[at]
    flags = FLAGS[rare]
    signs = int(np.bitwise_or.reduce(flags))
    if not signs:
        return text, CLEAN
    replaced: list[str] = []
    if signs & REPLACED:
        codes_to_replace = set(rare[(flags & REPLACED) != 0].tolist())
        replaced = sorted(map(chr, codes_to_replace), key=REPLACEMENT.__getitem__)
    broken = False
    if signs & Sign.LEAD:
        leads = (flags & Sign.LEAD) != 0
        followed = leads[:-1] & ((flags[1:] & Sign.CONTINUATION) != 0) & (at[1:] == at[:-1] + 1)
        broken = (
            bool(followed.any()) or "Â " in text or "Ã " in text or any("\x80" <= char < "\xa0" for char in replaced)
        )
    return text, _Scan(signs, replaced, broken)


def _fixed_encoding(line: str) -> str:
    if line.isascii() or not MOJIBAKE.search(line):
        return line
    # Import late: ftfy takes 0.1 s to load, and most text does not need it.
    from ftfy import TextFixerConfig, fix_encoding  # noqa: PLC0415

    return fix_encoding(line, TextFixerConfig(explain=False))


def _character(entity: re.Match[str]) -> str:
    name = entity.group(1)
    return unescape(f"&{name};") if name.startswith("#") else html5.get(f"{name};", f"&{name};")
