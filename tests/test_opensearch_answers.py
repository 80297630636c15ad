"""Reading OpenSearch's responses, without a server."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.factories import article, query

from search.engines.opensearch import answers, requests
from search.engines.opensearch.answers import Member
from search.model import Filters, Interval, Sort
from search.storage.records import store


def aggregation(shards: list[Counter[str]], width: int) -> dict[str, Any]:
    """Return OpenSearch's terms aggregation if each shard reports only its `width` most frequent values.

    With a single shard there is no error: the values it does not report are less frequent than the others.
    """
    reported = [dict(answers.ranked(shard)[:width]) for shard in shards]
    last = [
        len(shards) > 1 and min(one.values()) if len(one) == width < len(shard) else 0
        for one, shard in zip(reported, shards, strict=True)
    ]
    merged: Counter[str] = Counter()
    for one in reported:
        merged.update(one)
    best = answers.ranked(merged)[:width]
    return {
        "doc_count_error_upper_bound": sum(last),
        "sum_other_doc_count": sum(map(sum, (shard.values() for shard in shards))) - sum(n for _, n in best),
        "buckets": [
            {
                "key": value,
                "doc_count": n,
                "doc_count_error_upper_bound": sum(
                    e for e, one in zip(last, reported, strict=True) if value not in one
                ),
            }
            for value, n in best
        ],
    }


SHARDS = st.lists(st.lists(st.sampled_from("abcdefghij"), max_size=20).map(Counter), min_size=1, max_size=4)


class TestTop:
    @settings(max_examples=300, deadline=None)
    @given(SHARDS, st.integers(1, 4), st.integers(0, 6))
    def test_certain_values_are_right(self, shards: list[Counter[str]], size: int, more: int) -> None:
        whole: Counter[str] = Counter()
        for shard in shards:
            whole.update(shard)
        expected = answers.ranked(whole)[:size]
        reported = answers.top(aggregation(shards, size + more), size)
        if reported.certain:
            assert reported.values == expected
        elif reported.candidates:
            assert {value for value, _ in expected} <= set(reported.candidates)

    def test_one_shard_is_always_certain(self) -> None:
        reported = answers.top(aggregation([Counter("aaabbc")], 2), 2)
        assert reported == answers.Top(certain=True, values=[("a", 3), ("b", 2)], candidates=[])

    def test_a_complete_list_of_several_shards_is_certain(self) -> None:
        reported = answers.top(aggregation([Counter("aab"), Counter("bbc")], 5), 2)
        assert reported == answers.Top(certain=True, values=[("b", 3), ("a", 2)], candidates=[])

    def test_a_value_that_shards_may_leave_out_makes_the_list_uncertain(self) -> None:
        shards = [Counter({"a": 50, "b": 4, "c": 2}), Counter({"a": 50, "d": 3, "b": 3})]
        assert answers.top(aggregation(shards, 2), 1) == answers.Top(
            certain=True, values=[("a", 100)], candidates=["a"]
        )
        reported = answers.top(aggregation(shards, 2), 2)
        assert (reported.certain, reported.candidates) == (False, [])

    def test_candidates_are_named_if_only_their_counts_are_uncertain(self) -> None:
        shards = [Counter({"a": 90, "b": 80, "x": 1, "y": 1}), Counter({"a": 90, "z": 5, "u": 4, "b": 3})]
        reported = answers.top(aggregation(shards, 3), 2)
        assert (reported.certain, sorted(reported.candidates)) == (False, ["a", "b"])


class TestDates:
    def month(self, counts: dict[int, int], other: int = 0) -> dict[str, Any]:
        buckets = [{"key": key, "doc_count": count} for key, count in counts.items()]
        return {"buckets": buckets, "sum_other_doc_count": other, "doc_count_error_upper_bound": 0}

    def test_auto_picks_days_for_a_short_span_and_months_for_a_longer_one(self) -> None:
        first = dt.date(2024, 1, 1).toordinal()
        reported = {"month": self.month({2024 * 12: 3, 2024 * 12 + 1: 1}), "day": self.month({first: 3, first + 31: 1})}
        short = answers.dates(reported | {"span": {"count": 4, "min": first, "max": first + 31.0}}, Interval.AUTO)
        assert short == answers.Dates({first: 3, first + 31: 1}, Interval.DAY)
        longer = answers.dates(reported | {"span": {"count": 4, "min": first, "max": first + 400.0}}, Interval.AUTO)
        assert longer == answers.Dates({2024 * 12: 3, 2024 * 12 + 1: 1}, Interval.MONTH)

    def test_there_are_no_bars_without_dates(self) -> None:
        reported = {"span": {"count": 0, "min": None, "max": None}}
        assert answers.dates(reported, Interval.AUTO).counts == {}

    @pytest.mark.parametrize(("interval", "field"), [(Interval.YEAR, "month"), (Interval.WEEK, "day")])
    def test_a_truncated_list_must_be_read_in_full(self, interval: Interval, field: str) -> None:
        found = answers.dates({field: self.month({1: 1}, other=7)}, interval)
        assert (found.counts, found.interval, found.missing) == ({}, interval, field)


class TestStories:
    def test_stories_with_copies_count_once(self) -> None:
        assert answers.stories(10, {1: 3, 2: 1}) == 8
        assert answers.stories(0, {}) == 0

    def test_the_earliest_of_the_full_texts_is_shown(self) -> None:
        late, early, short, undated = Member(1, 10, 100, 9.0), Member(1, 11, 95, 5.0), Member(1, 12, 50, 1.0), 13
        others = [Member(1, undated, 100, float("inf")), Member(2, 20, 1, 0.0)]
        assert sorted(answers.hidden([late, early, short, *others])) == [10, 12, 13]

    def test_a_member_is_read_from_its_values(self) -> None:
        fields = {"group": [1], "own_key": [2], "length": [30]}
        assert Member.of({"fields": fields}) == Member(1, 2, 30, float("inf"))
        assert Member.of({"fields": fields | {"instant": [-5]}}).instant == -5


class TestHits:
    def test_a_listed_article_comes_from_its_record(self) -> None:
        one = article(1, "Élysée", "北京")
        assert answers.listed({"_source": {"record": store(one).decode()}}) == one

    def test_totals_are_read(self) -> None:
        assert answers.total({"hits": {"total": {"value": 12, "relation": "eq"}}}) == 12


class TestRequests:
    def test_the_sort_order_of_a_page_has_no_ties(self) -> None:
        for sort in Sort:
            body = requests.page({"match_all": {}}, sort, 20, 10)
            assert (body["from"], body["size"]) == (20, 10)
            assert [name for part in body["sort"] for name in part][-1] in ("newest", "id")

    def test_selected_values_are_counted_separately(self) -> None:
        request = query(filters=Filters(persons=("B", "A", "B")), facet_size=3)
        found = requests.facet("person", request, 1)
        assert found["person"]["terms"]["size"] == 3
        assert found["person_selected"]["terms"]["include"] == ["A", "B"]
        assert requests.facet("person", query(facet_size=0), 1) == {}

    def test_more_values_are_requested_from_several_shards(self) -> None:
        assert requests.facet("person", query(facet_size=10), 3)["person"]["terms"]["shard_size"] == 200
        assert requests.width(500, 3) == 501

    def test_dates_are_requested_in_the_unit_of_their_interval(self) -> None:
        assert requests.facet("date", query(interval=Interval.AUTO), 1).keys() == {"span", "month", "day"}
        assert requests.facet("date", query(interval=Interval.WEEK), 1).keys() == {"day"}
        assert requests.facet("date", query(interval=Interval.YEAR), 1).keys() == {"month"}
