"""What a name of a place is: how it names a country, by which rule, and which."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final, NamedTuple


class Kind(IntEnum):
    """How a surface names a country, the firmest first."""

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
    """What found a mention of a country; docs/facets.md explains each."""

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
"""The rule of each `Kind`, where nothing else decided."""


class Place(NamedTuple):
    """One surface. More than one code: the article decides, the first is the default. `OTHER` names no country.

    `also` are countries that have a smaller town of the name: it is there that the name points to where the article
    says so. `large` is a city of a million people, or a place in the table of cities.
    """

    surface: str
    kind: Kind
    codes: tuple[str, ...]
    also: tuple[str, ...] = ()
    rule: Rule = Rule.NAME
    large: bool = False

    @classmethod
    def of(cls, surface: str, kind: Kind, *codes: str, also: tuple[str, ...] = ()) -> Place:
        """Return the place under the rule of its kind, or, where countries share the name, under that rule."""
        shared = len(codes) > 1 and kind is Kind.NAME
        return cls(surface, kind, codes, also, Rule.SHARED if shared else RULES[kind])
