"""Reads the words around a place name: is it part of a person, a brand, a language, a club, a dateline, or a town?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from index.facets.countries.gazetteer import rules
from index.facets.countries.places import TOWNS, Kind, Place
from index.facets.tokens import JOINED, OPENING
from index.facets.words import Word
from index.facets.words import flags as flags_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from index.facets.tokens import Tokens

DATELINE = re.compile(r"(?:, [^\n(]{2,30}?)? ?(?:\(|--|[-—–] |(?:19|20)\d\d-\d)")
AGENCY = re.compile(r"(?:, [^\n(]{2,30}?)? ?\([^\W\d_][^)\n]{1,25}\) ?[-—–]")
"""Matches after the place of a dateline that is not in capitals. The agency in brackets excludes other sentences."""
LONGEST_DATELINE: Final = 35
"""Code points after the place in which the agency's bracket must open."""
LANGUAGE_BEFORE = re.compile(r"\b(?:in|into|speaks?|spoke|speaking|fluent|translated|learn(?:ing|ed)?|taught) $")
LANGUAGE_AFTER = re.compile(r"-language|-speaking|-speaker| language| translation|[.,;:)\"]| (?:and|or)\b")
NEXT_WORD = re.compile(r" ([A-Za-z]+)")
LONGEST_LOCATIVE: Final = 16
"""Code points before the place that are searched for a locative ("in"). A longer word is cut off and does not match."""

COMPOUNDS: Final = ("St. ", "Ste. ", "Saint ", "Fort ", "Ft. ", "Mount ", "Mt. ", "Port ", "Camp ")
"""Words before a town's name that make it the name of another place ("St. Paris", "Fort Hamilton")."""
PARTIES: Final = ("(R-", "(D-", "(I-", ", R-", ", D-")
STATES_AND_WORDS: Final = frozenset(["HI", "IN", "ME", "OH", "OK", "OR", "PA"])
"""Abbreviations of states that are also English words."""
AMERICA: Final = frozenset(["US", "U.S."])
INDIANS: Final = frozenset(["Indian", "Indians"])
MISTERS: Final = frozenset(["Mr", "Mrs", "Ms"])
PERSONAL: Final = int(Word.GIVEN)
NEVER_GIVEN: Final = int(Word.STOP | Word.TITLE | Word.PLACE | Word.NATION | Word.OPENER | Word.ORGANISATION)


class PlaceMention(NamedTuple):
    """A place name in the text: tokens `first` to `last` (inclusive), code points `start` to `end` (exclusive)."""

    place: Place
    first: int
    last: int
    start: int
    end: int


