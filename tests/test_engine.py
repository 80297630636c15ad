"""The Engine contract, against each engine; random corpora, queries and filters against a naive oracle."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

import oracle
import pytest
from corpora import article, newest_first, oldest_first, query
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from search.engine import open_engine
from search.errors import IndexDamagedError, NoIndexError, NotFoundError
from search.model import Article, Country, Filters, Interval, Person, Query, Sort
from search.territories import name

if TYPE_CHECKING:
    from pathlib import Path

    from search.engine import Engine

WORDS = [
    "putin",
    "talks",
    "talk",
    "Erdoğan",
    "U.S.",
    "Москва",
    "北京",
    "treaty",
    "treaties",
    "Russia’s",
    "o'brien",
    "1,000",
]
CODES = ["RU", "KP", "KR", "US", "FR"]
NAMES = ["Vladimir Putin", "Kim Jong Un", "Kim Il Sung", "Recep Tayyip Erdoğan", "习近平"]
SOURCES = ["AP", "Meridian Wire"]


@st.composite
def corpora(draw: st.DrawFn) -> list[Article]:
    """Draw articles; a story is named by an article of it, or by one that was deleted."""
    size = draw(st.integers(1, 12))
    naming = [number for number in range(size) if draw(st.booleans())]
    text = st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join)
    day = st.dates(dt.date(2023, 12, 20), dt.date(2024, 3, 10)).map(dt.date.isoformat)
    return [
        article(
            number,
            draw(text),
            draw(text),
            published=draw(st.none() | day),
            source=draw(st.none() | st.sampled_from(SOURCES)),
            story=str(number if number in naming else draw(st.sampled_from([*naming, "gone", number]))),
            countries=tuple(Country(c, name(c)) for c in draw(st.lists(st.sampled_from(CODES), unique=True))),
            persons=tuple(Person(n) for n in draw(st.lists(st.sampled_from(NAMES), unique=True))),
        )
        for number in range(size)
    ]


LEAVES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(lambda word: f'"{word}"'),
    st.tuples(st.sampled_from(WORDS), st.sampled_from(WORDS)).map(lambda pair: f'"{pair[0]} {pair[1]}"'),
    st.sampled_from(
        ["title:talks", "person:kim", 'person:"kim jong"', "country:Russia", "source:meridian", "date:2024-01"]
    ),
    st.sampled_from(
        ["pu*", "t*s", "p?tin", "тал*", "putn~", "tlaks~", "treaty~2", "date:[2024-01-15 to 2024-02-10]", "*"]
    ),
    st.tuples(st.lists(st.sampled_from(WORDS), min_size=2, max_size=4).map(" ".join), st.integers(1, 6)).map(
        lambda near: f'"{near[0]}"~{near[1]}'
    ),
)
TEXTS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(st.sampled_from([*WORDS, "of", "the"]), min_size=2, max_size=8).map(" ".join),
        st.tuples(inner, st.sampled_from([" ", " OR ", " AND ", " NOT "]), inner).map("".join),
        inner.map(lambda text: f"-{text}" if " " not in text else f"NOT ({text})"),
        inner.map(lambda text: f"({text})"),
        st.tuples(inner, inner).map(lambda pair: f"+{pair[0]} {pair[1]}" if " " not in pair[0] else pair[1]),
    ),
    max_leaves=4,
)
DAYS = st.none() | st.dates(dt.date(2023, 12, 20), dt.date(2024, 3, 10))
FILTERS = st.builds(
    Filters,
    countries=st.lists(st.sampled_from(CODES), max_size=2, unique=True).map(tuple),
    persons=st.lists(st.sampled_from(NAMES), max_size=2, unique=True).map(tuple),
    sources=st.lists(st.sampled_from(SOURCES), max_size=1).map(tuple),
    date_from=DAYS,
    date_to=DAYS,
)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Return one engine for the random tests, each of which rebuilds it."""
    return open_engine(f"tantivy://{tmp_path_factory.mktemp('random')}/index")


RANDOM = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


SEARCHES = st.lists(st.tuples(TEXTS, FILTERS, st.integers(0, 4)), min_size=5, max_size=8)
"""Several a corpus: building one takes longer than searching it."""


