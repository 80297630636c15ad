"""The terms by which later writes look articles up."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from index.archive import boilerplate, keys
from search.model import TITLE_PLACE, Article, Country, Person

ARTICLE = Article(
    "x",
    "The title",
    "First line.\n\nSecond line.",
    url="https://www.gazette.example/1",
    digest="0123",
    persons=(Person("Vladimir Putin", (), "Vladimir V. Putin"), Person("Bo"), Person("Ann Lee")),
)


def of_kind(letter: str, article: Article = ARTICLE) -> list[str]:
    return [key for key in keys.keys_of(article) if key[0] == letter]


def test_digest_site_and_lines() -> None:
    first, second = boilerplate.keys_of(ARTICLE, own_title=False).tolist()
    assert of_kind("d") == [keys.digest_key("0123")]
    assert of_kind("w") == [keys.site_key("gazette.example")]
    assert of_kind("l") == [keys.line_key(first), keys.line_key(second)]
    assert len(keys.line_key(2**64 - 1)) == len(keys.line_key(0)) == 12


def test_removed_lines_and_titles_have_keys() -> None:
    whole = replace(ARTICLE, own_title=True)
    cut = replace(whole, title="", body="Second line.", removed=((TITLE_PLACE, "The title"), (0, "First line.")))
    assert of_kind("l", cut) == of_kind("l", whole)
    assert len(of_kind("l", cut)) == 3


def test_spellings_and_labels() -> None:
    assert (
        of_kind("p")
        == ["pVladimir Putin", "pBo", "pAnn Lee"]
        == [*map(keys.label_key, ("Vladimir Putin", "Bo", "Ann Lee"))]
    )
    assert of_kind("n") == [keys.spelling_key(name) for name in ("VLADIMIR V PUTIN", "BO", "Ann-Lee")]
    assert keys.spelling_key("Bo") not in (keys.spelling_key("B. O"), keys.spelling_key("Bo Bo"))


def test_persons_that_aliases_dropped_keep_the_keys_of_their_spellings() -> None:
    found = (Country("PE", "Peru"), Person("Vladimir V. Putin"), Person("Ann Lee"))
    dropped = replace(ARTICLE, persons=(Person("Ann Lee"),), found=found)
    assert of_kind("p", dropped) == ["pAnn Lee"]
    assert of_kind("n", dropped) == [keys.spelling_key("Vladimir V. Putin"), keys.spelling_key("Ann Lee")]


@given(st.lists(st.builds(Person, st.text(), st.just(()), st.text()), max_size=4), st.text())
def test_new_persons_need_no_new_keys_of_other_kinds(persons: list[Person], body: str) -> None:
    before = replace(ARTICLE, body=body, keys=keys.keys_of(replace(ARTICLE, body=body)))
    after = replace(before, persons=tuple(persons))
    assert keys.relabelled(after) == keys.keys_of(after)
