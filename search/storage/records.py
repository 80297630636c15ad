"""Articles in the compact JSON that engines store."""

from __future__ import annotations

import hashlib
import json
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from search.errors import IndexDamagedError
from search.model import SEPARATOR, Article, Country, Mention, Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PLAIN = (
    "id", "url", "title", "body", "published", "published_from", "source", "author", "language", "dateline", "warnings",
    "story",
)  # fmt: skip

PAIR = 2
"""Number of items for countries and persons in a record. If aliases changed them, the two original items follow."""


class Form(NamedTuple):
    """Mentions of one country or person with the same spelling and the same rule, in order."""

    text: str
    rule: str
    mentions: tuple[Mention, ...]


def forms(mentions: tuple[Mention, ...]) -> tuple[Form, ...]:
    """Group mentions by text and rule for display, because an article may name a country a hundred times."""
    alike: dict[tuple[str, str], list[Mention]] = {}
    for mention in mentions:
        alike.setdefault((mention.text, mention.rule), []).append(mention)
    return tuple(Form(text, rule, tuple(same)) for (text, rule), same in alike.items())


def store(article: Article) -> bytes:
    """Return the stored form of an article: mentions have offsets and rule numbers, and each rule is named once."""
    tagged: tuple[Country | Person, ...] = (*article.countries, *article.persons, *article.found)
    rules = {rule: number for number, rule in enumerate(sorted({m.rule for entity in tagged for m in entity.mentions}))}
    plain = [getattr(article, name) for name in PLAIN]
    if article.captions or article.removed or article.own_title:
        plain += [article.captions, article.removed, int(article.own_title)]
    record = [
        plain,
        list(rules),
        *_tags((*article.countries, *article.persons), rules),
    ]
    if article.found:
        record += _tags(article.found, rules)
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def restore(record: bytes, *, digest: str = "", signature: bytes = b"", mentions: bool = True) -> Article:
    """Return the article of a record. Lists do not need `mentions`. Without them, this takes half of the time.

    Raises:
        ValueError, TypeError, IndexError: The record is damaged.
    """
    plain, rules, *tags = json.loads(record)
    values = dict(zip(PLAIN, plain, strict=False))
    values["warnings"] = tuple(values["warnings"])
    text = values["title"] + SEPARATOR + values["body"]
    if not mentions:
        return Article(
            **values,
            countries=tuple(Country(code, name, (), weight) for code, name, weight, _ in tags[0]),
            persons=tuple(Person(name, (), spelled) for name, spelled, _ in tags[1]),
        )
    return Article(
        **values,
        **_beside(*plain[len(PLAIN) :]),
        countries=_countries(tags[0], text, rules),
        persons=_persons(tags[1], text, rules),
        found=(*_countries(tags[2], text, rules), *_persons(tags[3], text, rules)) if len(tags) > PAIR else (),
        digest=digest,
        signature=signature,
    )


@dataclass(slots=True)
class Checksum:
    """A checksum to compare the articles of two indexes. It does not depend on their order or on the engine."""

    articles: int = 0
    _sum: int = 0

    def add(self, article: Article) -> None:
        """Add a complete article, with all data that engines store."""
        parts = (store(article), article.digest.encode(), article.signature)
        digest = hashlib.blake2b(digest_size=16)
        for part in parts:
            digest.update(len(part).to_bytes(8))
            digest.update(part)
        self.articles += 1
        self._sum = (self._sum + int.from_bytes(digest.digest())) % 2**128

    @property
    def hex(self) -> str:
        """The checksum: 32 hexadecimal digits."""
        return f"{self._sum:032x}"


@contextmanager
def readable(article_id: str) -> Iterator[None]:
    """Raise `IndexDamagedError`, which names the article, if its record cannot be read in this block."""
    try:
        yield
    except (ValueError, LookupError, TypeError) as error:
        raise IndexDamagedError(
            f"The stored form of article {article_id} cannot be read: {error}.",
            remedy="Go back with dateline rollback, or build the index anew: dateline reindex PATH...",
        ) from error


def _beside(
    captions: Sequence[str] = (), removed: Sequence[tuple[int, str]] = (), own_title: int = 0
) -> dict[str, Any]:
    """Return the fields of an article that a record has only if one of them is not empty."""
    return {
        "captions": tuple(captions),
        "removed": tuple((place, text) for place, text in removed),
        "own_title": bool(own_title),
    }


def _tags(tagged: Sequence[Country | Person], rules: Mapping[str, int]) -> tuple[list[Any], list[Any]]:
    """Return the stored form of countries and persons."""
    return (
        [
            (entity.code, entity.name, entity.weight, _places(entity.mentions, rules))
            for entity in tagged
            if isinstance(entity, Country)
        ],
        [
            (entity.name, entity.spelled, _places(entity.mentions, rules))
            for entity in tagged
            if isinstance(entity, Person)
        ],
    )


def _countries(stored: Sequence[Any], text: str, rules: Sequence[str]) -> tuple[Country, ...]:
    return tuple(Country(code, name, _found(text, at, rules), weight) for code, name, weight, at in stored)


def _persons(stored: Sequence[Any], text: str, rules: Sequence[str]) -> tuple[Person, ...]:
    return tuple(Person(name, _found(text, at, rules), spelled) for name, spelled, at in stored)


def _places(mentions: tuple[Mention, ...], rules: Mapping[str, int]) -> list[int]:
    return [number for mention in mentions for number in (mention.start, mention.end, rules[mention.rule])]


def _found(text: str, places: Sequence[int], rules: Sequence[str]) -> tuple[Mention, ...]:
    each = zip(places[::3], places[1::3], places[2::3], strict=True)
    return tuple(Mention(text[start:end], start, end, rules[rule]) for start, end, rule in each)
