"""Cleaning: which lines of a page are kept, which are cut, and why an article is rejected."""

from __future__ import annotations

import os
import pickle
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.clean.language import language_of, normal
from index.clean.repair import repair
from index.clean.steps import Rejected, clean
from index.pages.lines.line import count_words, unwrap
from index.pages.text.read import read_page
from index.sources.raw import RawArticle
from index.sources.read import read
from search.model import Article
from search.settings import Settings

SETTINGS = Settings()
STORY = [
    "PORTVALE, Norland (Wire) — The ferry company said on Monday that it would sail twice a day from May.",
    "Passengers had asked for a second boat since the bridge was closed in autumn, the town council said.",
    "“We will be there in any weather,” said Captain Ida Berg, who has steered the ferry for eleven years.",
    "Tickets cost nine crowns, and children under six travel free, according to the new timetable of the company.",
    "It will not be cheap.",
]
TITLE = "Second ferry to sail from Portvale in May"


def page(above: str = "", below: str = "", story: list[str] = STORY) -> str:
    return "\n".join([above, TITLE, "Monday, March 3, 2025", "", "\n\n".join(story), "", below])


def cleaned(text: str | None = None, **fields: Any) -> Article:
    article = clean(RawArticle("x", "file:1", text=text, **fields), SETTINGS)
    assert isinstance(article, Article), article
    return article


def reason(text: str | None = None, **fields: Any) -> str:
    rejected = clean(RawArticle("x", "file:1", text=text, **fields), SETTINGS)
    assert isinstance(rejected, Rejected)
    assert (rejected.id, rejected.origin) == ("x", "file:1")
    return rejected.reason


class TestPages:
    @pytest.mark.parametrize(
        ("above", "below"),
        [
            ("Home\nNews\nSport\nWeather\nLog in", "Copyright 2025 Portvale Post. All rights reserved."),
            (
                "Home > News > Sea",
                "Related\n- A whale comes to town for a week\n- How to knit a sail\nRanking\n- Ten boats",
            ),
            ("News | Sport | Culture\nSubscribe", "MOST READ\n1 Whale comes to town\n2 Baker wins prize\n3 Rain again"),
            ("Startseite | Anmelden", "Lesen Sie auch\nEin Wal kommt in die Stadt\nBäcker gewinnt Preis\nImpressum"),
            ("Accueil | Connexion", "À lire aussi\nUne baleine en ville\nLe boulanger gagne un prix\nMentions légales"),
            (
                "Skip to content\nMenu\nSearch",
                "3 comments\nBob: I want a third boat, and I want it now, said nobody.\nAnn: No.",
            ),
            (
                "Sea News - all about water",
                "Share this article\nFacebook\nTwitter\nTags: sea, boats\nSign up for our newsletter",
            ),
            (
                "Cookies help us to serve you. By using this site you accept cookies.\nA | B | C",
                "SOURCE: Wire\n© 2025 Post",
            ),
        ],
    )
    def test_boilerplate_is_cut_and_main_content_is_kept(self, above: str, below: str) -> None:
        article = cleaned(page(above, below))
        assert article.title == TITLE
        assert article.body.split("\n\n") == STORY
        assert article.published == "2025-03-03"

    def test_boilerplate_inside_is_cut_and_subheadings_are_kept(self) -> None:
        inside = [*STORY[:2], "Advertisement", "ALSO READ: A whale comes to town", "A longer season", *STORY[2:]]
        article = cleaned(page("Home | News | Sport", "Related\nA whale comes to town", inside))
        assert article.body.split("\n\n") == [*STORY[:2], "A longer season", *STORY[2:]]

    def test_a_list_of_links_inside_is_cut(self) -> None:
        rest = [line.replace("nine", str(n)) for n in range(9) for line in STORY[3:]]
        inside = [*STORY[:3], "Read more", "A whale comes to town", "How to knit a sail", *rest]
        assert cleaned(page("Home | News", "© 2025 Post", inside)).body.split("\n\n") == [*STORY[:3], *rest]

    def test_summary_and_caption_between_title_and_date_are_cut(self) -> None:
        text = "\n".join([
            "SEA NEWS | LOCAL | WORLD", TITLE, "A company that once had one boat is about to have two, and the town is glad of it.",
            "The ferry leaves the harbour of Portvale, Norland. / Photo: Wire Archive", "March 3, 2025", "", *STORY,
        ])  # fmt: skip
        article = cleaned(text)
        assert (article.title, article.body.split("\n\n")) == (TITLE, STORY)

    def test_a_repeated_headline_is_the_title_and_not_in_the_body(self) -> None:
        text = page(f"Current:Home > Sea{TITLE} -Portvale Post", "veryNice! (7)\nRelated\n- A whale comes to town")
        article = cleaned(text.replace("Monday, March 3", f"{TITLE}\nMonday, March 3"))
        assert article.title == TITLE
        assert TITLE not in article.body

    def test_a_given_title_wins_and_is_not_repeated_in_the_body(self) -> None:
        article = cleaned("\n\n".join([TITLE.upper(), *STORY]), title=TITLE)
        assert (article.title, article.body.split("\n\n")) == (TITLE, STORY)

    @pytest.mark.parametrize(
        ("line", "name"),
        [
            ("By Ida Berg-Åsen, Staff writer", "Ida Berg-Åsen"), ("BY JANE O'NEILL", "Jane O'Neill"), ("Von Jürgen Groß", "Jürgen Groß"),
            ("Author: Efua Mensah-Quaye", "Efua Mensah-Quaye"), ("By Monday the boats had sailed twice", None),
        ],
    )  # fmt: skip
    def test_bylines(self, line: str, name: str | None) -> None:
        text = page("Home | News | Sport").replace("Monday, March 3, 2025", f"{line}\nMonday, March 3, 2025")
        assert cleaned(text).author == name

    def test_the_source_is_the_field_then_the_source_line_then_the_agency_then_the_host(self) -> None:
        bare = "\n\n".join(STORY[1:])
        assert cleaned(bare, source="Post", url="https://www.post.example/x").source == "Post"
        assert cleaned(f"{bare}\n\nSOURCE:Wire News").source == "Wire News"
        assert cleaned("\n\n".join(STORY)).source == "Wire"
        assert cleaned(bare, url="https://www.post.example/x").source == "post.example"
        assert cleaned(bare).source is None


