"""Gathers what a page says about when it was published, and chooses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from index.facets.dates import (
    FIRST_DAY,
    FIRST_WEB_DAY,
    Clue,
    Surroundings,
    first_date,
    month_first,
    text_clues,
    url_date,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lxml.etree import _Element as Element

    from index.page import Page
    from index.page_markup import Markup
    from index.raw import RawArticle

JSON_LD_DATES = ("datePublished", "dateCreated", "uploadDate")
META_DATES = (
    "article:published_time", "article:published", "og:published_time", "datepublished", "date_published",
    "publication_date", "publish-date", "publishdate", "publish_date", "published-date", "published_date",
    "published_time", "pubdate", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued", "dc.date",
    "dc.date.created", "dcterms.created", "dcterms.date", "datecreated", "date", "article.published", "bt:pubdate",
    "article_date_original", "originalpublicationdate", "cxenseparse:recs:publishtime", "rnews:datepublished",
    "timestamp", "doc_date", "displaydate", "citation_publication_date",
)  # fmt: skip
META_UPDATES = (
    "article:modified_time", "og:updated_time", "datemodified", "dateupdate", "last-modified", "dcterms.modified",
)  # fmt: skip

MAX_DATE_CHARS = 120


@dataclass(frozen=True, slots=True)
class Candidate:
    """A date that was found: where, in which words, what it means in ISO 8601, how likely it is, why it was refused."""

    place: str
    text: str
    published: str | None
    score: float
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Dating:
    """When a page was published and where that was found; all candidates, the best first; what the user should know."""

    published: str | None = None
    place: str | None = None
    candidates: tuple[Candidate, ...] = ()
    warnings: tuple[str, ...] = ()


def date_page(raw: RawArticle, page: Page, markup: Markup, language: str | None) -> Dating:
    """Return when a page was published. Raises nothing, whatever the page says."""
    clue = _tell_date(raw, page, markup, language)
    return Dating(clue.text, clue.place) if clue else Dating()


def markup_clues(
    tree: Element, metas: Mapping[str, str], things: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Clue, ...], tuple[Clue, ...]]:
    """Return what a page's markup says about its publication in the order of trust, and about its last change.

    `metas` are the page's meta elements by name in lower case, `things` the objects of its JSON-LD, the likeliest
    first.
    """
    dates = [Clue("json-ld", text) for thing in things for key in JSON_LD_DATES if (text := _string(thing.get(key)))]
    dates += [Clue("meta", metas[name]) for name in META_DATES if name in metas]
    dates += [Clue("time", text) for text in _times(tree)]
    updates = [Clue("json-ld", text) for thing in things if (text := _string(thing.get("dateModified")))]
    updates += [Clue("meta", metas[name]) for name in META_UPDATES if name in metas]
    return tuple(dates), tuple(updates)


def _string(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _tell_date(raw: RawArticle, page: Page, markup: Markup, language: str | None) -> Clue | None:
    url = raw.url or markup.url
    day_first = not month_first(language, markup.language or raw.language, url)
    around = Surroundings(FIRST_WEB_DAY, _latest_day(raw.retrieved), day_first)
    given = first_date([Clue("field", raw.published or "")], replace(around, earliest=FIRST_DAY))
    if given:
        return given
    marked, named = first_date(markup.dates, around), url_date(url, around)
    if named and (not marked or _is_next_day(marked.text, named)):
        return Clue("url", named)
    told = [*text_clues(page.head, page.tail, page.paragraphs[0]), *markup.updates]
    return marked or first_date(told, around)


def _is_next_day(moment: str, day: str) -> bool:
    """Tell whether a moment, mostly in UTC, is on the day beside `day`, the publisher's: then it was late or early."""
    return abs(dt.date.fromisoformat(moment[:10]) - dt.date.fromisoformat(day)) == dt.timedelta(days=1)


def _latest_day(retrieved: str | None) -> dt.date:
    """Return the last day on which a page can have been published: when it was fetched, or today, anywhere on earth."""
    try:
        day = dt.date.fromisoformat((retrieved or "")[:10])
    except ValueError:
        day = dt.datetime.now(dt.UTC).date()
    return day + dt.timedelta(days=1)


def _times(tree: Element) -> Iterator[str]:
    """Yield what `time` elements and elements marked as a date hold, those said to be the publication first."""
    elements = list(tree.iter("time"))
    surest = [e for e in elements if e.get("pubdate") is not None or "datePublished" in (e.get("itemprop") or "")]
    marked = tree.xpath("//*[@itemprop='datePublished' or @itemprop='dateCreated' or @property='datePublished']")
    for element in [*marked, *surest, *elements[:3]]:
        text = element.get("datetime") or element.get("content") or element.get("title") or "".join(element.itertext())
        if text:
            yield text.strip()[:MAX_DATE_CHARS]
