"""Columns of values for all articles of a generation, in one mapped file, used to filter, sort and count.

The columns and facets of whoosh3 3.54 are read article by article in Python, which is slower; see docs/engines.md.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from search.engines.whoosh.schema import SCORED, Facts
from search.errors import IndexDamagedError
from search.storage import mapped_arrays

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from search.engines.whoosh.segments import Numbers

FILE: Final = "columns.bin"
FACETS: Final = ("country", "person", "source")

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

    def counts(self, mask: NDArray[np.bool_]) -> Numbers:
        """Return for each value the number of articles in a mask that have it."""
        return np.bincount(self.values[mask[self.articles]], minlength=len(self.names))

    def any_of(self, values: Iterable[str], size: int) -> NDArray[np.bool_]:
        """Return a mask of the articles with one of the values. `size` is the number of all articles."""
        mask = np.zeros(size, np.bool_)
        for number in {self.number(value) for value in values} - {None}:
            mask[self.articles[self.values == number]] = True
        return mask


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a generation. The values of deleted articles are undefined.

    - `newest` and `oldest` are the ranks of the articles in the two orders by date.
    - `ids` lists the articles in the order of their ids.
    - `day` and `month` are 0 for an article without a date, and `instant` is `NEVER`.
    """

    newest: Numbers
    oldest: Numbers
    ids: Numbers
    day: Numbers
    month: Numbers
    instant: Numbers
    length: Numbers
    own_key: Numbers
    story: Numbers
    tags: dict[str, Tags]
    lengths: dict[str, Numbers]


def build(folder: Path, size: int, stored: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """Write the columns of a generation. `size` includes deleted articles; `stored` has the fields of the others."""
    numbers: list[int] = []
    facts: list[Facts] = []
    names: list[tuple[str, str]] = []
    for number, one in stored:
        numbers.append(number)
        facts.append(Facts(*one["facts"]))
        names.append((one["name"], one["of_story"]))
    at = np.array(numbers, np.int64)

    def column(values: Iterable[int], kind: type = np.int32) -> Any:
        array: Any = np.zeros(size, kind)
        array[at] = np.fromiter(values, kind, len(at))
        return array

    by_newest = sorted(range(len(at)), key=lambda n: facts[n].order)
    by_id = sorted(range(len(at)), key=lambda n: names[n][0])
    instants = [NEVER if one.instant is None else one.instant for one in facts]
    by_oldest = sorted(by_id, key=instants.__getitem__)
    stories = {story: number for number, story in enumerate(dict.fromkeys(story for _, story in names))}
    arrays = {
        "newest": column(_ranks(by_newest)),
        "oldest": column(_ranks(by_oldest)),
        "ids": at[by_id].astype(np.int32),
        "instant": column(instants, np.int64),
        "own_key": column((one.own_key for one in facts), np.int64),
        "story": column(stories[story] for _, story in names),
        **{name: column(getattr(one, name) for one in facts) for name in ("day", "month", "length")},
        **{f"lengths.{name}": column(one.lengths[n] for one in facts) for n, name in enumerate(SCORED)},
    }
    for facet, values in (
        ("country", [one.countries for one in facts]),
        ("person", [one.persons for one in facts]),
        ("source", [(one.source,) if one.source else () for one in facts]),
    ):
        arrays |= {f"{facet}.{name}": array for name, array in _tags(numbers, values).items()}
    mapped_arrays.write(folder / FILE, arrays, {})


def _ranks(order: Sequence[int]) -> NDArray[np.int64]:
    """Return the rank of each item in an order."""
    ranks = np.empty(len(order), np.int64)
    ranks[np.array(order, np.int64)] = np.arange(len(order))
    return ranks


def _tags(numbers: Sequence[int], values: Sequence[Sequence[str]]) -> dict[str, Any]:
    names = sorted({value for own in values for value in own})
    number_of = {name: number for number, name in enumerate(names)}
    encoded = [name.encode() for name in names]
    return {
        "articles": np.repeat(np.array(numbers, np.int32), [len(own) for own in values]),
        "values": np.fromiter(map(number_of.__getitem__, chain.from_iterable(values)), np.int32),
        "names": np.frombuffer(b"".join(encoded), np.uint8),
        "ends": np.cumsum([len(name) for name in encoded], dtype=np.int64),
    }


def read(folder: Path) -> Columns:
    """Return the columns of a generation.

    Raises:
        IndexDamagedError: The file is missing, truncated or incomplete.
    """
    arrays, _ = mapped_arrays.read(folder / FILE)
    try:
        tags = {facet: _read_tags(arrays, facet) for facet in FACETS}
        lengths = {name: arrays[f"lengths.{name}"] for name in SCORED}
        plain = {name: array for name, array in arrays.items() if "." not in name}
        return Columns(**plain, tags=tags, lengths=lengths)
    except (KeyError, TypeError, ValueError) as error:
        message = f"{FILE} of generation {folder.name} lacks a part: {error}."
        raise IndexDamagedError(message, remedy=mapped_arrays.REMEDY) from error


def _read_tags(arrays: dict[str, Any], facet: str) -> Tags:
    text = arrays[f"{facet}.names"].tobytes()
    ends = arrays[f"{facet}.ends"].tolist()
    names = [text[start:end].decode() for start, end in zip([0, *ends], ends, strict=False)]
    return Tags(names, arrays[f"{facet}.articles"], arrays[f"{facet}.values"])
