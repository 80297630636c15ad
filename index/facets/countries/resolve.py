"""Decides what each place found in an article says: whose it is, or that it is none here.

Each place is looked at with its neighbours first: some are persons, brands, languages or food, some are settled by the
state beside them, the rest are firm, shared, weak or leaning. Then the firm ones count, the shared ones go where the
firm ones point, the weak ones need words that place them, and the leaning ones (clubs, tables) count only for a country
that the article names otherwise.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from itertools import zip_longest
from typing import TYPE_CHECKING, Final, NamedTuple

from index.facets.countries.context import PlaceContext, PlaceMention, beside
from index.facets.countries.gazetteer import neighbours, rules
from index.facets.countries.places import TOWNS, Kind, Place, Rule

if TYPE_CHECKING:
    from collections.abc import Collection

    from index.facets.tokens import Tokens

SIDE = re.compile(r"\b[Tt]he (North|South)(?='s| [a-z]|[,.;:])(?! of\b| and South\b| and North\b)")
SIDES: Final = {"North": "KP", "South": "KR"}
OWN: Final = 3
"""What a country's own firm mentions weigh against its neighbours' in deciding a contested name."""
NAMING: Final = frozenset([Kind.NAME, Kind.DEMONYM, Kind.METONYM])


class CountryMention(NamedTuple):
    """A mention of a country: where it stands and which rule found it."""

    code: str
    start: int
    end: int
    rule: Rule


class CountryResolver:
    """Decides over the places of one article."""

    def __init__(self, tokens: Tokens, persons: Collection[int], found: list[PlaceMention]) -> None:
        self.tokens = tokens
        self.found = found
        self.context = PlaceContext(tokens, persons, found)
        self.placed: list[CountryMention] = []
        self.named: Counter[str] = Counter()
        self.local: Counter[str] = Counter()
        self.regional: Counter[str] = Counter()
        self.known_as: defaultdict[str, set[str]] = defaultdict(set)
        self.settled: dict[str, str] = {}
        self.firm: list[PlaceMention] = []
        self.shared: list[PlaceMention] = []
        self.weak: list[PlaceMention] = []
        self.leaning: list[PlaceMention] = []
        self.townlike: set[str] = set()

    def run(self) -> list[CountryMention]:
        """Return the mentions of countries, in order."""
        for one, following in zip_longest(self.found, self.found[1:]):
            if not self.context.is_other(one):
                self._sort_out(one, following)
        for one in self.firm:
            self._take(one, one.place.codes[0])
        for one in self.shared:
            if len(one.place.codes) == 1:
                self.known_as[one.place.codes[0]].add(one.place.surface)
        for one in sorted(self.shared, key=lambda one: len(one.place.codes)):
            surface = one.place.surface
            if surface not in self.settled:
                self.settled[surface] = self._decide(one.place)
            code = self.settled[surface]
            self._take(one, code, one.place.rule if code in one.place.codes else Rule.NAMESAKE)
        for one in self.weak:
            self._weigh(one)
        for one in self.leaning:
            if known := self._known(one.place):
                self._take(one, known, Rule.CLUB)
        self._sides()
        return sorted(self.placed, key=lambda one: one[1:3])

    def _sort_out(self, one: PlaceMention, following: PlaceMention | None) -> None:
        """Put the place with its like, or take it where a neighbour settles it."""
        place = one.place
        if place.kind is Kind.ABBREVIATION:
            if self.context.is_state(one):
                self._take(one, place.codes[0])
        elif code := beside(one, following, self.tokens.text):
            self._take(one, code, Rule.NAMESAKE if place.kind is Kind.NAME else Rule.BESIDE)
            self.settled[place.surface] = code
        elif (place.kind in TOWNS or place.surface in self.context.rules.teams) and self.context.is_club(one):
            self.leaning.append(one)
        elif place.kind in (Kind.WEAK, Kind.HAMLET):
            self.weak.append(one)
        elif len(place.codes) > 1 or place.also or place.surface in self.context.rules.namesakes:
            self.shared.append(one)
            if self.context.is_local(one):
                self.townlike.add(place.surface)
        else:
            self.firm.append(one)

    def _take(self, one: PlaceMention, code: str, rule: Rule | None = None) -> None:
        place = one.place
        rule = rule or place.rule
        if place.kind in NAMING:
            self.named[code] += 1
        else:
            self.local[code] += 1
            if place.kind in (Kind.REGION, Kind.ABBREVIATION):
                self.regional[code] += 1
            elif rule is not Rule.CLUB and self.context.is_dateline(one):
                rule = Rule.DATELINE
        self.placed.append(CountryMention(code, one.start, one.end, rule))

    def _known(self, place: Place) -> str:
        """Return the country of the place that the article names otherwise, too; empty where it names none."""
        return next((code for code in place.codes + place.also if self.named[code] or self.local[code]), "")

    def _decide(self, place: Place) -> str:
        """Return the country of a name that several share: as the article's firm mentions and its neighbours say."""
        if len(place.codes) == 1:
            return self._town_of(place)
        parts = rules().parts.get(place.surface, frozenset())
        foreign = any(self.named[code] for code in self.named if code not in parts)

        def score(code: str) -> int:
            if code in parts:
                return OWN * min(self.regional[code], OWN) + (not foreign)
            near = sum(1 for one in neighbours().get(code, ()) if self.named[one])
            return OWN * min(self.named[code] + self.local[code], OWN) + near

        best = max(place.codes, key=score)
        return best if score(best) else next((code for code in place.also if self.named[code]), best)

    def _town_of(self, place: Place) -> str:
        """Return the country of the well-known place, or of a lesser one where only that country's states are named.

        A country's name that stands before "woman" or "High School" as towns do is a town of the United States, where
        the article has nothing else of that country and names no other: the paper of Lebanon, Pa., need not say so.
        """
        code = place.codes[0]
        if self.named[code] or self.local[code] or place.kind not in (Kind.NAME, Kind.CITY):
            return code
        if self.known_as[code] - {place.surface}:
            return code
        alone = not self.named and self.known_as.keys() <= {code, "US"}
        if alone and place.surface in self.townlike and place.surface in self.context.rules.namesakes:
            return "US"
        regional = [other for other in place.also if self._is_region_of(other, place)]
        return max(regional, key=lambda other: self.regional[other]) if regional else code

    def _is_region_of(self, code: str, place: Place) -> bool:
        """Whether the article's states and provinces say that a well-known name is that of a lesser town of theirs.

        They say less where the article names other countries, and where it names the United States: news of
        Washington names states wherever it happens.
        """
        if not self.regional[code]:
            return False
        if place.surface in self.townlike or not (place.large or place.kind is Kind.NAME):
            return True
        return self.named.keys() <= {code} and (code != "US" or not place.large or not self.named)

    def _weigh(self, one: PlaceMention) -> None:
        """Take a lesser town where the words around it place it, and where its country is plain."""
        place = one.place
        if not self.context.is_placed(one):
            return
        if place.surface in self.settled:
            self._take(one, self.settled[place.surface])
        elif known := self._known(place):
            self._take(one, known)
        elif len(place.codes) == 1 and (place.kind is Kind.WEAK or not (self.named or self.local)):
            self._take(one, place.codes[0])

    def _sides(self) -> None:
        """Take "the North" and "the South" where the article is about the Koreas."""
        if not self.named["KP"]:
            return
        sides = list(SIDE.finditer(self.tokens.text))
        if not self.named["KR"] and all(match[1] == "South" for match in sides):
            return  # of the United States, perhaps
        for match in sides:
            self.placed.append(CountryMention(SIDES[match[1]], match.start(1), match.end(1), Rule.SIDE))
