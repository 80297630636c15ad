"""Reads one open generation of a Whoosh index: single articles, all articles, and a check for damage."""

from __future__ import annotations

import json
import zlib
from bisect import bisect_right
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from search.engines.base import contradictions
from search.engines.whoosh import columns
from search.engines.whoosh.query import Runner
from search.engines.whoosh.segments import open_segments
from search.engines.whoosh.snapshot import Snapshot, restored, stored
from search.engines.whoosh.terms import Terms
from search.engines.whoosh.view import View
from search.errors import NotFoundError
from search.lexicon import Lexicon
from search.storage import records
from search.storage.files import CHECKPOINT, opening

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from search.model import Article, Entry, Query

CHECKSUMS = "checksums.json"
"""Name of the file with the CRC-32 of every other file of the generation. Files of whoosh3 3.54 have no checksums."""


@dataclass(frozen=True, slots=True)
class Reader(Snapshot):
    """One open generation. See `search.engines.protocols.OpenGeneration`."""

    def holds(self, ids: Collection[str]) -> set[str]:
        """See `OpenGeneration.holds`."""
        return {article_id for article_id in ids if self.terms.find("id", article_id) is not None}

    def get(self, article_id: str) -> Article:
        """See `Generation.get`."""
        number = self.terms.find("id", article_id)
        if number is None:
            raise NotFoundError(f"No article has the id {article_id!r}.", remedy="Look it up with a search.")
        return restored(self.terms.stored(number))

    def story_of(self, article_id: str) -> str | None:
        """See `Generation.story_of`."""
        number = self.terms.find("id", article_id)
        return None if number is None else str(self.terms.stored(number)["of_story"])

    def view(self, query: Query) -> View:
        """See `Generation.view`."""
        return View(self, query)

    def entries(self) -> Iterator[Entry]:
        """See `OpenGeneration.entries`."""
        for number in self.columns.ids.tolist():
            document = self.terms.stored(number)
            with records.readable(document["name"]):
                entry = records.entry(
                    document["record"],
                    digest=document["digest"],
                    story=document["of_story"],
                    signature=document["signature"],
                )
            yield entry

    def articles(self, after: str) -> Iterator[Article]:
        """See `OpenGeneration.articles`."""
        numbers = self.columns.ids.tolist()
        start = bisect_right(numbers, after, key=lambda number: str(self.terms.stored(number)["name"]))
        for number in numbers[start:]:
            yield restored(self.terms.stored(number))

    def problems(self) -> Iterator[str]:
        """See `OpenGeneration.problems`."""
        changed = list(changed_files(self.folder))
        yield from changed
        if not changed:  # reading damaged files would only repeat the problem
            yield from contradictions(self, (partial(restored, document) for _, document in stored(self.terms)))


def checksums(folder: Path) -> dict[str, int]:
    """Return the CRC-32 of each file of a generation, by its name."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file())
    return {name: zlib.crc32((folder / name).read_bytes()) for name in names if name not in (CHECKSUMS, CHECKPOINT)}


def changed_files(folder: Path) -> Iterator[str]:
    """Yield a sentence for each missing or changed file of a generation."""
    try:
        written = json.loads((folder / CHECKSUMS).read_text())
        known = dict(written)
    except (OSError, ValueError, TypeError):
        yield f"{CHECKSUMS} cannot be read."
        return
    current = checksums(folder)
    for name, crc in known.items():
        if name not in current:
            yield f"{name} is missing."
        elif current[name] != crc:
            yield f"{name} has changed since it was written."


def open_reader(folder: Path, url: str) -> Reader:
    """Open the generation in a folder. `url` is for messages. Raises the errors of `storage.files.opening`."""
    with opening(folder, url) as meta:
        terms, values, lexicon = Terms(open_segments(folder)), columns.read(folder), Lexicon.open(folder)
        return Reader(
            name=folder.name,
            size=terms.size,
            folder=folder,
            meta=meta,
            terms=terms,
            columns=values,
            lexicon=lexicon,
            runner=Runner(terms, values, lexicon),
        )
