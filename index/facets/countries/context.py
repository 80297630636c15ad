"""What the words around a place say of it: that it is a person, a brand, a language, a club, a town, a dateline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from index.facets.countries.gazetteer import rules
from index.facets.countries.places import TOWNS, Kind, Place
from index.facets.persons.words import Word
from index.facets.persons.words import flags as flags_of
from index.facets.tokens import JOINED, OPENING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from index.facets.tokens import Tokens

DATELINE = re.compile(r"(?:, [^\n(]{2,30}?)? ?(?:\(|--|[-—–] |(?:19|20)\d\d-\d)")
AGENCY = re.compile(r"(?:, [^\n(]{2,30}?)? ?\([^\W\d_][^)\n]{1,25}\) ?[-—–]")
"""What stands after a dateline that is not in capitals; without an agency it could be any sentence."""
LONGEST_DATELINE: Final = 35
LANGUAGE_BEFORE = re.compile(r"\b(?:in|into|speaks?|spoke|speaking|fluent|translated|learn(?:ing|ed)?|taught) $")
LANGUAGE_AFTER = re.compile(r"-language|-speaking|-speaker| language| translation|[.,;:)\"]| (?:and|or)\b")
NEXT_WORD = re.compile(r" ([A-Za-z]+)")
LONGEST_LOCATIVE: Final = 16
"""With the spaces around it; of a longer word only an end is seen, which is no locative either."""

COMPOUNDS: Final = ("St. ", "Ste. ", "Saint ", "Fort ", "Ft. ", "Mount ", "Mt. ", "Port ", "Camp ")
"""What makes another place of a town's name ("St. Paris", "Fort Hamilton")."""
PARTIES: Final = ("(R-", "(D-", "(I-", ", R-", ", D-")
STATES_AND_WORDS: Final = frozenset(["HI", "IN", "ME", "OH", "OK", "OR", "PA"])
AMERICA: Final = frozenset(["US", "U.S."])
INDIANS: Final = frozenset(["Indian", "Indians"])
MISTERS: Final = frozenset(["Mr", "Mrs", "Ms"])
PERSONAL: Final = int(Word.GIVEN)
NEVER_GIVEN: Final = int(Word.STOP | Word.TITLE | Word.PLACE | Word.NATION | Word.OPENER | Word.ORGANISATION)


class PlaceMention(NamedTuple):
    """A place in the text: tokens `first` to `last`, both included, and code points."""

    place: Place
    first: int
    last: int
    start: int
    end: int


