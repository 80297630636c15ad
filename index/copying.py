"""Copies an index to another place or engine, without the files it was built from."""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from index.archive.keys import keys_of
from index.progress import Progress, counted, silent
from search.errors import IndexDamagedError
from search.storage.records import Checksum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.engine import Engine
    from search.model import Article
    from search.results import WriteReport

log = logging.getLogger("dateline.index")


@dataclass(frozen=True, slots=True)
class Copied:
    """The result of a copy. `resumed` counts the articles that an earlier, interrupted copy had already written."""

    articles: int
    resumed: int
    checksum: str
    written: WriteReport
    seconds: float

    def record(self) -> dict[str, Any]:
        """Return the result as a JSON object."""
        return {
            "articles": self.articles,
            "resumed": self.resumed,
            "checksum": self.checksum,
            "generation": self.written.generation,
            "seconds": round(self.seconds, 2),
        }


def copy(source: Engine, target: Engine, keep: int, progress: Progress = silent) -> Copied:
    """Build the target anew from all articles of the source, and verify its contents before it serves.

    An interrupted copy resumes when it is started again, as long as the source serves the same generation.

    Raises:
        IndexDamagedError: The copy differs from the source; the target still serves its old generation.
    """
    start = time.monotonic()
    info = source.info()
    build_name = hashlib.blake2b(f"{info.url} {info.generation} {info.created}".encode(), digest_size=8).hexdigest()
    resume_point = target.resume_point(build_name)
    copied, resumed = Checksum(), 0

    def missing() -> Iterator[Article]:
        nonlocal resumed
        for article in source.articles():
            copied.add(article)
            if article.id > resume_point:
                yield replace(article, keys=keys_of(article))
            else:
                resumed += 1

    def verify(articles: Iterator[Article]) -> None:
        built = Checksum()
        for article in counted(articles, "Verifying", lambda: copied.articles, progress):
            built.add(article)
        if (built.articles, built.hex) != (copied.articles, copied.hex):
            raise IndexDamagedError(
                f"The copy holds {built.articles:,} articles with checksum {built.hex}, but the source holds "
                f"{copied.articles:,} with {copied.hex}. The copy was not put to use.",
                remedy="Run dateline check on the source, then copy it again.",
            )

    articles = counted(missing(), "Copying", lambda: info.articles, progress)
    written = target.rebuild(articles, keep, build_name, verify)
    done = Copied(copied.articles, resumed, copied.hex, written, time.monotonic() - start)
    log.info(
        "Copied %d articles in %.1f s, %d of them earlier", done.articles, done.seconds, resumed, extra=done.record()
    )
    return done