class PlaceContext:
    """Answers questions about the words around places of one article.

    `persons` are the indices of tokens that name persons.
    """

    def __init__(self, tokens: Tokens, persons: Collection[int], mentions: Iterable[PlaceMention]) -> None:
        self.tokens = tokens
        self.persons = persons
        self.rules = rules()
        self.not_places = self._not_places(mentions)

    def next_word(self, mention: PlaceMention) -> str:
        """Return the word after the place if only a space stands between, else an empty string."""
        match = NEXT_WORD.match(self.tokens.text, mention.end)
        return match[1] if match else ""

    def before(self, mention: PlaceMention) -> int:
        """Return the index of the token before the place if only a space stands between, else -1."""
        tokens, first = self.tokens, mention.first
        joined = first and tokens.links[first] == JOINED and tokens.ends[first - 1] + 1 == mention.start
        return first - 1 if joined and tokens.text[mention.start - 1] == " " else -1

    def _not_places(self, mentions: Iterable[PlaceMention]) -> set[str]:
        """Return the place names that name a person or a team in this article.

        They stand after a given name ("Monica French"), after "Mr", or after a town ("Cleveland Indians").
        """
        tokens = self.tokens
        names: set[str] = set()
        last = -1
        for mention in mentions:
            surface, first = mention.place.surface, mention.first
            if first and tokens.links[first] == JOINED and tokens.words[first - 1] in MISTERS:
                names.add(surface)
            elif surface in self.rules.surnames and (before := self.before(mention)) > last:
                flags = flags_of(tokens.words[before])
                in_full_name = before in self.persons and before - 1 in self.persons  # "Rafael Nadal Spain"
                if flags & PERSONAL and not flags & NEVER_GIVEN and not in_full_name:
                    names.add(surface)
            elif surface in INDIANS and self.before(mention) == last >= 0:
                names |= INDIANS
            last = mention.last
        return names

    def names_no_place(self, mention: PlaceMention) -> bool:
        """Whether the name does not mean a place: a pronoun, or part of a person, brand, language or street."""
        tokens, place = self.tokens, mention.place
        if place.kind is Kind.OTHER or mention.first in self.persons:
            return True
        if place.surface in self.not_places and not self.is_located(mention):
            return True
        if place.kind is Kind.DEMONYM:
            is_different = self._is_kind(mention)
        elif place.kind in TOWNS:
            is_different = tokens.text.endswith(COMPOUNDS, 0, mention.start)
        else:
            is_currency = tokens.text.startswith("$", mention.end)
            is_different = place.surface in AMERICA and (is_currency or self._is_pronoun(mention))
        if is_different:
            return True
        after = mention.last + 1
        if after == len(tokens.words) or tokens.links[after] != JOINED:
            return False
        return self._is_brand(mention) or self._is_street(mention)

    def _is_pronoun(self, mention: PlaceMention) -> bool:
        """Whether "US" may be the pronoun because the word before it is in capitals, too ("LET US GO")."""
        tokens = self.tokens
        if mention.place.surface != "US" or not mention.first or tokens.links[mention.first] != JOINED:
            return False
        before = tokens.words[mention.first - 1]
        return len(before) > 1 and before.isupper()

    def _is_brand(self, mention: PlaceMention) -> bool:
        """Whether the name begins the name of a company or paper, which ends with a word such as "Airlines"."""
        tokens, after = self.tokens, mention.last + 1
        trade = tokens.words[after]
        if trade.isupper():
            trade = trade.capitalize()  # "U.S. OPEN"
        if trade not in self.rules.trades or tokens.text[mention.end] != " ":
            return False
        return after + 1 == len(tokens.words) or tokens.words[after + 1] not in self.rules.forces

    def _is_street(self, mention: PlaceMention) -> bool:
        """Whether one of the next two words is a word for streets: "Paris Avenue", "London Bridge Road"."""
        tokens, after = self.tokens, mention.last + 1
        if tokens.words[after] in self.rules.streets:
            return True
        after += 1
        return after < len(tokens.words) and tokens.links[after] == JOINED and tokens.words[after] in self.rules.streets

    def _is_kind(self, mention: PlaceMention) -> bool:
        """Whether the adjective names a language or a kind of thing ("Italian food") instead of a nation."""
        text = self.tokens.text
        if self.next_word(mention) in self.rules.kinds:
            return True
        if mention.place.surface in INDIANS and not self.rules.indigenous.isdisjoint(self.tokens.parts):
            return True
        if LANGUAGE_AFTER.match(text, mention.end):
            is_spoken = LANGUAGE_BEFORE.search(text, max(0, mention.start - 12), mention.start)
            return bool(is_spoken) or text.startswith((" language", "-language", "-speaking"), mention.end)
        return False

    def is_club(self, mention: PlaceMention) -> bool:
        """Whether the town means its team: a word for clubs stands beside it, or a figure follows, as in a table."""
        text, clubs, end = self.tokens.text, self.rules.clubs, mention.end
        if text[end : end + 1] == " ":
            following = text[end + 1 : end + 2]
            if following.isdigit():
                return not self.is_dateline(mention) and not self.is_located(mention)
            if following.isupper() and self.next_word(mention) in clubs:
                return True
        before = self.before(mention)
        return before >= 0 and self.tokens.words[before] in clubs

    def is_dateline(self, mention: PlaceMention) -> bool:
        """Whether the place begins a dateline: "HILO, Hawaii, May 5 -", "Hilo (AP) -"."""
        text, start = self.tokens.text, mention.start
        if self.tokens.links[mention.first] != OPENING or (start and text[start - 1] not in "\n."):
            return False
        if text[start : mention.end].isupper():
            return bool(DATELINE.match(text, mention.end))
        return text.find("(", mention.end, mention.end + LONGEST_DATELINE) > 0 and bool(AGENCY.match(text, mention.end))

    def is_located(self, mention: PlaceMention) -> bool:
        """Whether a locative such as "in" or "mayor of" stands before the place."""
        text, start = self.tokens.text, mention.start
        if text[start - 1 : start] != " ":
            return False
        before = text[max(0, start - LONGEST_LOCATIVE) : start].split()
        if not before:
            return False
        if before[-1] == "of" and len(before) > 1:
            return before[-2].lower() in self.rules.settlements or before[-2].endswith(",")
        return before[-1].lower() in self.rules.locatives

    def is_state(self, mention: PlaceMention) -> bool:
        """Whether the abbreviation means a state: it follows a name and a comma, or a party's letter ("R-Ariz.")."""
        text, start, first = self.tokens.text, mention.start, mention.first
        if text.endswith(", ", 0, start):
            return first > 0 and self.tokens.ends[first - 1] >= start - 3 and not self._is_word(mention, start - 3)
        return text.endswith(PARTIES, 0, start)

    def _is_word(self, mention: PlaceMention, before: int) -> bool:
        """Whether the abbreviation is an English word among capitals ("THE KING, IN A LETTER")."""
        return mention.place.surface in STATES_AND_WORDS and self.tokens.text[before].isupper()

    def is_local(self, mention: PlaceMention) -> bool:
        """Whether the words around the name fit only a town: "a Lebanon woman", "Joe Doe, 9, of Paris".

        For the country, newspapers write "a Lebanese woman".
        """
        return self.next_word(mention) in self.rules.locals or self.tokens.text.endswith(", of ", 0, mention.start)

    def is_placed(self, mention: PlaceMention) -> bool:
        """Whether the words around the name show that it is a town: "in Hilo", "Hilo police", "HILO (AP) -"."""
        tokens, after = self.tokens, mention.last + 1
        if self.next_word(mention) in self.rules.civic:
            return self.before(mention) < 0
        if after < len(tokens.words) and tokens.links[after] == JOINED and tokens.text[mention.end] in " -":
            return False
        return self.is_located(mention) or self.is_dateline(mention)


def country_after_comma(mention: PlaceMention, following: PlaceMention | None, text: str) -> str | None:
    """Return the country of a town that is followed by a comma and its state or country ("London, Ontario").

    None if no place follows the comma, or if the town does not belong to that place.
    """
    if following is None or following.start != mention.end + 2 or text[mention.end] != ",":
        return None
    place, next_to = mention.place, following.place
    possible_codes = place.codes + place.also
    if next_to.kind is Kind.ABBREVIATION:
        word = next_to.surface in STATES_AND_WORDS and text[mention.end - 1].isupper()
        return None if word or place.kind is Kind.ABBREVIATION else next_to.codes[0]
    if next_to.kind is Kind.REGION:
        return next_to.codes[0] if place.kind in TOWNS or next_to.codes[0] in place.also else None
    if next_to.kind is Kind.NAME and place.kind in TOWNS:
        shared = [code for code in next_to.codes if code in possible_codes]
        if shared or place.kind is not Kind.CITY:
            return (shared or next_to.codes)[0]
    return None
