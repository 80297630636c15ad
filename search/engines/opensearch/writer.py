"""Writing a generation of an OpenSearch index, and verifying it."""

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
from search.engines.opensearch import bulk, mapping
from search.engines.opensearch import companion as files
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
    from search.engines.opensearch.companion import Files
    from search.engines.opensearch.listing import Place
    from search.model import Article

OLD_AT_ONCE: Final = 200
"""Articles that are read to be replaced."""


@dataclass(frozen=True, slots=True)
class Before:
    """The generation that is written on top of."""

    index: str
    files: Files


@dataclass(frozen=True, slots=True)
class Layout:
    """How often OpenSearch keeps an index, and in how many parts."""

    shards: int
    replicas: int


class Build:
    """A generation that is being built: see `search.engines.base.Build`. `open_build` makes it.

    Its indexes are made when something is written, as a write may turn out to change nothing.
    """

    def __init__(self, client: Client, place: Place, before: Before | None, layout: Layout) -> None:
        self._client = client
        self._place = place
        self._before = before
        self._layout = layout
        self._sender: bulk.Sender | None = None
        self._tally = Tally() if before is None else Tally.read(before.files.folder / TALLY)
        self._unsaved = Tally()
        self._saves = 0
        self._with_copies: set[str] = set()
        """What names the stories that have copies, as far as is known."""
        self._named: set[str] = set()
        """Articles that are indexed as ones that name a story with copies."""
        self._put: set[str] = set()
        if place.started:
            self._go_on()

    def facts(self) -> Iterator[ArticleFacts]:
        """See `Build.facts` of the base."""
        if self._before is None and not self._place.started:
            return
        index = self._before.index if self._before else self._place.target
        for hit in stored.scan(self._client, index):
            found = hit["_source"]
            article, story = found["id"], found["story"]
            if article != story:
                self._with_copies.add(story)
            elif "group" in found and article not in self._put:
                self._named.add(article)
            day, persons, countries = found.get("day", 0), found["person"], found["country"]
            yield ArticleFacts(article, found["headline"], day, story, tuple(persons), tuple(countries))

    def put(self, articles: Sequence[Article], replaced: Collection[str]) -> None:
        """See `Build.put` of the base."""
        sender = self._ensure_created()
        self._forget(replaced)
        self._put.update(article.id for article in articles)
        self._with_copies.update(article.story for article in articles if article.story != article.id)
        sender.send([self._item(article) for article in articles])

    def delete(self, ids: Collection[str]) -> None:
        """See `Build.delete` of the base."""
        sender = self._ensure_created()
        self._forget(ids)
        sender.send([bulk.deleted(mapping.key(one), f"the end of article {one!r}") for one in ids])

    def checkpoint(self, last: str) -> None:
        """See `Build.checkpoint` of the base."""
        self._ensure_created().drain()
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / TALLY
            self._unsaved.write(path)
            data = base64.b64encode(path.read_bytes()).decode()
        self._saves += 1
        saved = {"kind": CHECKPOINT, "number": self._saves, "last": last, "data": data}
        self._keep({f"{CHECKPOINT}-{self._saves}": saved})
        self._tally.merge(self._unsaved)
        self._unsaved = Tally()

    def finish(self, articles: Collection[ArticleFacts]) -> None:
        """See `Build.finish` of the base."""
        self._name_stories(articles)
        self._ensure_created().drain()
        settle(self._client, self._place)
        with _still_ours():
            self._refresh(self._place.target)
            held = self._held()
        if held != len(articles):
            raise IndexDamagedError(
                f"The new index holds {held} articles instead of {len(articles)} and was not put to use.",
                remedy="Run the command again; if it happens again, please report it.",
            )
        self._tally.merge(self._unsaved)
        self._unsaved = Tally()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            lexicon.build(folder, contents(self._tally.words().items(), articles))
            self._tally.write(folder / TALLY)
            self._keep(dict(files.pieces(folder)))
            shards = self._before.files.meta["shards"] if self._before else self._layout.shards
            more = {"build": self._place.build, "shards": shards, "files": files.described(folder)}
        told = {"kind": files.GENERATION, "build": self._place.build, "meta": fields.meta_of(len(articles)) | more}
        self._keep({files.GENERATION: told})
        with _still_ours():
            self._refresh(self._place.files_target)

    # Making and going on

    def leave(self) -> None:
        """End all writing to the place."""
        if self._sender is not None:
            self._sender.close()

    def _ensure_created(self) -> bulk.Sender:
        """Return what writes to the index of articles; both indexes are made, if they are not there.

        Nothing is sent before the cluster has copied them to other machines, so that it is not lost with one of them.
        """
        if self._sender is None:
            if not self._place.started:
                self._make()
            self._sender = bulk.Sender(self._client, self._place.target, partial(settle, self._client, self._place))
        return self._sender

    def _make(self) -> None:
        """Make the index of articles, with all that is in the generation before, and its companion."""
        place, replicas = self._place, self._layout.replicas
        if self._before is None:
            body = mapping.settings_and_mappings(self._layout.shards, replicas)
            self._create(f"/{place.index}", body | {"aliases": {place.target: {}}})
        else:
            settings = {"index.number_of_replicas": replicas, "index.blocks.write": None}
            body = {"settings": settings, "aliases": {place.target: {}}}
            self._create(f"/{self._before.index}/_clone/{place.index}", body)
        companion = files.settings_and_mappings(replicas)
        self._create(f"/{place.files}", companion | {"aliases": {place.files_target: {}}})

    def _create(self, path: str, body: Mapping[str, Any]) -> None:
        try:
            self._client.insist("PUT", path, body)
        except SearchError as error:  # an answer was lost, and the request made again
            if "resource_already_exists" not in error.message:
                raise

    def _go_on(self) -> None:
        """Take in what a broken-off draft has saved, and remove what it wrote after that."""
        self._refresh(self._place.targets)
        saves = [hit["_source"] for hit in stored.saves(self._client, self._place.files_target)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / TALLY
            for saved in saves:
                path.write_bytes(base64.b64decode(saved["data"]))
                self._tally.merge(Tally.read(path))
        self._saves = len(saves)
        last = saves[-1]["last"] if saves else ""
        unsafe = stored.scan(self._client, self._place.target, after=last)
        items = (bulk.deleted(hit["_id"], "an article that was not safe") for hit in unsafe)
        bulk.send(self._client, self._place.target, items)
        self._refresh(self._place.target)

    # Documents

    def _refresh(self, index: str) -> None:
        """Let searches see all that was written."""
        self._client.insist("POST", f"/{index}/_refresh", accept=lambda answer: not answer["_shards"]["failed"])

    def _held(self) -> int:
        """Return the number of articles that searches see."""
        body = {"size": 0, "track_total_hits": True}
        answer = self._client.insist(
            "POST", f"/{self._place.target}/_search", body, lambda answer: not answer["_shards"]["failed"]
        )
        return int(answer["hits"]["total"]["value"])

    def _item(self, article: Article) -> bulk.Item:
        named = article.id in self._with_copies
        document = mapping.document(article, named=named)
        self._unsaved.add(document)
        (self._named.add if named else self._named.discard)(article.id)
        return _written(article, document)

    def _name_stories(self, articles: Iterable[ArticleFacts]) -> None:
        """Write those articles anew that name a story of which copies came after them."""
        stories = {one.story for one in articles if one.story != one.article}
        unaware = [one.article for one in articles if one.article in stories and one.article not in self._named]
        sender = self._ensure_created()
        sender.drain()
        for old in self._old(unaware):
            sender.send([_written(one, mapping.document(one, named=True)) for one in old])

    def _forget(self, ids: Collection[str]) -> None:
        """Count the words of articles no more that are there, and will be replaced or deleted."""
        if not self._put.isdisjoint(ids):
            self._ensure_created().drain()
        for old in self._old(ids):
            for article in old:
                self._unsaved.subtract(mapping.document(article))

    def _old(self, ids: Collection[str]) -> Iterator[list[Article]]:
        """Yield articles as they are there now, some at a time."""
        keys = iter([mapping.key(one) for one in ids])
        while some := list(islice(keys, OLD_AT_ONCE)):
            with _still_ours():
                found = stored.articles(self._client, self._place.target, some)
            yield found

    def _keep(self, companions: Mapping[str, Mapping[str, Any]]) -> None:
        """Write documents to the companion."""
        items = (bulk.written(key, document, f"its own {key}") for key, document in companions.items())
        bulk.send(self._client, self._place.files_target, items)


def _written(article: Article, document: Mapping[str, Any]) -> bulk.Item:
    return bulk.written(mapping.key(article.id), document, f"article {article.id!r}")


@contextmanager
def _still_ours() -> Iterator[None]:
    """Raise `IndexLockedError` where the alias of what is built is gone."""
    try:
        yield
    except MissingIndex as error:
        raise taken_over() from error


@contextmanager
def open_build(client: Client, place: Place, before: Before | None, layout: Layout) -> Iterator[Build]:
    """Write to a place. Nothing is under way when the block ends, however it ends."""
    build = Build(client, place, before, layout)
    try:
        yield build
    finally:
        build.leave()
