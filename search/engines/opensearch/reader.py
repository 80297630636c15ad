"""Reads one open generation of an OpenSearch index: single articles, all articles, and a check for damage."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from search.engines.opensearch import documents as stored
from search.engines.opensearch.client import MissingIndex
from search.engines.opensearch.mapping import key
from search.engines.opensearch.snapshot import Snapshot
from search.engines.opensearch.view import View
from search.errors import IndexDamagedError, NotFoundError, UnavailableError
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from search.engines.opensearch.answers import Answer
    from search.model import Article, Entry, Query


class Reader(Snapshot):
    """One open generation. See `search.engines.protocols.OpenGeneration`. Each call has its own reader."""

    def for_call(self) -> Reader:
        """Return a reader of the same generation that checks again whether it serves."""
        return Reader(self.client, self.name, self.meta, self.companion)

    def view(self, query: Query) -> View:
        """See `Generation.view`. All pages of a query use the same shard copies, because their scores may differ."""
        self.preference = key(query.text)
        return View(self, query)

    def get(self, article_id: str) -> Article:
        """See `Generation.get`."""
        hits = self.by_key([key(article_id)], stored.ARTICLE_FIELDS)
        if not hits:
            raise NotFoundError(f"No article has the id {article_id!r}.", remedy="Look it up with a search.")
        return stored.whole(hits[0])

    def story_of(self, article_id: str) -> str | None:
        """See `Generation.story_of`."""
        hits = self.by_key([key(article_id)], ["story"])
        return str(hits[0]["_source"]["story"]) if hits else None

    def holds(self, ids: Collection[str]) -> set[str]:
        """See `OpenGeneration.holds`."""
        keys = {key(article_id): article_id for article_id in ids}
        return {keys[hit["_id"]] for hit in self.by_key(list(keys), [])}

    def articles(self, after: str) -> Iterator[Article]:
        """See `OpenGeneration.articles`."""
        return (stored.whole(hit) for hit in self._every(after))

    def entries(self) -> Iterator[Entry]:
        """See `OpenGeneration.entries`."""
        for hit in self._every(more=["story"]):
            source = hit["_source"]
            with records.readable(source["id"]):
                entry = records.entry(
                    source["record"].encode(),
                    digest=source["digest"],
                    story=source["story"],
                    signature=base64.b64decode(source["signature"]),
                )
            yield entry

    def _every(self, after: str = "", *, more: Sequence[str] = ()) -> Iterator[Answer]:
        """Yield the stored documents of all articles, by id."""
        try:
            yield from stored.every(self.client, self.name, after, more=more)
        except MissingIndex as error:
            raise UnavailableError(
                "The generation was removed while it was read.", remedy="Run the command again."
            ) from error

    def problems(self) -> Iterator[str]:
        """See `OpenGeneration.problems`."""
        self.ensure_current()
        yield from self.companion.problems()
        size = 0
        with_copies: set[str] = set()
        alone: set[str] = set()
        for hit in self._every(more=["group"]):
            size += 1
            source = hit["_source"]
            try:
                article = stored.whole(hit)
            except IndexDamagedError as error:
                yield error.message
                continue
            if hit["_id"] != key(article.id):
                yield f"Article {article.id} is stored under the key of another article."
            if article.story != article.id:
                with_copies.add(article.story)
            if "group" not in source:
                alone.add(article.id)
        if size != self.meta["articles"]:
            yield f"The index has {size} articles, but {self.meta['articles']} were written."
        for story in sorted(with_copies & alone):
            yield f"Article {story} has copies, but is not indexed as an article with copies."
