"""Small writes: any sequence of them gives the stories of one reindex, and after `tidy` everything else, too.

Each write reads only what it changes; `tests/test_cli_write.py` has the commands and their summaries.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.archives import Archive
from support.command_line import prose

from index.archive import update
from index.archive.lookup import HOLDERS
from index.archive.new_articles import NewArticles
from index.archive.pipeline import Preparation
from search.answers import RESULTS
from search.engine import open_engine
from search.errors import IndexLockedError
from search.model import Article
from search.query.parsing import query_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

Row = dict[str, Any]

FOOTERS = (
    "Sign up for the morning letter of the Harbour Times and read it before breakfast.",
    "The Harbour Times is printed in the old customs house on the northern quay.",
)
KIM = "President Kim Jong Un said in Kyiv, Ukraine, on Monday that he would go."
NAMES = ("Volodymyr Zelensky", "Volodymyr Zelenskyy", "Mario Draghi", "Kim Jong Un")
QUERIES = ("harbour", "minister said", "letter", "zelensky", "volodymir", '"old customs house"')


def report(seed: int, words: int = 90) -> str:
    name = NAMES[seed % len(NAMES)]
    return f"President {name} said in Kyiv, Ukraine, on Monday that he would go. {prose(seed, words)}"


@st.composite
def rows(draw: st.DrawFn) -> list[Row]:
    """Draw articles of two sites: reports, their copies and cuts, most with the footer of the site."""
    drawn: list[Row] = []
    for number in range(draw(st.integers(4, 11))):
        seed = draw(st.integers(0, 4))
        text = report(seed)
        kind = draw(st.sampled_from(["whole", "cut", "edited", "other"]))
        if kind == "cut":
            text = " ".join(text.split()[: draw(st.integers(45, 80))]) + "."
        elif kind == "edited":
            text = text.replace(" the ", " that ", 1) + " More follows."
        elif kind == "other":
            text = report(100 + number)
        site = draw(st.integers(0, 1))
        if draw(st.integers(0, 3)):
            text += f"\n\n{FOOTERS[site]}"
        url = f"https://site{site}.example/{number}"
        published = f"2024-03-{1 + number:02}"
        drawn.append(
            {"id": f"n{number:02}", "url": url, "title": f"Title {seed}", "text": text, "published": published}
        )
    return drawn


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Row], list[list[Row]], list[str]]:
    """Draw articles, batches of writes that end with them in any order, and ids to delete at the end."""
    final = draw(rows())
    order = draw(st.permutations(final))
    older = [replace_text(row, draw(st.integers(0, 4))) for row in order if draw(st.integers(0, 3)) == 0]
    passing = [row | {"id": f"x{row['id']}"} for row in order if draw(st.integers(0, 4)) == 0]
    writes = [*older, *passing, *order]
    cuts = sorted(draw(st.sets(st.integers(1, len(writes)), max_size=4)))
    batches = [writes[start:end] for start, end in zip([0, *cuts], [*cuts, len(writes)], strict=True)]
    return final, [batch for batch in batches if batch], [row["id"] for row in passing]


def replace_text(row: Row, seed: int) -> Row:
    return row | {"text": report(seed, 70)}


def bare(article: Article) -> Article:
    return replace(article, tokens=None, keys=())


def answers(archive: Archive) -> list[Any]:
    found = []
    for text in QUERIES:
        answer = RESULTS.write(archive.engine.search(query_of(text, facet_size=50)))
        found.append({name: value for name, value in answer.items() if name != "took_ms"})
        found.append(archive.engine.suggest(text[:6], 8))
    return found


@given(histories())
@settings(deadline=None, max_examples=12)
def test_any_sequence_of_writes_gives_the_result_of_one_reindex(
    history: tuple[list[Row], list[list[Row]], list[str]],
) -> None:
    final, batches, deleted = history
    with Archive() as whole, Archive() as parts:
        whole.reindex(final)
        for batch in batches:
            parts.update(batch)
        if deleted:
            parts.delete(*deleted)
        assert parts.stories() == whole.stories()
        parts.tidy()
        assert {one: bare(article) for one, article in parts.articles().items()} == {
            one: bare(article) for one, article in whole.articles().items()
        }
        assert answers(parts) == answers(whole)
        assert parts.engine.check() == ()
        assert parts.engine.info().pending == 0


@pytest.fixture
def archive() -> Iterator[Archive]:
    with Archive() as archive:
        archive.reindex([site_row(number) for number in range(8)])
        yield archive


def article_of(article_id: str, title: str) -> Article:
    return Article(article_id, title, "The body", story=article_id)


def site_row(number: int, footer: str = FOOTERS[0], **more: object) -> Row:
    text = f"{report(200 + number)}\n\n{footer}"
    return {
        "id": f"s{number:02}",
        "url": f"https://site.example/{number}",
        "title": f"Notes {number}",
        "text": text,
    } | more


def test_a_known_line_of_the_site_is_removed_from_a_new_article(archive: Archive) -> None:
    assert FOOTERS[0] not in archive.get("s03").body
    archive.update([site_row(20)])
    article = archive.get("s20")
    assert FOOTERS[0] not in article.body
    assert [text for _, text in article.removed] == [FOOTERS[0]]


def test_a_line_that_becomes_boilerplate_is_removed_from_earlier_articles_too(archive: Archive) -> None:
    for number in range(30, 33):
        archive.update([site_row(number, FOOTERS[1])])
    assert FOOTERS[1] in archive.get("s30").body
    assert archive.update([site_row(33, FOOTERS[1])]) == 3
    for number in range(30, 34):
        assert FOOTERS[1] not in archive.get(f"s{number}").body


def test_copies_of_one_story_keep_their_text(archive: Archive) -> None:
    closing = "The talks in the customs house lasted until late in the evening, officials said."
    same = f"{report(300)}\n\n{closing}"
    for number in range(6):
        archive.update([site_row(40 + number, text=same)])
    assert len({archive.get(f"s{40 + number}").story for number in range(6)}) == 1
    assert all(closing in archive.get(f"s{40 + number}").body for number in range(6))


def test_edited_copies_in_one_update_keep_their_text(archive: Archive) -> None:
    archive.reindex([site_row(number) for number in range(20)])
    shared = "\n\n".join(report(310 + part, 60) for part in range(4))
    copies = [site_row(40 + number, text=f"{prose(800 + number, 25)}\n\n{shared}") for number in range(6)]
    archive.update(copies)
    assert {archive.get(row["id"]).story for row in copies} == {"s40"}
    assert [archive.get(row["id"]).body for row in copies] == [row["text"] for row in copies]


def test_too_many_new_copies_are_one_story(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the limit of copies keeps an update from finding all of them, a search lists them once."""
    monkeypatch.setattr(update, "MOST_COPIES", 5)
    archive.reindex([site_row(number) for number in range(20)])
    for first, count in ((40, 9), (30, 2)):
        archive.update([site_row(first + number, text=f"{report(300)} {number}") for number in range(count)])
        assert {story for one, story in archive.stories().items() if one > "s29"} == {"s40"}
    archive.reindex([site_row(number) for number in range(40)])
    archive.update([site_row(50 + number, text=site_row(39)["text"]) for number in range(9)])
    assert {archive.get(f"s{number}").story for number in range(50, 59)} == {"s39"}


