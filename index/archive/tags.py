"""Turns the tags found in an article into the tags to show: persons get their labels, and wrong tags are dropped."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from index.archive.person_labels import Tags
from search.model import Country, Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from index.archive.aliases import Aliases
    from search.model import Article


def tags_of(article: Article) -> Tags:
    """Return the tags found in an article. Labels must not have been applied to it yet."""
    countries = tuple((country.code, country.weight) for country in article.countries)
    return Tags(tuple(person.name for person in article.persons), countries)


def as_found(article: Article) -> Article:
    """Return an article with the tags as they were found, before any labels or aliases were applied."""
    countries, persons = _original_tags(article)
    return replace(article, countries=countries, persons=tuple(persons), found=())


def spellings_of(article: Article) -> list[str]:
    """Return the names of all persons as the article spells them, even if aliases dropped a person."""
    persons = (tag for tag in article.found if isinstance(tag, Person)) if article.found else article.persons
    return [person.spelled or person.name for person in persons]


def _original_tags(article: Article) -> tuple[tuple[Country, ...], list[Person]]:
    """Return the tags as they were found, before any labels were applied."""
    tags = article.found or (*article.countries, *article.persons)
    persons = [
        replace(tag, name=tag.spelled, spelled="") if tag.spelled else tag for tag in tags if isinstance(tag, Person)
    ]
    return tuple(tag for tag in tags if isinstance(tag, Country)), persons


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of spellings and the user's aliases; a spelling that is its own label is not in `labels`."""

    labels: Mapping[str, str]
    aliases: Aliases

    def change(self, article: Article) -> bool:
        """Whether `apply` may change an article that has its tags as they were found."""
        names = [person.name for person in article.persons]
        return (
            bool(self.aliases.nobody)
            or article.id in self.aliases.wrong
            or any(name in self.labels for name in names)
            or len(set(names)) < len(names)
        )

    def apply(self, article: Article) -> Article:
        """Return the article with the tags to show, instead of any tags that it has shown before.

        If a tag was dropped or two persons were merged, `found` keeps the original tags.
        """
        countries, persons = _original_tags(article)
        kept = tuple(one for one in countries if not self.aliases.is_wrong_country(article.id, one.code))
        labelled = self._labelled(article.id, persons)
        has_loss = len(kept) < len(countries) or len(labelled) < len(persons)
        return replace(article, countries=kept, persons=labelled, found=(*countries, *persons) if has_loss else ())

    def _label(self, article_id: str, spelled: str) -> str:
        """Return a person's label; empty if the aliases say that the tag is wrong."""
        label = self.labels.get(spelled, spelled)
        return "" if self.aliases.is_wrong(article_id, spelled, label) else label

    def _labelled(self, article_id: str, persons: Iterable[Person]) -> tuple[Person, ...]:
        """Return the persons under their labels. Persons with one label are merged at the place of the first."""
        by_label: dict[str, Person] = {}
        for person in persons:
            label = self._label(article_id, person.name)
            if not label:
                continue
            before = by_label.get(label)
            if before is None:
                by_label[label] = person
            else:
                mentions = sorted(before.mentions + person.mentions, key=lambda mention: mention.start)
                fuller = max(before.name, person.name, key=len)
                by_label[label] = Person(fuller, tuple(mentions))
        return tuple(
            person if person.name == label else Person(label, person.mentions, person.name)
            for label, person in by_label.items()
        )