@RANDOM
@given(corpora(), SEARCHES)
def test_the_engine_answers_what_the_oracle_does(
    shared: Engine, articles: list[Article], searches: list[tuple[str, Filters, int]]
) -> None:
    shared.rebuild(articles, keep=1)
    for text, filters, size in searches:
        asked = query(text, filters=filters, per_page=20, facet_size=size, interval=Interval.MONTH, correct=False)
        check_against_the_oracle(shared, asked, articles)
        check_the_order(shared, asked, articles)


def check_against_the_oracle(shared: Engine, asked: Query, articles: list[Article]) -> None:
    results = shared.search(asked)
    expected = oracle.found(asked, articles)
    assert {hit.article.id for hit in results.hits} == {one.id for one in expected}
    assert results.total == len(expected)
    assert results.stories == len({one.story for one in expected})
    assert [(v.value, v.count) for v in results.countries] == oracle.listed(asked, articles, "country")
    assert [(v.value, v.count) for v in results.persons] == oracle.listed(asked, articles, "person")
    assert [(b.value, b.count) for b in results.dates] == sorted(oracle.counts(asked, articles, "date").items())
    for hit in results.hits:
        assert hit.copies == sum(one.story == hit.article.story for one in expected) - 1


@RANDOM
@given(corpora(), SEARCHES, st.data())
def test_an_index_that_was_written_in_parts_answers_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    articles: list[Article],
    searches: list[tuple[str, Filters, int]],
    data: st.DataObject,
) -> None:
    """Several segments, some with deleted articles: the match set, the counts and the order are those of one."""
    engine = open_engine(f"tantivy://{tmp_path_factory.mktemp('parts')}/index")
    order = data.draw(st.permutations(articles))
    cut = data.draw(st.integers(0, len(order)))
    engine.write([replace(one, title="older version") for one in order[: cut + 1]], [], keep=1)
    for part in (order[:cut], order[cut:]):
        engine.write(part, [], keep=1)
    for text, filters, size in searches:
        asked = query(text, filters=filters, per_page=20, facet_size=size, interval=Interval.MONTH, correct=False)
        check_against_the_oracle(engine, asked, articles)
        check_the_order(engine, asked, articles)


def check_the_order(shared: Engine, asked: Query, articles: list[Article]) -> None:
    """Scores fall; ties, and orders by date, go by date and then by id; pages together are the whole, once."""
    expected = oracle.found(asked, articles)
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


@RANDOM
@given(corpora(), SEARCHES)
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


@RANDOM
@given(corpora(), TEXTS)
def test_collapsing_shows_each_story_once_on_all_pages_together(
    shared: Engine, articles: list[Article], text: str
) -> None:
    shared.rebuild(articles, keep=1)
    shown = []
    for page in range(1, 20):
        results = shared.search(query(text, collapse=True, page=page, per_page=3))
        shown += [hit.article.story for hit in results.hits]
        if not results.hits:
            break
    assert sorted(shown) == sorted({one.story for one in oracle.found(query(text), articles)})
    assert results.stories == len(shown)


@RANDOM
@given(corpora())
@example([article(1, published="2024-01-01"), article(2), article(3, published="2024-01-02T23:00:00-05:00")])
def test_orders_by_date_put_undated_articles_last(shared: Engine, articles: list[Article]) -> None:
    shared.rebuild(articles, keep=1)
    newest = [hit.article.published for hit in shared.search(query(sort=Sort.NEWEST, per_page=20)).hits]
    oldest = [hit.article.published for hit in shared.search(query(sort=Sort.OLDEST, per_page=20)).hits]
    dated = sorted(one.published for one in articles if one.published)
    undated = [None] * (len(articles) - len(dated))
    assert oldest == [*dated, *undated]
    assert newest == [*reversed(dated), *undated]


def test_an_instant_decides_the_order_of_one_day(engine: Engine) -> None:
    times = ["2024-01-02T08:00:00+09:00", "2024-01-02T00:30:00+00:00", "2024-01-01T23:00:00-05:00", "2024-01-02"]
    engine.rebuild([article(n, published=when) for n, when in enumerate(times)], keep=1)
    ordered = [hit.article.id for hit in engine.search(query(sort=Sort.OLDEST)).hits]
    assert ordered == ["0", "3", "1", "2"]


