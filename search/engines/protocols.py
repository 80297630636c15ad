"""The operations that an engine implements. Everything else is built on them once, in `base` and `searching`.

An engine for an index in a folder provides a `Generation` and a `Build`. An engine for another kind of place also
provides a `Store`; `search.engines.folder` has the one for folders.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from search.query import planning

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from whoosh import query as tree

    from search.engines.plan_result import PlanResult
    from search.lexicon import Lexicon
    from search.model import Article, Filters, Query
    from search.query.planning import Plan

Place = TypeVar("Place")


class Generation(planning.Index, Protocol):
    """One open generation of an index. Later writes do not change its answers.

    `frequency`, `count`, `nth_score` and `select` are described in `search.query.planning.Index`.
    """

    @property
    def name(self) -> str:
        """The name of the generation."""
        ...

    @property
    def meta(self) -> Mapping[str, Any]:
        """The metadata of the generation: see `search.storage.fields.meta_of`."""
        ...

    @property
    def lexicon(self) -> Lexicon:
        """The words, names and headlines of the generation."""
        ...

    def run(self, plan: Plan, query: Query) -> PlanResult | None:
        """Run a plan under a query's filters, order, page and facets. A facet's counts ignore the facet's own filter.

        Return None if fewer than `plan.least` articles match, ignoring filters. `filters.story` is the id of a story.
        """
        ...

    def values(self, node: tree.Query, facet: str, prefix: str, filters: Filters) -> Mapping[str, int]:
        """Return values of `country` or `person` with their exact counts among the matches of a tree under filters.

        The facet's own filter is ignored; values without a match are left out. A person is returned if a word of the
        name begins with `prefix`, folded: see `search.storage.fields.rotations`. Countries are not limited by `prefix`.
        """
        ...

    def ids(self, after: str = "") -> Iterator[str]:
        """Yield the ids of all articles after the id `after`, sorted."""
        ...

    def words(self) -> Iterable[tuple[str, int]]:
        """Yield each folded word with its number of articles: those with it in the title or in the body.

        The higher of the two numbers counts.
        """
        ...

    def problems(self) -> Iterator[str]:
        """Yield a sentence for each problem."""
        ...


class Build(Protocol):
    """A generation that is being built."""

    @property
    def folder(self) -> Path:
        """A local folder for the files of the generation that are the same on all engines.

        When a build starts from an earlier generation, the folder has links to that generation's files.
        """
        ...

    def put(self, articles: Sequence[Article], gone: Collection[str]) -> None:
        """Delete the articles with the ids `gone`, which are present; then add articles with new, unique ids."""
        ...

    def checkpoint(self, last: str) -> None:
        """Make all written articles safe on disk, so that a later build resumes after `last`, an id."""
        ...

    def commit(self) -> Generation:
        """End the writing of articles, and open the generation. It has neither metadata nor a lexicon yet."""
        ...

    def finish(self, meta: Mapping[str, Any]) -> None:
        """Complete the generation with its metadata, after the files in `folder` were written."""
        ...


class Store(Protocol[Place]):
    """The generations of an index. `Place` is the location of a build. Names of generations sort by age."""

    def names(self) -> tuple[str, ...]:
        """Return the names of the kept generations, oldest first."""
        ...

    def size(self, name: str) -> int:
        """Return the size of a generation in bytes."""
        ...

    def building(self, build_name: str) -> AbstractContextManager[Place]:
        """Hold the write lock, and yield a place to build in: that of the killed build with this name, or a new one.

        First remove what killed writers left, except the resumable build of that name. When the block ends, a place
        that was not swapped in is removed; after an error, a build with a name is kept.

        Raises `IndexLockedError` if another process holds the lock; the message names the process.
        """
        ...

    def resume_point(self, build_name: str) -> str:
        """Return the id of the last article at the checkpoint of a killed build; an empty string if there is none."""
        ...

    def swap(self, place: Place, keep: int) -> str:
        """Make a build the serving generation, prune to the newest `keep`, and return its name."""
        ...

    def rollback(self) -> None:
        """Serve the newest older generation and remove the current one.

        Raises `NoIndexError` if there is no index, or if no generation is older. Holds the write lock meanwhile.
        """
        ...
