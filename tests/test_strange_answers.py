"""Answers of a wrong or hostile server: they never become markup, and the page reports them as failures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from support.foreign_site import other_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MARKUP = "<img src=x onerror='window.owned = 1'>"
PROPERTIES = {"innerHTML": MARKUP, "href": "javascript:window.owned = 1", "onclick": None, "style": "position: fixed"}
"""An object that would change an element if the script assigned it to the element's properties."""


@pytest.fixture(scope="module")
def address(server: str) -> Iterator[str]:
    """Yield the address of another site's page that has the box and no content security policy."""
    with other_site(server) as site:
        yield site.put("<dateline-search browse></dateline-search>")


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Yield a page on which uncaught errors do not fail the test."""
    opened = context.new_page()
    yield opened
    opened.close()


def _answer(page: Page, answer: Any, pattern: str = "**/v1/search?**") -> None:
    """Replace the server's next answer by this one."""

    def fulfill(route: Route) -> None:
        route.fulfill(json=answer, headers={"Access-Control-Allow-Origin": "*"})

    page.route(pattern, fulfill, times=1)


def _put(answer: Any, path: str, value: Any) -> None:
    """Put a value into an answer at a path; an empty list on the path gets the value as its item."""
    *above, last = [int(step) if step.isdecimal() else step for step in path.split("/")]
    for step in above:
        answer = answer[step]
    if answer == []:
        answer.append(value)
    else:
        answer[last] = value


class TestSearch:
    @pytest.mark.parametrize(
        "path",
        [
            "hits/0/source",
            "hits/0/persons/0",
            "hits/0/countries/0/name",
            "hits/0/highlights/title",
            "hits/0/highlights/body/0",
            "warnings/0",
            "relaxed/0",
            "corrected",
            "facets/person/0/label",
            "facets/date/0/value",
        ],
    )
    def test_objects_instead_of_texts(self, page: Page, server: str, address: str, path: str) -> None:
        answer = page.request.get(f"{server}/v1/search?sort=newest").json()
        _put(answer, path, PROPERTIES)
        _answer(page, answer)
        page.goto(address)
        failure = page.get_by_role("alert")
        expect(failure).to_contain_text("The search failed.")
        assert page.locator(".box :is(img, [style], [href^=javascript])").count() == 0
        assert page.evaluate("window.owned") is None
        failure.get_by_role("button", name="Try again").click()
        expect(page.locator(".headline")).to_have_count(10)
        expect(failure).to_be_empty()

    @pytest.mark.parametrize("answer", [{}, [], 5, "text", {"hits": [], "facets": None}, {"facets": {}, "hits": 5}])
    def test_answer_of_another_shape(self, page: Page, address: str, answer: Any) -> None:
        _answer(page, answer)
        page.goto(address)
        failure = page.get_by_role("alert")
        expect(failure).to_contain_text("The search failed.")
        expect(page.locator(".split")).to_be_hidden()
        failure.get_by_role("button", name="Try again").click()
        expect(page.locator(".headline")).to_have_count(10)

    def test_more_hits_that_are_not_hits(self, page: Page, address: str) -> None:
        page.goto(address)
        expect(page.locator(".headline")).to_have_count(10)
        _answer(page, {}, "**/v1/search?*&page=2&*")
        page.get_by_role("button", name="Load more").click()
        expect(page.get_by_role("alert")).to_contain_text("The search failed.")
        expect(page.locator(".headline")).to_have_count(10)
        assert "page" not in page.url
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".headline")).to_have_count(17)


def test_suggestions(page: Page, address: str) -> None:
    suggestion = {"type": "person", "value": "a", "label": PROPERTIES, "count": 1}
    _answer(page, {"suggestions": [suggestion]}, "**/v1/suggest?**")
    page.goto(address)
    with page.expect_event("pageerror"):
        page.get_by_role("combobox").press_sequentially("a")
    assert page.locator("[role=listbox] img").count() == 0
    assert page.evaluate("window.owned") is None
