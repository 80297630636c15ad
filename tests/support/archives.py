"""A tantivy archive in a temporary folder that tests write to with the jobs of the command line."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from support.command_line import write_lines

from index.jobs import Job
from search.engine import open_engine
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from search.engine import Engine
    from search.model import Article


class Archive:
    """An index and the jobs that write to it. Use it in a `with` statement, which removes it at the end."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dateline-test-"))
        self.engine: Engine = open_engine(f"tantivy://{self.folder}/index")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        shutil.rmtree(self.folder)

    def _job(self, rows: Sequence[dict[str, Any]], aliases: str) -> Job:
        path = write_lines(self.folder / "news.jsonl", rows)
        return Job([str(path)], Settings(workers=1, aliases=aliases))

    def reindex(self, rows: Sequence[dict[str, Any]], aliases: str = "") -> None:
        """Run `dateline reindex`."""
        self._job(rows, aliases).rebuild(self.engine)

    def update(self, rows: Sequence[dict[str, Any]], aliases: str = "", *, prune: bool = False) -> int:
        """Run `dateline update`; return its count of regrouped articles."""
        return self._job(rows, aliases).update(self.engine, prune=prune).tally.regrouped

    def delete(self, *ids: str) -> None:
        """Run `dateline delete`."""
        self._job((), "").delete(self.engine, ids)

    def tidy(self, aliases: str = "") -> None:
        """Run `dateline tidy`."""
        self._job((), aliases).tidy(self.engine)

    def get(self, article_id: str) -> Article:
        """Return an article."""
        return self.engine.get(article_id)

    def articles(self) -> dict[str, Article]:
        """Return all articles by id."""
        return {article.id: article for article in self.engine.articles()}

    def stories(self) -> dict[str, str]:
        """Return the story of each article."""
        return {article.id: article.story for article in self.engine.articles()}

    def tags(self) -> dict[str, object]:
        """Return the tags and the story of each article."""
        return {one: (a.persons, a.countries, a.found, a.story) for one, a in self.articles().items()}
