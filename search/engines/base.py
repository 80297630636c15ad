"""The base class of all engines. A generation is built beside the serving one, swapped in, and kept for a rollback.

An engine provides the protocols of `search.engines.protocols`. Reading is in `searching`, writing in `writing`.
"""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from contextlib import closing
from typing import TYPE_CHECKING, Generic, TypeVar

from search.engines import searching, writing
from search.errors import IndexDamagedError, NoIndexError
from search.model import TermGroup
from search.results import IndexInfo, WriteReport
from search.storage.fields import check_writable, meta_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from search.engines.protocols import Build, Generation, Store
    from search.model import Article, Query
    from search.results import FacetValues, Hit, Matches, Results, Suggestion

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

    def _log_opened(self, generation: Generation) -> None:
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
    def _current(self) -> Generation:
        """Return the serving generation. It is reopened after a swap."""

    @abstractmethod
    def _open_build(self, place: Place, before: Generation | None) -> AbstractContextManager[Build]:
        """Open a build at a place. It holds the articles of `before`, or those that a killed build left there."""

    def _read(self, ask: Callable[[Generation], T]) -> T:
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
        return self._read(lambda generation: searching.get(generation, article_id))

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

    def articles(self, after: str = "") -> Iterator[Article]:
        """See `Engine.articles`."""
        return writing.articles(self._read(lambda generation: generation), after)

    def ids(self) -> Iterator[str]:
        """See `Engine.ids`."""
        return self._read(lambda generation: generation).ids()

    def find(self, field: str, groups: Sequence[TermGroup], limit: int, *, whole: bool = True) -> Sequence[Article]:
        """See `Engine.find`."""
        node = searching.any_group(field, groups)
        return self._read(lambda generation: generation.select(node, limit, whole=whole))

    def count(self, field: str, terms: Sequence[str]) -> int:
        """See `Engine.count`."""
        node = searching.any_group(field, [TermGroup(terms)])
        return self._read(lambda generation: generation.count(node))

    def frequencies(self, field: str, terms: Sequence[str], above: int = 0) -> list[int]:
        """See `Engine.frequencies`."""
        return self._read(lambda generation: [generation.frequency(field, term, above) for term in terms])

    def info(self) -> IndexInfo:
        """See `Engine.info`."""
        return self._read(self._info)

    def _info(self, generation: Generation) -> IndexInfo:
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
            pending=meta.get("pending", 0),
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
        with self.store.building(build_name) as place:
            resumed = bool(build_name and self.store.resume_point(build_name))
            with (
                self._open_build(place, None) as building,
                closing(writing.Rebuild(building, resumed=resumed)) as rebuild,
            ):
                kept = 0
                for batch in writing.batches(articles):
                    rebuild.put(batch)
                    kept += len(batch)
                    if build_name and kept >= writing.CHECKPOINT_EVERY:
                        building.checkpoint(batch[-1].id)
                        kept = 0
                generation = rebuild.commit()
                building.finish(meta_of(generation.size))
                if verify is not None:
                    verify(writing.articles(generation))
                size = generation.size
            self._log_built(size, 0, start)
            name = self.store.swap(place, keep)
        return WriteReport(added=size, replaced=rebuild.replaced, deleted=0, generation=name)

    def write(self, articles: Iterable[Article], deletes: Iterable[str], keep: int) -> WriteReport:
        """See `Engine.write`."""
        start = time.monotonic()
        with self.store.building("") as place:
            try:
                before = self._current()
            except NoIndexError:
                before = None
            if before is None:
                return self._write_first(place, articles, keep)
            check_writable(before.meta, self.url)
            with self._open_build(place, before) as building:
                update = writing.Update(before, building)
                for batch in writing.batches(articles):
                    update.put(batch)
                update.delete(deletes)
                changed = len(update.written) + len(update.deleted)
                if not changed:
                    return WriteReport(0, 0, 0, before.name)
                size = update.commit().size
                building.finish(meta_of(size, pending=before.meta.get("pending", 0) + changed))
            self._log_built(len(update.written), len(update.deleted), start)
            name = self.store.swap(place, keep)
        added, replaced = len(update.written) - len(update.replaced), len(update.replaced)
        return WriteReport(added, replaced, len(update.deleted), name)

    def _write_first(self, place: Place, articles: Iterable[Article], keep: int) -> WriteReport:
        """Write the first generation of an index."""
        start = time.monotonic()
        with self._open_build(place, None) as building, closing(writing.Rebuild(building, resumed=False)) as rebuild:
            for batch in writing.batches(articles):
                rebuild.put(batch)
            size = rebuild.commit().size
            building.finish(meta_of(size, pending=size))
        self._log_built(size, 0, start)
        return WriteReport(size, 0, 0, self.store.swap(place, keep))

    def rollback(self) -> IndexInfo:
        """See `Engine.rollback`."""
        self.store.rollback()
        return self.info()


def contradictions(generation: Generation, stored: Iterable[Callable[[], Article]]) -> Iterator[str]:
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