class PlaceContext:
    """Looks at places of one article; `persons` are the indices of tokens that name persons."""

    def __init__(self, tokens: Tokens, persons: Collection[int], found: Iterable[PlaceMention]) -> None:
        self.tokens = tokens
        self.persons = persons
        self.rules = rules()
        self.personal = self._personal(found)

    def next_word(self, one: PlaceMention) -> str:
        """Return the word that stands after the place and a space, else nothing."""
        match = NEXT_WORD.match(self.tokens.text, one.end)
        return match[1] if match else ""

    def before(self, one: PlaceMention) -> int:
        """Return the index of the token that only a space parts from the place, or -1."""
        tokens, first = self.tokens, one.first
        joined = first and tokens.links[first] == JOINED and tokens.ends[first - 1] + 1 == one.start
        return first - 1 if joined and tokens.text[one.start - 1] == " " else -1

    def _personal(self, found: Iterable[PlaceMention]) -> set[str]:
        """Return the surfaces that stand after a given name, "Mr" or a town and so are a person's or a team's here.

        "Monica French" was quoted, and so French is a person; the Cleveland Indians are not from India.
        """
        tokens = self.tokens
        names: set[str] = set()
        last = -1
        for one in found:
            surface, first = one.place.surface, one.first
            if first and tokens.links[first] == JOINED and tokens.words[first - 1] in MISTERS:
                names.add(surface)
            elif surface in self.rules.surnames and (before := self.before(one)) > last:
                flags = flags_of(tokens.words[before])
                whole = before in self.persons and before - 1 in self.persons  # "Rafael Nadal Spain"
                if flags & PERSONAL and not flags & NEVER_GIVEN and not whole:
                    names.add(surface)
            elif surface in INDIANS and self.before(one) == last >= 0:
                names |= INDIANS
            last = one.last
        return names

    def is_other(self, one: PlaceMention) -> bool:
        """Whether the place's name is no place here: a person's, a brand's, a language's, a street's, a pronoun."""
        tokens, place = self.tokens, one.place
        if place.kind is Kind.OTHER or one.first in self.persons:
            return True
        if place.surface in self.personal and not self.is_located(one):
            return True
        if place.kind is Kind.DEMONYM:
            other = self._is_kind(one)
        elif place.kind in TOWNS:
            other = tokens.text.endswith(COMPOUNDS, 0, one.start)
        else:
            other = place.surface in AMERICA and (tokens.text.startswith("$", one.end) or self._is_pronoun(one))
        if other:
            return True
        after = one.last + 1
        if after == len(tokens.words) or tokens.links[after] != JOINED:
            return False
        return self._is_brand(one) or self._is_street(one)

    def _is_pronoun(self, one: PlaceMention) -> bool:
        """Whether "US" stands among words in capitals ("LET US GO")."""
        tokens = self.tokens
        if one.place.surface != "US" or not one.first or tokens.links[one.first] != JOINED:
            return False
        before = tokens.words[one.first - 1]
        return len(before) > 1 and before.isupper()

    def _is_brand(self, one: PlaceMention) -> bool:
        """Whether the name begins a company's or a paper's, which ends with the word of its trade."""
        tokens, after = self.tokens, one.last + 1
        trade = tokens.words[after]
        if trade.isupper():
            trade = trade.capitalize()  # "U.S. OPEN"
        if trade not in self.rules.trades or tokens.text[one.end] != " ":
            return False
        return after + 1 == len(tokens.words) or tokens.words[after + 1] not in self.rules.forces

    def _is_street(self, one: PlaceMention) -> bool:
        tokens, after = self.tokens, one.last + 1
        if tokens.words[after] in self.rules.streets:
            return True
        after += 1
        return after < len(tokens.words) and tokens.links[after] == JOINED and tokens.words[after] in self.rules.streets

    def _is_kind(self, one: PlaceMention) -> bool:
        """Whether the adjective tells of a language or a kind of thing and not of a nation."""
        text = self.tokens.text
        if self.next_word(one) in self.rules.kinds:
            return True
        if one.place.surface in INDIANS and not self.rules.indigenous.isdisjoint(self.tokens.parts):
            return True
        if LANGUAGE_AFTER.match(text, one.end):
            spoken = LANGUAGE_BEFORE.search(text, max(0, one.start - 12), one.start)
            return bool(spoken) or text.startswith((" language", "-language", "-speaking"), one.end)
        return False

    def is_club(self, one: PlaceMention) -> bool:
        """Whether a town stands for its team: beside a club's word, or before a figure of a table."""
        text, clubs, end = self.tokens.text, self.rules.clubs, one.end
        if text[end : end + 1] == " ":
            following = text[end + 1 : end + 2]
            if following.isdigit():
                return not self.is_dateline(one) and not self.is_located(one)
            if following.isupper() and self.next_word(one) in clubs:
                return True
        before = self.before(one)
        return before >= 0 and self.tokens.words[before] in clubs

    def is_dateline(self, one: PlaceMention) -> bool:
        """Whether the place opens a line as where a story was written does: "HILO, Hawaii, May 5 -", "Hilo (AP) -"."""
        text, start = self.tokens.text, one.start
        if self.tokens.links[one.first] != OPENING or (start and text[start - 1] not in "\n."):
            return False
        if text[start : one.end].isupper():
            return bool(DATELINE.match(text, one.end))
        return text.find("(", one.end, one.end + LONGEST_DATELINE) > 0 and bool(AGENCY.match(text, one.end))

    def is_located(self, one: PlaceMention) -> bool:
        """Whether a word such as "in" stands before the place."""
        text, start = self.tokens.text, one.start
        if text[start - 1 : start] != " ":
            return False
        before = text[max(0, start - LONGEST_LOCATIVE) : start].split()
        if not before:
            return False
        if before[-1] == "of" and len(before) > 1:
            return before[-2].lower() in self.rules.settlements or before[-2].endswith(",")
        return before[-1].lower() in self.rules.locatives

    def is_state(self, one: PlaceMention) -> bool:
        """Whether the abbreviation of a state follows a name and a comma, or a party ("R-Ariz.")."""
        text, start, first = self.tokens.text, one.start, one.first
        if text.endswith(", ", 0, start):
            return first > 0 and self.tokens.ends[first - 1] >= start - 3 and not self._is_word(one, start - 3)
        return text.endswith(PARTIES, 0, start)

    def _is_word(self, one: PlaceMention, before: int) -> bool:
        """Whether the abbreviation is a word in capitals ("THE KING, IN A LETTER")."""
        return one.place.surface in STATES_AND_WORDS and self.tokens.text[before].isupper()

    def is_local(self, one: PlaceMention) -> bool:
        """Whether only a town can stand here: "a Lebanon woman" (a country has an adjective), "Joe, 9, of Paris"."""
        return self.next_word(one) in self.rules.locals or self.tokens.text.endswith(", of ", 0, one.start)

    def is_placed(self, one: PlaceMention) -> bool:
        """Whether the words around a town say that it is one: "in Hilo", "Hilo police", "HILO (AP) -"."""
        tokens, after = self.tokens, one.last + 1
        if self.next_word(one) in self.rules.civic:
            return self.before(one) < 0
        if after < len(tokens.words) and tokens.links[after] == JOINED and tokens.text[one.end] in " -":
            return False
        return self.is_located(one) or self.is_dateline(one)


def beside(one: PlaceMention, following: PlaceMention | None, text: str) -> str | None:
    """Return the code of the state or country that stands after a town and a comma, where it is the town's."""
    if following is None or following.start != one.end + 2 or text[one.end] != ",":
        return None
    place, next_to = one.place, following.place
    known = place.codes + place.also
    if next_to.kind is Kind.ABBREVIATION:
        word = next_to.surface in STATES_AND_WORDS and text[one.end - 1].isupper()
        return None if word or place.kind is Kind.ABBREVIATION else next_to.codes[0]
    if next_to.kind is Kind.REGION:
        return next_to.codes[0] if place.kind in TOWNS or next_to.codes[0] in place.also else None
    if next_to.kind is Kind.NAME and place.kind in TOWNS:
        shared = [code for code in next_to.codes if code in known]
        if shared or place.kind is not Kind.CITY:
            return (shared or next_to.codes)[0]
    return None
