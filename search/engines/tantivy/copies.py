"""Which of the articles that a query matches are copies of one another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tantivy import Query

from search.engines.searching import FULL
from search.engines.tantivy import query as tq
from search.storage.fields import key_of

if TYPE_CHECKING:
    import tantivy

    from search.engines.tantivy.reader import Reader


@dataclass(frozen=True)
class Copies:
    """The matches that are copies of one another, by the key of their story."""

    reader: Reader
    found: Query
    total: int

    @cached_property
    def _members(self) -> dict[int, list[tantivy.DocAddress]]:
        """The matching articles of each story of which a copy matches. The one that names a story is no copy."""
        searcher, schema = self.reader.searcher, self.reader.schema
        limit = max(self.total, 1)
        copies = tq.all_of(self.found, Query.exists_query("copy_key"))
        members: dict[int, list[tantivy.DocAddress]] = {}
        addresses = [address for _, address in searcher.search(copies, limit, count=False).hits]
        for key, address in zip(searcher.fast_field_values("copy_key", addresses), addresses, strict=True):
            members.setdefault(int(key or 0), []).append(address)
        if members:
            named = tq.all_of(self.found, Query.term_set_query(schema, "own_key", list(members)))
            addresses = [address for _, address in searcher.search(named, limit, count=False).hits]
            for key, address in zip(searcher.fast_field_values("own_key", addresses), addresses, strict=True):
                members[int(key or 0)].append(address)
        return members

    @property
    def stories(self) -> int:
        """The number of stories among the matches."""
        return self.total - sum(map(len, self._members.values())) + len(self._members)

    def of(self, story: str) -> int:
        """Return how many matches are of a story that one of them is of."""
        return len(self._members.get(key_of(story), ())) or 1

    def hidden(self) -> list[int]:
        """Return the keys of the articles for which another one of their story is shown.

        Shown is the earliest of those with the fullest text; one without a date counts as the latest.
        """
        keys: list[int] = []
        for addresses in self._members.values():
            own, lengths, instants = (
                self.reader.searcher.fast_field_values(name, addresses) for name in ("own_key", "length", "instant")
            )
            longest = max(int(length or 0) for length in lengths)
            order = [
                (int(length or 0) < FULL * longest, float("inf") if instant is None else int(instant), int(key or 0))
                for length, instant, key in zip(lengths, instants, own, strict=True)
            ]
            keys += [key for *_, key in sorted(order)[1:]]
        return keys
