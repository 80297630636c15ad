"""Reads what the markup of a page says about its article: JSON-LD, Open Graph and other meta elements, `time`."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from index.pages.dating.in_markup import markup_clues
from index.pages.facts.headline import without_site
from index.pages.lines.line import count_words
from index.pages.page import Markup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml.etree import _Element as Element

ARTICLE_TYPES = (
    "article", "posting", "blog", "report", "review", "webpage", "creativework", "story", "podcast", "video",
)  # fmt: skip
"""Parts of the schema.org types whose dates are those of a page; the likelier first."""

META_TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title", "headline")
META_SOURCES = ("og:site_name", "application-name", "dc.publisher", "dcterms.publisher", "apple-mobile-web-app-title")
META_AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl")
META_URLS = ("og:url", "twitter:url")

MAX_JSON_DEPTH = 8
MAX_H1 = 8
"""Each is read to its end, which takes long where thousands are nested."""

MAX_NAMES = 8


def read_markup(tree: Element) -> Markup:
    """Return what the markup of a page says. Of several things the first in the order of trust counts."""
    metas = _metas(tree)
    things = sorted(_json_ld(tree), key=_type_rank)
    publisher = next((name for thing in things if (name := _name(thing.get("publisher")))), None)
    source = _first(metas, META_SOURCES) or publisher
    dates, updates = markup_clues(tree, metas, things)
    writer = next((name for thing in things if (name := _names(thing.get("author")))), None)
    author = writer or _first(metas, META_AUTHORS)
    links = tree.xpath("//link[@rel='canonical']/@href")
    url = str(links[0]).strip() if links else _first(metas, META_URLS)
    title, title_from = _headline(tree, metas, things, (source, url))
    return Markup(
        title=title,
        author=author,
        source=source,
        language=tree.get("lang") or tree.get("xml:lang") or metas.get("og:locale") or metas.get("content-language"),
        url=url,
        body=next((text for thing in things if (text := _string(thing.get("articleBody")))), None),
        dates=dates,
        updates=updates,
        title_from=title_from,
        author_from="json-ld" if writer else "meta",
        source_from="meta" if source != publisher else "json-ld",
    )


def _metas(tree: Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        content = " ".join((element.get("content") or "").split())
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        if content and name:
            found.setdefault(name.strip().lower(), content)
    return found


def _first(metas: dict[str, str], names: tuple[str, ...]) -> str | None:
    return next((metas[name] for name in names if name in metas), None)


def _json_ld(tree: Element) -> Iterator[dict[str, Any]]:
    for script in tree.iter("script"):
        if "ld+json" in (script.get("type") or "") and script.text:
            try:
                value = json.loads(script.text.strip().rstrip(";"), strict=False)
            except (ValueError, RecursionError):
                continue
            yield from _objects(value, 0)


def _objects(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > MAX_JSON_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _objects(item, depth + 1)
    elif isinstance(value, dict):
        if _type_rank(value) < len(ARTICLE_TYPES):
            yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _objects(value.get(key), depth + 1)


def _type_rank(thing: dict[str, Any]) -> int:
    names = str(thing.get("@type")).lower()
    return next((rank for rank, part in enumerate(ARTICLE_TYPES) if part in names), len(ARTICLE_TYPES))


def _string(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _name(value: Any) -> str | None:
    if isinstance(value, list):
        return next((name for name in map(_name, value[:MAX_NAMES]) if name), None)
    return _string(value.get("name") if isinstance(value, dict) else value)


def _names(value: Any) -> str | None:
    """Return the names of persons; an address or a handle is none, and one of those does not hide the others."""
    people = value[:MAX_NAMES] if isinstance(value, list) else [value]
    names = (name for name in map(_name, people) if name and not name.lower().startswith(("http", "@")))
    return ", ".join(dict.fromkeys(names)) or None


def _headline(
    tree: Element, metas: dict[str, str], things: list[dict[str, Any]], site: tuple[str | None, str | None]
) -> tuple[str | None, str]:
    """Return the headline and where it was found. `site` is the name and an address of the site."""
    given = next((text for thing in things[:1] if (text := _string(thing.get("headline")))), None)
    h1 = islice(tree.iter("h1"), MAX_H1)
    heads = [head for element in h1 if (head := " ".join("".join(element.itertext()).split()))]
    titles = [" ".join("".join(element.itertext()).split()) for element in tree.xpath("//head/title")][:1]
    named = _first(metas, META_TITLES)
    if len(heads) == 1 and count_words(heads[0]) > 2:
        return without_site(heads[0], *site), "h1"
    if given and count_words(given) > 2:
        return without_site(given, *site), "json-ld"
    title = without_site(named or next(iter(titles), ""), *site, signed=True)
    if title:
        return title, "meta" if named else "title element"
    return (heads[0], "h1") if heads else (None, "")
