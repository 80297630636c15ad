"""The contract on random archives: engines are compared with a naive oracle.

Each test cites the clauses of docs/engines.md that it tests. `test_contract_*.py` imports all tests for each engine.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support import oracle
from support.factories import article, newest_first, oldest_first, query
from support.random_archives import PIECES, RANDOM, SEARCHES, TEXTS, random_archives

from search.model import Article, Filters, Interval, Query, Sort

if TYPE_CHECKING:
    from search.engine import Engine

clause = pytest.mark.clause


@clause(1, 3, 4, 6, 7, 8, 11, 12, 15)
@RANDOM
@given(random_archives(), SEARCHES)
def test_the_engine_answers_like_the_oracle(
    shared: Engine, articles: list[Article], searches: list[tuple[str, Filters, int]]
) -> None:
    shared.rebuild(articles, keep=1)
    for text, filters, size in searches:
        asked = query(text, filters=filters, per_page=20, facet_size=size, interval=Interval.MONTH, correct=False)
        check_against_the_oracle(shared, asked, articles)
        check_the_order(shared, asked, articles)


def check_against_the_oracle(shared: Engine, asked: Query, articles: list[Article]) -> None:
    results = shared.search(asked)
    expected = oracle.results(asked, articles)
    assert {hit.article.id for hit in results.hits} == {one.id for one in expected}
    assert results.total == len(expected)
    assert results.stories == len({one.story for one in expected})
    assert [(v.value, v.count) for v in results.countries] == oracle.listed_values(asked, articles, "country")
    assert [(v.value, v.count) for v in results.persons] == oracle.listed_values(asked, articles, "person")
    assert [(b.value, b.count) for b in results.dates] == sorted(oracle.counts(asked, articles, "date").items())
    for hit in results.hits:
        assert hit.copies == sum(one.story == hit.article.story for one in expected) - 1


@clause(1, 6, 7, 8, 11, 23, 24)
@RANDOM
@given(random_archives(), SEARCHES, st.data())
def test_an_index_written_in_parts_gives_the_same_answers(
    shared: Engine,
    articles: list[Article],
    searches: list[tuple[str, Filters, int]],
    data: st.DataObject,
) -> None:
    """Several segments, some with deleted articles, give the same matches, counts and order as a single one."""
    order = data.draw(st.permutations(articles))
    cut = data.draw(st.integers(0, len(order)))
    shared.rebuild([replace(one, title="older version") for one in order[: cut + 1]], keep=1)
    for part in (order[:cut], order[cut:]):
        shared.write(part, [], keep=1)
    for text, filters, size in searches:
        asked = query(text, filters=filters, per_page=20, facet_size=size, interval=Interval.MONTH, correct=False)
        check_against_the_oracle(shared, asked, articles)
        check_the_order(shared, asked, articles)


def check_the_order(shared: Engine, asked: Query, articles: list[Article]) -> None:
    """Check the order of the results and of all pages.

    Scores fall. Ties come by date, then by id. All pages together contain each result once.
    """
    expected = oracle.results(asked, articles)
    whole = [(hit.score, hit.article) for hit in shared.search(asked).hits]
    keys = [(-score, *newest_first(one)) for score, one in whole]
    assert keys == sorted(keys)
    for sort, key in ((Sort.NEWEST, newest_first), (Sort.OLDEST, oldest_first)):
        paged = []
        for page in range(1, len(expected) // 4 + 3):
            paged += shared.search(replace(asked, sort=sort, per_page=4, page=page, facets=())).hits
        assert [hit.article.id for hit in paged] == [one.id for one in sorted(expected, key=key)]
    paged = []
    for page in range(1, len(expected) // 3 + 3):
        paged += shared.search(replace(asked, per_page=3, page=page, facets=())).hits
    assert [hit.article.id for hit in paged] == [one.id for _, one in whole]


@clause(11)
@RANDOM
@given(random_archives(), SEARCHES)
def test_a_click_on_any_count_gives_that_many_results(
    shared: Engine, articles: list[Article], searches: list[tuple[str, Filters, int]]
) -> None:
    shared.rebuild(articles, keep=1)
    for text, filters, _ in searches:
        check_every_click(shared, text, filters)


def check_every_click(shared: Engine, text: str, filters: Filters) -> None:
    results = shared.search(query(text, filters=filters, interval=Interval.WEEK))

    for value in results.countries:
        chosen = replace(filters, countries=(value.value,))
        assert shared.search(query(text, filters=chosen)).total == value.count
    for value in results.persons:
        chosen = replace(filters, persons=(value.value,))
        assert shared.search(query(text, filters=chosen)).total == value.count
    for bucket in results.dates:
        chosen = replace(filters, date_from=bucket.first, date_to=bucket.last)
        assert shared.search(query(text, filters=chosen)).total == bucket.count


@clause(15)
@RANDOM
@given(random_archives(), TEXTS)
def test_collapsing_shows_each_story_once_on_all_pages_together(
    shared: Engine, articles: list[Article], text: str
) -> None:
    shared.rebuild(articles, keep=1)
    stories = []
    for page in range(1, 20):
        results = shared.search(query(text, collapse=True, page=page, per_page=3))
        stories += [hit.article.story for hit in results.hits]
        if not results.hits:
            break
    assert sorted(stories) == sorted({one.story for one in oracle.results(query(text), articles)})
    assert results.stories == len(stories)


@clause(8)
@RANDOM
@given(random_archives())
@example([article(1, published="2024-01-01"), article(2), article(3, published="2024-01-02T23:00:00-05:00")])
def test_orders_by_date_put_undated_articles_last(shared: Engine, articles: list[Article]) -> None:
    shared.rebuild(articles, keep=1)
    newest = [hit.article.published for hit in shared.search(query(sort=Sort.NEWEST, per_page=20)).hits]
    oldest = [hit.article.published for hit in shared.search(query(sort=Sort.OLDEST, per_page=20)).hits]
    dated = sorted(one.published for one in articles if one.published)
    undated = [None] * (len(articles) - len(dated))
    assert oldest == [*dated, *undated]
    assert newest == [*reversed(dated), *undated]


@clause(2, 10)
@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.one_of(
        st.text(max_size=40), st.lists(PIECES, max_size=10).map(" ".join), st.lists(PIECES, max_size=10).map("".join)
    )
)
@example("*¼")  # it folds to `1⁄4`, whose fraction slash has no escape in tantivy's regular expressions
def test_any_text_is_searched_suggested_and_explained(small: Engine, text: str) -> None:
    found = small.search(query(text, explain=True, per_page=3))
    assert (found.alternatives is None) == (found.total > 0)
    assert len(found.hits) == min(found.total, 3)
    for hit in found.hits:
        assert hit.explanation is not None
        assert sum(reason.score for reason in hit.explanation.reasons) == pytest.approx(hit.score, rel=1e-3, abs=1e-3)
    for drop in found.alternatives.without if found.alternatives else ():
        assert drop.label
        assert drop.total == small.search(query(drop.text, correct=False)).total > 0
    assert len(small.suggest(text, 8)) <= 8
    small.facet_values("person", text, query(text))
