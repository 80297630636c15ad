"""The writing half of `search.engine.Engine`, the same for all engines: rebuilds, writes, and the lexicon with them.

A write reads only what it changes: the old versions of its articles, and the stories that they belong to.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain, islice
from typing import TYPE_CHECKING

from whoosh import query as tree

from search import analysis
from search.errors import IndexDamagedError
from search.lexicon import Changes, Dated, Headline, LexiconBuilder, amend
from search.lexicon.contents import ArticleFacts, headlines, surfaces

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from search.engines.protocols import Build, Generation
    from search.model import Article

BATCH = 500
"""Number of articles that are passed to a build together."""

CHECKPOINT_EVERY = 2_000
"""Number of articles between two checkpoints of a resumable build."""

AT_ONCE = 200
"""Articles or stories that one lookup asks for."""

COPIES = 10_000
"""Maximum articles of `AT_ONCE` stories that are read to find the headlines of the stories."""


def batches(items: Iterable[Article]) -> Iterator[list[Article]]:
    """Yield the articles in lists of at most `BATCH`."""
    iterator = iter(items)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def select_all(
    generation: Generation, field_name: str, terms: Iterable[str], limit: int = AT_ONCE
) -> Iterator[Article]:
    """Yield the whole articles that have one of the terms in a field. `limit` bounds the articles of a lookup."""
    iterator = iter(terms)
    while some := list(islice(iterator, AT_ONCE)):
        yield from generation.select(tree.Or([tree.Term(field_name, term) for term in some]), limit)


def articles(generation: Generation, after: str = "") -> Iterator[Article]:
    """Yield all whole articles after the id `after`, sorted by id."""
    ids = generation.ids(after)
    while some := list(islice(ids, AT_ONCE)):
        by_id = {article.id: article for article in select_all(generation, "id", some)}
        yield from (by_id[article_id] for article_id in some if article_id in by_id)


class Rebuild:
    """Fills a new generation. If two articles have the same id, the later one is kept. Close it after use."""

    def __init__(self, building: Build, *, resumed: bool) -> None:
        self._building = building
        self._lexicon = LexiconBuilder()
        self._complete = not resumed
        """Whether the lexicon has all articles, and no old version."""
        self._seen: set[int] = set()
        self.replaced = 0

    def close(self) -> None:
        """Remove the temporary files of the lexicon."""
        self._lexicon.close()

    def put(self, batch: Sequence[Article]) -> None:
        """Write a batch of articles."""
        latest = {article.id: article for article in batch}
        hashes = {article_id: _hash(article_id) for article_id in latest}
        old = [article_id for article_id, number in hashes.items() if number in self._seen]
        self._seen.update(hashes.values())
        self._building.put(list(latest.values()), old)
        self.replaced += len(old) + len(batch) - len(latest)
        if old:
            self._complete = False
        for article in latest.values() if self._complete else ():
            self._lexicon.add(article)

    def commit(self) -> Generation:
        """Write the lexicon, and return the generation.

        Raises:
            IndexDamagedError: The generation does not have as many articles as were written.
        """
        generation = self._building.commit()
        if self._complete:
            check_size(generation, len(self._seen))
        else:
            self._lexicon.close()
            self._lexicon = LexiconBuilder()
            for article in articles(generation):
                self._lexicon.add(article)
        self._lexicon.write(self._building.folder, generation.words())
        return generation


def check_size(generation: Generation, expected: int) -> None:
    """Raise `IndexDamagedError` if a new generation does not have the expected number of articles."""
    if generation.size != expected:
        raise IndexDamagedError(
            f"The new index holds {generation.size} articles instead of {expected} and was not put to use.",
            remedy="Run the command again; if it happens again, please report it.",
        )


def _hash(article_id: str) -> int:
    return int.from_bytes(blake2b(article_id.encode(errors="surrogatepass"), digest_size=8).digest())


@dataclass(slots=True)
class Update:
    """Changes a copy of the serving generation, and collects what changes in the lexicon."""

    before: Generation
    building: Build
    written: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    _words: set[str] = field(default_factory=set)
    _values: dict[str, set[str]] = field(default_factory=lambda: {"person": set(), "country": set()})
    _last: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    _stories: set[str] = field(default_factory=set)
    _surfaces: dict[str, str] = field(default_factory=dict)

    def put(self, batch: Sequence[Article]) -> None:
        """Add articles, or replace older versions."""
        latest = {article.id: article for article in batch}
        replaced = self._remove(latest.keys() - self.written)
        self.replaced |= replaced
        self.building.put(list(latest.values()), replaced | (latest.keys() & self.written))
        self.written |= latest.keys()
        for article in latest.values():
            self._change(article)
            for value, facet in _values(article):
                self._last[facet, value] = max(self._last[facet, value], article.day.toordinal() if article.day else 0)
        texts = (text for one in latest.values() for text in (one.title, *(person.name for person in one.persons)))
        self._surfaces.update(surfaces(texts))

    def delete(self, ids: Iterable[str]) -> None:
        """Delete articles. Those that were written, or are not there, are ignored."""
        self.deleted = self._remove({one for one in ids if one not in self.written})
        if self.deleted:
            self.building.put((), self.deleted)

    def _remove(self, ids: Collection[str]) -> set[str]:
        """Note that articles leave the index. Return the ids of those that were there."""
        old: set[str] = set()
        for article in select_all(self.before, "id", sorted(ids)):
            self._change(article)
            old.add(article.id)
        return old

    def _change(self, article: Article) -> None:
        """Note the words, names and stories that an article has, because their numbers of articles change."""
        tokens = article.tokens or analysis.tokens_of(article.title, article.body)
        self._words.update(tokens.title_words.split(), tokens.body_words.split())
        self._stories.add(article.story)
        for value, facet in _values(article):
            self._values[facet].add(value)

    def commit(self) -> Generation:
        """Write the changes of the lexicon, and return the new generation.

        Raises:
            IndexDamagedError: The generation has another number of articles than it should.
        """
        generation = self.building.commit()
        check_size(generation, self.before.size + len(self.written) - len(self.replaced) - len(self.deleted))
        amend(self.building.folder, self.building.folder, self._changes(generation))
        return generation

    def _changes(self, generation: Generation) -> Changes:
        """Return the state of all changed entries of the lexicon."""

        def dated(facet: str) -> list[Dated]:
            return [
                Dated(value, generation.frequency(facet, value), self._last[facet, value])
                for value in sorted(self._values[facet])
            ]

        before = dict(self._headlines(self.before))
        after = dict(self._headlines(generation))
        return Changes(
            words={word: _articles_with(generation, word) for word in self._words},
            persons=dated("person"),
            countries=dated("country"),
            gone=[one for key, one in before.items() if after.get(key) != one],
            headlines=[one for key, one in after.items() if before.get(key) != one],
            surfaces=self._surfaces,
        )

    def _headlines(self, generation: Generation) -> Iterator[tuple[str, Headline]]:
        """Yield the headlines of all changed stories, each with the id of its article."""
        members = select_all(generation, "story", sorted(self._stories), COPIES)
        return ((one.article, one) for one in headlines(map(ArticleFacts.of, members)))


def _values(article: Article) -> Iterator[tuple[str, str]]:
    """Yield the names of persons and the codes of countries, each with its facet."""
    return chain(
        ((person.name, "person") for person in article.persons), ((one.code, "country") for one in article.countries)
    )


def _articles_with(generation: Generation, word: str) -> int:
    return max(generation.frequency(name, word) for name in ("title_words", "body_words"))
