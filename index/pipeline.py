"""RawArticle -> Article, over the cores, in the order of the input, with bounded memory.

Worker processes clean, tag and analyze. What they return waits in a temporary file, since the story of an article is
known only when all have been seen; then the articles are yielded, in order, with their stories.
"""

from __future__ import annotations

import gc
import hashlib
import os
import pickle
import signal
import tempfile
import threading
from collections import Counter, deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from multiprocessing import connection, get_context, parent_process
from typing import IO, TYPE_CHECKING

from index import facets, stories
from index.clean import Rejected, clean
from search import analysis
from search.errors import SearchError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future

    from index.sources import RawArticle
    from search.model import Article, Entry
    from search.settings import Settings

VERSION = 1
"""Raised when the same input would give another article, so that `dateline update` replaces what it finds unchanged."""

CHUNK_ARTICLES = 32
CHUNK_CHARS = 400_000
"""A chunk goes to a worker at one of these sizes: large enough that passing it costs little, small enough to share."""

GC_THRESHOLDS = (100_000, 50, 100)
"""A worker loads its gazetteer in two thirds of the time when the collector does not go through it again and again."""

CHUNKS_AHEAD = 3
"""Chunks a worker that are read ahead; what bounds the memory."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the first pass keeps of an article in memory; `reason` is set where it was rejected."""

    id: str
    signature: bytes = b""
    reason: str = ""


@dataclass(slots=True)
class Tally:
    """What became of the input: `read` is the sum of the next four.

    `accepted` is what is written, `duplicates` had a later version in the same input, `rejected` counts by reason.
    `regrouped` counts what the input does not hold or change: articles of the index that became part of another story.
    """

    read: int = 0
    unchanged: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    regrouped: int = 0


def digest(raw: RawArticle) -> str:
    """Return what names the input of an article: 32 hexadecimal digits of all that it is made from."""
    bare = replace(raw, origin="", retrieved=None)  # where and when it was fetched makes no other article
    return hashlib.blake2b(f"{VERSION}{bare!r}".encode(errors="surrogatepass"), digest_size=16).hexdigest()


def prepare_one(raw: RawArticle, settings: Settings) -> Article | Rejected:
    """Return the article, all but its story, or why it is refused."""
    article = clean(raw, settings)
    if isinstance(article, Rejected):
        return article
    found = facets.find(article.text, len(article.title), article.language, article.captions)
    tokens = analysis.tokens_of(article.title, article.body)
    return replace(
        article,
        captions=(),
        countries=found.countries,
        persons=found.persons,
        digest=digest(raw),
        signature=stories.signature(tokens.body_words),
        tokens=tokens,
    )


class Preparation:
    """One run over an input: `articles` yields it in order; `tally` counts meanwhile.

    `superseded` is known from the first article on: id -> how many more of that id come after the next one.
    """

    def __init__(self, settings: Settings, on_progress: Callable[[Tally], None] = lambda _: None) -> None:
        self.settings = settings
        self.tally = Tally()
        self.stories: dict[str, str] = {}
        self.superseded: Counter[str] = Counter()
        self._on_progress = on_progress

    def articles(
        self, raws: Iterable[RawArticle], known: Callable[[], Iterable[Entry]] = tuple
    ) -> Iterator[Article | Rejected]:
        """Yield each article, or why it was rejected, in the order of the input.

        `known` is asked, when all input was read, for the articles of the index that stay: their stories are found
        together with the new ones, and `stories` then tells those too.
        """
        with tempfile.TemporaryFile(prefix="dateline-") as spool:
            heads = self._first_pass(raws, spool)
            signatures = {entry.id: entry.signature for entry in known()}
            signatures.update((head.id, head.signature) for head in heads if not head.reason)
            self.stories = stories.group(signatures.items())
            spool.seek(0)
            for item in _unspool(spool):
                yield item if isinstance(item, Rejected) else self.with_story(item)

    def with_story(self, article: Article) -> Article:
        """Return an article of the input, or a known one, with the story that was found for it."""
        return replace(article, story=self.stories[article.id])

    def _first_pass(self, raws: Iterable[RawArticle], spool: IO[bytes]) -> list[Head]:
        heads: list[Head] = []
        for blob, chunk in _in_order(_chunks(raws), self.settings):
            spool.write(blob)
            for head in chunk:
                self.tally.read += 1
                if head.reason:
                    self.tally.rejected[head.reason] += 1
                else:
                    self.tally.accepted += 1
            heads.extend(chunk)
            self._on_progress(self.tally)
        versions = Counter(head.id for head in heads if not head.reason)
        self.superseded.update({article_id: count - 1 for article_id, count in versions.items() if count > 1})
        self.tally.duplicates = self.superseded.total()
        self.tally.accepted -= self.tally.duplicates
        return heads


def _unspool(spool: IO[bytes]) -> Iterator[Article | Rejected]:
    while True:
        try:
            items = pickle.load(spool)  # noqa: S301 - our own, from a file that has no name
        except EOFError:
            return
        yield from items


def _chunks(raws: Iterable[RawArticle]) -> Iterator[list[RawArticle]]:
    chunk: list[RawArticle] = []
    size = 0
    for raw in raws:
        chunk.append(raw)
        size += len(raw.text or raw.html or "")
        if len(chunk) >= CHUNK_ARTICLES or size >= CHUNK_CHARS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _in_order(chunks: Iterator[list[RawArticle]], settings: Settings) -> Iterator[tuple[bytes, list[Head]]]:
    """Yield the results of the chunks in their order; an input of one chunk, or one worker, needs no processes.

    Raises:
        SearchError: A process was ended from outside.
    """
    workers = settings.workers or os.cpu_count() or 1
    first = list(islice(chunks, 2))
    chunks = chain(first, chunks)
    if workers == 1 or len(first) < 2:
        for chunk in chunks:
            yield _prepare_chunk(chunk, settings)
        return
    waiting: deque[Future[tuple[bytes, list[Head]]]] = deque()
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
        try:
            for chunk in chunks:
                waiting.append(_submit(pool, chunk, settings))
                if len(waiting) >= workers * CHUNKS_AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise SearchError(
                "A process that prepares articles was ended from outside, perhaps for want of memory.",
                remedy="Run the command again, with fewer of them: --workers 1",
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, chunk: list[RawArticle], settings: Settings) -> Future[tuple[bytes, list[Head]]]:
    """Submit a chunk. It may start a worker, which inherits that Ctrl-C is blocked: it leaves that to its parent."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return pool.submit(_prepare_chunk, chunk, settings)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare_chunk(chunk: list[RawArticle], settings: Settings) -> tuple[bytes, list[Head]]:
    items = [prepare_one(raw, settings) for raw in chunk]
    heads = [
        Head(item.id, reason=item.reason) if isinstance(item, Rejected) else Head(item.id, item.signature)
        for item in items
    ]
    return pickle.dumps(items, protocol=pickle.HIGHEST_PROTOCOL), heads


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
