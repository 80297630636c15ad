"""The pipeline from raw to prepared articles: order, parallel work, bounded memory, digests."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from multiprocessing import active_children
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.command_line import prose, wait_for

from index.archive import cleaned, pipeline
from index.archive.cleaned import digest
from index.archive.pipeline import CHUNK_ARTICLES, Preparation, Tally
from index.archive.workers import CHUNKS_AHEAD, MIN_CHUNKS
from index.clean.steps import Rejected
from index.sources.raw import RawArticle
from search import analysis
from search.errors import SearchError
from search.model import Article
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ONE, TWO = Settings(workers=1), Settings(workers=2)
COUNT = 12 * CHUNK_ARTICLES
"""Number of articles of a run: twice the number that two workers read ahead."""


def raw(number: int, **more: str) -> RawArticle:
    if number % 17 == 5:
        return RawArticle(f"a{number}", f"news:{number}", text="too short")
    if number % 17 == 6:
        return RawArticle(f"a{number}", f"news:{number}", fault="invalid JSON", fault_detail="no end")
    more.setdefault("language", "en")
    return RawArticle(f"a{number}", f"news:{number}", text=prose(number), title=f"Report {number}", **more)


def raws(count: int = COUNT) -> Iterator[RawArticle]:
    return (raw(number) for number in range(count))


AHEAD: list[int] = []
"""Articles read but not yet prepared, at each step of the run with two workers."""


@pytest.fixture(scope="module")
def by_two() -> list[Article | Rejected]:
    drawn = 0

    def counted() -> Iterator[RawArticle]:
        nonlocal drawn
        for drawn, item in enumerate(raws(), 1):  # noqa: B007 - looked at below
            yield item

    def progress(tally: Tally) -> None:
        if not tally.tagged:
            AHEAD.append(drawn - tally.read)

    return list(Preparation(TWO, progress).articles(counted()))


def test_the_order_is_that_of_the_input(by_two: list[Article | Rejected]) -> None:
    assert [item.id for item in by_two] == [f"a{number}" for number in range(COUNT)]


def test_any_number_of_workers_prepares_the_same(by_two: list[Article | Rejected]) -> None:
    assert list(Preparation(ONE).articles(raws())) == by_two


def test_a_prepared_article_has_all_that_the_index_needs(by_two: list[Article | Rejected]) -> None:
    article = by_two[0]
    assert isinstance(article, Article)
    assert (article.id, article.title, article.body) == ("a0", "Report 0", prose(0))
    assert article.digest == digest(raw(0))
    assert article.signature
    assert article.tokens == analysis.tokens_of(article.title, article.body)
    assert article.story == "a0"
    assert article.countries
    for country in article.countries:
        for mention in country.mentions:
            assert article.text[mention.start : mention.end] == mention.text


def test_rejected_articles_have_their_reason(by_two: list[Article | Rejected]) -> None:
    assert by_two[5] == Rejected("a5", "too short", "news:5", "2 words")
    assert by_two[6] == Rejected("a6", "invalid JSON", "news:6", "no end")


def test_the_tally_counts_all(by_two: list[Article | Rejected]) -> None:
    seen: list[int] = []
    preparation = Preparation(ONE, lambda tally: seen.append(tally.read))
    again = [raw(0, source="Another"), raw(0, source="A third")]
    items = list(preparation.articles([*raws(), *again]))
    tally = preparation.tally
    refused = sum(isinstance(item, Rejected) for item in items)
    assert len(items) == tally.read == COUNT + 2
    assert tally.rejected.total() == refused == sum(isinstance(item, Rejected) for item in by_two)
    assert tally.duplicates == 2
    assert tally.read == tally.accepted + tally.duplicates + tally.rejected.total()
    assert seen == sorted(seen)
    assert seen[-1] == COUNT + 2 == tally.tagged


def test_reading_ahead_is_limited(by_two: list[Article | Rejected]) -> None:
    assert len(AHEAD) == COUNT / CHUNK_ARTICLES
    assert max(AHEAD) <= 2 * CHUNKS_AHEAD * CHUNK_ARTICLES < len(by_two) - CHUNK_ARTICLES
    assert AHEAD[-1] == 0


def test_long_articles_make_small_chunks() -> None:
    text = "word " * (pipeline.CHUNK_CHARS // 10)
    items = [RawArticle(str(number), "news", text=text) for number in range(10)]
    assert [len(chunk) for chunk in pipeline.chunks(iter(items))] == [2, 2, 2, 2, 2]


def test_a_short_input_starts_no_process() -> None:
    count = (MIN_CHUNKS - 1) * CHUNK_ARTICLES
    processes = []
    items = Preparation(TWO, lambda _: processes.extend(active_children())).articles(raws(count))
    assert len(list(items)) == count
    assert processes == []


def test_a_worker_that_dies_is_an_error_with_a_remedy() -> None:
    def deadly() -> Iterator[RawArticle]:
        for number, item in enumerate(raws(1000)):
            if number == (MIN_CHUNKS + 1) * CHUNK_ARTICLES:
                wait_for(active_children, "the workers")
                victim = active_children()[0].pid
                assert victim is not None
                os.kill(victim, signal.SIGKILL)
            yield item

    with pytest.raises(SearchError, match="was killed") as caught:
        list(Preparation(TWO).articles(deadly()))
    assert "--workers 1" in caught.value.remedy
    wait_for(lambda: not active_children(), "the end of the other worker")


def test_an_error_of_the_input_ends_the_workers() -> None:
    def broken() -> Iterator[RawArticle]:
        yield from raws((MIN_CHUNKS + 1) * CHUNK_ARTICLES)
        raise SearchError("The input is gone.")

    with pytest.raises(SearchError, match="The input is gone"):
        list(Preparation(TWO).articles(broken()))
    wait_for(lambda: not active_children(), "the end of the workers")


def test_the_story_of_copies_has_the_smallest_id() -> None:
    copies = [replace(raw(0), id=name) for name in ("b", "a", "c")]
    items = [*Preparation(ONE).articles([raw(1), *copies, raw(2)])]
    assert [item.story for item in items if isinstance(item, Article)] == ["a1", "a", "a", "a", "a2"]


def test_the_last_version_of_an_article_decides_its_story() -> None:
    items = [raw(0), replace(raw(1), id="a0"), replace(raw(1), id="b"), replace(raw(0), id="c")]
    prepared = [*Preparation(ONE).articles(items)]
    assert [item.story for item in prepared if isinstance(item, Article)] == ["a0", "a0", "a0", "c"]


FIELDS = ("text", "html", "url", "title", "published", "source", "author", "language")


def test_the_digest_is_stable() -> None:
    one = RawArticle("a", "news.jsonl:1", text="The text", title="The title", source="The Gazette")
    assert digest(one) == digest(replace(one, origin="moved/news.jsonl:7", retrieved="2024-01-21"))
    assert digest(one) == digest(RawArticle("a", "x", source="The Gazette", title="The title", text="The text"))
    assert len(digest(one)) == 32


@given(st.sampled_from(FIELDS), st.none() | st.text(), st.none() | st.text())
def test_different_inputs_have_different_digests(field: str, one: str | None, other: str | None) -> None:
    bare = RawArticle("a", "news")
    first, second = (digest(replace(bare, **{field: value})) for value in (one, other))  # type: ignore[arg-type]
    assert (first == second) == (one == other)


def test_different_fields_and_versions_have_different_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = RawArticle("a", "news")
    digests = {digest(replace(bare, **{field: "the same"})) for field in FIELDS}
    assert len(digests) == len(FIELDS)
    before = digest(bare)
    monkeypatch.setattr(cleaned, "VERSION", cleaned.VERSION + 1)
    assert digest(bare) != before
