"""How a long job reports its progress. The command line draws bars from the reports; by default they are ignored."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")

REPORT_EVERY = 50
"""Articles between two reports of a step: often enough for a smooth bar, and too rarely to cost time."""


@dataclass(frozen=True, slots=True)
class Step:
    """The state of one step of a job.

    `done` and `total` are bytes of input for the step `Reading`, else articles; `total` is None if it is not known.
    `articles` counts all articles so far, and `rejected` the rejected ones among them. `rate` is articles per second,
    or 0 if the step does not measure it.
    """

    name: str
    done: int
    total: int | None
    articles: int
    rejected: int = 0
    rate: float = 0.0


class Progress(Protocol):
    """Receives reports. The steps of a job follow each other: the first report on a step ends the previous step."""

    def __call__(self, step: Step, /) -> None:
        """Show the state of a step."""
        ...


def silent(_: Step) -> None:
    """Ignore a report."""


def counted(items: Iterable[Item], name: str, total: Callable[[], int], progress: Progress) -> Iterator[Item]:
    """Yield the items, and report every 50 of them as progress of the step `name`.

    `total` is called for each report, so it need not be known before the first item.
    """
    start = 0.0
    for count, item in enumerate(items, 1):
        start = start or time.monotonic()
        if count % REPORT_EVERY == 0:
            progress(Step(name, count, total(), count, rate=count / max(time.monotonic() - start, 0.001)))
        yield item
