"""Defines a place: a name in the gazetteer, the countries that it may name, and how."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final, NamedTuple


class Kind(IntEnum):
    """How a place name names a country, the most certain first.

    - `WEAK`: a lesser town, or a name that is also a person's or a common word. It counts only if the words around it
      show that it is a place.
    - `HAMLET`: a town under 100,000 people. In addition, the article must name the town's country elsewhere, or name no
      country at all.
    - `ABBREVIATION`: the abbreviation of a state ("Portland, Ore.").
    - `OTHER`: contains a country's name but names no country ("New York Times").
    """

    NAME = 0
    DEMONYM = 1
    METONYM = 2
    CITY = 3
    REGION = 4
    WEAK = 5
    HAMLET = 6
    ABBREVIATION = 7
    OTHER = 8


class Rule(StrEnum):
    """The rule that found a mention of a country. docs/facets.md explains each."""

    NAME = "name"
    FORMER = "former country"
    SHARED = "shared name"
    DEMONYM = "demonym"
    METONYM = "metonym"
    CITY = "city"
    NAMESAKE = "namesake town"
    REGION = "region"
    TOWN = "town"
    BESIDE = "town beside its state"
    STATE = "state after a town"
    DATELINE = "dateline"
    CLUB = "club or table"
    SIDE = "the North or the South"


TOWNS: Final = frozenset([Kind.CITY, Kind.WEAK, Kind.HAMLET])
RULES: Final = (
    Rule.NAME, Rule.DEMONYM, Rule.METONYM, Rule.CITY, Rule.REGION, Rule.TOWN, Rule.TOWN, Rule.STATE, Rule.NAME,
)  # fmt: skip
"""The default rule of each `Kind`, in order of the kinds."""


class Place(NamedTuple):
    """A place name (`surface`) and the countries that it may name.

    - `codes`: the countries. If there are several, the article decides; the first one is the default.
    - `also`: countries with a smaller town of the same name, used only if the article shows that it means this town.
    - `large`: a city of a million people, or a place in the table `cities` of places.toml.
    """

    surface: str
    kind: Kind
    codes: tuple[str, ...]
    also: tuple[str, ...] = ()
    rule: Rule = Rule.NAME
    large: bool = False

    @classmethod
    def of(cls, surface: str, kind: Kind, *codes: str, also: tuple[str, ...] = ()) -> Place:
        """Return a place with the default rule of its kind; the name of several countries has the rule `SHARED`."""
        shared = len(codes) > 1 and kind is Kind.NAME
        return cls(surface, kind, codes, also, Rule.SHARED if shared else RULES[kind])
