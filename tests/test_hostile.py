"""Any input: no exception, no invented words, no change when cleaned twice, time linear in its size."""

from __future__ import annotations

import gzip
import json
import re
import textwrap
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.command_line import prose

from index.archive.pipeline import Preparation
from index.clean.repair import repair
from index.clean.steps import Rejected, clean
from index.sources.raw import RawArticle
from index.sources.read import read
from search.model import Article
from search.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = Settings(workers=1)
REASONS = {
    "binary", "broken gzip", "broken WARC", "empty", "id too long", "invalid JSON", "line too long", "no story",
    "no text", "not an object", "not text", "too long", "too short", "wrong type",
}  # fmt: skip
TITLE = "Second ferry to sail from Portvale in May"
STORY = [
    "PORTVALE, Norland (Wire) — The ferry company said on Monday that it would sail twice a day from May.",
    "Passengers had asked for a second boat since the bridge was closed in autumn, the town council said.",
    "“We will be there in any weather,” said Captain Ida Berg, who has steered the ferry for eleven years.",
    "Tickets cost nine crowns, and children under six travel free, according to the new timetable.",
    "It will not be cheap.",
    "The company sails to Norland&#39;s islands &amp; to three towns, as it has\u00a0done for\u200b years.",
    "A longer season",
    "LORD MAYOR JANE DOE OPENED THE NEW PIER AT NOON, AND THE TOWN BAND PLAYED UNTIL THE RAIN CAME.",
    "Die Fähre fährt ab Mai zweimal am Tag, hieß es am Montag aus dem Rathaus der Stadt.",
    "渡轮公司星期一表示，从五月起每天开两班船，冬天也不例外。",
    "- Nine crowns for grown-ups\n- Free for children under six",
    textwrap.fill(
        "The ferry company said on Monday that it would sail twice a day from May, since its passengers had asked "
        "for a second boat in winter, when the bridge was closed and nobody could go home.",
        60,
    ),
]
PAGE_LINES = [
    "Home", "News | Sport | Culture", "Home > News > Sea", "By Ida Berg, Staff writer", "Monday, March 3, 2025",
    "Share this article", "Facebook", "Related", "- A whale comes to town for a week", "MOST READ",
    "1 Whale comes to town", "Photo: Ida Berg / Wire", "Advertisement", "Tags: sea, boats", "3 comments",
    "Bob: I want a third boat, and I want it now, said nobody.", "Sign up for our newsletter", TITLE, "SOURCE: Wire",
    "© 2025 Portvale Post. All rights reserved.", "Cookies help us to serve you. By using this site you accept.",
    "3 hours ago", "(7)", "* * *", "",
]  # fmt: skip
BLOCKS = st.lists(st.sampled_from([*STORY, *STORY, *PAGE_LINES]), min_size=1, max_size=24)
TAGS = st.sampled_from(["p", "div", "li", "h2", "blockquote", "span", "td", "article", "aside", "a", "b"])


def accepted_or_refused(raw: RawArticle) -> Article | Rejected:
    """Clean a raw article, and check what must hold for the result of any input."""
    result = clean(raw, SETTINGS)
    if isinstance(result, Rejected):
        assert result.reason in REASONS
        assert (result.id, result.origin) == (raw.id, raw.origin)
    else:
        visible = any(letter.isprintable() and not letter.isspace() for letter in raw.text or "")
        flash = not raw.html and not visible  # a headline from a field, without main content
        assert result.title if flash else result.body
        assert flash or all(line and line == " ".join(line.split()) for line in result.body.split("\n\n"))
        assert result.title == " ".join(result.title.split())
        json.dumps([result.title, result.body, result.author, result.source]).encode()
    return result


def warc(payload: bytes, header: bytes) -> bytes:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: " + header + b"\r\n\r\n" + payload
    return (
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://post.example/1\r\n"
        b"WARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2025-03-03T00:00:00Z\r\n"
        b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (len(http), http)
    )


