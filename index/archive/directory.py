"""The directory of persons: the label under which the archive lists a spelling of a name.

The directory is the index itself: every article has a key for each spelling of a person in it, and its record maps
the spelling to the label. `reindex` and `tidy` choose the labels over the whole archive. A new article takes them from
here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from index.archive.keys import spelling_key
from index.archive.tags import Labels
from search.model import Person, TermGroup

if TYPE_CHECKING:
    from index.archive.aliases import Aliases
    from search.engine import Engine
    from search.model import Article

READ = 3
"""Articles that are read to find the label of a spelling if an alias file may have dropped a tag of a single article.

Without such an entry one article is enough.
"""


class Directory:
    """Gives new articles the labels that the archive uses. Spellings of one key get one label."""

    def __init__(self, engine: Engine, aliases: Aliases) -> None:
        self._engine = engine
        self._aliases = aliases
        self._labels: dict[str, str] = {}

    def labelled(self, article: Article) -> Article:
        """Return an article with its tags to show. Its persons are named as they are spelled."""
        labels = {person.name: self._label(person.name) for person in article.persons}
        return Labels(labels, self._aliases).apply(article)

    def _label(self, name: str) -> str:
        """Return the label of a spelling: from the alias file, else from the index, else the spelling itself."""
        listed = self._aliases.label(name)
        if listed:
            return listed
        key = spelling_key(name)
        if key not in self._labels:
            label = self._indexed(key) or name
            self._labels[key] = self._aliases.label(label) or label
        return self._labels[key]

    def _indexed(self, key: str) -> str:
        """Return the label of a key in the index, or an empty string."""
        limit = READ if self._aliases.wrong else 1
        for article in self._engine.find("keys", [TermGroup([key])], limit, whole=False):
            for person in article.persons:
                if spelling_key(person.spelled or person.name) == key:
                    return person.name
        return ""

    def corrected(self, article: Article) -> Article:
        """Return an article of the index with the tags that the alias file asks for; other labels stay."""
        names = [
            person.spelled or person.name for person in (*article.persons, *article.found) if isinstance(person, Person)
        ]
        shown = {person.spelled or person.name: person.name for person in article.persons}
        labels = {
            name: self._aliases.label(name) or self._aliases.label(shown.get(name, "")) or shown.get(name, name)
            for name in names
        }
        return Labels(labels, self._aliases).apply(article)
