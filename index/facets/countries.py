"""Finds countries: places looked up by their first word, then kept, dropped or decided by what stands around them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from index.facets.gazetteer import TOWNS, Kind, Place, neighbours, rules
from index.facets.lexicon import Word
from index.facets.tokens import JOINED, OPENING
from search import territories
from search.model import Country, Mention

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from index.facets.gazetteer import Gazetteer
    from index.facets.tokens import Tokens

LOCATIVE = re.compile(r"\b(?:in|near|from|outside) $")
DATELINE = re.compile(r"(?:, [^\n(]{2,30}?)? ?(?:\(|--|[-—–] |\d)")
LANGUAGE_BEFORE = re.compile(r"\b(?:in|into|speaks?|spoke|speaking|fluent|translated|learn(?:ing|ed)?|taught) $")
LANGUAGE_AFTER = re.compile(r"-language|-speaking|-speaker| language| translation|[.,;:)\"]| (?:and|or)\b")
KOREAN_SIDE = re.compile(r"\b[Tt]he (North|South)(?='s| [a-z]|[,.;:])(?! of\b| and South\b| and North\b)")
KOREAN_SIDES: Final = {"North": "KP", "South": "KR"}

OWN: Final = 3
"""What a country's own firm mentions weigh against its neighbours' in deciding a contested name."""


class Found(NamedTuple):
    """A place in the text: tokens `first` to `last`, both included, and code points."""

    place: Place
    first: int
    last: int
    start: int
    end: int


def locate(tokens: Tokens, gazetteer: Gazetteer) -> list[Found]:
    """Return all places named, longest first at each point, in order and without overlap; nothing is judged yet."""
    found = []
    text, words, starts, lookup = tokens.text, tokens.words, tokens.starts, gazetteer.by_first.get
    index, count = 0, len(words)
    while index < count:
        word = words[index]
        places = lookup(word)
        capitals = False
        if places is None and len(word) > 3 and word.isupper():
            places, capitals = lookup(word.capitalize()), True
        start = starts[index]
        if places is None and word[1:2] == "'":
            places, start = lookup(word[2:]), start + 2  # "L'Allemagne"
        if places is not None:
            for place in places:
                end = start + len(place.surface)
                there = text[start:end] == (place.surface.upper() if capitals else place.surface)
                if there and not text[end : end + 1].isalnum():
                    last = index
                    while last + 1 < count and starts[last + 1] < end:
                        last += 1
                    found.append(Found(place, index, last, start, end))
                    index = last
                    break
        index += 1
    return found


def mark(flags: list[int], found: Iterable[Found]) -> None:
    """Set in `flags` what the places say of their tokens: that they are a place's, or no name at all."""
    place_flag, nation_flag = int(Word.PLACE), int(Word.NATION)
    for one in found:
        kind = one.place.kind
        if kind in (Kind.NAME, Kind.CITY, Kind.REGION):
            flag = place_flag
        elif kind in (Kind.DEMONYM, Kind.METONYM, Kind.OTHER, Kind.ABBREVIATION):
            flag = nation_flag
        elif one.last > one.first:
            flag = place_flag
        else:
            continue
        for index in range(one.first, one.last + 1):
            flags[index] |= flag


