"""What engines index of an article: the same fields and values on all of them. Pure functions, no index needed."""

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
"""The fields that a query tree may use, the same on every engine. Terms are tokens, `day` is a number."""

NAME_BREAK = "|"
"""Separates two names in `person_words`, so that no phrase reaches from one into the next. It is never a token."""

SCHEMA_VERSION = 5
"""Raised when fields change, so that an index of before is refused with the command to run."""

WORD_FIELDS = ("title", "body", "title_words", "body_words", "person_words", "source_words")
"""Tokens joined by spaces, searched with their places. The field `text` holds the stems of title and body, each as
often as it weighs, and needs no places."""

VALUE_FIELDS = ("country", "person", "source")
NUMBERS = ("day", "month", "instant", "own_key", "copy_key", "length")
"""`day` is `date.toordinal()`, `month` is year * 12 + month - 1, `instant` is seconds since 1970 in UTC, `length` is
words of the body. `own_key` is `key_of(id)`; `copy_key` is `key_of(story)`, set on the copies of a story but not on the
article that names it."""

ORDER = "newest"
"""The field by which articles are newest first, those of one time by id, those without a date last."""

LATEST = 10**12
"""Seconds since 1970 that no article reaches."""

TITLE_WEIGHT, LEAD_WEIGHT = 3, 2
"""How often a word of the title and of the lead stands in the field `text`; one of the rest of the body stands once."""

LEAD_WORDS = 60
"""The lead is the first paragraph, up to so many words, of a body that has more than one."""


def fields_of(article: Article) -> dict[str, Any]:
    """Return what is indexed and stored of an article, by field; fields without a value are left out.

    `record`, `signature` and `digest` are stored and not searched; `id`, `story`, `country`, `person` and `source` are
    searched as they are. A field of words that has none holds `NAME_BREAK`, which is no word, so that all engines count
    the same articles and the same lengths when they score.
    """
    tokens = article.tokens or analysis.tokens_of(article.title, article.body)
    names = [person.name for person in article.persons]
    found: dict[str, Any] = {
        "id": article.id,
        "record": records.store(article),
        "signature": article.signature,
        "digest": article.digest,
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
        found[name] = found[name] or NAME_BREAK
    if article.story != article.id:
        found["copy_key"] = key_of(article.story)
    if article.day:
        found["day"] = article.day.toordinal()
        found["month"] = article.day.year * 12 + article.day.month - 1
        found["instant"] = instant(article.published or "")
    return found


def key_of(text: str) -> int:
    """Return 63 bits that stand for an id in a column of numbers (two of a billion ids collide with chance 1 in 20)."""
    return int.from_bytes(hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()) >> 1


def weighted(article: Article, tokens: Tokens) -> str:
    """Return the stems of title, lead and body, each as often as it weighs."""
    paragraph, _, more = article.body.partition(SEPARATOR)
    lead = tokens.body_stems.split(" ", LEAD_WORDS)[:LEAD_WORDS]
    if more:
        lead = lead[: len(analysis.surfaces(paragraph))]
    parts = [tokens.title_stems] * TITLE_WEIGHT + [" ".join(lead)] * (LEAD_WEIGHT - 1 if more else 0)
    return " ".join([*parts, tokens.body_stems])


def order_of(article: Article) -> str:
    """Return what sorts before that of every older article, and of one of the same time with a greater id."""
    return f"{LATEST - instant(article.published):013d}{article.id}" if article.published else f"~{article.id}"


@lru_cache(maxsize=100_000)
def rotations(name: str) -> tuple[str, ...]:
    """Return the folded name from each of its words on: `vladimir putin`, `putin`."""
    words = analysis.streams(name)[0].split()
    return tuple(" ".join(words[start:]) for start in range(len(words)))


def instant(published: str) -> int:
    """Return seconds since 1970 of an ISO 8601 date or date-time; without an offset it is taken as UTC."""
    moment = dt.datetime.fromisoformat(published)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp())


def meta_of(articles: int) -> dict[str, Any]:
    """Return what a generation says of itself: schema, analyzer, time of building, number of articles."""
    return {
        "schema": SCHEMA_VERSION,
        "analyzer": analysis.fingerprint(),
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "articles": articles,
    }


def check_version(meta: Mapping[str, Any], url: str) -> None:
    """Refuse what was written otherwise than this program reads it; `url` names the index in messages.

    Raises:
        IndexVersionError: The schema or the analyzer is another one.
        KeyError: It does not say so.
    """
    wrong = ""
    if meta["schema"] != SCHEMA_VERSION:
        wrong = f"has schema {meta['schema']}, this Dateline writes {SCHEMA_VERSION}"
    elif meta["analyzer"] != analysis.fingerprint():
        wrong = f"was written with analyzer {meta['analyzer']}, this is {analysis.fingerprint()}"
    if wrong:
        raise IndexVersionError(f"The index at {url} {wrong}.", remedy="Build it anew: dateline reindex PATH...")
