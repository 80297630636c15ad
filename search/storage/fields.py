"""The fields of an article in an index, the same on all engines."""

from __future__ import annotations

import datetime as dt
import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from search import analysis
from search.errors import IndexVersionError
from search.model import SEPARATOR
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Mapping

    from search.analysis import Tokens
    from search.model import Article

FIELDS = {
    "text": "stems of title, lead and body, repeated by their weights: `TITLE_WEIGHT`, `LEAD_WEIGHT`",
    "title": "stems of the title",
    "body": "stems of the body",
    "title_words": "folded words of the title",
    "body_words": "folded words of the body",
    "country": "ISO 3166 codes",
    "person_words": "folded words of the persons' names, with `NAME_BREAK` between two names",
    "source_words": "folded words of the source",
    "day": "day of publication, `date.toordinal()`",
}
"""Field that a query tree may use -> its contents, the same on every engine. Terms are tokens; `day` is a number."""

NAME_BREAK = "|"
"""Separator of names in `person_words`. It prevents phrases across two names, and it is never a token."""

SCHEMA_VERSION = 6
"""Raise this number when fields change. Indexes of a schema outside `READABLE` are then refused with a rebuild hint."""

READABLE = frozenset({5, SCHEMA_VERSION})
"""Schemas that this version reads. It writes only `SCHEMA_VERSION`; `dateline tidy` upgrades the others."""

WORD_FIELDS = ("title", "body", "title_words", "body_words", "person_words", "source_words")
"""Fields of tokens, joined by spaces, that are indexed with positions. The field `text` needs no positions."""

VALUE_FIELDS = ("country", "person", "source")
NUMBERS = ("day", "month", "instant", "own_key", "copy_key", "length")
"""Numeric fields.

- `day`: `date.toordinal()`
- `month`: year * 12 + month - 1
- `instant`: seconds since 1970 in UTC
- `length`: words of the body
- `own_key`: `key_of(id)`
- `copy_key`: `key_of(story)`; only copies have it, not the article that names the story
"""

ORDER = "newest"
"""The field that sorts articles: newest first, then by id; articles without a date are last."""

LATEST = 10**12
"""A number of seconds since 1970 that is later than the date of any article."""

TITLE_WEIGHT, LEAD_WEIGHT = 3, 2
"""How many times a word of the title and of the lead is in the field `text`; other words of the body are in it once."""

LEAD_WORDS = 60
"""Maximum words of the lead. The lead is the first paragraph of a body with more than one paragraph."""


def fields_of(article: Article) -> dict[str, Any]:
    """Return the values of an article to index and to store, by field. Fields without a value are left out.

    - `record`, `signature` and `digest` are only stored.
    - `id`, `story`, `country`, `person`, `source` and `keys` are searched as whole values.
    - A field of words without words contains `NAME_BREAK`, which is not a word. So all engines count the same articles
      and the same lengths for the scores.
    """
    tokens = article.tokens or analysis.tokens_of(article.title, article.body)
    names = [person.name for person in article.persons]
    values: dict[str, Any] = {
        "id": article.id,
        "record": records.store(article),
        "signature": article.signature,
        "digest": article.digest,
        "keys": list(article.keys),
        "story": article.story,
        "title": tokens.title_stems,
        "title_words": tokens.title_words,
        "body": tokens.body_stems,
        "body_words": tokens.body_words,
        "text": weighted(article, tokens),
        ORDER: order_of(article),
        "length": tokens.body_words.count(" ") + 1,
        "person_words": f" {NAME_BREAK} ".join(rotations(name)[0] for name in names if rotations(name)),
        "source_words": analysis.streams(article.source or "")[0],
        "country": [country.code for country in article.countries],
        "person": names,
        "source": [article.source] if article.source else [],
        "own_key": key_of(article.id),
    }
    for name in WORD_FIELDS:
        values[name] = values[name] or NAME_BREAK
    if article.story != article.id:
        values["copy_key"] = key_of(article.story)
    if article.day:
        values["day"] = article.day.toordinal()
        values["month"] = article.day.year * 12 + article.day.month - 1
        values["instant"] = instant(article.published or "")
    return values


def key_of(text: str) -> int:
    """Return a 63-bit hash of an id for numeric columns. Two of a billion ids collide with probability 1 in 20."""
    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()) >> 1


def weighted(article: Article, tokens: Tokens) -> str:
    """Return the stems of title, lead and body, repeated by their weights."""
    paragraph, _, more = article.body.partition(SEPARATOR)
    lead = tokens.body_stems.split(" ", LEAD_WORDS)[:LEAD_WORDS]
    if more:
        lead = lead[: len(analysis.surfaces(paragraph))]
    parts = [tokens.title_stems] * TITLE_WEIGHT + [" ".join(lead)] * (LEAD_WEIGHT - 1 if more else 0)
    return " ".join([*parts, tokens.body_stems])


def order_of(article: Article) -> str:
    """Return the sort key of an article: newer articles first, then smaller ids."""
    return f"{LATEST - instant(article.published):013d}{article.id}" if article.published else f"~{article.id}"


@lru_cache(maxsize=100_000)
def rotations(name: str) -> tuple[str, ...]:
    """Return the endings of a folded name that begin with each of its words: `vladimir putin`, `putin`."""
    words = analysis.streams(name)[0].split()
    return tuple(" ".join(words[start:]) for start in range(len(words)))


def instant(published: str) -> int:
    """Return the seconds since 1970 of an ISO 8601 date or date-time; without an offset it counts as UTC."""
    moment = dt.datetime.fromisoformat(published)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())


def meta_of(articles: int, *, pending: int = 0) -> dict[str, Any]:
    """Return the metadata of a generation: schema, analyzer, build time, number of articles.

    `pending` counts the articles that were written or deleted since the last rebuild.
    """
    return {
        "schema": SCHEMA_VERSION,
        "analyzer": analysis.fingerprint(),
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "articles": articles,
        "pending": pending,
    }


def check_version(meta: Mapping[str, Any], url: str) -> None:
    """Check the metadata of a generation; `url` names the index in messages.

    Raises:
        IndexVersionError: It was written with another schema or analyzer.
        KeyError: The metadata does not name schema and analyzer.
    """
    wrong = ""
    if meta["schema"] not in READABLE:
        wrong = f"has schema {meta['schema']}, this Dateline writes {SCHEMA_VERSION}"
    elif meta["analyzer"] != analysis.fingerprint():
        wrong = f"was written with analyzer {meta['analyzer']}, this is {analysis.fingerprint()}"
    if wrong:
        raise IndexVersionError(f"The index at {url} {wrong}.", remedy="Build it anew: dateline reindex PATH...")


def check_writable(meta: Mapping[str, Any], url: str) -> None:
    """Check that this version can write to a generation; `url` names the index in messages.

    Raises:
        IndexVersionError: It has an older schema.
    """
    if meta["schema"] != SCHEMA_VERSION:
        raise IndexVersionError(
            f"The index at {url} has the older schema {meta['schema']}; this Dateline writes {SCHEMA_VERSION}.",
            remedy="Upgrade it: dateline tidy",
        )