PIECES = st.sampled_from(
    [*WORDS, *'"()[]{}~^*?:+-&|!,./\\', "REQUIRE", "ANDMAYBE", "http://[", "www.", "date:0000", 'date:"feb 30"', "AND", "OR", "NOT", "~2", "^3", "title:", "date:", "country:", "person:", "source:", "to",
     "2024-01", "yesterday", "https://a.example/b-c", "the", "of", "treety", "习", "\u200f", "e\u0301", "\0", "😀", "pu*", "*a*"]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(
        st.text(max_size=40), st.lists(PIECES, max_size=10).map(" ".join), st.lists(PIECES, max_size=10).map("".join)
    )
)
def test_any_text_is_searched_suggested_and_explained(small: Engine, text: str) -> None:
    found = small.search(query(text, explain=True, per_page=3))
    assert (found.help is None) == (found.total > 0)
    assert len(found.hits) == min(found.total, 3)
    for hit in found.hits:
        assert hit.explanation is not None
        assert sum(reason.score for reason in hit.explanation.reasons) == pytest.approx(hit.score, rel=1e-3, abs=1e-3)
    for drop in found.help.drops if found.help else ():
        assert drop.label
        assert drop.total == small.search(query(drop.text, correct=False)).total > 0
    assert len(small.suggest(text, 8)) <= 8
    small.facet_values("person", text, query(text))


class TestExactFacets:
    """tantivy cuts terms aggregations off per segment; counts must be exact all the same."""

    @pytest.fixture(scope="class")
    @classmethod
    def wide(cls, tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, list[Article]]:
        """Return 3 segments with 6,000 persons; one person comes second in each segment's list, and first in all."""
        engine = open_engine(f"tantivy://{tmp_path_factory.mktemp('wide')}/index")
        articles: list[Article] = []
        for segment in range(3):
            names = [f"Person {segment}-{number:04}" for number in range(2000)]
            part = [article(segment * 10_000 + number, persons=(Person(n),)) for number, n in enumerate(names)]
            part += [
                article(segment * 10_000 + 5000 + number, persons=(Person(f"Local {segment}-{number // 4:03}"),))
                for number in range(1600)
            ]
            part += [
                article(segment * 10_000 + 9000 + number, persons=(Person("Zora Everywhere"),)) for number in range(3)
            ]
            engine.write(part, [], keep=1)
            articles += part
        return engine, articles

    @pytest.mark.parametrize("size", [1, 3, 10, 500, 2000])
    def test_counts_are_exact(self, wide: tuple[Engine, list[Article]], size: int) -> None:
        engine, articles = wide
        asked = query(facet_size=size)
        assert [(v.value, v.count) for v in engine.search(asked).persons] == oracle.listed(asked, articles, "person")

    def test_a_plain_aggregation_would_be_wrong_here(self, wide: tuple[Engine, list[Article]]) -> None:
        import tantivy

        engine, articles = wide
        folder = engine.store.path(engine.store.current())  # type: ignore[attr-defined]
        searcher = tantivy.Index.open(str(folder)).searcher()
        assert searcher.num_segments > 1
        terms = {"persons": {"terms": {"field": "person", "size": 10, "segment_size": 10}}}
        buckets = searcher.aggregate(tantivy.Query.all_query(), terms)["persons"]["buckets"]
        plain = [(bucket["key"], bucket["doc_count"]) for bucket in buckets]
        assert plain != oracle.listed(query(facet_size=10), articles, "person")

    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(st.lists(corpora(), min_size=2, max_size=4), st.integers(1, 4), st.integers(1, 3))
    def test_any_first_width_gives_the_same(
        self, tmp_path_factory: pytest.TempPathFactory, parts: list[list[Article]], size: int, width: int
    ) -> None:
        engine = open_engine(f"tantivy://{tmp_path_factory.mktemp('widths')}/index")
        articles = []
        for number, part in enumerate(parts):
            renamed = [replace(one, id=f"{number}-{one.id}") for one in part]
            engine.write(renamed, [], keep=1)
            articles += renamed
        reader = engine._current()  # type: ignore[attr-defined]
        everything = reader.compiler.compile(query().tree)
        counted = reader.counter.top_values(everything, "person", size, width=width)
        assert counted == oracle.listed(query(facet_size=size), articles, "person")


