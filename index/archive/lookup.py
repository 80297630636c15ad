"""Looks up articles by their keys: in the index, and among the new articles of a running update."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from index.archive import signatures
from index.archive.keys import digest_key
from search.model import TermGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from index.archive.new_articles import NewArticles
    from search.engine import Engine
    from search.model import Article

AT_ONCE = 200
"""Terms of one query for articles by id."""

HOLDERS = 24
"""Maximum articles of the index that are read because they have a key."""

CANDIDATES = 5_000
"""Maximum candidates of the index that are read for one signature."""

KEPT = 10_000
"""Signatures of the index that are kept in memory: 13 MB. Candidates of one article are often those of the next."""


class Lookup:
    """The archive as it will be after the write: the index without the articles in `gone`, and the new articles."""

    def __init__(self, engine: Engine, new: NewArticles) -> None:
        self.engine = engine
        self.new = new
        self.gone: set[str] = set()
        self.indexed: dict[str, str] = {}
        """The stories in the index of all articles that `candidates` has returned."""
        self._signatures: dict[str, bytes] = {}
        self._near: set[bytes] = set()
        """Signatures of earlier candidates. Their own candidates are probably known."""

    def held(self, digests: Sequence[str]) -> set[str]:
        """Return those of the digests that articles of the index have.

        Most updates find all or none of a chunk, so a chunk is counted as a whole first, and its halves if they differ.
        """
        if not digests:
            return set()
        count = self.engine.count("keys", [digest_key(one) for one in digests])
        if count == len(digests) or not count:
            return set(digests) if count else set()
        half = len(digests) // 2
        return self.held(digests[:half]) | self.held(digests[half:])

    def by_id(self, ids: Iterable[str]) -> Iterator[Article]:
        """Yield the articles of the index with these ids."""
        sought = iter(sorted(ids))
        while part := list(islice(sought, AT_ONCE)):
            yield from self.engine.find("id", [TermGroup(part)], len(part))

    def of_story(self, story: str, limit: int) -> list[Article]:
        """Return the articles of a story in the index."""
        return list(self.engine.find("story", [TermGroup([story])], limit))

    def candidates(self, signature: bytes) -> dict[str, bytes]:
        """Return ids and signatures of all candidates of a signature: see `index.archive.signatures`."""
        keys = signatures.keys(signature)
        if not keys.same:
            return {}
        every = [keys.same, *keys.bands, *keys.opening]
        new = list(self.new.holders(every))
        counts = Counter(key for key, _ in new)
        counts.update(dict(zip(every, self.engine.frequencies("keys", every, signatures.CROWD // 2), strict=True)))
        groups = [TermGroup([keys.same])]
        ids = {one for key, one in new if key == keys.same}
        for group, least in ((keys.bands, signatures.MIN_BANDS), (keys.opening, signatures.MIN_OPENING)):
            rare = {key for key in group if counts[key] <= signatures.CROWD}
            agreeing = Counter(one for key, one in new if key in rare)
            ids |= {one for one, count in agreeing.items() if count >= least}
            if len(rare) >= least:
                groups.append(TermGroup(sorted(rare), least))
        return self._indexed(groups, known=signature in self._near) | self.new.signatures(sorted(ids))

    def _indexed(self, groups: Sequence[TermGroup], *, known: bool) -> dict[str, bytes]:
        """Return ids and signatures of candidates in the index. `known` says that most of them are known.

        Reading a whole article takes long, so those that are known are not read again.
        """
        found = self.engine.find("keys", groups, CANDIDATES, whole=not known)
        self.indexed.update((article.id, article.story) for article in found)
        ids = [article.id for article in found if article.id not in self.gone]
        if len(self._signatures) + len(ids) > KEPT:
            self._signatures.clear()
            self._near.clear()
        unknown = self.by_id(one for one in ids if one not in self._signatures) if known else found
        self._signatures.update((article.id, article.signature) for article in unknown)
        candidates = {one: self._signatures[one] for one in ids}
        self._near.update(candidates.values())
        return candidates

    def counts(self, keys: Sequence[str], above: int) -> dict[str, int]:
        """Return for each key the number of articles that have it. Articles in `gone` are counted, too.

        A number up to `above` may be too high.
        """
        new = Counter(key for key, _ in self.new.holders(keys))
        indexed = self.engine.frequencies("keys", keys, above)
        return {key: count + new[key] for key, count in zip(keys, indexed, strict=True)}

    def holders(self, key: str) -> list[Article]:
        """Return articles with a key: up to `HOLDERS` of the index, and as many new ones."""
        indexed = self.engine.find("keys", [TermGroup([key])], HOLDERS)
        new = [article_id for _, article_id in self.new.holders([key])][:HOLDERS]
        return [article for article in indexed if article.id not in self.gone] + self.new.by_id(new)
