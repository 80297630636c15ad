"""Links of the search page: each is the current search with one change. Pure functions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from search import request, territories
from search.model import Filters, Query, Sort

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from search.results import FacetCount, Hit, Results

PAGE_SIZE: int = request.default("per_page")
DEFAULT_FACET_SIZE: int = request.default("facet_size")
MORE_FACETS = 100
"""Values of a facet after a click on "Show more"."""

FILTERED = {"country": "countries", "person": "persons", "source": "sources"}
"""Repeatable parameter, or type of a suggestion -> field of `Filters`."""

PAGES_AROUND = 2
"""Page numbers on either side of the current one."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link on the search page. `on` is true if its choice is selected now.

    `kind` is the parameter that it changes and `value` the value, so that a page can label it in its language. Both are
    empty if `label` needs no translation.
    """

    label: str
    href: str
    count: int = 0
    on: bool = False
    kind: str = ""
    value: str = ""


def default_sort(text: str) -> Sort:
    """Return the page's default order: by relevance, or newest first if the query is empty."""
    return Sort.RELEVANCE if text.strip() else Sort.NEWEST


def default_collapse(filters: Filters) -> bool:
    """Return the page's default for `collapse`: true, unless it shows the copies of one story."""
    return not filters.story


def parameters(query: Query) -> list[tuple[str, str]]:
    """Return the query string of a search as pairs, without defaults and without the page."""
    filters = query.filters
    pairs = [("q", query.text)] if query.text else []
    pairs += [("country", code) for code in filters.countries]
    pairs += [("person", name) for name in filters.persons]
    pairs += [("source", name) for name in filters.sources]
    if filters.story:
        pairs.append(("story", filters.story))
    if filters.date_from:
        pairs.append(("from", filters.date_from.isoformat()))
    if filters.date_to:
        pairs.append(("to", filters.date_to.isoformat()))
    if query.sort is not default_sort(query.text):
        pairs.append(("sort", query.sort.value))
    if query.collapse is not default_collapse(filters):
        pairs.append(("collapse", "story" if query.collapse else "none"))
    if not query.correct:
        pairs.append(("correct", "false"))
    if query.recency is not None:
        pairs.append(("recency", f"{query.recency:g}"))
    if query.per_page != PAGE_SIZE:
        pairs.append(("per_page", str(query.per_page)))
    if query.facet_size != DEFAULT_FACET_SIZE:
        pairs.append(("facet_size", str(query.facet_size)))
    return pairs


def search_link(query: Query, **changes: Any) -> str:
    """Return the address of a query with changed fields of the query or its filters. It leads to the first page."""
    of_filters = {name: changes.pop(name) for name in tuple(changes) if name in Filters.__dataclass_fields__}
    page = changes.pop("page", 1)
    changed = replace(query, filters=replace(query.filters, **of_filters), **changes)
    pairs = parameters(changed) + ([("page", str(page))] if page > 1 else [])
    return "?" + urlencode(pairs)


def _toggled(values: tuple[str, ...], value: str) -> tuple[str, ...]:
    return tuple(v for v in values if v != value) if value in values else (*values, value)


def facet_links(query: Query, facet: str, counts: Iterable[FacetCount]) -> list[Link]:
    """Return links that select or deselect the values of a facet, `country` or `person`."""
    values = getattr(query.filters, FILTERED[facet])
    return [
        Link(
            c.label,
            search_link(query, **{FILTERED[facet]: _toggled(values, c.value)}),
            c.count,
            on=c.selected,
            kind=facet,
            value=c.value,
        )
        for c in counts
    ]


def chips(query: Query) -> list[Link]:
    """Return, for each active filter, a link that removes it."""
    filters = query.filters
    links = [
        _chip(query, facet, value, territories.name(value) if facet == "country" else value)
        for facet, field in FILTERED.items()
        for value in getattr(filters, field)
    ]
    if filters.story:
        links.append(Link(filters.story, search_link(query, **WITHOUT["story"]), kind="story", value=filters.story))
    for kind, day in (("from", filters.date_from), ("to", filters.date_to)):
        if day:
            links.append(Link(str(day), search_link(query, **WITHOUT[kind]), kind=kind, value=str(day)))
    return links


