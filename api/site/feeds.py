"""Any search as a feed: Atom (RFC 4287), paged as in RFC 5005, or JSON Feed 1.1."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, json, render_template, request, url_for
from marshmallow import EXCLUDE
from werkzeug.urls import iri_to_uri

from api.application import current_app
from api.site import links
from api.v1.requests import SearchArgs, parameter_texts
from search import territories
from search.answers import to_html
from search.model import Sort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.model import Article, Query
    from search.results import Hit, Results

PER_PAGE = 20
"""Default number of entries: about one day of one subject, for feed readers that ask twice a day."""

MAX_AGE = 300
"""Seconds for which caches may keep a feed: most readers of one feed ask within the same minutes of an hour."""

EPOCH = dt.datetime.fromtimestamp(0, dt.UTC)
"""The `updated` date of entries without a date. Atom requires a date; a later one would show old articles as new."""

GAP = " … "
JSON_FEED = "https://jsonfeed.org/version/1.1"

ORDERS = {
    Sort.NEWEST: "newest first",
    Sort.OLDEST: "oldest first",
    Sort.RELEVANCE: "most relevant first",
}

_FORBIDDEN = re.compile("[^\t\n\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot write, not even as a reference. UTF-8 cannot encode the lone surrogates among them."""

_WEB_URI = re.compile(r"https?://(?![/?#])[\w.~:/?#\[\]@!$&'()*+,;=%-]+", re.ASCII | re.IGNORECASE)
"""A web address with a host and only the characters that RFC 3986 allows."""

_SEARCH = SearchArgs()

