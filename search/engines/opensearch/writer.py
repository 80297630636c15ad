"""Writes a generation of an OpenSearch index."""

from __future__ import annotations

import base64
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from search.engines.opensearch import answers, bulk, companion, mapping, requests
from search.engines.opensearch import documents as stored
from search.engines.opensearch.committed import Committed, missing_as_taken_over
from search.engines.opensearch.companion import Companion
from search.engines.opensearch.generations import CHECKPOINT, settle
from search.engines.opensearch.tally import FILE as TALLY
from search.engines.opensearch.tally import Counts, Tally
from search.errors import SearchError
from search.storage import files
from search.storage.fields import key_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from search.engines.opensearch.answers import Answer
    from search.engines.opensearch.client import Client
    from search.engines.opensearch.listing import Place
    from search.engines.protocols import Generation
    from search.model import Article

OLD_BATCH: Final = 200
"""Old versions of articles that are read in one request, before they are replaced."""

GROUPS: Final = 1_000
"""Stories that are asked in one request whether they have copies."""


@dataclass(frozen=True, slots=True)
class Before:
    """The generation that a write starts from: its index and its open companion."""

    index: str
    companion: Companion


@dataclass(frozen=True, slots=True)
class Layout:
    """The number of shards of an index, and the number of replicas of each."""

    shards: int
    replicas: int


