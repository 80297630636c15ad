"""Datelines, agencies and sources as newspapers and agencies print them."""

from __future__ import annotations

import time

import pytest

from index.pages.facts.datelines import agency_at_end, agency_named, dateline_of, owner_of, source_of


@pytest.mark.parametrize(
    ("opening", "place", "agency"),
    [
        ("SEOUL, South Korea (AP) — The ferry sailed.", "SEOUL, South Korea", "AP"),
        ("BERLIN, 5 March (Reuters) - The ferry sailed.", "BERLIN", "Reuters"),
        ("MOSCOW — The ferry sailed.", "MOSCOW", None), ("WASHINGTON (AP) The ferry sailed.", "WASHINGTON", "AP"),
        ("PARIS, Jan. 4 (AFP) – The ferry sailed.", "PARIS", "AFP"), ("LONDON/PARIS (Reuters) - The ferry.", "LONDON/PARIS", "Reuters"),
        ("(Reuters) - The ferry sailed.", None, "Reuters"), ("Dec 19 (Reuters) - The ferry sailed.", None, "Reuters"),
        ("ST. PETERSBURG, Fla. — The ferry sailed.", "ST. PETERSBURG, Fla.", None),
        ("NEW YORK, March 3, 2025 (GLOBE NEWSWIRE) -- Acme said", "NEW YORK", "GLOBE NEWSWIRE"),
        ("PORTVALE, Norland -- The ferry sailed.", "PORTVALE, Norland", None), ("Ottawa, ON - The ferry", "Ottawa, ON", None),
        ("New Delhi: The ferry sailed.", "New Delhi", None), ("MUMBAI: The ferry sailed.", "MUMBAI", None),
        ("Mumbai, Jan 7 - The ferry", "Mumbai", None), ("ROME (AFP) ? The ferry", "ROME", "AFP"),
        ("Berlin (dpa) - Die Fähre", "Berlin", "dpa"), ("Berlin/München (dpa/tmn) - Die", "Berlin/München", "dpa/tmn"),
        ("Madrid, 5 mar (EFE).- El barco", "Madrid", "EFE"), ("MADRID, 5 Mar. (EUROPA PRESS) - El", "MADRID", "EUROPA PRESS"),
        ("Lisboa, 05 mar 2025 (Lusa) – O barco", "Lisboa", "Lusa"), ("Warszawa (PAP) - Prom", "Warszawa", "PAP"),
        ("(ANSA) - ROMA, 05 MAR - Il traghetto", "ROMA", "ANSA"), ("МОСКВА, 5 мар — РИА Новости. Паром", "МОСКВА", "РИА Новости"),
        ("МОСКВА, 5 марта. /ТАСС/. Паром", "МОСКВА", "ТАСС"), ("القاهرة (رويترز) - قال", "القاهرة", "رويترز"),
        ("دبي 5 مارس (رويترز) - قال", "دبي", "رويترز"), ("新华社北京3月5日电 渡轮", "北京", "新华社"),
        ("[東京 5日 ロイター] - フェリー", "東京", "ロイター"), ("(서울=연합뉴스) 여객선", "서울", "연합뉴스"),
        ("BEIJING, March 5 (Xinhua) -- The ferry", "BEIJING", "Xinhua"), ("Nairobi, Kenya - The ferry", "Nairobi, Kenya", None),
    ],
)  # fmt: skip
def test_datelines(opening: str, place: str | None, agency: str | None) -> None:
    assert dateline_of(opening) == (place, agency)


@pytest.mark.parametrize(
    "opening",
    [
        "", "The ferry sailed on Monday.", "BREAKING: The ferry sank", "UPDATE - The ferry sank", "EXCLUSIVE — The ferry", "NASA — the space agency — said",
        "Angela Merkel (CDU) sagte am Montag", "The United Nations (UN) - which met", "Google (GOOG) - the company", "Two men — one of them old — sailed",
        "He said: no", "Monday: the ferry sails", "March 5 - The ferry", "The ferry (Ida II) - built in 1990 -", "a (b) - c", "— — —", "(2024) - x",
        "India (BCCI) on Tuesday decided", "1. Oslo - Bergen",
    ],
)  # fmt: skip
def test_texts_that_are_no_datelines(opening: str) -> None:
    assert dateline_of(opening) == (None, None)


@pytest.mark.parametrize(
    ("end", "agency"),
    [
        ("Die Fähre fuhr. (dpa)", "dpa"), ("The ferry sailed. (AP)", "AP"), ("Die Fähre fuhr. Mit Material von dpa", "dpa"), ("La fin /AFP", "AFP"),
        ("(With reporting by Reuters)", "Reuters"), ("Le bateau (avec AFP)", "AFP"), ("With files from The Canadian Press", "The Canadian Press"),
        ("It sailed (again).", None), ("by land and/or sea", None), ("the party (SPD)", None), ("", None),
    ],
)  # fmt: skip
def test_agencies_at_the_end(end: str, agency: str | None) -> None:
    assert agency_at_end(end) == agency


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("AP", "AP"), ("Xinhua | Editor: huaxia", "Xinhua"), ("The Portvale Post.", "The Portvale Post"),
        ("https://www.post.example/a", "post.example"), ("desk@post.example", None), ("12", None), ("", None),
    ],
)  # fmt: skip
def test_sources(text: str, source: str | None) -> None:
    assert source_of(text) == source


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        ("© 2025 Portvale Post. All rights reserved.", "Portvale Post"), ("ⓒ Bird Line Asia. Reproduction prohibited.", "Bird Line Asia"),
        ("Copyright 2025 by The Associated Press", "The Associated Press"), ("Copyright © 2001-2025, Post Ltd, Portvale", "Post Ltd"),
        ("Alle Rechte vorbehalten © Elbkurier 2025 | Impressum", "Elbkurier"), ("© The Pacific Ledger 2009–2024", "The Pacific Ledger"),
        ("© 2025", None), ("Copyright law was changed on Monday", None), ("All rights reserved", None), ("© 2025 All rights reserved", None),
    ],
)  # fmt: skip
def test_owners_in_copyright_lines(line: str, owner: str | None) -> None:
    assert owner_of(line) == owner


def test_a_byline_may_name_an_agency() -> None:
    assert agency_named("By The Associated Press") == "The Associated Press"
    assert agency_named("By Jane Doe") is None


@pytest.mark.timing
@pytest.mark.parametrize("unit", ["A", "A ", "(", "A (", "A, ", "- ", "— A", ": ", "1 ", "/a"])
def test_hostile_lines_take_linear_time(unit: str) -> None:
    def seconds(count: int) -> float:
        start = time.process_time()
        for look in (dateline_of, agency_at_end, agency_named):
            look(unit * count)
        return time.process_time() - start

    seconds(1_000)
    assert min(seconds(20_000) for _ in range(3)) < 8 * min(seconds(5_000) for _ in range(3)) + 0.02
