"""The protocols of an engine: open generations and views for reading, the store and builds for writing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from search.query import planning

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from whoosh import query as tree

    from search.engines.plan_result import PlanResult
    from search.lexicon import Lexicon
    from search.lexicon.contents import ArticleFacts
    from search.model import Article, Entry, Query
    from search.query.planning import Plan

Place = TypeVar("Place")


class Generation(Protocol):
    """One open generation of an index. Later writes do not change its answers."""

    @property
    def lexicon(self) -> Lexicon:
        """The words, names and headlines of the generation."""
        ...

    def get(self, article_id: str) -> Article:
        """Return the whole article. Raises `NotFoundError`."""
        ...

    def story_of(self, article_id: str) -> str | None:
        """Return the id of an article's story; None if there is no such article."""
        ...

    def view(self, query: Query) -> View:
        """Return the view of a query on the generation. `filters.story` must be the id of a story."""
        ...


class View(planning.Index, Protocol):
    """A generation under the filters, the order, the page and the facets of one query."""

    def run_if_enough(self, plan: Plan) -> PlanResult | None:
        """Run a plan if at least `plan.least` articles match it, ignoring filters; otherwise return None."""
        ...

    def run(self, plan: Plan) -> PlanResult:
        """Run a plan under the query's filters. A facet's counts ignore the facet's own filter."""
        ...

    def values(self, node: tree.Query, facet: str, prefix: str) -> Mapping[str, int]:
        """Return values of `country` or `person` with their exact counts among the matches of a tree.

        The facet's own filter is ignored; values without a match are left out. A person is returned if a word of the
        name begins with `prefix`, folded: see `search.storage.fields.rotations`. Countries are not limited by `prefix`.
        """
        ...


class Store(Protocol[Place]):
    """The generations of an index. `Place` is the location of a build. Names of generations sort by age."""

    def current(self) -> str:
        """Return the name of the serving generation. Raises `NoIndexError` if there is none."""
        ...

    def names(self) -> tuple[str, ...]:
        """Return the names of the kept generations, oldest first."""
        ...

    def size(self, name: str) -> int:
        """Return the size of a generation in bytes."""
        ...

    def writing(self, build_name: str) -> AbstractContextManager[None]:
        """Hold the write lock. Remove what killed writers left first, except the resumable build of that name.

        Raises `IndexLockedError` if another process holds the lock; the message names the process.
        """
        ...

    def building(self, build_name: str) -> AbstractContextManager[Place]:
        """Yield a place to build in: the place of the killed build with this name, or a new one.

        It is removed when the block raises, unless the build has a name.
        """
        ...

    def discard(self, place: Place) -> None:
        """Remove the place of a build that is not needed."""
        ...

    def resume_point(self, build_name: str) -> str:
        """Return the id of the last article at the checkpoint of a killed build; an empty string if there is none."""
        ...

    def swap(self, place: Place, keep: int) -> str:
        """Make a build the serving generation, prune to the newest `keep`, and return its name."""
        ...

    def rollback(self) -> None:
        """Serve the newest older generation and remove the current one. Raises `NoIndexError` if none is older."""
        ...


class OpenGeneration(Generation, Protocol):
    """An open generation with additional members for checks, writes and exports."""

    @property
    def name(self) -> str:
        """The name of the generation."""
        ...

    @property
    def meta(self) -> Mapping[str, Any]:
        """The metadata of the generation: see `search.storage.fields.meta_of`."""
        ...

    @property
    def size(self) -> int:
        """The number of articles."""
        ...

    def holds(self, ids: Collection[str]) -> set[str]:
        """Return those of the ids that the generation contains."""
        ...

    def articles(self, after: str) -> Iterator[Article]:
        """Yield all whole articles, sorted by id, beginning after the id `after`."""
        ...

    def entries(self) -> Iterator[Entry]:
        """Yield the entries for `dateline update`, in no order."""
        ...

    def problems(self) -> Iterator[str]:
        """Yield a sentence for each problem."""
        ...


class Build(Protocol):
    """A generation that is being built."""

    def facts(self) -> Iterator[ArticleFacts]:
        """Yield the facts of the articles that it held when it was opened."""
        ...

    def put(self, articles: Sequence[Article], replaced: Collection[str]) -> None:
        """Write articles with unique ids; `replaced` lists ids already present."""
        ...

    def delete(self, ids: Collection[str]) -> None:
        """Delete articles that are present."""
        ...

    def checkpoint(self, last: str) -> None:
        """Make all written articles safe on disk, so that a later build resumes after `last`, an id."""
        ...

    def finish(self, articles: Collection[ArticleFacts]) -> None:
        """Write the lexicon and the metadata, and verify the generation; `articles` are the facts of all its articles.

        Raises:
            IndexDamagedError: The generation does not have as many articles as `articles`.
        """
        ...