class TestPlainText:
    def test_a_text_without_boilerplate_is_kept_whole(self) -> None:
        assert cleaned("\n\n".join(STORY)).body.split("\n\n") == STORY
        assert cleaned("\n".join(STORY)).title == ""

    @pytest.mark.parametrize(
        "text",
        [
            "Two men were rescued from the lake on Sunday.",
            "两人星期日在湖中获救，警方说。",
            "Ein Schiff sank am Montag im Hafen. Niemand kam um.",
        ],
    )
    def test_one_sentence_is_an_article(self, text: str) -> None:
        assert cleaned(text).body == text

    def test_a_text_that_is_its_own_title_keeps_its_body(self) -> None:
        sentence = "Two men were rescued from the lake on Sunday."
        assert cleaned(sentence, title=sentence).body == sentence

    def test_tables_and_lists_are_kept(self) -> None:
        table = [
            f"{n}. Runner {name} (Norland) 1:0{n}.{n}"
            for n, name in enumerate(["Ada", "Bo", "Cy", "Di", "Ed", "Flo", "Gus"], 1)
        ]
        text = "\n".join(
            [
                "Results of the town run",
                "PORTVALE 2025-03-03",
                "Men's singles",
                *table,
                "5-3 6-4",
                "Women's singles",
                *table,
            ]
        )
        article = cleaned(text)
        assert text.split() == (article.title + "\n" + article.body).split()

    def test_wrapped_lines_are_joined(self) -> None:
        text = (
            "The ferry company said on Monday that it would sail twice a\nday from May, since passengers had asked for a second boat-\n"
            "load when the bridge was closed.\n    Tickets cost nine crowns, and children under six travel\nfree, the company said.\n"
        )  # fmt: skip
        assert unwrap(text) == [
            "The ferry company said on Monday that it would sail twice a day from May, since passengers had asked for a second boatload when the bridge was closed.",
            "Tickets cost nine crowns, and children under six travel free, the company said.",
        ]

    def test_lists_of_headlines_are_not_joined(self) -> None:
        headlines = [f"Mayor Opens Bridge Number {n} After Long Night of Talks in Town" for n in range(9)]
        assert unwrap("\n".join(headlines)) == headlines

    def test_repairs(self) -> None:
        assert (
            repair("a&amp;b &quot;c&quot; &#8211; so\u00adft\u200b zero\r\nline\u2028x\u00a0y\x00")
            == 'a&b "c" – soft zero\nline\nx y'
        )
        assert repair("e\u0301") == "é"
        assert repair("می\u200cخواهم") == "می\u200cخواهم"

    def test_text_full_of_tags_is_read_as_html(self) -> None:
        assert cleaned("".join(f"<p>{line}</p>" for line in STORY)).body.split("\n\n") == STORY


