"""Which words are mentions of a country and which are not; our own sentences, grouped by difficulty."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.facets import find
from index.facets.countries.find import Extent, weight
from index.facets.countries.places import Rule
from search import territories

HEADLINE = "What the day brought"


def codes(text: str, language: str | None = "en") -> set[str]:
    return {country.code for country in find(f"{HEADLINE}\n\n{text}", len(HEADLINE), language).countries}


def mentions_of(text: str, language: str | None = "en") -> list[tuple[str, str, str]]:
    """Return country code, text and rule of all mentions, in order of the text."""
    countries = find(f"{HEADLINE}\n\n{text}", len(HEADLINE), language).countries
    mentions = [(mention.start, one.code, mention) for one in countries for mention in one.mentions]
    return [(code, mention.text, mention.rule) for _, code, mention in sorted(mentions)]


NAMES = [
    ("Ministers of Norway and Denmark met.", "NO DK"),
    ("The U.S. and the U.K. signed, as did the USA, the UK and the UAE.", "US GB AE"),
    ("Norwegians, Danes, Britons and Filipinos took part.", "NO DK GB PH"),
    ("A Swiss watch, a Belgian beer.", "CH BE"),
    ("Türkiye, Côte d’Ivoire and São Tomé", "TR CI ST"),
    ("Trinidad and Tobago played Bosnia and Herzegovina.", "TT BA"),
    ("WARSAW (Reuters) - GERMANY said no.", "PL DE"),
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
    ("The Bank of America and the Times of India", ""),
    ("Israeli Air Force jets, a U.S. Post Office", "IL US"),
    ("They paid US$5 million and won the U.S. Open.", ""),
    ("A DAY AT THE U.S. OPEN", ""),
    ("An Italian restaurant on Paris Avenue, an English cocker spaniel", ""),
    ("An Italian minister on a Paris stage", "IT FR"),
    ("The tribe sued. Indian profits are not taxed.", ""),
    ("Farmers sued. Indian profits are not taxed.", "IN"),
    ("Latin American poets, West Indian cricketers", ""),
    ("She spoke in French. He learned English. The letter was written in Spanish.", ""),
    ("The French and the Spanish teams met.", "FR ES"),
]
PERSONS = [
    ("Chad Smith plays drums. Jordan Peele directs films. Paris Hilton left.", ""),
    ("Michael Jordan retired long ago. Jordan said he was tired.", ""),
    ("Denzel Washington said he was glad.", ""),
    ("The king of Jordan flew to Chad.", "JO TD"),
    ("Officer Monica French asked. French said no.", ""),
    ("Mr. Jordan agreed.", ""),
    ("Mr. Jordan agreed to teach in Jordan.", "JO"),
    ("Akashi took over. Banda lost, and Same won at Sale.", ""),
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
    ("Georgia lawmakers passed a bill.", "US"),
    ("Georgia beat Wales.", "GE GB"),
    ("Cuba, Mo., and Lebanon, N.H., got snow.", "US"),
    ("Jersey cows graze all over New Jersey and Ohio.", "US"),
    ("Jersey and Guernsey are islands.", "JE GG"),
    ("Police in Tripoli, Libya, and then those of Tripoli", "LY"),
    ("Protests went on in Tripoli. Lebanon is worried.", "LB"),
    ("Floods in Granada killed two, the Nicaraguan police said.", "NI"),
    ("Floods in Granada killed two.", "ES"),
    ("Police in Birmingham, Alabama. Birmingham is calm.", "US"),
    ("A fire in Cambridge, Massachusetts", "US"),
    ("A school in Alexandria, Louisiana, and one in Alexandria, Va.", "US"),
    ("A school in Alexandria, Egypt", "EG"),
    ("Moscow, Idaho, is small.", "US"),
    ("New South Wales, New Mexico, Northern Ireland", "AU US GB"),
    ("Sen. John McCain (R-Ariz.) rose.", "US"),
    ("Hilo police and Hilo residents met.", "US"),
    ("Joe Doe, 19, of Hilo, rested.", "US"),
    ("The mayor of Hilo rested.", "US"),
    ("Joe Doe had heard of Hilo before.", ""),
    ("The U.S. left the Paris accord; Ohio and Texas stay.", "US FR"),
    ("Joe Doe, 18, of Paris, died in Texas. The U.S. mail came.", "US"),
    ("The fair of Paris is the oldest in Texas.", "US"),
    ("Storms hit Jamaica and Mozambique. Ohio helps.", "JM MZ US"),
    ("There we go, OK? JAPAN, IN A LETTER, SAID NO", "JP"),
    ("Snow fell on St. Paris and Fort London.", ""),
    ("The North and the South of Ohio", "US"),
    ("North Korea fired. I am from the South.", "KP"),
    ("A Lebanon woman was charged.", "US"),
    ("A Lebanon woman was charged in Beirut.", "LB"),
    ("A Lebanon woman and a Jordan man were charged.", "LB JO"),
    ("Lebanon charged a woman.", "LB"),
    ("Royal Hilo Police", ""),
]
CLUBS = [
    ("Real Madrid and Bayern Munich met.", ""),
    ("Real Madrid and Bayern Munich met in Spain.", "ES"),
    ("The Cleveland Indians met the Toronto Blue Jays.", ""),
    ("TORONTO 3 BOSTON 2", ""),
    ("Germany 3 Brazil 1", "DE BR"),
    ("In Toronto 300 people marched.", "CA"),
    ("The Lusaka Agreement held.", ""),
    ("4. McLaren 41\n5. Jordan 15\n6. Ligier 14", ""),
]
FORMER = [
    ("The Soviet Union, the USSR and Soviet troops", "RU"),
    ("Yugoslavia and the Yugoslavs, Serbia and Montenegro", "RS"),
    ("Czechoslovakia", "CZ"),
    ("Zaire and a Zairean", "CD"),
    ("East Germany, a West German", "DE"),
    ("Burma", "MM"),
    ("Upper Volta and Dahomey", "BF BJ"),
    ("Rhodesia, Ceylon, Persia, Siam", "ZW LK IR TH"),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    NAMES + LONGEST_FIRST + METONYMS + INSIDE_WORDS + OTHER_THINGS + PERSONS + NEIGHBOURS + CLUBS + FORMER,
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
        ("de", "Deutschlands Kanzler, russische Soldaten, die Türkin", "DE RU TR"),
        ("de", "In Moskau und Warschau schwieg das Weiße Haus.", "RU PL US"),
        ("de", "Das Essen war gut. Der Regen fiel in Essen.", "DE"),
        ("de", "Das Essen war gut.", ""),
        ("de", "Deutsch English Französisch", ""),
        ("de", "Deutsche und Franzosen, ein englisches Lied", "DE FR GB"),
        ("fa", "مالی و لهستان", "PL"),
        ("fr", "Les soldats français, une Allemande, la Maison-Blanche", "FR DE US"),
        ("fr", "À Londres, à Varsovie et à Pékin", "GB PL CN"),
        ("fr", "Maurice est parti.", ""),
        ("es", "Los rusos, la policía española y EE.UU.", "RU ES US"),
        ("es", "De Londres a Moscú", "GB RU"),
        ("it", "L’esercito russo, i tedeschi, l’Ucraina", "RU DE UA"),
        ("it", "Da Parigi a Pechino", "FR CN"),
        ("pt", "O governo alemão e os EUA em Londres", "DE US GB"),
        ("nl", "Duitslands leger en de Russische president in Parijs", "DE RU FR"),
        ("pl", "Prezydent Rosji był w Polsce, z Niemcami i o Ukrainie.", "RU PL DE UA"),
        ("pl", "W Warszawie, w Londynie i Moskwie", "PL GB RU"),
        ("pl", "Rosyjskie wojska i amerykański rząd", "RU US"),
        ("tr", "Türkiye’nin Ankara’da, Rusya'nın, ABD'li", "TR RU US"),
        ("ru", "С Россией, о Польше, президенту Турции", "RU PL TR"),
        ("ru", "В Москве и в Париже российские и немецкие врачи", "RU FR DE"),
        ("ar", "وزارة المالية", ""),
        ("ar", "في مالي وبولندا", "ML PL"),
        ("he", "ברוסיה ובפולין", "RU PL"),
        ("hi", "भारत और पाकिस्तान", "IN PK"),
        ("ko", "일본은 말했다", "JP"),
    ],
)
def test_names_in_the_language_of_the_article(language: str | None, text: str, expected: str) -> None:
    assert codes(text, language) == set(expected.split())


def test_names_in_another_language_are_not_found() -> None:
    assert codes("Frankreich, Italien", "en") == set()


def test_a_country_has_its_english_name_and_its_mentions_in_order() -> None:
    text = f"{HEADLINE}\n\nMoscow answered. Russia’s army, 🚀 the Russians and Tallinn did not."
    russia, estonia = find(text, len(HEADLINE), "en").countries
    assert (russia.code, russia.name) == ("RU", "Russia")
    assert (estonia.code, estonia.name) == ("EE", "Estonia")
    assert [mention.text for mention in russia.mentions] == ["Moscow", "Russia", "Russians"]
    assert [text[mention.start : mention.end] for mention in russia.mentions] == ["Moscow", "Russia", "Russians"]


def test_a_country_is_found_in_the_headline() -> None:
    assert {country.code for country in find("Japan votes\n\nA short day.", 11, "en").countries} == {"JP"}


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("Norway", ["name"]),
        ("The USSR", ["former country"]),
        ("Congo", ["shared name"]),
        ("Norwegians", ["demonym"]),
        ("The Kremlin", ["metonym"]),
        ("He flew to Oslo.", ["city"]),
        ("It rained in Bavaria.", ["city"]),
        ("It rained in Ohio.", ["region"]),
        ("London, Ontario. The London fire", ["town beside its state", "region", "namesake town"]),
        ("In Hilo, police met.", ["town"]),
        ("Snow fell on Hilo, Minn.", ["town beside its state", "state after a town"]),
        ("OSLO (Reuters) - Snow fell.", ["dateline"]),
        ("Oslo (Reuters) - Snow fell.", ["dateline"]),
        ("Real Madrid played in Spain.", ["club or table", "name"]),
        (
            "North Korea said the North and the South agreed.",
            ["name", "the North or the South", "the North or the South"],
        ),
    ],
)
def test_each_mention_has_the_rule_that_found_it(text: str, rules: list[str]) -> None:
    assert [rule for _, _, rule in mentions_of(text)] == rules


def test_a_foreign_name_is_found_by_the_same_rules() -> None:
    assert mentions_of("Deutschlands Kanzler, russische Soldaten, Moskau", "de") == [
        ("DE", "Deutschlands", "name"),
        ("RU", "russische", "demonym"),
        ("RU", "Moskau", "city"),
    ]


def test_an_adjective_inside_a_name_is_no_separate_mention() -> None:
    assert mentions_of("L’Arabie saoudite et la police saoudienne", "fr") == [
        ("SA", "Arabie saoudite", "name"),
        ("SA", "saoudienne", "demonym"),
    ]


def weights(title: str, body: str) -> dict[str, float]:
    return {one.code: one.weight for one in find(f"{title}\n\n{body}", len(title), "en").countries}


FILLER = "The day was long, and nobody saw much of it before the evening. " * 30


def test_a_country_in_title_lead_and_whole_text_weighs_nearly_one() -> None:
    body = "Norway voted on Monday. " + " ".join(f"{FILLER[:300]} In Norway it rained." for _ in range(8))
    assert weights("Norway votes", body)["NO"] > 0.9


def test_one_mention_near_the_end_weighs_little() -> None:
    assert 0 < weights("What the day brought", f"{FILLER}It also rained in Norway.")["NO"] < 0.2


def test_a_dateline_alone_weighs_little() -> None:
    found = weights("What the day brought", f"OSLO (Reuters) - Denmark voted. {FILLER}")
    assert found["NO"] < 0.2
    assert found["DK"] > 0.5


def test_captions_add_no_countries() -> None:
    text = f"{HEADLINE}\n\nIn Norway it rained."
    alone = find(text, len(HEADLINE), "en").countries
    assert find(text, len(HEADLINE), "en", ("Rain in Denmark and Norway",)).countries == alone


@given(
    starts=st.lists(st.integers(0, 2_000), min_size=1, unique=True),
    more=st.integers(0, 2_000),
    title=st.integers(-5, 300),
    length=st.integers(0, 2_000),
)
def test_weights_are_in_range_and_another_mention_never_lowers_one(
    starts: list[int], more: int, title: int, length: int
) -> None:
    extent = Extent(title, length)
    before = weight(starts, starts, extent)
    assert 0 <= weight(starts, (), extent) <= before <= weight([*starts, more], [*starts, more], extent) <= 1


PIECES = st.sampled_from(
    ["Kim Jong-un", " ", "’s ", ", ", "\n\n", ". ", "the North", "North Korea", "US", "U.S.", "London", ", Ontario",
     "Georgia", "Jordan", "Mr. ", "A.", "İstanbul", "ß", "日本", "🚀", "Paris", "Springfield", " in ", "said", "Côte d’Ivoire",
     "Michael ", "\xa0", "russische ", "Deutschlands", "saoudite", "Arabie saoudite", "российский", "Hilo police", " 3 ",
     "Real Madrid", "Indians", "Ohio, ", "Mr. Jordan", "Monica French", "USSR", "$", " Road", "中国", "مالي", "Türkiye'nin",
     "Ore.", "HILO (AP) - ",  "GUINEA", "Ohio", "'", "-", "(", "O’Brien", "van der ", "President "]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))
LANGUAGES = st.sampled_from([None, "en", "fr", "de", "ru", "tr", "ar", "ja", "xx", ""])
RULES = frozenset(rule.value for rule in Rule)


@given(text=TEXTS, title_length=st.integers(-5, 300), language=LANGUAGES)
@settings(max_examples=300, deadline=None)
def test_any_text_is_accepted_and_offsets_match_the_text(text: str, title_length: int, language: str | None) -> None:
    facets = find(text, title_length, language)
    assert facets == find(text, title_length, language)
    known = territories.names()
    spans = []
    for country in facets.countries:
        assert known[country.code] == country.name
        assert country.mentions
        assert 0 < country.weight <= 1
        assert list(country.mentions) == sorted(country.mentions, key=lambda mention: mention.start)
        for mention in country.mentions:
            assert mention.text
            assert mention.rule in RULES
            assert text[mention.start : mention.end] == mention.text
            spans.append((mention.start, mention.end))
    spans.sort()
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    firsts = [country.mentions[0].start for country in facets.countries]
    assert firsts == sorted(firsts)
    assert len({country.code for country in facets.countries}) == len(facets.countries)
