"""Columns of values for all articles of a generation, used to filter, sort and count.

Each segment has a file with the columns of its articles. Like all files of a segment, it is written once and shared by
later generations. `read` joins the columns of all segments, and ranks the articles that are not deleted.
The columns and facets of whoosh3 3.54 are read article by article in Python, which is slower; see docs/engines.md.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np

from search.engines.whoosh.schema import SCORED, Facts
from search.errors import IndexDamagedError
from search.storage import mapped_arrays
from search.storage.fields import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from search.engines.whoosh.segments import Numbers, Segment
    from search.engines.whoosh.terms import Terms

    Mask: TypeAlias = NDArray[np.bool_]

SUFFIX: Final = ".columns"

OLD_FILE: Final = "columns.bin"
"""The one file of columns in an index of schema 5. Its columns are made anew from the stored facts."""

FACETS: Final = ("country", "person", "source")

SIDES: Final[tuple[Literal["left", "right"], ...]] = ("left", "right")

NEVER: Final = np.iinfo(np.int64).max
"""The instant of an article without a date. It sorts last."""


@dataclass(frozen=True, slots=True)
class Tags:
    """The values of a facet, as pairs of an article number and a value number. `names` are the sorted values."""

    names: Sequence[str]
    articles: Numbers
    values: Numbers

    def number(self, value: str) -> int | None:
        """Return the number of a value, or None if no article has it."""
        place = bisect_left(self.names, value)
        return place if place < len(self.names) and self.names[place] == value else None

    def counts(self, mask: Mask) -> Numbers:
        """Return for each value the number of articles in a mask that have it."""
        return np.bincount(self.values[mask[self.articles]], minlength=len(self.names))

    def any_of(self, values: Iterable[str], size: int) -> Mask:
        """Return a mask of the articles with one of the values. `size` is the number of all articles."""
        mask = np.zeros(size, np.bool_)
        for number in {self.number(value) for value in values} - {None}:
            mask[self.articles[self.values == number]] = True
        return mask


class KeyTable(NamedTuple):
    """The keys of a segment: sorted hashes, and the number of the article of each."""

    hashes: Numbers
    articles: Numbers
    base: int
    """The number of the first article of the segment."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of all articles (`Article.keys`), one table for each segment."""

    tables: Sequence[KeyTable]
    live: Mask

    def articles(self, key: str) -> Numbers:
        """Return the numbers of the articles with a key, in rising order."""
        number, found = key_of(key), [np.empty(0, np.int64)]
        for hashes, articles, base in self.tables:
            start, end = (np.searchsorted(hashes, number, side) for side in SIDES)
            found.append(articles[start:end] + base)
        joined = np.concatenate(found)
        return joined[self.live[joined]]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a generation. Deleted articles have no length; their other values are undefined.

    - `ids` are the sorted ids.
    - `newest` and `oldest` are the ranks of the articles in the two orders by date.
    - `day` and `month` are 0 for an article without a date, and `instant` is `NEVER`. `day` is 0 if it is deleted.
    - `story` numbers the stories.
    """

    ids: Sequence[str]
    newest: Numbers
    oldest: Numbers
    day: Numbers
    month: Numbers
    instant: Numbers
    length: Numbers
    own_key: Numbers
    story: Numbers
    keys: Keys
    tags: dict[str, Tags]
    lengths: dict[str, Numbers]


def write_missing(folder: Path, segments: Iterable[Segment]) -> None:
    """Write the columns of the segments in a folder that have none yet."""
    for segment in segments:
        path = folder / (segment.id + SUFFIX)
        if not path.exists():
            mapped_arrays.write(path, _arrays(segment), {})


def _arrays(segment: Segment) -> dict[str, Any]:
    """Return the columns of a segment, from the stored fields of its articles."""
    ids, stories, keys = [], [], []
    facts = list[Facts]()
    for number in range(segment.size):
        document = segment.stored(number)
        ids.append(document["name"])
        stories.append(key_of(document["of_story"]))
        keys.append(np.frombuffer(document.get("keys", b""), np.int64))  # indexes of schema 5 have none
        facts.append(Facts.of(document["facts"]))

    def column(values: Iterable[int], kind: type = np.int32) -> Any:
        return np.fromiter(values, kind, segment.size)

    arrays = {
        **_texts("ids", ids),
        **_key_table(keys),
        "instant": column((NEVER if one.instant is None else one.instant for one in facts), np.int64),
        "own_key": column((one.own_key for one in facts), np.int64),
        "story": column(stories, np.int64),
        **{name: column(getattr(one, name) for one in facts) for name in ("day", "month", "length")},
        **{f"lengths.{name}": column(one.lengths[n] for one in facts) for n, name in enumerate(SCORED)},
    }
    for facet, values in (
        ("country", [one.countries for one in facts]),
        ("person", [one.persons for one in facts]),
        ("source", [(one.source,) if one.source else () for one in facts]),
    ):
        names = sorted({value for own in values for value in own})
        number_of = {name: number for number, name in enumerate(names)}
        arrays |= _texts(f"{facet}.names", names)
        arrays[f"{facet}.articles"] = np.repeat(np.arange(segment.size, dtype=np.int32), [len(own) for own in values])
        arrays[f"{facet}.values"] = np.fromiter(map(number_of.__getitem__, chain.from_iterable(values)), np.int32)
    return arrays


def _key_table(keys: Sequence[Numbers]) -> dict[str, Any]:
    hashes = np.concatenate([np.empty(0, np.int64), *keys])
    order = np.argsort(hashes, kind="stable")
    articles = np.repeat(np.arange(len(keys), dtype=np.int32), [len(own) for own in keys])
    return {"keys": hashes[order], "keys.articles": articles[order]}


def _texts(name: str, texts: Sequence[str]) -> dict[str, Any]:
    encoded = [text.encode() for text in texts]
    ends = np.cumsum([len(text) for text in encoded], dtype=np.int64)
    return {name: np.frombuffer(b"".join(encoded), np.uint8), f"{name}.ends": ends}


def _read_texts(arrays: dict[str, Any], name: str) -> list[str]:
    data, ends = arrays[name].tobytes(), arrays[f"{name}.ends"].tolist()
    return [data[start:end].decode() for start, end in zip([0, *ends], ends, strict=False)]


def read(folder: Path, terms: Terms) -> Columns:
    """Return the columns of a generation.

    Raises:
        IndexDamagedError: A file is missing, truncated or incomplete.
    """
    parts = [_part(folder, segment) for segment in terms.segments]
    try:
        return _joined(parts, terms)
    except (LookupError, TypeError, ValueError) as error:
        message = f"The columns of generation {folder.name} lack a part: {error}."
        raise IndexDamagedError(message, remedy=mapped_arrays.REMEDY) from error


def _part(folder: Path, segment: Segment) -> dict[str, Any]:
    path = folder / (segment.id + SUFFIX)
    if not path.exists() and (folder / OLD_FILE).exists():
        return _arrays(segment)
    arrays, _ = mapped_arrays.read(path)
    return arrays


def _joined(parts: Sequence[dict[str, Any]], terms: Terms) -> Columns:
    live = terms.live
    whole = bool(live.all())

    def column(name: str) -> Any:
        if len(parts) == 1:
            return parts[0][name]
        return np.concatenate([np.empty(0, np.int32), *(part[name] for part in parts)])

    def of_live(name: str) -> Any:
        return column(name) if whole else column(name) * live

    ids = [text for part in parts for text in _read_texts(part, "ids")]
    by_id = np.array(sorted(np.flatnonzero(live).tolist(), key=ids.__getitem__), np.int64)
    instant = column("instant")
    instants = instant[by_id]
    return Columns(
        ids=[ids[number] for number in by_id.tolist()],
        newest=_ranks(by_id[np.argsort(np.where(instants == NEVER, NEVER, -instants), kind="stable")], len(live)),
        oldest=_ranks(by_id[np.argsort(instants, kind="stable")], len(live)),
        instant=instant,
        day=of_live("day"),
        **{name: column(name) for name in ("month", "length", "own_key")},
        story=np.unique(column("story"), return_inverse=True)[1],
        keys=Keys(
            [
                KeyTable(part["keys"], part["keys.articles"], base)
                for part, base in zip(parts, terms.bases, strict=False)
            ],
            live,
        ),
        tags={facet: _joined_tags(parts, facet, terms.bases) for facet in FACETS},
        lengths={name: of_live(f"lengths.{name}") for name in SCORED},
    )


def _ranks(order: Numbers, size: int) -> Numbers:
    """Return the rank of each article in an order of some of them."""
    ranks = np.zeros(size, np.int64)
    ranks[order] = np.arange(len(order))
    return ranks


def _joined_tags(parts: Sequence[dict[str, Any]], facet: str, bases: Sequence[int]) -> Tags:
    known = [_read_texts(part, f"{facet}.names") for part in parts]
    names = known[0] if len(known) == 1 else sorted({name for some in known for name in some})
    number_of = {name: number for number, name in enumerate(names)}
    articles, values = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for part, some, base in zip(parts, known, bases, strict=False):
        articles.append(part[f"{facet}.articles"] + base)
        values.append(np.array([number_of[name] for name in some], np.int64)[part[f"{facet}.values"]])
    return Tags(names, np.concatenate(articles), np.concatenate(values))
