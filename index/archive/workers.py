"""Worker processes: they process chunks in parallel, and the results come in the order of the chunks."""

from __future__ import annotations

import gc
import os
import signal
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
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
"""Thresholds of the garbage collector in a worker. It collects rarely, because most of its objects are never freed."""

CHUNKS_AHEAD = 3
"""Chunks per worker that are read ahead. This bounds the memory."""

MIN_CHUNKS = 6
"""Fewer chunks are processed without workers, because their start would take longer than the work.

On the samples, the start of a worker takes 1.6 s of processor time, and a chunk takes 0.1 s.
"""

SAFE_PATH = "PYTHONSAFEPATH"
"""The variable that keeps the current folder off the module path of a Python process."""


class Workers:
    """A pool of `count` processes, or of one per core. They start only if there are at least MIN_CHUNKS chunks."""

    def __init__(self, count: int | None) -> None:
        self._count = count or os.cpu_count() or 1
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(wait=False, cancel_futures=True)

    def run(self, function: Callable[[Chunk], Result], chunks: Iterable[Chunk]) -> Iterator[Result]:
        """Yield the result of `function` for each chunk, in the order of the chunks.

        Raises:
            SearchError: A worker process was killed.
        """
        rest = iter(chunks)
        first = list(islice(rest, MIN_CHUNKS))
        if self._count == 1 or (self._pool is None and len(first) < MIN_CHUNKS):
            yield from map(function, chain(first, rest))
            return
        if self._pool is None:
            with _child_environment():  # this starts a process that tracks the semaphores
                context = get_context("spawn")
                self._pool = ProcessPoolExecutor(self._count, mp_context=context, initializer=_end_with_parent)
        waiting: deque[Future[Result]] = deque()
        try:
            for chunk in chain(first, rest):
                with _child_environment():  # this may start workers
                    waiting.append(self._pool.submit(function, chunk))
                if len(waiting) >= self._count * CHUNKS_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise SearchError(
                "A worker process was killed, perhaps because memory ran out.",
                remedy="Run the command again with fewer processes: --workers 1",
            ) from None


@contextmanager
def _child_environment() -> Iterator[None]:
    """Set the signal mask and the environment for processes that start in the `with` block.

    Ctrl-C is blocked in them, because their parent handles it. The current folder is not on their module path, because
    a file in it could have the name of a module.
    """
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    safe_path = os.environ.get(SAFE_PATH)
    os.environ[SAFE_PATH] = "1"
    try:
        yield
    finally:
        if safe_path is None:
            del os.environ[SAFE_PATH]
        else:
            os.environ[SAFE_PATH] = safe_path
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _end_with_parent() -> None:
    """End this worker when its parent process has ended, even if the parent was killed."""
    gc.set_threshold(*GC_THRESHOLDS)
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        connection.wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
