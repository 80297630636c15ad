"""Random archives and random query trees: all engines are compared with each other and with a naive oracle."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from conftest import new_index, opened
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import oracle
from support.factories import newest_first, oldest_first, query
from support.random_archives import CODES, FILTERS, NAMES, TEXTS, WORDS, random_archives
from whoosh import query as tree

from search import analysis
from search.model import Filters, Interval, Parsed, Query, Sort

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.engine import Engine
    from search.model import Article
    from search.results import Results

STEMS = sorted({token.stem for word in WORDS for token in analysis.tokenize(word)})
FOLDED = sorted({token.word for word in WORDS for token in analysis.tokenize(word)})
NAMED = sorted({token.word for name in NAMES for token in analysis.tokenize(name)})
TERMS = st.one_of(
    st.builds(tree.Term, st.sampled_from(["text", "title", "body"]), st.sampled_from(STEMS)),
    st.builds(tree.Term, st.sampled_from(["title_words", "body_words"]), st.sampled_from(FOLDED)),
    st.builds(tree.Term, st.just("person_words"), st.sampled_from(NAMED)),
    st.builds(tree.Term, st.just("source_words"), st.sampled_from(["ap", "meridian", "wire"])),
    st.builds(tree.Term, st.just("country"), st.sampled_from(CODES)),
)
LEAVES = st.one_of(
    TERMS,
    st.builds(
        lambda field, words, slop: tree.Phrase(field, words, slop=slop),
        st.sampled_from(["title", "body"]),
        st.lists(st.sampled_from(STEMS), min_size=2, max_size=3),
        st.integers(1, 3),
    ),
    st.builds(tree.Prefix, st.sampled_from(["title_words", "body_words"]), st.sampled_from([w[:2] for w in FOLDED])),
    st.builds(
        tree.Wildcard,
        st.sampled_from(["title_words", "body_words"]),
        st.sampled_from(["t*s", "?utin", "*", "*т*", "1*"]),
    ),
    st.builds(
        lambda field, word, typos: tree.FuzzyTerm(field, word, maxdist=typos, prefixlength=1),
        st.sampled_from(["title_words", "body_words"]),
        st.sampled_from(["putn", "tlaks", "treatis", "москва", "u"]),
        st.integers(1, 2),
    ),
    st.builds(
        lambda low, span: tree.NumericRange("day", low, low + span), st.integers(738_870, 738_960), st.integers(0, 60)
    ),
    st.just(tree.Every()),
)


def groups(inner: st.SearchStrategy[tree.Query]) -> st.SearchStrategy[tree.Query]:
    several = st.lists(inner, min_size=1, max_size=4)
    return st.one_of(
        st.builds(tree.And, several),
        st.builds(lambda nodes, boost: tree.Or(nodes, boost=boost), several, st.sampled_from([1.0, 2.5])),
        st.builds(_weighted, st.lists(st.tuples(inner, st.integers(1, 4)), min_size=1, max_size=4), st.integers(1, 6)),
        st.builds(tree.Not, inner),
        st.builds(tree.AndMaybe, inner, inner),
        st.builds(tree.ConstantScoreQuery, inner, st.sampled_from([0.0, 1.5])),
    )


def _weighted(nodes: list[tuple[tree.Query, int]], least: int) -> tree.Query:
    """Return an Or that requires a total weight. As in `search.query.planning`, each node is repeated `weight` times."""
    return tree.Or([node for node, weight in nodes for _ in range(weight)], minmatch=least)


TREES = st.recursive(LEAVES, groups, max_leaves=8)
EMBEDDED = ("tantivy", "whoosh")


@pytest.fixture(
    scope="module", params=[EMBEDDED, pytest.param((*EMBEDDED, "opensearch"), marks=pytest.mark.opensearch)]
)
def engines(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Engine]]:
    """Yield the engines to compare: first those without a server, then all."""
    with ExitStack() as stack:
        urls = [stack.enter_context(new_index(kind, tmp_path_factory.mktemp(kind))) for kind in request.param]
        yield [opened(url) for url in urls]


def query_of_tree(node: tree.Query, filters: Filters) -> Query:
    return Query("", Parsed("", node), filters=filters, per_page=20, interval=Interval.MONTH, correct=False)


def agree_on_trees(engines: list[Engine], articles: list[Article], searches: list[tuple[tree.Query, Filters]]) -> None:
    for engine in engines:
        engine.rebuild(articles, keep=1)
    for node, filters in searches:
        asked = query_of_tree(node, filters)
        expected = oracle.results(asked, articles)
        for engine in engines:
            found = engine.search(asked)
            assert {hit.article.id for hit in found.hits} == {one.id for one in expected}, engine.info().engine
            assert (found.total, found.stories) == (len(expected), len({one.story for one in expected}))
            assert [(v.value, v.count) for v in found.countries] == oracle.listed_values(asked, articles, "country")
            assert [(v.value, v.count) for v in found.persons] == oracle.listed_values(asked, articles, "person")
            assert [(b.value, b.count) for b in found.dates] == sorted(oracle.counts(asked, articles, "date").items())
            for sort, key in ((Sort.NEWEST, newest_first), (Sort.OLDEST, oldest_first)):
                ids = [hit.article.id for hit in engine.search(replace(asked, sort=sort, facets=())).hits]
                assert ids == [one.id for one in sorted(expected, key=key)]


def comparable(found: Results) -> object:
    """Return the parts of an answer that must be equal on all engines: all but the scores and the order."""
    hits = {hit.article.id: (hit.article, hit.title, hit.fragments, hit.copies) for hit in found.hits}
    return (
        *(found.total, found.stories, hits, found.countries, found.persons, found.dates),
        *(found.corrected, found.applied, found.relaxed, found.alternatives),
    )


def agree_on_texts(engines: list[Engine], articles: list[Article], searches: list[tuple[str, Filters]]) -> None:
    for engine in engines:
        engine.rebuild(articles, keep=1)
    for text, filters in searches:
        for sort in Sort:
            asked = query(text, filters=filters, sort=sort, per_page=20)
            answers = [engine.search(asked) for engine in engines]
            assert all(comparable(answer) == comparable(answers[0]) for answer in answers), text
            orders = [[hit.article.id for hit in answer.hits] for answer in answers]
            if sort is Sort.RELEVANCE:
                _check_clear_order(answers)
            else:
                assert all(order == orders[0] for order in orders), text
        collapsed = [engine.search(query(text, filters=filters, collapse=True, per_page=20)) for engine in engines]
        assert all(comparable(answer) == comparable(collapsed[0]) for answer in collapsed), text
        for words in (text, "k", "t"):
            assert len({engine.suggest(words, 8) for engine in engines}) == 1
            assert len({engine.facet_values("person", words[:2], query(text)) for engine in engines}) == 1
            assert len({engine.facet_values("country", words[:1], query(text)) for engine in engines}) == 1
    for one in articles:
        assert len({engine.get(one.id) for engine in engines}) == 1


CLEAR = 1.5
"""Ratio of two scores above which all engines must rank alike, if the scores also differ by more than 1."""


def _check_clear_order(answers: list[Results]) -> None:
    for answer in answers:
        ranked = [(hit.article.id, hit.score) for hit in answer.hits]
        for other in answers:
            places = {hit.article.id: place for place, hit in enumerate(other.hits)}
            for place, (one, score) in enumerate(ranked):
                for below, less in ranked[place + 1 :]:
                    if score > CLEAR * less and score - less > 1:
                        assert places[one] < places[below], (one, below)


FEW = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(random_archives(), st.lists(st.tuples(TREES, FILTERS), min_size=4, max_size=8))
def test_engines_agree_on_trees(
    engines: list[Engine], articles: list[Article], searches: list[tuple[tree.Query, Filters]]
) -> None:
    agree_on_trees(engines, articles, searches)


@FEW
@given(random_archives(), st.lists(st.tuples(TEXTS, FILTERS), min_size=3, max_size=6))
def test_engines_agree_on_texts(
    engines: list[Engine], articles: list[Article], searches: list[tuple[str, Filters]]
) -> None:
    agree_on_texts(engines, articles, searches)
