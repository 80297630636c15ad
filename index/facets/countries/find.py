"""Finds countries: places looked up by their first word, then kept, dropped or decided by what stands around them."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from index.facets.countries.context import PlaceMention
from index.facets.countries.places import Kind, Rule
from index.facets.countries.resolve import CountryMention, CountryResolver
from index.facets.persons.words import Word
from search import territories
from search.model import Country, Mention

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from index.facets.countries.gazetteer import Gazetteer
    from index.facets.tokens import Tokens

LONG_WORD = re.compile(r"\b\w{4,}(?:-\w+)?")
START = attrgetter("start")

TITLE: Final = 0.6
LEAD: Final = 0.5
SPREAD: Final = 0.3
"""How likely an article is about a country that is in the title, in the lead, all over the text. Set by judgement."""
LEAD_CHARS: Final = 300
HALF: Final = 5
"""So many mentions make half of what frequency can say."""
PARTS: Final = 10
PASSING: Final = frozenset([Rule.DATELINE, Rule.CLUB])


class Extent(NamedTuple):
    """Where in the tokens' text the title ends, and where the article does, in code points."""

    title: int
    end: int


def locate(tokens: Tokens, gazetteer: Gazetteer) -> list[PlaceMention]:
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
        if places is None and "'" in word:
            head, _, tail = word.rpartition("'")
            places = lookup(head)  # "Türkiye'nin"
            if places is None:
                places, start = lookup(tail), start + len(head) + 1  # "L'Allemagne"
        if places is not None:
            for place in places:
                end = start + len(place.surface)
                there = text[start:end] == (place.surface.upper() if capitals else place.surface)
                if there and not text[end : end + 1].isalnum():
                    last = index
                    while last + 1 < count and starts[last + 1] < end:
                        last += 1
                    found.append(PlaceMention(place, index, last, start, end))
                    index = last
                    break
        index += 1
    return found


def flag_places(flags: list[int], found: Iterable[PlaceMention]) -> None:
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


def _without_capitals(text: str, gazetteer: Gazetteer, found: Sequence[PlaceMention]) -> Iterator[CountryMention]:
    """Yield adjectives in lower case, outside the places found, and names in scripts without capitals."""
    if gazetteer.caseless:
        for match in gazetteer.caseless.finditer(text):
            country, rule = gazetteer.caseless_codes[match[1]]
            yield CountryMention(country, match.start(1), match.end(1), rule)
    if not gazetteer.lower:
        return
    lookup, index = gazetteer.lower.get, 0
    for match in LONG_WORD.finditer(text):
        if code := lookup(match.group()):
            start, end = match.span()
            while index < len(found) and found[index].end <= start:
                index += 1
            if index == len(found) or found[index].start >= end:
                yield CountryMention(code, start, end, Rule.DEMONYM)


def weight(starts: Sequence[int], telling: Sequence[int], extent: Extent) -> float:
    """Return how much an article is about a country that it mentions at code points `starts`, from 0 to 1.

    1 - (1 - title) (1 - lead) (1 - frequency) (1 - spread), each part as likely a sign as its constant says: a mention
    in the title, one in the `LEAD_CHARS` after it, n mentions as n / (n + `HALF`), and the share of the text's `PARTS`
    equal parts with a mention, one of them not counting. Only `telling` mentions count for title and lead: a dateline
    says where a story was written, a club's name where the club is. Another mention never lowers the weight.
    """
    if not starts:
        return 0.0
    rest = 1.0 - len(starts) / (len(starts) + HALF)
    title, end = extent
    if any(start < title for start in telling):
        rest *= 1 - TITLE
    if any(title <= start < title + LEAD_CHARS for start in telling):
        rest *= 1 - LEAD
    parts = {start * PARTS // max(end, 1) for start in starts}
    return round(1 - rest * (1 - SPREAD * (len(parts) - 1) / (PARTS - 1)), 3)


def _is_common_word(tokens: Tokens, mentions: list[CountryMention]) -> bool:
    """Whether all mentions are one word that the article also writes in lower case (turkey, china, polish)."""
    surfaces = {tokens.text[one.start : one.end] for one in mentions}
    surface = surfaces.pop()
    return not surfaces and surface.istitle() and " " not in surface and tokens.in_lower_case(surface)


def resolve(
    tokens: Tokens, found: list[PlaceMention], persons: Collection[int], gazetteer: Gazetteer, extent: Extent
) -> list[Country]:
    """Return the countries that the article itself names, in order of first mention.

    `persons` are the indices of tokens that name persons. What stands behind the article's end lends evidence alone.
    """
    mentions: defaultdict[str, list[CountryMention]] = defaultdict(list)
    for one in chain(CountryResolver(tokens, persons, found).run(), _without_capitals(tokens.text, gazetteer, found)):
        mentions[one.code].append(one)
    countries = []
    for code, placed in mentions.items():
        if _is_common_word(tokens, placed):
            continue
        placed.sort(key=START)
        inside = [one for one in placed if one.end <= extent.end]
        if inside:
            weighed = weight(
                [one.start for one in inside], [one.start for one in inside if one.rule not in PASSING], extent
            )
            named = tuple(Mention(tokens.original[a:b], a, b, rule.value) for _, a, b, rule in inside)
            countries.append(Country(code, territories.name(code), named, weighed))
    return sorted(countries, key=lambda one: one.mentions[0].start)
