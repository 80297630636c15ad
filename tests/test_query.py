"""The query language: any text gives a query tree on the index fields, and warnings name the unused parts."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from whoosh import query as tree

from search.query.lowering import EXACT_SCORE, FUZZY_SCORE, MAX_SLOP, NEAR_PHRASES
from search.query.parsing import parse, query_of
from search.storage.fields import FIELDS

PIECES = st.sampled_from(
    ["a", "putin", '"', "(", ")", "[", "]", "{", "}", " ", "AND", "OR", "NOT", "ANDMAYBE", "REQUIRE", "ANDNOT", "-", "+",
     "~", "~2", "^", "^2", "*", "?", ":", "title:", "date:", "country:", "person:", "2024", "to", "TO", "\\", "'", "<", ">",
     "北京", "ё", "\u200f", "\0", "\n", "/", "&", "|", "!", ".", ",", "U.S.", "=", "%", "text:", "foo:", "_"]
)  # fmt: skip


TODAY = dt.date(2026, 11, 26)


def words(text: str) -> list[str]:
    return [word.text for word in parse(text).plain_words]


def leaves(node: tree.Query) -> list[tree.Query]:
    if isinstance(node, tree.ConstantScoreQuery):
        return leaves(node.child)
    if isinstance(node, tree.And | tree.Or):
        return [leaf for child in node.subqueries for leaf in leaves(child)]
    if isinstance(node, tree.Not):
        return leaves(node.query)
    if isinstance(node, tree.AndMaybe):
        return leaves(node.a) + leaves(node.b)
    return [node]


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=60), st.lists(PIECES, max_size=14).map("".join)))
@example("((-a))")
@example("x OR (+a b)")
@example('"a"~99999999999999999999')
@example("a^99999999999999999999e99")
def test_any_text_gives_a_query_on_known_fields(text: str) -> None:
    parsed = parse(text)
    for leaf in leaves(parsed.tree):
        if isinstance(leaf, tree.Every):
            continue
        assert leaf.fieldname in FIELDS
        assert isinstance(
            leaf, tree.Term | tree.Phrase | tree.Prefix | tree.Wildcard | tree.FuzzyTerm | tree.NumericRange
        )


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "()", '""', "( ( ) )", "***", "-", "AND"])
def test_an_empty_query_matches_every_article(text: str) -> None:
    assert isinstance(parse(text).tree, tree.Every)


def test_all_words_are_required_in_the_ranking_field() -> None:
    assert parse("Treaties talks").tree == tree.And([tree.Term("text", "treati"), tree.Term("text", "talk")])
    assert parse("title:treaties").tree == tree.Term("title", "treati")


def test_quotes_mean_exact_words() -> None:
    assert parse('"Treaties"').tree == tree.Or(
        [tree.Term("title_words", "treaties", boost=3.0), tree.Term("body_words", "treaties")]
    )
    body = parse("“port treaties”").tree.subqueries[1]
    assert (body.fieldname, body.words) == ("body_words", ["port", "treaties"])


def test_a_word_of_several_tokens_is_a_phrase() -> None:
    body = parse("U.S.-led").tree.subqueries[1]
    assert (body.fieldname, body.words) == ("body", ["us", "led"])
    body = parse("北京").tree.subqueries[1]
    assert body.words == ["北", "京"]


@pytest.mark.parametrize("text", ["country:RU", "country:ru", "country:russia", 'country:"Russia"'])
def test_a_country_is_a_code_or_a_name(text: str) -> None:
    assert isinstance(parse(text).tree, tree.ConstantScoreQuery)
    assert leaves(parse(text).tree) == [tree.Term("country", "RU")]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("date:2024", dt.date(2024, 1, 1), dt.date(2024, 12, 31)),
        ("date:2024-02", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ("date:2024-02-03", dt.date(2024, 2, 3), dt.date(2024, 2, 3)),
        ("date:[2024-01-05 to 2024-02]", dt.date(2024, 1, 5), dt.date(2024, 2, 29)),
        ("date:[2024 TO]", dt.date(2024, 1, 1), dt.date.max),
        ("date:[to 2024]", dt.date.min, dt.date(2024, 12, 31)),
    ],
)
def test_dates_are_days_with_both_ends(text: str, first: dt.date, last: dt.date) -> None:
    found = parse(text).tree
    assert (found.fieldname, found.start, found.end) == ("day", first.toordinal(), last.toordinal())


@pytest.mark.parametrize("text", ["-putin", "NOT putin", "-a -b"])
def test_a_query_of_exclusions_applies_to_all_articles(text: str) -> None:
    found = parse(text).tree
    assert isinstance(found, tree.And)
    assert isinstance(found.subqueries[0], tree.Every)


@pytest.mark.parametrize("text", ["state-of-the-art", "2024-01-21", "3-2"])
def test_a_hyphen_inside_a_word_excludes_nothing(text: str) -> None:
    assert not any(
        isinstance(child, tree.Not) for child in [parse(text).tree, *getattr(parse(text).tree, "subqueries", [])]
    )


def test_a_question_mark_after_a_word_is_punctuation() -> None:
    assert parse("who won?").tree == parse("who won").tree
    assert isinstance(parse("p?tin").tree.subqueries[0], tree.Wildcard)
    assert words("who won?") == ["won?"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"unbalanced quote', "quotation mark"),
        ("(open", "bracket"),
        ("close)", "bracket"),
        ("a OR", "OR without words"),
        ("nofield:word", "no field nofield:"),
        ("country:Atlantis", "no country 'Atlantis'"),
        ("date:someday", "date:someday is no date"),
        ("[a to b]", "range"),
        ("AND", "nothing that can be searched"),
        ('"a b"~500', f'"a b"~{MAX_SLOP}'),
        ('"a b c d"~9', '"a b c d"~3'),
    ],
)
def test_warnings_name_the_unused_parts(text: str, said: str) -> None:
    assert any(said in warning for warning in parse(text).warnings), parse(text).warnings


@pytest.mark.parametrize(
    "text", ["putin kim", '"a b" (c OR d)', "https://example.org/a?b=c", "Talks: a headline", "10:30", '"a b"~20']
)
def test_ordinary_text_gives_no_warning(text: str) -> None:
    assert parse(text).warnings == ()


class TestPlainWords:
    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            ("the war in syria", ["war", "syria"]),
            ("der Krieg in der Ukraine", ["Krieg", "Ukraine"]),
            ("syria war die", ["syria", "war", "die"]),  # one German function word does not make a text German
            ("WHO report", ["WHO", "report"]),
            ("who report", ["report"]),
            ("REPORT OF THE MINISTER ON COAL", ["REPORT", "MINISTER", "COAL"]),
            ("to be or not to be", ["to", "be", "or", "not", "to", "be"]),
            ("(port treaty) signed", ["port", "treaty", "signed"]),
            ("U.S.-led talks", ["U.S.-led", "talks"]),
            ("kim country:KP treaty", ["kim", "treaty"]),
            ("kim -treaty", ["kim"]),
            ("kim AND treaty", []),
            ("kim OR treaty", []),
            ("+kim treaty", []),
            ("kim^2", []),
            ("kim*", []),
        ],
    )
    def test_words_that_a_search_may_relax(self, text: str, kept: list[str]) -> None:
        assert words(text) == kept

    def test_function_words_are_left_out(self) -> None:
        assert parse("the war in syria").tree == parse("war syria").tree
        assert parse("to be").tree == tree.And([tree.Term("text", "to"), tree.Term("text", "be")])

    @pytest.mark.parametrize(
        ("text", "sentence"),
        [
            ("port treaty", False),
            ("one two three four five", False),
            ("one two three four five six", True),
            ("bank of england", False),
            ("president of the united states", True),
            ("RUSSIA SIGNS A TREATY AND OPENS PORTS", True),
            ("putin AND kim AND the treaty", False),
        ],
    )
    def test_sentences_and_keywords_are_distinguished(self, text: str, *, sentence: bool) -> None:
        assert parse(text).is_sentence == sentence

    @pytest.mark.parametrize(
        "text",
        [
            "I am looking for articles about copper prices in Zambia and the railway",
            "What articles exist which deal with copper prices in Zambia or the railway?",
            "Please show me anything on copper prices in Zambia by the railway",
            "I'd like to find reports that discuss copper prices in Zambia, the railway",
        ],
    )
    def test_words_that_only_ask_are_left_out(self, text: str) -> None:
        assert [word.strip(",?") for word in words(text)] == ["copper", "prices", "Zambia", "railway"]

    def test_operators_in_a_headline_in_capitals_are_words(self) -> None:
        assert words("SHIPS AND PORTS OPEN IN KOREA") == ["SHIPS", "PORTS", "OPEN", "KOREA"]
        assert isinstance(parse("RUSSIA OR CHINA").tree, tree.Or)

    @pytest.mark.parametrize(
        ("text", "kept"),
        [
            (
                "https://example.org/world/2024/01/05/kim-signs-port-treaty.html?x=1#top",
                ["kim", "signs", "port", "treaty"],
            ),
            ("see https://example.org/port-treaty", ["see", "port", "treaty"]),
            ("https://example.org/", ["example.org"]),
            ("www.example.org/2024/seed%20vault%20opens", ["seed", "vault", "opens"]),
        ],
    )
    def test_an_address_is_searched_by_the_words_of_its_headline(self, text: str, kept: list[str]) -> None:
        assert words(text) == kept
        assert parse(text).warnings == ()

    @settings(max_examples=300, deadline=None)
    @given(
        st.lists(
            st.sampled_from(["Kim", "treaty,", "the", "-x", '"a b"', "U.S.-led", "北京", "(ports)", "title:a", "?"]),
            max_size=8,
        )
    )
    def test_parts_have_their_ranges_in_the_text(self, pieces: list[str]) -> None:
        parsed = parse(" ".join(pieces))
        for word in parsed.plain_words:
            assert parsed.text[word.start : word.end] == word.text
            assert [parsed.text[word.start + t.start : word.start + t.end] for t in word.tokens] == [
                word.text[t.start : t.end] for t in word.tokens
            ]
        for other in parsed.other_parts:
            assert other.text in {"-x", '"a b"', "title:a", "?"} | {f"({piece})" for piece in pieces}


class TestParts:
    def test_each_part_of_a_query_has_its_text(self) -> None:
        parsed = parse('kim "port treaty"~3 country:RU date:"last week" (a OR b) -x NOT y')
        assert [word.text for word in parsed.plain_words] == ["kim"]
        texts = [other.text for other in parsed.other_parts]
        assert texts[:4] == ['"port treaty"~3', "country:RU", 'date:"last week"', "(a OR b)"]

    def test_a_query_counts_its_words(self) -> None:
        assert query_of('the "port treaty" putn~ pre* title:x').parsed.term_count == 6

    def test_a_fuzzy_match_scores_less_than_the_word_as_typed(self) -> None:
        like, same = parse("putn~").tree.subqueries
        assert (like.score, same.score) == (FUZZY_SCORE, EXACT_SCORE)
        assert FUZZY_SCORE < EXACT_SCORE
        assert isinstance(leaves(like)[0], tree.FuzzyTerm)
        assert leaves(same)[0] == tree.Term("title_words", "putn")

    @settings(max_examples=200, deadline=None)
    @given(st.integers(2, 8), st.integers(1, 10**6))
    def test_the_arrangements_of_a_near_phrase_are_limited(self, size: int, slop: int) -> None:
        typed = " ".join(f"w{n}" for n in range(size))
        for leaf in leaves(parse(f'"{typed}"~{slop}').tree):
            assert leaf.slop ** (len(leaf.words) - 1) <= NEAR_PHRASES
            assert 1 <= leaf.slop <= max(slop, 1)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("date:today", TODAY, TODAY),
        ("date:yesterday", dt.date(2026, 11, 25), dt.date(2026, 11, 25)),
        ('date:"this week"', dt.date(2026, 11, 23), dt.date(2026, 11, 29)),
        ("date:last-week", dt.date(2026, 11, 16), dt.date(2026, 11, 22)),
        ('date:"last month"', dt.date(2026, 10, 1), dt.date(2026, 10, 31)),
        ("date:last-year", dt.date(2025, 1, 1), dt.date(2025, 12, 31)),
        ("date:last-7-days", dt.date(2026, 11, 20), TODAY),
        ('date:"2 weeks ago"', dt.date(2026, 11, 9), dt.date(2026, 11, 15)),
        ('date:"march 2024"', dt.date(2024, 3, 1), dt.date(2024, 3, 31)),
        ('date:"21 jan 2024"', dt.date(2024, 1, 21), dt.date(2024, 1, 21)),
        ("date:[2026-11-01 to yesterday]", dt.date(2026, 11, 1), dt.date(2026, 11, 25)),
        ("date:[last-month to]", dt.date(2026, 10, 1), dt.date.max),
    ],
)
def test_dates_in_plain_words(text: str, first: dt.date, last: dt.date) -> None:
    found = parse(text, TODAY).tree
    assert (found.start, found.end) == (first.toordinal(), last.toordinal())


@settings(max_examples=200, deadline=None)
@given(
    st.from_regex(r"(last |past |this )?[0-9]{0,4} ?(day|week|month|year|monday|march|may 31)s?( ago)?", fullmatch=True)
)
def test_any_date_text_gives_a_date_or_a_warning(text: str) -> None:
    parsed = parse(f'date:"{text}"', TODAY)
    if parsed.warnings:
        assert isinstance(parsed.tree, tree.Every)
    else:
        assert parsed.tree.start <= parsed.tree.end


@pytest.mark.parametrize(
    ("text", "kind", "pattern"),
    [
        ("tre*y*", tree.Wildcard, "tre*y*"),
        ("*aty*", tree.Wildcard, "*aty*"),
        ("Trea*", tree.Prefix, "trea"),
        ("tr?a*", tree.Wildcard, "tr?a*"),
        ("t?eaty", tree.Wildcard, "t?eaty"),
        ("title:tre*", tree.Prefix, "tre"),
        ("Erdoğ*", tree.Prefix, "erdog"),
    ],
)
def test_patterns_are_kept_as_typed(text: str, kind: type[tree.Query], pattern: str) -> None:
    for leaf in leaves(parse(text).tree):
        assert (type(leaf), leaf.text) == (kind, pattern)
