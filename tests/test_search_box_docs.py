"""docs/search-box.md agrees with the box: each example is tried in a page, each table compared with the sources."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.foreign_site import Site, other_site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "search-box.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "docs" / "embed-example.html").read_text(encoding="utf-8")
SERVER = "http://127.0.0.1:8000"
BLOCKS = {
    f"{title} {number}": block
    for title, section in re.findall(r"^#+ (.+)\n([\s\S]*?)(?=^#+ |\Z)", TEXT, re.MULTILINE)
    for number, block in enumerate(re.findall(r"```html\n([\s\S]*?)```", section), 1)
}


def _source(*kinds: str) -> str:
    files = sorted(path for kind in kinds for path in (ROOT / "api" / "search-box").glob(f"*.{kind}"))
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def _rows(title: str) -> list[list[str]]:
    """Return the rows of the table below a heading, as cells."""
    section = TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = re.findall(r"^\| (.*) \|$", section, re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines[1:]]


def _names(title: str) -> list[str]:
    return [name for first, *_ in _rows(title) for name in re.findall(r"`([^`]+)`", first)]


class TestTables:
    def test_attributes(self) -> None:
        source = _source("js")
        read = set(re.findall(r'(?:get|has)Attribute\("([a-z-]+)"\)', source)) - {"autocomplete"}
        listed = re.search(r"FILTERS = \[(.*)\]", source)
        assert listed
        assert "getAttribute(name)" in source
        read |= set(re.findall(r'"(\w+)"', listed[1]))
        assert 'closest("[lang]")' in source
        assert sorted(_names("Attributes")) == sorted(read | {"lang"})

    def test_defaults_of_attributes(self) -> None:
        rows = {name.strip("`"): (takes, usual) for name, takes, usual in _rows("Attributes")}
        source = _source("js")
        assert rows["per-page"][1] in re.findall(r'getAttribute\("per-page"\)\) \|\| (\d+)', source)
        most = re.findall(r"const MOST = (\d+)", source)[0]
        assert f"at most {most}" in rows["per-page"][0]
        assert rows["placeholder"][1] == _texts()["placeholder"]
        languages = sorted(path.stem for path in (ROOT / "api" / "texts").glob("*.json"))
        assert sorted(re.findall(r"`(\w\w)`", rows["lang"][0])) == languages
        facets = re.findall(r"FACETS = \[(.*)\]", source)[0]
        assert re.findall(r"`(\w+)`", rows["facets"][0]) == re.findall(r'"(\w+)"', facets)

    def test_custom_properties(self) -> None:
        styles = _source("css")
        known = set(re.findall(r"var\((--[\w-]+)", styles)) | set(re.findall(r"(--[\w-]+):", styles))
        known -= {"--ring"}  # the chart sets it
        assert sorted(_names("Custom properties")) == sorted(known)

    def test_parts(self) -> None:
        source = _source("js")
        parts = set(re.findall(r'make\(\s*"\w+\.([\w-]+)"', source))
        parts |= set(re.findall(r'className: (?:[\w.]+ \? )?"([\w-]+)"', source))
        parts |= set(re.findall(r'part: "([\w-]+)"', source))
        named = set(_names("Parts"))
        assert parts - named <= {"form", "note"}  # another name for `ask`
        assert named - parts <= {"country", "person", "mark"}  # named after the kind of the tag

    def test_texts(self) -> None:
        documented = {key.strip("`"): text for key, text in _rows("Texts")}
        assert documented == {
            key: text if isinstance(text, str) else " / ".join(text.values()) for key, text in _texts().items()
        }

    def test_size(self) -> None:
        import gzip

        limit = re.findall(r"less than (\d+) kB\s+compressed", TEXT)
        assert len(gzip.compress((ROOT / "api" / "static" / "search-box.js").read_bytes(), 9)) < int(limit[0]) * 1000


def _texts() -> dict[str, str | dict[str, str]]:
    texts: dict[str, str | dict[str, str]] = json.loads((ROOT / "api" / "texts" / "en.json").read_text("utf-8"))["box"]
    return texts


@pytest.fixture(scope="module")
def site(server: str) -> Iterator[Site]:
    with other_site(server) as made:
        yield made


def _box(page: Page, number: int = 0) -> Locator:
    return page.locator("dateline-search").nth(number)


def _find(page: Page, text: str, count: str, number: int = 0) -> None:
    """Search, and check the number of results that the box shows."""
    field = page.get_by_role("combobox").nth(number)
    field.fill(text)
    field.press("Enter")
    _box(page, number).locator(".count", has_text=count).wait_for()


def _style(locator: Locator, name: str) -> str:
    return str(locator.first.evaluate(f"one => getComputedStyle(one)['{name}']"))


def _plain(page: Page, site: Site) -> None:
    page.get_by_role("combobox").press_sequentially("kim jo")
    page.get_by_role("option", name="Kim Jong Un").wait_for()
    _find(page, "treaty", "4 articles in 3 stories")
    assert page.locator("mark").first.text_content() == "treaty"
    assert page.locator(".filters h3").all_text_contents() == ["Date", "Countries", "People"]
    assert page.url == f"{site.address}/?q=treaty"


def _arabic(page: Page, _: Site) -> None:
    _find(page, "treaty", "4 مقالات")
    assert _style(page.locator(".box"), "direction") == "rtl"


def _fixed(page: Page, _: Site) -> None:
    page.locator(".count", has_text="7 articles").wait_for()  # before a search, because of `browse`
    assert page.locator(".filters h3").all_text_contents() == ["People"]
    _find(page, "harbour", "6 articles")


def _person(page: Page, _: Site) -> None:
    assert page.get_by_role("combobox").get_attribute("placeholder") == "Search for news on Kim Jong Un"
    _find(page, "", "2 articles")
    _find(page, "seoul", "No articles")


def _bare(page: Page, _: Site) -> None:
    _find(page, "harbour", "12 articles")
    assert page.locator(".hit").count() == 5
    assert page.locator(".headline a").first.get_attribute("target") == "_blank"
    assert not page.locator(".filters, .chart").count()


def _coloured(page: Page, _: Site) -> None:
    _find(page, "treaty", "4 articles")
    assert _style(page.locator(".ask button"), "backgroundColor") == "rgb(161, 41, 15)"
    assert _style(page.locator(".ask button"), "color") == "rgb(255, 255, 255)"
    assert _style(page.locator(".ask input"), "borderRadius") == "0px"
    assert _style(page.locator(".snippet"), "fontFamily") == _style(page.locator("body"), "fontFamily")


def _dark(page: Page, _: Site) -> None:
    _find(page, "treaty", "4 articles")
    assert _style(page.locator(".snippet"), "color") == "rgb(232, 234, 237)"
    assert _style(page.locator(".ask input"), "backgroundColor") == "rgb(18, 18, 18)"


def _parts(page: Page, _: Site) -> None:
    _find(page, "treaty", "4 articles")
    assert _style(page.locator(".headline"), "fontSize") == "22.4px"
    assert _style(page.locator(".ask input"), "borderTopWidth") == "2px"
    assert not page.locator(".about").first.is_visible()


def _worded(page: Page, _: Site) -> None:
    _find(page, "treaty", "4 reports in 3 stories")
    assert page.get_by_role("button", name="Find", exact=True).is_visible()
    _find(page, "seoul", "one report")


def _form(page: Page, site: Site) -> None:
    _find(page, "harbour", "12 articles")
    assert page.url == f"{site.address}/?q=harbour"
    assert page.get_by_role("button", name="Search", exact=True).is_visible()
    browser = page.context.browser
    assert browser
    with browser.new_context(java_script_enabled=False) as context:
        still = context.new_page()
        still.goto(f"{site.address}/")
        still.get_by_role("searchbox", name="Search the archive").fill("harbour")
        still.get_by_role("button", name="Search").click()
        still.wait_for_url(f"{site.dateline}/?q=harbour&country=FR")


def _header(page: Page, site: Site) -> None:
    site.put("<dateline-search></dateline-search>", path="/search.html")
    page.get_by_role("combobox").fill("treaty")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.address}/search.html?q=treaty")
    page.locator(".count", has_text="4 articles").wait_for()


def _two(page: Page, site: Site) -> None:
    _find(page, "port", "2 articles", 0)
    _find(page, "treaty", "1 article", 1)
    assert page.url == f"{site.address}/?east.q=port&west.q=treaty"


CHECKS: dict[str, Callable[[Page, Site], None]] = {
    "The search box in any page 1": _plain,
    "Another language 1": _arabic,
    "A box for one country, person or time 1": _fixed,
    "A box for one country, person or time 2": _person,
    "Without facets 1": _bare,
    "Colours and fonts 1": _coloured,
    "Dark 1": _dark,
    "Single parts 1": _parts,
    "Your own words 1": _worded,
    "A form that works without JavaScript 1": _form,
    "A box in the header, results on a page of their own 1": _header,
    "Two boxes on one page 1": _two,
}


def test_each_example_has_a_test() -> None:
    assert list(CHECKS) == list(BLOCKS)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKS)
def test_example_works_as_documented(page: Page, site: Site, name: str) -> None:
    block = BLOCKS[name].replace(SERVER, site.dateline)
    script = "" if "search-box.js" in block else f'<script type="module" src="{site.dateline}/search-box.js"></script>'
    page.goto(site.put_text(f'<!doctype html><html lang="en"><title>News</title><body>{script}{block}'))
    CHECKS[name](page, site)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [1200, 360])
def test_the_whole_page(page: Page, site: Site, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    assert SERVER in EXAMPLE
    page.goto(site.put_text(EXAMPLE.replace(SERVER, site.dateline)))
    page.get_by_role("combobox", name="Search the archive").fill("treaty")
    page.keyboard.press("Enter")
    page.locator(".count", has_text="4 articles").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.locator(".filters").is_visible() == (width > 1000)


@pytest.mark.browser
@pytest.mark.slow
def test_documented_keys(page: Page, site: Site) -> None:
    page.goto(site.put("<dateline-search></dateline-search>"))
    field = page.get_by_role("combobox")
    field.wait_for()
    page.keyboard.press("/")
    page.keyboard.type("harbour")
    page.get_by_role("option").first.wait_for()
    chosen = page.locator("[aria-selected=true]")
    last = str(page.get_by_role("option").count())
    for key, number in {"ArrowDown": "1", "End": last, "Home": "1", "ArrowUp": None}.items():
        page.keyboard.press(key)
        assert (chosen.get_attribute("id").rpartition("-")[2] if chosen.count() else None) == number, key
    page.keyboard.press("Escape")
    assert not page.locator(".dateline-list").is_visible()
    assert field.input_value() == "harbour"
    page.keyboard.press("Escape")
    assert field.input_value() == ""
    assert {row[0] for row in _rows("Keys")} == {"`/`", "Down, Up", "Home, End", "Enter", "Escape", "Tab"}


@pytest.mark.browser
@pytest.mark.slow
def test_stores_nothing_and_sends_no_cookie(browser: Browser, site: Site) -> None:
    with browser.new_context() as context:
        host = {"domain": "127.0.0.1", "path": "/"}
        context.add_cookies([{"name": "lang", "value": "de", **host}])  # cookies are shared by all ports of a host
        page = context.new_page()
        sent = []
        page.on("request", lambda request: sent.append(request) if "/v1/" in request.url else None)
        page.goto(site.put("<dateline-search></dateline-search>"))
        _find(page, "treaty", "4 articles")
        assert sent
        assert not [request.url for request in sent if "cookie" in request.all_headers()]
        assert [cookie["value"] for cookie in context.cookies()] == ["de"]
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
