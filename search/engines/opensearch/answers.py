"""What OpenSearch's responses say. Pure functions, no server needed.

A terms aggregation over several shards is cut off in each, so its counts may be short. OpenSearch says by how much at
most (`doc_count_error_upper_bound`), for the list as a whole and for each value in it; `top` tells what is certain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from search import calendars
from search.engines.searching import FULL
from search.model import Interval
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from search.model import Article, DateBucket

Answer: TypeAlias = "Mapping[str, Any]"


def total(answer: Answer) -> int:
    """Return how many articles matched."""
    return int(answer["hits"]["total"]["value"])


def hits(answer: Answer) -> list[Answer]:
    """Return the articles that are listed."""
    found: list[Answer] = answer["hits"]["hits"]
    return found


def listed(hit: Answer) -> Article:
    """Return an article of a list, without its mentions and without what serves updates."""
    return records.restore(hit["_source"]["record"].encode(), mentions=False)


def counted(aggregation: Answer) -> dict[Any, int]:
    """Return the values of a terms aggregation with their counts."""
    return {bucket["key"]: bucket["doc_count"] for bucket in aggregation["buckets"]}


def is_whole(aggregation: Answer) -> bool:
    """Return whether a terms aggregation lists all values there are, all counts exact."""
    return not aggregation["sum_other_doc_count"] and not aggregation["doc_count_error_upper_bound"]


class Top(NamedTuple):
    """What a terms aggregation tells of the most frequent values.

    `values` are these where they are `certain`, by count, then by value. Where they are not, `near` are those that may
    be among them, if it is known; their counts are to be asked for. Where neither is known, more values are.
    """

    certain: bool
    values: list[tuple[str, int]]
    near: list[str]


def top(aggregation: Answer, size: int) -> Top:
    """Return what a terms aggregation tells of the `size` most frequent values.

    A value that is not listed counts at most what the last listed one does, and what the shards may have withheld.
    """
    buckets = aggregation["buckets"]
    error = aggregation["doc_count_error_upper_bound"]
    found = ranked({bucket["key"]: bucket["doc_count"] for bucket in buckets})
    if not error:
        return Top(certain=True, values=found[:size], near=[])
    bound = found[-1][1] + error
    wanted = found[size - 1][1] if len(found) >= size else 0
    if wanted <= bound:
        return Top(certain=False, values=[], near=[])
    near = {
        bucket["key"]: bucket["doc_count_error_upper_bound"]
        for bucket in buckets
        if bucket["doc_count"] + bucket["doc_count_error_upper_bound"] >= wanted
    }
    return Top(certain=not any(near.values()), values=found[:size], near=list(near))


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return values by count, then by value."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


class Dates(NamedTuple):
    """The histogram, or, where its aggregation was cut off, the field whose values must be listed in full."""

    buckets: tuple[DateBucket, ...]
    interval: Interval
    missing: str = ""


def dates(aggregations: Answer, interval: Interval) -> Dates:
    """Return the buckets that are not empty, by date; `auto` picks the finest width that gives few bars."""
    if interval is Interval.AUTO:
        span = aggregations["span"]
        if not span["count"]:
            return Dates((), interval)
        interval = calendars.fitting(int(span["min"]), int(span["max"]))
    field = "month" if interval in (Interval.MONTH, Interval.YEAR) else "day"
    if not is_whole(aggregations[field]):
        return Dates((), interval, field)
    return Dates(bars(counted(aggregations[field]), interval), interval)


def bars(counts: Mapping[int, int], interval: Interval) -> tuple[DateBucket, ...]:
    """Return the buckets of a width, of counts by month for months and years, by day for the others."""
    if interval in (Interval.MONTH, Interval.YEAR):
        return calendars.from_months(counts, interval)
    return calendars.from_days(counts, interval)


def stories(matches: int, groups: Mapping[int, int]) -> int:
    """Return how many stories there are among the matches; `groups` are those with copies, by key."""
    return matches - sum(groups.values()) + len(groups)


class Member(NamedTuple):
    """An article of a story that has copies: the keys of both, its words, when it was published."""

    group: int
    own_key: int
    length: int
    instant: float

    @classmethod
    def of(cls, hit: Answer) -> Member:
        """Return that of a hit; one without a date counts as the latest."""
        fields = {name: values[0] for name, values in hit["fields"].items()}
        return cls(fields["group"], fields["own_key"], fields.get("length", 0), fields.get("instant", float("inf")))


def hidden(members: Iterable[Member]) -> list[int]:
    """Return the keys of the articles for which another one of their story is shown.

    Shown is the earliest of those with the fullest text.
    """
    stories: dict[int, list[Member]] = {}
    for one in members:
        stories.setdefault(one.group, []).append(one)
    keys: list[int] = []
    for same in stories.values():
        longest = max(one.length for one in same)
        order = sorted((one.length < FULL * longest, one.instant, one.own_key) for one in same)
        keys += [key for *_, key in order[1:]]
    return keys