class TestHtml:
    HTML = (
        '<html lang="en-GB"><head><title>{title} | Portvale Post</title><meta property="og:site_name" content="Portvale Post">'
        '<meta name="author" content="Ida Berg"><link rel="canonical" href="https://post.example/ferry"></head><body>'
        "<nav><a href=/>Home</a> <a href=/s>Sport</a></nav><h1>{title}</h1><article>{story}</article>"
        "<aside><h2>Most read</h2><ul><li><a href=/w>A whale comes to town</a></li></ul></aside><footer>© 2025</footer></body></html>"
    )

    def test_content_and_metadata(self) -> None:
        html = self.HTML.format(title=TITLE, story="".join(f"<p>{line}<script>no()</script></p>" for line in STORY))
        article = cleaned(html=html)
        assert (article.title, article.source, article.author) == (TITLE, "Portvale Post", "Ida Berg")
        assert (article.url, article.language) == ("https://post.example/ferry", "en")
        assert article.body.split("\n\n") == STORY

    def test_only_http_urls_become_the_url(self) -> None:
        assert cleaned("\n\n".join(STORY), url="javascript:alert(1)").url is None
        assert cleaned("\n\n".join(STORY), url="HTTPS://post.example/x").url == "HTTPS://post.example/x"


class TestRejections:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"text": " \n\t"}, "empty"), ({"html": ""}, "empty"), ({"text": "Page not found"}, "too short"),
            ({"text": "12 34 56 78 90 " * 50}, "not text"), ({"text": "=-*/ %% ## ** !! ?? " * 20}, "not text"),
            ({"html": "<html><body><nav><a>Home</a></nav></body></html>"}, "no story"), ({"fault": "binary"}, "binary"),
        ],
    )  # fmt: skip
    def test_reasons(self, fields: dict[str, str], expected: str) -> None:
        assert reason(**fields) == expected

    def test_the_minimum_number_of_words_is_a_setting(self) -> None:
        raw = RawArticle("x", "x", text="Two men were rescued from the lake on Sunday.")
        assert isinstance(clean(raw, replace(SETTINGS, min_article_words=9)), Article)
        refused = clean(raw, replace(SETTINGS, min_article_words=10))
        assert isinstance(refused, Rejected)
        assert (refused.reason, refused.detail) == ("too short", "9 words")

    def test_words_of_scripts_without_spaces_are_counted(self) -> None:
        assert count_words("Two men were rescued") == 4
        assert count_words("两人在湖中获救") >= 3
        assert count_words("ชายสองคนได้รับการช่วยเหลือ") >= 5


class TestLanguage:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("The ferry company said on Monday that it would sail.", "en"), ("Die Fähre fährt ab Mai zweimal am Tag, hieß es.", "de"),
            ("La compagnie a annoncé lundi un second bateau.", "fr"), ("Компания сообщила о втором пароме в понедельник.", "ru"),
            ("渡轮公司星期一表示，从五月起每天开两班船，每天两班。", "zh"), ("フェリー会社は月曜日、五月から一日二便にすると発表した。", "ja"),
        ],
    )  # fmt: skip
    def test_languages(self, text: str, code: str) -> None:
        assert language_of(text) == code
        assert cleaned(text, language="pt-BR").language == "pt"

    def test_short_texts_take_the_declared_language_or_none(self) -> None:
        assert (language_of("OK", "nb-NO"), language_of("OK"), normal("x-klingon"), normal("EN_us")) == (
            "no",
            None,
            None,
            "en",
        )


