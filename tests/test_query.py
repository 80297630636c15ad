"""The query language: any text gives a tree on the engines' fields, and warnings say what was not used."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from whoosh import query as tree

from search.query import FIELDS, MAX_TERMS, parse

PIECES = st.sampled_from(
    ["a", "putin", '"', "(", ")", "[", "]", "{", "}", " ", "AND", "OR", "NOT", "ANDMAYBE", "REQUIRE", "ANDNOT", "-", "+",
     "~", "~2", "^", "^2", "*", "?", ":", "title:", "date:", "country:", "person:", "2024", "to", "TO", "\\", "'", "<", ">",
     "北京", "ё", "\u200f", "\0", "\n", "/", "&", "|", "!", ".", ",", "U.S.", "=", "%", "text:", "foo:", "_"]
)  # fmt: skip


def leaves(node: tree.Query) -> list[tree.Query]:
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
def test_any_text_is_a_query_on_known_fields(text: str) -> None:
    parsed = parse(text)
    for leaf in leaves(parsed.tree):
        if isinstance(leaf, tree.Every):
            continue
        assert leaf.fieldname in FIELDS
        assert isinstance(
            leaf, tree.Term | tree.Phrase | tree.Prefix | tree.Wildcard | tree.FuzzyTerm | tree.NumericRange
        )


@pytest.mark.parametrize("text", ["", "   ", "\t\n", "()", '""', "( ( ) )", "***", "-", "AND"])
def test_nothing_to_search_for_matches_every_article(text: str) -> None:
    assert isinstance(parse(text).tree, tree.Every)


def both(word: str, stem: str) -> tree.Query:
    del word
    return tree.Or([tree.Term("title", stem, boost=3.0), tree.Term("body", stem)])


def test_words_are_all_required_in_title_or_body() -> None:
    assert parse("Treaties talks").tree == tree.And([both("treaties", "treati"), both("talks", "talk")])


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
    assert parse(text).tree == tree.Term("country", "RU")


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
def test_a_query_that_only_excludes_starts_from_every_article(text: str) -> None:
    found = parse(text).tree
    assert isinstance(found, tree.And)
    assert isinstance(found.subqueries[0], tree.Every)


@pytest.mark.parametrize("text", ["state-of-the-art", "2024-01-21", "3-2"])
def test_a_hyphen_inside_a_word_excludes_nothing(text: str) -> None:
    assert not any(
        isinstance(child, tree.Not) for child in [parse(text).tree, *getattr(parse(text).tree, "subqueries", [])]
    )


def test_a_question_mark_that_ends_a_word_is_prose() -> None:
    assert parse("who won?").tree == parse("who won").tree
    assert isinstance(parse("p?tin").tree.subqueries[0], tree.Wildcard)


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
        (" ".join(f"w{n}" for n in range(MAX_TERMS + 1)), f"first {MAX_TERMS} words"),
    ],
)
def test_warnings_say_what_was_not_used(text: str, said: str) -> None:
    assert any(said in warning for warning in parse(text).warnings), parse(text).warnings


@pytest.mark.parametrize(
    "text", ["putin kim", '"a b" (c OR d)', "https://example.org/a?b=c", "Talks: a headline", "10:30"]
)
def test_ordinary_text_gives_no_warning(text: str) -> None:
    assert parse(text).warnings == ()
