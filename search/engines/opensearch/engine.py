"""The engine for several machines: an index in an OpenSearch cluster. Each write makes a new generation."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, TypeVar, cast

from search.engines.base import GenerationsEngine
from search.engines.opensearch.client import Client, MissingIndex
from search.engines.opensearch.companion import GENERATION, open_companion
from search.engines.opensearch.generations import ClusterStore
from search.engines.opensearch.listing import Place
from search.engines.opensearch.reader import Reader
from search.engines.opensearch.snapshot import Swapped
from search.engines.opensearch.writer import Before, Layout, open_build
from search.errors import IndexDamagedError, UnavailableError
from search.storage.fields import check_version

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from search.engines.protocols import Build, Generation
    from search.settings import Settings

T = TypeVar("T")

ATTEMPTS = 3
"""Attempts to read. Another generation may be swapped in during each of them."""


class OpenSearchEngine(GenerationsEngine[Place]):
    """The engine for URLs like `opensearch://host:9200/name`. See `search.engine.Engine`.

    Raises:
        SettingError: The URL is malformed, or the file of certificates cannot be read.
    """

    engine = "opensearch"
    store: ClusterStore

    def __init__(self, url: str, settings: Settings) -> None:
        self._client = Client(url, settings)
        self._layout = Layout(settings.opensearch_shards, settings.opensearch_replicas)
        self.url = self._client.address.url
        self.store = ClusterStore(self._client)
        self._opened: Reader | None = None
        self._opening = threading.Lock()

    def _read(self, ask: Callable[[Generation], T]) -> T:
        """Return the answer of the serving generation.

        Retry on the current one if it was swapped out during the read.
        """
        for _ in range(ATTEMPTS):
            opened = self._reader()
            reader = opened.for_call()
            try:
                answer = ask(reader)
                reader.ensure_current()
            except (Swapped, MissingIndex):
                self._forget(opened)
                continue
            return answer
        raise UnavailableError(
            f"The index at {self.url} was swapped several times during the request.", remedy="Try again in a moment."
        )

    def _current(self) -> Generation:
        """Return the serving generation. It is reopened after a swap."""
        return self._read(lambda generation: generation)

    def _reader(self) -> Reader:
        with self._opening:
            if self._opened is None:
                self._opened = self._open()
                self._log_opened(self._opened)
            return self._opened

    def _forget(self, opened: Reader) -> None:
        with self._opening:
            if self._opened is opened:
                self._opened = None

    def _open(self) -> Reader:
        """Open the serving generation.

        Raises:
            NoIndexError: There is no index.
            IndexVersionError: The index was written with another schema or analyzer.
            IndexDamagedError: The metadata or the files of the generation are incomplete.
        """
        name = self._client.address.name
        try:
            hits = self._client.search(f"{name}-files", {"query": {"ids": {"values": [GENERATION]}}})["hits"]["hits"]
        except MissingIndex:
            raise self.store.no_index() from None
        try:
            generation, meta = hits[0]["_index"].removesuffix("-files"), hits[0]["_source"]["meta"]
            check_version(meta, self.url)
            return Reader(self._client, generation, meta, open_companion(self._client, generation, meta))
        except (LookupError, TypeError, ValueError) as error:
            raise IndexDamagedError(
                f"The index at {self.url} cannot be opened: its metadata is damaged ({error!r}).",
                remedy="Run dateline rollback, or rebuild the index: dateline reindex PATH...",
            ) from error

    def _open_build(self, place: Place, before: Generation | None) -> AbstractContextManager[Build]:
        if before is None:
            return open_build(self._client, place, None, self._layout)
        reader = cast("Reader", before)
        files = open_companion(self._client, reader.name, reader.meta)
        return open_build(self._client, place, Before(reader.name, files), self._layout)