class Build:
    """A generation that is being built. See `search.engines.protocols.Build`. `open_build` creates it.

    Its indexes are created at the first write, because the articles may turn out to change nothing.
    """

    def __init__(self, client: Client, place: Place, before: Before | None, layout: Layout) -> None:
        self._client = client
        self._place = place
        self._before = before
        self._layout = layout
        self._sender: bulk.Sender | None = None
        self._changes = Tally()
        self._checkpoints = 0
        self._with_copies: set[int] = set()
        """`key_of` of the stories of all copies that were written."""
        self._originals: set[int] = set()
        """`key_of` of the other articles that were written to a copy of the previous generation."""
        self._temporary = tempfile.TemporaryDirectory(prefix="dateline-")
        self.folder = Path(self._temporary.name)
        """The folder of the build: see `search.engines.protocols.Build`."""
        if before is not None:
            files.link_tree(before.companion.folder, self.folder, copied=frozenset())
        self._counts = Counts(self.folder / TALLY, before.companion.table if before else None)
        if place.started:
            self._resume()

    def put(self, articles: Sequence[Article], gone: Collection[str]) -> None:
        """Delete and add articles; see `search.engines.protocols.Build`."""
        sender = self._ensure_created()
        new = {article.id for article in articles}
        if gone:
            sender.drain()  # they may have been written a moment ago
            self._subtract(gone)
            sender.send(
                [bulk.deleted(mapping.key(one), f"the deletion of article {one!r}") for one in gone if one not in new]
            )
        self._with_copies.update(key_of(one.story) for one in articles if one.story != one.id)
        if self._before is not None:
            self._originals.update(key_of(one.id) for one in articles if one.story == one.id)
        sender.send([self._item(article) for article in articles])
        if not self._place.build_name:  # there are no checkpoints
            self._count_changes()

    def checkpoint(self, last: str) -> None:
        """Checkpoint the build after the article with the id `last`; see `search.engines.protocols.Build`."""
        self._ensure_created().drain()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / TALLY
            self._changes.write(path)
            data = base64.b64encode(path.read_bytes()).decode()
        self._checkpoints += 1
        document = {"kind": CHECKPOINT, "number": self._checkpoints, "last": last, "data": data}
        self._write_companion({f"{CHECKPOINT}-{self._checkpoints}": document})
        self._count_changes()

    def _count_changes(self) -> None:
        self._counts.merge(self._changes)
        self._changes = Tally()

    def commit(self) -> Generation:
        """End the writing of articles, and open the generation; see `search.engines.protocols.Build`."""
        self._ensure_created().drain()
        settle(self._client, self._place)
        with missing_as_taken_over():
            self._refresh(self._place.target)
            self._update_groups()
            meta = {"articles": self._count(), "shards": self._shards}
        self._count_changes()
        return Committed(self._client, self._place, Companion(self.folder, meta, self._counts.save()))

    @property
    def _shards(self) -> int:
        return int(self._before.companion.meta["shards"]) if self._before else self._layout.shards

    def finish(self, meta: Mapping[str, Any]) -> None:
        """Write the companion; see `search.engines.protocols.Build`."""
        for key, piece in companion.pieces(self.folder, self._before.companion.folder if self._before else None):
            self._write_companion({key: piece})
        more = {"build": self._place.build, "shards": self._shards, "files": companion.checksums(self.folder)}
        described = {"kind": companion.GENERATION, "build": self._place.build, "meta": {**meta, **more}}
        self._write_companion({companion.GENERATION: described})
        with missing_as_taken_over():
            self._refresh(self._place.companion_target)

    # Creating and resuming

    def leave(self) -> None:
        """Stop all writing to the place."""
        if self._sender is not None:
            self._sender.close()
        self._temporary.cleanup()

    def _ensure_created(self) -> bulk.Sender:
        """Return the sender for the index of articles, and create both indexes if they do not exist yet.

        Nothing is sent before the replicas are complete, so that the loss of a node loses no articles.
        """
        if self._sender is None:
            if not self._place.started:
                self._create_indexes()
            self._sender = bulk.Sender(self._client, self._place.target, partial(settle, self._client, self._place))
        return self._sender

    def _create_indexes(self) -> None:
        """Create the index of articles and the companion. They are clones of the previous generation's, if any."""
        place, replicas = self._place, self._layout.replicas
        bodies = (
            ("", place.target, mapping.settings_and_mappings(self._layout.shards, replicas)),
            ("-files", place.companion_target, companion.settings_and_mappings(replicas)),
        )
        settings = {"index.number_of_replicas": replicas, "index.blocks.write": None}
        for suffix, alias, body in bodies:
            aliases: dict[str, Any] = {"aliases": {alias: {}}}
            if self._before is None:
                self._create(f"/{place.index}{suffix}", body | aliases)
            else:
                path = f"/{self._before.index}{suffix}/_clone/{place.index}{suffix}"
                self._create(path, {"settings": settings} | aliases)

    def _create(self, path: str, body: Mapping[str, Any]) -> None:
        try:
            self._client.insist("PUT", path, body)
        except SearchError as error:  # a response was lost and the request repeated
            if "resource_already_exists" not in error.message:
                raise

    def _resume(self) -> None:
        """Continue from the last checkpoint: read the tally, and remove all articles written after it."""
        self._refresh(self._place.targets)
        checkpoints = [hit["_source"] for hit in stored.checkpoints(self._client, self._place.companion_target)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / TALLY
            for checkpoint in checkpoints:
                path.write_bytes(base64.b64decode(checkpoint["data"]))
                self._counts.merge(Tally.read(path))
        self._checkpoints = len(checkpoints)
        last = checkpoints[-1]["last"] if checkpoints else ""
        later = stored.scan(self._client, self._place.target, ["id"], last)
        items = (bulk.deleted(hit["_id"], "an article after the checkpoint") for hit in later)
        bulk.send(self._client, self._place.target, items)
        self._refresh(self._place.target)

    # Documents

    def _refresh(self, index: str) -> None:
        """Make all written documents visible to searches."""
        self._client.insist("POST", f"/{index}/_refresh", accept=lambda answer: not answer["_shards"]["failed"])

    def _item(self, article: Article) -> bulk.Item:
        document = mapping.document(article, named=key_of(article.id) in self._with_copies)
        self._changes.add(document)
        return _write_item(article, document)

    def _update_groups(self) -> None:
        """Set the missing `group` of articles whose id is the id of a story with copies. They are written again."""
        keys = self._groups_with_copies() if self._before else self._all_groups()
        sender = self._ensure_created()
        while some := list(islice(keys, OLD_BATCH)):
            alone = {"bool": {"filter": [{"terms": {"own_key": some}}], "must_not": [{"exists": {"field": "group"}}]}}
            hits = self._search({"query": alone, "size": len(some), "_source": [*stored.ARTICLE_FIELDS, "keys"]})
            articles = [replace(stored.whole(hit), keys=tuple(hit["_source"].get("keys", ()))) for hit in hits]
            sender.send(
                [_write_item(one, mapping.document(one, named=True)) for one in articles if one.story == one.id]
            )
        sender.drain()
        self._refresh(self._place.target)

    def _groups_with_copies(self) -> Iterator[int]:
        """Yield the `group` of each story with copies to which a written article belongs."""
        yield from self._with_copies
        stories = iter(self._originals - self._with_copies)
        while some := list(islice(stories, GROUPS)):
            aggregation = requests.terms("group", len(some))
            under = {"bool": {"filter": [{"terms": {"group": some}}]}}
            answer = self._answer({"size": 0, "query": under, "aggs": {"group": aggregation}})
            yield from answers.counted(answer["aggregations"]["group"])

    def _all_groups(self) -> Iterator[int]:
        """Yield the `group` of each story with copies."""
        after = None
        while True:
            answer = self._answer({"size": 0, "aggs": {"group": requests.all_values("group", after)}})
            buckets = answer["aggregations"]["group"]["buckets"]
            yield from (bucket["key"]["value"] for bucket in buckets)
            if len(buckets) < requests.PAGE_OF_BUCKETS:
                return
            after = buckets[-1]["key"]["value"]

    def _search(self, body: Mapping[str, Any]) -> list[Any]:
        """Return the hits of a search in the build."""
        return list(answers.hits(self._answer(body)))

    def _answer(self, body: Mapping[str, Any]) -> Answer:
        """Return the complete response to a search in the build."""
        answer: Answer = self._client.insist(
            "POST", f"/{self._place.target}/_search", body, lambda answer: not answer["_shards"]["failed"]
        )
        return answer

    def _count(self) -> int:
        """Return the number of articles that searches see."""
        return answers.total(self._answer({"size": 0, "track_total_hits": True}))

    def _subtract(self, ids: Collection[str]) -> None:
        """Subtract articles from the tally before they are replaced or deleted."""
        for batch in self._stored(ids):
            for article in batch:
                self._changes.subtract(mapping.document(article))

    def _stored(self, ids: Collection[str]) -> Iterator[list[Article]]:
        """Yield the current versions of articles, in batches."""
        keys = iter([mapping.key(one) for one in ids])
        while part := list(islice(keys, OLD_BATCH)):
            with missing_as_taken_over():
                batch = stored.articles(self._client, self._place.target, part)
            yield batch

    def _write_companion(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Write documents to the companion."""
        items = (bulk.written(key, document, f"its own {key}") for key, document in documents.items())
        bulk.send(self._client, self._place.companion_target, items)


def _write_item(article: Article, document: Mapping[str, Any]) -> bulk.Item:
    return bulk.written(mapping.key(article.id), document, f"article {article.id!r}")


@contextmanager
def open_build(client: Client, place: Place, before: Before | None, layout: Layout) -> Iterator[Build]:
    """Open a build. When the block ends, all its requests have ended, too."""
    build = Build(client, place, before, layout)
    try:
        yield build
    finally:
        build.leave()
