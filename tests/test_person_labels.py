"""All spellings of a person get one label over all articles, whatever the order and the batches of the input."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archives import Archive
from support.command_line import prose, results_of, run, write_lines

from index.archive import name_clusters, name_forms
from index.archive.aliases import Aliases
from index.archive.person_labels import MAX_COMPARED, PersonLabels, Tags
from search.engine import open_engine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


def tags(about: str) -> Tags:
    """Parse tags: `UA RU | Volodymyr Zelensky, Vladimir Putin` are two countries and two persons."""
    codes, _, names = about.partition("|")
    return Tags(
        tuple(name.strip() for name in names.split(",") if name.strip()), tuple((c, 0.8) for c in codes.split())
    )


def labels(*articles: str, aliases: Aliases | None = None) -> dict[str, str]:
    person_labels = PersonLabels(aliases or Aliases())
    for about in articles:
        person_labels.add(tags(about))
    return person_labels.labels()


def one_label(first: str, second: str, places: str = "UA") -> bool:
    """Return whether two names get one label.

    The first name occurs in three articles and the second in two. All are about the same countries.
    """
    given_labels = labels(*[f"{places} | {first}"] * 3, *[f"{places} | {second}"] * 2)
    return given_labels.get(first, first) == given_labels.get(second, second)


FOLDED = [
    ("Kim Jong-un", "Kim Jong Un"),
    ("Kim Jong-un", "KIM JONG UN"),
    ("Ban Ki-moon", "Ban Ki Moon"),
    ("Xi Jinping", "Xi Jin-ping"),
    ("Recep Tayyip Erdoğan", "Recep Tayyip Erdogan"),
    ("Thomas Müller", "THOMAS MÜLLER"),
    ("Lech Wałęsa", "Lech Walesa"),
    ("Sinéad O'Connor", "Sinead O’Connor"),
    ("J. K. Rowling", "J.K. Rowling"),
    ("Jean-Claude Juncker", "Jean Claude Juncker"),
    ("Владимир Путин", "ВЛАДИМИР ПУТИН"),
]

TRANSLITERATED = [
    ("Volodymyr Zelensky", "Volodymyr Zelenskyy"),
    ("Volodymyr Zelensky", "Volodymyr Zelenskiy"),
    ("Volodymyr Zelensky", "Volodymyr Zelenskyi"),
    ("Volodymyr Zelensky", "Volodymyr Zelens'kyj"),
    ("Sergei Lavrov", "Sergey Lavrov"),
    ("Sergei Lavrov", "Sergej Lawrow"),
    ("Alexander Lukashenko", "Aleksandr Lukashenko"),
    ("Yevgeny Prigozhin", "Evgeniy Prigozhin"),
    ("Dmitry Medvedev", "Dmitriy Medvedyev"),
    ("Alexei Navalny", "Aleksey Navalnyi"),
    ("Yulia Tymoshenko", "Julia Tymoshenko"),
    ("Tatyana Golikova", "Tatiana Golikova"),
    ("Viktor Yanukovych", "Viktor Yanukovich"),
    ("Mikhail Gorbachev", "Mikhail Gorbachyov"),
    ("Nikita Khrushchev", "Nikita Hrushchev"),
    ("Muammar Gaddafi", "Moammar Qaddafi"),
    ("Muammar Gaddafi", "Muammar Kadhafi"),
    ("Mohammed Morsi", "Muhammad Mursi"),
    ("Saddam Hussein", "Saddam Husayn"),
    ("Bashar al-Assad", "Bashar Assad"),
    ("Abdel Fattah el-Sisi", "Abdul Fatah al-Sisi"),
    ("Osama bin Laden", "Usama ibn Ladin"),
    ("Khaled Meshaal", "Khalid Meshaal"),
    ("Angela Müller", "Angela Mueller"),
    ("Slobodan Milosevic", "Slobodan Milosevich"),
    ("Wen Jiabao", "Jiabao Wen"),
]

FULLER = [
    ("Vladimir Putin", "Vladimir V. Putin"),
    ("Dmitry Peskov", "Dmitri S. Peskov"),
    ("Hillary Clinton", "Hillary Rodham Clinton"),
    ("John F. Kennedy", "John Fitzgerald Kennedy"),
]

TWO = [
    ("Vladimir Klitschko", "Volodymyr Klitschko"),
    ("Hassan Rouhani", "Hussein Rouhani"),
    ("Kim Jong-nam", "Kim Yong-nam"),
    ("Kim Jong-un", "Kim Jong-il"),
    ("Li Na", "Lee Na"),
    ("Zhang Jian", "Zhang Qian"),
    ("Alexander Petrov", "Alexandra Petrov"),
    ("Anna Ivanov", "Anna Ivanova"),
    ("Maria Rossi", "Mario Rossi"),
    ("Jackie Lee", "Jake Lee"),
    ("Marie Dubois", "Maria Dubois"),
    ("Michael Bauer", "Michelle Bauer"),
    ("Donald Trump", "Donald Trump Jr."),
    ("Robert Kennedy Jr", "Robert Kennedy Sr"),
    ("Henry Ford II", "Henry Ford III"),
    ("George W. Bush", "George H. W. Bush"),
    ("George W. Bush", "Laura W. Bush"),
    ("J. Smith", "John Smith"),
    ("Jon Snow", "Jan Snow"),
    ("Lee Myung-bak", "Lee Myung-pak"),
    ("John Adams", "Adams John"),
]


@pytest.mark.parametrize(("first", "second"), FOLDED)
def test_names_with_the_same_letters_are_one_without_evidence(first: str, second: str) -> None:
    assert labels(f"| {first}", f"| {first}", f"| {second}") == {second: first}


@pytest.mark.parametrize(("first", "second"), TRANSLITERATED + FULLER)
def test_other_spellings_are_one_name_only_with_evidence(first: str, second: str) -> None:
    assert one_label(first, second, "UA PL")
    assert one_label(second, first, "UA PL")
    assert labels(f"UA | {first}", f"PE | {second}") == {}


@pytest.mark.parametrize(("first", "second"), TWO)
def test_different_names_stay_two(first: str, second: str) -> None:
    assert not one_label(first, second)


OTHERS = [f"{one}ato{other}il Ve{one.lower()}an{other}o" for one in "BDFLMNPRST" for other in "bdflmnprst"]
"""A hundred names that all sound different."""


class TestEvidence:
    def test_persons_in_the_same_articles_are_evidence(self) -> None:
        beside = "Sergei Lavrov, Wang Yi"
        assert labels(*[f"| Sergei Ryabkov, {beside}"] * 2, f"| Sergey Ryabkov, {beside}") == {
            "Sergey Ryabkov": "Sergei Ryabkov"
        }

    def test_a_country_of_all_articles_is_no_evidence(self) -> None:
        archive = [f"US | {name}" for name in [*OTHERS] * 4]
        assert labels(*archive, *["US | Brian Robinson"] * 3, *["US | Bryan Robinson"] * 2) == {}
        assert labels(*archive, *["FJ | Brian Robinson"] * 3, *["FJ | Bryan Robinson"] * 2) != {}

    def test_two_names_in_one_article_stay_two(self) -> None:
        both = "EG | Mohammed Saleh, Mohamed Saleh"
        assert labels(*["EG | Mohammed Saleh"] * 2, *["EG | Mohamed Saleh"] * 2, both) == {}

    def test_a_rare_misspelling_beside_the_name_is_merged(self) -> None:
        both = "IR | Qasem Soleimani, Qassem Soleimani"
        articles = [*["IR | Qassem Soleimani"] * 20, *["IR | Qasem Soleimani"] * 11]
        assert labels(*articles, both) == {"Qasem Soleimani": "Qassem Soleimani"}
        assert labels(*articles, both, both, both) == {}

    def test_persons_in_a_long_list_are_no_evidence(self) -> None:
        listed = ", ".join(OTHERS)
        assert labels(*[f"| Sergei Ryabkov, {listed}"] * 2, f"| Sergey Ryabkov, {listed}") == {}

    def test_only_names_that_share_a_block_are_compared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        created: list[str] = []
        monkeypatch.setattr(name_clusters, "NameCluster", lambda key, *_: created.append(key) or pytest.fail(key))
        assert labels(*[f"US | {name}" for name in OTHERS], "US | Erdogan", "US | Erdoğan") == {}
        with pytest.raises(pytest.fail.Exception):
            labels("US | Sergei Ryabkov", "US | Sergey Ryabkov")
        assert created[0] in ("sergeiryabkov", "sergeyryabkov")

    def test_a_short_name_joins_neither_of_two_fuller_ones(self) -> None:
        bushes = [*["US | George W. Bush"] * 3, *["US | George H. W. Bush"] * 2, *["US | George Bush"] * 2]
        assert labels(*bushes) == {}

    def test_a_full_middle_name_needs_more_evidence_than_an_initial(self) -> None:
        assert one_label("John P. Jones", "John Jones", "UA")
        assert not one_label("John Paul Jones", "John Jones", "UA")
        assert one_label("John Paul Jones", "John Jones", "UA PL")

    def test_a_fuller_name_joins_the_same_spelling_rather_than_a_misspelling(self) -> None:
        slips = ["KE | Barrack Obama", "KE US | Barrack Obama, Barack Obama"]
        articles = [*slips, *["US | Barack Obama"] * 5, *["US KE | Barack H. Obama"] * 2]
        assert labels(*articles) == {"Barack H. Obama": "Barack Obama"}

    def test_single_words_are_not_merged(self) -> None:
        assert labels("TR | Erdoğan", "TR | Erdogan", "TR | Recep Tayyip Erdogan") == {}


class TestLabel:
    def test_the_most_frequent_spelling_is_the_label(self) -> None:
        articles = [*["UA | Volodymyr Zelenskiy"] * 2, *["UA | Volodymyr Zelensky"] * 3, "UA | Volodymyr Zelenskyy"]
        assert set(labels(*articles).values()) == {"Volodymyr Zelensky"}

    def test_ties_prefer_no_initials_then_the_longer_then_the_alphabet(self) -> None:
        assert set(labels("RU | Vladimir V. Putin", "RU | Vladimir Putin").values()) == {"Vladimir Putin"}
        assert set(labels("UA | Volodymyr Zelensky", "UA | Volodymyr Zelenskyy").values()) == {"Volodymyr Zelenskyy"}
        assert set(labels("RU | Sergey Lavrov", "RU | Sergei Lavrov").values()) == {"Sergei Lavrov"}

    def test_articles_are_counted_not_mentions(self) -> None:
        articles = ["| KIM JONG UN", "| Kim Jong-un, KIM JONG UN", "| Kim Jong-un", "| Kim Jong-un"]
        assert labels(*articles) == {"KIM JONG UN": "Kim Jong-un"}


POOL = [
    "Volodymyr Zelensky", "Volodymyr Zelenskyy", "Zelenskiy", "Vladimir V. Putin", "Vladimir Putin", "Vladimir A. Putin",
    "Muammar Gaddafi", "Moammar Kadhafi", "Muammar Qadhafi", "Mohammed Ali", "Muhammad Ali", "Mohamed F. Ali",
    "Kim Jong-un", "Kim Jong Un", "Jong-un Kim", "George Bush", "George W. Bush", "George H. W. Bush", "Abdul Rahman",
]  # fmt: skip
ALIS = ["Mohammed Ali", "Muhammad Ali", "Mohamed Ali", "Mohamad Aly", "Muhammed Ali", "Muhamad Alii", "Mohamed F. Ali"]
FILE = Aliases(
    same={"volodymyrzelenskyy": "Volodymyr Zelensky", "volodymyrzelensky": "Volodymyr Zelensky"},
    listed={"Volodymyr Zelensky": ("Volodymyr Zelensky", "Volodymyr Zelenskyy")},
    apart=frozenset({frozenset({"mohammedali", "muhammadali"})}),
)


@given(
    st.lists(
        st.builds(
            lambda names, codes: Tags(tuple(names), tuple(codes)),
            st.lists(st.sampled_from(POOL) | st.sampled_from(ALIS), max_size=3, unique=True),
            st.dictionaries(st.sampled_from(["RU", "UA", "LY", "KP"]), st.floats(0, 1), min_size=1).map(dict.items),
        ),
        min_size=2,
        max_size=25,
    ),
    st.randoms(use_true_random=False),
    st.sampled_from([Aliases(), FILE]),
)
@settings(deadline=None, max_examples=300)
def test_any_order_gives_the_same_labels(articles: list[Tags], shuffled: object, aliases: Aliases) -> None:
    def labels_of(order: Iterable[Tags]) -> dict[str, str]:
        person_labels = PersonLabels(aliases)
        for one in order:
            person_labels.add(one)
        return person_labels.labels()

    before = labels_of(articles)
    again = list(articles)
    shuffled.shuffle(again)  # type: ignore[attr-defined]
    assert labels_of(again) == before
    assert all(label not in before for label in before.values())


@given(st.text(max_size=30))
def test_any_text_is_accepted_as_a_name(name: str) -> None:
    form = name_forms.form(name)
    assert form is None or name_forms.block_key(form)
    assert labels(f"UA | {name.replace(',', '')}") == {}


def test_comparisons_grow_linearly_even_if_all_names_sound_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = 0
    same_ends = name_forms.same_ends

    def counting(one: name_forms.Form, other: name_forms.Form) -> bool:
        nonlocal compared
        compared += 1
        return same_ends(one, other)

    monkeypatch.setattr(name_forms, "same_ends", counting)
    person_labels = PersonLabels(Aliases())
    for number in range(1500):
        first = "".join(f"b{'aeiou'[number // 5**place % 5]}" for place in range(5)).title()
        person_labels.add(Tags((f"{first} Kardi", f"John {first} Smith"), (("UA", 0.5),)))
    person_labels.labels()
    assert 1500 < compared <= 3000 * 3 * MAX_COMPARED


# The whole pipeline, with an index


NEWS = [
    ("President Volodymyr Zelensky", "Kyiv, Ukraine"),
    ("President Volodymyr Zelenskyy", "Kharkiv, Ukraine"),
    ("President Volodymyr Zelenskiy", "Lviv, Ukraine"),
    ("Volodymyr Zelensky told reporters. President Volodymyr Zelensky", "Odesa, Ukraine"),
    ("President Vladimir V. Putin", "Moscow, Russia"),
    ("President Vladimir Putin", "Moscow, Russia"),
    ("President Vladimir Putin met Kim Jong-un in the port. Mr. Putin", "Russia and North Korea"),
    ("President George W. Bush", "Texas"),
    ("President George Bush", "Texas"),
    ("Kim Jong Un", "North Korea"),
]


def row(number: int, **more: object) -> dict[str, object]:
    who, where = NEWS[number]
    text = f"{who} said on Monday that the plan for {where} would go on. {prose(number, 20)}"
    return {"id": f"n{number}", "title": f"Notes {number}", "text": text, "language": "en", **more}


@pytest.fixture(scope="module")
def whole() -> dict[str, object]:
    with Archive() as archive:
        archive.reindex([row(number) for number in range(len(NEWS))])
        return archive.tags()


@pytest.fixture
def archive() -> Iterator[Archive]:
    with Archive() as archive:
        archive.reindex([row(number) for number in range(len(NEWS))])
        yield archive


def test_each_person_has_one_label_in_the_archive(archive: Archive) -> None:
    names = {one: [person.name for person in article.persons] for one, article in archive.articles().items()}
    assert [names[f"n{n}"] for n in range(4)] == [["Volodymyr Zelensky"]] * 4
    assert {names[f"n{n}"][0] for n in range(4, 7)} == {"Vladimir Putin"}
    assert names["n6"][1:] == names["n9"]
    assert {person.spelled for person in archive.get("n1").persons} == {"Volodymyr Zelenskyy"}


@given(st.permutations(range(len(NEWS))), st.sets(st.integers(1, len(NEWS) - 1), max_size=3))
@settings(deadline=None, max_examples=8)
def test_any_batches_give_the_same_labels_after_tidy(
    whole: dict[str, object], order: list[int], cuts: set[int]
) -> None:
    with Archive() as archive:
        for start, end in pairwise([0, *sorted(cuts), len(order)]):
            archive.update([row(number) for number in order[start:end]])
        archive.tidy()
        assert archive.tags() == whole


def test_a_new_article_gets_the_label_of_the_archive(archive: Archive) -> None:
    archive.update([row(2, id="m1", title="More", text=f"{row(2)['text']} {prose(50, 90)}")])
    (person,) = archive.get("m1").persons
    assert (person.name, person.spelled) == ("Volodymyr Zelensky", "Volodymyr Zelenskiy")


def test_tidy_changes_the_label_when_most_articles_use_another_spelling(
    archive: Archive, whole: dict[str, object]
) -> None:
    more = [row(2, id=f"m{n}", title=f"More {n}", text=f"{row(2)['text']} {prose(50 + n, 90)}") for n in range(3)]
    archive.update(more)
    assert archive.get("n0").persons[0].name == "Volodymyr Zelensky"
    archive.tidy()
    assert archive.get("n0").persons[0].name == "Volodymyr Zelenskiy"
    archive.update([row(number) for number in range(len(NEWS))], prune=True)
    archive.tidy()
    assert archive.tags() == whole


def test_a_version_that_is_not_written_does_not_count(archive: Archive, whole: dict[str, object]) -> None:
    archive.update([row(0, text=row(1)["text"]), row(0), row(3, text=row(1)["text"]), row(3)])
    assert archive.tags() == whole


def test_a_replaced_version_does_not_count_after_tidy() -> None:
    rows = [row(0, id=f"a{n}", text=f"{row(0)['text']} " + prose(100 + n, 60)) for n in range(2)]
    rows += [row(1, id=f"b{n}", text=f"{row(1)['text']} " + prose(200 + n, 60)) for n in range(3)]
    with Archive() as archive:
        archive.reindex(rows)
        assert archive.get("a0").persons[0].name == "Volodymyr Zelenskyy"
        archive.update([row(0, id="b0", text=f"{row(0)['text']} " + prose(300, 60))])
        archive.tidy()
        assert archive.get("a0").persons[0].name == archive.get("b2").persons[0].name == "Volodymyr Zelensky"


def test_the_person_facet_of_an_index(tmp_path: Path) -> None:
    url = f"tantivy://{tmp_path}/index"
    rows = [row(number) for number in range(4)]
    run("reindex", write_lines(tmp_path / "a.jsonl", rows[:2]), url=url)
    run("update", write_lines(tmp_path / "b.jsonl", rows[2:]), url=url)
    assert [(value.label, value.count) for value in results_of(url).persons] == [("Volodymyr Zelensky", 4)]
    assert open_engine(url).get("n1").persons[0].spelled == "Volodymyr Zelenskyy"
    aliases = tmp_path / "aliases.toml"
    aliases.write_text('[same]\n"V. Zelensky" = ["Volodymyr Zelensky"]\n', encoding="utf-8")
    result = run("update", tmp_path / "b.jsonl", url=url, DATELINE_ALIASES=str(aliases))
    assert result.exit_code == 0
    assert [(value.label, value.count) for value in results_of(url).persons] == [("V. Zelensky", 4)]
