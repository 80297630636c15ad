"""The terms of a generation: posting lists over all segments, without deleted articles, with a cache.

Articles are numbered through the generation: first those of the first segment, then those of the second, and so on.
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
from search.storage import records
from search.storage.fields import NAME_BREAK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from search.engines.whoosh.segments import Segment

DELETED_TEXTS = 1_000
"""Deleted articles of a segment up to which their texts are read for the frequencies of many words.

A text takes 0.5 ms; the postings of a word in 28,000 articles take 3 ms on average.
"""

CACHED = 10_000_000
"""Maximum numbers (of eight bytes) in the cache of posting lists."""


class Terms:
    """The terms of all segments together. It is safe to share between threads."""

    def __init__(self, segments: Sequence[Segment], *, all_words: bool = False) -> None:
        self.segments = segments
        self._all_words = all_words
        """Whether the frequencies of hundreds of words will be asked for, as a write does."""
        self.bases = [0, *accumulate(segment.size for segment in segments)]
        self.live = np.ones(self.bases[-1], np.bool_)
        for segment, base in self._based():
            self.live[[base + number for number in segment.deleted]] = False
        self.size = int(self.live.sum())
        self._vocabularies: dict[str, list[str]] = {}
        self._frequencies: dict[tuple[str, str], int] = {}
        self._deleted_words: dict[tuple[str, str], Counter[str]] = {}
        self._cache = PostingCache(CACHED)

    def _based(self) -> Iterator[tuple[Segment, int]]:
        return zip(self.segments, self.bases, strict=False)

    def postings(self, field: str, term: str) -> Postings:
        """Return the postings of a term."""
        if field == "id":  # most ids are looked up once
            return self._postings(field, term)
        return self._cache.get((field, term), lambda: self._postings(field, term))

    def _postings(self, field: str, term: str) -> Postings:
        by_segment = [
            (segment.deleted, one._replace(articles=one.articles + base))
            for segment, base in self._based()
            for one in [segment.postings(field, term)]
            if one is not NOTHING
        ]
        live = [self._without_deleted(one) if deleted else one for deleted, one in by_segment]
        if len(live) < 2:
            return live[0] if live else NOTHING
        articles, times, places = map(np.concatenate, zip(*live, strict=True))
        return Postings(articles, times, places)

    def _without_deleted(self, postings: Postings) -> Postings:
        keep = self.live[postings.articles]
        keep_places = np.repeat(keep, postings.times) if len(postings.places) else slice(None)
        return Postings(postings.articles[keep], postings.times[keep], postings.places[keep_places])

    def frequency(self, field: str, term: str) -> int:
        """Return the number of articles with a term."""
        known = self._frequencies.get((field, term))
        if known is not None:
            return known
        total = 0
        for segment in self.segments:
            count = segment.frequency(field, term)
            if count and segment.deleted:
                count -= self._deleted_with(segment, field, term)
            total += count
        if total and field != "id":  # only terms of the index are cached, so that the cache stays bounded
            self._frequencies[field, term] = total
        return total

    def _deleted_with(self, segment: Segment, field: str, term: str) -> int:
        """Return the number of deleted articles of a segment with a term."""
        if self._all_words and field in ("title_words", "body_words") and len(segment.deleted) <= DELETED_TEXTS:
            return self._words_of_deleted(segment, field)[term]
        return len(segment.deleted.intersection(segment.postings(field, term).articles.tolist()))

    def _words_of_deleted(self, segment: Segment, field: str) -> Counter[str]:
        """Return the words of the deleted articles, from their texts, which is faster than reading all postings."""
        known = self._deleted_words.get((segment.id, field))
        if known is None:
            known = Counter(word for number in segment.deleted for word in _words(segment.stored(number), field))
            self._deleted_words[segment.id, field] = known
        return known

    def words(self, field: str) -> dict[str, int]:
        """Return all words of `title_words` or `body_words` with their numbers of articles. This takes seconds."""
        counts: dict[str, int] = {}
        for segment in self.segments:
            deleted = self._words_of_deleted(segment, field)
            for word, count in segment.words(field):
                live = count - deleted[word]
                if live > 0:
                    counts[word] = counts.get(word, 0) + live
        return counts

    def with_prefix(self, field: str, prefix: str) -> list[str]:
        """Return the terms of a field that start with a prefix."""
        if field in self._vocabularies or not prefix:
            words = self._vocabulary(field)
            return list(takewhile(lambda word: word.startswith(prefix), words[bisect_left(words, prefix) :]))
        return list({word for segment in self.segments for word in segment.with_prefix(field, prefix)})

    def with_pattern(self, field: str, pattern: str) -> list[str]:
        """Return the terms of a field that match a pattern with `*` and `?`."""
        letters = pattern.replace("?", "*").partition("*")[0]
        matches = wildcard(pattern).fullmatch
        return [word for word in self.with_prefix(field, letters) if matches(word) and word != NAME_BREAK]

    def _vocabulary(self, field: str) -> list[str]:
        known = self._vocabularies.get(field)
        if known is None:
            known = sorted({word for segment in self.segments for word in segment.with_prefix(field, "")})
            self._vocabularies[field] = known
        return known

    def find(self, article_id: str) -> int | None:
        """Return the number of the article with an id, or None."""
        articles = self.postings("id", article_id).articles
        return int(articles[0]) if len(articles) else None

    def ids_after(self, last: str) -> Iterator[str]:
        """Yield the ids after an id, including those of deleted articles, in no order."""
        for segment in self.segments:
            yield from (article_id for article_id, _ in segment.words("id", last) if article_id > last)

    def stored(self, article: int) -> dict[str, Any]:
        """Return the stored fields of an article."""
        place = next(n for n, base in enumerate(self.bases[1:]) if article < base)
        return self.segments[place].stored(article - self.bases[place])


def _words(stored: dict[str, Any], field: str) -> set[str]:
    """Return the words of a field, from the stored fields of an article."""
    article = records.restore(stored["record"], mentions=False)
    return set(analysis.streams(article.title if field == "title_words" else article.body)[0].split())


class PostingCache:
    """A cache of the most recently used postings, up to `most` numbers. It is safe to share between threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._known: OrderedDict[object, Postings] = OrderedDict()
        self._lock = Lock()

    def get(self, key: object, read: Callable[[], Postings]) -> Postings:
        """Return the cached postings of a key, or read them with `read` and cache them."""
        with self._lock:
            known = self._known.get(key)
            if known is not None:
                self._known.move_to_end(key)
                return known
        postings = read()
        with self._lock:
            if key not in self._known:
                self._known[key] = postings
                self._held += _size(postings)
            while self._held > self._most and len(self._known) > 1:
                _, oldest = self._known.popitem(last=False)
                self._held -= _size(oldest)
        return postings


def _size(postings: Postings) -> int:
    return 100 + sum(map(len, postings))
