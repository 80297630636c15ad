"""The new articles of a running update, until they are written: their content and their keys, outside the process."""

from __future__ import annotations

import sqlite3
from itertools import islice
from typing import TYPE_CHECKING

from index.archive.spool import packed, unpacked
from search.model import Article

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

TABLES = """
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -65536;
    CREATE TABLE articles (place INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE, signature BLOB, article BLOB);
    CREATE TABLE keys (key TEXT, place INTEGER, PRIMARY KEY (key, place)) WITHOUT ROWID;
"""
"""The database is private and temporary: SQLite moves it to a file when it exceeds 64 MB, and deletes the file.

Keys of removed articles stay in their table. AUTOINCREMENT prevents that a later article gets the same place.
"""

AT_ONCE = 500
"""Parameters of one SQL statement."""


class NewArticles:
    """New articles by id and by key, in the order in which they were added. Close it after use."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(TABLES)
        self._database.execute("BEGIN")  # it never ends: a transaction for each row took five times as long

    def close(self) -> None:
        """Delete the database."""
        self._database.close()

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM articles").fetchone()[0])

    def __contains__(self, article_id: str) -> bool:
        return bool(self._database.execute("SELECT 1 FROM articles WHERE id = ?", (article_id,)).fetchone())

    def put(self, article: Article) -> None:
        """Add an article with its keys, instead of any older version."""
        self.remove(article.id)
        row = self._database.execute(
            "INSERT INTO articles (id, signature, article) VALUES (?, ?, ?)",
            (article.id, article.signature, packed(article)),
        )
        places = ((key, row.lastrowid) for key in article.keys)
        self._database.executemany("INSERT OR IGNORE INTO keys VALUES (?, ?)", places)

    def remove(self, article_id: str) -> None:
        """Remove an article, if it is there."""
        self._database.execute("DELETE FROM articles WHERE id = ?", (article_id,))

    def get(self, article_id: str) -> Article | None:
        """Return an article, or None."""
        row = self._database.execute("SELECT article FROM articles WHERE id = ?", (article_id,)).fetchone()
        return _article(row[0]) if row else None

    def ids(self) -> list[str]:
        """Return the ids of all articles, sorted."""
        return [article_id for (article_id,) in self._database.execute("SELECT id FROM articles ORDER BY id")]

    def articles(self) -> Iterator[Article]:
        """Yield all articles in order."""
        rows = self._database.execute("SELECT id FROM articles ORDER BY place").fetchall()
        for (name,) in rows:
            yield _article(self._database.execute("SELECT article FROM articles WHERE id = ?", (name,)).fetchone()[0])

    def holders(self, keys: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Yield pairs of a key and the id of a new article that has it."""
        iterator = iter(keys)
        while some := list(islice(iterator, AT_ONCE)):
            marks = ",".join("?" * len(some))
            yield from self._database.execute(
                f"SELECT key, id FROM keys JOIN articles USING (place) WHERE key IN ({marks})",  # noqa: S608
                some,
            )

    def signatures(self, ids: Sequence[str]) -> dict[str, bytes]:
        """Return the signatures of the articles with these ids."""
        found: dict[str, bytes] = {}
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            marks = ",".join("?" * len(some))
            found.update(
                self._database.execute(f"SELECT id, signature FROM articles WHERE id IN ({marks})", some)  # noqa: S608
            )
        return found

    def by_id(self, ids: Iterable[str]) -> list[Article]:
        """Return the articles with these ids."""
        return [article for article in map(self.get, ids) if article]


def _article(blob: bytes) -> Article:
    article = unpacked(blob)
    assert isinstance(article, Article)  # no rejected article is added
    return article
