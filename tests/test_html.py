"""HTML pages: which of their blocks are the main content."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.pages.html.class_names import labels_of_names
from index.pages.html.read import read_html

HEADLINE = "Harbour pilots return to work after nine days"
STORY = (
    "The pilots of the eastern harbour went back to their boats on Tuesday, nine days after they had walked out.",
    "Both sides spoke of a fair settlement, though neither would say what had been agreed about the night shifts.",
    "“We are tired and we are glad,” said one of the older pilots as she climbed aboard with a flask of tea.",
    "The port expects that the ships which wait outside the breakwater will have been brought in by Friday evening.",
)
PARAGRAPHS = "".join(f"<p>{text}</p>" for text in STORY)


def page(body: str, head: str = "") -> str:
    return f"<html><head><title>{HEADLINE} | The Quay</title>{head}</head><body>{body}</body></html>"


def paragraphs(html: str) -> tuple[str, ...]:
    return read_html(html)[0].paragraphs


def reason(html: str, text: str) -> str:
    (verdict,) = {verdict.reason for verdict in read_html(html)[0].verdicts if verdict.text.startswith(text)}
    return verdict


TEASER = "<div class='x'><h3><a href='/{0}'>Ferry number {0} gets a new coat of paint</a></h3><p>{1} a day.</p></div>"
TEASERS = "".join(
    TEASER.format(number, "Painters have been at work since spring and use nine tins") for number in "123"
)


class TestContent:
    @pytest.mark.parametrize(
        "around",
        [
            "<nav><a href='/n'>News</a> <a href='/s'>Sport</a></nav>{}",
            "<div class='site-menu'><ul><li>News<li>Sport<li>Weather</ul></div>{}",
            "<main><h1>"
            + HEADLINE
            + "</h1>{}</main><footer><p>All that is here was written by the quay itself.</p></footer>",
            "{}<aside><p>Our shop has mugs with the picture of a ferry on them, now cheaper.</p></aside>",
            "{}<section id='comments'><p>I have never seen a pilot with a flask before, and I live there.</p></section>",
            "{}<div style='display: none'><p>Your session is about to end, so press the button to stay here.</p></div>",
            "{}<div hidden><p>Your session is about to end, so press the button to stay here.</p></div>",
            "<div class='deck'><p>What was agreed at night in the old customs house by the river.</p></div>{}",
            "<article>{}</article><div>" + TEASERS + "</div>",
            "<article>{}</article><h2>Related</h2><ul><li><a href='/f'>Ferry fares to rise</a></ul>",
            "{}<ul><li><a href='/a'>Ferry fares to rise in March</a><li><a href='/b'>Tide tables</a></ul>",
            "{}<div role='complementary'><p>Our shop has mugs with the picture of a ferry on them, now cheaper.</p></div>",
            "{}<figure><img src='x'><figcaption>A pilot climbs aboard at dawn on Tuesday, watched by gulls.</figcaption></figure>",
            "<header><h1>"
            + HEADLINE
            + "</h1><p>Nine days on the quay are over for the forty of them.</p><p>By Ana Sol</p></header>{}",
            "<h1>"
            + HEADLINE
            + "</h1><p>Nine days on the quay are over for the forty of them.</p><p>4 March 2025</p>{}",
            "{}<form><p>Write to us with what you have seen at the harbour this week.</p></form>",
        ],
    )
    def test_boilerplate_around_is_cut(self, around: str) -> None:
        assert paragraphs(page(around.format(PARAGRAPHS))) == STORY

    def test_the_content_is_kept_whatever_its_element_is_named(self) -> None:
        assert paragraphs(page(f"<div class='sidebar comments promo'>{PARAGRAPHS}</div>")) == STORY

    def test_parts_of_the_content_are_kept(self) -> None:
        inside = (
            "<h2>What was agreed</h2><ul><li>Shifts of six hours</li><li>Two boats at night</li></ul>"
            "<blockquote><p>Nobody sleeps on a boat that rolls.</p></blockquote><pre>pilots = 40</pre>"
            "<table><tr><th>Boat</th><th>Pilots</th></tr><tr><td>Alk</td><td>Six</td></tr></table>"
        )
        result = paragraphs(page(f"<article>{PARAGRAPHS}{inside}{PARAGRAPHS.replace('pilots', 'crews')}</article>"))
        assert result[4:11] == (
            "What was agreed",
            "Shifts of six hours",
            "Two boats at night",
            "Nobody sleeps on a boat that rolls.",
            "pilots = 40",
            "Boat – Pilots",
            "Alk – Six",
        )

    def test_cells_of_a_layout_are_paragraphs(self) -> None:
        cells = "".join(f"<td>{text} {text}</td>" for text in STORY)
        assert len(paragraphs(page(f"<table><tr>{cells}</tr></table>"))) == len(STORY)

    def test_headings_that_toggle_their_answers_are_no_links(self) -> None:
        asked = "".join(
            f"<h2><a href='#{day}'>Who pays for day {day} of the nine?</a></h2><p>The port pays for day {day} alone.</p>"
            for day in range(4)
        )
        assert "Who pays for day 3 of the nine?" in paragraphs(page(f"<article>{PARAGRAPHS}{asked}</article>"))

    def test_a_labelled_element_with_a_third_of_the_page_is_content(self) -> None:
        first, rest = "".join(f"<p>{text}</p>" for text in STORY[:2]), "".join(f"<p>{text}</p>" for text in STORY[2:])
        more = "".join(f"<p>{text.replace('pilots', 'crews')}</p>" for text in STORY[:2])
        assert STORY[2] in paragraphs(page(f"<article>{first}<div class='rail'>{rest}</div>{more}</article>"))

    @pytest.mark.parametrize(
        ("before", "line", "after", "why"),
        [
            (PARAGRAPHS, "<ul><li><a href=/a>Tide tables</a><li><a href=/b>Fares</a></ul>", PARAGRAPHS, "list of links"),
            (PARAGRAPHS, "<p><a href=/a>Tide tables here</a></p>", PARAGRAPHS, "link"),
            (PARAGRAPHS, "<p>4 March 2025</p>", PARAGRAPHS.replace("pilots", "crews"), "date"),
            (PARAGRAPHS, "<div>Tide tables</div>", "", "below the story"),
            (PARAGRAPHS, "<h2>Related</h2><p><a href=/a>Tide tables</a> for all</p><h2>So far</h2>", PARAGRAPHS, "other stories"),
            (
                PARAGRAPHS,
                "".join(f"<p><a href=/{n}>Tide tables number {n}</a></p><p>What the sea does on day {n}.</p>" for n in "123"),
                "", "other stories",
            ),
            (
                "".join(
                    f"<div><h3><a href=/{n}>Tide tables number {n}</a></h3><p>What the sea does here on day {n} of May.</p></div>"
                    for n in "123"
                ),
                "", PARAGRAPHS * 2, "other stories",
            ),
        ],
    )  # fmt: skip
    def test_each_rule_gives_its_reason(self, before: str, line: str, after: str, why: str) -> None:
        html = page(f"<article>{before}{line}{after}</article>")
        reasons = [
            verdict.reason for verdict in read_html(html)[0].verdicts if verdict.text.startswith(("Tide", "4 March"))
        ]
        assert set(reasons) == {why}

    def test_a_late_headline_cuts_nothing(self) -> None:
        result = paragraphs(
            page(f"<article>{PARAGRAPHS}<h1>Listen to this</h1><p>{STORY[0][:-1]} again.</p></article>")
        )
        assert result[: len(STORY)] == STORY

    def test_reasons(self) -> None:
        html = page(f"<nav>News</nav><h1>{HEADLINE}</h1>{PARAGRAPHS}<p>{STORY[0]}</p><footer>The Quay</footer>")
        assert [reason(html, text) for text in ("News", HEADLINE, STORY[1], "The Quay")] == [
            "menu", "above the story", "", "footer",
        ]  # fmt: skip
        assert [verdict.reason for verdict in read_html(html)[0].verdicts if verdict.text == STORY[0]] == [
            "",
            "repeated",
        ]

    def test_head_and_tail(self) -> None:
        html = page(
            f"<nav>1 May 2001</nav><h1>{HEADLINE}</h1><p class='byline'>By Ana Sol, 4 March 2025</p>"
            f"<article>{PARAGRAPHS}</article><div>First published on 3 March 2025</div><ul class='related'><li>2 May 2002</ul>"
        )
        result = read_html(html)[0]
        assert result.head == (HEADLINE, "By Ana Sol, 4 March 2025")
        assert result.tail == ("First published on 3 March 2025",)
        assert result.title == HEADLINE


class TestBrokenPages:
    def test_content_after_an_early_end_is_read(self) -> None:
        assert paragraphs(f"<html><body><nav>News</nav></body></html><div>{PARAGRAPHS}</div>") == STORY

    def test_a_comment_opened_in_a_script_hides_nothing(self) -> None:
        script = "<script>var a = '<!--<script>';</script>"
        assert paragraphs(page(script + PARAGRAPHS)) == STORY

    def test_content_below_thousands_of_elements_is_read(self) -> None:
        assert paragraphs(page("<font>" * 3000 + PARAGRAPHS)) == STORY

    def test_content_only_in_json_is_read(self) -> None:
        body = "\\n\\n".join(STORY).replace('"', "'")
        data = f'<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{body}"}}</script>'
        assert paragraphs(page("<div id='app'>Loading</div>", data)) == STORY

    @pytest.mark.parametrize(
        "html", ["", " ", "<!-- only a comment -->", "<html></html>", "\x00", "<?xml version='1.0'?>"]
    )
    def test_an_empty_page_has_no_paragraphs(self, html: str) -> None:
        assert not "".join(paragraphs(html)).strip("\ufffd\x00")

    @given(
        st.lists(
            st.sampled_from(["<div class='nav'>", "</div>", "<p>", "<h1>", "<a href=x>", "</a>", "<td>", "<li>", "<br>",
                             "<ul>", "</ul>", "<!--", "-->", "<script>", "</script>", *STORY, "Sport ", "4 May 2025 "]),
            max_size=40,
        )
    )  # fmt: skip
    def test_every_kept_word_occurs_in_the_page(self, parts: list[str]) -> None:
        html = "".join(parts)
        words = re.findall(r"\w+", html)
        kept = re.findall(r"\w+", " ".join(paragraphs(html)))
        assert all(kept.count(word) <= words.count(word) for word in set(kept))


@pytest.mark.parametrize(
    ("tag", "names", "label"),
    [
        ("div", "siteNav", "menu"), ("div", "post__related-list", "other stories"), ("div", "has-sidebar", ""),
        ("div", "story-body", ""), ("p", "screen-reader-text", "hidden"), ("div", "read-more", "other stories"),
        ("div", "navy-blue", ""), ("div", "ADS", "notice"), ("nav", "story-body", "menu"), ("p", "", ""),
    ],
)  # fmt: skip
def test_names_of_elements(tag: str, names: str, label: str) -> None:
    assert labels_of_names(tag, names).label == label
