"""Special cases of tantivy: truncated counts, ties in several segments, and the window of freshness."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import oracle
from support.contract_search import TestOrder as Order
from support.factories import article, query
from support.random_archives import random_archives

from search.model import Person

if TYPE_CHECKING:
    import pytest

    from search.engine import Engine
    from search.model import Article


def test_a_plain_aggregation_would_be_wrong(engine: Engine) -> None:
    """The sum of counts that are truncated in each segment is wrong. `TestExactFacets` makes the archive."""
    import tantivy

    for part in range(3):
        names = [f"Local {part}-{number // 4:03}" for number in range(200)] + ["Zora Everywhere"] * 3
        engine.write([article(part * 10_000 + n, persons=(Person(name),)) for n, name in enumerate(names)], [], keep=1)
    folder = engine.store.path(engine.store.current())  # type: ignore[attr-defined]
    searcher = tantivy.Index.open(str(folder)).searcher()
    assert searcher.num_segments > 1
    terms = {"persons": {"terms": {"field": "person", "size": 10, "segment_size": 10}}}
    buckets = searcher.aggregate(tantivy.Query.all_query(), terms)["persons"]["buckets"]
    assert "Zora Everywhere" not in [bucket["key"] for bucket in buckets]
    assert (engine.search(query()).persons[0].value, engine.search(query()).persons[0].count) == ("Zora Everywhere", 9)


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(random_archives(), min_size=2, max_size=4), st.integers(1, 4), st.integers(1, 3))
def test_any_first_width_gives_the_same_counts(
    shared: Engine, parts: list[list[Article]], size: int, width: int
) -> None:
    shared.rebuild([], keep=1)
    articles = []
    for number, part in enumerate(parts):
        renamed = [replace(one, id=f"{number}-{one.id}") for one in part]
        shared.write(renamed, [], keep=1)
        articles += renamed
    reader = shared._current()  # type: ignore[attr-defined]
    everything = reader.compiler.compile(query().parsed.tree)
    counted = reader.counter.top_values(everything, "person", size, width=width)
    assert counted == oracle.listed_values(query(facet_size=size), articles, "person")


def test_freshness_includes_ties_at_the_end_of_its_window(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from search.engines.tantivy import run_plan

    monkeypatch.setattr(run_plan, "RECENCY_WINDOW", 4)
    Order().test_freshness_orders_ties_in_several_segments(engine)