class TestSuggestAndFacetSearch:
    @pytest.fixture
    def filled(self, engine: Engine) -> Engine:
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

    def test_suggestions_carry_counts_and_types(self, filled: Engine) -> None:
        first = filled.suggest("kim", 8)[0]
        assert (first.type, first.value, first.count) == ("person", "Kim Jong Un", 2)

    def test_nothing_typed_suggests_nothing(self, filled: Engine) -> None:
        assert filled.suggest("  ", 8) == ()

    def test_facet_search_counts_under_the_query(self, filled: Engine) -> None:
        values = filled.facet_values("person", "ki", query("putin")).values
        assert [(value.value, value.count) for value in values] == [("Kim Jong Un", 1)]
        codes = filled.facet_values("country", "nor", query()).values
        assert [(value.value, value.label, value.count) for value in codes] == [("KP", "North Korea", 2)]

    def test_facet_search_leaves_out_its_own_filter(self, filled: Engine) -> None:
        values = filled.facet_values("person", "kim", query(filters=Filters(persons=("Vladimir Putin",)))).values
        assert [(value.value, value.count) for value in values] == [("Kim Jong Un", 2)]


class TestArticles:
    def test_an_article_comes_back_whole(self, engine: Engine, news: tuple[Article, ...]) -> None:
        engine.rebuild(news, keep=1)
        for one in news:
            assert engine.get(one.id) == one

    def test_an_article_without_a_title_is_shown_by_its_first_words(self, engine: Engine) -> None:
        engine.rebuild([article(1, "", "Wellington and Ankara lend each other seismologists. " * 5)], keep=1)
        hit = engine.search(query("ankara")).hits[0]
        assert hit.title.text.startswith("Wellington and Ankara lend")
        assert hit.title.text.endswith(" …")
        assert hit.article.title == ""

    def test_an_unknown_id_is_an_error(self, engine: Engine) -> None:
        engine.rebuild([article(1)], keep=1)
        with pytest.raises(NotFoundError, match="'2'"):
            engine.get("2")

    def test_similar_articles_are_other_stories(self, engine: Engine) -> None:
        engine.rebuild(
            [
                article(1, "Harbour treaty", "The harbour treaty opens the eastern pier to foreign freighters"),
                article(
                    2, "Harbour treaty again", "The harbour treaty opens the eastern pier to freighters", story="1"
                ),
                article(3, "Pier busy", "Freighters crowd the eastern pier of the harbour"),
                article(4, "Cricket", "A century before lunch"),
            ],
            keep=1,
        )
        assert [hit.article.id for hit in engine.similar("1", 5)] == ["3"]
        assert [hit.article.id for hit in engine.similar("2", 5)] == ["3"]