def _chip(query: Query, facet: str, value: str, label: str) -> Link:
    left = _toggled(getattr(query.filters, FILTERED[facet]), value)
    return Link(label, search_link(query, **{FILTERED[facet]: left}), kind=facet, value=value)


def about(query: Query, hit: Hit) -> list[Link]:
    """Return links for the countries and persons to show with a hit.

    Each link makes its country or person the only one in that filter. If it already is, `href` is empty.
    """
    countries, persons = hit.leading(query.filters)
    return [
        *(_only(query, "country", country.code, country.name) for country in countries),
        *(_only(query, "person", person.name, person.name) for person in persons),
    ]


def _only(query: Query, facet: str, value: str, label: str) -> Link:
    field = FILTERED[facet]
    on = getattr(query.filters, field) == (value,)
    return Link(label, "" if on else search_link(query, **{field: (value,)}), on=on, kind=facet, value=value)


def sorts(query: Query) -> list[Link]:
    """Return a link for each order. Without words there is no order by relevance."""
    orders = [order for order in Sort if order is not Sort.RELEVANCE or query.text.strip()]
    return [
        Link(order.value, search_link(query, sort=order), on=order is query.sort, kind="sort", value=order.value)
        for order in orders
    ]


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Links out of a search without results; both empty if the search finds something."""

    without: tuple[Link, ...] = ()
    similar_names: tuple[Link, ...] = ()


WITHOUT: dict[str, dict[str, Any]] = {
    "country": {"countries": ()},
    "person": {"persons": ()},
    "source": {"sources": ()},
    "from": {"date_from": None},
    "to": {"date_to": None},
    "story": {"story": None, "collapse": True},
}
"""Parameter of a filter -> the changes of a query that leave it out."""

CLEARED = {name: value for changes in WITHOUT.values() for name, value in changes.items()}
"""The changes of a query that leave out all filters."""


def alternatives(results: Results) -> Alternatives:
    """Return links to the same search without one of its parts, and to searches for similar names."""
    ways, query = results.alternatives, results.query
    if ways is None:
        return Alternatives()
    without = (
        Link(
            _countries(drop.label) if drop.part == "country" else drop.label,
            search_link(query, **WITHOUT.get(drop.part, {"text": drop.text})),
            drop.total,
            kind=drop.part,
            value=drop.label,
        )
        for drop in ways.without
    )
    empty = replace(query, text="", filters=Filters(), collapse=True)
    similar_names = (
        Link(
            name.label,
            search_link(empty, **{FILTERED[name.type]: (name.value,)}),
            name.count,
            kind=name.type,
            value=name.value,
        )
        for name in ways.similar_names
    )
    return Alternatives(tuple(without), tuple(similar_names))


def _countries(codes: str) -> str:
    return ", ".join(territories.name(code) for code in codes.split(", "))


@dataclass(frozen=True, slots=True)
class Paging:
    """Links to other pages; None in `numbers` stands for skipped numbers. `capped`: later results are out of reach."""

    previous: str | None
    following: str | None
    numbers: tuple[Link | None, ...]
    capped: bool


def paging(results: Results, max_results: int) -> Paging:
    """Return the links to the pages of a search; hits after the first `max_results` are out of reach."""
    query = results.query
    count = results.stories if query.collapse else results.total
    needed = -(-count // query.per_page)
    last = min(needed, max(max_results // query.per_page, 1))
    page = min(query.page, last + 1)
    return Paging(
        previous=search_link(query, page=page - 1) if page > 1 else None,
        following=search_link(query, page=page + 1) if page < last else None,
        numbers=tuple(_numbers(query, page, last)),
        capped=needed > last,
    )


def _numbers(query: Query, page: int, last: int) -> Iterator[Link | None]:
    before = 0
    for number in range(1, last + 1):
        if number not in (1, last) and abs(number - page) > PAGES_AROUND:
            continue
        if number > before + 1:
            yield None
        yield Link(str(number), search_link(query, page=number), on=number == page)
        before = number
