"""An index moved to another place or engine, without the sources that it was made from."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index.cli import terminal
from search.errors import IndexDamagedError
from search.storage.records import Checksum

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.engine import Engine
    from search.model import Article, WriteReport


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy closes with. `resumed` counts the articles that an earlier copy, broken off, had brought already."""

    articles: int
    resumed: int
    checksum: str
    written: WriteReport
    seconds: float

    def record(self) -> dict[str, Any]:
        """Return it as one JSON object."""
        return {
            "articles": self.articles,
            "resumed": self.resumed,
            "checksum": self.checksum,
            "generation": self.written.generation,
            "seconds": round(self.seconds, 2),
        }

    def print(self) -> None:
        """Print it for a person."""
        already = f", of which {self.resumed:,} were there already" if self.resumed else ""
        terminal.out.print(f"Copied {self.articles:,} articles{already}, in {self.seconds:,.1f} s.")
        terminal.out.print(f"Serving generation {self.written.generation}; checksum {self.checksum}, as it was.")


def copy(source: Engine, target: Engine, keep: int) -> Copied:
    """Build the target anew from all articles of the source, and see that it holds the same before it serves.

    Broken off, and started again while the source still serves the same generation, it goes on where it was.

    Raises:
        IndexDamagedError: What was built does not hold what the source does; the target serves what it did before.
    """
    start = time.monotonic()
    info = source.info()
    draft = hashlib.blake2b(f"{info.url} {info.generation} {info.created}".encode(), digest_size=8).hexdigest()
    done = target.drafted(draft)
    given, resumed = Checksum(), 0

    def missing() -> Iterator[Article]:
        nonlocal resumed
        for article in source.articles():
            given.add(article)
            if article.id > done:
                yield article
            else:
                resumed += 1

    with terminal.counting() as counting:

        def verify(articles: Iterator[Article]) -> None:
            held = Checksum()
            for article in counting("Verifying", articles, given.articles):
                held.add(article)
            if (held.articles, held.hex) != (given.articles, given.hex):
                raise IndexDamagedError(
                    f"The copy holds {held.articles:,} articles with checksum {held.hex}, the index that is copied "
                    f"{given.articles:,} with {given.hex}; the copy was not put to use.",
                    remedy="Run dateline check on the index that is copied, then copy it again.",
                )

        articles = counting("Copying", missing(), info.articles)
        written = target.rebuild(articles, keep, draft, verify)
    return Copied(given.articles, resumed, given.hex, written, time.monotonic() - start)
