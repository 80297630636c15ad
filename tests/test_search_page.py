"""The search page in a browser: suggestions, results, notes, copies, order, and what is announced."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from support.search_page import box, chips, focused, headlines, opened, query_string, settled, shows

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = pytest.mark.browser

TREATY = ["Seoul watches the treaty with care", "North Korea and Russia sign a port treaty"]
HOSTILE = "<img src=x onerror=\"document.title='owned'\"> & <script>alert(1)</script> treaty"


def _suggested(page: Page, text: str, option: str) -> Locator:
    """Type a text and return the suggestion with the text `option`."""
    page.locator("#q").press_sequentially(text)
    found = page.get_by_role("option", name=option, exact=True)
    found.wait_for()
    return found


def _live_region(page: Page) -> Locator:
    return page.locator(".box > [role=status]")


class TestSuggestions:
    def test_people_countries_headlines_and_words(self, page: Page, server: str) -> None:
        opened(page, server)
        _suggested(page, "port", "North Korea Country · 3")
        options = [" ".join(text.split()) for text in page.get_by_role("option").all_text_contents()]
        assert options == [
            "Portugal Country · 1",
            "North Korea and Russia sign a port treaty Article",
            "North Korea Country · 3",
            "north Search · 2",
        ]

    @pytest.mark.parametrize("how", ["click", "Enter"])
    @pytest.mark.parametrize(
        ("suggestion", "expected"),
        [
            (("kim jo", "Kim Jong Un Person · 2"), (["Kim Jong Un"], "person=Kim+Jong+Un", "")),
            (("russ", "Russia Country · 2"), (["Russia"], "country=RU", "")),
            (("harb", "harbour Search · 12"), ([], "q=harbour", "harbour")),
        ],
    )
    def test_taking_a_suggestion_searches(
        self, page: Page, server: str, how: str, suggestion: tuple[str, str], expected: tuple[list[str], str, str]
    ) -> None:
        opened(page, server)
        found = _suggested(page, *suggestion)
        if how == "click":
            found.click()
        else:
            while found.get_attribute("aria-selected") == "false":
                page.keyboard.press("ArrowDown")
            expect(page.locator("[role=option][aria-selected=true]")).to_have_count(1)  # suggestions for the whole text
            page.keyboard.press("Enter")
        assert (chips(page), query_string(page), page.locator("#q").input_value()) == expected
        expect(page.get_by_role("listbox", include_hidden=True)).to_be_hidden()
        expect(page.locator("#q")).to_be_focused()

    @pytest.mark.parametrize("how", ["click", "Enter"])
    def test_headline_opens_its_article(self, page: Page, server: str, how: str) -> None:
        opened(page, server)
        found = _suggested(page, "ankara", "Ankara prepares an election Article")
        if how == "click":
            found.click()
        else:
            page.keyboard.press("ArrowDown")
            expect(page.locator("[role=option][aria-selected=true]")).to_have_count(1)  # suggestions for the whole text
            page.keyboard.press("Enter")
        page.wait_for_url("**/articles/**")
        assert page.locator("main h1").text_content() == "Ankara prepares an election"

    def test_a_suggested_filter_is_added_to_the_others(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?q=treaty&country=KP&from=2024-01-01")
        page.locator("#q").fill("")
        _suggested(page, "russ", "Russia Country · 2").click()
        assert chips(page) == ["North Korea", "Russia", "from 1 January 2024"]
        assert query_string(page) == "country=KP&country=RU&from=2024-01-01"

    def test_enter_searches_for_the_typed_words(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?country=KP")
        _suggested(page, "treat", "treaty Search · 4")
        page.keyboard.type("y")
        page.keyboard.press("Enter")
        shows(page, TREATY)
        assert query_string(page) == "q=treaty&country=KP"
        expect(page.get_by_role("listbox", include_hidden=True)).to_be_hidden()

    def test_slash_focuses_and_escape_closes_then_clears(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?q=treaty")
        field = page.locator("#q")
        expect(field).not_to_be_focused()
        page.keyboard.press("/")
        expect(field).to_be_focused()
        page.keyboard.type("harb/")
        expect(field).to_have_value("harb/")
        page.keyboard.press("Backspace")
        page.get_by_role("option").first.wait_for()
        page.keyboard.press("Escape")
        expect(page.get_by_role("listbox", include_hidden=True)).to_be_hidden()
        expect(field).to_have_value("harb")
        page.keyboard.press("Escape")
        expect(field).to_have_value("")
        shows(page, [*TREATY, HOSTILE])  # clearing the field does not search

    def test_slash_in_another_field_is_typed(self, page: Page, server: str) -> None:
        opened(page, server)
        page.get_by_label("From", exact=True).and_(box(page, "input")).focus()
        page.keyboard.press("/")
        expect(page.locator("#q")).not_to_be_focused()


class TestResults:
    def test_matches_are_highlighted_and_the_rest_is_text(self, page: Page, server: str) -> None:
        opened(page, server)
        page.locator("#q").fill("treaty")
        page.keyboard.press("Enter")
        shows(page, [*TREATY, HOSTILE])
        assert set(box(page, "mark").all_text_contents()) == {"treaty"}
        snippet = box(page, ".snippet").nth(2)
        assert snippet.text_content() == "The body holds </mark><b>markup</b> beside the treaty & more."
        assert box(page, ":is(img, b, script, u, i)").count() == 0
        hrefs = [link.get_attribute("href") for link in box(page, ".headline a").all()]
        assert hrefs[-1] == f"{server}/articles/hostile?q=treaty"

    def test_order(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?q=treaty")
        orders = box(page, ".sorts a")
        assert orders.all_text_contents() == ["Relevance", "Newest", "Oldest"]
        orders.nth(2).click()
        shows(page, [HOSTILE, *reversed(TREATY)])
        assert query_string(page) == "q=treaty&sort=oldest"
        expect(box(page, ".sorts [aria-current]")).to_have_text("Oldest")
        expect(orders.nth(2)).to_be_focused()
        orders.nth(0).click()
        shows(page, [*TREATY, HOSTILE])
        assert query_string(page) == "q=treaty"
        page.locator("#q").fill("")
        page.keyboard.press("Enter")
        settled(page)
        assert orders.all_text_contents() == ["Newest", "Oldest"]

    def test_copies_are_folded_and_a_click_shows_them(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?q=treaty")
        expect(box(page, ".count")).to_have_text("4 articles in 3 stories")
        copies = box(page, ".copies")
        expect(copies).to_have_text("also published by 1 other")
        copies.click()
        shows(page, ["North Korea and Russia sign port treaty", TREATY[1]])
        assert chips(page) == ["copies of one story"]
        expect(box(page, ".count")).to_have_text("2 articles in 1 story")
        assert query_string(page) == "story=envoy-1"
        page.go_back()
        shows(page, [*TREATY, HOSTILE])

    def test_a_click_on_a_tag_scrolls_to_the_top_of_the_results(self, page: Page, server: str) -> None:
        opened(page, server)
        page.set_viewport_size({"width": 1000, "height": 400})
        box(page, ".hit .about a").get_by_text("France").last.click()
        assert chips(page) == ["France"]
        expect(box(page, ".count")).to_be_focused()
        expect(box(page, ".count")).to_be_in_viewport()

    def test_headline_opens_the_article_with_highlighted_words(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?q=treaty")
        box(page, ".headline a").nth(1).click()
        page.wait_for_url("**/articles/envoy-1?q=treaty")
        assert "treaty" in page.locator("main mark").all_text_contents()
        page.go_back()
        shows(page, [*TREATY, HOSTILE])


class TestLoadMore:
    def test_focus_goes_to_the_first_new_hit(self, page: Page, server: str) -> None:
        opened(page, server)
        assert len(headlines(page)) == 10
        expect(box(page, ".ends")).to_contain_text("10 of 17 shown")
        page.get_by_role("button", name="Load more").click()
        expect(box(page, ".hit")).to_have_count(17)
        expect(box(page, ".headline a").nth(10)).to_be_focused()
        expect(box(page, ".ends button")).to_be_hidden()
        expect(_live_region(page)).to_have_text("18 articles in 17 stories")
        assert query_string(page) == "page=2"
        assert len(set(headlines(page))) == 17

    def test_reload_and_back_keep_the_number_of_hits(self, page: Page, server: str) -> None:
        opened(page, server)
        page.get_by_role("button", name="Load more").click()
        expect(box(page, ".hit")).to_have_count(17)
        seen = headlines(page)
        page.reload()
        shows(page, seen)
        box(page, ".facet input").first.click()
        settled(page)
        assert "page" not in query_string(page)
        page.go_back()
        expect(box(page, ".hit")).to_have_count(17)
        shows(page, seen)


class TestNotes:
    def test_a_correction_is_applied_and_can_be_undone(self, page: Page, server: str) -> None:
        opened(page, server)
        page.locator("#q").fill("treety")
        page.keyboard.press("Enter")
        shows(page, [*TREATY, HOSTILE])
        note = box(page, ".note")
        expect(note).to_contain_text("No results for treety. Showing results for treaty.")
        note.get_by_role("link", name="Search for treety as typed").click()
        shows(page, [])
        assert query_string(page) == "q=treety&correct=false"
        expect(box(page, ".note")).to_have_text("Did you mean treaty?")
        box(page, ".note a").click()
        shows(page, [*TREATY, HOSTILE])
        assert query_string(page) == "q=treaty"
        assert page.locator("#q").input_value() == "treaty"
        expect(box(page, ".note")).to_have_count(0)

    def test_relaxed_words_and_an_offered_correction(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?q=treatyy+lisbon")
        notes = [" ".join(text.split()) for text in box(page, ".note").all_text_contents()]
        assert notes == [
            "Did you mean treaty lisbon?",
            "Too few articles have all of the words. Results may lack treatyy.",
        ]

    def test_warnings(self, page: Page, server: str) -> None:
        opened(page, f'{server}/?q="treaty')
        expect(box(page, ".note")).to_contain_text("quotation mark")

    def test_no_results_offers_alternatives(self, page: Page, server: str) -> None:
        opened(page, f"{server}/?q=treaty&country=PT&sort=oldest")
        expect(box(page, ".count")).to_have_text("No articles")
        assert box(page, ".alternatives a").all_text_contents() == [
            "Without Portugal: 4 articles",
            "Browse the newest articles",
        ]
        box(page, ".alternatives a").first.click()
        assert len(headlines(page)) == 3
        assert query_string(page) == "q=treaty&sort=oldest"
        expect(focused(page)).to_have_class("count")
        opened(page, f"{server}/?q=turky")
        box(page, ".alternatives a").get_by_text("About Turkey: 1 article").click()
        shows(page, ["Ankara prepares an election"])
        opened(page, f"{server}/?q=turky")
        box(page, ".alternatives a").last.click()
        assert len(headlines(page)) == 10
        assert query_string(page) == ""


class TestAnnouncements:
    def test_one_live_region_announces_counts_and_suggestions(self, page: Page, server: str) -> None:
        opened(page, server)
        region = _live_region(page)
        expect(region).to_have_text("18 articles in 17 stories")
        region.evaluate("node => { window.first = node; }")
        page.locator("#q").press_sequentially("harb")
        expect(region).to_have_text("4 suggestions")
        page.keyboard.press("Escape")
        expect(region).to_have_text("")
        page.locator("#q").fill("harbour")
        page.keyboard.press("Enter")
        expect(region).to_have_text("12 articles")
        page.locator("#q").fill("zzzz")
        page.keyboard.press("Enter")
        expect(region).to_have_text("No articles")
        assert region.evaluate("node => node === window.first"), "what is read aloud must be there before it changes"
