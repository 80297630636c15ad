"""What the Whoosh engine indexes and stores. Its fields split at spaces and no more, as all analysis is done before."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from whoosh import fields, formats

from search.storage.fields import ORDER, WORD_FIELDS, fields_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.model import Article

SCORED = ("text", *WORD_FIELDS, "country")
"""Fields whose terms are scored by BM25; for each the articles' lengths are kept."""

PLACE = "I"
"""A place of a word is a number of four bytes, as machines of today lay them out."""


class Facts(NamedTuple):
    """What `whoosh_columns` needs to know of an article; stored, so that a merge of segments takes it along."""

    title: str
    order: str
    source: str | None
    persons: tuple[str, ...]
    countries: tuple[str, ...]
    day: int
    month: int
    instant: int | None
    length: int
    own_key: int
    lengths: tuple[int, ...]


class Places(formats.Positions):  # type: ignore[misc]
    """Keeps the places of a word as plain numbers, which numpy reads by the block; Whoosh's own are pickles."""

    def encode(self, poslist: list[int]) -> bytes:
        """Return places as they are stored."""
        return array(PLACE, poslist).tobytes()

    def decode_positions(self, valuestring: bytes) -> list[int]:
        """Return stored places."""
        return array(PLACE, valuestring).tolist()

    def decode_frequency(self, valuestring: bytes) -> int:
        """Return how many places are stored."""
        return len(valuestring) // array(PLACE).itemsize


class Field(fields.FieldType):  # type: ignore[misc]
    """A field whose terms come ready."""

    def __init__(self, format: formats.Format) -> None:  # noqa: A002 - Whoosh's name for it
        super().__init__(format, None)


class PlacedWords(Field):
    """Words joined by spaces, each with its places."""

    def index(self, value: str, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield each word with its frequency, its weight and what is stored of it."""
        places: dict[str, list[int]] = {}
        for place, word in enumerate(value.split()):
            if word in places:
                places[word].append(place)
            else:
                places[word] = [place]
        for word, found in places.items():
            yield word.encode(), len(found), float(len(found)), array(PLACE, found).tobytes()


class CountedWords(Field):
    """Words joined by spaces, each with its number."""

    def index(self, value: str, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield each word with its frequency, its weight and nothing else."""
        for word, count in Counter(value.split()).items():
            yield word.encode(), count, float(count), b""


class Values(Field):
    """Values that are searched whole."""

    def index(self, value: list[str], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield each value."""
        for one in dict.fromkeys(value):
            yield one.encode(), 1, 1.0, b""


def schema() -> fields.Schema:
    """Return the schema."""
    return fields.Schema(
        **{name: Values(formats.Existence()) for name in ("id", "story", "country")},
        text=CountedWords(formats.Existence()),
        **{name: PlacedWords(Places()) for name in WORD_FIELDS},
        **{name: fields.STORED() for name in ("name", "of_story", "record", "signature", "digest", "facts")},
    )


def document(article: Article) -> dict[str, Any]:
    """Return what Whoosh is given of an article, by field."""
    made = fields_of(article)
    facts = Facts(
        article.title,
        made[ORDER],
        article.source or None,
        tuple(dict.fromkeys(made["person"])),
        tuple(dict.fromkeys(made["country"])),
        made.get("day", 0),
        made.get("month", 0),
        made.get("instant"),
        made["length"],
        made["own_key"],
        tuple(map(len, [*(made[name].split() for name in SCORED[:-1]), made["country"]])),
    )
    return {
        **{name: made[name] for name in ("text", *WORD_FIELDS) if made[name]},
        **{name: [made[name]] for name in ("id", "story")},
        **{name: made[name] for name in ("record", "signature", "digest")},
        "country": made["country"] or None,
        "name": article.id,
        "of_story": article.story,
        "facts": tuple(facts),
    }
