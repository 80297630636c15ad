"""`Preparation.stored` makes of the articles of an index what `Preparation.articles` makes of their raw articles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from support.command_line import SAMPLES, prose
from test_person_labels import NEWS

from index.archive import cleaned
from index.archive.keys import keys_of
from index.archive.pipeline import Preparation
from index.sources.raw import RawArticle
from index.sources.read import read
from search.model import Article
from search.settings import Settings
from search.storage import records

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

ONE = Settings(workers=1)
ABOVE = "The Gazette of Portvale is read in every house that has a boat."
BELOW = "Ring Vladimir Putin when a whale comes to town in Iceland, day and night."
SHORT = "Portvale desk"
COPY = f"President Vladimir Putin said so in Kenya. {prose(77, 60)}"


def prepared(raws: Iterable[RawArticle], settings: Settings = ONE) -> list[Article]:
    return [item for item in Preparation(settings).articles(raws) if isinstance(item, Article)]


def reread(article: Article) -> Article:
    """Return an article as an engine returns it: without keys and tokens."""
    return records.restore(records.store(article), digest=article.digest, signature=article.signature)


def tidied(articles: Iterable[Article], settings: Settings = ONE) -> list[Article]:
    return list(Preparation(settings).stored(map(reread, articles)))


def story(number: int, drawn: tuple[str, str, str, str, bool]) -> RawArticle:
    """Return a raw article with lines above, between and below its paragraphs; some are copies of one story."""
    above, inside, below, title, is_copy = drawn
    who, where = NEWS[number % len(NEWS)]
    first = COPY if is_copy else f"{who} said in {where} that the plan would go on. {prose(1000 + number, 40)}"
    text = "\n\n".join(part for part in (above, first, inside, prose(5000 + number, 9), below) if part)
    return RawArticle(f"a{number:02}", "x", text=text, title=title or None, source="Gazette", language="en")


LINES = st.sampled_from([ABOVE, BELOW, SHORT, "", ""])
DRAWN = st.lists(
    st.tuples(LINES, LINES, LINES, st.sampled_from(["", "Ann Lee of Peru"]), st.booleans()), min_size=2, max_size=12
)


@pytest.fixture(scope="module")
def aliases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("aliases") / "aliases.toml"
    path.write_text(
        '[same]\n"V. Putin" = ["Vladimir Putin", "Vladimir V. Putin"]\n[nobody]\nnames = ["Kim Jong-un"]\n'
        '[wrong]\na01 = ["Ukraine", "Volodymyr Zelenskyy"]\n',
        encoding="utf-8",
    )
    return path


@given(DRAWN, st.randoms(use_true_random=False), st.integers(1, 12), st.sampled_from(["", "aliases"]))
@hypothesis_settings(max_examples=60, deadline=None)
def test_batches_that_are_tidied_equal_one_run(
    aliases: Path, drawn: list[tuple[str, str, str, str, bool]], order: object, cut: int, use: str
) -> None:
    settings = replace(ONE, aliases=str(aliases)) if use else ONE
    raws = [story(number, one) for number, one in enumerate(drawn)]
    expected = prepared(raws, settings)
    assert tidied(expected, settings) == expected
    order.shuffle(raws)  # type: ignore[attr-defined]
    batches = sorted([*prepared(raws[:cut]), *prepared(raws[cut:], settings)], key=lambda article: article.id)
    assert tidied(batches, settings) == expected


def test_the_samples_stay_as_they_are() -> None:
    expected = prepared(read([str(SAMPLES)], ONE))
    assert tidied(expected) == expected
    assert len(expected) > 50


def test_two_workers_restore_the_same() -> None:
    raws = [story(number, (ABOVE, "", BELOW, "", number % 9 == 0)) for number in range(300)]
    expected = prepared(raws)
    assert any(article.removed for article in expected)
    assert tidied(expected, Settings(workers=2)) == expected


def test_tags_are_found_again_only_if_lines_change(monkeypatch: pytest.MonkeyPatch) -> None:
    articles = prepared([story(number, (ABOVE, "", "", "", False)) for number in range(5)])
    found: list[str] = []
    monkeypatch.setattr(cleaned.facets, "find", lambda text, *_: found.append(text) or pytest.fail(text))
    assert tidied(articles) == articles
    monkeypatch.undo()
    assert [article.removed for article in tidied(articles[:3])] == [()] * 3


def test_keys_can_be_computed_from_the_stored_article() -> None:
    raws = [story(number, (ABOVE, SHORT, BELOW, "", number % 3 == 0)) for number in range(9)]
    for article in prepared(raws):
        assert article.removed
        assert article.keys == keys_of(reread(article))
        assert len(set(article.keys)) == len(article.keys)
