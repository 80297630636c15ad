"""Random archives, queries and filters, for tests against the oracle."""

from __future__ import annotations

import datetime as dt

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from support.factories import article

from search.model import Article, Country, Filters, Person
from search.territories import name

WORDS = [
    "putin",
    "talks",
    "talk",
    "Erdoğan",
    "U.S.",
    "Москва",
    "北京",
    "treaty",
    "treaties",
    "Russia’s",
    "o'brien",
    "1,000",
]
CODES = ["RU", "KP", "KR", "US", "FR"]
NAMES = ["Vladimir Putin", "Kim Jong Un", "Kim Il Sung", "Recep Tayyip Erdoğan", "习近平"]
SOURCES = ["AP", "Meridian Wire"]


@st.composite
def random_archives(draw: st.DrawFn) -> list[Article]:
    """Draw articles. The id of a story is the id of one of its articles, or of a deleted one."""
    size = draw(st.integers(1, 12))
    naming = [number for number in range(size) if draw(st.booleans())]
    text = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
    day = st.dates(dt.date(2023, 12, 20), dt.date(2024, 3, 10)).map(dt.date.isoformat)
    return [
        article(
            number,
            draw(text),
            draw(text),
            published=draw(st.none() | day),
            source=draw(st.none() | st.sampled_from(SOURCES)),
            story=str(number if number in naming else draw(st.sampled_from([*naming, "gone", number]))),
            countries=tuple(Country(c, name(c)) for c in draw(st.lists(st.sampled_from(CODES), unique=True))),
            persons=tuple(Person(n) for n in draw(st.lists(st.sampled_from(NAMES), unique=True))),
        )
        for number in range(size)
    ]


LEAVES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(lambda word: f'"{word}"'),
    st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)).map(lambda pair: f'"{pair[0]} {pair[1]}"'),
    st.sampled_from(
        ["title:talks", "person:kim", 'person:"kim jong"', "country:Russia", "source:meridian", "date:2024-01"]
    ),
    st.sampled_from(
        ["pu*", "t*s", "p?tin", "тал*", "putn~", "tlaks~", "treaty~2", "date:[2024-01-15 to 2024-02-10]", "*"]
    ),
    st.tuples(st.lists(st.sampled_from(WORDS), min_size=2, max_size=4).map(" ".join), st.integers(1, 6)).map(
        lambda near: f'"{near[0]}"~{near[1]}'
    ),
)
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(st.sampled_from([*WORDS, "of", "the"]), min_size=2, max_size=8).map(" ".join),
        st.tuples(inner, st.sampled_from([" ", " OR ", " AND ", " NOT "]), inner).map("".join),
        inner.map(lambda text: f"-{text}" if " " not in text else f"NOT ({text})"),
        inner.map(lambda text: f"({text})"),
        st.tuples(inner, inner).map(lambda pair: f"+{pair[0]} {pair[1]}" if " " not in pair[0] else pair[1]),
    ),
    max_leaves=4,
)
DAYS = st.none() | st.dates(dt.date(2023, 12, 20), dt.date(2024, 3, 10))
FILTERS = st.builds(
    Filters,
    countries=st.lists(st.sampled_from(CODES), max_size=2, unique=True).map(tuple),
    persons=st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
    sources=st.lists(st.sampled_from(SOURCES), max_size=1).map(tuple),
    date_from=DAYS,
    date_to=DAYS,
)

RANDOM = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""Settings without the shrink phase, which would build an index for each attempt and take minutes."""

SEARCHES = st.lists(st.tuples(TEXTS, FILTERS, st.integers(0, 4)), min_size=5, max_size=8)
"""Several searches for each archive, because building the index takes longer than searching it."""

PIECES = st.sampled_from(
    [*WORDS, *'"()[]{}~^*?:+-&|!,./\\', "REQUIRE", "ANDMAYBE", "http://[", "www.", "date:0000", 'date:"feb 30"', "AND", "OR", "NOT", "~2", "^3", "title:", "date:", "country:", "person:", "source:", "to",
     "2024-01", "yesterday", "https://a.example/b-c", "the", "of", "treety", "习", "\u200f", "e\u0301", "\0", "😀", "pu*", "*a*"]
)  # fmt: skip
