"""The settings, fields and documents of an OpenSearch index of articles. Pure functions, no server needed."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any, Final

from search.storage.fields import ORDER, VALUE_FIELDS, WORD_FIELDS, fields_of, key_of

if TYPE_CHECKING:
    from search.model import Article

GAP: Final = "¦"
"""Placeholder for any one word in a phrase. It is never a token."""

MAX_TOKEN_LENGTH: Final = 1_000_000
"""Maximum characters of a token, high enough for any token of the analyzer. OpenSearch's default would split some."""

STREAMS: Final = ("text", *WORD_FIELDS)
"""Fields that are searched but never read. They are excluded from the stored document."""

INDEXED_NUMBERS: Final = {
    "day": "integer",
    "month": "integer",
    "instant": "long",
    "length": "integer",
    "own_key": "long",
    "group": "long",
}
"""Numeric fields and their types.

`group` is `key_of(story)`. It is set on the copies of a story, and on the article that gave the story its id.
"""

STORED: Final = ("record", "digest", "headline")
"""Texts that are stored but not searched."""


def key(article_id: str) -> str:
    """Return the document id of an article: a hash, because OpenSearch 2.x limits ids to 512 bytes."""
    return hashlib.blake2b(article_id.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def settings_and_mappings(shards: int, replicas: int) -> dict[str, Any]:
    """Return the body of the request that creates an index of articles."""
    tokens = {"type": "whitespace", "max_token_length": MAX_TOKEN_LENGTH}
    return {
        "settings": {
            "number_of_shards": shards,
            "number_of_replicas": replicas,
            "refresh_interval": -1,
            "analysis": {
                "tokenizer": {"tokens": tokens},
                "filter": {"gaps": {"type": "stop", "stopwords": [GAP]}},
                "analyzer": {
                    "tokens": {"type": "custom", "tokenizer": "tokens"},
                    "gapped": {"type": "custom", "tokenizer": "tokens", "filter": ["gaps"]},
                },
            },
            "similarity": {"default": {"type": "BM25", "k1": 1.2, "b": 0.75}},
        },
        "mappings": {
            "dynamic": "strict",
            "_source": {"excludes": list(STREAMS)},
            "properties": _properties(),
        },
    }


def _properties() -> dict[str, Any]:
    value = {"type": "keyword"}
    stored = {"type": "keyword", "index": False, "doc_values": False}
    positions = {"type": "text", "analyzer": "tokens"}
    return {
        **dict.fromkeys(("id", "story", ORDER, *VALUE_FIELDS), value),
        "keys": {"type": "keyword", "doc_values": False},
        **dict.fromkeys(STORED, stored),
        "signature": {"type": "binary"},
        **dict.fromkeys(WORD_FIELDS, positions),
        "text": {"type": "text", "analyzer": "tokens", "index_options": "freqs"},
        **{name: {"type": kind} for name, kind in INDEXED_NUMBERS.items()},
    }


def document(article: Article, *, named: bool = False) -> dict[str, Any]:
    """Return the document of an article. `named` says that its id is the id of a story with copies.

    The stored document keeps `keys`, because a document that gets its `group` later is written again as a whole.
    """
    fields = fields_of(article)
    copy = fields.pop("copy_key", None)
    if copy is not None or named:
        fields["group"] = key_of(article.story)
    return {
        **fields,
        "record": fields["record"].decode(),
        "signature": base64.b64encode(fields["signature"]).decode(),
        "headline": article.title,
    }
