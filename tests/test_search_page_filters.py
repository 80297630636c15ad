"""The search page in a browser: facets, chips, the histogram, and the fields for dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from support.search_page import (
    CODES,
    EACH,
    PEOPLE,
    app_over,
    box,
    chips,
    focused,
    long_facets,
    opened,
    query_string,
    served,
    settled,
)

from search.territories import name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of an archive with more countries and persons than a facet shows at first."""
    with served(app_over(long_facets(), tmp_path_factory.mktemp("archive"))) as address:
        yield address


def _facet(page: Page, title: str) -> Locator:
    return box(page, ".filters > section").filter(has=page.get_by_role("heading", name=title, exact=True))


def _labels(facet: Locator) -> list[str]:
    return facet.locator(".label").all_text_contents()


def _count(page: Page, text: str) -> None:
    settled(page)
    expect(box(page, ".count")).to_have_text(text)


class TestFacets:
    def test_two_countries_give_the_union_and_one_can_be_removed(self, page: Page, archive: str) -> None:
        opened(page, f"{archive}/?q=harbour")
        countries = _facet(page, "Countries")
        countries.get_by_label("Germany").check()
        _count(page, f"{EACH} articles")
        countries.get_by_label("France").check()
        _count(page, f"{2 * EACH} articles")
        assert query_string(page) == "q=harbour&country=DE&country=FR"
        assert chips(page) == ["Germany", "France"]
        assert countries.locator(".on .label").all_text_contents() == ["Germany", "France"]
        countries.get_by_label("Germany").uncheck()
        _count(page, f"{EACH} articles")
        assert query_string(page) == "q=harbour&country=FR"

    def test_filters_of_two_facets_must_both_hold(self, page: Page, archive: str) -> None:
        opened(page, archive)
        _facet(page, "Countries").get_by_label("France").check()
        settled(page)
        people = _facet(page, "People")
        assert people.locator("li").all_text_contents() == ["Ada Berg 1", "Ada Cole 1", "Ada Diaz 1", "Ada Eriksen 1"]
        people.get_by_label("Ada Cole").check()
        _count(page, "1 article")
        assert query_string(page) == "country=FR&person=Ada+Cole"

    @pytest.mark.parametrize("how", ["click", "Space"])
    def test_focus_stays_on_the_box_that_was_ticked(self, page: Page, archive: str, how: str) -> None:
        opened(page, archive)
        ticked = _facet(page, "Countries").get_by_label("Germany")
        if how == "click":
            ticked.click()
        else:
            ticked.press(how)
        _count(page, f"{EACH} articles")
        expect(_facet(page, "Countries").get_by_label("Germany")).to_be_focused()
        expect(_facet(page, "Countries").get_by_label("Germany")).to_be_checked()

    def test_the_server_searches_all_persons(self, page: Page, archive: str) -> None:
        opened(page, archive)
        people = _facet(page, "People")
        assert not set(_labels(people)) & {"Bo Haas"}
        people.get_by_role("searchbox", name="Search people").press_sequentially("haas")
        expect(people.locator(".label")).to_have_text(["Ada Haas", "Bo Haas"])
        people.get_by_label("Bo Haas").check()
        _count(page, f"{EACH} articles")
        assert chips(page) == ["Bo Haas"]
        expect(people.get_by_role("searchbox")).to_have_value("")
        expect(focused(page)).to_have_accessible_name("Bo Haas 4")
        people.get_by_role("searchbox").fill("nobody")
        expect(people.locator(".faint")).to_have_text("No such name")

    @pytest.mark.parametrize(
        ("language", "typed", "found"),
        [
            ("en", "pol", ["Poland"]),
            ("de", "pol", ["Polen"]),
            ("de", "frankr", ["Frankreich"]),
            ("de", "turkei", ["Türkei"]),
            ("ar", "فرنسا", ["فرنسا"]),
            ("ar", "france", ["فرنسا"]),
        ],
    )
    def test_countries_are_searched_in_the_reader_s_language(
        self, browser: Browser, archive: str, language: str, typed: str, found: list[str]
    ) -> None:
        with browser.new_context() as context:
            page = opened(context.new_page(), f"{archive}/?lang={language}")
            countries = box(page, ".filters > section").nth(1)
            countries.locator(".find").press_sequentially(typed)
            expect(countries.locator(".label")).to_have_text(found)
            countries.locator("input[type=checkbox]").click()
            settled(page)
            assert chips(page) == found

    def test_show_more_shows_all(self, page: Page, archive: str) -> None:
        opened(page, archive)
        for title, everything in (("Countries", {name(code) for code in CODES}), ("People", set(PEOPLE))):
            facet = _facet(page, title)
            assert len(_labels(facet)) == 10
            facet.get_by_role("button", name="Show more").click()
            expect(facet.locator(".label")).to_have_count(14)
            assert set(_labels(facet)) == everything
            expect(facet.get_by_role("button", name="Show more")).to_be_hidden()
            expect(facet.get_by_role("searchbox")).to_be_focused()
        _facet(page, "People").get_by_label("Bo Haas").check()
        _count(page, f"{EACH} articles")
        expect(_facet(page, "People").locator(".label")).to_have_count(14)
        expect(_facet(page, "People").get_by_label("Bo Haas")).to_be_focused()

    def test_a_tick_cancels_a_search_in_the_facet(self, page: Page, archive: str) -> None:
        opened(page, archive)
        people = _facet(page, "People")
        with page.expect_request("**/v1/facets/person?*prefix=ada") as asked:
            page.route("**/v1/facets/person?*prefix=ada", lambda _: None)
            people.get_by_role("searchbox").fill("ada")
        people.get_by_label("Bo Berg").check()
        _count(page, f"{EACH} articles")
        expect(people.get_by_role("searchbox")).to_have_value("")
        assert asked.value.failure, "the request is cancelled: its answer would replace what the tick counted"


