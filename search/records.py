"""Articles as JSON: the object that `dateline extract` prints, and the shorter form that engines store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from search.model import SEPARATOR, Article, Country, Mention, Person

if TYPE_CHECKING:
    from collections.abc import Sequence

PLAIN = (
    "id", "url", "title", "body", "published", "published_from", "source", "author", "language", "dateline", "warnings",
    "story",
)  # fmt: skip


def to_record(article: Article) -> dict[str, Any]:
    """Return an article as the design's JSON object."""
    record: dict[str, Any] = {name: getattr(article, name) for name in PLAIN}
    record["warnings"] = list(article.warnings)
    record["countries"] = [
        {"code": country.code, "name": country.name, "mentions": _mentions(country.mentions)}
        for country in article.countries
    ]
    record["persons"] = [{"name": person.name, "mentions": _mentions(person.mentions)} for person in article.persons]
    return record


def _mentions(mentions: tuple[Mention, ...]) -> list[dict[str, Any]]:
    return [{"text": m.text, "start": m.start, "end": m.end} for m in mentions]


def store(article: Article) -> bytes:
    """Return an article as engines keep it: mentions by their offsets alone, as the text says the rest."""
    record = [
        [getattr(article, name) for name in PLAIN],
        [(country.code, country.name, _offsets(country.mentions)) for country in article.countries],
        [(person.name, _offsets(person.mentions)) for person in article.persons],
    ]
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def restore(record: bytes, *, digest: str = "", signature: bytes = b"") -> Article:
    """Return the article that `store` made a record of.

    Raises:
        ValueError, TypeError, IndexError: The record is damaged.
    """
    plain, countries, persons = json.loads(record)
    values = dict(zip(PLAIN, plain, strict=True))
    values["warnings"] = tuple(values["warnings"])
    text = values["title"] + SEPARATOR + values["body"]
    return Article(
        **values,
        countries=tuple(Country(code, name, _found(text, offsets)) for code, name, offsets in countries),
        persons=tuple(Person(name, _found(text, offsets)) for name, offsets in persons),
        digest=digest,
        signature=signature,
    )


def _offsets(mentions: tuple[Mention, ...]) -> list[int]:
    return [offset for mention in mentions for offset in (mention.start, mention.end)]


def _found(text: str, offsets: Sequence[int]) -> tuple[Mention, ...]:
    return tuple(Mention(text[start:end], start, end) for start, end in zip(offsets[::2], offsets[1::2], strict=True))
