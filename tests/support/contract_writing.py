"""The contract of writing: rebuilds, writes, rollbacks, and deleted articles.

Each test cites the clauses of docs/engines.md that it tests. `test_contract_*.py` imports all tests for each engine.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from support.factories import article, query

from search import analysis
from search.errors import IndexVersionError, NoIndexError
from search.model import Person, TermGroup
from search.storage import fields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.engine import Engine
    from search.model import Article

clause = pytest.mark.clause


class TestWriting:
    @clause(33)
    def test_without_an_index_every_read_raises(self, engine: Engine) -> None:
        reads = (
            engine.info, engine.check, engine.rollback, lambda: engine.search(query()), lambda: engine.get("1"),
            lambda: engine.suggest("a", 3), lambda: engine.facet_values("person", "", query()), engine.articles, engine.ids,
        )  # fmt: skip
        for read in reads:
            with pytest.raises(NoIndexError, match="dateline reindex"):
                read()
        assert engine.resume_point("abc") == ""

    @clause(22)
    def test_the_later_of_two_articles_with_one_id_counts(self, engine: Engine) -> None:
        report = engine.rebuild([article(1, "old"), article(2), article(1, "new")], keep=1)
        assert (report.added, report.replaced) == (2, 1)
        assert engine.get("1").title == "new"
        assert engine.search(query()).total == 2
        report = engine.write([article(2, "older"), article(3, "once"), article(2, "latest")], [], keep=1)
        assert (report.added, report.replaced) == (1, 1)
        assert engine.get("2").title == "latest"
        assert engine.search(query("older")).total == 0

    @clause(22, 24)
    def test_nothing_of_an_earlier_version_is_left(self, engine: Engine) -> None:
        engine.rebuild([article(0, "zyxword"), *(article(n) for n in range(1, 700)), article(0, "harbour")], keep=1)
        assert engine.search(query()).total == 700
        assert engine.suggest("zyxw", 8) == ()
        assert engine.search(query("zyxword harbour")).relaxed == ("zyxword",)

    @clause(23, 32)
    def test_write_adds_replaces_and_deletes_at_once(self, engine: Engine) -> None:
        engine.rebuild([article(1, "one"), article(2, "two"), article(3, "three")], keep=2)
        report = engine.write([article(2, "zwei"), article(4, "four")], ["3", "nowhere"], keep=2)
        assert (report.added, report.replaced, report.deleted) == (1, 1, 1)
        assert list(engine.ids()) == ["1", "2", "4"]
        assert engine.search(query("two")).total == 0
        assert engine.search(query("zwei")).total == 1
        assert engine.check() == ()

    @clause(23)
    def test_an_id_both_written_and_deleted_stays(self, engine: Engine) -> None:
        engine.write([article(1)], ["1"], keep=2)
        assert engine.search(query()).total == 1

    @clause(23)
    def test_deletes_are_read_after_all_articles(self, engine: Engine) -> None:
        engine.rebuild([article(1), article(2)], keep=1)
        seen: list[str] = []

        def articles() -> Iterator[Article]:
            yield article(3)
            seen.append("2")

        assert engine.write(articles(), seen, keep=1).deleted == 1
        assert list(engine.ids()) == ["1", "3"]

    @clause(23)
    def test_a_write_without_a_change_makes_no_generation(self, engine: Engine) -> None:
        first = engine.rebuild([article(1)], keep=2)
        assert engine.write([], ["nowhere"], keep=2).generation == first.generation
        assert len(engine.info().generations) == 1

    @clause(23, 15)
    def test_copies_are_counted_in_any_order_of_writing(self, engine: Engine) -> None:
        engine.rebuild(
            [article(2, "treaty copy", story="1"), article(1, "treaty"), article(3, "treaty", "A long body")], keep=1
        )
        assert engine.search(query("treaty")).stories == 2
        engine.write([article(4, "treaty again", story="3")], [], keep=1)
        found = engine.search(query("treaty"))
        assert (found.stories, {hit.article.id: hit.copies for hit in found.hits}) == (2, dict.fromkeys("1234", 1))
        engine.write([], ["1"], keep=1)
        found = engine.search(query("treaty", collapse=True))
        assert {hit.article.id: hit.copies for hit in found.hits} == {"2": 0, "3": 1}

    @clause(24)
    def test_deleted_articles_are_not_counted_in_facets(self, engine: Engine) -> None:
        engine.rebuild([article(n, persons=(Person("Kim Jong Un"),)) for n in range(3)], keep=2)
        engine.write([], ["0"], keep=2)
        assert [value.count for value in engine.search(query()).persons] == [2]
        assert [value.count for value in engine.facet_values("person", "kim", query()).values] == [2]
        assert engine.suggest("kim", 5)[0].count == 2

    @clause(24, 5)
    def test_words_of_deleted_articles_are_unknown(self, engine: Engine) -> None:
        engine.rebuild([article(1, "zyxword harbour"), article(2, "harbour"), article(3, "pier")], keep=2)
        engine.write([], ["1"], keep=2)
        assert engine.suggest("zyxw", 8) == ()
        assert engine.search(query("zyxwrod")).corrected is None
        found = engine.search(query("zyxword harbour"))
        assert (found.total, found.relaxed) == (1, ("zyxword",))

    @clause(24, 4)
    def test_deleted_articles_do_not_count_for_word_frequencies(self, engine: Engine) -> None:
        engine.rebuild(
            [*(article(n, "rain") for n in range(120)), *(article(500 + n, "snow") for n in range(100))], keep=1
        )
        assert engine.search(query("rain snow")).total == 100  # the more frequent word is dropped
        engine.write([], [str(n) for n in range(30)], keep=1)
        assert engine.search(query("rain snow")).total == 90

    @clause(25)
    def test_rollback_serves_the_previous_generation(self, engine: Engine) -> None:
        engine.rebuild([article(1, "first")], keep=3)
        engine.rebuild([article(1, "second")], keep=3)
        engine.write([article(1, "third")], [], keep=3)
        assert [engine.rollback().articles, engine.get("1").title] == [1, "second"]
        engine.rollback()
        assert engine.get("1").title == "first"
        with pytest.raises(NoIndexError, match="--keep"):
            engine.rollback()
        engine.rebuild([article(1, "fourth")], keep=3)
        assert engine.get("1").title == "fourth"

    @clause(21)
    def test_old_generations_are_pruned(self, engine: Engine) -> None:
        for number in range(4):
            engine.rebuild([article(number)], keep=2)
        assert len(engine.info().generations) == 2

    @clause(25, 18)
    def test_a_lexicon_belongs_to_its_generation(self, engine: Engine) -> None:
        engine.rebuild([article(1, "harbour", persons=(Person("Ann Lee"),))], keep=2)
        engine.write([article(2, "lighthouse", persons=(Person("Bob Ray"),))], ["1"], keep=2)
        assert [one.label for one in engine.suggest("lighth", 8)] == ["lighthouse"] * 2
        assert [engine.suggest(text, 8) for text in ("harb", "ann")] == [(), ()]
        assert engine.search(query("lihgthouse")).corrected == "lighthouse"
        assert engine.search(query("harbuor")).corrected is None
        engine.rollback()
        assert [one.label for one in engine.suggest("ann", 8)] == ["Ann Lee"]

    @clause(31)
    def test_info_describes_the_serving_generation(self, engine: Engine) -> None:
        written = engine.rebuild([article(1), article(2)], keep=2)
        found = engine.info()
        assert (found.articles, found.generation, found.generations) == (2, written.generation, (written.generation,))
        assert (found.schema, found.analyzer) == (fields.SCHEMA_VERSION, analysis.fingerprint())
        assert abs((datetime.now(UTC) - datetime.fromisoformat(found.created)).total_seconds()) < 60
        assert found.size > 0

    @clause(21)
    def test_an_empty_index_answers(self, engine: Engine) -> None:
        engine.rebuild([], keep=2)
        found = engine.search(query("treaty"))
        assert (found.total, found.stories, found.hits, found.dates) == (0, 0, (), ())
        assert (engine.suggest("a", 3), list(engine.articles()), engine.check()) == ((), [], ())


LOOKED_UP = {
    "id": ("1", "2", "3", "4", "5", "nowhere"),
    "story": ("1", "3", "4", "nowhere"),
    "keys": ("dab", "shared", "b00000000aa", "b01000000bb", "o00000000cc", "nAnn lee", "ün\u00efque 北京", "nothing"),
    "person": ("Ann Lee", "Bob Ray", "Kim Jong Un", "ann lee"),
}
"""Field -> terms, some of which no article has."""


def values(one: Article, field: str) -> set[str]:
    whole = {"id": {one.id}, "story": {one.story}, "keys": set(one.keys)}
    return whole.get(field) or {person.name for person in one.persons if field == "person"}


def assert_looked_up(engine: Engine, articles: list[Article]) -> None:
    """Compare each lookup with a scan of the articles."""
    for field, terms in LOOKED_UP.items():
        own = {one.id: values(one, field) & set(terms) for one in articles}
        assert engine.frequencies(field, terms) == [sum(term in some for some in own.values()) for term in terms], field
        assert engine.count(field, terms) == sum(map(bool, own.values())), field
        for least in range(1, 4 if field != "person" else 0):
            expected = {one.id: replace(one, keys=()) for one in articles if len(own[one.id]) >= least}
            found = engine.find(field, [TermGroup(terms, least)], 100)
            assert {one.id: one for one in found} == expected, (field, least)
            assert len(found) == len(expected)
            light = engine.find(field, [TermGroup(terms, least)], 100, whole=False)
            assert sorted(one.id for one in light) == sorted(expected)


class TestLookups:
    @clause(34)
    def test_terms_of_written_replaced_and_deleted_articles(self, engine: Engine) -> None:
        ann, bob = (Person("Ann Lee"),), (Person("Bob Ray"), Person("Kim Jong Un"))
        one = article(1, keys=("dab", "shared", "b00000000aa", "b01000000bb"), persons=ann)
        two = article(2, keys=("shared", "b00000000aa"), persons=ann + bob, story="1")
        three = article(3, keys=("shared", "ün\u00efque 北京", "nAnn lee"))
        engine.rebuild([one, two, three], keep=3)
        assert_looked_up(engine, [one, two, three])
        four = article(4, keys=("shared", "o00000000cc", "b01000000bb"), persons=bob)
        newer = article(1, keys=("dab", "o00000000cc"), persons=bob)
        engine.write([four, newer], ["3"], keep=3)
        assert_looked_up(engine, [newer, two, four])
        engine.write([article(5, keys=("dab",), persons=ann, story="3")], ["1", "2"], keep=3)
        assert_looked_up(engine, [four, article(5, keys=("dab",), persons=ann, story="3")])
        engine.rollback()
        assert_looked_up(engine, [newer, two, four])

    @clause(34)
    def test_groups_and_their_limit(self, engine: Engine) -> None:
        engine.rebuild([article(n, keys=("all", f"k{n % 4}", f"m{n % 3}")) for n in range(12)], keep=1)

        def found(groups: list[TermGroup], limit: int) -> list[int]:
            return sorted(int(one.id) for one in engine.find("keys", groups, limit))

        assert found([TermGroup(("k1", "m1"), 2)], 100) == [1]
        assert found([TermGroup(("k1", "m1"), 2), TermGroup(("k2",))], 100) == [1, 2, 6, 10]
        assert len(found([TermGroup(("all",))], 5)) == 5
        assert len(set(found([TermGroup(("all",))], 12))) == 12
        assert found([TermGroup(("none",))], 5) == []


@clause(31)
def test_pending_articles_are_counted(engine: Engine) -> None:
    engine.rebuild([article(n) for n in range(20)], keep=3)
    assert (engine.info().pending, engine.info().tidy_due) == (0, False)
    engine.write([article(20), article(1, "newer")], [], keep=3)
    assert (engine.info().pending, engine.info().tidy_due) == (2, False)
    engine.write([], ["3", "nowhere"], keep=3)
    assert (engine.info().pending, engine.info().tidy_due) == (3, True)
    assert engine.rollback().pending == 2
    engine.rebuild(list(engine.articles()), keep=1)
    assert engine.info().pending == 0


@clause(35)
def test_an_older_schema_is_read_but_not_written(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(fields, "SCHEMA_VERSION", 5)
        engine.rebuild([article(1, "harbour"), article(2)], keep=2)
    assert engine.info().schema == 5
    assert engine.search(query("harbour")).total == 1
    assert len(list(engine.articles())) == 2
    with pytest.raises(IndexVersionError) as raised:
        engine.write([article(3)], [], keep=2)
    assert "dateline tidy" in raised.value.remedy
    engine.rebuild(list(engine.articles()), keep=2)
    assert engine.info().schema == fields.SCHEMA_VERSION
    assert engine.write([article(3)], [], keep=2).added == 1
