"""The fields of the Whoosh engine. They only split at spaces, because all analysis is done before."""

from __future__ import annotations

from array import array
from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from whoosh import fields, formats

from search.storage.fields import WORD_FIELDS, fields_of, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from search.model import Article

SCORED = ("text", *WORD_FIELDS, "country")
"""Fields whose terms are scored by BM25. The lengths of the articles are stored for each."""

PLACE = "I"
"""Type code of a position: an unsigned number of four bytes, in the machine's byte order."""


class Facts(NamedTuple):
    """The facts of an article that the columns need. They are stored fields, so they survive a merge of segments.

    In indexes of schema 5 the title and the sort key stand before them.
    """

    source: str | None
    persons: tuple[str, ...]
    countries: tuple[str, ...]
    day: int
    month: int
    instant: int | None
    length: int
    own_key: int
    lengths: tuple[int, ...]

    @classmethod
    def of(cls, stored: Sequence[Any]) -> Facts:
        """Return the facts of a stored field."""
        return cls(*stored[-len(cls._fields) :])


class Places(formats.Positions):  # type: ignore[misc]
    """Stores positions as plain numbers, which numpy reads in blocks. whoosh3 3.54 itself stores pickles."""

    def encode(self, poslist: list[int]) -> bytes:
        """Return encoded positions."""
        return array(PLACE, poslist).tobytes()

    def decode_positions(self, valuestring: bytes) -> list[int]:
        """Return decoded positions."""
        return array(PLACE, valuestring).tolist()

    def decode_frequency(self, valuestring: bytes) -> int:
        """Return the number of encoded positions."""
        return len(valuestring) // array(PLACE).itemsize


class Field(fields.FieldType):  # type: ignore[misc]
    """A field without an analyzer, because its terms are already analyzed."""

    def __init__(self, format: formats.Format) -> None:  # noqa: A002 - Whoosh's name for it
        super().__init__(format, None)


class PlacedWords(Field):
    """Words joined by spaces, indexed with their positions."""

    def index(self, value: str, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield each word with its frequency, its weight and its encoded positions."""
        places: dict[str, list[int]] = {}
        for place, word in enumerate(value.split()):
            if word in places:
                places[word].append(place)
            else:
                places[word] = [place]
        for word, positions in places.items():
            yield word.encode(), len(positions), float(len(positions)), array(PLACE, positions).tobytes()


class CountedWords(Field):
    """Words joined by spaces, indexed with their frequencies only."""

    def index(self, value: str, **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield each word with its frequency, its weight and no positions."""
        for word, count in Counter(value.split()).items():
            yield word.encode(), count, float(count), b""


class Values(Field):
    """A list of values. Each value is one term."""

    def index(self, value: list[str], **_: Any) -> Iterator[tuple[bytes, int, float, bytes]]:
        """Yield each value."""
        for text in dict.fromkeys(value):
            yield text.encode(), 1, 1.0, b""


def schema() -> fields.Schema:
    """Return the schema of the index."""
    return fields.Schema(
        **{name: Values(formats.Existence()) for name in ("id", "story", "country", "person")},
        text=CountedWords(formats.Existence()),
        **{name: PlacedWords(Places()) for name in WORD_FIELDS},
        **{name: fields.STORED() for name in ("name", "of_story", "record", "signature", "digest", "facts", "keys")},
    )


def document(article: Article) -> dict[str, Any]:
    """Return the document of an article for Whoosh, by field.

    The keys are stored as hashes, and `columns` indexes them. As terms they made a build 43 % longer.
    """
    values = fields_of(article)
    facts = Facts(
        article.source or None,
        tuple(dict.fromkeys(values["person"])),
        tuple(dict.fromkeys(values["country"])),
        values.get("day", 0),
        values.get("month", 0),
        values.get("instant"),
        values["length"],
        values["own_key"],
        tuple(map(len, [*(values[name].split() for name in SCORED[:-1]), values["country"]])),
    )
    return {
        **{name: values[name] for name in ("text", *WORD_FIELDS) if values[name]},
        **{name: [values[name]] for name in ("id", "story")},
        **{name: values[name] for name in ("record", "signature", "digest")},
        "country": values["country"] or None,
        "person": values["person"] or None,
        "keys": array("q", map(key_of, dict.fromkeys(values["keys"]))).tobytes(),
        "name": article.id,
        "of_story": article.story,
        "facts": tuple(facts),
    }
