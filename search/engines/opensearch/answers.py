"""Reads OpenSearch's responses. Pure functions, no server needed.

A terms aggregation over several shards is truncated in each shard, so its counts may be too low. OpenSearch reports the
maximum error (`doc_count_error_upper_bound`) for the whole list and for each value in it. `top` uses it to decide which
counts are certain.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from search import calendars
from search.engines.plan_result import FULL_TEXT
from search.model import Interval
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from search.model import Article

Answer: TypeAlias = "Mapping[str, Any]"


def total(answer: Answer) -> int:
    """Return the number of matching articles."""
    return int(answer["hits"]["total"]["value"])


def hits(answer: Answer) -> list[Answer]:
    """Return the hits that a response lists."""
    listed_hits: list[Answer] = answer["hits"]["hits"]
    return listed_hits


def listed(hit: Answer) -> Article:
    """Return the article of a hit, without its mentions, digest and signature."""
    return records.restore(hit["_source"]["record"].encode(), mentions=False)


def counted(aggregation: Answer) -> dict[Any, int]:
    """Return the counts of a terms aggregation, by value."""
    return {bucket["key"]: bucket["doc_count"] for bucket in aggregation["buckets"]}


def is_whole(aggregation: Answer) -> bool:
    """Return whether a terms aggregation lists all values with exact counts."""
    return not aggregation["sum_other_doc_count"] and not aggregation["doc_count_error_upper_bound"]


class Top(NamedTuple):
    """The most frequent values, as far as a terms aggregation determines them.

    - If `certain`, `values` are exact, sorted by count, then by value.
    - Otherwise, `candidates` may be among them. Their exact counts must be requested.
    - If there are no candidates either, more values must be requested.
    """

    certain: bool
    values: list[tuple[str, int]]
    candidates: list[str]


def top(aggregation: Answer, size: int) -> Top:
    """Return the `size` most frequent values, as far as a terms aggregation determines them.

    The count of a value that is not listed is at most the last listed count plus the maximum error of the list.
    """
    buckets = aggregation["buckets"]
    error = aggregation["doc_count_error_upper_bound"]
    values = ranked({bucket["key"]: bucket["doc_count"] for bucket in buckets})
    if not error:
        return Top(certain=True, values=values[:size], candidates=[])
    bound = values[-1][1] + error
    lowest = values[size - 1][1] if len(values) >= size else 0
    if lowest <= bound:
        return Top(certain=False, values=[], candidates=[])
    candidates = {
        bucket["key"]: bucket["doc_count_error_upper_bound"]
        for bucket in buckets
        if bucket["doc_count"] + bucket["doc_count_error_upper_bound"] >= lowest
    }
    return Top(certain=not any(candidates.values()), values=values[:size], candidates=list(candidates))


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return values with their counts, sorted by falling count, then by value."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


class Dates(NamedTuple):
    """A date histogram. If its aggregation was truncated, `missing` names the field whose values must all be listed."""

    counts: Mapping[int, int]
    interval: Interval
    missing: str = ""


def dates(aggregations: Answer, interval: Interval) -> Dates:
    """Return the counts of days or months; `auto` picks the finest interval that gives few bars."""
    if interval is Interval.AUTO:
        span = aggregations["span"]
        if not span["count"]:
            return Dates({}, interval)
        interval = calendars.fitting(int(span["min"]), int(span["max"]))
    field = calendars.column(interval)
    if not is_whole(aggregations[field]):
        return Dates({}, interval, field)
    return Dates(counted(aggregations[field]), interval)


def stories(matches: int, groups: Mapping[int, int]) -> int:
    """Return the number of stories among the matches. `groups` counts the matches of each story with copies, by key."""
    return matches - sum(groups.values()) + len(groups)


class Member(NamedTuple):
    """An article of a story with copies: their keys, its length in words, and its time of publication."""

    group: int
    own_key: int
    length: int
    instant: float

    @classmethod
    def of(cls, hit: Answer) -> Member:
        """Return the member that a hit describes. An article without a date counts as the latest."""
        fields = {name: values[0] for name, values in hit["fields"].items()}
        return cls(fields["group"], fields["own_key"], fields.get("length", 0), fields.get("instant", float("inf")))


def hidden(members: Iterable[Member]) -> list[int]:
    """Return the keys of the articles that are hidden behind another article of their story.

    Each story is shown by the earliest of its articles with a full text (at least `FULL_TEXT` times the longest).
    """
    stories: dict[int, list[Member]] = {}
    for member in members:
        stories.setdefault(member.group, []).append(member)
    keys: list[int] = []
    for same in stories.values():
        longest = max(member.length for member in same)
        order = sorted((member.length < FULL_TEXT * longest, member.instant, member.own_key) for member in same)
        keys += [key for *_, key in order[1:]]
    return keys
