"""Gives the articles of an index and of an update common stories and labels. Everything is in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from index.archive import keys, stories
from index.archive.person_labels import PersonLabels, Tags
from index.archive.tags import Labels, as_found, tags_of
from index.clean.steps import Rejected

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from collections.abc import Set as AbstractSet

    from index.archive.pipeline import Preparation
    from search.model import Article, Entry


class Known(NamedTuple):
    """The articles of the index that stay. If the index has the last version in the input, the id is in `unchanged`."""

    entries: Sequence[Entry] = ()
    unchanged: AbstractSet[str] = frozenset()


class Regrouping:
    """Stories and labels over `items`, which a preparation yielded, and over the known articles."""

    def __init__(self, preparation: Preparation, items: Iterable[Article | Rejected], known: Known) -> None:
        self.items = list(items)
        last = {item.id: item for item in self.items if not isinstance(item, Rejected)}
        for article_id in known.unchanged & last.keys():
            preparation.superseded[article_id] += 1
            preparation.tally.duplicates += 1
            preparation.tally.accepted -= 1
            del last[article_id]
        before = {entry.id: entry.signature for entry in known.entries}
        self._stories = stories.group((before | {one.id: one.signature for one in last.values()}).items())
        person_labels = PersonLabels(preparation.labels.aliases)
        for article in last.values():
            person_labels.add(tags_of(as_found(article)))
        for entry in known.entries:
            if entry.id not in last:
                person_labels.add(Tags(entry.persons, entry.countries))
        self._labels = Labels(person_labels.labels(), preparation.labels.aliases)

    def grouped(self, article: Article) -> Article:
        """Return an article of the input or of the index with its new story and labels."""
        done = replace(self._labels.apply(article), story=self._stories.get(article.id, article.id))
        return replace(done, keys=keys.keys_of(done))

    def is_regrouped(self, entry: Entry) -> bool:
        """Whether the story or the labels of an article in the index have changed."""
        return self._stories[entry.id] != entry.story or self._labels.shown_tags(entry) != entry.shown
