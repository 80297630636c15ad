"""The REST API over a small index behind the real engine: answers to valid requests."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import pytest

from api import create_app
from search import analysis
from search.engine import open_engine
from search.model import Article
from search.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

HARBOUR = 12
"""Number of harbour reports in the small archive."""


def _ids(response: TestResponse) -> list[str]:
    assert response.status_code == 200, response.text
    return [hit["id"] for hit in response.json["hits"]]


class TestSearch:
    def test_answer_has_exactly_the_documented_members(self, client: FlaskClient) -> None:
        body = client.get("/v1/search?q=treaty").json
        assert list(body) == [
            *(
                "query",
                "total",
                "stories",
                "took_ms",
                "page",
                "per_page",
                "corrected",
                "correction",
                "relaxed",
                "warnings",
            ),
            *("hits", "facets", "alternatives"),
        ]
        assert list(body["hits"][0]) == [
            *("id", "url", "title", "source", "published", "countries", "persons", "score", "highlights", "copies"),
            "story",
        ]
        assert body["query"] == "treaty"
        assert (body["total"], body["stories"]) == (4, 3)
        assert (body["page"], body["per_page"], body["corrected"], body["warnings"]) == (1, 10, None, [])

    def test_command_line_prints_the_same(self, client: FlaskClient, news_url: str) -> None:
        from search import answers
        from search.engine import open_engine
        from search.query.parsing import query_of

        for text in ("treaty", '"unbalanced', "harbour", "treety", "country:KP ports ships"):
            body = open_engine(news_url).search(query_of(text))
            printed = {**answers.RESULTS.write(body), "took_ms": 0}
            answered = {**client.get("/v1/search?" + urlencode({"q": text})).json, "took_ms": 0}
            assert list(answered.items()) == list(printed.items())

    def test_hit_shows_the_article(self, client: FlaskClient) -> None:
        (hit,) = client.get('/v1/search?q="sign+a+port"').json["hits"]
        assert hit["id"] == "envoy-1"
        assert hit["published"] == "2024-01-21T09:30:00+09:00"
        assert hit["countries"] == [{"code": "KP", "name": "North Korea"}, {"code": "RU", "name": "Russia"}]
        assert hit["persons"] == ["Kim Jong Un", "Vladimir Putin"]
        assert "<mark>sign a port</mark>" in hit["highlights"]["title"].replace("</mark> <mark>", " ")

    def test_values_of_one_filter_are_joined_by_or_and_filters_by_and(self, client: FlaskClient) -> None:
        assert set(_ids(client.get("/v1/search?country=RU&country=KR"))) == {"envoy-1", "envoy-2", "seoul"}
        assert set(_ids(client.get("/v1/search?country=KP&source=Coast+Daily"))) == {"envoy-2", "seoul"}
        assert _ids(client.get("/v1/search?person=Choe+Son+Hui&country=RU")) == []

    def test_country_may_be_a_name(self, client: FlaskClient) -> None:
        by_code = client.get("/v1/search?country=KP").json
        by_name = client.get("/v1/search?country=north+korea").json
        assert by_name["total"] == by_code["total"] == 3
        assert [c["value"] for c in by_name["facets"]["country"] if c["selected"]] == ["KP"]

    @pytest.mark.parametrize(
        ("dates", "expected"),
        [
            ("from=2024-01-22", {"envoy-2", "seoul"}),
            ("from=2024", {"envoy-1", "envoy-2", "seoul"}),
            ("to=2022", {"odd id?#%&+é"}),
            ("from=2024-02&to=2024-02", {"seoul"}),
            ("from=2024-01-21&to=2024-01-21", {"envoy-1"}),
            ("from=2023-02&to=2023-02", {"harbour-02"}),
        ],
    )
    def test_month_and_year_stand_for_their_first_and_last_day(
        self, client: FlaskClient, dates: str, expected: set[str]
    ) -> None:
        assert set(_ids(client.get(f"/v1/search?{dates}"))) == expected

    def test_last_day_of_a_leap_february_counts(self, app: Flask) -> None:
        from api.v1.requests import SearchArgs

        with app.app_context():
            query = SearchArgs().load({"from": ["2024-02"], "to": ["2024-02"]})
        assert str(query.filters.date_from) == "2024-02-01"
        assert str(query.filters.date_to) == "2024-02-29"

    def test_sorting_by_date_puts_undated_articles_last(self, client: FlaskClient) -> None:
        newest = _ids(client.get("/v1/search?sort=newest&per_page=100"))
        oldest = _ids(client.get("/v1/search?sort=oldest&per_page=100"))
        assert newest[0] == "seoul"
        assert oldest[0] == "odd id?#%&+é"
        assert newest[-1] == oldest[-1] == "undated"

    def test_all_pages_together_have_each_hit_once(self, client: FlaskClient) -> None:
        whole = _ids(client.get("/v1/search?q=harbour&per_page=100"))
        pages = [_ids(client.get(f"/v1/search?q=harbour&per_page=5&page={page}")) for page in (1, 2, 3)]
        assert [len(page) for page in pages] == [5, 5, 2]
        assert [name for page in pages for name in page] == whole
        assert len(set(whole)) == HARBOUR

    def test_page_after_the_last_is_empty_with_the_right_totals(self, client: FlaskClient) -> None:
        body = client.get("/v1/search?q=harbour&page=4&per_page=5").json
        assert body["hits"] == []
        assert (body["total"], body["page"]) == (HARBOUR, 4)

    def test_collapsing_shows_one_hit_per_story(self, client: FlaskClient) -> None:
        body = client.get("/v1/search?q=treaty&collapse=story").json
        assert len(body["hits"]) == body["stories"] == 3
        assert body["total"] == 4
        assert {hit["id"]: hit["copies"] for hit in body["hits"] if hit["id"].startswith("envoy")} in (
            {"envoy-1": 1},
            {"envoy-2": 1},
        )

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("", ["country", "person", "date"]),
            ("facets=date", ["date"]),
            ("facets=person,country", ["country", "person"]),
            ("facets=person&facets=date", ["person", "date"]),
            ("facets=none", []),
        ],
    )
    def test_counts_only_the_requested_facets(self, client: FlaskClient, given: str, expected: list[str]) -> None:
        assert list(client.get(f"/v1/search?{given}").json["facets"]) == expected

    def test_interval_sets_the_width_of_the_bars(self, client: FlaskClient) -> None:
        years = client.get("/v1/search?q=treaty&interval=year").json["facets"]["date"]
        assert {bar["value"]: (bar["from"], bar["to"], bar["count"]) for bar in years if bar["count"]} == {
            "2023": ("2023-01-01", "2023-12-31", 1),
            "2024": ("2024-01-01", "2024-12-31", 3),
        }

    def test_facet_size_limits_the_values(self, client: FlaskClient) -> None:
        facets = client.get("/v1/search?facet_size=2").json["facets"]
        assert [c["value"] for c in facets["country"]] == ["FR", "KP"]
        assert len(facets["person"]) == 2

    @pytest.mark.parametrize("query", ["", "treaty", "harbour", "country:KP OR lisbon"])
    def test_a_click_on_a_count_gives_that_many_results(self, client: FlaskClient, query: str) -> None:
        facets = client.get("/v1/search?" + urlencode({"q": query, "facet_size": 100})).json["facets"]
        clicks = [{"country": c["value"]} for c in facets["country"]] + [
            {"person": c["value"]} for c in facets["person"]
        ]
        clicks += [{"from": bar["from"], "to": bar["to"]} for bar in facets["date"]]
        counts = [c["count"] for name in ("country", "person", "date") for c in facets[name]]
        totals = [client.get("/v1/search?" + urlencode({"q": query, **click})).json["total"] for click in clicks]
        assert totals == counts

    def test_empty_parameters_are_ignored(self, client: FlaskClient) -> None:
        form = client.get("/v1/search?q=treaty&from=&to=&country=&sort=&page=&facets=").json
        plain = client.get("/v1/search?q=treaty").json
        assert {**form, "took_ms": 0} == {**plain, "took_ms": 0}

    @pytest.mark.parametrize("text", ['"', "(((", "a AND", "* ~ ^", "\x00\ud7ff", "title:", "🎉" * 50, "%", "<mark>"])
    def test_any_text_is_a_query(self, client: FlaskClient, text: str) -> None:
        body = client.get("/v1/search?" + urlencode({"q": text}))
        assert body.status_code == 200
        assert body.json["query"] == text

    def test_warnings_name_what_was_ignored(self, client: FlaskClient) -> None:
        assert client.get('/v1/search?q="treaty').json["warnings"]


class TestArticles:
    def test_whole_article(self, client: FlaskClient, news: tuple[Article, ...]) -> None:
        body = client.get("/v1/articles/envoy-1").json
        article = next(a for a in news if a.id == "envoy-1")
        for name in (
            "id",
            "url",
            "title",
            "body",
            "published",
            "published_from",
            "source",
            "author",
            "language",
            "story",
        ):
            assert body[name] == getattr(article, name)
        text = body["title"] + "\n\n" + body["body"]
        mentions = [m for about in body["countries"] + body["persons"] for m in about["mentions"]]
        assert len(mentions) == 4
        assert all(text[m["start"] : m["end"]] == m["text"] for m in mentions)

    def test_any_id_is_found_at_its_percent_encoded_address(
        self, client: FlaskClient, news: tuple[Article, ...]
    ) -> None:
        for article in news:
            assert client.get("/v1/articles/" + quote(article.id, safe="")).json["id"] == article.id

    @pytest.mark.parametrize("own", ["https://a.example/2024/01/story?page=1", "/2024/01/story", "//a.example/story"])
    def test_an_id_may_be_a_web_address(self, tmp_path: Path, own: str) -> None:
        url = f"tantivy://{tmp_path}/index"
        open_engine(url).rebuild([Article(own, "Title", "A body", story=own)], keep=1)
        client = create_app(Settings(index=url)).test_client()
        assert client.get("/v1/articles/" + quote(own, safe="")).json["id"] == own
        assert client.get("/v1/articles/" + quote(own, safe="") + "/similar").json == {"hits": []}
        assert client.get("/articles/" + quote(own, safe="")).status_code == 200
        (link,) = re.findall('class="headline"><a href="([^"]+)"', client.get("/").text)
        assert client.get(html.unescape(link)).status_code == 200

    def test_similar_leaves_out_the_copies(self, client: FlaskClient) -> None:
        body = client.get("/v1/articles/envoy-1/similar").json
        ids = [hit["id"] for hit in body["hits"]]
        assert ids[0] == "seoul"
        assert not {"envoy-1", "envoy-2"} & set(ids)


class TestSuggestAndFacets:
    def test_suggestions(self, client: FlaskClient) -> None:
        body = client.get("/v1/suggest?q=erdog").json
        assert body["query"] == "erdog"
        assert body["suggestions"][0] == {
            "type": "person",
            "value": "Recep Tayyip Erdoğan",
            "label": "Recep Tayyip Erdoğan",
            "count": 1,
        }

    def test_empty_text_has_no_suggestions(self, client: FlaskClient) -> None:
        assert client.get("/v1/suggest").json == {"query": "", "suggestions": []}
        assert client.get("/v1/suggest?q=+").json["suggestions"] == []

    def test_headline_leads_to_its_article(self, client: FlaskClient) -> None:
        (headline,) = [s for s in client.get("/v1/suggest?q=lisbon").json["suggestions"] if s["type"] == "headline"]
        assert client.get("/v1/articles/" + headline["value"]).json["title"] == headline["label"]

    def test_facet_values_are_found_by_prefix_within_the_results(self, client: FlaskClient) -> None:
        body = client.get("/v1/facets/person?prefix=PU&q=treaty").json
        assert body == {
            "facet": "person",
            "prefix": "PU",
            "values": [{"value": "Vladimir Putin", "label": "Vladimir Putin", "count": 2, "selected": False}],
            "other": 0,
        }
        assert client.get("/v1/facets/person?prefix=pu&q=harbour").json["values"] == []
        assert [v["value"] for v in client.get("/v1/facets/country?prefix=kor&from=2024-02").json["values"]] == [
            "KP",
            "KR",
        ]


class TestHealth:
    def test_ok(self, client: FlaskClient, news: tuple[Article, ...]) -> None:
        body = client.get("/v1/health").json
        assert body["status"] == "ok"
        assert body["engine"] == "tantivy"
        assert body["articles"] == len(news)
        assert body["generation"]

    def test_running_server_follows_a_new_generation(self, tmp_path: Path, news: tuple[Article, ...]) -> None:
        from search.engine import open_engine

        url = f"tantivy://{tmp_path}/index"
        client = create_app(Settings(index=url)).test_client()
        assert client.get("/v1/health").status_code == 503
        for count in (3, 5):
            open_engine(url).rebuild(news[:count], keep=2)
            assert client.get("/v1/health").json["articles"] == count
            assert client.get("/v1/search").json["total"] == count


def _search(client: FlaskClient, **parameters: object) -> dict[str, Any]:
    response = client.get("/v1/search?" + urlencode(parameters, doseq=True))
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json
    return body


class TestPlainWords:
    """Searches for plain words: relaxation, correction, explanation, ranking."""

    def test_all_words_are_required_if_an_article_has_them(self, client: FlaskClient) -> None:
        body = _search(client, q="port treaty")
        assert (body["total"], body["relaxed"], body["corrected"]) == (2, [], None)

    def test_drops_the_commonest_word_if_no_article_has_all_words(self, client: FlaskClient) -> None:
        body = _search(client, q="harbour lisbon")  # twelve articles have one word, one article has the other
        assert [hit["id"] for hit in body["hits"]] == ["undated"]
        assert body["relaxed"] == ["harbour"]
        assert sum(value["count"] for value in body["facets"]["country"]) == body["total"] == 1

    def test_drops_first_the_word_that_no_article_has(self, client: FlaskClient) -> None:
        body = _search(client, q="treaty qqqqqqq")
        assert (body["total"], body["relaxed"]) == (4, ["qqqqqqq"])

    def test_a_sentence_finds_the_articles_with_most_of_its_words(self, client: FlaskClient) -> None:
        body = _search(
            client, q="What do we know about the gardeners of Lisbon and the trees that they plant in the hills?"
        )
        assert body["hits"][0]["id"] == "undated"
        assert body["relaxed"]

    @pytest.mark.parametrize(
        ("typed", "corrected"),
        [("treety", "treaty"), ("harbor", "harbour"), ("Erdogna", "Erdogan"), ("PYONGYANG TREETY", "PYONGYANG TREATY")],
    )
    def test_a_misspelt_word_is_corrected_and_the_answer_says_so(
        self, client: FlaskClient, typed: str, corrected: str
    ) -> None:
        body = _search(client, q=typed)
        assert analysis.fold(body["corrected"]) == analysis.fold(corrected)
        assert body["correction"] == "applied"
        assert body["total"] > 0
        assert body["query"] == typed

    def test_a_correction_without_results_is_only_offered(self, client: FlaskClient) -> None:
        body = _search(client, q="lisbon treety")  # each article has only one of the words
        assert (body["corrected"], body["correction"]) == ("lisbon treaty", "offered")
        assert [hit["id"] for hit in body["hits"]] == ["undated"]
        assert body["relaxed"] == ["treety"]

    def test_a_correction_is_only_offered_with_correct_false(self, client: FlaskClient) -> None:
        body = _search(client, q="treety", correct="false")
        assert (body["corrected"], body["correction"], body["total"]) == ("treaty", "offered", 0)

    def test_a_word_of_the_archive_is_never_corrected(self, client: FlaskClient) -> None:
        for word in ("treaty", "lisbon", "port", "came"):
            assert _search(client, q=word)["corrected"] is None

    def test_an_explanation_adds_up(self, client: FlaskClient) -> None:
        for query in ("port treaty", "harbour lisbon", '"port treaty" korea', "putni~ OR kim", "tre* country:KP", ""):
            for recency in ({}, {"recency": 3000}):
                for hit in _search(client, q=query, explain="true", **recency)["hits"]:
                    explanation = hit["explanation"]
                    total = sum(reason["score"] for reason in explanation["reasons"]) * explanation["recency"]
                    assert total == pytest.approx(hit["score"], rel=1e-4)
                    assert (explanation["recency"] == 1) == (not recency)
        assert "explanation" not in _search(client, q="treaty")["hits"][0]

    def test_a_country_and_a_person_that_the_query_names_count(self, client: FlaskClient) -> None:
        explanation = _search(client, q="korea putin treaty", explain="true")["hits"][0]["explanation"]
        labels = [reason["label"] for reason in explanation["reasons"]]
        assert any("names a person “putin”" in label for label in labels)
        explanation = _search(client, q="North Korea treaty", explain="true")["hits"][0]["explanation"]
        assert any("is about North Korea" in reason["label"] for reason in explanation["reasons"])

    def test_recency_ranks_the_newer_of_two_equal_articles_first(self, client: FlaskClient) -> None:
        ids = [hit["id"] for hit in _search(client, q="harbour", recency=30)["hits"]]
        assert ids == [f"harbour-{number:02}" for number in range(12, 2, -1)]


class TestWaysOut:
    def test_alternatives_leave_out_one_part_and_count_the_results(self, client: FlaskClient) -> None:
        body = _search(client, q='treaty "nobody wrote this"', country="PT")
        assert body["total"] == 0
        assert body["alternatives"]["without"] == []
        body = _search(client, q='treaty "nobody wrote this"')
        assert [(d["part"], d["label"], d["query"], d["total"]) for d in body["alternatives"]["without"]] == [
            ("q", '"nobody wrote this"', "treaty", 4)
        ]
        body = _search(client, q="treaty", country="PT", source="Coast Daily")
        assert [(d["part"], d["label"], d["total"]) for d in body["alternatives"]["without"]] == [("country", "PT", 2)]

    def test_each_alternative_finds_the_number_it_states(self, client: FlaskClient) -> None:
        filters = {"country": "TR", "from": "2024-01-01"}
        body = _search(client, q="treaty -port", **filters)
        assert body["total"] == 0
        assert body["alternatives"]["without"]
        for one in body["alternatives"]["without"]:
            left = {name: value for name, value in filters.items() if name != one["part"]}
            assert _search(client, q=one["query"], **left)["total"] == one["total"]

    def test_alternatives_keep_a_story_filter(self, client: FlaskClient) -> None:
        body = _search(client, q="treaty", story="envoy-2", country="PT")
        totals = {drop["part"]: drop["total"] for drop in body["alternatives"]["without"]}
        assert totals == {"country": 2}

    def test_offers_similar_names(self, client: FlaskClient) -> None:
        body = _search(client, q='putin "nobody wrote this"')
        assert ("person", "Vladimir Putin") in [
            (one["type"], one["value"]) for one in body["alternatives"]["similar_names"]
        ]

    def test_a_search_with_results_has_no_alternatives(self, client: FlaskClient) -> None:
        assert _search(client, q="treaty")["alternatives"] is None


class TestStories:
    def test_any_article_of_a_story_lists_it(self, client: FlaskClient) -> None:
        for one in ("envoy-1", "envoy-2", "treaty"):
            assert sorted(hit["id"] for hit in _search(client, story=one)["hits"]) == ["envoy-1", "envoy-2"]
        assert [hit["id"] for hit in _search(client, story="seoul")["hits"]] == ["seoul"]
        assert _search(client, story="no-such-id")["total"] == 0

    def test_collapsing_shows_the_earliest_article_with_the_fullest_text(self, client: FlaskClient) -> None:
        for sort in ("relevance", "newest", "oldest"):
            hits = _search(client, q="treaty", collapse="story", sort=sort)["hits"]
            assert [hit["id"] for hit in hits if hit["story"] == "treaty"] == ["envoy-1"]
            assert [hit["copies"] for hit in hits if hit["story"] == "treaty"] == [1]
            days = [hit["published"][:10] for hit in hits if hit["published"]]
            assert sort == "relevance" or days == sorted(days, reverse=sort == "newest")


class TestLimits:
    def test_each_limit_is_a_400_that_names_its_parameter(self, news_url: str) -> None:
        settings = Settings(
            index=news_url, max_query_chars=50, max_query_terms=5, max_expansions=3, max_facet_size=20, max_results=100
        )
        client = create_app(settings).test_client()
        for parameters, name in (
            ({"q": "x" * 51}, "q"),
            ({"q": "a b c d e f"}, "q"),
            ({"q": "t*"}, "q"),
            ({"q": "*e*"}, "q"),
            ({"facet_size": 21}, "facet_size"),
            ({"page": 11}, "page"),
        ):
            response = client.get("/v1/search?" + urlencode(parameters))
            assert response.status_code == 400, parameters
            assert set(response.json["errors"]) == {name}
            assert response.json["errors"][name][0]
        assert client.get("/v1/search?q=treat*&facet_size=20&page=10").status_code == 200
