"""Groups copies of one report into a story: identical, cut, lightly edited, or under another headline.

Other reports on the same event are not copies. `index.archive.signatures` says which articles are candidates, and
`index.archive.links` which candidates are copies. Both look at two articles only, so the stories depend only on the set
of articles: `group` over all of them and `regroup` after any sequence of writes find the same.

- The id of a story is the smallest id of its articles.
- Articles that share most of their text are one story. This is transitive.
- A shorter cut joins only one story: the one in which it makes up the largest share of an article.
- Articles without a signature, or with one of another format, stay alone.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from index.archive.grouper import Grouper
from index.archive.links import NO_LINKS, Forest, is_share_link, join_cuts, links
from index.archive.signatures import fingerprint, is_valid, record, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from collections.abc import Set as AbstractSet

    from numpy.typing import NDArray

Neighbours: TypeAlias = "Callable[[bytes], Mapping[str, bytes]]"


class Regrouped(NamedTuple):
    """Result of `regroup`.

    Attributes:
        stories: Maps an id to its story, for each article of the components that were walked to the end.
        left_out: Ids of articles in components with more articles than the limit. Their stories are not known.
    """

    stories: dict[str, str]
    left_out: AbstractSet[str]

    @property
    def complete(self) -> bool:
        """Whether no component was too large."""
        return not self.left_out


def group(signatures: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    """Group articles, given as pairs of id and signature; return a mapping of id to story."""
    by_id = sorted(dict(signatures).items())
    with closing(Grouper()) as grouper:
        for _, one in by_id:
            grouper.add(one)
        rows = grouper.group().tolist()
    return {article_id: by_id[row][0] for (article_id, _), row in zip(by_id, rows, strict=True)}


def regroup(seeds: Mapping[str, bytes], neighbours: Neighbours, limit: int) -> Regrouped:
    """Group the articles that a write may have moved to another story.

    Args:
        seeds: Ids and signatures of the new articles and of the candidates of removed articles.
        neighbours: Returns the ids and signatures of all candidates of a signature, the article itself included. It is
            called once for each different signature.
        limit: Maximum articles of a component. A component consists of all articles that links connect.
    """
    stories = {article_id: article_id for article_id, one in seeds.items() if not is_valid(one)}
    left_out: set[str] = set()
    closed: set[bytes] = set()
    too_large: set[bytes] = set()
    for article_id, one in seeds.items():
        if article_id in stories or one in closed:
            continue
        component = _Component(one)
        if one not in too_large and component.walk(neighbours, limit, too_large):
            stories.update(component.stories())
            closed.update(component.signatures)
        else:
            too_large.update(component.signatures)
            left_out.update([article_id], *component.ids.values())
    return Regrouped(stories, left_out)


class _Component:
    """The articles that links connect with a signature, directly or through others."""

    def __init__(self, start: bytes) -> None:
        self.signatures = {start: 0}
        self.ids: dict[bytes, set[str]] = defaultdict(set)
        self._share = Forest(1)
        self._cuts: list[NDArray[np.void]] = [NO_LINKS]

    def walk(self, neighbours: Neighbours, limit: int, too_large: AbstractSet[bytes]) -> bool:
        """Find all articles. Return False if there are more than `limit`, or a signature of a too large component."""
        queue = list(self.signatures)
        for done, one in enumerate(queue):  # grows during the loop
            candidates: dict[bytes, set[str]] = defaultdict(set)
            for article_id, other in neighbours(one).items():
                if is_valid(other):
                    candidates[other].add(article_id)
            self.ids[one] |= candidates.pop(one, set())
            new = self._link(one, done, list(candidates))
            queue += new
            for other in new:
                self.ids[other] |= candidates[other]
            if not too_large.isdisjoint(new) or sum(map(len, self.ids.values())) > limit:
                return False
        return True

    def stories(self) -> dict[str, str]:
        """Return the story of each article."""
        fingerprints = np.array([fingerprint(one) for one in self.signatures], dtype=np.uint64)
        join_cuts(self._share, self._cuts, fingerprints)
        members: dict[int, set[str]] = defaultdict(set)
        for one, root in zip(self.signatures, self._share.roots().tolist(), strict=True):
            members[root] |= self.ids[one]
        return {article_id: min(ids) for ids in members.values() for article_id in ids}

    def _link(self, one: bytes, row: int, candidates: list[bytes]) -> list[bytes]:
        """Keep the links of a signature, and return the linked signatures that are new.

        Pairs that were compared from the other side are skipped, and pairs that share links already connect: another
        link between these would change nothing.
        """
        rows = np.array([self.signatures.get(other, -1) for other in candidates], dtype=np.intp)
        known = rows >= 0
        skip = known & (rows <= row)
        skip[known] |= self._share.roots(rows[known]) == self._share.roots(np.array([row]))
        others = [candidates[place] for place in np.flatnonzero(~skip).tolist()]
        if not others:
            return []
        right = np.arange(1, len(others) + 1)
        found = links(table(map(record, (one, *others))), np.zeros_like(right), right)
        linked = [others[place - 1] for place in np.maximum(found["shorter"], found["longer"]).tolist()]
        new = [other for other in linked if other not in self.signatures]
        for other in new:
            self.signatures[other] = len(self.signatures)
        self._share.grow(len(self.signatures))
        places = np.array([row, *(self.signatures.get(other, -1) for other in others)], dtype=np.int32)
        found["shorter"], found["longer"] = places[found["shorter"]], places[found["longer"]]
        by_share = is_share_link(found)
        self._share.join(found["shorter"][by_share], found["longer"][by_share])
        self._cuts.append(found[~by_share])
        return new