class TestAnyInput:
    @given(
        st.text(max_size=400)
        | st.lists(st.sampled_from([*STORY, TITLE, "Home", "Related", "By Ida Berg", "3 May 2024", "- x", ""])).map(
            "\n".join
        )
    )
    @settings(max_examples=150, deadline=None)
    def test_any_text_gives_an_article_or_a_reason_and_cleaning_again_changes_nothing(self, text: str) -> None:
        once = clean(RawArticle("x", "x", text=text), SETTINGS)
        if isinstance(once, Rejected):
            assert once.reason in {"empty", "too short", "not text", "no story"}
            return
        assert all(line and line == line.strip() for line in once.body.split("\n\n"))
        assert pickle.loads(pickle.dumps(once)) == once
        again = clean(RawArticle("x", "x", text=once.body, title=once.title), SETTINGS)
        if not isinstance(again, Rejected):
            assert set(again.body.split()) <= set(once.body.split())

    @given(st.text(alphabet=st.sampled_from('<>/="!-pdivatbrlh &;x\n'), max_size=300) | st.text(max_size=200))
    @settings(max_examples=100, deadline=None)
    def test_any_html_gives_an_article_or_a_reason(self, html: str) -> None:
        assert isinstance(clean(RawArticle("x", "x", html=f"<p>{html}"), SETTINGS), Article | Rejected)

    @pytest.mark.parametrize("again", range(1, 3))
    def test_a_clean_page_stays_as_it_is(self, again: int) -> None:
        article = cleaned(page("Home | News | Sport", "Related\nA whale comes to town"))
        for _ in range(again):
            assert cleaned(article.body, title=article.title).body == article.body

    @pytest.mark.timing
    @pytest.mark.parametrize(
        "unit",
        [
            "a",
            "word ",
            "\n",
            "1",
            "1.1.2024 ",
            " ",
            "Home\n",
            "&amp;",
            "a | ",
            "(",
            "By A ",
            "中",
            "A B\n",
            "photo: ",
            "\r",
            "x-\n",
        ],
    )
    def test_hostile_text_takes_linear_time(self, unit: str) -> None:
        seconds = []
        for size in (50_000, 200_000):
            start = time.process_time()
            clean(RawArticle("x", "x", text=unit * (size // len(unit))), SETTINGS)
            seconds.append(time.process_time() - start)
        assert seconds[1] < 0.1 + 10 * seconds[0]

    @pytest.mark.timing
    @pytest.mark.parametrize(
        "unit", ["<div>", "<b>", "<table><tr><td>", "<!--", "<ul><li>a", "<", "</div>", '<a href="']
    )
    def test_hostile_html_takes_linear_time(self, unit: str) -> None:
        seconds = []
        for size in (50_000, 200_000):
            start = time.process_time()
            clean(RawArticle("x", "x", html=unit * (size // len(unit)) + "story of a lake " * 20), SETTINGS)
            seconds.append(time.process_time() - start)
        assert seconds[1] < 0.2 + 10 * seconds[0]


EVAL = Path(os.environ.get("DATELINE_EVAL") or "/none")  # make sets it to an empty string
needs_data = pytest.mark.skipif(not EVAL.is_dir(), reason="DATELINE_EVAL does not name the folder of the gold data")


@needs_data
def test_only_the_main_content_of_two_scraped_pages_is_kept() -> None:
    first, second = (clean(raw, SETTINGS) for raw in read([str(EVAL.parent / "seeds")], SETTINGS))
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert first.title.startswith("North Korea strengthens ties with Russia")
    assert second.title.startswith("North Korea stresses alignment with Russia")
    assert (first.published, second.published) == ("2024-01-21", "2025-04-07T02:07:50")
    assert first.body.startswith("North Korea has agreed")
    assert first.body.endswith("transfers to Russia.")
    assert second.body.startswith("SEOUL, South Korea (AP) —")
    assert second.body.endswith("nuclear weapons state.")
    assert (len(first.body.split("\n\n")), len(second.body.split("\n\n"))) == (13, 13)
    for word in (
        "Indexbit",
        "veryGood",
        "Related",
        "Ranking",
        "Recommendation",
        "Photo",
        "SOURCE",
        "Current:",
        "Oscars",
    ):
        assert word not in first.body + second.body


def test_the_page_keeps_the_lines_around_the_content() -> None:
    result = read_page(page("Home | News | Sport", "Related\nA whale comes to town"))
    assert result.head[-1] == "Monday, March 3, 2025"
    assert result.tail == ("Related", "A whale comes to town")


class TestFlashes:
    """A flash: a headline in a field, without a text."""

    @pytest.mark.parametrize("text", [None, "", "  \n"])
    def test_a_headline_alone_is_an_article(self, text: str | None) -> None:
        article = clean(RawArticle("a", "x", text=text, title="Algeria's president resigns"), Settings())
        assert isinstance(article, Article)
        assert (article.title, article.body) == ("Algeria's president resigns", "")

    @pytest.mark.parametrize(
        ("title", "reason"), [(None, "empty"), ("", "empty"), ("Flash", "empty"), ("1234 5678 9999 !!!", "not text")]
    )
    def test_a_meaningless_headline_is_rejected(self, title: str | None, reason: str) -> None:
        rejected = clean(RawArticle("a", "x", text="", title=title), Settings())
        assert isinstance(rejected, Rejected)
        assert rejected.reason == reason

    def test_a_page_without_content_is_no_flash(self) -> None:
        rejected = clean(RawArticle("a", "x", html="<html><body></body></html>", title="A good headline"), Settings())
        assert isinstance(rejected, Rejected)
