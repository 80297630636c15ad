"""The base class of all engines. A generation is built beside the serving one, swapped in, and kept for a rollback.

An engine provides the protocols of `search.engines.protocols`: where its generations are (`Store`), an open one
(`OpenGeneration`), and one that is being built (`Build`).
"""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

from search.engines import searching
from search.errors import IndexDamagedError, NoIndexError
from search.lexicon.contents import ArticleFacts
from search.results import IndexInfo, WriteReport
from search.storage.fields import check_writable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from contextlib import AbstractContextManager

    from search.engines.protocols import Build, OpenGeneration, Store
    from search.model import Article, Entry, Query
    from search.results import FacetValues, Hit, Matches, Results, Suggestion

BATCH = 500
"""Number of articles that are passed to a build together."""

CHECKPOINT_EVERY = 2_000
"""Number of articles between two checkpoints of a resumable build."""

log = logging.getLogger("dateline.engine")

T = TypeVar("T")
Place = TypeVar("Place")


class GenerationsEngine(ABC, Generic[Place]):
    """An engine whose index is a sequence of generations. `search.engine.Engine` describes the methods."""

    engine: str
    """The name of the engine."""

    url: str
    store: Store[Place]

    _last_opened = ""

    def _log_opened(self, generation: OpenGeneration) -> None:
        """Log that this process reads another generation than before. The first one is not logged."""
        before, self._last_opened = self._last_opened, generation.name
        if before not in ("", generation.name):
            facts = {"index": self.url, "before": before, "generation": generation.name, "articles": generation.size}
            text = "Reloaded %(index)s: generation %(generation)s replaces %(before)s, %(articles)d articles"
            log.info(text, facts, extra=facts)

    def _log_built(self, articles: int, deleted: int, start: float) -> None:
        """Log that a generation was built since `start`, a time of `time.monotonic`."""
        facts = {"index": self.url, "articles": articles, "deleted": deleted, "seconds": time.monotonic() - start}
        text = "Built a generation of %(index)s: wrote %(articles)d articles, deleted %(deleted)d in %(seconds).2f s"
        log.info(text, facts, extra=facts)

    @abstractmethod
    def _current(self) -> OpenGeneration:
        """Return the serving generation. It is reopened after a swap."""

    @abstractmethod
    def _open_build(self, place: Place, before: OpenGeneration | None) -> AbstractContextManager[Build]:
        """Open a build at a place. It holds the articles of `before`, or those that a killed build left there."""

    @abstractmethod
    def _built(self, place: Place) -> Iterator[Article]:
        """Yield all whole articles of the build at a place, before it serves."""

    def _read(self, ask: Callable[[OpenGeneration], T]) -> T:
        """Call `ask` with the serving generation and return its result."""
        return ask(self._current())

    # Reading

    def search(self, query: Query) -> Results:
        """See `Engine.search`."""
        start = time.monotonic()
        results = self._read(lambda generation: searching.search(generation, query))
        log.debug("Searched %r: %d articles in %.1f ms", query.text, results.total, 1000 * (time.monotonic() - start))
        return results

    def get(self, article_id: str) -> Article:
        """See `Engine.get`."""
        return self._read(lambda generation: generation.get(article_id))

    def matches(self, article: Article, query: Query) -> Matches:
        """See `Engine.matches`."""
        return self._read(lambda generation: searching.matches(generation, article, query))

    def similar(self, article_id: str, limit: int) -> tuple[Hit, ...]:
        """See `Engine.similar`."""
        return self._read(lambda generation: searching.similar(generation, article_id, limit))

    def suggest(self, text: str, limit: int) -> tuple[Suggestion, ...]:
        """See `Engine.suggest`."""
        return self._read(lambda generation: searching.suggest(generation, text, limit))

    def facet_values(self, facet: str, prefix: str, query: Query) -> FacetValues:
        """See `Engine.facet_values`."""
        return self._read(lambda generation: searching.facet_values(generation, facet, prefix, query))

    def entries(self) -> Iterator[Entry]:
        """See `Engine.entries`."""
        try:
            generation = self._read(lambda generation: generation)
        except NoIndexError:
            return
        yield from generation.entries()

    def articles(self, after: str = "") -> Iterator[Article]:
        """See `Engine.articles`."""
        return self._read(lambda generation: generation).articles(after)

    def info(self) -> IndexInfo:
        """See `Engine.info`."""
        return self._read(self._info)

    def _info(self, generation: OpenGeneration) -> IndexInfo:
        meta = generation.meta
        return IndexInfo(
            url=self.url,
            engine=self.engine,
            generation=generation.name,
            generations=self.store.names(),
            created=meta["created"],
            articles=generation.size,
            size=self.store.size(generation.name),
            schema=meta["schema"],
            analyzer=meta["analyzer"],
        )

    def check(self) -> tuple[str, ...]:
        """See `Engine.check`."""
        return self._read(lambda generation: tuple(generation.problems()))

    # Writing

    def resume_point(self, build_name: str) -> str:
        """See `Engine.resume_point`."""
        return self.store.resume_point(build_name)

    def rebuild(
        self,
        articles: Iterable[Article],
        keep: int,
        build_name: str = "",
        verify: Callable[[Iterator[Article]], None] | None = None,
    ) -> WriteReport:
        """See `Engine.rebuild`."""
        start = time.monotonic()
        with self.store.writing(build_name), self.store.building(build_name) as place:
            with self._open_build(place, None) as building:
                facts = {one.article: one for one in building.facts()}
                replaced = kept = 0
                for batch in _batches(articles):
                    latest = {article.id: article for article in batch}
                    old = latest.keys() & facts.keys()
                    building.put(list(latest.values()), old)
                    replaced += len(old) + len(batch) - len(latest)
                    facts.update((article.id, ArticleFacts.of(article)) for article in latest.values())
                    kept += len(batch)
                    if build_name and kept >= CHECKPOINT_EVERY:
                        building.checkpoint(batch[-1].id)
                        kept = 0
                building.finish(facts.values())
            if verify is not None:
                verify(self._built(place))
            self._log_built(len(facts), 0, start)
            name = self.store.swap(place, keep)
        return WriteReport(added=len(facts), replaced=replaced, deleted=0, generation=name)

    def write(self, articles: Iterable[Article], deletes: Iterable[str], keep: int) -> WriteReport:
        """See `Engine.write`."""
        start = time.monotonic()
        with self.store.writing(""), self.store.building("") as place:
            try:
                before: OpenGeneration | None = self._current()
            except NoIndexError:
                before = None
            if before:
                check_writable(before.meta, self.url)
            with self._open_build(place, before) as building:
                written: dict[str, ArticleFacts] = {}
                replaced: set[str] = set()
                for batch in _batches(articles):
                    latest = {article.id: article for article in batch}
                    replaced |= before.holds(latest.keys()) if before else set()
                    building.put(list(latest.values()), latest.keys() & (replaced | written.keys()))
                    written.update((article.id, ArticleFacts.of(article)) for article in latest.values())
                ids = {one for one in deletes if one not in written}
                deleted_ids = before.holds(ids) if before and ids else set()
                if deleted_ids:
                    building.delete(deleted_ids)
                if written or deleted_ids or before is None:
                    facts = {one.article: one for one in building.facts() if one.article not in deleted_ids}
                    facts.update(written)
                    building.finish(facts.values())
            if before and not written and not deleted_ids:
                self.store.discard(place)
                return WriteReport(0, 0, 0, before.name)
            self._log_built(len(written), len(deleted_ids), start)
            name = self.store.swap(place, keep)
        return WriteReport(len(written) - len(replaced), len(replaced), len(deleted_ids), name)

    def rollback(self) -> IndexInfo:
        """See `Engine.rollback`."""
        self.store.current()  # raises if there is no index, before a lock is taken
        with self.store.writing(""):
            self.store.rollback()
        return self.info()


def contradictions(generation: OpenGeneration, stored: Iterable[Callable[[], Article]]) -> Iterator[str]:
    """Yield a sentence for each problem of the stored articles; each call of `stored` reads one article."""
    if generation.size != generation.meta["articles"]:
        yield f"It holds {generation.size} articles, but {generation.meta['articles']} were written."
    seen: set[str] = set()
    for read in stored:
        try:
            article = read()
        except IndexDamagedError as error:
            yield error.message
            continue
        if article.id in seen:
            yield f"Article {article.id} is there twice."
        seen.add(article.id)


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    iterator = iter(articles)
    while batch := list(islice(iterator, BATCH)):
        yield batch
