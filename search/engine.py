"""The Engine protocol, and the way from an index URL to an engine.

The docstrings below are the contract. Everything above this module is written against it and knows no engine by name.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast
from urllib.parse import urlsplit

from search.errors import SettingError
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from search.model import (
        Article,
        Entry,
        FacetValues,
        Hit,
        IndexInfo,
        Matches,
        Query,
        Results,
        Suggestion,
        WriteReport,
    )

ENGINES = {
    "tantivy": ("search.engines.tantivy.engine", "TantivyEngine", "pip install tantivy"),
    "whoosh": ("search.engines.whoosh.engine", "WhooshEngine", "pip install whoosh3"),
    "opensearch": ("search.engines.opensearch.engine", "OpenSearchEngine", "pip install 'dateline[opensearch]'"),
    "opensearch+https": ("search.engines.opensearch.engine", "OpenSearchEngine", "pip install 'dateline[opensearch]'"),
}
"""URL scheme -> module, class, how to install what it needs."""


Verify: TypeAlias = "Callable[[Iterator[Article]], None]"


class Engine(Protocol):
    """One index, named by a URL. Instances are cheap to make, hold no lock while idle and may be shared by threads.

    Reading follows a swap at once: each call below sees one generation, the newest when it began. Every read raises
    `NoIndexError` where there is no index yet, `IndexVersionError` where it was written with another schema or
    analyzer, `IndexDamagedError` where it cannot be opened, `UnavailableError` where the engine does not answer.
    Every write raises `IndexLockedError` while another process writes.
    """

    @property
    def url(self) -> str:
        """What names the index, without a password."""
        ...

    def search(self, query: Query) -> Results:
        """Run one query: hits of one page, totals and facet counts, all exact.

        What is searched for plain words is what `search.query.correcting` and `search.query.planning` make of them; all
        counts are those of the articles that this finds. Hits come by score, or by date with undated articles last;
        those that are equal come newest first, then by id, the same on every page. With `query.collapse` a story is
        shown by the earliest of its matching articles with the fullest text. `query.filters.story` takes the id of any
        article. Raises `InvalidQueryError` where a pattern stands for more than `query.limits.max_expansions` words.

        OR within a field of the filters, AND between them and with the tree. A facet's counts leave out the facet's
        own filter; selected values are always listed, even at zero. Values come by count, then by value; at most
        `facet_size` of them and the selected ones.
        """
        ...

    def get(self, article_id: str) -> Article:
        """Return the whole article. Raises `NotFoundError`."""
        ...

    def matches(self, article: Article, query: Query) -> Matches:
        """Return all that a search for the query would highlight in an article, whether it finds the article or not.

        Raises `InvalidQueryError` as `search` does.
        """
        ...

    def similar(self, article_id: str, limit: int) -> tuple[Hit, ...]:
        """Return other stories that share this article's telling terms, people and countries, best first.

        Never a copy of it, and of each story one. Raises `NotFoundError`.
        """
        ...

    def suggest(self, text: str, limit: int) -> tuple[Suggestion, ...]:
        """Complete what a user is typing, from the lexicon of the generation: see `search.lexicon.Lexicon.suggest`."""
        ...

    def facet_values(self, facet: str, prefix: str, query: Query) -> FacetValues:
        """Search among all values of `country` or `person` by prefix of any word, with counts under the query.

        The facet's own filter is left out; at most `query.facet_size` values, by count, then by value. `other` counts
        the values that match and are not listed.
        """
        ...

    def entries(self) -> Iterator[Entry]:
        """Yield what is in the index, in no order. Yields nothing where there is no index yet."""
        ...

    def articles(self, after: str = "") -> Iterator[Article]:
        """Yield all whole articles as `rebuild` was given them, by id, from the one that follows the id `after`.

        Left out is what no engine keeps: `captions` and `tokens`.
        """
        ...

    def rebuild(
        self, articles: Iterable[Article], keep: int, build_name: str = "", verify: Verify | None = None
    ) -> WriteReport:
        """Build a new generation aside, check it, swap it in, and prune to the newest `keep` generations.

        Whatever happens before the swap, the old generation goes on serving; what a killed rebuild left is removed
        by the next write. Of two articles with the same id the later one counts.

        A `build_name` (letters and digits) makes the rebuild resumable. If the process is killed, what it has written
        is kept, and the next rebuild of that name resumes there. `articles` must then come by id, and begin after
        `resume_point(build_name)`.

        `verify` is given the articles that were built, as `articles` yields them, before they serve: where it raises,
        the old generation goes on serving.
        """
        ...

    def resume_point(self, build_name: str) -> str:
        """Return the id of the last article at the checkpoint of a killed rebuild; an empty string if there is none."""
        ...

    def write(self, articles: Iterable[Article], deletes: Iterable[str], keep: int) -> WriteReport:
        """Add articles, replace those whose id is there, delete ids, all or nothing, as a new generation.

        `deletes` is read when `articles` is used up; an id in both stays, and one that is not there is no error.
        Creates the index where there is none. A write that changes nothing makes no generation.
        """
        ...

    def rollback(self) -> IndexInfo:
        """Serve the generation before the current one again and drop the current one.

        Raises `NoIndexError` where no older generation is kept.
        """
        ...

    def info(self) -> IndexInfo:
        """Describe the generation that serves."""
        ...

    def check(self) -> tuple[str, ...]:
        """Read the whole index and return what is wrong with it, a sentence each; empty is well."""
        ...


def open_engine(url: str, settings: Settings | None = None) -> Engine:
    """Return the engine that `url` names; the index itself need not exist yet. `settings` are the defaults if None.

    Raises:
        SettingError: The scheme is unknown, or what the engine needs is not installed.
    """
    scheme = urlsplit(url).scheme
    if scheme not in ENGINES:
        known = ", ".join(f"{name}://" for name in ENGINES)
        raise SettingError(
            f"{re.sub(r'//.*@', '//…@', url)!r} names no index.",
            remedy=f"Use one of {known}, for example tantivy:///./data/index.",
            field="DATELINE_INDEX",
        )
    module, name, install = ENGINES[scheme]
    try:
        factory = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        raise SettingError(
            f"The {scheme} engine needs {error.name}, which is not installed.",
            remedy=f"Run: {install}",
            field="DATELINE_INDEX",
        ) from error
    return cast("Engine", factory(url, settings or Settings()))
