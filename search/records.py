"""Articles as JSON objects: what `dateline extract` prints, the API answers and engines store."""

from __future__ import annotations

from typing import Any

from search.model import Article, Country, Mention, Person

PLAIN = ("id", "url", "title", "body", "published", "published_from", "source", "author", "language", "story")


def to_record(article: Article) -> dict[str, Any]:
    """Return an article as the design's JSON object; `from_record` reads it back."""
    record: dict[str, Any] = {name: getattr(article, name) for name in PLAIN}
    record["countries"] = [
        {"code": country.code, "name": country.name, "mentions": _mentions(country.mentions)}
        for country in article.countries
    ]
    record["persons"] = [{"name": person.name, "mentions": _mentions(person.mentions)} for person in article.persons]
    return record


def from_record(record: dict[str, Any], *, digest: str = "", signature: bytes = b"") -> Article:
    """Return the article of a JSON object that `to_record` made."""
    return Article(
        **{name: record[name] for name in PLAIN},
        countries=tuple(Country(c["code"], c["name"], _read_mentions(c["mentions"])) for c in record["countries"]),
        persons=tuple(Person(p["name"], _read_mentions(p["mentions"])) for p in record["persons"]),
        digest=digest,
        signature=signature,
    )


def _mentions(mentions: tuple[Mention, ...]) -> list[dict[str, Any]]:
    return [{"text": m.text, "start": m.start, "end": m.end} for m in mentions]


def _read_mentions(items: list[dict[str, Any]]) -> tuple[Mention, ...]:
    return tuple(Mention(m["text"], m["start"], m["end"]) for m in items)
