"""Query trees compiled for OpenSearch: they match like the oracle, have the right scores, and need few clauses."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import naive_opensearch, oracle
from support.factories import article, query
from support.random_archives import FILTERS, TEXTS, random_archives
from whoosh import query as tree

from search import analysis
from search.engines.opensearch import mapping
from search.engines.opensearch import query as oq
from search.engines.plan_result import freshness
from search.model import NO_FILTERS, Country, Filters, Person
from search.query import planning, ranking
from search.storage.fields import instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from search.engines.opensearch.query import Dsl
    from search.model import Article


class Words:
    """The words of some articles, with the methods that the compiler needs."""

    def __init__(self, articles: Sequence[Article]) -> None:
        fields = ("title_words", "body_words", "person_words", "source_words")
        self._words = {token for one in articles for field in fields for token in oracle.field_tokens(one, field)}

    def near(self, word: str, typos: int) -> list[str]:
        return [one for one in self._words if one[:1] == word[:1] and oracle.edit_distance(one, word) <= typos]


def compiled(node: tree.Query) -> Dsl:
    return oq.Compiler(Words([])).compile(node)


def clauses(query: Any) -> int:
    """Count clauses as Lucene does: all leaves, without those in the filters of functions."""
    if isinstance(query, list):
        return sum(map(clauses, query))
    if not isinstance(query, dict):
        return 0
    leaves = {"term", "terms", "match_phrase", "prefix", "wildcard", "range", "match_all", "exists", "ids"}
    return sum(1 if name in leaves else clauses(body) for name, body in query.items() if name != "functions")


A, B, C = (tree.Term("body", letter) for letter in "abc")


class TestMatches:
    @settings(max_examples=150, deadline=None)
    @given(random_archives(), TEXTS)
    def test_a_tree_matches_like_the_oracle(self, articles: list[Article], text: str) -> None:
        asked = query(text)
        found = oq.Compiler(Words(articles)).compile(asked.parsed.tree)
        for one in articles:
            assert (naive_opensearch.score(found, one) is not None) == oracle.matches(asked.parsed.tree, one), (
                text,
                one,
            )

    @settings(max_examples=60, deadline=None)
    @given(random_archives(), FILTERS, st.sampled_from(["", "country", "person", "date"]))
    def test_filters_match_like_the_oracle(self, articles: list[Article], filters: Filters, facet: str) -> None:
        found = oq.restrict(compiled(tree.Every()), filters, without=facet)
        for one in articles:
            assert (naive_opensearch.score(found, one) is not None) == oracle.passes_filters(
                filters, one, without=facet
            )

    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.sampled_from("abcdef"), max_size=8).map(" ".join), st.data())
    def test_repeated_children_count_each_time(self, body: str, data: st.DataObject) -> None:
        terms = [tree.Term("body", letter) for letter in "abcd"] + [tree.Phrase("body", ["a", "b"])]
        children = data.draw(st.lists(st.sampled_from(terms), min_size=1, max_size=12))
        node = tree.Or(children, minmatch=data.draw(st.integers(1, len(children))))
        one = article(1, "", body)
        assert (naive_opensearch.score(compiled(node), one) is not None) == oracle.matches(node, one)

    @pytest.mark.parametrize(
        ("body", "slop", "matches"),
        [("a b", 1, True), ("a x b", 1, False), ("a x b", 2, True), ("b a", 2, False), ("a x x b", 2, False)],
    )
    def test_words_with_gaps_keep_their_order(self, body: str, slop: int, matches: bool) -> None:  # noqa: FBT001
        near = compiled(tree.Phrase("body", ["a", "b"], slop=slop))
        assert (naive_opensearch.score(near, article(1, "", body)) is not None) is matches

    def test_a_story_has_its_first_article_and_the_copies(self) -> None:
        of_story = oq.of_story("1")
        assert naive_opensearch.score(of_story, article(1)) is not None
        assert naive_opensearch.score(of_story, article(2, story="1")) is not None
        assert naive_opensearch.score(of_story, article(3)) is None

    def test_any_number_of_hidden_articles_is_excluded(self) -> None:
        found = oq.excluding(compiled(tree.Every()), range(150_000))
        parts = [clause["terms"]["own_key"] for clause in found["bool"]["must_not"]]
        assert max(map(len, parts)) <= oq.MOST_TERMS
        assert [key for part in parts for key in part] == list(range(150_000))


class TestScores:
    """Scores as `naive_opensearch` computes them: each term and phrase scores 1, times its boost."""

    @pytest.mark.parametrize(
        ("node", "total"),
        [
            (tree.And([A, B]), 2),
            (tree.And([A, A, B]), 3),
            (tree.Or([A, B, C]), 2),
            (tree.Or([A, A, C]), 2),
            (tree.Or([A, B], boost=3), 6),
            (tree.And([A, tree.Not(C)]), 1),
            (tree.And([tree.Every(), tree.Not(C)]), 1),
            (tree.Not(C), 0),
            (tree.AndMaybe(A, tree.Or([B, C])), 2),
            (tree.AndMaybe(A, tree.Or([B, C], boost=2)), 3),
            (tree.ConstantScoreQuery(tree.And([A, B]), 5), 5),
            (tree.Or([tree.ConstantScoreQuery(A, 2), tree.ConstantScoreQuery(B, 3), tree.ConstantScoreQuery(C, 7)]), 5),
            (tree.AndMaybe(A, tree.Or([tree.ConstantScoreQuery(B, 3), tree.ConstantScoreQuery(C, 7)])), 4),
            (tree.AndMaybe(A, tree.Or([tree.ConstantScoreQuery(C, 3), tree.ConstantScoreQuery(C, 7)])), 1),
            (tree.And([tree.ConstantScoreQuery(A, 0.0), tree.Or([B, C])]), 1),
            (tree.Phrase("body", ["a", "b"], boost=4), 4),
            (tree.Prefix("body", "a", boost=4), 4),
        ],
    )
    def test_a_tree_scores_the_sum_of_its_matches(self, node: tree.Query, total: float) -> None:
        assert naive_opensearch.score(compiled(node), article(1, "", "a b")) == total

    def test_an_article_without_any_constant_score_does_not_match(self) -> None:
        node = tree.Or([tree.ConstantScoreQuery(A, 2), tree.ConstantScoreQuery(B, 3)])
        assert naive_opensearch.score(compiled(node), article(1, "", "c")) is None

    def test_freshness_halves_with_a_half_life(self) -> None:
        now = dt.datetime(2024, 3, 31, tzinfo=dt.UTC).timestamp()
        assert freshness(instant("2024-04-30"), now, 30) == 1
        assert freshness(instant("2024-03-31"), now, 30) == 1
        assert freshness(instant("2024-03-01"), now, 30) == pytest.approx(0.5)
        assert freshness(instant("1987-03-01"), now, 30) == freshness(None, now, 30) == 2**-10
        first, dated, old = oq.fresh(oq.EVERYTHING, now, 30)["function_score"]["functions"]
        assert first["filter"]["range"]["instant"]["gte"] == now
        assert dated["exp"]["instant"] == {"origin": now, "scale": 30 * 86_400, "decay": 0.5}
        assert dated["filter"]["range"]["instant"]["gte"] == now - 300 * 86_400
        assert old["weight"] == 2**-10


class TestClauses:
    """The number of clauses. OpenSearch 2.x allows 1,024 by default."""

    class Index:
        """An archive that has every word and every name. It leads to the most clauses."""

        size = 10_000

        def frequency(self, field: str, term: str) -> int:
            return 100 + len(term) * (field == "text")

        def count(self, _: tree.Query, __: Filters = NO_FILTERS) -> int:
            return 0

        def nth_score(self, _: tree.Query, __: int) -> float:
            return 30.0

        def select(self, _: tree.Query, __: int, ___: Filters = NO_FILTERS, **____: bool) -> Sequence[Article]:
            return [article(1, " ".join(f"stem{number}" for number in range(100)))] * 4

    @pytest.mark.parametrize("gap", ["", "the ", "of the "])
    def test_a_sentence_of_200_words_is_within_the_limit(self, gap: str) -> None:
        letters = "abcdefghijklmnopqrst"
        words = [f"{one}{other}word" for one in letters for other in letters][: 200 // (1 + len(gap.split()))]
        asked = query("what about the " + " ".join(gap + word for word in words))
        plan = planning.relaxed(asked, self.Index())
        found = oq.restrict(compiled(plan.scored), Filters(countries=("FR",)))
        assert len(plan.parts) > 300
        assert clauses(found) < 1_000
        assert clauses(compiled(plan.match)) < 20

    def test_weighted_words_are_one_clause(self) -> None:
        words = [tree.Term("text", f"w{number}") for number in range(300)]
        assert clauses(compiled(tree.Or([word for word in words for _ in range(4)], minmatch=9))) == 1
        assert clauses(compiled(tree.Or([tree.ConstantScoreQuery(word, 2.0) for word in words]))) == 1


class TestDocuments:
    def test_a_document_has_the_fields_of_all_engines(self) -> None:
        one = article(7, "A title", "A body", published="2024-01-02", source="AP", persons=(Person("Ann Lee"),))
        document = mapping.document(one)
        mapped = mapping.settings_and_mappings(1, 0)["mappings"]
        assert document.keys() <= mapped["properties"].keys()
        assert json.loads(json.dumps(document)) == document
        assert mapped["dynamic"] == "strict"
        assert (document["headline"], document["person"], document["day"]) == (
            "A title",
            ["Ann Lee"],
            one.day and one.day.toordinal(),
        )

    def test_stories_with_copies_are_grouped(self) -> None:
        own, copy, named = article(1), article(2, story="1"), mapping.document(article(1), named=True)
        assert "group" not in mapping.document(own)
        assert mapping.document(copy)["group"] == named["group"] == named["own_key"]

    def test_a_key_is_short_however_long_an_id_is(self) -> None:
        assert len(mapping.key("x" * 5_000)) == len(mapping.key("ü")) == 32


def like() -> Iterator[Article]:
    yield article(1, "Harbour treaty", "The harbour treaty opens", countries=(Country("RU", "Russia", (), 0.5),))


def test_similar_articles_need_a_share_of_the_terms() -> None:
    (one,) = like()
    parts = ranking.like(TestClauses.Index(), one)
    found = compiled(ranking.enough_of(parts))
    assert naive_opensearch.score(found, article(2, "", "harbour treaty")) is not None
    assert naive_opensearch.score(found, article(3, "", "harbour")) is None
    assert set(found["bool"]) == {"should", "minimum_should_match"}
    assert analysis.stem("harbour") in json.dumps(found)
