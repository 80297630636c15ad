"""The user's alias file merges, splits and drops names and overrides all rules; conflicting entries are errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.archives import Archive
from support.command_line import prose, run, write_lines
from test_person_labels import labels, row

from index.archive.aliases import Aliases, load
from search.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def read(folder: Path, text: str) -> Aliases:
    path = folder / "aliases.toml"
    path.write_text(text, encoding="utf-8")
    return load(str(path))


class TestSame:
    def test_merges_without_any_evidence(self, tmp_path: Path) -> None:
        aliases = read(tmp_path, '[same]\n"Pelé" = ["Edson Arantes do Nascimento", "King Pelé"]')
        articles = ["BR | Edson Arantes do Nascimento", "PE | King Pelé", "US | Pelé", "| Edson Nascimento"]
        assert labels(*articles, aliases=aliases) == {"Edson Arantes do Nascimento": "Pelé", "King Pelé": "Pelé"}

    def test_the_users_label_wins_over_more_frequent_spellings(self, tmp_path: Path) -> None:
        aliases = read(tmp_path, '[same]\n"Volodymyr Zelensky" = ["Volodymyr Zelenskyy"]')
        assert set(labels(*["UA | Volodymyr Zelenskyy"] * 9, aliases=aliases).values()) == {"Volodymyr Zelensky"}

    def test_a_label_without_names_is_used(self, tmp_path: Path) -> None:
        aliases = read(tmp_path, '[same]\n"Kim Jong Un" = []')
        assert labels(*["| Kim Jong-un"] * 3, aliases=aliases) == {"Kim Jong-un": "Kim Jong Un"}

    def test_a_single_word_matches_all_spellings_with_its_letters(self, tmp_path: Path) -> None:
        aliases = read(tmp_path, '[same]\n"Recep Tayyip Erdogan" = ["Erdoğan"]')
        found = labels("TR | Erdogan", "TR | ERDOĞAN", "TR | Recep Tayyip Erdoğan", aliases=aliases)
        assert set(found) == {"Erdogan", "ERDOĞAN", "Recep Tayyip Erdoğan"}
        assert set(found.values()) == {"Recep Tayyip Erdogan"}

    def test_other_spellings_of_an_alias_follow_it(self, tmp_path: Path) -> None:
        aliases = read(tmp_path, '[same]\n"Vova" = ["Volodymyr Zelensky"]')
        found = labels("UA | Volodymyr Zelenskyy", "UA | Volodymyr Zelensky", aliases=aliases)
        assert found == {"Volodymyr Zelensky": "Vova", "Volodymyr Zelenskyy": "Vova"}

    def test_two_labels_are_never_merged(self, tmp_path: Path) -> None:
        aliases = read(tmp_path, '[same]\n"Sergei Lavrov" = []\n"Sergey Lavrov" = []')
        assert labels("RU | Sergei Lavrov", "RU | Sergey Lavrov", aliases=aliases) == {}


class TestApart:
    def test_splits_names_that_evidence_would_merge(self, tmp_path: Path) -> None:
        articles = [*["UA | Volodymyr Zelensky"] * 2, "UA | Volodymyr Zelenskyy"]
        aliases = read(tmp_path, '[apart]\n"Volodymyr Zelensky" = ["Volodymyr Zelenskyy"]')
        assert labels(*articles) != {}
        assert labels(*articles, aliases=aliases) == {}

    def test_splits_names_with_the_same_letters(self, tmp_path: Path) -> None:
        articles = ["MX | José Perez", "US | Jose Perez"]
        aliases = read(tmp_path, '[apart]\n"José Perez" = ["Jose Perez"]')
        assert labels(*articles) != {}
        assert labels(*articles, aliases=aliases) == {}

    def test_a_third_spelling_never_joins_both(self, tmp_path: Path) -> None:
        aliases = read(tmp_path, '[apart]\n"Sergei Lavrov" = ["Sergey Lavrov"]')
        found = labels(*["RU | Sergei Lavrov"] * 3, "RU | Sergey Lavrov", "RU | Sergej Lavrov", aliases=aliases)
        assert found == {"Sergej Lavrov": "Sergei Lavrov"}


SAID = (
    "President Volodymyr Zelensky said in Kyiv that he had met Vladimir Putin and Mario Draghi. "
    "Mr. Zelensky said so on Monday, and Mr. Draghi said so, too."
)


@pytest.fixture
def archive() -> Iterator[Archive]:
    with Archive() as archive:
        archive.reindex([row(0), row(4, text=f"{SAID} {prose(4, 20)}"), row(9)])
        yield archive


def tag_names(archive: Archive, article_id: str = "n4") -> tuple[list[str], list[str]]:
    article = archive.get(article_id)
    return [person.name for person in article.persons], [country.code for country in article.countries]


class TestUpdate:
    def test_new_entries_apply_to_the_index_and_tidy_undoes_removed_ones(
        self, archive: Archive, tmp_path: Path
    ) -> None:
        before = archive.tags()
        path = tmp_path / "aliases.toml"
        path.write_text('[same]\n"Z" = ["Volodymyr Zelensky", "Mario Draghi"]\n[nobody]\nnames = ["Vladimir Putin"]\n')
        assert archive.update([row(9)], str(path)) == 2
        assert tag_names(archive)[0] == ["Z"]
        assert archive.update([row(9)], str(path)) == 0
        updated = archive.tags()
        archive.tidy(str(path))
        assert archive.tags() == updated
        archive.tidy()
        assert archive.tags() == before

    def test_two_persons_under_one_label_are_merged_with_all_mentions(self, archive: Archive, tmp_path: Path) -> None:
        path = tmp_path / "aliases.toml"
        path.write_text('[same]\n"Mario Draghi" = ["Volodymyr Zelensky"]\n')
        before = [mention for person in archive.get("n4").persons for mention in person.mentions]
        archive.update([], str(path))
        article = archive.get("n4")
        assert [person.name for person in article.persons] == ["Mario Draghi", "Vladimir Putin"]
        assert article.persons[0].spelled == "Volodymyr Zelensky"
        after = [mention for person in article.persons for mention in person.mentions]
        assert sorted(before, key=lambda one: one.start) == sorted(after, key=lambda one: one.start)
        starts = [mention.start for mention in article.persons[0].mentions]
        assert len(starts) == 4
        assert starts == sorted(starts)
        assert all(article.text[mention.start : mention.end] == mention.text for mention in after)

    def test_wrong_tags_of_one_article_are_dropped(self, archive: Archive, tmp_path: Path) -> None:
        persons, codes = tag_names(archive)
        assert persons == ["Volodymyr Zelensky", "Vladimir Putin", "Mario Draghi"]
        assert "UA" in codes
        path = tmp_path / "aliases.toml"
        path.write_text('[wrong]\nn4 = ["Ukraine", "Mario Draghi"]\nn0 = ["KP"]\n')
        assert archive.update([], str(path)) == 1
        assert tag_names(archive) == (persons[:2], [code for code in codes if code != "UA"])
        assert "UA" in tag_names(archive, "n0")[1]
        archive.tidy()
        assert tag_names(archive) == (persons, codes)


ERRORS = {
    "no TOML": ('[same]\n"A B" = ["C"\n"D" = []', "line 3"),
    "a key twice": ('[same]\n"A B" = []\n"A B" = []\n', "line 3"),
    "an unknown table": ('[sane]\n"A B" = ["C D"]', "'sane'"),
    "a value on top": ('same = ["A B"]', "'same' is not a table"),
    "no list": ('[same]\n"A B" = "C D"', "'A B' in [same]"),
    "a list of lists": ('[apart]\n"A B" = [["C D"]]', "'A B' in [apart]"),
    "an empty name": ('[same]\n"A B" = [" "]', "'A B' in [same]"),
    "an unknown key of nobody": ('[nobody]\n"A B" = ["C D"]', "'nobody.A B'"),
    "two labels for one name": ('[same]\n"A B" = ["X Y"]\n"C D" = ["X-Y"]', "'X-Y' is under 'A B' and under 'C D'"),
    "a chain": ('[same]\n"A B" = ["C D"]\n"C D" = ["E F"]', "'C D' is under 'A B' in [same] and a label itself"),
    "a chain, the other way": (
        '[same]\n"C D" = ["E F"]\n"A B" = ["C D"]',
        "'C D' is under 'A B' in [same] and a label",
    ),
    "one label twice": ('[same]\n"A B" = []\n"A-B" = []', "'A B' and 'A-B'"),
    "same and apart": ('[same]\n"A B" = ["C D", "E F"]\n[apart]\n"E F" = ["C D"]', "'E F' and 'C D' are one"),
    "same and apart by the label": ('[same]\n"A B" = ["C D"]\n[apart]\n"C D" = ["A B"]', "'C D' and 'A B' are one"),
    "apart from itself": ('[apart]\n"A B" = ["A B"]', "'A B' as apart from itself"),
    "same and nobody": ('[same]\n"A B" = ["C D"]\n[nobody]\nnames = ["C D"]', "'C D' is in [nobody] and in [same]"),
}


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_names_the_file_the_entry_and_the_remedy(tmp_path: Path, kind: str) -> None:
    text, message = ERRORS[kind]
    with pytest.raises(SettingError) as caught:
        read(tmp_path, text)
    assert str(tmp_path / "aliases.toml") in caught.value.message
    assert message in caught.value.message
    assert caught.value.remedy
    assert caught.value.field == "DATELINE_ALIASES"


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path / "missing.toml", tmp_path):
        with pytest.raises(SettingError, match=str(path)):
            load(str(path))
    (tmp_path / "latin.toml").write_bytes('[same]\n"José Perez" = []'.encode("latin-1"))
    with pytest.raises(SettingError, match="not UTF-8"):
        load(str(tmp_path / "latin.toml"))


def test_without_a_file_the_aliases_are_empty() -> None:
    assert load("") == Aliases()


def test_a_bad_file_stops_the_command_before_it_writes(tmp_path: Path) -> None:
    url = f"tantivy://{tmp_path}/index"
    source = write_lines(tmp_path / "news.jsonl", [row(0)])
    for command in ("reindex", "update", "extract"):
        result = run(command, source, url=url, DATELINE_ALIASES=str(tmp_path / "missing.toml"))
        assert result.exit_code == 1
        assert "missing.toml" in result.stderr
        assert not (tmp_path / "index").exists()
