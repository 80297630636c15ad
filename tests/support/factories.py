"""Makes queries and articles of a few words for tests of engines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from search.model import Article
from search.query.parsing import query_of

if TYPE_CHECKING:
    from search.model import Query


def query(text: str = "", **options: object) -> Query:
    return query_of(text, **options)


def article(number: int, title: str = "A title", body: str = "A body", **more: object) -> Article:
    values: dict[str, object] = {"id": str(number), "story": str(number), **more}
    return Article(title=title, body=body, **values)  # type: ignore[arg-type]


def newest_first(one: Article) -> tuple[float, str]:
    return (-one.day.toordinal() if one.day else float("inf"), one.id)


def oldest_first(one: Article) -> tuple[float, str]:
    return (one.day.toordinal() if one.day else float("inf"), one.id)
