"""The contract of searches: order, copies, relaxing, corrections, alternatives, limits.

Each test cites the clauses of docs/engines.md that it tests. `test_contract_*.py` imports all tests for each engine.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from support.factories import article, newest_first, query
from whoosh.query import Wildcard

from search.errors import InvalidQueryError
from search.model import Filters, Parsed, Query, QueryLimits, Sort

if TYPE_CHECKING:
    from search.engine import Engine

clause = pytest.mark.clause


@clause(7)
class TestOrder:
    def test_ties_come_newest_first_then_by_id_on_all_pages(self, engine: Engine) -> None:
        days = ["2024-01-03", "2024-01-01", None, "2024-01-03", "2024-01-02"]
        articles = [article(n, "treaty", published=days[n % 5]) for n in range(60)]
        for part in (articles[::3], articles[1::3], articles[2::3]):
            engine.write(part, [], keep=1)
        expected = [one.id for one in sorted(articles, key=newest_first)]
        for text in ("treaty", "tre*", "", '"treaty" OR trea*'):
            paged = [
                hit.article.id for n in range(1, 10) for hit in engine.search(query(text, page=n, per_page=7)).hits
            ]
            assert paged == expected, text

    def test_no_fuzzy_hit_stands_above_an_exact_one(self, engine: Engine) -> None:
        fuzzy = "Putin putin Putin, treaty treaty treaty treaty"
        engine.rebuild(
            [article(1, fuzzy, fuzzy), article(2, "Weather", "rain and putan " * 3 + "treaty " + "word " * 400)], keep=1
        )
        assert [hit.article.id for hit in engine.search(query("putan~ treaty")).hits] == ["2", "1"]
        assert [hit.article.id for hit in engine.search(query("putin~ treaty")).hits] == ["1", "2"]

    def test_the_title_counts_more_than_the_lead_and_the_lead_more_than_the_body(self, engine: Engine) -> None:
        filler = "harbour pier ship crane " * 8
        engine.rebuild(
            [
                article(9, "Copper", f"{filler}\n\n{filler}"),
                article(2, "Harbour", f"copper {filler}\n\n{filler}"),
                article(1, "Harbour", f"{filler}\n\n{filler} copper"),
            ],
            keep=1,
        )
        assert [hit.article.id for hit in engine.search(query("copper")).hits] == ["9", "2", "1"]

    def test_the_score_of_a_word_is_its_bm25(self, engine: Engine) -> None:
        """Check the formula of docs/query.md: k1 is 1.2, b is 0.75, and words of titles count three times."""
        bodies = ["copper", "copper and tin", "tin and lead and zinc", "copper copper copper lead", "zinc alone"]
        articles = [article(n, "Ore", body) for n, body in enumerate(bodies)]
        engine.rebuild(articles, keep=1)
        lengths = [3 + len(body.split()) for body in bodies]
        holding = [n for n, body in enumerate(bodies) if "copper" in body]
        idf = math.log(1 + (len(bodies) - len(holding) + 0.5) / (len(holding) + 0.5))
        expected = {}
        for n in holding:
            times = bodies[n].split().count("copper")
            share = lengths[n] / (sum(lengths) / len(lengths))
            expected[str(n)] = idf * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * share))
        found = {hit.article.id: hit.score for hit in engine.search(query("copper")).hits}
        assert found == pytest.approx(expected, rel=1e-4)

    def test_the_score_of_a_phrase_is_the_bm25_of_its_occurrences(self, engine: Engine) -> None:
        bodies = ["red tin", "red tin and red tin", "tin red", "red and tin", "lead alone"]
        engine.rebuild([article(n, "Ore", body) for n, body in enumerate(bodies)], keep=1)
        lengths = [len(body.split()) for body in bodies]
        idf = sum(math.log(1 + (5 - n + 0.5) / (n + 0.5)) for n in (4, 4))
        expected = {}
        for n, times in ((0, 1), (1, 2)):
            share = lengths[n] / (sum(lengths) / len(lengths))
            expected[str(n)] = idf * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * share))
        found = {hit.article.id: hit.score for hit in engine.search(query('"red tin"')).hits}
        assert found == pytest.approx(expected, rel=1e-4)

    def test_articles_without_a_title_count_for_the_scores_of_titles(self, engine: Engine) -> None:
        """Check that an empty title counts as one position, so that all engines average over the same articles."""
        titles = ["ore", "", "ore and more", "", ""]
        engine.rebuild([article(n, title, "copper") for n, title in enumerate(titles)], keep=1)
        idf = math.log(1 + (5 - 2 + 0.5) / (2 + 0.5))
        mean = (1 + 3 + 3 * 1) / 5
        expected = {str(n): idf * 2.2 / (1 + 1.2 * (0.25 + 0.75 * length / mean)) for n, length in ((0, 1), (2, 3))}
        found = {hit.article.id: hit.score for hit in engine.search(query("title:ore")).hits}
        assert found == pytest.approx(expected, rel=1e-4)

    def test_words_side_by_side_count_more_than_words_apart(self, engine: Engine) -> None:
        engine.rebuild(
            [
                article(1, "Report", "the port was busy while others read a treaty of old times"),
                article(2, "Report", "the port treaty was busy while others read of old times again"),
            ],
            keep=1,
        )
        assert [hit.article.id for hit in engine.search(query("port treaty")).hits] == ["2", "1"]

    def test_a_fuzzy_word_keeps_its_first_letter(self, engine: Engine) -> None:
        engine.rebuild([article(1, "mutin people"), article(2, "pution")], keep=1)
        assert [hit.article.id for hit in engine.search(query("putin~", correct=False)).hits] == ["2"]

    @clause(9)
    def test_freshness_orders_ties_in_several_segments(self, engine: Engine) -> None:
        for part in range(3):
            days = [f"200{part}-01-0{n % 2 + 1}" for n in range(6)]
            engine.write([article(part * 10 + n, "treaty", published=day) for n, day in enumerate(days)], [], keep=1)
        for text in ("", "country:RU OR treaty", "treaty"):
            ids = [hit.article.id for hit in engine.search(query(text, recency=9.0, per_page=3)).hits]
            assert ids == ["21", "23", "25"], text

    @clause(9)
    def test_freshness_halves_the_score_with_each_half_life(self, engine: Engine) -> None:
        today = dt.datetime.now(dt.UTC).date()
        days = [today, today - dt.timedelta(days=30), today - dt.timedelta(days=3000), None]
        engine.rebuild([article(n, "treaty", published=day and day.isoformat()) for n, day in enumerate(days)], keep=1)
        plain = {hit.article.id: hit.score for hit in engine.search(query("treaty")).hits}
        fresh = {hit.article.id: hit.score for hit in engine.search(query("treaty", recency=30.0)).hits}
        shares = {one: fresh[one] / plain[one] for one in plain}
        assert shares["0"] == pytest.approx(1, abs=0.03)  # published at midnight UTC
        assert shares["1"] == pytest.approx(0.5, abs=0.02)
        assert shares["2"] == shares["3"] == pytest.approx(2**-10)
        assert list(fresh) == ["0", "1", "2", "3"]

    @clause(8)
    def test_an_instant_decides_the_order_of_one_day(self, engine: Engine) -> None:
        times = ["2024-01-02T08:00:00+09:00", "2024-01-02T00:30:00+00:00", "2024-01-01T23:00:00-05:00", "2024-01-02"]
        engine.rebuild([article(n, published=when) for n, when in enumerate(times)], keep=1)
        ordered = [hit.article.id for hit in engine.search(query(sort=Sort.OLDEST)).hits]
        assert ordered == ["0", "3", "1", "2"]


@clause(15)
class TestStories:
    @pytest.fixture
    def stories(self, engine: Engine) -> Engine:
        long, short = "one two three four five six seven eight nine ten treaty", "one two three treaty"
        engine.rebuild(
            [
                article(1, "Cut", short, story="1", published="2024-01-01"),
                article(2, "Late", long, story="1", published="2024-01-03"),
                article(3, "Early", long, story="1", published="2024-01-02"),
                article(4, "Undated", long, story="1"),
                article(5, "Other", "a treaty of another kind", published="2024-01-05"),
            ],
            keep=1,
        )
        return engine

    @pytest.mark.parametrize("sort", list(Sort))
    def test_the_earliest_with_a_full_text_represents_the_story(self, stories: Engine, sort: Sort) -> None:
        found = stories.search(query("treaty", collapse=True, sort=sort))
        assert {hit.article.id: hit.copies for hit in found.hits} == {"3": 3, "5": 0}
        assert (found.total, found.stories) == (5, 2)
        if sort is not Sort.RELEVANCE:
            assert [hit.article.id for hit in found.hits] == (["5", "3"] if sort is Sort.NEWEST else ["3", "5"])

    def test_the_article_that_represents_a_story_is_a_result(self, stories: Engine) -> None:
        found = stories.search(query("cut treaty", collapse=True))
        assert [hit.article.id for hit in found.hits] == ["1"]
        assert (found.total, found.stories, found.hits[0].copies) == (1, 1, 0)

    def test_the_id_of_any_article_filters_by_its_story(self, stories: Engine) -> None:
        for one in "1234":
            found = stories.search(query(filters=Filters(story=one)))
            assert sorted(hit.article.id for hit in found.hits) == ["1", "2", "3", "4"]


@clause(4)
class TestRelaxing:
    def test_the_most_frequent_word_alone_is_not_enough_if_others_match(self, engine: Engine) -> None:
        articles = [article(n, "weather report", "rain") for n in range(900)]
        articles += [article(1000 + n, "weather", "zebra") for n in range(12)]
        articles += [article(2000, "comedian", "quagga")]
        engine.rebuild(articles, keep=1)
        found = engine.search(query("quagga zebra rain", correct=False))
        assert found.total == 13
        assert found.relaxed == ("quagga", "zebra", "rain")

    def test_fields_and_patterns_stay_required_when_words_are_relaxed(self, engine: Engine) -> None:
        engine.rebuild([article(1, "harbour", "rain and snow"), article(2, "pier", "snow and hail")], keep=1)
        for text in ("what about the rain snow hail in title:pier", "what about the rain snow hail in (pier OR jetty)"):
            assert [hit.article.id for hit in engine.search(query(text, correct=False)).hits] == ["2"], text

    def test_a_rare_phrase_in_a_sentence_becomes_plain_words(self, engine: Engine) -> None:
        engine.rebuild([article(n, "harbour", f"rain and snow {n}") for n in range(12)], keep=1)
        found = engine.search(query('what about the rain and snow in harbour "never written"', correct=False))
        assert found.total == 12
        assert {"never", "written"} <= set(found.relaxed)


@clause(16)
class TestAlternatives:
    def test_an_alternative_counts_the_results_of_its_query(self, engine: Engine) -> None:
        engine.rebuild([article(1, "zebra", "snow"), article(2, "harbour", "snow")], keep=1)
        found = engine.search(query('zebra harbour "never written"', correct=False))
        assert found.total == 0
        assert found.alternatives is not None
        assert [(drop.label, drop.text, drop.total) for drop in found.alternatives.without] == [
            ('"never written"', "zebra harbour", engine.search(query("zebra harbour")).total)
        ]
        assert (
            found.alternatives.without[0].total > 0
        )  # no article has both words: the remaining words are relaxed, too

    def test_an_alternative_drops_the_operators_of_its_part(self, engine: Engine) -> None:
        engine.rebuild([article(1, "zebra", "snow")], keep=1)
        found = engine.search(query("zebra AND snow AND qqqq", correct=False))
        assert found.alternatives is not None
        assert [(drop.label, drop.text, drop.total) for drop in found.alternatives.without] == [
            ("qqqq", "zebra AND snow", 1)
        ]


@clause(5)
class TestCorrections:
    @pytest.fixture
    def filled(self, engine: Engine) -> Engine:
        titles = ["Trump wall microsoft", "and not china trump", "north korea russia", "iran talk", "Éire Erdoğan"]
        engine.rebuild([article(n, title) for n, title in enumerate(titles * 3)], keep=1)
        return engine

    @pytest.mark.parametrize(
        ("typed", "corrected"),
        [
            ("trmup's wall", "trump's wall"),
            ("TRMUP WALL", "TRUMP WALL"),
            ("trmup,wall", "trump,wall"),
            ("Trmup wall", "Trump wall"),
            ("micro soft", "microsoft"),
            ("northkorea", "north korea"),
            ("NOTT china", "Not china"),
            ("trmup  -iran https://a.example/trmup-wall", "trump -iran trump wall"),
            ("erdogna", "Erdoğan"),
            ("micro -iran soft", None),
            ('micro "iran talk" soft', None),
            ("trumps wall", None),
            ("trump wall", None),
        ],
    )
    def test_only_misspelt_words_change(self, filled: Engine, typed: str, corrected: str | None) -> None:
        assert filled.search(query(typed)).corrected == corrected

    @clause(10)
    def test_the_reasons_of_a_group_add_up_to_the_score(self, filled: Engine) -> None:
        for text in (
            "+china trump wall",
            "(trump wall) OR russia",
            "(trump AND wall) OR (china AND not)",
            "+trump -iran wall",
        ):
            for hit in filled.search(query(text, explain=True, per_page=50)).hits:
                assert hit.explanation is not None
                assert sum(reason.score for reason in hit.explanation.reasons) == pytest.approx(hit.score, rel=1e-4)


@clause(1)
def test_a_pattern_matches_only_words(engine: Engine) -> None:
    engine.rebuild([article(1, "port", "A treaty."), article(2, "", "A treaty about the port.")], keep=1)
    for pattern in ("*", "?*", "????", "**?"):
        found = engine.search(Query("", Parsed("", Wildcard("title_words", pattern))))
        assert [hit.article.id for hit in found.hits] == ["1"], pattern
    for pattern in ("?", "*"):
        assert engine.search(Query("", Parsed("", Wildcard("person_words", pattern)))).total == 0


@clause(17)
class TestBounds:
    def test_a_pattern_that_matches_too_many_words_is_refused(self, engine: Engine) -> None:
        engine.rebuild([article(n, f"treaty{n}", f"port{n}") for n in range(30)], keep=1)
        for text in ("treaty*", "*y1*", "tre*y*", "p*", "(port OR trea*) -x", "treaty1* port1*"):
            asked = query(text, limits=QueryLimits(max_expansions=9))
            with pytest.raises(InvalidQueryError, match="DATELINE_MAX_EXPANSIONS") as raised:
                engine.search(asked)
            assert raised.value.field == "q"
            with pytest.raises(InvalidQueryError):
                engine.facet_values("person", "", asked)
        assert engine.search(query("treaty1*", limits=QueryLimits(max_expansions=11))).total == 11
        assert engine.search(query("t?eaty1*", limits=QueryLimits(max_expansions=11))).total == 11
        assert engine.search(query("*y1*", limits=QueryLimits(max_expansions=11))).total == 11

    def test_too_many_words_and_scans_are_refused(self, engine: Engine) -> None:
        engine.rebuild([article(1, "treaty")], keep=1)
        for text, setting in (
            ("a b c", "TERMS"),
            ("a~ b~ c~2", "SCANS"),
            ("*a ?b x~", "SCANS"),
            ("a~ a~2 *a", "SCANS"),
        ):
            with pytest.raises(InvalidQueryError, match=f"DATELINE_MAX_(QUERY_)?{setting}"):
                engine.search(query(text, limits=QueryLimits(2 if setting == "TERMS" else 9, max_scans=2)))
        assert engine.search(query("treaty~ treaty~ *aty", limits=QueryLimits(max_scans=2))).total == 1

    @pytest.mark.parametrize("text", ["*" + "ab*" * 300 + "z", "p*" + "?" * 300 + "x", "a?" * 51])
    def test_too_long_a_pattern_is_refused(self, small: Engine, text: str) -> None:
        with pytest.raises(InvalidQueryError, match="at most 100"):
            small.search(query(text))
        assert small.search(query("ab*" * 33)).total == 0

    @pytest.mark.timing
    @pytest.mark.parametrize(
        ("before", "inside", "after", "count"),
        [
            ("(+a ", "", ")", 60),
            ("(", "a", ")", 900),
            ('"a b c"~9 ', "", "", 60),
            ("a~ ", "", "", 190),
            ("-(", "a", ")", 300),
        ],
    )
    def test_time_grows_linearly_with_the_query(
        self, small: Engine, before: str, inside: str, after: str, count: int
    ) -> None:
        def seconds(size: int) -> float:
            text = before * size + inside + after * size
            start = time.perf_counter()
            with suppress(InvalidQueryError):
                small.search(query(text, explain=True))
            return time.perf_counter() - start

        seconds(1)
        assert min(seconds(count) for _ in range(3)) < 10 * min(seconds(count // 4) for _ in range(3)) + 0.02
