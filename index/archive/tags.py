"""The tags of an article as they were found and as they are shown: under their labels, without those that are wrong."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.archive.person_labels import Tags
from search.model import Country, Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from index.archive.aliases import Aliases
    from search.model import Article, Entry


def tags_of(article: Article) -> Tags:
    """Return the tags of an article that has no labels yet."""
    countries = tuple((country.code, country.weight) for country in article.countries)
    return Tags(tuple(person.name for person in article.persons), countries)


@dataclass(frozen=True, slots=True)
class Labels:
    """The label of each spelling, where that is another, and what the user decided."""

    labels: Mapping[str, str]
    aliases: Aliases

    def apply(self, article: Article) -> Article:
        """Return an article with the tags that it shall show; it may show others already."""
        countries, persons = self._found(article)
        kept = tuple(one for one in countries if not self.aliases.is_wrong_country(article.id, one.code))
        shown = self._merged(article.id, persons)
        lost = len(kept) < len(countries) or len(shown) < len(persons)
        return replace(article, countries=kept, persons=shown, found=(*countries, *persons) if lost else ())

    def shown_tags(self, entry: Entry) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return what `Entry.shown` is when these labels are applied."""
        labels = [self._label(entry.id, name) for name in entry.persons]
        codes = (code for code, _ in entry.countries)
        return (
            tuple(dict.fromkeys(label for label in labels if label)),
            tuple(code for code in codes if not self.aliases.is_wrong_country(entry.id, code)),
        )

    def _label(self, article_id: str, spelled: str) -> str:
        """Return a person's label, empty where the user says that it is none."""
        label = self.labels.get(spelled, spelled)
        return "" if self.aliases.is_wrong(article_id, spelled, label) else label

    @staticmethod
    def _found(article: Article) -> tuple[tuple[Country, ...], list[Person]]:
        found = article.found or (*article.countries, *article.persons)
        persons = [
            replace(one, name=one.spelled, spelled="") if one.spelled else one
            for one in found
            if isinstance(one, Person)
        ]
        return tuple(one for one in found if isinstance(one, Country)), persons

    def _merged(self, article_id: str, persons: Iterable[Person]) -> tuple[Person, ...]:
        """Return the persons under their labels; two of one label, with all their mentions, where the first stood."""
        shown: dict[str, Person] = {}
        for person in persons:
            label = self._label(article_id, person.name)
            if not label:
                continue
            before = shown.get(label)
            if before is None:
                shown[label] = person
            else:
                mentions = sorted(before.mentions + person.mentions, key=lambda mention: mention.start)
                fuller = max(before.name, person.name, key=len)
                shown[label] = Person(fuller, tuple(mentions))
        return tuple(
            person if person.name == label else Person(label, person.mentions, person.name)
            for label, person in shown.items()
        )
