"""Writes a generation of an OpenSearch index and verifies it."""

from __future__ import annotations

import base64
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from search import lexicon
from search.engines.opensearch import bulk, companion, mapping
from search.engines.opensearch import documents as stored
from search.engines.opensearch.failures import MissingIndex, taken_over
from search.engines.opensearch.generations import CHECKPOINT, settle
from search.engines.opensearch.tally import FILE as TALLY
from search.engines.opensearch.tally import Tally
from search.errors import IndexDamagedError, SearchError
from search.lexicon.contents import ArticleFacts, contents
from search.storage import fields

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from search.engines.opensearch.client import Client
    from search.engines.opensearch.companion import Companion
    from search.engines.opensearch.listing import Place
    from search.model import Article

OLD_BATCH: Final = 200
"""Old versions of articles that are read in one request, before they are replaced."""


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
        self._tally = Tally() if before is None else Tally.read(before.companion.folder / TALLY)
        self._changes = Tally()
        self._checkpoints = 0
        self._with_copies: set[str] = set()
        """Ids of stories that are known to have copies."""
        self._named: set[str] = set()
        """Articles that are indexed with a `group`, because their id is the id of a story with copies."""
        self._put: set[str] = set()
        """Ids of all articles written so far."""
        if place.started:
            self._resume()

    def facts(self) -> Iterator[ArticleFacts]:
        """Yield the facts of the articles that are already there; see `search.engines.protocols.Build`."""
        if self._before is None and not self._place.started:
            return
        index = self._before.index if self._before else self._place.target
        for hit in stored.scan(self._client, index):
            source = hit["_source"]
            article, story = source["id"], source["story"]
            if article != story:
                self._with_copies.add(story)
            elif "group" in source and article not in self._put:
                self._named.add(article)
            day, persons, countries = source.get("day", 0), source["person"], source["country"]
            yield ArticleFacts(article, source["headline"], day, story, tuple(persons), tuple(countries))

    def put(self, articles: Sequence[Article], replaced: Collection[str]) -> None:
        """Write articles; see `search.engines.protocols.Build`."""
        sender = self._ensure_created()
        self._subtract(replaced)
        self._put.update(article.id for article in articles)
        self._with_copies.update(article.story for article in articles if article.story != article.id)
        sender.send([self._item(article) for article in articles])

    def delete(self, ids: Collection[str]) -> None:
        """Delete articles; see `search.engines.protocols.Build`."""
        sender = self._ensure_created()
        self._subtract(ids)
        sender.send(
            [bulk.deleted(mapping.key(article_id), f"the deletion of article {article_id!r}") for article_id in ids]
        )

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
        self._tally.merge(self._changes)
        self._changes = Tally()

    def finish(self, articles: Collection[ArticleFacts]) -> None:
        """Write the companion and verify the build; see `search.engines.protocols.Build`."""
        self._update_groups(articles)
        self._ensure_created().drain()
        settle(self._client, self._place)
        with _missing_as_taken_over():
            self._refresh(self._place.target)
            count = self._count()
        if count != len(articles):
            raise IndexDamagedError(
                f"The new index has {count} articles instead of {len(articles)} and was not swapped in.",
                remedy="Run the command again. If this happens again, report it as a bug.",
            )
        self._tally.merge(self._changes)
        self._changes = Tally()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            lexicon.build(folder, contents(self._tally.words().items(), articles))
            self._tally.write(folder / TALLY)
            self._write_companion(dict(companion.pieces(folder)))
            shards = self._before.companion.meta["shards"] if self._before else self._layout.shards
            more = {"build": self._place.build, "shards": shards, "files": companion.checksums(folder)}
        described = {
            "kind": companion.GENERATION,
            "build": self._place.build,
            "meta": fields.meta_of(len(articles)) | more,
        }
        self._write_companion({companion.GENERATION: described})
        with _missing_as_taken_over():
            self._refresh(self._place.companion_target)

    # Creating and resuming

    def leave(self) -> None:
        """Stop all writing to the place."""
        if self._sender is not None:
            self._sender.close()

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
        """Create the companion and the index of articles, which is a clone of the previous generation, if any."""
        place, replicas = self._place, self._layout.replicas
        if self._before is None:
            body = mapping.settings_and_mappings(self._layout.shards, replicas)
            self._create(f"/{place.index}", body | {"aliases": {place.target: {}}})
        else:
            settings = {"index.number_of_replicas": replicas, "index.blocks.write": None}
            body = {"settings": settings, "aliases": {place.target: {}}}
            self._create(f"/{self._before.index}/_clone/{place.index}", body)
        companion_body = companion.settings_and_mappings(replicas)
        self._create(f"/{place.companion}", companion_body | {"aliases": {place.companion_target: {}}})

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
                self._tally.merge(Tally.read(path))
        self._checkpoints = len(checkpoints)
        last = checkpoints[-1]["last"] if checkpoints else ""
        later = stored.scan(self._client, self._place.target, after=last)
        items = (bulk.deleted(hit["_id"], "an article after the checkpoint") for hit in later)
        bulk.send(self._client, self._place.target, items)
        self._refresh(self._place.target)

    # Documents

    def _refresh(self, index: str) -> None:
        """Make all written documents visible to searches."""
        self._client.insist("POST", f"/{index}/_refresh", accept=lambda answer: not answer["_shards"]["failed"])

    def _count(self) -> int:
        """Return the number of articles that searches see."""
        body = {"size": 0, "track_total_hits": True}
        answer = self._client.insist(
            "POST", f"/{self._place.target}/_search", body, lambda answer: not answer["_shards"]["failed"]
        )
        return int(answer["hits"]["total"]["value"])

    def _item(self, article: Article) -> bulk.Item:
        named = article.id in self._with_copies
        document = mapping.document(article, named=named)
        self._changes.add(document)
        (self._named.add if named else self._named.discard)(article.id)
        return _write_item(article, document)

    def _update_groups(self, articles: Iterable[ArticleFacts]) -> None:
        """Rewrite articles whose id is the id of a story, if copies of the story were written after them."""
        stories = {one.story for one in articles if one.story != one.article}
        outdated = [one.article for one in articles if one.article in stories and one.article not in self._named]
        sender = self._ensure_created()
        sender.drain()
        for batch in self._stored(outdated):
            sender.send([_write_item(one, mapping.document(one, named=True)) for one in batch])

    def _subtract(self, ids: Collection[str]) -> None:
        """Subtract articles from the tally before they are replaced or deleted."""
        if not self._put.isdisjoint(ids):
            self._ensure_created().drain()
        for batch in self._stored(ids):
            for article in batch:
                self._changes.subtract(mapping.document(article))

    def _stored(self, ids: Collection[str]) -> Iterator[list[Article]]:
        """Yield the current versions of articles, in batches."""
        keys = iter([mapping.key(one) for one in ids])
        while part := list(islice(keys, OLD_BATCH)):
            with _missing_as_taken_over():
                batch = stored.articles(self._client, self._place.target, part)
            yield batch

    def _write_companion(self, documents: Mapping[str, Mapping[str, Any]]) -> None:
        """Write documents to the companion."""
        items = (bulk.written(key, document, f"its own {key}") for key, document in documents.items())
        bulk.send(self._client, self._place.companion_target, items)


def _write_item(article: Article, document: Mapping[str, Any]) -> bulk.Item:
    return bulk.written(mapping.key(article.id), document, f"article {article.id!r}")


@contextmanager
def _missing_as_taken_over() -> Iterator[None]:
    """Turn `MissingIndex` into `IndexLockedError`: the alias of the build is gone."""
    try:
        yield
    except MissingIndex as error:
        raise taken_over() from error


@contextmanager
def open_build(client: Client, place: Place, before: Before | None, layout: Layout) -> Iterator[Build]:
    """Open a build. When the block ends, all its requests have ended, too."""
    build = Build(client, place, before, layout)
    try:
        yield build
    finally:
        build.leave()
