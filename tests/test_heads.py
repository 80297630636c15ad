"""OpenSearch descriptions for browsers, and the `head` elements of the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import render_template
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree, html

from api.site import browser_search, links
from search.model import Filters, Sort
from search.query.parsing import query_of
from search.results import Results

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

    from search.model import Article

NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
SPACES = {"os": NAMESPACE}


class TestOpenSearch:
    def test_description(self, client: FlaskClient) -> None:
        response = client.get("/opensearch.xml")
        assert response.mimetype == "application/opensearchdescription+xml"
        tree = etree.fromstring(response.data)
        assert tree.tag == f"{{{NAMESPACE}}}OpenSearchDescription"
        assert len(tree.findtext("os:ShortName", "", SPACES)) <= 16
        assert tree.findtext("os:InputEncoding", "", SPACES) == "UTF-8"
        icon = tree.find("os:Image", SPACES)
        assert client.get(icon.text).mimetype == icon.get("type")

    def test_templates_respond_with_their_types(self, client: FlaskClient) -> None:
        tree = etree.fromstring(client.get("/opensearch.xml").data)
        types = []
        for url in tree.findall("os:Url", SPACES):
            template = url.get("template").replace("{searchTerms}", "treaty").replace("{count?}", "5")
            address = template.replace("{startPage?}", "")  # as browsers do with unknown parameters
            assert "{" not in address
            response = client.get(address, headers={"Accept": "text/html"})
            assert (response.status_code, response.mimetype) == (200, url.get("type"))
            types.append(url.get("type"))
        assert types[:3] == ["text/html", "application/x-suggestions+json", "application/atom+xml"]

    def test_suggestions(self, client: FlaskClient) -> None:
        answer = client.get("/suggestions?q=kim+jo&utm_source=x").json
        assert answer[:2] == ["kim jo", ["Kim Jong Un", "kim jong"]]
        assert answer[2] == ["Person · 2 articles", "Search · 2 articles"]
        assert answer[3] == ["http://localhost/?person=Kim+Jong+Un", "http://localhost/?q=kim+jong"]
        assert client.get("/suggestions").json == ["", [], [], []]

    def test_suggestions_link_to_their_results(self, client: FlaskClient) -> None:
        _, completions, descriptions, addresses = client.get("/suggestions?q=no").json
        assert len(completions) == len(descriptions) == len(addresses) == len(set(completions)) > 1
        assert "http://localhost/?country=KP" in addresses
        assert "http://localhost/articles/envoy-1" in addresses
        for address in addresses:
            assert client.get(address, headers={"Accept": "text/html"}).status_code == 200

    def test_suggestions_speak_the_language_of_the_browser(self, client: FlaskClient) -> None:
        german = client.get("/suggestions?q=kim+jo", headers={"Accept-Language": "de"})
        assert german.json[2] != client.get("/suggestions?q=kim+jo").json[2]
        assert {"Accept-Language", "Cookie"} <= set(german.vary)

    def test_suggestions_reject_long_queries(self, client: FlaskClient) -> None:
        assert client.get("/suggestions?q=" + 2001 * "a").json["errors"]["q"]


class TestHead:
    def _head(self, app: Flask, template: str, **values: Any) -> etree._Element:
        with app.test_request_context():
            return html.document_fromstring(f"<head>{render_template(template, **values)}</head><body></body>")

    def _metas(self, head: etree._Element) -> dict[str, str]:
        return {meta.get("property") or meta.get("name"): meta.get("content") for meta in head.iter("meta")}

    def _search_page(self, app: Flask, **more: Any) -> etree._Element:
        query = query_of('"><script>', filters=Filters(countries=("RU",)), per_page=10, collapse=True, **more)
        results = Results(query, 30, 30, ())
        return self._head(app, "_links.html", results=results, paging=links.paging(results, 1000))

    def test_search_page_names_its_feeds(self, app: Flask, client: FlaskClient) -> None:
        alternates = self._search_page(app, page=2, sort=Sort.OLDEST).xpath("//link[@rel='alternate']")
        assert [link.get("type") for link in alternates] == ["application/atom+xml", "application/feed+json"]
        for link in alternates:
            assert link.get("title").startswith('Dateline: "><script> · Russia')
            assert client.get(link.get("href")).mimetype == link.get("type")
            assert link.get("href").endswith("?q=%22%3E%3Cscript%3E&country=RU")

    def test_search_page_names_its_neighbours_and_the_search_engine(self, app: Flask) -> None:
        head = self._search_page(app, page=2)
        assert [link.get("rel") for link in head.xpath("//link[@rel='prev' or @rel='next']")] == ["prev", "next"]
        assert not self._search_page(app, page=1).xpath("//link[@rel='prev']")
        (engine,) = head.xpath("//link[@rel='search']")
        assert engine.get("href") == "/opensearch.xml"
        assert self._metas(head)["og:title"] == 'Dateline: "><script> · Russia'

    def test_other_pages_name_only_the_search_engine(self, app: Flask) -> None:
        assert [link.get("rel") for link in self._head(app, "_links.html").iter("link")] == ["search"]

    def test_article(self, app: Flask, news: tuple[Article, ...]) -> None:
        head = self._head(app, "_open_graph.html", article=news[0])
        assert self._metas(head) == {
            "description": "Kim Jong Un and Vladimir Putin put their names to a treaty on Tuesday. "
            "The treaty opens a port in North Korea to ships from Russia.",
            "author": "Ann Lee",
            "og:type": "article",
            "og:site_name": "Dateline",
            "og:url": "http://localhost/articles/envoy-1",
            "og:title": "North Korea and Russia sign a port treaty",
            "og:description": self._metas(head)["description"],
            "article:published_time": "2024-01-21T09:30:00+09:00",
            "article:tag": "Vladimir Putin",
            "twitter:card": "summary",
        }
        tags = [meta.get("content") for meta in head.xpath("//meta[@property='article:tag']")]
        assert tags == ["North Korea", "Russia", "Kim Jong Un", "Vladimir Putin"]
        assert [link.get("href") for link in head.xpath("//link[@rel='canonical']")] == [
            "http://localhost/articles/envoy-1"
        ]

    def test_hostile_article_is_text(self, app: Flask, news: tuple[Article, ...]) -> None:
        (hostile,) = [article for article in news if article.id == "hostile"]
        head = self._head(app, "_open_graph.html", article=hostile)
        assert {node.tag for node in head.iter()} == {"html", "head", "body", "link", "meta"}
        metas = self._metas(head)
        assert metas["og:title"] == hostile.title
        assert metas["og:description"] == hostile.body
        assert metas["article:tag"] == "Zoé <i>O'Brien</i>"

    def test_unusual_ids_are_escaped(self, app: Flask, client: FlaskClient, news: tuple[Article, ...]) -> None:
        (odd,) = [article for article in news if article.id.startswith("odd")]
        (canonical,) = self._head(app, "_open_graph.html", article=odd).xpath("//link[@rel='canonical']/@href")
        assert odd.title in client.get(canonical).text

    @given(st.text(st.sampled_from("ab ,.\n北"), max_size=60), st.integers(5, 30))
    def test_descriptions_are_short_and_end_between_words(self, text: str, limit: int) -> None:
        made = browser_search.opening(text, limit)
        line = " ".join(text.split())
        assert len(made) <= limit
        if made != line:
            begun = made.removesuffix("…")
            assert line.startswith(begun)
            assert made.endswith("…")
            assert " " not in line[:limit] or line[len(begun) : len(begun) + 1] in " ,"

    def test_a_known_description(self) -> None:
        assert browser_search.opening("Ships came,\nand went again.", 15) == "Ships came…"
        assert browser_search.opening("a" * 300) == "a" * 199 + "…"

    def test_pages_link_to_their_neighbours(self, client: FlaskClient) -> None:
        def relations(path: str) -> list[str]:
            page = html.document_fromstring(client.get(path, headers={"Accept": "text/html"}).text)
            return [
                link.get("rel")
                for link in page.find("head").iter("link")
                if link.get("rel") not in ("icon", "stylesheet")
            ]

        assert relations("/?country=FR&page=2&per_page=5") == ["search", "alternate", "alternate", "prev", "next"]
        assert relations("/articles/envoy-1?q=treaty") == ["search", "canonical"]
        for path in ("/help", "/docs", "/?page=0", "/no-such-page"):
            assert relations(path) == ["search"], path
