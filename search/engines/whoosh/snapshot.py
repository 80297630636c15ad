"""The data of one open generation of a Whoosh index, and functions that read stored articles from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from search.engines.whoosh.schema import Facts
from search.lexicon.contents import ArticleFacts
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from search.engines.whoosh.columns import Columns
    from search.engines.whoosh.query import Runner
    from search.engines.whoosh.terms import Terms
    from search.lexicon import Lexicon
    from search.model import Article


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One open generation. Its data does not change, even if the index is written to."""

    name: str
    size: int
    """The number of articles."""

    folder: Path
    meta: dict[str, Any]
    terms: Terms
    columns: Columns
    lexicon: Lexicon
    runner: Runner

    def listed(self, number: int) -> Article:
        """Return a stored article as lists show it: without mentions, digest and signature."""
        return records.restore(self.terms.stored(number)["record"], mentions=False)


def restored(document: dict[str, Any]) -> Article:
    """Return the article that a stored document holds. Raises `IndexDamagedError`."""
    with records.readable(document["name"]):
        return records.restore(document["record"], digest=document["digest"], signature=document["signature"])


def stored(terms: Terms) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the number and the stored document of each article."""
    for segment, base in zip(terms.segments, terms.bases, strict=False):
        for number in segment.live:
            yield base + number, segment.stored(number)


def article_facts(terms: Terms) -> Iterator[ArticleFacts]:
    """Yield the facts of all articles for the lexicon."""
    for _, document in stored(terms):
        facts = Facts(*document["facts"])
        yield ArticleFacts(
            document["name"], facts.title, facts.day, document["of_story"], facts.persons, facts.countries
        )
