"""Processes that work on chunks; the results come in the order of the chunks."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from multiprocessing import connection, get_context, parent_process
from typing import TYPE_CHECKING, Self, TypeVar

from search.errors import SearchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")

GC_THRESHOLDS = (100_000, 50, 100)
"""A worker loads its gazetteer in two thirds of the time when the collector does not go through it again and again."""

CHUNKS_AHEAD = 3
"""Chunks a worker that are read ahead; what bounds the memory."""


class Workers:
    """As many processes as asked for, or as there are cores; they start when there are two chunks to share."""

    def __init__(self, count: int | None) -> None:
        self._count = count or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def run(self, function: Callable[[Chunk], Result], chunks: Iterable[Chunk]) -> Iterator[Result]:
        """Yield what `function` makes of each chunk, in their order.

        Raises:
            SearchError: A process was ended from outside.
        """
        rest = iter(chunks)
        first = list(islice(rest, 2))
        if self._count == 1 or (self._pool is None and len(first) < 2):
            yield from map(function, chain(first, rest))
            return
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self._count, mp_context=get_context("spawn"), initializer=_end_with_parent)
        waiting: deque[Future[Result]] = deque()
        try:
            for chunk in chain(first, rest):
                waiting.append(_submit(self._pool, function, chunk))
                if len(waiting) >= self._count * CHUNKS_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise SearchError(
                "A process that prepares articles was ended from outside, perhaps for want of memory.",
                remedy="Run the command again, with fewer of them: --workers 1",
            ) from None


def _submit(pool: ProcessPoolExecutor, function: Callable[[Chunk], Result], chunk: Chunk) -> Future[Result]:
    """Submit a chunk. It may start a worker, which inherits that Ctrl-C is blocked: it leaves that to its parent."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(function, chunk)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end_with_parent() -> None:
    """End this worker when the process that started it is gone, however it went."""
    gc.set_threshold(*GC_THRESHOLDS)
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