class TestWriting:
    def test_no_index_yet(self, engine: Engine) -> None:
        for read in (engine.info, engine.check, lambda: engine.search(query()), lambda: engine.get("1")):
            with pytest.raises(NoIndexError, match="dateline reindex"):
                read()
        assert list(engine.entries()) == []

    def test_the_later_of_two_articles_with_one_id_counts(self, engine: Engine) -> None:
        report = engine.rebuild([article(1, "old"), article(2), article(1, "new")], keep=1)
        assert (report.added, report.replaced) == (2, 1)
        assert engine.get("1").title == "new"
        assert engine.search(query()).total == 2

    def test_write_adds_replaces_and_deletes_at_once(self, engine: Engine) -> None:
        engine.rebuild([article(1, "one"), article(2, "two"), article(3, "three")], keep=2)
        report = engine.write([article(2, "zwei"), article(4, "four")], ["3", "nowhere"], keep=2)
        assert (report.added, report.replaced, report.deleted) == (1, 1, 1)
        assert sorted(entry.id for entry in engine.entries()) == ["1", "2", "4"]
        assert engine.search(query("two")).total == 0
        assert engine.search(query("zwei")).total == 1
        assert engine.check() == ()

    def test_an_id_both_written_and_deleted_stays(self, engine: Engine) -> None:
        engine.write([article(1)], ["1"], keep=2)
        assert engine.search(query()).total == 1

    def test_a_write_without_a_change_makes_no_generation(self, engine: Engine) -> None:
        first = engine.rebuild([article(1)], keep=2)
        assert engine.write([], ["nowhere"], keep=2).generation == first.generation
        assert len(engine.info().generations) == 1

    def test_facets_forget_what_was_deleted(self, engine: Engine) -> None:
        engine.rebuild([article(n, persons=(Person("Kim Jong Un"),)) for n in range(3)], keep=2)
        engine.write([], ["0"], keep=2)
        assert [value.count for value in engine.search(query()).persons] == [2]
        assert [value.count for value in engine.facet_values("person", "kim", query()).values] == [2]
        assert engine.suggest("kim", 5)[0].count == 2

    def test_words_of_deleted_articles_are_forgotten(self, engine: Engine) -> None:
        engine.rebuild([article(1, "zyxword harbour"), article(2, "harbour"), article(3, "pier")], keep=2)
        engine.write([], ["1"], keep=2)
        assert engine.suggest("zyxw", 8) == ()
        assert engine.search(query("zyxwrod")).corrected is None
        found = engine.search(query("zyxword harbour"))
        assert (found.total, found.relaxed) == (1, ("zyxword",))

    def test_a_rebuild_that_fails_leaves_the_old_index(self, engine: Engine, tmp_path: Path) -> None:
        engine.rebuild([article(1, "kept")], keep=2)

        def broken() -> object:
            yield article(2)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            engine.rebuild(broken(), keep=2)  # type: ignore[arg-type]
        assert engine.get("1").title == "kept"
        assert not list((tmp_path / "index").glob("building-*"))

    def test_rollback_serves_the_generation_before(self, engine: Engine) -> None:
        engine.rebuild([article(1, "first")], keep=3)
        engine.rebuild([article(1, "second")], keep=3)
        engine.write([article(1, "third")], [], keep=3)
        assert [engine.rollback().articles, engine.get("1").title] == [1, "second"]
        engine.rollback()
        assert engine.get("1").title == "first"
        with pytest.raises(NoIndexError, match="--keep"):
            engine.rollback()

    def test_old_generations_are_pruned(self, engine: Engine) -> None:
        for number in range(4):
            engine.rebuild([article(number)], keep=2)
        assert len(engine.info().generations) == 2

    def test_a_lexicon_goes_with_its_generation(self, engine: Engine) -> None:
        engine.rebuild([article(1, "harbour", persons=(Person("Ann Lee"),))], keep=2)
        engine.write([article(2, "lighthouse", persons=(Person("Bob Ray"),))], ["1"], keep=2)
        assert [one.label for one in engine.suggest("lighth", 8)] == ["lighthouse"] * 2
        assert [engine.suggest(text, 8) for text in ("harb", "ann")] == [(), ()]
        assert engine.search(query("lihgthouse")).corrected == "lighthouse"
        assert engine.search(query("harbuor")).corrected is None
        engine.rollback()
        assert [one.label for one in engine.suggest("ann", 8)] == ["Ann Lee"]

    @pytest.mark.parametrize("damage", ["missing", "cut", "changed"])
    def test_a_damaged_lexicon_is_told(self, engine: Engine, tmp_path: Path, damage: str) -> None:
        engine.rebuild([article(1, "harbour")], keep=1)
        (path,) = tmp_path.glob("index/0*/lexicon.bin")
        data = path.read_bytes()
        if damage == "missing":
            path.unlink()
        else:
            path.write_bytes(data[: len(data) // 2] if damage == "cut" else bytes([data[0] ^ 1]) + data[1:])
        other = open_engine(f"tantivy://{tmp_path}/index")
        if damage == "changed":
            assert other.check() == ("lexicon.bin is no longer what was written.",)
        else:
            with pytest.raises(IndexDamagedError, match=r"lexicon.bin") as raised:
                other.search(query("harbour"))
            assert "dateline reindex" in raised.value.remedy

    def test_another_instance_follows_a_swap(self, engine: Engine) -> None:
        engine.rebuild([article(1, "first")], keep=1)
        reader = open_engine(engine.info().url)
        assert reader.get("1").title == "first"
        engine.rebuild([article(1, "second")], keep=1)
        assert reader.get("1").title == "second"
