"""What is a country's mention and what is not; sentences of our own, by kind of difficulty."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.facets import find
from search import territories

HEADLINE = "What the day brought"


def codes(text: str, language: str | None = "en") -> set[str]:
    return {country.code for country in find(f"{HEADLINE}\n\n{text}", len(HEADLINE), language).countries}


NAMES = [
    ("Ministers of Norway and Denmark met.", "NO DK"),
    ("The U.S. and the U.K. signed, as did the USA, the UK and the UAE.", "US GB AE"),
    ("Norwegians, Danes, Britons and Filipinos took part.", "NO DK GB PH"),
    ("A Swiss watch, a Belgian beer.", "CH BE"),
    ("Türkiye, Côte d’Ivoire and São Tomé", "TR CI ST"),
    ("Trinidad and Tobago played Bosnia and Herzegovina.", "TT BA"),
    ("WARSAW (Reuters) - GERMANY said no.", "PL DE"),
    ("The Soviet Union and Zaire are on old maps.", "RU CD"),
    ("Kosovo, Taiwan and Hong Kong sent teams.", "XK TW HK"),
    ("The EU, NATO and the United Nations", ""),
]
LONGEST_FIRST = [
    ("Papua New Guinea and Equatorial Guinea signed. Guinea-Bissau did not.", "PG GQ GW"),
    ("A road through New Mexico", "US"),
    ("Niger and Nigeria", "NE NG"),
    ("South Sudan has left.", "SS"),
    ("Farmers in Northern Ireland", "GB"),
    ("Teachers in American Samoa", "AS"),
    ("The British Virgin Islands", "VG"),
]
METONYMS = [
    ("The Kremlin answered Downing Street.", "RU GB"),
    ("The White House, Foggy Bottom and the Pentagon kept silent.", "US"),
    ("Pyongyang warned Seoul, and Beijing watched.", "KP KR CN"),
    ("The Elysée and the Élysée are one.", "FR"),
    ("Washington warned Tehran.", "US IR"),
]
INSIDE_WORDS = [
    ("The ambassador thanked the panamanian-born tailor Chinatown loves.", ""),
    ("A US-led mission met pro-Russian fighters and anti-Iranian ones.", "US RU IR"),
    ("New Zealandia is no country, nor is Great Britainia.", ""),
    ("They told us to wait for us.", ""),
    ("LET US GO HOME, THEY CHANTED", ""),
    ("We carved the turkey. Turkey should rest before it is cut.", ""),
    ("Ankara is in Turkey, and a turkey crossed the road.", "TR"),
    ("polish the table in the china cabinet with a jersey", ""),
]
OTHER_THINGS = [
    ("American Airlines cut jobs, the New York Times wrote.", ""),
    ("Ships crossed the South China Sea and the Gulf of Mexico.", ""),
    ("The Bank of England and the Bank of China agreed.", "GB CN"),
    ("Latin American poets, West Indian cricketers", ""),
    ("She spoke in French. He learned English. The letter was written in Spanish.", ""),
    ("The French and the Spanish teams met.", "FR ES"),
]
PERSONS = [
    ("Chad Smith plays drums. Jordan Peele directs films. Paris Hilton left.", ""),
    ("Michael Jordan retired long ago. Jordan said he was tired.", ""),
    ("Denzel Washington said he was glad.", ""),
    ("The king of Jordan flew to Chad.", "JO TD"),
]
NEIGHBOURS = [
    ("Congo buried its dead, officials in Kinshasa said.", "CD"),
    ("Congo buried its dead, officials in Brazzaville said.", "CG"),
    ("Tbilisi is the capital of Georgia, which borders Armenia.", "GE AM"),
    ("Rain fell from Alabama to Florida, and Georgia was soaked.", "US"),
    ("A bus crashed in London, Ontario. London police came.", "CA"),
    ("London police came.", "GB"),
    ("The fair in Paris, Texas, has opened.", "US"),
    ("Snow in Portland, Ore., and in Burlington, Vt.", "US"),
    ("North Korea fired a missile; the North’s army and the South were alert.", "KP KR"),
    ("The North lost the Civil War's first battle; the South won.", ""),
    ("The Korean president spoke in Busan.", "KR"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    NAMES + LONGEST_FIRST + METONYMS + INSIDE_WORDS + OTHER_THINGS + PERSONS + NEIGHBOURS,
)
def test_countries_of_a_sentence(text: str, expected: str) -> None:
    assert codes(text) == set(expected.split())


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("fr", "L’Allemagne et la Russie se parlent.", "DE RU"),
        ("de", "Frankreich und Norwegen", "FR NO"),
        ("es-MX", "Alemania y los Estados Unidos", "DE US"),
        ("ru", "Россия, Украина и Польша", "RU UA PL"),
        ("ja", "日本と中国が会談した。", "JP CN"),
        ("ar", "قالت روسيا", "RU"),
        (None, "Russia and Poland", "RU PL"),
        ("not a language", "Russia and Poland", "RU PL"),
    ],
)
def test_names_in_the_language_of_the_article(language: str | None, text: str, expected: str) -> None:
    assert codes(text, language) == set(expected.split())


def test_names_of_another_language_are_not_looked_up() -> None:
    assert codes("Frankreich, Italien", "en") == set()


def test_a_country_carries_its_english_name_and_its_mentions_in_order() -> None:
    text = f"{HEADLINE}\n\nMoscow answered. Russia’s army, 🚀 the Russians and Tallinn did not."
    russia, estonia = find(text, len(HEADLINE), "en").countries
    assert (russia.code, russia.name) == ("RU", "Russia")
    assert (estonia.code, estonia.name) == ("EE", "Estonia")
    assert [mention.text for mention in russia.mentions] == ["Moscow", "Russia", "Russians"]
    assert [text[mention.start : mention.end] for mention in russia.mentions] == ["Moscow", "Russia", "Russians"]


def test_the_headline_counts() -> None:
    assert {country.code for country in find("Japan votes\n\nA short day.", 11, "en").countries} == {"JP"}


PIECES = st.sampled_from(
    ["Kim Jong-un", " ", "’s ", ", ", "\n\n", ". ", "the North", "North Korea", "US", "U.S.", "London", ", Ontario",
     "Georgia", "Jordan", "Mr. ", "A.", "İstanbul", "ß", "日本", "🚀", "Paris", "Springfield", " in ", "said", "Côte d’Ivoire",
     "Michael ", "\xa0", "GUINEA", "Ohio", "'", "-", "(", "O’Brien", "van der ", "President "]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))
LANGUAGES = st.sampled_from([None, "en", "fr", "ja", "xx", ""])


@given(text=TEXTS, title_length=st.integers(-5, 300), language=LANGUAGES)
@settings(max_examples=300, deadline=None)
def test_any_text_is_taken_and_offsets_point_at_what_they_claim(
    text: str, title_length: int, language: str | None
) -> None:
    facets = find(text, title_length, language)
    assert facets == find(text, title_length, language)
    known = territories.names()
    spans = []
    for country in facets.countries:
        assert known[country.code] == country.name
        assert country.mentions
        assert list(country.mentions) == sorted(country.mentions, key=lambda mention: mention.start)
        for mention in country.mentions:
            assert mention.text
            assert text[mention.start : mention.end] == mention.text
            spans.append((mention.start, mention.end))
    spans.sort()
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    firsts = [country.mentions[0].start for country in facets.countries]
    assert firsts == sorted(firsts)
    assert len({country.code for country in facets.countries}) == len(facets.countries)
