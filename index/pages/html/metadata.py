"""Read the metadata of a page: JSON-LD, Open Graph and other meta elements, the title, the dates in its markup."""

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
"""Parts of the schema.org types whose dates are dates of the page. The most likely types come first."""

META_TITLES = ("og:title", "twitter:title", "dc.title", "dcterms.title", "parsely-title", "sailthru.title", "headline")
META_SOURCES = ("og:site_name", "application-name", "dc.publisher", "dcterms.publisher", "apple-mobile-web-app-title")
META_AUTHORS = ("author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author", "byl")
META_URLS = ("og:url", "twitter:url")

MAX_JSON_DEPTH = 8
"""Levels of nested JSON-LD objects that are searched."""

MAX_H1 = 8
"""Maximum `h1` elements that are read. Each is read to its end, which is slow if thousands are nested."""

MAX_NAMES = 8
"""Maximum items that are read from a list of authors or publishers."""


def read_markup(tree: Element) -> Markup:
    """Return the metadata of a page. If several places name the same thing, the most trusted one is taken."""
    metas = _metas(tree)
    objects = sorted(_json_ld(tree), key=_type_rank)
    publisher = next((name for data in objects if (name := _name(data.get("publisher")))), None)
    source = _first(metas, META_SOURCES) or publisher
    dates, updates = markup_clues(tree, metas, objects)
    named_author = next((name for data in objects if (name := _names(data.get("author")))), None)
    author = named_author or _first(metas, META_AUTHORS)
    links = tree.xpath("//link[@rel='canonical']/@href")
    url = str(links[0]).strip() if links else _first(metas, META_URLS)
    title, title_from = _headline(tree, metas, objects, (source, url))
    return Markup(
        title=title,
        author=author,
        source=source,
        language=tree.get("lang") or tree.get("xml:lang") or metas.get("og:locale") or metas.get("content-language"),
        url=url,
        body=next((text for data in objects if (text := _string(data.get("articleBody")))), None),
        dates=dates,
        updates=updates,
        title_from=title_from,
        author_from="json-ld" if named_author else "meta",
        source_from="meta" if source != publisher else "json-ld",
    )


def _metas(tree: Element) -> dict[str, str]:
    metas: dict[str, str] = {}
    for element in tree.iter("meta"):
        content = " ".join((element.get("content") or "").split())
        name = element.get("property") or element.get("name") or element.get("itemprop") or element.get("http-equiv")
        if content and name:
            metas.setdefault(name.strip().lower(), content)
    return metas


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


def _type_rank(data: dict[str, Any]) -> int:
    names = str(data.get("@type")).lower()
    return next((rank for rank, part in enumerate(ARTICLE_TYPES) if part in names), len(ARTICLE_TYPES))


def _string(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _name(value: Any) -> str | None:
    if isinstance(value, list):
        return next((name for name in map(_name, value[:MAX_NAMES]) if name), None)
    return _string(value.get("name") if isinstance(value, dict) else value)


def _names(value: Any) -> str | None:
    """Return the names of persons, joined by `, `. URLs and handles are left out."""
    people = value[:MAX_NAMES] if isinstance(value, list) else [value]
    names = (name for name in map(_name, people) if name and not name.lower().startswith(("http", "@")))
    return ", ".join(dict.fromkeys(names)) or None


def _headline(
    tree: Element, metas: dict[str, str], objects: list[dict[str, Any]], site: tuple[str | None, str | None]
) -> tuple[str | None, str]:
    """Return the headline and the place where it was found. `site` is the name and a URL of the site."""
    json_headline = next((text for data in objects[:1] if (text := _string(data.get("headline")))), None)
    h1 = islice(tree.iter("h1"), MAX_H1)
    heads = [head for element in h1 if (head := " ".join("".join(element.itertext()).split()))]
    title_elements = [" ".join("".join(element.itertext()).split()) for element in tree.xpath("//head/title")][:1]
    meta_title = _first(metas, META_TITLES)
    if len(heads) == 1 and count_words(heads[0]) > 2:
        return without_site(heads[0], *site), "h1"
    if json_headline and count_words(json_headline) > 2:
        return without_site(json_headline, *site), "json-ld"
    title = without_site(meta_title or next(iter(title_elements), ""), *site, is_title_element=True)
    if title:
        return title, "meta" if meta_title else "title element"
    return (heads[0], "h1") if heads else (None, "")
