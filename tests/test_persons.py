"""Which persons are found, and under which name; our own sentences, grouped by difficulty."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.facets import find
from index.facets.persons import tagger

if TYPE_CHECKING:
    from index.facets.tokens import Tokens

HEADLINE = "What the day brought"


def persons(text: str, headline: str = HEADLINE) -> dict[str, list[str]]:
    """Return the texts of the mentions of each person, by name."""
    found = find(f"{headline}\n\n{text}", len(headline), "en").persons
    return {person.name: [mention.text for mention in person.mentions] for person in found}


TITLES = [
    ("Russian President Vladimir Putin came.", ["Vladimir Putin"]),
    ("Foreign Minister Choe Son Hui went to Moscow.", ["Choe Son Hui"]),
    ("Apple CEO Tim Cook and Microsoft co-founder Bill Gates talked.", ["Tim Cook", "Bill Gates"]),
    (
        "Sen. Elizabeth Warren, D-Mass., and Rep. Alexandria Ocasio-Cortez",
        ["Elizabeth Warren", "Alexandria Ocasio-Cortez"],
    ),
    ("Dr. Anthony Fauci told reporters.", ["Anthony Fauci"]),
    ("Queen Elizabeth II died at Balmoral Castle.", ["Elizabeth II"]),
    ("Chancellor Merkel spoke; Mr Smith listened.", ["Merkel", "Smith"]),
]
TRADITIONS = [
    (
        "Dutch official Nikolaus van der Pas met Prince Mohammed bin Salman.",
        ["Nikolaus van der Pas", "Mohammed bin Salman"],
    ),
    ("Syria's Bashar al-Assad telephoned.", ["Bashar al-Assad"]),
    ("Jean-Claude Juncker and Lee Jae-yong met Ban Ki-moon.", ["Jean-Claude Juncker", "Lee Jae-yong", "Ban Ki-moon"]),
    ("J.K. Rowling wrote to George R. R. Martin.", ["J.K. Rowling", "George R. R. Martin"]),
    ("Martin Luther King Jr. marched.", ["Martin Luther King Jr"]),
    ("Gabriel García Márquez met José Mourinho.", ["Gabriel García Márquez", "José Mourinho"]),
    ("Recep Tayyip Erdoğan met Volodymyr Zelenskyy.", ["Recep Tayyip Erdoğan", "Volodymyr Zelenskyy"]),
    ("Patrick O’Neill and Conor McGregor fought.", ["Patrick O'Neill", "Conor McGregor"]),
    ("Luiz Inácio Lula da Silva won.", ["Luiz Inácio Lula da Silva"]),
    ("Владимир Путин приехал.", ["Владимир Путин"]),
]
ODD_WORDS = [
    ("Theresa May resigned on a Friday in May.", ["Theresa May"]),
    ("Neil Young and George Best and Kanye West sang.", ["Neil Young", "George Best", "Kanye West"]),
    ("Michael Jordan and Denzel Washington talked.", ["Michael Jordan", "Denzel Washington"]),
    ("Will Smith said so. Will Congress act?", ["Will Smith"]),
]
NOT_PERSONS = [
    ("Goldman Sachs Group, Morgan Stanley and Wells Fargo fell. Johnson & Johnson rose.", []),
    ("In January, Manchester United beat Real Madrid.", []),
    ("The White House and the Supreme Court ruled on Monday.", []),
    ("She left New York for Los Angeles and Buenos Aires.", []),
    ("The Ministry of Foreign Affairs and Harvard University", []),
    ("They met at the Abraham Lincoln Library, then at Marie Curie Hospital.", []),
    ("The Clean Air Act and the Treaty of Rome", []),
    ("Johns Hopkins University, Trump Tower, the Hoover Dam Bridge", []),
]


@pytest.mark.parametrize(("text", "expected"), TITLES + TRADITIONS + ODD_WORDS + NOT_PERSONS)
def test_persons_of_a_sentence(text: str, expected: list[str]) -> None:
    assert list(persons(text)) == expected


def test_forms_of_one_name_are_one_person_with_the_fullest_name() -> None:
    text = "Putin's guard came. President Putin spoke. Vladimir Putin left. Mr. Putin waved. Vladimir V. Putin slept."
    assert persons(text) == {"Vladimir V. Putin": ["Putin", "Putin", "Vladimir Putin", "Putin", "Vladimir V. Putin"]}


def test_a_korean_family_name_stands_first() -> None:
    assert persons("Kim Jong Un spoke. Mr Kim and Kim's aides left.") == {"Kim Jong Un": ["Kim Jong Un", "Kim", "Kim"]}


def test_two_kims_stay_two_and_a_single_word_is_the_one_named_last() -> None:
    text = "Kim Jong Un spoke. Kim nodded. His sister Kim Yo Jong came. Kim smiled."
    assert persons(text) == {"Kim Jong Un": ["Kim Jong Un", "Kim"], "Kim Yo Jong": ["Kim Yo Jong", "Kim"]}


def test_husband_and_wife_stay_two() -> None:
    assert list(persons("Bill Clinton and Hillary Clinton spoke.")) == ["Bill Clinton", "Hillary Clinton"]


def test_father_and_son_stay_two() -> None:
    assert set(persons("Donald Trump Jr. and Donald Trump dined.")) == {"Donald Trump Jr", "Donald Trump"}


def test_a_name_has_straight_apostrophes_and_its_mentions_the_original_text() -> None:
    assert persons("Patrick O’Neill fought.") == {"Patrick O'Neill": ["Patrick O’Neill"]}


def test_an_acronym_is_no_person() -> None:
    assert persons("The UN and the U.N. met. Kim Jong Un did not.") == {"Kim Jong Un": ["Kim Jong Un"]}


@pytest.mark.parametrize(
    "headline",
    [
        "Climate Change Will Hit Food Prices, Grace Period Ends",
        "TRUMP TAKES ON WALL STREET",
        "Grace Hopper Award Goes Abroad",
    ],
)
def test_a_headline_in_capitals_names_no_person_alone(headline: str) -> None:
    assert persons("Nothing else was said.", headline) == {}


def test_a_headline_in_capitals_mentions_persons_of_the_body() -> None:
    found = persons("Angela Merkel said no.", "Merkel Says No To Greek Debt Relief")
    assert found == {"Angela Merkel": ["Merkel", "Angela Merkel"]}


def test_a_headline_in_sentence_case_names_persons() -> None:
    assert list(persons("It was a long day.", "Angela Merkel says no to more debt relief")) == ["Angela Merkel"]


def test_a_name_ends_with_its_sentence() -> None:
    assert list(persons("We met Angela Merkel. Olaf Scholz came too.")) == ["Angela Merkel", "Olaf Scholz"]


WORDS = st.sampled_from(
    [
        "Kim",
        "Jong",
        "Un",
        "Putin",
        "Vladimir",
        "V.",
        "said",
        "Mr",
        "President",
        "the",
        "Jordan",
        "Michael",
        "UN",
        "Trump",
        "Jr.",
        "May",
        ",",
        ".",
        "’s",
        "de",
        "la",
        "al-Assad",
        "&",
        "Group",
        "🚀",
        "İ",
        "ß",
    ]
)


@given(text=st.one_of(st.text(), st.lists(WORDS, max_size=40).map(" ".join)), title_length=st.integers(-5, 80))
@settings(max_examples=300, deadline=None)
def test_any_text_is_accepted_and_offsets_match_the_text(text: str, title_length: int) -> None:
    facets = find(text, title_length, None)
    assert facets == find(text, title_length, None)
    spans = []
    for person in facets.persons:
        assert person.name.strip()
        assert person.mentions
        assert list(person.mentions) == sorted(person.mentions, key=lambda mention: mention.start)
        for mention in person.mentions:
            assert text[mention.start : mention.end] == mention.text != ""
            spans.append((mention.start, mention.end))
    spans.sort()
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


UNRELATED = [
    "President Elena Marchetti said the port would open.",
    "Kim Jong Un toured a factory with Ri Sol Ju.",
    "Police named the man as Ahmed Khan, 34.",
    "Rafael Nadal (Spain) beat Roger Federer 6-4.",
    "Mr. Sanderson denied it.",
    "Shares of Morgan Stanley fell.",
    '"We won," Anna Lindqvist said.',
    "Will Congress act?",
    "Manchester United 2 (Rooney 12th, Giggs 40th).",
    "Suharto had ruled for three decades.",
]


@given(
    sentences=st.lists(st.sampled_from(UNRELATED), min_size=2, unique=True),
    apart=st.sampled_from(["\n\n", " "]),
)
@settings(max_examples=100, deadline=None)
def test_sentences_about_others_do_not_change_the_persons(sentences: list[str], apart: str) -> None:
    expected = []
    start = 0
    for sentence in sentences:
        for person in find(sentence, 0, "en").persons:
            places = [(mention.start + start, mention.text, mention.rule) for mention in person.mentions]
            expected.append((person.name, places))
        start += len(sentence) + len(apart)

    found = find(apart.join(sentences), 0, "en").persons

    assert [(p.name, [(m.start, m.text, m.rule) for m in p.mentions]) for p in found] == expected
    assert len({name for name, _ in expected}) >= sum(
        "Shares" not in one and "Congress" not in one for one in sentences
    )


def test_a_name_in_capitals_repeats_a_tagged_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def first_alone(tokens: Tokens, *_: object) -> tagger.Tags:
        rest = len(tokens.words) - 2
        return tagger.Tags(
            [tagger.BEGIN, tagger.INSIDE, *[tagger.OUTSIDE] * rest],
            [5.0, 5.0, *[-9.0] * rest],
            [5.0] * 2 + [-9.0] * rest,
        )

    monkeypatch.setattr(tagger, "tag", first_alone)
    text = "Elena Marchetti spoke. ELENA MARCHETTI WINS. Elena Marchetta did not."

    (person,) = find(text, 0, "en").persons

    assert [(one.text, str(one.rule)) for one in person.mentions] == [
        ("Elena Marchetti", "full name"),
        ("ELENA MARCHETTI", "full name, as elsewhere in the article"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ursula von der Leyen spoke. Von der Leyen's staff clapped.", ["Ursula von der Leyen"]),
        ("Bashar al-Assad fled. Al-Assad's guards stayed.", ["Bashar al-Assad"]),
        ("Tipper Gore met reporters in Boston. Al Gore met reporters in Paris.", ["Tipper Gore", "Al Gore"]),
        ("Toni Morrison met reporters. Van Morrison met reporters in Paris.", ["Toni Morrison", "Van Morrison"]),
    ],
)
def test_a_capitalised_particle_is_no_given_name(text: str, expected: list[str]) -> None:
    assert list(persons(text)) == expected


def test_mentions_have_the_rule_that_found_them() -> None:
    text = "Elena Marchetti spoke. Marchetti left. ELENA MARCHETTI WINS. Mr. Sanderson stayed."

    rules = {person.name: [str(mention.rule) for mention in person.mentions] for person in find(text, 0, "en").persons}

    assert rules["Sanderson"] == ["name of one word"]
    full, shorter, capitals = rules["Elena Marchetti"]
    assert (full, shorter) == ("full name", "shorter form of the full name")
    assert capitals in {"full name", "full name, as elsewhere in the article"}


@pytest.mark.timing
@pytest.mark.parametrize("unit", ["John Smith{} said. Smith left. ", "London, Georgia and Springfield met John. ", "A"])
def test_time_grows_with_the_length(unit: str) -> None:
    def seconds(count: int) -> float:
        text = "".join(unit.format(number) for number in range(count))
        start = time.process_time()
        find(text, 0, "en")
        return time.process_time() - start

    seconds(10)
    # Quadratic code would take sixteen times as long for four times the text. The 0.2 s absorb noise.
    assert seconds(8_000) < 9 * seconds(2_000) + 0.2


def test_a_caption_gives_a_fuller_name_but_no_new_persons() -> None:
    text = "Talks in Moscow\n\nPresident Vladimir Putin met Foreign Minister Choe Son in Moscow. Kim was not there."
    captions = (
        "Foreign Minister Choe Son Hui and Sergey Lavrov in Berlin. / Photo: Ann Lee",
        "Leader Kim Jong Un visited.",
    )

    found = find(text, len("Talks in Moscow"), "en", captions)

    assert [person.name for person in found.persons] == ["Vladimir Putin", "Choe Son Hui", "Kim Jong Un"]
    assert [country.code for country in found.countries] == ["RU"]
    for named in (*found.persons, *found.countries):
        assert all(text[mention.start : mention.end] == mention.text for mention in named.mentions)
