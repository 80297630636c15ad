"""The contract of suggestions, facet search, counts, highlights and single articles.

Each test cites the clauses of docs/engines.md that it tests. `test_contract_*.py` imports all tests for each engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support import oracle
from support.factories import article, query

from search.errors import InvalidQueryError, NotFoundError
from search.model import Article, Country, Filters, Interval, Person, QueryLimits
from search.results import Matches

if TYPE_CHECKING:
    from collections.abc import Callable

    from search.engine import Engine

clause = pytest.mark.clause


class TestExactFacets:
    """Counts are exact. An engine that truncates lists in each part of an index must notice uncertain counts."""

    @pytest.fixture(scope="class")
    @classmethod
    def wide(cls, fresh: Callable[[], Engine]) -> tuple[Engine, list[Article]]:
        """Return an index in 3 parts with 1,000 persons.

        One person is rare in each part and the most frequent in all.
        """
        engine = fresh()
        articles: list[Article] = []
        for part in range(3):
            names = [f"Person {part}-{number:03}" for number in range(100)]
            names += [f"Local {part}-{number // 4:03}" for number in range(1000)]
            names += ["Zora Everywhere"] * 3
            added = [article(part * 10_000 + number, persons=(Person(name),)) for number, name in enumerate(names)]
            engine.write(added, [], keep=1)
            articles += added
        return engine, articles

    @clause(11)
    @pytest.mark.parametrize("size", [1, 3, 10, 500, 2000])
    def test_counts_are_exact(self, wide: tuple[Engine, list[Article]], size: int) -> None:
        engine, articles = wide
        asked = query(facet_size=size)
        assert [(v.value, v.count) for v in engine.search(asked).persons] == oracle.listed_values(
            asked, articles, "person"
        )

    @clause(13)
    @pytest.mark.parametrize(("prefix", "size"), [("", 5), ("local 1", 10), ("zo", 3), ("person", 400), ("nobody", 3)])
    def test_a_facet_search_among_many_values_counts_all(
        self, wide: tuple[Engine, list[Article]], prefix: str, size: int
    ) -> None:
        engine, articles = wide
        counts = oracle.counts(query(), articles, "person")
        matching = {name: count for name, count in counts.items() if prefix in name.lower()}
        best = sorted(matching.items(), key=lambda item: (-item[1], item[0]))[:size]
        found = engine.facet_values("person", prefix, query(facet_size=size))
        assert [(one.value, one.count) for one in found.values] == best
        assert found.other == len(matching) - len(best)


@clause(12)
class TestHistogram:
    @pytest.fixture(scope="class")
    @classmethod
    def dated(cls, fresh: Callable[[], Engine]) -> Engine:
        engine = fresh()
        days = ["1995-05-05", "2024-01-01", "2024-01-01", "2024-01-07", "2024-01-08", "2024-03-31", None]
        engine.rebuild([article(n, "treaty", published=day) for n, day in enumerate(days)], keep=1)
        return engine

    @pytest.mark.parametrize(
        ("interval", "expected"),
        [
            ("year", [("1995", 1), ("2024", 5)]),
            ("month", [("1995-05", 1), ("2024-01", 4), ("2024-03", 1)]),
            ("week", [("1995-W18", 1), ("2024-W01", 3), ("2024-W02", 1), ("2024-W13", 1)]),
            ("day", [("1995-05-05", 1), ("2024-01-01", 2), ("2024-01-07", 1), ("2024-01-08", 1), ("2024-03-31", 1)]),
        ],
    )
    def test_each_interval(self, dated: Engine, interval: str, expected: list[tuple[str, int]]) -> None:
        found = dated.search(query("treaty", interval=Interval(interval))).dates
        assert [(one.value, one.count) for one in found] == expected

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("treaty", [("1995", 1), ("2024", 5)]),
            ("date:2024", [("2024-W01", 3), ("2024-W02", 1), ("2024-W13", 1)]),
            ("date:2024-01", [("2024-01-01", 2), ("2024-01-07", 1), ("2024-01-08", 1)]),
            ("date:2001", []),
        ],
    )
    def test_auto_picks_an_interval_with_few_bars(
        self, dated: Engine, text: str, expected: list[tuple[str, int]]
    ) -> None:
        assert [(one.value, one.count) for one in dated.search(query(text)).dates] == expected


class TestSuggestAndFacetSearch:
    @pytest.fixture(scope="class")
    @classmethod
    def filled(cls, fresh: Callable[[], Engine]) -> Engine:
        engine = fresh()
        engine.rebuild(
            [
                article(1, "Putin in Pyongyang", countries=(Country("RU", "Russia"), Country("KP", "North Korea")),
                        persons=(Person("Vladimir Putin"), Person("Kim Jong Un"))),
                article(2, "Kim writes", countries=(Country("KP", "North Korea"),), persons=(Person("Kim Jong Un"),)),
                article(3, "Élysée", countries=(Country("FR", "France"),), persons=(Person("Recep Tayyip Erdoğan"),)),
            ],
            keep=1,
        )  # fmt: skip
        return engine

    @clause(18)
    @pytest.mark.parametrize(
        ("typed", "label"),
        [
            ("putin", "Vladimir Putin"),
            ("vladimir pu", "Vladimir Putin"),
            ("korea", "North Korea"),
            ("ERDOGAN", "Recep Tayyip Erdoğan"),
            ("elys", "Élysée"),
        ],
    )
    def test_any_word_completes(self, filled: Engine, typed: str, label: str) -> None:
        assert label in [suggestion.label for suggestion in filled.suggest(typed, 8)]

    @clause(18)
    def test_suggestions_carry_counts_and_types(self, filled: Engine) -> None:
        first = filled.suggest("kim", 8)[0]
        assert (first.type, first.value, first.count) == ("person", "Kim Jong Un", 2)

    @clause(18)
    def test_nothing_typed_suggests_nothing(self, filled: Engine) -> None:
        assert filled.suggest("  ", 8) == ()

    @clause(18)
    def test_a_suggested_word_counts_the_articles_with_all_typed_words(self, filled: Engine) -> None:
        (found,) = [one for one in filled.suggest("kim wri", 8) if one.type == "word"]
        assert (found.value, found.count) == ("kim writes", 1)

    @clause(13)
    def test_facet_search_counts_under_the_query(self, filled: Engine) -> None:
        values = filled.facet_values("person", "ki", query("putin")).values
        assert [(value.value, value.count) for value in values] == [("Kim Jong Un", 1)]
        codes = filled.facet_values("country", "nor", query()).values
        assert [(value.value, value.label, value.count) for value in codes] == [("KP", "North Korea", 2)]

    @clause(13)
    def test_facet_search_ignores_the_filter_of_its_own_facet(self, filled: Engine) -> None:
        found = filled.facet_values("person", "kim", query(filters=Filters(persons=("Vladimir Putin",)))).values
        assert [(value.value, value.count, value.selected) for value in found] == [("Kim Jong Un", 2, False)]
        found = filled.facet_values("person", "vlad", query(filters=Filters(persons=("Vladimir Putin",)))).values
        assert [(value.value, value.count, value.selected) for value in found] == [("Vladimir Putin", 1, True)]


class TestArticles:
    @clause(20, 30)
    def test_an_article_is_returned_complete(self, small: Engine, news: tuple[Article, ...]) -> None:
        for one in news:
            assert small.get(one.id) == one
        everything = sorted(news, key=lambda one: one.id)
        assert list(small.articles()) == everything
        assert list(small.articles(everything[6].id)) == everything[7:]
        assert list(small.ids()) == [one.id for one in everything]

    @clause(14)
    def test_highlights_are_ranges_of_the_stored_text(self, small: Engine) -> None:
        hit = next(hit for hit in small.search(query("treaties port")).hits if hit.article.id == "envoy-1")
        assert [hit.title.text[start:end] for start, end in hit.title.ranges] == ["port", "treaty"]
        marked = [fragment.text[start:end] for fragment in hit.fragments for start, end in fragment.ranges]
        assert marked == ["treaty", "port"]  # in the sentence with both words

    @clause(14)
    def test_matches_of_an_article_include_the_highlights_of_a_search(
        self, small: Engine, news: tuple[Article, ...]
    ) -> None:
        kept = {one.id: one for one in news}
        for text in ("treaties port", '"port treaty"', '"text treaty"~5', "harb*", "putni treaty", "country:KP treaty"):
            found = small.search(query(text, per_page=100))
            assert found.hits, text
            for hit in found.hits:
                one = kept[hit.article.id]
                matches = small.matches(one, query(text))
                assert matches.ranges[: len(hit.title.ranges)] == hit.title.ranges, text
                marked = {one.text[start:end] for start, end in matches.ranges}
                highlighted = {part.text[start:end] for part in hit.fragments for start, end in part.ranges}
                assert highlighted <= marked, text
                assert all(start >= len(one.title) + 2 for start, _ in matches.ranges[len(hit.title.ranges) :]), text

    @clause(14, 17)
    def test_matches_are_of_corrected_words_and_not_of_excluded_ones(
        self, small: Engine, news: tuple[Article, ...]
    ) -> None:
        first = news[0]
        matches = small.matches(first, query("putni treaties -lisbon"))
        assert matches.searched == "putin treaties -lisbon"
        assert {first.text[start:end] for start, end in matches.ranges} == {"treaty", "Putin"}
        assert small.matches(first, query("putni", correct=False)) == Matches("putni")
        assert small.matches(first, query()) == Matches("")
        assert small.matches(first, query("lisbon")) == Matches("lisbon")
        with pytest.raises(InvalidQueryError):
            small.matches(first, query("a b c", limits=QueryLimits(max_terms=2)))

    @clause(14)
    def test_an_article_without_a_title_is_shown_by_its_first_words(self, engine: Engine) -> None:
        engine.rebuild([article(1, "", "Wellington and Ankara lend each other seismologists. " * 5)], keep=1)
        hit = engine.search(query("ankara")).hits[0]
        assert hit.title.text.startswith("Wellington and Ankara lend")
        assert hit.title.text.endswith(" …")
        assert hit.article.title == ""

    @clause(20, 33)
    def test_an_unknown_id_is_an_error(self, small: Engine) -> None:
        for odd in ("nowhere", "\udcff"):
            for ask in (small.get, lambda one: small.similar(one, 3)):
                with pytest.raises(NotFoundError, match="No article has the id"):
                    ask(odd)
            assert small.search(query(filters=Filters(story=odd))).total == 0
            small.search(query(odd, filters=Filters(persons=(odd,), sources=(odd,))))

    @clause(20)
    @pytest.mark.parametrize(
        "odd", ["a" * 2000, "https://a.example/x?y=1#z", "ключ 北京 \U0001f600", "_id", "..", "a,b*"]
    )
    def test_any_id_is_allowed(self, engine: Engine, odd: str) -> None:
        engine.rebuild([Article(odd, "One", "harbour", story=odd), Article("b", "Two", "harbour", story=odd)], keep=1)
        assert engine.get(odd).title == "One"
        assert engine.search(query(filters=Filters(story="b"))).total == 2
        engine.write([], [odd], keep=1)
        assert [one.id for one in engine.articles()] == ["b"]

    @clause(19)
    def test_similar_articles_are_other_stories(self, engine: Engine) -> None:
        text = "The harbour treaty opens the eastern pier to foreign freighters"
        engine.rebuild(
            [
                article(1, "Harbour treaty", text),
                article(
                    2, "Harbour treaty again", "The harbour treaty opens the eastern pier to freighters", story="1"
                ),
                article(3, "Pier busy", "Freighters crowd the eastern pier of the harbour", published="2024-01-01"),
                article(5, "Pier very busy", "Freighters crowd the eastern pier of the harbour", story="3"),
                article(4, "Cricket", "A century before lunch"),
            ],
            keep=1,
        )
        for one in "12":
            assert [(hit.article.id, hit.copies) for hit in engine.similar(one, 5)] == [("3", 1)]