class _Judge:
    """Decides over the places of one article."""

    def __init__(self, tokens: Tokens, persons: Collection[int]) -> None:
        self.tokens = tokens
        self.persons = persons
        self.codes: list[tuple[str, int, int]] = []
        self.named: Counter[str] = Counter()
        self.local: Counter[str] = Counter()
        self.regional: Counter[str] = Counter()
        self.known_as: defaultdict[str, set[str]] = defaultdict(set)
        self.settled: dict[str, str] = {}

    def _is_other(self, one: Found) -> bool:
        """Whether the place's name is no place here: a person's, a brand's, a language's, a pronoun in capitals."""
        tokens, place = self.tokens, one.place
        if place.kind is Kind.OTHER or one.first in self.persons:
            return True
        after = one.last + 1
        joined = after < len(tokens.words) and tokens.links[after] == JOINED and tokens.text[one.end] == " "
        if joined and tokens.words[after] in rules().trades:
            return True
        if place.kind is Kind.DEMONYM and LANGUAGE_AFTER.match(tokens.text, one.end):
            spoken = LANGUAGE_BEFORE.search(tokens.text, max(0, one.start - 12), one.start)
            return bool(spoken) or tokens.text.startswith((" language", "-language", "-speaking"), one.end)
        if place.surface == "US" and one.first and tokens.links[one.first] == JOINED:
            before = tokens.words[one.first - 1]
            return len(before) > 1 and before.isupper()
        return False

    def _beside(self, one: Found, following: Found | None) -> str | None:
        """Return the code of the state or country that stands after a town and a comma."""
        if following is None or following.start != one.end + 2 or self.tokens.text[one.end] != ",":
            return None
        place, known = following.place, one.place.codes + one.place.also
        if place.kind in (Kind.REGION, Kind.ABBREVIATION):
            return place.codes[0] if one.place.kind in TOWNS or place.codes[0] in one.place.also else None
        if place.kind is Kind.NAME and one.place.kind in TOWNS:
            shared = [code for code in place.codes if code in known]
            if shared or one.place.kind is not Kind.CITY:
                return (shared or place.codes)[0]
        return None

    def _take(self, one: Found, code: str) -> None:
        self.codes.append((code, one.start, one.end))
        if one.place.kind in (Kind.NAME, Kind.DEMONYM, Kind.METONYM):
            self.named[code] += 1
        else:
            self.local[code] += 1
            if one.place.kind in (Kind.REGION, Kind.ABBREVIATION):
                self.regional[code] += 1

    def run(self, found: list[Found]) -> list[tuple[str, int, int]]:
        """Return code, start and end of each mention, in order."""
        firm, shared, weak = self._sorted_out(found)
        for one in firm:
            self._take(one, one.place.codes[0])
        for one in shared:
            if len(one.place.codes) == 1:
                self.known_as[one.place.codes[0]].add(one.place.surface)
        for one in sorted(shared, key=lambda one: len(one.place.codes)):
            surface = one.place.surface
            if surface not in self.settled:
                self.settled[surface] = self._decide(one.place)
            self._take(one, self.settled[surface])
        for one in weak:
            self._weigh(one)
        self._koreas()
        return sorted(self.codes, key=lambda item: item[1:])

    def _sorted_out(self, found: list[Found]) -> tuple[list[Found], list[Found], list[Found]]:
        """Return the firm places, those that countries share and the weak ones; take what a neighbour settles."""
        firm: list[Found] = []
        shared: list[Found] = []
        weak: list[Found] = []
        for position, one in enumerate(found):
            kind = one.place.kind
            if self._is_other(one):
                continue
            if kind is Kind.ABBREVIATION:
                if self.tokens.text.endswith(", ", 0, one.start):
                    self._take(one, one.place.codes[0])
            elif code := self._beside(one, found[position + 1] if position + 1 < len(found) else None):
                self._take(one, code)
                self.settled[one.place.surface] = code
            elif kind in (Kind.WEAK, Kind.HAMLET):
                weak.append(one)
            elif len(one.place.codes) > 1 or one.place.also:
                shared.append(one)
            else:
                firm.append(one)
        return firm, shared, weak

    def _decide(self, place: Place) -> str:
        """Return the country of a name that several share: as the article's firm mentions and its neighbours say."""
        if len(place.codes) == 1:
            return self._town_of(place)
        parts = rules().parts.get(place.surface, frozenset())

        def score(code: str) -> int:
            own = self.regional[code] if code in parts else self.named[code] + self.local[code]
            near = 0 if code in parts else sum(1 for one in neighbours().get(code, ()) if self.named[one])
            return OWN * min(own, OWN) + near

        return max(place.codes, key=score)

    def _town_of(self, place: Place) -> str:
        """Return the country of the well-known place, or of a lesser one where only that country's states are named."""
        code = place.codes[0]
        if self.named[code] or self.local[code] or place.kind not in (Kind.NAME, Kind.CITY):
            return code
        if self.known_as[code] - {place.surface}:
            return code
        regional = [other for other in place.also if self.regional[other]]
        return max(regional, key=lambda other: self.regional[other]) if regional else code

    def _weigh(self, one: Found) -> None:
        """Take a lesser town where the words around it place it, and where its country is plain."""
        text, place = self.tokens.text, one.place
        opening = self.tokens.links[one.first] == OPENING
        dateline = opening and text[one.start : one.end].isupper() and DATELINE.match(text, one.end)
        if not dateline and not LOCATIVE.search(text, max(0, one.start - 9), one.start):
            return
        after = one.last + 1
        if after < len(self.tokens.words) and self.tokens.links[after] == JOINED and text[one.end] in " -":
            return
        known = [code for code in place.codes + place.also if self.named[code] or self.local[code]]
        if place.surface in self.settled:
            self._take(one, self.settled[place.surface])
        elif known:
            self._take(one, known[0])
        elif len(place.codes) == 1 and place.kind is Kind.WEAK:
            self._take(one, place.codes[0])

    def _koreas(self) -> None:
        """Take "the North" and "the South" where the article is about the Koreas."""
        if not self.named["KP"]:
            return
        for match in KOREAN_SIDE.finditer(self.tokens.text):
            self.codes.append((KOREAN_SIDES[match[1]], match.start(1), match.end(1)))


def _is_common_word(tokens: Tokens, mentions: list[tuple[int, int]]) -> bool:
    """Whether all mentions are one word that the article also writes in lower case (turkey, china, polish)."""
    surfaces = {tokens.text[start:end] for start, end in mentions}
    surface = surfaces.pop()
    return not surfaces and surface.istitle() and " " not in surface and tokens.in_lower_case(surface)


def resolve(tokens: Tokens, found: list[Found], persons: Collection[int], gazetteer: Gazetteer) -> list[Country]:
    """Return the countries in order of first mention; `persons` are the indices of tokens that name persons."""
    mentions: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for code, start, end in _Judge(tokens, persons).run(found):
        mentions[code].append((start, end))
    if gazetteer.caseless:
        for match in gazetteer.caseless.finditer(tokens.text):
            mentions[gazetteer.caseless_codes[match.group()]].append(match.span())
    countries = [
        Country(code, territories.name(code), tuple(Mention(tokens.original[a:b], a, b) for a, b in sorted(spans)))
        for code, spans in mentions.items()
        if not _is_common_word(tokens, spans)
    ]
    return sorted(countries, key=lambda one: one.mentions[0].start)
