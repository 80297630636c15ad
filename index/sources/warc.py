"""Read pages from web archives (WARC). Other records than HTML and text pages are skipped."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from index.sources.decode import decode, is_html, without_surrogates
from index.sources.ids import url_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from index.sources.raw import InputFile, RawArticle

RECORD_TYPES = ("response", "resource", "conversion")
HTML_TYPES = ("text/html", "application/xhtml+xml")
UNSURE_TYPES = ("", "text/plain", "application/octet-stream")
CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
CHUNK = 65_536

BROKEN = (ArchiveLoadFailed, ValueError, AttributeError, KeyError, IndexError, TypeError)
"""warcio raises any of these errors for invalid records."""


def read_warc(stream: IO[bytes], file: InputFile) -> Iterator[RawArticle]:
    """Yield the pages of an archive. An unreadable record ends it: an article with the fault is yielded last."""
    try:
        for number, record in enumerate(ArchiveIterator(_TruncationAsError(stream)), 1):
            if record.rec_type in RECORD_TYPES:
                yield from _from_record(record, file, number)
    except BROKEN as error:
        yield file.fault("broken WARC", str(error))


class _TruncationAsError:
    """A stream that raises BadGzipFile instead of EOFError on truncated gzip data.

    warcio takes an EOFError for the normal end of a file.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        try:
            return bytes(self._stream.read1(size))
        except EOFError as error:
            raise gzip.BadGzipFile(str(error)) from error


def _from_record(record: Any, file: InputFile, number: int) -> Iterator[RawArticle]:
    http = record.http_headers
    content_type = ((http or record.rec_headers).get_header("Content-Type") or "").lower()
    kind = content_type.partition(";")[0].strip()
    if kind not in HTML_TYPES and kind not in UNSURE_TYPES:
        return
    url = without_surrogates(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    fault = replace(file.fault("", line=number), url=url or None)
    fault = replace(fault, id=url_id(url)) if url else fault
    status = http.get_statuscode() if http else "200"
    if not status.startswith("2"):
        yield replace(fault, fault="HTTP error", fault_detail=f"status {status}")
        return
    data = _content(record, file.limit)
    if len(data) > file.limit:
        yield replace(fault, fault="page too large", fault_detail=f"more than {file.limit} bytes")
        return
    charset = CHARSET.search(content_type)
    text = decode(data, charset.group(1) if charset else None, html=kind != "text/plain")
    if text is not None:
        page = replace(fault, fault=None, retrieved=record.rec_headers.get_header("WARC-Date"))
        yield replace(page, html=text) if kind in HTML_TYPES or is_html(text) else replace(page, text=text)
    elif kind in HTML_TYPES:
        yield replace(fault, fault="binary")


def _content(record: Any, limit: int) -> bytes:
    """Return the content of a record, decoded as by a browser. Reading stops just above `limit` bytes."""
    pieces, size, stream = [], 0, record.content_stream()
    while size <= limit:
        piece = stream.read(min(CHUNK, limit + 1 - size))
        if not piece:
            break
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)
