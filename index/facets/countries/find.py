"""Finds the countries of an article.

`locate` looks up places in the gazetteer, `flag_places` passes them on to the finder of persons, and `resolve` decides
which places are mentions of a country.
"""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import chain
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from index.facets.countries.context import PlaceMention
from index.facets.countries.places import Kind, Rule
from index.facets.countries.resolve import CountryMention, CountryResolver
from index.facets.words import Word
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
"""Estimated probability that an article is about a country named in its title, in its lead, or throughout its text."""
LEAD_CHARS: Final = 300
"""Code points of the lead, which begins after the title."""
HALF: Final = 5
"""Number of mentions at which the frequency part of the weight is 0.5."""
PARTS: Final = 10
"""The text is divided into this many equal parts to measure how widely the mentions are spread."""
PASSING: Final = frozenset([Rule.DATELINE, Rule.CLUB])
"""Rules whose mentions do not count for title and lead."""


class Extent(NamedTuple):
    """Ends of the title and of the article in the tokens' text, in code points."""

    title: int
    end: int


def locate(tokens: Tokens, gazetteer: Gazetteer) -> list[PlaceMention]:
    """Return all places of the gazetteer in the text, in order and without overlap, before any are dropped.

    At each position the longest name is taken.
    """
    mentions = []
    text, words, starts, lookup = tokens.text, tokens.words, tokens.starts, gazetteer.by_first.of_token
    index, count = 0, len(words)
    while index < count:
        surfaces = lookup(words[index])
        if surfaces is not None:
            start = starts[index] + surfaces.offset
            place = surfaces.at(text, start)
            if place is not None:
                last, end = index, start + len(place.surface)
                while last + 1 < count and starts[last + 1] < end:
                    last += 1
                mentions.append(PlaceMention(place, index, last, start, end))
                index = last
        index += 1
    return mentions


def flag_places(flags: list[int], mentions: Iterable[PlaceMention]) -> None:
    """Add `Word.PLACE` or `Word.NATION` to the flags of the tokens that name places."""
    place_flag, nation_flag = int(Word.PLACE), int(Word.NATION)
    for one in mentions:
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


def _without_capitals(text: str, gazetteer: Gazetteer, places: Sequence[PlaceMention]) -> Iterator[CountryMention]:
    """Yield names in scripts without capitals, and adjectives in lower case that do not overlap with `places`."""
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
            while index < len(places) and places[index].end <= start:
                index += 1
            if index == len(places) or places[index].start >= end:
                yield CountryMention(code, start, end, Rule.DEMONYM)


def weight(starts: Sequence[int], prominent: Sequence[int], extent: Extent) -> float:
    """Return the weight of a country: how much the article is about it, from 0 to 1.

    `starts` are the code points of all mentions. The weight is 1 - (1 - title) (1 - lead) (1 - frequency) (1 - spread):

    - title: `TITLE` if the title has a `prominent` mention, else 0.
    - lead: `LEAD` if the `LEAD_CHARS` after the title have a `prominent` mention, else 0.
    - frequency: n / (n + `HALF`) for n mentions.
    - spread: `SPREAD` times (k - 1) / (`PARTS` - 1), if k of the text's `PARTS` equal parts have a mention.

    Datelines and clubs are not prominent: they say where a story was written, or where a club comes from. Another
    mention never lowers the weight.
    """
    if not starts:
        return 0.0
    rest = 1.0 - len(starts) / (len(starts) + HALF)
    title, end = extent
    if any(start < title for start in prominent):
        rest *= 1 - TITLE
    if any(title <= start < title + LEAD_CHARS for start in prominent):
        rest *= 1 - LEAD
    parts = {min(start * PARTS // max(end, 1), PARTS - 1) for start in starts}
    return round(1 - rest * (1 - SPREAD * (len(parts) - 1) / (PARTS - 1)), 3)


def _is_common_word(tokens: Tokens, mentions: list[CountryMention]) -> bool:
    """Whether all mentions are the same word, and the article also has it in lower case (turkey, china, polish)."""
    surfaces = {tokens.text[one.start : one.end] for one in mentions}
    surface = surfaces.pop()
    return not surfaces and surface.istitle() and " " not in surface and tokens.in_lower_case(surface)


def resolve(
    tokens: Tokens, places: list[PlaceMention], persons: Collection[int], gazetteer: Gazetteer, extent: Extent
) -> list[Country]:
    """Return the countries that the article names, in order of first mention.

    `persons` are the indices of tokens that name persons. Mentions after the article's end (`extent.end`) are only
    evidence for others and are not returned.
    """
    by_code: defaultdict[str, list[CountryMention]] = defaultdict(list)
    resolved = CountryResolver(tokens, persons, places).resolve()
    for one in chain(resolved, _without_capitals(tokens.text, gazetteer, places)):
        by_code[one.code].append(one)
    countries = []
    for code, mentions in by_code.items():
        if _is_common_word(tokens, mentions):
            continue
        mentions.sort(key=START)
        in_article = [one for one in mentions if one.end <= extent.end]
        if in_article:
            prominent = [one.start for one in in_article if one.rule not in PASSING]
            score = weight([one.start for one in in_article], prominent, extent)
            article_mentions = tuple(Mention(tokens.original[a:b], a, b, rule.value) for _, a, b, rule in in_article)
            countries.append(Country(code, territories.name(code), article_mentions, score))
    return sorted(countries, key=lambda one: one.mentions[0].start)
