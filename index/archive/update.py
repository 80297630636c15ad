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
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from index.archive.aliases import Aliases
    from search.engine import Engine
    from search.model import Article
    from search.settings import Settings

AFFECTED = 300
"""Articles of the index that a write rewrites because of the lines of a new article, or of the alias file."""

MOST_COPIES = 500
"""Maximum articles of a group of copies that is computed anew. A new copy in a larger group joins the story of one of
its copies; `tidy` computes larger groups."""


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
        self.new.put(replace(article, keys=keys.keys_of(article)))

    def remove(self, ids: Iterable[str]) -> None:
        """Note that articles leave the index, or are replaced: the stories of their copies may change."""
        for old in self._lookup.by_id(ids):
            self._lookup.gone.add(old.id)
            if self._engine.frequencies("story", [old.story])[0] > 1:
                members = self._lookup.of_story(old.story, MOST_COPIES)
                self._seeds.update((one.id, one.signature) for one in members)

    def articles(self) -> Iterator[Article]:
        """Yield the new articles in order, then the articles of the index that change with them."""
        grouped = self._stories()
        lines = SiteLines(self._lookup, grouped)
        for article in self.new.articles():
            own = boilerplate.keys_of(article, own_title=article.own_title)
            recurring = lines.boilerplate_of(own.tolist(), boilerplate.source_of(article))
            cut = without_lines(Cleaned(article, own), recurring, self._settings)
            done = replace(self._directory.labelled(cut), story=grouped[article.id])
            yield replace(done, keys=keys.relabelled(done))
        yield from self._changed(lines, grouped)

    def _stories(self) -> dict[str, str]:
        """Return the stories of all new articles, and of the articles of the index that may have another story now."""
        self.remove(self.new.ids())
        seeds = {one: signature for one, signature in self._seeds.items() if one not in self._lookup.gone}
        seeds |= {article.id: article.signature for article in self.new.articles()}
        regrouped = stories.regroup(seeds, self._lookup.candidates, MOST_COPIES)
        grouped = regrouped.stories
        for one in sorted(regrouped.left_out):
            if one in self.new and one not in grouped:
                grouped |= self._joined(one, seeds[one], grouped)
        return grouped

    def _joined(self, article_id: str, signature: bytes, grouped: Mapping[str, str]) -> dict[str, str]:
        """Return a story for a new article with too many copies, and for the new ones among these.

        It is the story of one of the copies: of an article of the index, else of one in `grouped`.
        """
        near = self._lookup.candidates(signature)
        own = stories.group(near.items())
        copies = sorted(one for one in near if own[one] == own[article_id])
        new = {one for one in copies if one in self.new}
        indexed = (self._lookup.indexed[one] for one in copies if one not in new)
        story = next(chain(indexed, (grouped[one] for one in copies if one in grouped), copies))
        return dict.fromkeys(new - grouped.keys(), story)

    def _changed(self, lines: SiteLines, grouped: Mapping[str, str]) -> Iterator[Article]:
        """Yield the articles of the index that change because of others."""
        changed = dict(chain(self._corrected(), self._recut(lines)))
        moved = {
            one
            for one, story in grouped.items()
            if one not in self.new and one not in changed and self._lookup.indexed.get(one, story) != story
        }
        for article in chain(changed.values(), self._lookup.by_id(moved)):
            self.regrouped += 1
            done = replace(article, story=grouped.get(article.id, article.story))
            yield replace(done, keys=keys.keys_of(done))

    def _recut(self, lines: SiteLines) -> Iterator[tuple[str, Article]]:
        """Yield articles of the index without lines that have become boilerplate, with their ids."""
        for article, more in list(lines.kept_in.values())[:AFFECTED]:
            if article.id in self.new or article.id in self._lookup.gone:
                continue
            whole = boilerplate.restored(article)
            own = boilerplate.keys_of(whole, own_title=whole.own_title)
            lines_now = boilerplate.shown_keys(article, own.tolist())
            cut = without_lines(Cleaned(whole, own), (set(own.tolist()) - lines_now) | more, self._settings)
            if cut.removed != article.removed:  # else nothing but the line would be left
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
