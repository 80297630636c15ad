"""Terms of a whole generation: posting lists over all of its segments, without deleted articles, the last ones kept.

Articles go by their numbers in the generation: those of the first segment, then those of the second, and so on.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, OrderedDict
from itertools import accumulate, takewhile
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from search import analysis
from search.engines.whoosh.segments import NOTHING, Postings
from search.highlight.patterns import wildcard
from search.query.parsing import NAME_BREAK
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from search.engines.whoosh.segments import Segment

KEPT = 10_000_000
"""Numbers of eight bytes that a process keeps of the posting lists that it read last."""


class Terms:
    """The terms of all segments together. Threads may share it."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = segments
        self.bases = [0, *accumulate(segment.size for segment in segments)]
        self.live = np.ones(self.bases[-1], np.bool_)
        for segment, base in self._based():
            self.live[[base + number for number in segment.deleted]] = False
        self.size = int(self.live.sum())
        self._vocabularies: dict[str, list[str]] = {}
        self._frequencies: dict[tuple[str, str], int] = {}
        self._recent = Recent(KEPT)

    def _based(self) -> Iterator[tuple[Segment, int]]:
        return zip(self.segments, self.bases, strict=False)

    def postings(self, field: str, term: str) -> Postings:
        """Return the articles that hold a term."""
        return self._recent.get((field, term), lambda: self._postings(field, term))

    def _postings(self, field: str, term: str) -> Postings:
        found = [
            (segment.deleted, one._replace(articles=one.articles + base))
            for segment, base in self._based()
            for one in [segment.postings(field, term)]
            if one is not NOTHING
        ]
        kept = [self._living(one) if deleted else one for deleted, one in found]
        if len(kept) < 2:
            return kept[0] if kept else NOTHING
        articles, times, places = map(np.concatenate, zip(*kept, strict=True))
        return Postings(articles, times, places)

    def _living(self, found: Postings) -> Postings:
        keep = self.live[found.articles]
        placed = np.repeat(keep, found.times) if len(found.places) else slice(None)
        return Postings(found.articles[keep], found.times[keep], found.places[placed])

    def frequency(self, field: str, term: str) -> int:
        """Return how many articles hold a term."""
        known = self._frequencies.get((field, term))
        if known is not None:
            return known
        found = 0
        for segment in self.segments:
            held = segment.frequency(field, term)
            if held and segment.deleted:
                articles = segment.postings(field, term).articles
                held = len(articles) - len(segment.deleted.intersection(articles.tolist()))
            found += held
        if found:  # of terms that are there, so no more than there are words
            self._frequencies[field, term] = found
        return found

    def words(self, field: str) -> dict[str, int]:
        """Return all words of `title_words` or `body_words`, each with the number of articles; takes seconds.

        What deleted articles hold is made anew from their texts: that is quicker than reading all posting lists.
        """
        found: dict[str, int] = {}
        for segment in self.segments:
            gone = Counter(word for number in segment.deleted for word in _words(segment.stored(number), field))
            for word, count in segment.words(field):
                held = count - gone.get(word, 0)
                if held > 0:
                    found[word] = found.get(word, 0) + held
        return found

    def begun(self, field: str, prefix: str) -> list[str]:
        """Return the terms of a field that begin so."""
        if field in self._vocabularies or not prefix:
            words = self._vocabulary(field)
            return list(takewhile(lambda word: word.startswith(prefix), words[bisect_left(words, prefix) :]))
        return list({word for segment in self.segments for word in segment.begun(field, prefix)})

    def like(self, field: str, pattern: str) -> list[str]:
        """Return the terms of a field that a pattern with `*` and `?` stands for."""
        letters = pattern.replace("?", "*").partition("*")[0]
        matches = wildcard(pattern).fullmatch
        return [word for word in self.begun(field, letters) if matches(word) and word != NAME_BREAK]

    def _vocabulary(self, field: str) -> list[str]:
        known = self._vocabularies.get(field)
        if known is None:
            known = sorted({word for segment in self.segments for word in segment.begun(field, "")})
            self._vocabularies[field] = known
        return known

    def find(self, field: str, term: str) -> int | None:
        """Return the first article that holds a term, None where none does. Nothing is kept of the answer."""
        found = self._postings(field, term).articles
        return int(found[0]) if len(found) else None

    def stored(self, article: int) -> dict[str, Any]:
        """Return what is stored of an article."""
        place = next(n for n, base in enumerate(self.bases[1:]) if article < base)
        return self.segments[place].stored(article - self.bases[place])


def _words(stored: dict[str, Any], field: str) -> set[str]:
    """Return the words of a field of an article."""
    article = records.restore(stored["record"], mentions=False)
    return set(analysis.streams(article.title if field == "title_words" else article.body)[0].split())


class Recent:
    """What was used last, as far as all of it together does not hold more than `most` numbers. Threads may share it."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._known: OrderedDict[object, Postings] = OrderedDict()
        self._lock = Lock()

    def get(self, key: object, make: Callable[[], Postings]) -> Postings:
        """Return what is known under a key, or what `make` makes."""
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        made = make()
        with self._lock:
            if key not in self._known:
                self._known[key] = made
                self._held += _size(made)
            while self._held > self._most and len(self._known) > 1:
                _, oldest = self._known.popitem(last=False)
                self._held -= _size(oldest)
        return made


def _size(found: Postings) -> int:
    return 100 + sum(map(len, found))
