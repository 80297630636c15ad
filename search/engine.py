"""The Engine protocol, and the function that opens the engine of an index URL.

The docstrings below are the contract. All code above this module depends on the protocol and on no particular engine.
"""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, TypeAlias, cast

from search.errors import SettingError
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from search.model import Article, Query, TermGroup
    from search.results import FacetValues, Hit, IndexInfo, Matches, Results, Suggestion, WriteReport

ENGINES = {
    "tantivy": ("search.engines.tantivy.engine", "TantivyEngine", "pip install tantivy"),
    "whoosh": ("search.engines.whoosh.engine", "WhooshEngine", "pip install whoosh3"),
    "opensearch": ("search.engines.opensearch.engine", "OpenSearchEngine", "pip install 'dateline[opensearch]'"),
    "opensearch+https": ("search.engines.opensearch.engine", "OpenSearchEngine", "pip install 'dateline[opensearch]'"),
}
"""URL scheme -> module, class, command that installs the packages of the engine."""


Verify: TypeAlias = "Callable[[Iterator[Article]], None]"


class Engine(Protocol):
    """One index, named by a URL. Instances are cheap to create, hold no lock while idle and may be shared by threads.

    Each call reads the generation that serves when the call begins. Every read may raise these errors:

    - `NoIndexError`: there is no index yet.
    - `IndexVersionError`: it was written with a newer schema, a much older one, or another analyzer.
    - `IndexDamagedError`: it cannot be opened.
    - `UnavailableError`: the engine does not respond.

    Every write raises `IndexLockedError` while another process writes. `write` raises `IndexVersionError` if the index
    has an older schema that can be read; `rebuild` upgrades it.
    """

    @property
    def url(self) -> str:
        """The URL of the index, without a password."""
        ...

    def search(self, query: Query) -> Results:
        """Run one query: the hits of one page, totals and facet counts, all exact.

        `search.query.correcting` and `search.query.planning` decide which articles match plain words; all counts are
        counts of these articles. Hits are sorted by score, or by date with undated articles last. Ties are sorted
        newest first, then by id, equally on every page. With `query.collapse` a story is shown once, by its earliest
        matching full text. `query.filters.story` takes the id of any article of a story. Raises `InvalidQueryError` if
        the query exceeds `query.limits`.

        Values of one filter are joined by OR; filters and the query tree are joined by AND. The counts of a facet
        ignore its own filter. Facet values are sorted by count, then by value. At most `facet_size` of them are listed,
        and the selected ones, even with a count of zero.
        """
        ...

    def get(self, article_id: str) -> Article:
        """Return the whole article. Raises `NotFoundError`."""
        ...

    def matches(self, article: Article, query: Query) -> Matches:
        """Return everything that a search would highlight in an article, even if it does not find the article.

        Raises `InvalidQueryError` as `search` does.
        """
        ...

    def similar(self, article_id: str, limit: int) -> tuple[Hit, ...]:
        """Return articles with the same typical terms, persons and countries, best first, one of each story.

        Copies of the article are left out. Raises `NotFoundError`.
        """
        ...

    def suggest(self, text: str, limit: int) -> tuple[Suggestion, ...]:
        """Return completions of a typed text from the lexicon: see `search.lexicon.Lexicon.suggest`."""
        ...

    def facet_values(self, facet: str, prefix: str, query: Query) -> FacetValues:
        """Search the values of `country` or `person` by a prefix of any of their words, with counts under the query.

        The facet's own filter is ignored. At most `query.facet_size` values are listed, by count, then by value.
        `other` counts the further matching values.
        """
        ...

    def ids(self) -> Iterator[str]:
        """Yield the ids of all articles, sorted."""
        ...

    def find(self, field: str, groups: Sequence[TermGroup], limit: int, *, whole: bool = True) -> Sequence[Article]:
        """Return at most `limit` articles that have one of the groups of terms in a field: `id`, `story` or `keys`.

        Without `whole` the articles lack what lists do not show: mentions, digest, signature, captions and removed
        lines.
        """
        ...

    def count(self, field: str, terms: Sequence[str]) -> int:
        """Return the number of articles that have at least one of the terms in a field."""
        ...

    def frequencies(self, field: str, terms: Sequence[str], above: int = 0) -> list[int]:
        """Return for each term the exact number of articles that have it in a field.

        A number up to `above` may be too high: deleted articles may count, and this may be faster.
        The field may also be `id`, `story`, `keys` or `person`.
        """
        ...

    def articles(self, after: str = "") -> Iterator[Article]:
        """Yield all whole articles as they were written, sorted by id, beginning after the id `after`.

        `keys` and `tokens` are missing, because no engine stores them.
        """
        ...

    def rebuild(
        self, articles: Iterable[Article], keep: int, build_name: str = "", verify: Verify | None = None
    ) -> WriteReport:
        """Build a new generation, check it, swap it in, and prune to the newest `keep` generations.

        Until the swap the old generation serves. The next write removes the files of a killed rebuild. If two articles
        have the same id, the later one is kept.

        A `build_name` (letters and digits) makes the rebuild resumable. If the process is killed, what it has written
        is kept, and the next rebuild of that name resumes there. `articles` must then come by id, and begin after
        `resume_point(build_name)`.

        `verify` receives the articles of the new generation before it serves. If it raises, the old generation
        continues to serve.
        """
        ...

    def resume_point(self, build_name: str) -> str:
        """Return the id of the last article at the checkpoint of a killed rebuild; an empty string if there is none."""
        ...

    def write(self, articles: Iterable[Article], deletes: Iterable[str], keep: int) -> WriteReport:
        """Add or replace articles and delete ids atomically, as a new generation.

        `deletes` is read after `articles`. An id in both is kept, and an unknown id is no error. The index is created
        if there is none. A write without changes creates no generation.

        The time of a write depends on what it changes, not on the size of the index.
        """
        ...

    def rollback(self) -> IndexInfo:
        """Serve the previous generation again and remove the current one.

        Raises `NoIndexError` if no older generation is kept.
        """
        ...

    def info(self) -> IndexInfo:
        """Return facts about the serving generation."""
        ...

    def check(self) -> tuple[str, ...]:
        """Read the whole index and return a sentence for each problem."""
        ...


def open_engine(url: str, settings: Settings | None = None) -> Engine:
    """Return the engine of an index URL; the index need not exist yet. `settings` defaults to the default settings.

    Raises:
        SettingError: The scheme is unknown, or a package of the engine is not installed.
    """
    scheme = url.partition(":")[0].lower() if ":" in url else ""
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
