"""Searches as Atom and JSON feeds that feed readers accept, whatever the articles contain."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from flask import render_template
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree, html

from api import create_app
from api.site import feeds
from search.model import Article, Country, Person, Query, Sort
from search.query.parsing import query_of
from search.results import Hit, Results, Snippet
from search.settings import Settings

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

SPACES = {
    "a": "http://www.w3.org/2005/Atom",
    "dc": "http://purl.org/dc/elements/1.1/",
    "os": "http://a9.com/-/spec/opensearch/1.1/",
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)")  # RFC 3339
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _atom(client: FlaskClient, address: str) -> etree._Element:
    response = client.get(address)
    assert (response.status_code, response.mimetype) == (200, "application/atom+xml")
    return etree.fromstring(response.data)


def _texts(node: etree._Element, path: str) -> list[str]:
    return [str(getattr(found, "text", found) or "") for found in node.xpath(path, namespaces=SPACES)]


def _links(node: etree._Element) -> dict[str, str]:
    """Return the links of a feed or an entry, by relation."""
    found = [(link.get("rel"), link.get("href")) for link in node.findall("a:link", SPACES)]
    assert len(found) == len(dict(found))
    return dict(found)


def _json(client: FlaskClient, address: str) -> Any:
    response = client.get(address)
    assert (response.status_code, response.mimetype) == (200, "application/feed+json")
    return json.loads(response.data)


class TestSearch:
    def test_newest_first_and_each_story_once(self, client: FlaskClient) -> None:
        assert _texts(_atom(client, "/feed.atom?q=treaty"), "//a:entry/a:title")[:2] == [
            "Seoul watches the treaty with care",
            "North Korea and Russia sign a port treaty",
        ]

    def test_twenty_entries_unless_asked(self, client: FlaskClient, news: tuple[Article, ...]) -> None:
        assert len(_json(client, "/feed.json")["items"]) == len(news) - 1  # two are copies of one story
        assert len(_json(client, "/feed.json?per_page=3")["items"]) == 3
        assert feeds.PER_PAGE == 20

    @pytest.mark.parametrize(
        ("asked", "found"),
        [
            ("country=RU", ["envoy-1"]),
            ("country=RU&collapse=none", ["envoy-2", "envoy-1"]),
            ("story=envoy-2", ["envoy-2", "envoy-1"]),
            ("story=envoy-2&collapse=story", ["envoy-1"]),
            ("person=Choe+Son+Hui", ["seoul"]),
            ("q=treaty&source=Coast+Daily&sort=oldest&collapse=none", ["envoy-2", "seoul"]),
            ("from=2024-02&utm_source=elsewhere", ["seoul"]),
            ("q=trewty&from=2024&to=2024-01", ["envoy-1"]),
            ("q=trewty&correct=false", []),
            ("q=treaty&per_page=1&page=2", ["envoy-1"]),
            ("q=treaty&facets=country&explain=true&interval=day&facet_size=3&recency=9&q=", None),
        ],
    )
    def test_accepts_the_parameters_of_searches(self, client: FlaskClient, asked: str, found: list[str] | None) -> None:
        ids = [item["id"].rpartition("/")[2] for item in _json(client, f"/feed.json?{asked}")["items"]]
        assert ids == (["seoul", "envoy-1", "hostile"] if found is None else found)

    @pytest.mark.parametrize("path", ["/feed.atom", "/feed.json"])
    @pytest.mark.parametrize("asked", ["page=0", "per_page=101", "country=Atlantis", "q=a&q=b", "sort=loudest"])
    def test_rejects_bad_parameters(self, client: FlaskClient, path: str, asked: str) -> None:
        response = client.get(f"{path}?{asked}", headers={"Accept": "application/atom+xml, */*;q=0.1"})
        assert (response.status_code, response.mimetype) == (400, "application/problem+json")
        assert list(response.json["errors"]) == [asked.partition("=")[0]]
        assert response.headers["Cache-Control"] == "no-cache"


class TestAtom:
    def test_head_of_the_feed(self, client: FlaskClient) -> None:
        feed = _atom(client, "/feed.atom?q=port+treaty&country=RU&from=2024")
        (title,) = _texts(feed, "a:title")
        assert title == "Dateline: port treaty · Russia · from 2024-01-01"
        assert _texts(feed, "a:updated") == ["2024-01-21T09:30:00+09:00"]
        assert _texts(feed, "a:author/a:name") == ["Dateline"]
        assert _links(feed)["search"] == "http://localhost/opensearch.xml"

    def test_entry(self, client: FlaskClient) -> None:
        (entry,) = _atom(client, "/feed.atom?q=treaty&country=RU").findall("a:entry", SPACES)
        assert _texts(entry, "a:id") == ["http://localhost/articles/envoy-1"]
        assert _links(entry) == {
            "alternate": "http://localhost/articles/envoy-1?q=treaty",
            "via": "https://gazette.example/treaty",
        }
        assert _texts(entry, "a:published") == _texts(entry, "a:updated") == ["2024-01-21T09:30:00+09:00"]
        assert _texts(entry, "a:author/a:name") == ["Ann Lee", "Harbour Gazette"]
        assert _texts(entry, "dc:publisher") == ["Harbour Gazette"]
        assert _texts(entry, "a:category/@term") == ["KP", "RU", "Kim Jong Un", "Vladimir Putin"]
        assert _texts(entry, "a:category/@label")[:2] == ["North Korea", "Russia"]
        assert entry.get("{http://www.w3.org/XML/1998/namespace}lang") == "en"
        summary = entry.find("a:summary", SPACES)
        assert summary.get("type") == "html"
        assert [mark.text for mark in html.fragment_fromstring(summary.text, "p").iter("mark")] == ["treaty"]

    def test_schemes_of_categories_are_addresses_that_list_them(self, client: FlaskClient) -> None:
        feed = _atom(client, "/feed.atom")
        for scheme in set(_texts(feed, "//a:category/@scheme")):
            listed = {value["value"] for value in client.get(f"{scheme}?facet_size=100").json["values"]}
            assert set(_texts(feed, f"//a:category[@scheme='{scheme}']/@term")) <= listed

    def test_each_entry_is_valid(self, client: FlaskClient, news: tuple[Article, ...]) -> None:
        feed = _atom(client, "/feed.atom?per_page=100&collapse=none")
        entries = feed.findall("a:entry", SPACES)
        assert len(entries) == len(news) == len(set(_texts(feed, "a:entry/a:id")))
        for entry in entries:
            for name in ("id", "title", "updated"):
                (text,) = _texts(entry, f"a:{name}")
                assert text.strip()
            assert MOMENT.fullmatch(_texts(entry, "a:updated")[0])
            for address in (*_texts(entry, "a:id"), *_links(entry).values()):
                assert re.fullmatch(r"https?://[!-~]+", address)
                assert '"' not in address

    def test_undated_articles_always_have_the_oldest_date(self, client: FlaskClient) -> None:
        feed = _atom(client, "/feed.atom?country=PT")
        assert _texts(feed, "//a:updated") == ["1970-01-01T00:00:00+00:00"] * 2
        assert _texts(feed, "//a:published") == []
        assert _texts(_atom(client, "/feed.atom?q=zzzz"), "//a:updated") == ["1970-01-01T00:00:00+00:00"]

    def test_id_does_not_depend_on_the_order_of_parameters(self, client: FlaskClient) -> None:
        asked = ["q=treaty", "country=RU", "country=KP", "sort=oldest"]
        ids = [_texts(_atom(client, "/feed.atom?" + "&".join(some)), "a:id") for some in (asked, asked[::-1])]
        assert ids[0] == ids[1]
        other = _texts(_atom(client, "/feed.atom?" + "&".join(asked[:3])), "a:id")
        assert other != ids[0]

    def test_pages_link_to_each_other_and_share_one_id(self, client: FlaskClient) -> None:
        address = "/feed.atom?country=FR&per_page=5"
        seen: list[str] = []
        feed_ids = set()
        for page in (1, 2, 3):
            feed = _atom(client, address)
            relations = _links(feed)
            feed_ids.update(_texts(feed, "a:id"))
            assert relations["self"].removeprefix("http://localhost") == address
            assert relations["last"].endswith("&page=3")
            assert ("previous" in relations, "next" in relations) == (page > 1, page < 3)
            assert _texts(feed, "os:totalResults | os:startIndex | os:itemsPerPage") == ["13", str(5 * page - 4), "5"]
            seen += _texts(feed, "a:entry/a:id")
            address = relations.get("next", "").removeprefix("http://localhost")
        assert (len(feed_ids), len(seen), len(set(seen))) == (1, 13, 13)

    def test_pages_beyond_the_limit_are_not_linked(self, news_url: str) -> None:
        client = create_app(Settings(index=news_url, max_results=10)).test_client()
        assert _links(_atom(client, "/feed.atom?country=FR&per_page=4"))["last"].endswith("page=2")
        assert "next" not in _links(_atom(client, "/feed.atom?country=FR&per_page=4&page=2"))

    @pytest.mark.parametrize("asked", ["", "?q=treaty&sort=relevance", "?story=envoy-1", "?q=treaty&collapse=none"])
    def test_linked_search_page_has_the_same_results(self, client: FlaskClient, asked: str) -> None:
        feed = _atom(client, f"/feed.atom{asked}")
        page = html.fromstring(client.get(_links(feed)["alternate"], headers={"Accept": "text/html"}).text)
        visible = [headline.text_content() for headline in page.find_class("headline")]
        assert visible[:10] == _texts(feed, "a:entry/a:title")[:10]

    def test_addresses_use_the_host_of_the_request(self, client: FlaskClient) -> None:
        feed = etree.fromstring(client.get("/feed.atom?q=treaty", base_url="https://news.example").data)
        addresses = [*_links(feed).values(), *_texts(feed, "//a:id"), *_texts(feed, "a:icon")]
        assert all(address.startswith("https://news.example/") for address in addresses)


class TestJSONFeed:
    def test_feed(self, client: FlaskClient) -> None:
        feed = _json(client, "/feed.json?country=FR&per_page=5")
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert feed["title"] == "Dateline: France"
        assert feed["feed_url"] == "http://localhost/feed.json?country=FR"
        assert _json(client, feed["next_url"])["items"][0]["id"] not in [item["id"] for item in feed["items"]]
        assert "next_url" not in _json(client, "/feed.json?country=FR&per_page=5&page=3")

    def test_item(self, client: FlaskClient) -> None:
        (item,) = _json(client, "/feed.json?q=treaty&country=RU")["items"]
        assert item == {
            "id": "http://localhost/articles/envoy-1",
            "url": "http://localhost/articles/envoy-1?q=treaty",
            "external_url": "https://gazette.example/treaty",
            "title": "North Korea and Russia sign a port treaty",
            "summary": item["content_text"].partition(" … ")[0],
            "content_text": item["content_text"],
            "date_published": "2024-01-21T09:30:00+09:00",
            "authors": [{"name": "Ann Lee"}, {"name": "Harbour Gazette"}],
            "tags": ["North Korea", "Russia", "Kim Jong Un", "Vladimir Putin"],
            "language": "en",
        }
        assert "put their names to a treaty" in item["content_text"]

    def test_unknown_facts_are_left_out(self, client: FlaskClient) -> None:
        (item,) = _json(client, "/feed.json?country=PT")["items"]
        assert set(item) == {"id", "url", "title", "summary", "content_text", "tags"}

    def test_a_day_becomes_a_timestamp(self, client: FlaskClient) -> None:
        (item,) = _json(client, "/feed.json?person=Choe+Son+Hui")["items"]
        assert item["date_published"] == "2024-02-03T00:00:00+00:00"

    def test_no_script_becomes_a_link(self, client: FlaskClient) -> None:
        (item,) = _json(client, "/feed.json?person=" + "Zoé <i>O'Brien</i>")["items"]
        assert "external_url" not in item


@pytest.mark.parametrize("path", ["/feed.atom", "/feed.json"])
class TestHTTP:
    def test_an_unchanged_feed_is_304(self, client: FlaskClient, path: str) -> None:
        first = client.get(f"{path}?q=treaty")
        assert first.headers["Cache-Control"] == "public, max-age=300"
        again = client.get(f"{path}?q=treaty", headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        other = client.get(f"{path}?q=port", headers={"If-None-Match": first.headers["ETag"]})
        assert other.status_code == 200

    def test_head_is_get_without_a_body(self, client: FlaskClient, path: str) -> None:
        got, asked = client.get(path), client.head(path)
        assert (asked.status_code, asked.data) == (200, b"")
        assert asked.headers["ETag"] == got.headers["ETag"]
        assert asked.content_type == got.content_type


ANY_TEXT = st.text(st.characters() | st.sampled_from("\x00\x08\ud800\udfff\uffff\x85\u2028<>&\"']\n\t\r"), max_size=20)
SOME_TEXT = ANY_TEXT.filter(lambda text: NOT_IN_XML.sub("", text).strip())
ZONES = st.none() | st.integers(-14 * 60, 14 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))
PUBLISHED = (
    st.none()
    | st.dates().map(dt.date.isoformat)
    | st.datetimes(timezones=ZONES).map(lambda moment: moment.isoformat(timespec="seconds"))
)


@st.composite
def _hits(draw: st.DrawFn) -> Hit:
    article = Article(
        id=draw(st.text(min_size=1, max_size=20).filter(lambda text: text.isprintable())),
        title=draw(SOME_TEXT),
        body=draw(ANY_TEXT),
        url=draw(st.none() | ANY_TEXT | ANY_TEXT.map("https://".__add__)),
        published=draw(PUBLISHED),
        source=draw(st.none() | ANY_TEXT),
        author=draw(st.none() | ANY_TEXT),
        countries=tuple(Country(code, draw(ANY_TEXT)) for code in draw(st.lists(st.sampled_from(["FR", "KP"])))),
        persons=tuple(map(Person, draw(st.lists(ANY_TEXT, max_size=2)))),
    )
    return Hit(article, 1.0, Snippet(article.headline), (Snippet(article.body, ((0, len(article.body) // 2),)),))


def _plain(text: str) -> str:
    """Return a text without characters that XML forbids, with each run of white space as one space."""
    return " ".join(NOT_IN_XML.sub("", text).replace("\r", "\n").split())


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(_hits(), max_size=2), ANY_TEXT)
def test_any_articles_give_valid_feeds(app: Flask, hits: list[Hit], text: str) -> None:
    query = query_of(text.encode(errors="replace").decode(), sort=Sort.NEWEST, per_page=feeds.PER_PAGE)
    results = Results(query, len(hits), len(hits), tuple(hits))
    with app.test_request_context():
        feed = feeds.feed_of(results, "feeds.atom")
        tree = etree.fromstring(feeds.sent(render_template("feed.atom", feed=feed), "application/atom+xml").data)
        items = json.loads(feeds.sent(json.dumps(feeds.to_json(feed), ensure_ascii=False), "text/plain").data)["items"]
    assert [*map(_plain, _texts(tree, "a:title"))] == [_plain(feed.title)]
    for hit, entry, item in zip(hits, tree.findall("a:entry", SPACES), items, strict=True):
        article = hit.article
        assert [*map(_plain, _texts(entry, "a:title"))] == [_plain(article.headline)] == [_plain(item["title"])]
        (summary,) = _texts(entry, "a:summary")
        visible = html.fragment_fromstring(summary, "p").text_content() if summary.strip() else ""
        assert "".join(_plain(visible).split()) == "".join(_plain(article.body).split())
        names = [one.name for one in (*article.countries, *article.persons)]
        assert [*map(_plain, _texts(entry, "a:category/@label"))] == [*map(_plain, names)]
        assert MOMENT.fullmatch(_texts(entry, "a:updated")[0])
        assert bool(_texts(entry, "a:published")) == bool(article.published) == ("date_published" in item)
        for address in _links(entry).values():
            assert re.fullmatch(r"(?i:https?)://[!-~]+", address)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://a.example/b?c=d#e", "https://a.example/b?c=d#e"),
        (' HTTP://a.example/two words/é"<> ', "http://a.example/two%20words/%C3%A9%22%3C%3E"),
        ("https://bücher.example/%C3%A9", "https://xn--bcher-kva.example/%C3%A9"),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("http:// ", None),
        ("https://[", None),
        ("https://a b/", None),
        ("https:///a.example", None),
        ("https:\\\\a.example", None),
        ("/relative", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses_of_publishers(url: str | None, found: str | None) -> None:
    assert feeds.web_uri(url) == found


def test_feed_and_page_parameters_give_the_same_search(client: FlaskClient) -> None:
    query: Query = query_of("treaty", sort=Sort.RELEVANCE, per_page=50, collapse=False, correct=False, recency=2.5)
    assert feeds.parameters(query) == [
        ("q", "treaty"),
        ("collapse", "none"),
        ("correct", "false"),
        ("recency", "2.5"),
        ("sort", "relevance"),
        ("per_page", "50"),
    ]
    assert client.get("/feed.json", query_string=feeds.parameters(query)).status_code == 200