class TestChips:
    def test_each_chip_removes_its_filter(self, page: Page, server: str) -> None:
        start = "q=treaty&country=KP&person=Kim+Jong+Un&source=Coast+Daily&from=2024-01-01&to=2024-12-31"
        opened(page, f"{server}/?{start}")
        labels = ["North Korea", "Kim Jong Un", "Coast Daily", "from 1 January 2024", "until 31 December 2024"]
        assert chips(page) == labels
        pairs = start.split("&")
        for _ in range(len(labels)):
            page.get_by_role("link", name=f"Remove filter {labels.pop(0)}").click()
            pairs.pop(1)
            assert chips(page) == labels
            assert query_string(page) == "&".join(pairs)
            expect(box(page, ".count")).to_be_focused()
        expect(box(page, ".chips")).to_have_count(0)

    def test_clear_all_keeps_words_and_order(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?q=treaty&country=KP&person=Kim+Jong+Un&to=2024-12-31&sort=oldest")
        page.get_by_role("link", name="Clear all").click()
        assert chips(page) == []
        assert query_string(page) == "q=treaty&sort=oldest"
        expect(page.locator("#q")).to_have_value("treaty")


class TestDates:
    def test_drag_over_the_histogram(self, page: Page, archive: str) -> None:
        opened(page, archive)
        bars = box(page, ".chart .slot")
        assert bars.count() == 12
        first, last = bars.nth(2).bounding_box(), bars.nth(4).bounding_box()
        assert first
        assert last
        page.mouse.move(first["x"] + first["width"] / 2, first["y"] + 20)
        page.mouse.down()
        page.mouse.move(last["x"] + last["width"] / 2, last["y"] + 20, steps=3)
        assert box(page, ".chart .off").count() == 9, "the drag shows what it will choose"
        assert query_string(page) == ""
        page.mouse.up()
        assert chips(page) == ["from 1 March 2024", "until 31 May 2024"]
        assert query_string(page) == "from=2024-03-01&to=2024-05-31"
        assert box(page, ".chart .off").count() == 9
        expect(box(page, ".dates input").nth(0)).to_have_value("2024-03-01")

    def test_click_on_a_bar(self, page: Page, archive: str) -> None:
        opened(page, archive)
        bar = box(page, ".chart g").nth(5)
        title = bar.locator("title").text_content() or ""
        bar.locator(".slot").click()
        _count(page, title.rpartition(": ")[2])
        assert query_string(page) == "from=2024-06-01&to=2024-06-30"

    def test_handles_by_keyboard(self, page: Page, archive: str) -> None:
        opened(page, archive)
        first, last = page.get_by_role("slider", name="First day"), page.get_by_role("slider", name="Last day")
        first.press("ArrowRight")
        first.press("ArrowRight")
        expect(first).to_have_attribute("aria-valuetext", "1 March 2024")
        expect(box(page, ".chips bdi")).to_have_text(["from 1 March 2024"])
        assert query_string(page) == "from=2024-03-01"
        expect(first).to_be_focused()
        last.press("ArrowLeft")
        expect(box(page, ".chips bdi")).to_have_text(["from 1 March 2024", "until 30 November 2024"])
        expect(last).to_be_focused()
        page.go_back()
        page.go_back()
        expect(box(page, ".chips")).to_have_count(0)
        expect(first).to_have_attribute("aria-valuetext", "1 January 2024")

    def test_date_fields_filter(self, page: Page, archive: str) -> None:
        opened(page, archive)
        fields = box(page, ".dates input")
        fields.nth(0).fill("2024-03-05")
        settled(page)
        fields.nth(1).fill("2024-03-20")
        assert chips(page) == ["from 5 March 2024", "until 20 March 2024"]
        assert query_string(page) == "from=2024-03-05&to=2024-03-20"
        fields.nth(0).fill("")
        assert chips(page) == ["until 20 March 2024"]

    def test_a_typed_date_filters_when_it_is_complete(self, page: Page, archive: str) -> None:
        opened(page, archive)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        box(page, ".dates input").nth(0).focus()
        page.keyboard.type("03052024", delay=60)
        page.keyboard.press("Enter")
        expect(box(page, ".chips bdi")).to_have_text(["from 5 March 2024"])
        assert query_string(page) == "from=2024-03-05"
        assert len([url for url in asked if "/v1/search?" in url]) == 1, asked

    def test_a_last_day_before_the_first_is_reported(self, page: Page, archive: str) -> None:
        opened(page, f"{archive}/?from=2024-05-01")
        box(page, ".dates input").nth(1).fill("2024-04-01")
        expect(page.get_by_role("alert")).to_contain_text("The search failed.")
        page.go_back()
        assert chips(page) == ["from 1 May 2024"]