blueprint = Blueprint("feeds", __name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """An article in a feed. `id` never changes. `url` is its page here, with the matches highlighted.

    `original` is the publisher's page, `moment` the time of publication, `summary` the fragments as HTML.
    """

    article: Article
    id: str
    url: str
    original: str | None
    title: str
    moment: dt.datetime | None
    fragments: tuple[str, ...]
    summary: str

    @property
    def updated(self) -> str:
        """The last change, RFC 3339: articles never change, so this is the time of publication."""
        return (self.moment or EPOCH).isoformat(timespec="seconds")

    @property
    def published(self) -> str | None:
        """The time of publication, RFC 3339."""
        return self.updated if self.moment else None

    @property
    def authors(self) -> tuple[str, ...]:
        """The author and the publisher. Feed readers show them beside the title."""
        return tuple(name for name in (self.article.author, self.article.source) if name)


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of a search, ready to be written. `links` are addresses by relation, `total` counts entries of all pages.

    `id` is the address of the first page, with its parameters sorted.
    """

    id: str
    title: str
    subtitle: str
    page: str
    links: dict[str, str]
    entries: tuple[Entry, ...]
    total: int
    query: Query

    @property
    def updated(self) -> str:
        """The last change of the newest entry, RFC 3339."""
        newest = max((entry.moment for entry in self.entries if entry.moment), default=EPOCH)
        return newest.isoformat(timespec="seconds")

    @property
    def language(self) -> str | None:
        """The language of all entries if they have the same, else None."""
        languages = {entry.article.language for entry in self.entries}
        return languages.pop() if len(languages) == 1 else None


@blueprint.get("/feed.atom")
def atom() -> Response:
    """Send a search as Atom."""
    feed = feed_of(_results(), "feeds.atom")
    return sent(render_template("feed.atom", feed=feed), "application/atom+xml", max_age=MAX_AGE)


@blueprint.get("/feed.json")
def json_feed() -> Response:
    """Send a search as a JSON Feed."""
    return sent(json.dumps(to_json(feed_of(_results(), "feeds.json_feed"))), "application/feed+json", max_age=MAX_AGE)


def sent(body: str, kind: str, *, max_age: int | None = None) -> Response:
    """Return a response without characters that XML cannot write. Caches may keep it for `max_age` seconds."""
    response = Response(_FORBIDDEN.sub("", body), mimetype=kind)
    if max_age is not None:
        response.cache_control.public = True
        response.cache_control.max_age = max_age
    return response


def _results() -> Results:
    """Run the search of the address. By default the newest articles come first, and each story once.

    Unknown parameters are ignored, as on the search page.

    Raises:
        ValidationError: The value of a parameter cannot be used.
    """
    parameters = parameter_texts(request.args, _SEARCH)
    collapse = "none" if parameters.get("story") else "story"
    defaults = {"sort": [Sort.NEWEST.value], "per_page": [str(PER_PAGE)], "collapse": [collapse]}
    query: Query = _SEARCH.load(defaults | parameters, unknown=EXCLUDE)
    return current_app.engine.search(replace(query, facets=(), explain=False))


def feed_of(results: Results, endpoint: str) -> Feed:
    """Return the results of a search as the feed that `endpoint` sends."""
    query = results.query
    total = results.stories if query.collapse else results.total
    last = _last_page(total, query.per_page)
    numbers = {"self": query.page, "first": 1, "previous": query.page - 1, "next": query.page + 1, "last": last}
    pairs = parameters(query)
    return Feed(
        id=address(endpoint, sorted(pair for pair in pairs if pair[0] != "per_page")),
        title=feed_title(query),
        subtitle=_subtitle(results),
        page=address("pages.home", links.parameters(replace(query, per_page=links.PAGE_SIZE))),
        links={
            relation: address(endpoint, [*pairs, *([("page", str(number))] if number > 1 else [])])
            for relation, number in numbers.items()
            if relation == "self" or 1 <= number <= last
        },
        entries=tuple(_entry(hit, query.text) for hit in results.hits),
        total=total,
        query=query,
    )


def _last_page(total: int, per_page: int) -> int:
    reachable = current_app.settings.max_results // per_page
    return max(min(-(-total // per_page), reachable), 1)


def parameters(query: Query) -> list[tuple[str, str]]:
    """Return the query string of the feed of a search as pairs, without defaults and without the page."""
    plain = replace(
        query,
        sort=links.default_sort(query.text),
        per_page=links.PAGE_SIZE,
        facet_size=links.DEFAULT_FACET_SIZE,
    )
    pairs = links.parameters(plain)
    if query.sort is not Sort.NEWEST:
        pairs.append(("sort", query.sort.value))
    if query.per_page != PER_PAGE:
        pairs.append(("per_page", str(query.per_page)))
    return pairs


@blueprint.app_template_filter()
def feed_address(query: Query, kind: str) -> str:
    """Return the address of the `atom` or `json` feed of a search: newest articles first, whatever the page's order."""
    endpoint = "feeds.atom" if kind == "atom" else "feeds.json_feed"
    return address(endpoint, parameters(replace(query, sort=Sort.NEWEST, per_page=PER_PAGE)))


@blueprint.app_template_filter()
def feed_title(query: Query) -> str:
    """Return the title of a feed: the words and the filters of its search."""
    filters = query.filters
    parts = [query.text.strip(), *(territories.name(code) for code in filters.countries), *filters.persons]
    parts += filters.sources
    parts += ["copies of one story"] if filters.story else []
    parts += [f"from {filters.date_from}"] if filters.date_from else []
    parts += [f"until {filters.date_to}"] if filters.date_to else []
    search = " · ".join(part for part in parts if part)
    return f"Dateline: {search}" if search else "Dateline"


def _subtitle(results: Results) -> str:
    text = f"News articles, {ORDERS[results.query.sort]}"
    if results.query.collapse:
        text += "; one article for all copies of a story"
    if results.applied:
        text += f'. No results for "{results.query.text}". Showing results for "{results.corrected}"'
    return text + "."


def address(endpoint: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Return the absolute address of an endpoint with a query string."""
    whole = url_for(endpoint, _external=True)
    return f"{whole}?{urlencode(pairs)}" if pairs else whole


def _entry(hit: Hit, text: str) -> Entry:
    article = hit.article
    return Entry(
        article=article,
        # not the publisher's address: two articles can share one, and the publisher's own feed can use it as an id
        id=url_for("pages.article", article_id=article.id, _external=True),
        url=url_for("pages.article", article_id=article.id, q=text.strip() or None, _external=True),
        original=web_uri(article.url),
        title=hit.title.text,
        moment=moment(article.published),
        fragments=tuple(fragment.text for fragment in hit.fragments),
        summary=GAP.join(to_html(fragment) for fragment in hit.fragments),
    )


def moment(published: str | None) -> dt.datetime | None:
    """Return the time of publication. A date without a time is midnight in UTC, as in the order of a search."""
    if not published:
        return None
    time = dt.datetime.fromisoformat(published)
    return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def web_uri(url: str | None) -> str | None:
    """Return a web address with forbidden characters percent-encoded; None for any other text."""
    try:
        encoded = iri_to_uri((url or "").strip())
    except ValueError:
        return None
    return encoded if _WEB_URI.fullmatch(encoded) else None


def to_json(feed: Feed) -> dict[str, Any]:
    """Return a feed as the object of JSON Feed 1.1."""
    return _present(
        version=JSON_FEED,
        title=feed.title,
        description=feed.subtitle,
        home_page_url=feed.page,
        feed_url=feed.id,
        next_url=feed.links.get("next"),
        icon=url_for("static", filename="icon.svg", _external=True),
        language=feed.language,
        items=[_item(entry) for entry in feed.entries],
    )


def _item(entry: Entry) -> dict[str, Any]:
    article = entry.article
    return _present(
        id=entry.id,
        url=entry.url,
        external_url=entry.original,
        title=entry.title,
        summary=entry.fragments[0] if entry.fragments else None,
        content_text=GAP.join(entry.fragments),
        date_published=entry.published,
        authors=[{"name": name} for name in entry.authors] or None,
        tags=list(dict.fromkeys([one.name for one in article.countries] + [one.name for one in article.persons])),
        language=article.language,
    )


def _present(**members: Any) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