def test_an_article_that_would_be_too_short_without_a_line_keeps_its_labels(archive: Archive) -> None:
    archive.reindex([site_row(number, text=f"{KIM} {prose(number, 60)}") for number in range(30)])
    archive.update([site_row(50, FOOTERS[1], text=f"Kim Jong-un spoke.\n\n{FOOTERS[1]}")])
    before = archive.get("s50")
    assert [(person.name, person.spelled) for person in before.persons] == [("Kim Jong Un", "Kim Jong-un")]
    changed = [archive.update([site_row(number, FOOTERS[1])]) for number in range(60, 65)]
    assert archive.get("s50") == before
    assert changed == [0, 0, 2, 0, 0]


def test_a_line_and_a_tag_of_one_article_change_in_one_update(archive: Archive, tmp_path: Path) -> None:
    aliases = tmp_path / "aliases.toml"
    aliases.write_text('[same]\n"Kim of the North" = ["Kim Jong Un"]\n')
    archive.update([site_row(30, text=f"{KIM} {prose(30, 60)}\n\n{FOOTERS[1]}")])
    archive.update([site_row(number, FOOTERS[1]) for number in range(31, 34)], str(aliases))
    article = archive.get("s30")
    assert (article.persons[0].name, FOOTERS[1] in article.body) == ("Kim of the North", False)


