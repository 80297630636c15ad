"""Articles as JSON: the object that `dateline extract` prints, and the shorter form that engines store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from search.model import SEPARATOR, Article, Country, Mention, Person

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLAIN = (
    "id", "url", "title", "body", "published", "published_from", "source", "author", "language", "dateline", "warnings",
    "story",
)  # fmt: skip


def to_record(article: Article) -> dict[str, Any]:
    """Return an article as the design's JSON object."""
    record: dict[str, Any] = {name: getattr(article, name) for name in PLAIN}
    record["warnings"] = list(article.warnings)
    record["countries"] = [
        {
            "code": country.code,
            "name": country.name,
            "weight": country.weight,
            "mentions": _mentions(country.mentions),
        }
        for country in article.countries
    ]
    record["persons"] = [
        {"name": person.name, "spelled": person.spelled or person.name, "mentions": _mentions(person.mentions)}
        for person in article.persons
    ]
    return record


def _mentions(mentions: tuple[Mention, ...]) -> list[dict[str, Any]]:
    return [{"text": m.text, "start": m.start, "end": m.end, "rule": m.rule} for m in mentions]


def store(article: Article) -> bytes:
    """Return an article as engines keep it: mentions by offsets and the number of their rule, each rule named once."""
    tagged = (*article.countries, *article.persons)
    rules = {rule: number for number, rule in enumerate(sorted({m.rule for one in tagged for m in one.mentions}))}
    record = [
        [getattr(article, name) for name in PLAIN],
        list(rules),
        [(one.code, one.name, one.weight, _places(one.mentions, rules)) for one in article.countries],
        [(one.name, one.spelled, _places(one.mentions, rules)) for one in article.persons],
    ]
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def restore(record: bytes, *, digest: str = "", signature: bytes = b"") -> Article:
    """Return the article that `store` made a record of.

    Raises:
        ValueError, TypeError, IndexError: The record is damaged.
    """
    plain, rules, countries, persons = json.loads(record)
    values = dict(zip(PLAIN, plain, strict=True))
    values["warnings"] = tuple(values["warnings"])
    text = values["title"] + SEPARATOR + values["body"]
    return Article(
        **values,
        countries=tuple(Country(code, name, _found(text, at, rules), weight) for code, name, weight, at in countries),
        persons=tuple(Person(name, _found(text, at, rules), spelled) for name, spelled, at in persons),
        digest=digest,
        signature=signature,
    )


def _places(mentions: tuple[Mention, ...], rules: Mapping[str, int]) -> list[int]:
    return [number for one in mentions for number in (one.start, one.end, rules[one.rule])]


def _found(text: str, places: Sequence[int], rules: Sequence[str]) -> tuple[Mention, ...]:
    each = zip(places[::3], places[1::3], places[2::3], strict=True)
    return tuple(Mention(text[start:end], start, end, rules[rule]) for start, end, rule in each)
