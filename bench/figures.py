"""The figures that a run of `make bench` measures."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from box_sizes import Size
    from dateline import Reindex


def percentile(ordered: Sequence[float], share: int) -> float:
    """Return a percentile of sorted times: always one of the times, without interpolation."""
    return ordered[min(len(ordered) * share // 100, len(ordered) - 1)]


@dataclass(frozen=True, slots=True)
class Latency:
    """Times of searches, in milliseconds."""

    name: str
    searches: int
    median: float
    p99: float

    @classmethod
    def of(cls, name: str, times: Sequence[float]) -> Latency:
        """Return the median and the 99th percentile of these times."""
        ordered = sorted(times)
        return cls(name, len(ordered), statistics.median(ordered), percentile(ordered, 99))


@dataclass(frozen=True, slots=True)
class Contest:
    """How one engine indexed and searched. `size` is in bytes; `kinds` maps each kind of query to its median time."""

    name: str
    articles: int
    build_seconds: float
    build_cpu_seconds: float
    size: int
    latency: Latency
    kinds: dict[str, float]

    @property
    def build_rate(self) -> float:
        """Articles indexed per second."""
        return self.articles / self.build_seconds


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often another engine returns the same counts as Dateline for two-word queries.

    `equal` is the share of queries with the same total. `near` is the share with a total within 5 %.
    `facets` is a share of the queries with the same total: those with the same counts in all three facets.
    """

    name: str
    queries: int
    equal: float
    near: float
    facets: float


@dataclass(frozen=True, slots=True)
class Presses:
    """Milliseconds from a key press to painted suggestions, without the debounce. `debounce` is its length.

    `received` is the median time until the page's script received the key. `missed` counts presses whose suggestions
    came too late or belonged to another text.
    """

    measured: int
    missed: int
    median: float
    p90: float
    p99: float
    received: float
    debounce: float

    @classmethod
    def of(cls, painted: Sequence[float], received: Sequence[float], missed: int, debounce: float) -> Presses:
        """Return the median and the percentiles of these times."""
        ordered = sorted(painted)
        p90, p99 = percentile(ordered, 90), percentile(ordered, 99)
        return cls(len(ordered), missed, statistics.median(ordered), p90, p99, statistics.median(received), debounce)


@dataclass(frozen=True, slots=True)
class FirstView:
    """What a browser with an empty cache loads for `/`: requests, bytes of the bodies, bytes after gzip -9."""

    requests: int
    bytes: int
    gzip: int


@dataclass(slots=True)
class Box:
    """All figures of the search box. `unmeasured` names each missing figure with the reason."""

    sizes: list[Size] = field(default_factory=list)
    first_view: FirstView | None = None
    presses: Presses | None = None
    unmeasured: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Figures:
    """All figures of one run."""

    corpus: str
    machine: str
    load_average: float
    reindexed: list[Reindex] = field(default_factory=list)
    articles: int = 0
    text_bytes: int = 0
    contests: list[Contest] = field(default_factory=list)
    latencies: list[Latency] = field(default_factory=list)
    requests_per_second: float = 0.0
    connections: int = 0
    failed_requests: int = 0
    agreements: list[Agreement] = field(default_factory=list)
    search_box: Box | None = None
    seconds: float = 0.0
