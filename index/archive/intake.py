"""Reads the input of an update: compares it with the index, and cleans what is new or changed."""

from __future__ import annotations

from collections import deque
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from index.archive.cleaned import clean_one, digest
from index.archive.pipeline import Tally, chunks
from index.archive.workers import Workers
from index.clean.steps import Rejected
from search.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from index.archive.update import ArchiveUpdate
    from index.sources.raw import RawArticle
    from search.engine import Engine
    from search.model import Article
    from search.settings import Settings

HIDING = ("broken gzip", "broken WARC", "invalid JSON", "line too long", "unreadable file", "unreadable folder")
"""Input faults that may hide articles of the index. If the input has one, `update --prune` deletes nothing."""

AT_ONCE = 500
"""Raw articles that are compared with the index together."""


class Intake:
    """Adds the new and changed articles of an input to an update.

    `hidden` counts unreadable inputs that may hide articles of the index. Of several versions of an article, the last
    one counts: if the index has it, none is written.
    """

    def __init__(self, archive: ArchiveUpdate, engine: Engine, *, prune: bool) -> None:
        self.tally = Tally()
        self.hidden = 0
        self._archive = archive
        self._engine = engine
        self._prune = prune
        self._seen: set[str] = set()
        self._read = 0
        self._places: deque[int] = deque()
        """The places in the input of the articles that the workers clean now."""
        self._changed: set[str] = set()
        self._last_accepted: dict[str, int] = {}
        self._last_unchanged: dict[str, int] = {}
        """Places of the last version that the index has, for articles with other versions before it."""

    def items(self, raws: Iterable[RawArticle], settings: Settings) -> Iterator[Article | Rejected]:
        """Clean the new and changed articles and add them to the update. Yield each of them, or its rejection.

        Raises:
            SourceError: The input is empty, and articles that it lacks would be deleted: the whole index.
        """
        with Workers(settings.workers) as workers:
            for cleaned in workers.run(partial(_clean, settings), chunks(self._new(raws))):
                for item in cleaned:
                    self._count(item)
                    yield item
        if self._prune and not self._seen:
            raise SourceError(
                "The input holds no articles, so nothing was deleted from the index.",
                remedy="Check that PATH... is right. To delete articles, use dateline delete.",
            )
        for article_id, place in self._last_unchanged.items():
            if place > self._last_accepted.get(article_id, place):
                self._archive.new.remove(article_id)
                self._supersede()

    def gone(self) -> list[str]:
        """Return the ids of the articles to delete. Call it after all items."""
        if not self._prune or self.hidden:
            return []
        return [article_id for article_id in self._engine.ids() if article_id not in self._seen]

    def _new(self, raws: Iterable[RawArticle]) -> Iterator[RawArticle]:
        """Yield the articles that the index lacks, or has in another version."""
        rest = iter(raws)
        while some := list(islice(rest, AT_ONCE)):
            digests = [digest(raw) for raw in some]
            held = self._archive.held(list(dict.fromkeys(digests)))
            for raw, one in zip(some, digests, strict=True):
                self._read += 1
                if self._prune:
                    self._seen.add(raw.id)
                if raw.fault in HIDING:
                    self.hidden += not self._engine.frequencies("id", [raw.id])[0]
                if one not in held:
                    self._changed.add(raw.id)
                    self._places.append(self._read)
                    yield raw
                    continue
                self.tally.read += 1
                self.tally.unchanged += 1
                if raw.id in self._changed:
                    self._last_unchanged[raw.id] = self._read

    def _count(self, item: Article | Rejected) -> None:
        self.tally.read += 1
        place = self._places.popleft()
        if isinstance(item, Rejected):
            self.tally.rejected[item.reason] += 1
            return
        self.tally.accepted += 1
        if item.id in self._archive.new:
            self._supersede()
        self._archive.add(item)
        self._last_accepted[item.id] = place

    def _supersede(self) -> None:
        """Count a version that is not written."""
        self.tally.accepted -= 1
        self.tally.duplicates += 1


def _clean(settings: Settings, raws: list[RawArticle]) -> list[Article | Rejected]:
    return [clean_one(raw, settings).item for raw in raws]
