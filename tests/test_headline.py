"""Headlines: the site's name is removed, and the URL of the page finds the headline."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.pages.facts.headline import line_in_url, without_site

HEADLINE = "Second ferry to sail from Portvale in May"
STORY = "The ferry company said on Monday that it would sail twice a day from May."


@pytest.mark.parametrize(
    ("title", "source", "url"),
    [
        (f"{HEADLINE} - BBC News", None, None), (f"{HEADLINE} | Reuters", None, None), (f"{HEADLINE} | World | The Guardian", None, None),
        (f"{HEADLINE} – Der Elbkurier", "Der Elbkurier", None), (f"{HEADLINE} - CNN", None, "https://edition.cnn.com/x"),
        (f"BBC - {HEADLINE}", None, "https://www.bbc.co.uk/x"), (f"{HEADLINE} — Portvale Post", None, None), (f"{HEADLINE} :: Post", "Post", None),
        (f"{HEADLINE} | 포트베일 뉴스", None, None), (HEADLINE, "Portvale", "https://may.example/"),
    ],
)  # fmt: skip
def test_the_name_of_the_site_is_removed(title: str, source: str | None, url: str | None) -> None:
    assert without_site(title, source, url) == HEADLINE


@pytest.mark.parametrize(
    "title",
    [
        "Ferry - a love story", "Gaza war – live", "Spider-Man - Far From Home", "Why ferries - and not bridges - matter to the north",
        "Post office closes", "A - B", "", " - ", "|", "Ferry sinks – was nun?",
    ],
)  # fmt: skip
def test_parts_of_the_headline_are_kept(title: str) -> None:
    assert without_site(title) == title
    assert without_site(title, "Portvale Post", "https://portvalepost.example/x") == title


def test_a_title_element_ends_with_the_name_of_the_site() -> None:
    assert without_site("Second ferry to sail - Elbkurier am Montag", is_title_element=True) == "Second ferry to sail"
    assert (
        without_site("Ferry - how one town got a second boat", is_title_element=True)
        == "Ferry - how one town got a second boat"
    )


@pytest.mark.parametrize(
    "url",
    [
        "https://post.example/2025/03/second-ferry-to-sail-from-portvale-in-may", "https://post.example/sea/second-ferry-sail-portvale-may.html",
        "https://post.example/second_ferry_to_sail_from_portvale/123456", "https://post.example/Second-Ferry-To-Sail-From-Portvale-In-May/",
    ],
)  # fmt: skip
def test_the_url_names_the_headline(url: str) -> None:
    text = "\n".join(
        [
            "Home",
            "News",
            "A whale comes to Portvale in May",
            "x" * 400 + " ferry",
            HEADLINE,
            "3 May",
            STORY,
            "Read: ferry tales",
        ]
    )
    assert line_in_url(url, text) == HEADLINE


def test_accents_and_apostrophes_are_ignored() -> None:
    text = "Accueil\nL’été où la Bérézina déborda sur les villages\nUn long texte suit."
    assert (
        line_in_url("https://post.example/l-ete-ou-la-berezina-deborda-sur-les-villages", text)
        == "L’été où la Bérézina déborda sur les villages"
    )


@pytest.mark.parametrize(
    "url",
    [
        None, "", "https://post.example/", "https://post.example/news/12345", "https://post.example/sea/ferry", "javascript:second-ferry-to-sail",
        "https://post.example/how-whales-sleep-at-night", "https://[broken/second-ferry-to-sail-from-portvale-in-may", "https://post.example/%ff%fe",
    ],
)  # fmt: skip
def test_a_url_that_names_no_line(url: str | None) -> None:
    assert line_in_url(url, f"{HEADLINE}\n{STORY}") is None


@given(st.text(max_size=60), st.text(max_size=200))
def test_any_url_and_any_text_are_accepted(path: str, text: str) -> None:
    result = line_in_url(f"https://post.example/{path}", text)
    assert (
        result is None
        or result in " ".join(text.split())
        or result in [" ".join(line.split()) for line in text.split("\n")]
    )
    without_site(text, path, f"https://post.example/{path}")


@pytest.mark.timing
@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("unit", ["ferry", "ferry\n", " - ", "a | ", "\n", "second ferry sail portvale\n"])
def test_hostile_text_takes_linear_time(unit: str) -> None:
    seconds = []
    for size in (50_000, 200_000):
        text = unit * (size // len(unit))
        start = time.process_time()
        line_in_url("https://post.example/second-ferry-to-sail-from-portvale-in-may", text)
        without_site(text[:500])
        seconds.append(time.process_time() - start)
    assert seconds[1] < 0.05 + 8 * seconds[0]


def test_a_line_with_two_words_of_the_url_is_not_its_headline() -> None:
    url = "https://post.example/second-ferry-to-sail-from-portvale-in-may"
    assert line_in_url(url, f"The second ferry is late\n{STORY}") is None
