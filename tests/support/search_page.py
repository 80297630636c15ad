"""Fixtures for tests of the search page in a browser: an archive with long facets, and a server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from conftest import served
from playwright.sync_api import expect

from api import create_app
from search.engine import open_engine
from search.model import Article, Country, Person
from search.settings import Settings
from search.territories import name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from flask import Flask
    from playwright.sync_api import BrowserContext, Locator, Page

CODES = ("FR", "DE", "IT", "ES", "PT", "TR", "RU", "KP", "KR", "JP", "CN", "EG", "GR", "PL")
PEOPLE = tuple(
    f"{first} {last}" for first in ("Ada", "Bo") for last in "Berg Cole Diaz Eriksen Falk Grant Haas".split()
)
EACH = 4
"""Number of articles about each country and each person."""


def long_facets() -> Iterator[Article]:
    """Yield articles about more countries and persons than a facet shows at first, from January to December 2024."""
    for number in range(EACH * len(CODES)):
        code, person = CODES[number % len(CODES)], PEOPLE[(number + number // len(CODES)) % len(PEOPLE)]
        yield Article(
            id=f"report-{number}",
            title=f"Report {number}: {name(code)} opens a harbour",
            body=f"{person} spoke in {name(code)} about the harbour.",
            published=f"2024-{1 + number % 12:02}-{1 + number % 28:02}",
            source="Coast Daily",
            countries=(Country(code, name(code)),),
            persons=(Person(person),),
            story=f"report-{number}",
            digest=f"report-{number}",
        )


def app_over(articles: Iterable[Article], folder: Path) -> Flask:
    """Return the application with a new index of the articles."""
    url = f"tantivy://{folder}/index"
    open_engine(url).rebuild(articles, keep=1)
    return create_app(Settings(index=url))


def box(page: Page, selector: str) -> Locator:
    """Return a part of the element. The server's own rendering stays in the page, but is hidden."""
    return page.locator(f".box {selector}")


def opened(page: Page, address: str) -> Page:
    """Go to an address and wait until the element has replaced the server's rendering."""
    page.goto(address)
    settled(page)
    return page


def settled(page: Page) -> None:
    """Wait until the current search has been answered."""
    box(page, ".results[aria-busy=false]").wait_for()


def headlines(page: Page) -> list[str]:
    settled(page)
    return box(page, ".headline").all_text_contents()


def shows(page: Page, titles: list[str]) -> None:
    """Wait until the page shows exactly these headlines."""
    expect(box(page, ".headline")).to_have_text(titles)


def chips(page: Page) -> list[str]:
    """Return the labels of the active filters, without the link that clears them all."""
    settled(page)
    return box(page, ".chips bdi").all_text_contents()


def query_string(page: Page) -> str:
    """Return the query string of the page's address."""
    return page.url.partition("?")[2]


def focused(page: Page) -> Locator:
    """Return the focused node, in the page or in the element."""
    return page.locator(":focus:not(dateline-search)")


@pytest.fixture(scope="module")
def site(news: tuple[Article, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of a site with hostile articles and facets with many values."""
    with served(app_over((*news, *long_facets()), tmp_path_factory.mktemp("site"))) as address:
        yield address


@pytest.fixture(autouse=True)
def english(context: BrowserContext) -> None:
    """Reset the language that an earlier test chose."""
    context.clear_cookies()
