"""Decides for each place of an article which country it names, if any.

First the words around each place are checked. Persons, brands, languages and food are dropped. A state or country
after a comma decides at once ("Paris, Texas"). The other places are resolved in four groups, in this order:

1. Certain places belong to one country and count.
2. Ambiguous names are shared by several countries. They go to the country that the certain places support most.
3. Weak places, mostly lesser towns, count only if the words around them show that they are places.
4. Clubs and tables count only for a country that the article also names in another way.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from index.facets.countries.context import PlaceContext, PlaceMention, country_after_comma
from index.facets.countries.gazetteer import neighbours, rules
from index.facets.countries.places import TOWNS, Kind, Place, Rule

if TYPE_CHECKING:
    from collections.abc import Collection

    from index.facets.tokens import Tokens

SIDE = re.compile(r"\b[Tt]he (North|South)(?='s| [a-z]|[,.;:])(?! of\b| and South\b| and North\b)")
SIDES: Final = {"North": "KP", "South": "KR"}
OWN: Final = 3
"""Support for a country from each of its mentions. Each neighbouring country that is named adds 1.

It is also the maximum number of mentions that count. Used to resolve ambiguous names.
"""
NAMING: Final = frozenset([Kind.NAME, Kind.DEMONYM, Kind.METONYM])
"""Kinds that name a country itself, not a place in it."""


class CountryMention(NamedTuple):
    """A mention of a country: its code, its range in code points and the rule that found it."""

    code: str
    start: int
    end: int
    rule: Rule


class CountryResolver:
    """Resolves the places of one article. Create one per article and call `resolve` once.

    These fields count per country while places are resolved:

    - `name_mentions`: names of the country itself, demonyms and metonyms.
    - `place_mentions`: places in the country.
    - `region_mentions`: its states and provinces, a part of `place_mentions`.
    - `unshared_names`: ambiguous names whose well-known meaning is in this country only.

    `resolved` maps each ambiguous name to its country. `town_like` has the names that stand where only a town fits.
    """

    def __init__(self, tokens: Tokens, persons: Collection[int], mentions: list[PlaceMention]) -> None:
        self.tokens = tokens
        self.mentions = mentions
        self.context = PlaceContext(tokens, persons, mentions)
        self.results: list[CountryMention] = []
        self.name_mentions: Counter[str] = Counter()
        self.place_mentions: Counter[str] = Counter()
        self.region_mentions: Counter[str] = Counter()
        self.unshared_names: defaultdict[str, set[str]] = defaultdict(set)
        self.resolved: dict[str, str] = {}
        self.certain: list[PlaceMention] = []
        self.ambiguous: list[PlaceMention] = []
        self.weak: list[PlaceMention] = []
        self.needs_support: list[PlaceMention] = []
        self.town_like: set[str] = set()

    def resolve(self) -> list[CountryMention]:
        """Return the mentions of countries, in order of the text."""
        for mention, following in zip_longest(self.mentions, self.mentions[1:]):
            if not self.context.names_no_place(mention):
                self._classify(mention, following)
        for mention in self.certain:
            self._accept(mention, mention.place.codes[0])
        for mention in self.ambiguous:
            if len(mention.place.codes) == 1:
                self.unshared_names[mention.place.codes[0]].add(mention.place.surface)
        for mention in sorted(self.ambiguous, key=lambda mention: len(mention.place.codes)):
            surface = mention.place.surface
            if surface not in self.resolved:
                self.resolved[surface] = self._resolve_name(mention.place)
            code = self.resolved[surface]
            self._accept(mention, code, mention.place.rule if code in mention.place.codes else Rule.NAMESAKE)
        for mention in self.weak:
            self._accept_weak(mention)
        for mention in self.needs_support:
            if code := self._supported_country(mention.place):
                self._accept(mention, code, Rule.CLUB)
        self._accept_koreas()
        return sorted(self.results, key=lambda mention: mention[1:3])

    def _classify(self, mention: PlaceMention, following: PlaceMention | None) -> None:
        """Add the place to its group, or accept it at once if a state or country beside it decides."""
        place = mention.place
        if place.kind is Kind.ABBREVIATION:
            if self.context.is_state(mention):
                self._accept(mention, place.codes[0])
        elif code := country_after_comma(mention, following, self.tokens.text):
            self._accept(mention, code, Rule.NAMESAKE if place.kind is Kind.NAME else Rule.BESIDE)
            self.resolved[place.surface] = code
        elif (place.kind in TOWNS or place.surface in self.context.rules.teams) and self.context.is_club(mention):
            self.needs_support.append(mention)
        elif place.kind in (Kind.WEAK, Kind.HAMLET):
            self.weak.append(mention)
        elif len(place.codes) > 1 or place.also or place.surface in self.context.rules.namesakes:
            self.ambiguous.append(mention)
            if self.context.is_local(mention):
                self.town_like.add(place.surface)
        else:
            self.certain.append(mention)

    def _accept(self, mention: PlaceMention, code: str, rule: Rule | None = None) -> None:
        """Add a mention of a country to the results, by default with the rule of its place."""
        place = mention.place
        rule = rule or place.rule
        if place.kind in NAMING:
            self.name_mentions[code] += 1
        else:
            self.place_mentions[code] += 1
            if place.kind in (Kind.REGION, Kind.ABBREVIATION):
                self.region_mentions[code] += 1
            elif rule is not Rule.CLUB and self.context.is_dateline(mention):
                rule = Rule.DATELINE
        self.results.append(CountryMention(code, mention.start, mention.end, rule))

    def _supported_country(self, place: Place) -> str:
        """Return the first possible country of the place that the article also names in another way, else ""."""
        codes = place.codes + place.also
        return next((code for code in codes if self.name_mentions[code] or self.place_mentions[code]), "")

    def _resolve_name(self, place: Place) -> str:
        """Return the country of an ambiguous name: the one with most support.

        Mentions of a country and of its neighbours support it. Georgia is also a state of the United States. They are
        supported only by mentions of their other regions, and if the article names no other country.
        """
        if len(place.codes) == 1:
            return self._resolve_namesake(place)
        parts = rules().parts.get(place.surface, frozenset())
        foreign = any(self.name_mentions[code] for code in self.name_mentions if code not in parts)

        def score(code: str) -> int:  # the support that the article gives to a country
            if code in parts:
                return OWN * min(self.region_mentions[code], OWN) + (not foreign)
            named_neighbours = sum(1 for neighbour in neighbours().get(code, ()) if self.name_mentions[neighbour])
            return OWN * min(self.name_mentions[code] + self.place_mentions[code], OWN) + named_neighbours

        best = max(place.codes, key=score)
        return best if score(best) else next((code for code in place.also if self.name_mentions[code]), best)

    def _resolve_namesake(self, place: Place) -> str:
        """Return the country of a well-known place, or of a town of the same name.

        It is the town if the article names states of the town's country and does not name the well-known country. A
        country's name before "woman" or "High School" is a town in the United States if the article names no country
        otherwise: a paper in Lebanon, Pa., does not say which Lebanon it means.
        """
        code = place.codes[0]
        if self.name_mentions[code] or self.place_mentions[code] or place.kind not in (Kind.NAME, Kind.CITY):
            return code
        if self.unshared_names[code] - {place.surface}:
            return code
        alone = not self.name_mentions and self.unshared_names.keys() <= {code, "US"}
        if alone and place.surface in self.town_like and place.surface in self.context.rules.namesakes:
            return "US"
        supported = [other for other in place.also if self._regions_support(other, place)]
        return max(supported, key=lambda other: self.region_mentions[other]) if supported else code

    def _regions_support(self, code: str, place: Place) -> bool:
        """Whether the article's states and provinces show that a well-known name means the lesser town in `code`.

        For names of large cities and countries, the article must also name no other country. For large cities it must
        not even name the United States, because news from Washington often names states.
        """
        if not self.region_mentions[code]:
            return False
        if place.surface in self.town_like or not (place.large or place.kind is Kind.NAME):
            return True
        return self.name_mentions.keys() <= {code} and (code != "US" or not place.large or not self.name_mentions)

    def _accept_weak(self, mention: PlaceMention) -> None:
        """Accept a lesser town if the words around it show that it is a place, and if its country is clear."""
        place = mention.place
        if not self.context.is_placed(mention):
            return
        if place.surface in self.resolved:
            self._accept(mention, self.resolved[place.surface])
        elif code := self._supported_country(place):
            self._accept(mention, code)
        elif len(place.codes) == 1 and (place.kind is Kind.WEAK or not (self.name_mentions or self.place_mentions)):
            self._accept(mention, place.codes[0])

    def _accept_koreas(self) -> None:
        """Accept "the North" and "the South" as the Koreas if the article names North Korea."""
        if not self.name_mentions["KP"]:
            return
        matches = list(SIDE.finditer(self.tokens.text))
        if not self.name_mentions["KR"] and all(match[1] == "South" for match in matches):
            return  # "the South" may be the one of the United States
        for match in matches:
            self.results.append(CountryMention(SIDES[match[1]], match.start(1), match.end(1), Rule.SIDE))