def test_keys_of_an_older_version_are_forgotten() -> None:
    new = NewArticles()
    new.put(replace(article_of("a", "First"), keys=("one",)))
    new.put(replace(article_of("a", "Second"), keys=("two",)))
    assert list(new.holders(["one", "two"])) == [("two", "a")]
    new.close()


@pytest.mark.parametrize("job", ["tidy", "large update"])
def test_a_write_while_a_rebuild_begins_is_not_lost(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    stored = Preparation.stored

    def late(self: Preparation, articles: Iterable[Article]) -> Iterator[Article]:
        open_engine(archive.engine.info().url).write([article_of("late", "Late")], (), keep=2)
        return stored(self, articles)

    monkeypatch.setattr(Preparation, "stored", late)
    with pytest.raises(IndexLockedError, match="has written"):
        archive.tidy() if job == "tidy" else archive.update([site_row(number) for number in range(50, 70)])
    assert archive.get("late").title == "Late"


def test_pending_counts_writes_until_tidy(archive: Archive) -> None:
    assert archive.engine.info().pending == 0
    archive.update([site_row(20), site_row(21)])
    archive.delete("s00")
    info = archive.engine.info()
    assert (info.pending, info.tidy_due) == (3, True)
    archive.tidy()
    info = archive.engine.info()
    assert (info.pending, info.tidy_due, info.articles) == (0, False, 9)


def test_a_deleted_article_gives_its_copies_another_story(archive: Archive) -> None:
    copies = [site_row(0, id=name) for name in ("a1", "a2", "a3")]
    archive.update(copies)
    assert archive.get("s00").story == "a1"
    archive.delete("a1")
    assert {archive.get(name).story for name in ("a2", "a3", "s00")} == {"a2"}
    archive.delete("a2", "a3")
    assert archive.get("s00").story == "s00"


def test_a_large_update_gives_the_result_of_a_reindex(archive: Archive) -> None:
    rows = [site_row(number) for number in range(4, 30)]
    archive.update(rows, prune=True)
    with Archive() as whole:
        whole.reindex(rows)
        assert {one: bare(article) for one, article in archive.articles().items()} == {
            one: bare(article) for one, article in whole.articles().items()
        }


def test_one_update_reads_few_articles_of_a_large_archive(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write costs what it writes: it must not read the articles of the index one by one."""
    chance = random.Random(5)
    archive.reindex([site_row(number, f"Line {chance.random()} of the paper.") for number in range(100)])
    engine = open_engine(archive.engine.info().url)
    read = _count_reads(monkeypatch)
    archive.engine = engine
    archive.update([site_row(200, "A last line of the paper.")])
    assert archive.engine.info().articles == 101
    assert len(read) <= 2 * HOLDERS < 100


def test_the_copies_of_a_story_are_read_once_not_for_each_of_them(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = [site_row(number, text=f"{report(300)} {number}") for number in range(40, 71)]
    archive.reindex([*(site_row(number) for number in range(40)), *copies[:-1]])
    archive.engine = open_engine(archive.engine.info().url)
    read = _count_reads(monkeypatch, only_whole=True)
    archive.update(copies[-1:])
    assert archive.get("s70").story == "s40"
    assert len(read) <= 5 * len(copies)


def _count_reads(monkeypatch: pytest.MonkeyPatch, *, only_whole: bool = False) -> Sequence[str]:
    """Return a list that will get the ids of all articles that are read."""
    from search.storage import records

    read: list[str] = []
    restore = records.restore

    def counted(record: bytes, **options: Any) -> Article:
        article = restore(record, **options)
        if options.get("mentions", True) or not only_whole:
            read.append(article.id)
        return article

    monkeypatch.setattr(records, "restore", counted)
    return read
