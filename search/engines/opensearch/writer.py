"""Writes a generation of an OpenSearch index."""

from __future__ import annotations

import base64
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from search.engines.opensearch import bulk, companion, mapping
from search.engines.opensearch import documents as stored
from search.engines.opensearch.failures import MissingIndex, taken_over
from search.engines.opensearch.generations import CHECKPOINT, settle
from search.engines.opensearch.reader import Reader
from search.engines.opensearch.tally import FILE as TALLY
from search.engines.opensearch.tally import Tally
from search.errors import SearchError
from search.lexicon import Lexicon
from search.storage.fields import key_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from search.engines.opensearch.client import Client
    from search.engines.opensearch.companion import Companion
    from search.engines.opensearch.listing import Place
    from search.engines.protocols import Generation
    from search.model import Article

OLD_BATCH: Final = 200
"""Old versions of articles that are read in one request, before they are replaced."""

GROUPS: Final = 1_000
"""Articles that are asked in one request whether their stories have copies."""


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


class Committed(Reader):
    """The generation of a build that does not serve yet. Its frequencies come from the tally of the build."""

    def __init__(self, client: Client, place: Place, meta: Mapping[str, Any], tally: Tally, folder: Path) -> None:
        self.name = place.target
        self.meta = meta
        self.client = client
        self.preference = ""
        self.totals = {}
        self.scores = {}
        self._is_current = True  # another generation serves
        self._tally = tally
        self._folder = folder

    @property
    def lexicon(self) -> Lexicon:
        """The lexicon that is already in the folder of the build."""
        return Lexicon.open(self._folder)

    def frequency(self, field: str, term: str) -> int:
        """Return the number of articles with a term."""
        counts = self._tally.counts.get(field)
        return counts[term] if counts is not None else super().frequency(field, term)

    def words(self) -> Iterable[tuple[str, int]]:
        """See `search.engines.protocols.Generation`."""
        return self._tally.words().items()


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
        """Articles that were written with a `group`, because their id is the id of a story with copies."""
        self._put: set[str] = set()
        """Ids of all articles written so far."""
        self._temporary = tempfile.TemporaryDirectory(prefix="dateline-")
        self.folder = Path(self._temporary.name)
        """The folder of the build: see `search.engines.protocols.Build`."""
        if before is not None:
            for name in companion.files_in(before.companion.folder):
                if name != TALLY:
                    shutil.copyfile(before.companion.folder / name, self.folder / name)
        if place.started:
            self._resume()

    def put(self, articles: Sequence[Article], gone: Collection[str]) -> None:
        """Delete and add articles; see `search.engines.protocols.Build`."""
        sender = self._ensure_created()
        self._subtract(gone)
        new = {article.id for article in articles}
        sender.send(
            [bulk.deleted(mapping.key(one), f"the deletion of article {one!r}") for one in gone if one not in new]
        )
        self._put |= new
        self._with_copies.update(article.story for article in articles if article.story != article.id)
        sender.send([self._item(article) for article in articles])

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

    def commit(self) -> Generation:
        """End the writing of articles, and open the generation; see `search.engines.protocols.Build`."""
        self._ensure_created().drain()
        settle(self._client, self._place)
        with _missing_as_taken_over():
            self._refresh(self._place.target)
            self._update_groups()
            count = self._count()
        self._tally.merge(self._changes)
        self._changes = Tally()
        meta = {"articles": count, "shards": self._shards}
        return Committed(self._client, self._place, meta, self._tally, self.folder)

    @property
    def _shards(self) -> int:
        return int(self._before.companion.meta["shards"]) if self._before else self._layout.shards

    def finish(self, meta: Mapping[str, Any]) -> None:
        """Write the companion; see `search.engines.protocols.Build`."""
        self._tally.write(self.folder / TALLY)
        self._write_companion(dict(companion.pieces(self.folder)))
        more = {"build": self._place.build, "shards": self._shards, "files": companion.checksums(self.folder)}
        described = {"kind": companion.GENERATION, "build": self._place.build, "meta": {**meta, **more}}
        self._write_companion({companion.GENERATION: described})
        with _missing_as_taken_over():
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
        later = stored.scan(self._client, self._place.target, ["id"], last)
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

    def _update_groups(self) -> None:
        """Rewrite articles without a `group` whose id is the id of a story with copies.

        The copies were written after them, or were there before.
        """
        lonely = iter(sorted(self._put - self._named - self._with_copies) if self._before or self._checkpoints else ())
        while some := list(islice(lonely, GROUPS)):
            self._with_copies.update(self._stories_with_copies(some))
        outdated = iter(sorted(self._with_copies - self._named))
        sender = self._ensure_created()
        while some := list(islice(outdated, OLD_BATCH)):
            keys = {"ids": {"values": [mapping.key(one) for one in some]}}
            alone = {"bool": {"filter": [keys], "must_not": [{"exists": {"field": "group"}}]}}
            hits = self._search({"query": alone, "size": len(some), "_source": list(stored.ARTICLE_FIELDS)})
            articles = [stored.whole(hit) for hit in hits]
            sender.send(
                [_write_item(one, mapping.document(one, named=True)) for one in articles if one.story == one.id]
            )
        sender.drain()
        self._refresh(self._place.target)

    def _stories_with_copies(self, ids: Sequence[str]) -> Iterator[str]:
        """Yield those of the ids that are ids of stories with copies."""
        groups = {key_of(article_id): article_id for article_id in ids}
        query = {"bool": {"filter": [{"terms": {"group": list(groups)}}]}}
        body = {"query": query, "size": len(ids), "_source": ["story"], "collapse": {"field": "group"}}
        return (str(hit["_source"]["story"]) for hit in self._search(body))

    def _search(self, body: Mapping[str, Any]) -> list[Any]:
        """Return the hits of a search in the build."""
        answer = self._client.insist(
            "POST", f"/{self._place.target}/_search", body, lambda answer: not answer["_shards"]["failed"]
        )
        hits: list[Any] = answer["hits"]["hits"]
        return hits

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
