"""Decode the bytes of any page: byte order mark, UTF-8, the declared charset, then a guess. Never raises an error."""

from __future__ import annotations

import codecs
import re

import charset_normalizer

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks and their charsets. UTF-32-LE comes first, because its mark begins with the mark of UTF-16-LE."""

WEB_CHARSETS = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "big5": "big5hkscs",
}
"""Labels that browsers read as a larger charset, because pages use its additional characters."""

GUESSES = [
    "cp1252", "cp1250", "cp1251", "koi8-r", "iso8859-2", "iso8859-5", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
    "cp1258", "cp874", "gb18030", "big5hkscs", "cp932", "euc_jp", "cp949",
]  # fmt: skip
"""Candidates for a page without a declared charset. With fewer candidates the guess is more reliable and faster."""

CHARSET_FAMILIES = (
    "cp", "iso8859", "koi8", "gb", "big5", "shift", "euc", "mac", "tis", "hz", "johab", "ptcp", "kz1048",
)  # fmt: skip
"""Charsets that a page may declare. Other codecs of Python are not charsets of text, or raise errors on some bytes."""

LAST_RESORT = "cp1252"
"""The charset if the guess fails."""

SAMPLE_BYTES = 4096
"""Bytes that charset-normalizer gets. Its time grows with the size, and this is enough to tell languages apart."""

SEARCHED_BYTES = 262_144
"""Bytes at the beginning of a page that are searched for non-ASCII text."""

BROKEN_UTF8_SHARE = 0.1
"""A page is UTF-8 if at most this share of its non-ASCII characters is broken. Such pages were cut or mixed."""

META_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.IGNORECASE
)
META_BYTES = 4096
"""Bytes at the beginning of a page that are searched for a charset."""

HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*){0,5}<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
ESCAPE = b"\x1b$"
"""The escape sequence that begins Japanese text in ISO-2022-JP."""

CONTROL = bytes(set(range(32)) - set(b"\t\n\f\r\x0b\x1b\x1a"))
MAX_CONTROL_SHARE = 0.02
"""A page with a greater share of control characters is binary."""

LEAST_NULS = 4
LATIN_SHARE = 0.05
"""Minimum zero bytes of a UTF-16 text without a byte order mark, and their minimum share at even or at odd positions.

In UTF-16, every second byte of spaces, digits and Latin letters is zero. Almost none are at the other positions.
"""

BINARY_STARTS = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"\x7fELF",
    b"\xd0\xcf\x11\xe0",
)


def decode(data: bytes, declared: str | None = None, *, html: bool = False) -> str | None:
    """Return the text of `data`, or None if it is binary.

    `declared` is the charset in an HTTP header. If `html` is true, a charset declared in the page counts as well. An
    invalid character becomes U+FFFD.
    """
    for mark, charset in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(charset, "replace")
    wide = _utf16_without_mark(data)
    if wide is None and _is_binary(data):
        return None
    try:
        return data.decode(wide or ("iso2022_jp" if ESCAPE in data[:META_BYTES] else "utf-8"))
    except UnicodeDecodeError:
        return data.decode(wide or _charset(data, declared, html=html), "replace")


def is_html(text: str) -> bool:
    """Tell whether `text` begins like an HTML page."""
    return HTML_START.match(text) is not None


def without_surrogates(text: str) -> str:
    """Remove lone surrogates, which no encoding can write, and join surrogate pairs."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def _utf16_without_mark(data: bytes) -> str | None:
    sample = data[:SAMPLE_BYTES]
    pairs = len(sample) // 2
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if even + odd < LEAST_NULS:
        return None
    if odd > LATIN_SHARE * pairs and even < MAX_CONTROL_SHARE * pairs:
        return "utf-16-le"
    if even > LATIN_SHARE * pairs and odd < MAX_CONTROL_SHARE * pairs:
        return "utf-16-be"
    return None


def _is_binary(data: bytes) -> bool:
    if data.startswith(BINARY_STARTS):
        return True
    sample = data[:SAMPLE_BYTES]
    control = len(sample) - len(sample.translate(None, CONTROL))
    return control > MAX_CONTROL_SHARE * len(sample) + 1


def _charset(data: bytes, declared: str | None, *, html: bool) -> str:
    if _is_broken_utf8(data):
        return "utf-8"
    match = META_CHARSET.search(data, 0, META_BYTES) if html else None
    return _supported(declared) or _supported(match.group(1).decode("ascii") if match else None) or _guess(data)


def _is_broken_utf8(data: bytes) -> bool:
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    beyond_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return broken <= BROKEN_UTF8_SHARE * beyond_ascii


def _supported(label: str | None) -> str | None:
    label = (label or "").strip().strip("\"'").lower()
    try:
        name = codecs.lookup(WEB_CHARSETS.get(label, label)).name
    except (LookupError, ValueError):
        return None
    return name if name.startswith(CHARSET_FAMILIES) else None


def _guess(data: bytes) -> str:
    match = charset_normalizer.from_bytes(_non_ascii_pieces(data), cp_isolation=GUESSES, steps=4, chunk_size=512).best()
    return match.encoding if match else LAST_RESORT


def _non_ascii_pieces(data: bytes) -> bytes:
    """Return the first non-ASCII pieces of `data`. No piece is cut, so no character is cut either."""
    pieces, size = [], 0
    for piece in re.split(rb"[\n<>]+", data[:SEARCHED_BYTES]):
        if size >= SAMPLE_BYTES:
            break
        if not piece.isascii():
            pieces.append(piece)
            size += len(piece)
    return b"\n".join(pieces)
