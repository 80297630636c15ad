"""Finds what a small write changes in an archive: the new articles, and the articles of the index that they affect.

Everything is looked up by keys; nothing reads the whole archive. Stories are exact. Labels of persons and boilerplate
may be out of date until `dateline tidy`, which chooses them over the whole archive.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from index.archive import boilerplate, keys, stories
from index.archive.cleaned import Cleaned, without_lines
from index.archive.directory import Directory
from index.archive.lookup import Lookup
from index.archive.new_articles import NewArticles
from index.archive.site_lines import SiteLines
from search.model import TermGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from collections.abc import Set as AbstractSet

    from index.archive.aliases import Aliases
    from search.engine import Engine
    from search.model import Article
    from search.settings import Settings

AFFECTED = 300
"""Articles of the index that a write rewrites because of the lines of a new article, or of the alias file."""

MOST_COPIES = 500
"""Articles that links may connect. Larger groups of copies are left to `tidy`."""


class ArchiveUpdate:
    """One write to an index. First `add` and `remove` articles, then read `articles`. Close it after use."""

    def __init__(self, engine: Engine, settings: Settings, aliases: Aliases) -> None:
        self.new = NewArticles()
        self._lookup = Lookup(engine, self.new)
        self._engine = engine
        self._settings = settings
        self._aliases = aliases
        self._directory = Directory(engine, aliases)
        self._seeds: dict[str, bytes] = {}
        self.regrouped = 0
        """Articles of the index that change because of others."""

    def close(self) -> None:
        """Delete temporary files."""
        self.new.close()

    def held(self, digests: Sequence[str]) -> set[str]:
        """Return those of the digests that articles of the index have."""
        return self._lookup.held(digests)

    def add(self, article: Article) -> None:
        """Add a cleaned article, or a new version of one. It has all of its lines, and its persons as spelled."""
        self.new.put(article, keys.keys_of(article))

    def remove(self, ids: Iterable[str]) -> None:
        """Note that articles leave the index, or are replaced: the stories of their copies may change."""
        for old in self._lookup.by_id(ids):
            self._lookup.gone.add(old.id)
            if self._engine.frequencies("story", [old.story])[0] > 1:
                members = self._lookup.of_story(old.story, MOST_COPIES)
                self._seeds.update((one.id, one.signature) for one in members)

    def articles(self) -> Iterator[Article]:
        """Yield the new articles in order, then the articles of the index that change with them."""
        lines = SiteLines(self._lookup)
        self.remove(self.new.ids())
        for article in self.new.articles():
            self.new.revise(self._directory.labelled(self._without_lines(article, lines.boilerplate_of(article))))
            self._seeds[article.id] = article.signature
        gone = self._lookup.gone
        seeds = {one: signature for one, signature in self._seeds.items() if one not in gone or one in self.new}
        regrouped = stories.regroup(seeds, self._lookup.candidates, MOST_COPIES)
        for article in self.new.articles():
            story = regrouped.stories.get(article.id) or self._nearest_story(article)
            yield _keyed(replace(article, story=story))
        yield from self._changed(lines, regrouped.stories)

    def _without_lines(self, article: Article, lines: AbstractSet[int]) -> Article:
        if not lines:
            return article
        own = boilerplate.keys_of(article, own_title=article.own_title)
        return without_lines(Cleaned(article, own), lines, self._settings)

    def _nearest_story(self, article: Article) -> str:
        """Return the story of an article with too many copies: that of its copies in the index, as far as known."""
        near = self._lookup.candidates(article.signature) | {article.id: article.signature}
        own = stories.group(near.items())
        copies = sorted(one for one in near if own[one] == own[article.id] and one in self._lookup.indexed)
        return self._lookup.indexed[copies[0]] if copies else article.id

    def _changed(self, lines: SiteLines, regrouped: dict[str, str]) -> Iterator[Article]:
        """Yield the articles of the index that change because of others."""
        changed = dict(chain(self._recut(lines), self._corrected()))
        moved = {
            one
            for one, story in regrouped.items()
            if one not in self.new and one not in changed and self._lookup.indexed.get(one, story) != story
        }
        for article in chain(changed.values(), self._lookup.by_id(moved)):
            self.regrouped += 1
            yield _keyed(replace(article, story=regrouped.get(article.id, article.story)))

    def _recut(self, lines: SiteLines) -> Iterator[tuple[str, Article]]:
        """Yield articles of the index without lines that have become boilerplate, with their ids."""
        for article, more in list(lines.kept_in.values())[:AFFECTED]:
            if article.id in self.new or article.id in self._lookup.gone:
                continue
            whole = boilerplate.restored(article)
            shown = boilerplate.keys_of(article, own_title=article.own_title and bool(article.title)).tolist()
            own = boilerplate.keys_of(whole, own_title=whole.own_title)
            cut = without_lines(Cleaned(whole, own), (set(own.tolist()) - set(shown)) | more, self._settings)
            yield article.id, self._directory.labelled(cut)

    def _corrected(self) -> Iterator[tuple[str, Article]]:
        """Yield articles of the index whose tags the alias file changes, with their ids."""
        names = set(chain.from_iterable(self._aliases.listed.values()))
        terms = {*map(keys.spelling_key, names), *map(keys.spelling_term, self._aliases.nobody)}
        terms |= set(map(keys.label_key, names))
        articles = list(self._lookup.by_id(self._aliases.wrong))
        if terms:
            articles += self._engine.find("keys", [TermGroup(sorted(terms))], AFFECTED)
        for article in articles:
            if article.id not in self.new and article.id not in self._lookup.gone:
                corrected = self._directory.corrected(article)
                if corrected != article:
                    yield article.id, corrected


def _keyed(article: Article) -> Article:
    """Return an article with its keys for later lookups."""
    return replace(article, keys=keys.keys_of(article))
