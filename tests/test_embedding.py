"""The search box in pages of another site: searches, links, presets, forms, language, servers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from support.foreign_site import Site, below, other_site, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask
    from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, Route

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def site(server: str) -> Iterator[Site]:
    with other_site(server) as made:
        yield made


def _search(page: Page | FrameLocator, text: str, box: int = 0) -> None:
    """Type words into one of the boxes, search, and wait for the answer."""
    field = page.get_by_role("combobox").nth(box)
    field.fill(text)
    with_answer = page.locator("dateline-search").nth(box).locator(".results[aria-busy=false] .count")
    field.press("Enter")
    with_answer.wait_for()


def _count(page: Page | FrameLocator, expected: str, box: int = 0) -> None:
    """Wait until a box shows this number of articles."""
    page.locator("dateline-search").nth(box).locator(".count", has_text=expected).wait_for()


def _recorded_requests(page: Page) -> list[dict[str, list[str]]]:
    """Return a list that records the parameters of each later request for hits or facet values."""
    requested: list[dict[str, list[str]]] = []

    def note(url: str) -> None:
        if "/v1/search" in url or "/v1/facets" in url:
            requested.append(parse_qs(urlsplit(url).query))

    page.on("request", lambda request: note(request.url))
    return requested


def _options(page: Page, text: str) -> list[str]:
    page.get_by_role("combobox").first.press_sequentially(text)
    page.get_by_role("option").first.wait_for()
    return page.get_by_role("option").locator("bdi").all_text_contents()


class TestSearch:
    @pytest.mark.parametrize("policy", ["none", "strict"])
    def test_a_page_needs_two_lines(self, page: Page, site: Site, policy: str) -> None:
        url = site.put("<dateline-search></dateline-search>", policy=site.strict if policy == "strict" else "")
        page.goto(url)
        assert _options(page, "kim jo")[0] == "Kim Jong Un"
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        _count(page, "2 articles in 1 story")
        assert page.url == f"{url}?person=Kim+Jong+Un"
        headline = page.locator(".headline a")
        assert headline.get_attribute("href") == "https://gazette.example/treaty"
        assert headline.get_attribute("target") is None
        assert page.locator(".ask").evaluate("form => getComputedStyle(form).display") == "flex"

    def test_no_address_of_an_article_is_a_script(self, page: Page, site: Site) -> None:
        page.goto(site.put("<dateline-search></dateline-search>", policy=site.strict))
        _search(page, "markup")
        hit = page.locator(".hit")
        title = "<img src=x onerror=\"document.title='owned'\"> & <script>alert(1)</script> treaty"
        assert hit.locator(".headline a").text_content() == title
        assert hit.locator(".headline a").get_attribute("href") == f"{site.dateline}/articles/hostile?q=markup"
        assert hit.locator("mark").all_text_contents() == ["markup"]
        assert hit.locator("img, b, i, u, script").count() == 0
        hit.locator(".headline a").click()
        page.wait_for_url("**/articles/hostile?q=markup")
        assert page.title() == f"{title} – Dateline"

    def test_the_page_can_set_the_targets_of_links(self, page: Page, context: BrowserContext, site: Site) -> None:
        page.goto(site.put('<dateline-search links="article" target="_blank"></dateline-search>'))
        _search(page, "port treaty")
        link = page.locator(".headline a").first
        assert link.get_attribute("href") == f"{site.dateline}/articles/envoy-1?q=port+treaty"
        assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener")
        page.get_by_role("combobox").fill("")
        _options(page, "seoul wa")
        with context.expect_page() as opened:
            page.get_by_role("option", name="Seoul watches the treaty").click()
        opened.value.wait_for_url(f"{site.dateline}/articles/seoul")
        assert opened.value.evaluate("window.opener") is None
        opened.value.close()

    def test_hits_attribute_shows_hits_at_once(self, page: Page, site: Site) -> None:
        page.goto(site.put('<dateline-search per-page="5"></dateline-search>'))
        _search(page, "harbour report")
        assert page.locator(".hit").count() == 5
        page.get_by_role("button", name="Load more").click()
        page.wait_for_url("**page=2")
        assert page.locator(".hit").count() == 10
        page.reload()
        _count(page, "12 articles")
        assert page.locator(".hit").count() == 10

    def test_shows_nothing_before_a_search_by_default(self, page: Page, site: Site) -> None:
        page.goto(site.put("<dateline-search></dateline-search>"))
        page.get_by_role("combobox").wait_for()
        assert not page.locator(".results .split").is_visible()
        page.goto(site.put("<dateline-search browse></dateline-search>"))
        _count(page, "18 articles in 17 stories")
        assert page.url == f"{site.address}/"


class TestPresets:
    FIXED = 'country="KP; RU" from="2024-01" to="2024-02-01" source="Coast Daily;Harbour Gazette"'
    SENT = {  # noqa: RUF012 - read alone
        "country": ["KP", "RU"],
        "from": ["2024-01"],
        "to": ["2024-02-01"],
        "source": ["Coast Daily", "Harbour Gazette"],
    }

    def test_every_request_has_them(self, page: Page, site: Site) -> None:
        requested = _recorded_requests(page)
        page.goto(site.put(f'<dateline-search {self.FIXED} per-page="1"></dateline-search>'))
        _search(page, "treaty")
        page.get_by_role("checkbox", name="Vladimir Putin").check()
        page.wait_for_url("**q=treaty&person=Vladimir+Putin")
        page.get_by_role("link", name="Oldest").click()
        page.wait_for_url("**sort=oldest")
        page.locator(".copies").first.click()
        page.wait_for_url("**story=**")
        _count(page, "2 articles")
        page.get_by_role("button", name="Load more").click()
        page.wait_for_url("**page=2")
        assert len(requested) >= 5
        assert [{name: one[name] for name in self.SENT} for one in requested] == [self.SENT] * len(requested)
        assert not set(parse_qs(urlsplit(page.url).query)) & set(self.SENT)

    def test_fixed_filters_are_not_offered(self, page: Page, site: Site) -> None:
        page.goto(site.put(f"<dateline-search {self.FIXED}></dateline-search>") + "?country=FR&q=treaty&from=1999")
        _count(page, "2 articles in 1 story")
        assert page.locator(".filters h3").all_text_contents() == ["People"]
        assert not page.locator(".chart, .dates, .chips").count()
        assert page.locator(".about .country").evaluate_all("tags => tags.map(tag => tag.tagName)") == ["SPAN", "SPAN"]
        assert page.locator(".about a").all_text_contents() == ["Kim Jong Un", "Vladimir Putin"]
        page.get_by_role("combobox").fill("")
        assert _options(page, "ru") == ["russia"]  # no country and no headline

    def test_alternatives_keep_the_fixed_filters(self, page: Page, site: Site) -> None:
        page.goto(site.put('<dateline-search country="PT"></dateline-search>') + "?q=treaty&person=Choe+Son+Hui")
        page.locator(".alternatives").wait_for()
        ways = page.locator(".alternatives li").all_text_contents()
        assert len(ways) >= 1
        assert not [way for way in ways if "Portugal" in way or "PT" in way]

    def test_shows_only_the_named_facets(self, page: Page, site: Site) -> None:
        page.goto(site.put('<dateline-search facets="person"></dateline-search>') + "?q=treaty")
        _count(page, "4 articles")
        assert page.locator(".filters h3").all_text_contents() == ["People"]
        page.goto(site.put('<dateline-search facets=""></dateline-search>') + "?q=treaty")
        _count(page, "4 articles")
        assert not page.locator(".filters, .chart, .to-filters").count()


class TestAddress:
    OURS = "?theme=dark&tag=a&tag=b#part"

    def test_other_parameters_of_the_page_stay(self, page: Page, site: Site) -> None:
        page.goto(site.put('<base href="/elsewhere/"><dateline-search per-page="2"></dateline-search>') + self.OURS)
        page.evaluate("history.replaceState({ route: 7 }, '')")
        _search(page, "harbour")
        page.get_by_role("button", name="Load more").click()
        page.wait_for_url("**page=2#part")
        parts = urlsplit(page.url)
        written = [("theme", "dark"), ("tag", "a"), ("tag", "b"), ("q", "harbour"), ("page", "2")]
        assert (parts.path, parts.fragment, parse_qsl(parts.query)) == ("/", "part", written)
        assert page.evaluate("history.state") == {"route": 7}
        sort = page.get_by_role("link", name="Oldest").evaluate("link => link.href")
        assert sort == f"{site.address}/?theme=dark&tag=a&tag=b&q=harbour&sort=oldest#part"
        page.go_back()
        page.wait_for_url(f"**/{self.OURS}")
        assert not page.locator(".results").is_visible()
        assert page.evaluate("history.state") == {"route": 7}

    def test_two_named_boxes_share_the_address(self, page: Page, site: Site) -> None:
        boxes = '<dateline-search name="a"></dateline-search><dateline-search name="b" country="FR"></dateline-search>'
        page.goto(site.put(boxes) + "?q=mine&page=3")
        _search(page, "treaty", 0)
        _search(page, "harbour", 1)
        assert page.url == f"{site.address}/?q=mine&page=3&a.q=treaty&b.q=harbour"
        page.reload()
        _count(page, "4 articles", 0)
        _count(page, "12 articles", 1)
        page.go_back()
        page.wait_for_url("**a.q=treaty")
        assert not page.locator(".results").nth(1).is_visible()
        assert page.locator(".results").nth(0).is_visible()

    def test_further_boxes_without_names_have_numbers(self, page: Page, site: Site) -> None:
        page.goto(site.put("<dateline-search></dateline-search>" * 2) + "?q=treaty")
        _count(page, "4 articles", 0)
        _search(page, "harbour", 1)
        assert page.url == f"{site.address}/?q=treaty&2.q=harbour"
        _search(page, "seoul", 0)
        page.go_back()
        _count(page, "4 articles", 0)
        assert page.locator(".count").nth(1).text_content() == "12 articles"
        page.reload()
        _count(page, "4 articles", 0)
        _count(page, "12 articles", 1)

    def test_slash_focuses_the_first_box(self, page: Page, site: Site) -> None:
        page.goto(site.put("<dateline-search></dateline-search>" * 2 + '<input id="other">'))
        page.get_by_role("combobox").nth(1).wait_for()
        page.keyboard.press("/")
        first = page.locator("dateline-search").nth(0)
        assert first.evaluate("box => document.activeElement === box && box.shadowRoot.activeElement.value === ''")
        page.locator("#other").press("/")
        assert page.locator("#other").input_value() == "/"

    def test_a_page_without_its_own_address_can_search(self, page: Page, site: Site, tmp_path: Path) -> None:
        url = site.put("<dateline-search></dateline-search>")
        file = tmp_path / "page.html"
        file.write_bytes(site.pages["/"].data)
        page.goto(file.as_uri())
        _search(page, "treaty")
        _count(page, "4 articles")
        framed = '<iframe sandbox="allow-scripts allow-forms" src="/" width="600" height="600"></iframe>'
        page.goto(site.put(framed, path="/framed") if url else "")
        frame = page.frame_locator("iframe")
        _search(frame, "treaty")
        _count(frame, "4 articles")


FIELD = '<input type="search" name="q" aria-label="Find"><button>Go</button>'
FORMS = {
    "inside": '<dateline-search><form action="{to}">{field}</form></dateline-search>',
    "around": '<form action="{to}">{field}<dateline-search></dateline-search></form>',
    "by id": '<dateline-search form="f"></dateline-search><form id="f" action="{to}">{field}</form>',
}


class TestForms:
    @pytest.mark.parametrize("place", FORMS)
    def test_a_form_of_the_page(self, page: Page, site: Site, place: str) -> None:
        page.goto(site.put(FORMS[place].format(to=f"{site.dateline}/", field=FIELD)))
        page.locator("dateline-search .box").wait_for(state="attached")
        field = page.get_by_role("combobox", name="Find")
        assert page.locator("input:visible").count() == 1
        assert "Kim Jong Un" in _options(page, "kim")
        listed, typed = page.locator(".dateline-list").bounding_box(), field.bounding_box()
        assert listed
        assert typed
        assert 0 <= listed["y"] - typed["y"] - typed["height"] < 12
        page.get_by_role("button", name="Go").click()
        _count(page, "2 articles")
        assert field.is_visible()
        assert page.url.endswith("?q=kim")
        below_field = page.locator(".count").bounding_box()
        assert place == "by id" or (below_field and below_field["y"] > typed["y"])

    @pytest.mark.parametrize("place", FORMS)
    def test_without_javascript_the_form_leads_to_dateline(self, browser: Browser, site: Site, place: str) -> None:
        with browser.new_context(java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(site.put(FORMS[place].format(to=f"{site.dateline}/", field=FIELD)))
            page.get_by_role("searchbox", name="Find").fill("treaty")
            page.get_by_role("button", name="Go").click()
            page.wait_for_url(f"{site.dateline}/?q=treaty")
            assert page.locator(".headline").count() == 3

    def test_text_typed_before_the_script_loads_stays(self, page: Page, site: Site) -> None:
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/search-box.js", hold)
        page.goto(site.put(FORMS["inside"].format(to="/", field=FIELD)), wait_until="commit")
        page.get_by_label("Find").fill("treaty")
        page.wait_for_timeout(50)
        held[0].continue_()
        page.get_by_role("combobox", name="Find").wait_for()
        assert page.get_by_role("combobox").input_value() == "treaty"

    def test_results_on_another_page(self, page: Page, site: Site) -> None:
        header = '<dateline-search results-page="/results?view=list"></dateline-search>'
        site.put(f'{header}<dateline-search country="FR"></dateline-search>', path="/results")
        page.goto(site.put(header))
        page.get_by_role("combobox").fill("harbour")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site.address}/results?view=list&q=harbour")
        _count(page, "12 articles", 1)
        assert not page.locator("dateline-search").first.locator(".results").count()
        _search(page, "treaty", 1)
        assert page.url == f"{site.address}/results?view=list&q=treaty"
        _options(page, "france")
        page.get_by_role("option", name="France").click()
        page.wait_for_url(f"{site.address}/results?view=list&country=FR")

    def test_a_form_of_the_page_can_submit_to_its_own_target(self, page: Page, site: Site) -> None:
        form = f'<form action="{site.dateline}/">{FIELD}</form>'
        page.goto(site.put(f'<dateline-search results-page="/results">{form}</dateline-search>'))
        page.get_by_role("combobox", name="Find").fill("treaty")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site.dateline}/?q=treaty")


class TestLanguage:
    @pytest.mark.parametrize(
        ("around", "attribute", "expected"),
        [
            ("de", "", ("4 Artikel", "Nordkorea", "ltr")),
            ("en", 'lang="fr-CA"', ("4 articles", "Corée du Nord", "ltr")),
            ("xx", "", ("4 articles", "North Korea", "ltr")),
            ("de", 'lang=""', ("4 articles", "North Korea", "ltr")),
            ("en", 'lang="ar"', ("4 مقالات", "كوريا الشمالية", "rtl")),
        ],
    )
    def test_the_lang_of_the_element_or_an_ancestor_decides(
        self, page: Page, site: Site, around: str, attribute: str, expected: tuple[str, str, str]
    ) -> None:
        count, country, direction = expected
        page.goto(site.put(f"<dateline-search {attribute}></dateline-search>", lang=around) + "?q=treaty")
        _count(page, count)
        assert page.locator(".facet .label", has_text=country).is_visible()
        assert page.locator(".box").evaluate("box => getComputedStyle(box).direction") == direction

    def test_a_language_that_cannot_be_loaded_falls_back_to_english(self, page: Page, site: Site) -> None:
        page.route("**/texts/**", lambda route: route.abort())
        page.goto(site.put('<dateline-search lang="ar"></dateline-search>') + "?q=treaty")
        _count(page, "4 articles")
        assert page.locator(".box").get_attribute("dir") == "ltr"

    def test_the_page_can_set_texts(self, page: Page, site: Site) -> None:
        own = json.dumps({"search": "Los", "articles": {"one": "ein Bericht", "other": "{n} Berichte"}, "newest": 7})
        script = f'<script type="application/json">{own}</script>'
        page.goto(site.put(f'<dateline-search lang="de">{script}</dateline-search>') + "?q=treaty")
        _count(page, "4 Berichte")
        assert page.get_by_role("button", name="Los", exact=True).is_visible()
        assert page.locator(".sorts a").all_text_contents() == ["Relevanz", "7", "Älteste"]

    def test_invalid_texts_are_reported_and_the_default_texts_stay(self, context: BrowserContext, site: Site) -> None:
        page = context.new_page()
        expected: list[str] = []
        page.on("console", lambda message: expected.append(message.text))
        page.goto(site.put('<dateline-search><script type="application/json">{,}</script></dateline-search>'))
        _search(page, "treaty")
        _count(page, "4 articles")
        assert any("JSON" in text for text in expected)
        page.close()


class TestServer:
    @pytest.mark.parametrize("slash", ["", "/"])
    def test_the_server_may_be_below_a_path(self, page: Page, site: Site, app: Flask, slash: str) -> None:
        with serving(below("/dateline", app)) as address:
            site.put_text(
                page.request.get(f"{site.dateline}/search-box.js").text(), path="/box.js", kind="text/javascript"
            )
            script = '<script type="module" src="/box.js"></script>'
            box = f'<dateline-search lang="de" host="{address}/dateline{slash}"></dateline-search>'
            page.goto(site.put_text(f"<!doctype html><title>News</title>{script}{box}"))
            _search(page, "seoul")
            _count(page, "1 Artikel")
            assert page.locator(".headline a").get_attribute("href") == f"{address}/dateline/articles/seoul?q=seoul"

    def test_the_server_is_the_one_that_sent_the_script(self, page: Page, site: Site, app: Flask) -> None:
        with serving(below("/dateline", app)) as address:
            script = f'<script type="module" src="{address}/dateline/search-box.js"></script>'
            box = "<dateline-search></dateline-search>"
            page.goto(site.put_text(f"<!doctype html><title>News</title>{script}{box}"))
            _search(page, "seoul")
            assert page.locator(".headline a").get_attribute("href") == f"{address}/dateline/articles/seoul?q=seoul"

    def test_a_server_without_an_answer_is_reported(self, page: Page, site: Site) -> None:
        page.goto(site.put('<dateline-search host="http://127.0.0.1:9" lang="de"></dateline-search>'))
        page.get_by_role("combobox").fill("treaty")
        page.keyboard.press("Enter")
        page.get_by_role("alert").get_by_text("The server does not answer.").wait_for()

    def test_a_server_that_allows_only_other_origins_is_reported(
        self, context: BrowserContext, site: Site, news_url: str
    ) -> None:
        from api import create_app
        from search.settings import Settings

        page = context.new_page()  # the browser logs the blocked answer to the console
        with serving(create_app(Settings(index=news_url, cors_origins="https://news.example"))) as closed:
            page.goto(site.put(f'<dateline-search host="{closed}"></dateline-search>'))
            page.get_by_role("combobox").fill("treaty")
            page.keyboard.press("Enter")
            page.get_by_role("alert").get_by_text("The server does not answer.").wait_for()
            script = f'<script type="module" src="{closed}/search-box.js"></script>'
            page.goto(site.put_text(f"{script}<dateline-search><p>Ask a librarian</p></dateline-search>", path="/own"))
            page.wait_for_load_state("networkidle")
            assert page.get_by_text("Ask a librarian").is_visible()
            assert page.evaluate("customElements.get('dateline-search')") is None
        page.close()