SOME_BYTES = (
    st.binary(max_size=600)
    | st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | BLOCKS.map(lambda blocks: "\n".join(blocks).encode("utf-16"))
    | st.lists(
        st.sampled_from([b"<p>", b"</div>", b"&#0;", b"&lt", b"\xff", b"\x00", b"story of a lake ", b"<!--"])
    ).map(b"".join)
)


class TestAnyBytes:
    @given(data=SOME_BYTES, header=st.sampled_from([b"text/html", b"text/html; charset=utf-7", b"text/plain", b""]))
    @settings(
        max_examples=60,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    def test_give_articles_or_reasons_in_every_file_format(self, tmp_path: Path, data: bytes, header: bytes) -> None:
        line = json.dumps({"text": data.decode("utf-8", "replace"), "published": data.decode("latin-1")[:30]})
        files = {
            "a.txt": data, "b.html": data, "c.jsonl": data, "d.json": data, "e.warc": warc(data, header),
            "f.jsonl": line.encode(), "g.warc": data, "h.txt.gz": gzip.compress(data), "i.html.gz": data,
        }  # fmt: skip
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        raws = list(read([str(tmp_path)], SETTINGS))
        items = list(Preparation(SETTINGS).articles(iter(raws)))
        assert [item.id for item in items] == [raw.id for raw in raws]
        for raw in raws:
            accepted_or_refused(raw)

    @given(st.text(max_size=500), st.text(max_size=60), st.text(max_size=60))
    @example("\x08", "", "0\r\x88")
    @settings(max_examples=150, deadline=None)
    def test_characters_in_any_field_give_an_article_or_a_reason(self, text: str, one: str, other: str) -> None:
        fields = {"url": f"https://{one}/{other}", "title": other, "source": one, "author": other, "language": one}
        for form in ("text", "html"):
            raw = RawArticle("x", "file:1", **{form: text}, **fields, published=one, retrieved=other)  # type: ignore[arg-type]
            accepted_or_refused(raw)


def letters(text: str) -> str:
    """Return the letters and digits of a text. Repairs may change spaces, punctuation and line breaks."""
    return re.sub(r"[\W_]+", "", repair(text))


class TestNothingIsInvented:
    @given(BLOCKS, st.sampled_from(["\n", "\n\n"]))
    @settings(max_examples=150, deadline=None)
    def test_title_and_paragraphs_occur_in_the_plain_text(self, blocks: list[str], between: str) -> None:
        result = accepted_or_refused(RawArticle("x", "x", text=between.join(blocks)))
        if isinstance(result, Article):
            whole = letters(between.join(blocks))
            assert all(letters(line) in whole for line in [result.title, *result.body.split("\n\n")])

    @given(st.lists(st.tuples(TAGS, st.sampled_from([*STORY, *STORY, *PAGE_LINES])), min_size=1, max_size=16))
    @settings(max_examples=100, deadline=None)
    def test_title_and_paragraphs_occur_in_the_html_page(self, blocks: list[tuple[str, str]]) -> None:
        body = "\n".join(f"<{tag}>{text}</{tag}>" for tag, text in blocks)
        html = f"<!DOCTYPE html><html><head><title>{TITLE}</title></head><body>{body}</body></html>"
        result = accepted_or_refused(RawArticle("x", "x", html=html))
        if isinstance(result, Article):
            whole = letters(" ".join([TITLE, *(text for _, text in blocks)]))
            assert all(letters(line) in whole for line in [result.title, *result.body.split("\n\n")])


class TestCleaningAgain:
    @given(st.lists(st.sampled_from([*STORY, *PAGE_LINES]), min_size=1, max_size=24, unique=True))
    @settings(max_examples=150, deadline=None)
    def test_changes_nothing_if_the_title_is_a_field(self, blocks: list[str]) -> None:
        once = clean(RawArticle("x", "x", text="\n".join(blocks)), SETTINGS)
        if (
            isinstance(once, Article) and once.title
        ):  # without its page, a text without a title may contain its headline
            again = clean(RawArticle("x", "x", text=once.body, title=once.title), SETTINGS)
            assert isinstance(again, Article)
            assert (again.title, again.body) == (once.title, once.body)

    @given(st.lists(st.sampled_from(STORY), min_size=4, max_size=9, unique=True))
    @settings(max_examples=100, deadline=None)
    def test_changes_nothing_if_the_title_is_in_the_text(self, story: list[str]) -> None:
        page = ["Home", "News | Sport | Culture", TITLE, "Monday, March 3, 2025", *story, "Related", "- A whale comes"]
        once = clean(RawArticle("x", "x", text="\n\n".join(page)), SETTINGS)
        assert isinstance(once, Article)
        again = clean(RawArticle("x", "x", text=once.text), SETTINGS)
        assert isinstance(again, Article)
        assert (again.title, again.body) == (once.title, once.body)


STORY_END = f"\n\n{prose(7, 60)}\n"
HALF, WHOLE = 500_000, 1_000_000
MOST = 3.5
"""Largest allowed time ratio for twice the size. Linear time gives 2, plus noise; quadratic time gives 4."""

NOISE_SECONDS = 0.05
ATTEMPTS = 4
TEXT_UNITS = [
    "a", "word ", "\n", "7", " ", "&amp;", "<br>", "(", "1/1/2020 ", "Home\n", "- x\n", "a | ", "By A ", "A B\n",
    "photo: ", "\r", "x-\n", "中", "He said so. ", "He said so.\n", "Related\n", "“", "\u200b", "Ã©", "3 May 2024\n",
    "http://a/ ", "ABC ", ". ", "\t", "é", "a@", "@)-a", "Photo'@", "1 ", "A", "(Wire) ", "1:",
]  # fmt: skip
HTML_UNITS = [
    "<div>", "<b>", "<a>", "<table>", "<table><tr><td>", "<p>", "</div>", "<br>", "<!--", "<ul><li>a", "<", "&amp;",
    "7", "(", "1/1/2020 ", '<a href="', "<p>He said so.</p>", "<a href=x>y</a>", "\n", "a", "<script>", "<h2>x</h2>",
    "<time datetime=2020-01-01>", '<meta name="date" content="2020">', "<span>a ", "<style>", "<h1>", "<div><h1>",
]  # fmt: skip


NAMED_UNITS = [
    ("text", "a"),
    ("text", "\n"),
    ("text", "7"),
    ("html", "a"),
    ("html", "\n"),
    ("html", "<div>"),
    ("html", "7"),
]
"""The inputs of a quick run; the slow run has all."""


def assert_in_proportion(form: str, unit: str) -> None:
    """Check that cleaning takes linear time in at least one of several attempts. Noise only adds time."""
    measured = []
    for _ in range(ATTEMPTS):
        seconds = []
        for size in (HALF, WHOLE):
            start = time.process_time()
            clean(RawArticle("x", "x", **{form: unit * (size // len(unit)) + STORY_END}), SETTINGS)  # type: ignore[arg-type]
            seconds.append(time.process_time() - start)
        measured.append(seconds)
        if seconds[1] < MOST * seconds[0] + NOISE_SECONDS:
            return
    raise AssertionError(measured)


@pytest.mark.usefixtures("no_collector")
class TestTime:
    @pytest.mark.timing
    @pytest.mark.parametrize(("form", "unit"), NAMED_UNITS)
    def test_doubles_from_half_a_megabyte_to_a_megabyte(self, form: str, unit: str) -> None:
        assert_in_proportion(form, unit)

    @pytest.mark.timing
    @pytest.mark.slow
    @pytest.mark.parametrize("unit", TEXT_UNITS)
    def test_of_a_megabyte_of_text(self, unit: str) -> None:
        assert_in_proportion("text", unit)

    @pytest.mark.timing
    @pytest.mark.slow
    @pytest.mark.parametrize("unit", HTML_UNITS)
    def test_of_a_megabyte_of_html(self, unit: str) -> None:
        assert_in_proportion("html", unit)
