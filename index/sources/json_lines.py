"""Read articles from JSON: one object, an array of objects, or one object a line."""

from __future__ import annotations

import io
import json
import re
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from typing import IO, TYPE_CHECKING, Any

from index.sources.decode import decode, without_surrogates
from index.sources.ids import MAX_ID_CHARS, content_id, url_id
from index.sources.raw import InputFile, RawArticle

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS = ("url", "title", "published", "date", "source", "author", "language", "text", "html")
"""String fields of an object besides `id`. `date` is another name for `published`. `html` has priority over `text`."""

TYPE_NAMES = {dict: "an object", list: "a list", bool: "a boolean", int: "a number", float: "a number", str: "a string"}
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
BETWEEN_ITEMS = re.compile(r"[\s,]*")
CHUNK = 65_536
"""Characters that are read at a time."""


def read_lines(stream: IO[bytes], file: InputFile) -> Iterator[RawArticle]:
    """Yield an article for each line that is not blank. A faulty line yields an article with a fault."""
    for number, line in _lines(stream, file.limit):
        if line is None:
            yield file.fault("line too long", f"more than {file.limit} bytes", number)
        elif line.strip():
            text = line if isinstance(line, str) else decode(line)
            yield file.fault("binary", line=number) if text is None else _from_json(text, file, number)


def read_json(stream: IO[bytes], file: InputFile) -> Iterator[RawArticle]:
    """Yield the articles of a JSON file. It may hold one object, an array of objects, or JSON lines."""
    data = stream.read(file.limit + 1)
    is_whole = len(data) <= file.limit
    text = decode(data if is_whole else data[:CHUNK])
    start = (text or "").lstrip("\ufeff \t\r\n")
    stream.seek(0)
    if text is None:
        yield file.fault("binary")
    elif not start:
        yield file.fault("empty")
    elif start.startswith("["):
        with io.StringIO(text) if is_whole else _decoded(stream, "utf-8-sig") as reader:
            yield from _read_array(reader, file)
    elif is_whole and not start.partition("\n")[0].rstrip().endswith("}"):
        yield _from_json(text, file, 1)
    else:
        yield from read_lines(stream, file)


def _lines(stream: IO[bytes], limit: int) -> Iterator[tuple[int, str | bytes | None]]:
    """Yield numbered lines, or None instead of a line that is too long.

    At most `limit` bytes or characters of a line are in memory.
    """
    buffered: Any = stream if hasattr(stream, "peek") else io.BufferedReader(stream)
    is_wide = buffered.peek(2)[:2] in UTF16_MARKS
    with _decoded(buffered, "utf-16") if is_wide else nullcontext(buffered) as reader:
        number = 0
        while line := reader.readline(limit + 1):
            number += 1
            if len(line) <= limit:
                yield number, line
                continue
            while line and line[-1:] not in (b"\n", "\n"):
                line = reader.readline(CHUNK)
            yield number, None


@contextmanager
def _decoded(stream: Any, charset: str) -> Iterator[IO[str]]:
    """Read bytes as text inside a `with` block. The stream is not closed."""
    reader = io.TextIOWrapper(stream, charset, errors="replace", newline="\n")
    try:
        yield reader
    finally:
        reader.detach()


def _read_array(reader: IO[str], file: InputFile) -> Iterator[RawArticle]:
    """Yield the items of an array while it is read.

    If an item is incomplete, the buffer is doubled, so time stays linear.
    """
    decoder, line = json.JSONDecoder(strict=False), 1
    text = reader.read(CHUNK)
    position = text.index("[") + 1
    while True:
        between = BETWEEN_ITEMS.match(text, position)
        start = between.end() if between else position
        line += text.count("\n", position, start)
        if text.startswith("]", start):
            return
        try:
            value, position = decoder.raw_decode(text, start)
        except (ValueError, RecursionError) as error:
            rest = text[start:]
            more = reader.read(max(CHUNK, len(rest))) if len(rest) <= file.limit else ""
            if not more:
                yield file.fault("invalid JSON", f"{error}; the rest of the array is not read", line)
                return
            text, position = rest + more, 0
            continue
        yield _from_object(value, file, line)
        line += text.count("\n", start, position)


def _from_json(text: str, file: InputFile, line: int) -> RawArticle:
    try:
        value = json.loads(text.removeprefix("\ufeff"), strict=False)
    except (ValueError, RecursionError) as error:
        return file.fault("invalid JSON", str(error), line)
    return _from_object(value, file, line)


def _from_object(value: Any, file: InputFile, line: int) -> RawArticle:
    if not isinstance(value, dict):
        return file.fault("not an object", f"it is {_type_name(value)}", line)
    own_id = value.get("id")
    if own_id is not None and (isinstance(own_id, bool) or not isinstance(own_id, str | int | float)):
        return file.fault("wrong type", f"id is {_type_name(own_id)}, not a string or a number", line)
    own_id = "" if own_id is None else without_surrogates(str(own_id)).strip()
    if len(own_id) > MAX_ID_CHARS:
        return file.fault("id too long", f"more than {MAX_ID_CHARS} characters", line)
    fault = _fault(value)
    if fault:
        refused = file.fault(*fault, line)
        return replace(refused, id=own_id or refused.id)
    fields = {name: without_surrogates(value[name]) for name in FIELDS if value.get(name)}
    text, html, date = fields.pop("text", ""), fields.pop("html", ""), fields.pop("date", "")
    body = {"html": html} if html.strip() else {"text": text}
    url = fields.get("url", "").strip()
    article_id = own_id or (url_id(url) if url else content_id(html + text))
    return RawArticle(article_id, f"{file.origin}:{line}", **{"published": date, **fields, **body})


def _fault(value: dict[str, Any]) -> tuple[str, str] | None:
    for name in FIELDS:
        item = value.get(name)
        if item is not None and not isinstance(item, str):
            return "wrong type", f"{name} is {_type_name(item)}, not a string"
    if value.get("text") is None and value.get("html") is None:
        return "no text", "it has neither text nor html"
    return None


def _type_name(value: object) -> str:
    return TYPE_NAMES.get(type(value), "null")
