"""One table of parameters: the API, the page and the command line read, check and describe them alike."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import click
import pytest
from lxml import html
from support.command_line import run

from api import create_app
from index.cli.main import main
from search import request
from search.errors import InvalidRequestError
from search.model import Interval, Sort
from search.request import PARAMETERS, Kind, Parameter
from search.settings import Settings

if TYPE_CHECKING:
    from flask.testing import FlaskClient

SETTINGS = Settings(max_query_chars=10, max_results=100, max_facet_size=20)
NUMBER = Parameter("days", Kind.NUMBER, "", minimum=0.5, maximum=9)


def load(name: str, *texts: str) -> Any:
    return PARAMETERS[name].load(texts, SETTINGS)


def refused(parameter: Parameter, *texts: str) -> list[str]:
    with pytest.raises(InvalidRequestError) as raised:
        parameter.load(texts, SETTINGS)
    assert list(raised.value.errors) == [parameter.name]
    return list(map(str, raised.value.errors[parameter.name]))


class TestValues:
    @pytest.mark.parametrize(
        ("name", "texts", "value"),
        [
            ("q", ["port"], "port"),
            ("country", ["north korea", "RU", "KP"], ("KP", "RU")),
            ("person", ["B", "A", "B"], ("B", "A")),
            ("from", ["2024-02"], dt.date(2024, 2, 1)),
            ("to", ["2024-02"], dt.date(2024, 2, 29)),
            ("page", [" 7 "], 7),
            ("recency", ["0.5"], 0.5),
            ("correct", ["No"], False),
            ("explain", ["1"], True),
            ("sort", ["oldest"], "oldest"),
            ("facets", ["date, country", "person"], ("date", "country", "person")),
            ("facets", ["none"], ()),
            ("facets", ["none", "none"], ()),
        ],
    )
    def test_texts_are_read(self, name: str, texts: list[str], value: Any) -> None:
        assert load(name, *texts) == value

    @pytest.mark.parametrize(
        ("parameter", "text", "message"),
        [
            (PARAMETERS["q"], "x" * 11, "Longer than 10 characters."),
            (PARAMETERS["country"], "Atlantis", "There is no country 'Atlantis'. Use an ISO 3166 code such as RU,"),
            (PARAMETERS["from"], "soon", "'soon' is not a date. Write 2024, 2024-01 or 2024-01-21."),
            (PARAMETERS["page"], "1.0", "Not a valid integer."),
            (PARAMETERS["page"], "nan", "Not a valid integer."),
            (PARAMETERS["page"], "0", "Must be greater than or equal to 1."),
            (PARAMETERS["per_page"], "101", "Must be greater than or equal to 1 and less than or equal to 100."),
            (PARAMETERS["facet_size"], "21", "Must be greater than or equal to 1 and less than or equal to 20."),
            (PARAMETERS["recency"], "nan", "Not a valid number."),
            (PARAMETERS["recency"], "1e999", "Not a valid number."),
            (NUMBER, "0.25", "Must be greater than or equal to 0.5 and less than or equal to 9."),
            (PARAMETERS["correct"], "maybe", "Not a valid boolean."),
            (PARAMETERS["sort"], "best", "Must be one of: relevance, newest, oldest."),
            (PARAMETERS["facets"], ",", "Must be one of: country, person, date."),
            (PARAMETERS["facets"], "date,none", "Must be one of: country, person, date."),
        ],
    )
    def test_an_unreadable_value_gives_its_reason(self, parameter: Parameter, text: str, message: str) -> None:
        (error,) = refused(parameter, text)
        assert error.startswith(message)

    def test_all_wrong_values_of_a_parameter_are_reported(self) -> None:
        assert len(refused(PARAMETERS["country"], "Atlantis", "RU", "Utopia")) == 2

    def test_number_of_values(self) -> None:
        assert refused(PARAMETERS["q"], "a", "b") == ["Given more than once; it takes one value."]
        assert refused(PARAMETERS["source"], *map(str, range(101))) == ["More than 100 values."]
        assert len(load("source", *map(str, range(100)))) == 100


class TestRequest:
    def test_errors_of_all_parameters_are_reported_at_once(self) -> None:
        given = {"q": ["x" * 11], "sort": ["best"], "to": ["2024"], "person": ["A"]}
        with pytest.raises(InvalidRequestError, match="because of q, sort") as raised:
            request.read(request.SEARCH, given, SETTINGS)
        assert list(raised.value.errors) == ["q", "sort"]

    @pytest.mark.parametrize(
        ("given", "name", "message"),
        [
            ({"from": ["2024-02"], "to": ["2024-01"]}, "from", "2024-02-01 is after the last day, 2024-01-31. Swap"),
            ({"page": ["11"]}, "page", "Only the first 100 results can be shown: the last page with 10 hits is 10."),
            ({"page": ["2"], "per_page": ["60"]}, "page", "Only the first 100 results"),
        ],
    )
    def test_values_are_checked_against_each_other(self, given: dict[str, list[str]], name: str, message: str) -> None:
        with pytest.raises(InvalidRequestError) as raised:
            request.read(request.SEARCH, given, SETTINGS)
        ((found, (error,)),) = raised.value.errors.items()
        assert (found, str(error)[: len(message)]) == (name, message)

    def test_empty_texts_count_as_not_given(self) -> None:
        assert request.read(request.SEARCH, {"q": [""], "country": ["", "RU"], "page": []}, SETTINGS) == {
            "country": ("RU",)
        }

    def test_a_query_without_parameters_has_the_defaults_of_the_model(self) -> None:
        from search.query.parsing import query_of

        assert request.query({}, Settings()) == query_of("")

    def test_a_default_stays_below_the_limit(self) -> None:
        assert request.query({}, Settings(max_facet_size=5)).facet_size == 5

    def test_a_query_has_all_that_was_given(self) -> None:
        given = {
            "q": ["port"],
            "country": ["RU"],
            "person": ["A"],
            "source": ["S"],
            "from": ["2024"],
            "to": ["2024"],
            "story": ["x"],
            "correct": ["no"],
            "facet_size": ["5"],
            "sort": ["newest"],
            "page": ["2"],
            "per_page": ["20"],
            "facets": ["date"],
            "interval": ["year"],
            "collapse": ["story"],
            "recency": ["3"],
            "explain": ["yes"],
        }
        assert set(given) == {parameter.name for parameter in request.SEARCH}
        query = request.query(request.read(request.SEARCH, given, SETTINGS), SETTINGS)
        filters = query.filters
        assert (query.text, filters.countries, filters.persons, filters.sources) == ("port", ("RU",), ("A",), ("S",))
        assert (str(filters.date_from), str(filters.date_to), filters.story) == ("2024-01-01", "2024-12-31", "x")
        assert (query.correct, query.facet_size, query.sort, query.page) == (False, 5, Sort.NEWEST, 2)
        assert (query.per_page, query.facets, query.interval) == (20, ("date",), Interval.YEAR)
        assert (query.collapse, query.recency, query.explain) == (True, 3.0, True)


class TestEdges:
    def test_the_document_lists_the_table(self, client: FlaskClient) -> None:
        paths = client.get("/openapi.json").json["paths"]
        for path, table in (
            ("/v1/search", request.SEARCH),
            ("/v1/facets/{facet}", request.FACET_VALUES),
            ("/v1/suggest", request.SUGGEST),
        ):
            declared = [(one["name"], one["description"]) for one in paths[path]["get"]["parameters"]]
            assert declared == [(one.name, one.meaning) for one in table]

    def test_the_command_lists_the_table(self) -> None:
        options = {param.name: param for param in main.commands["search"].params if isinstance(param, click.Option)}
        for parameter in request.SEARCH[1:]:
            option = options.pop(parameter.name)
            assert option.opts == [parameter.option]
            assert option.help == f"{parameter.flag.meaning if parameter.flag else parameter.meaning}."
        assert {"index_url", "as_json"} <= set(options)
        assert not set(options) & set(PARAMETERS)

    def test_api_page_and_command_line_give_the_same_messages(self, client: FlaskClient, news_url: str) -> None:
        given = {"country": "Atlantis", "from": "soon", "facets": "colour"}
        messages = {
            "country": "There is no country 'Atlantis'. Use an ISO 3166 code such as RU, or an English name.",
            "from": "'soon' is not a date. Write 2024, 2024-01 or 2024-01-21.",
            "facets": "Must be one of: country, person, date.",
        }
        problem = client.get(f"/v1/search?{urlencode(given)}")
        assert (problem.status_code, problem.json["errors"]) == (400, {name: [text] for name, text in messages.items()})
        page = html.fromstring(client.get(f"/?{urlencode(given)}").text)
        faults = [" ".join(item.text_content().split()) for item in page.xpath("//ul[@class='faults']/li")]
        assert faults == [f"{name} {text}" for name, text in messages.items()]
        result = run("search", "x", *(f"--{name}={text}" for name, text in given.items()), url=news_url)
        assert result.exit_code == 1
        printed = " ".join(result.stderr.split())
        assert printed == " ".join(f"Error: --{name}: {text}" for name, text in messages.items())

    def test_the_document_allows_each_value_that_facets_takes(self, client: FlaskClient) -> None:
        parameters = client.get("/openapi.json").json["paths"]["/v1/search"]["get"]["parameters"]
        (facets,) = [one for one in parameters if one["name"] == "facets"]
        assert facets["schema"]["items"]["enum"] == ["country", "person", "date", "none"]

    @pytest.mark.parametrize(
        "given",
        [
            [("page", "0")],
            [("page", "x")],
            [("per_page", "101")],
            [("per_page", "5"), ("per_page", "6")],
            [("facet_size", "1001")],
            [("sort", "best")],
            [("sort", "newest"), ("sort", "newest")],
            [("interval", "hour")],
            [("recency", "nan")],
            [("from", "2024"), ("from", "2023")],
            [("story", "a"), ("story", "b")],
            [("facets", ",")],
        ],
    )
    def test_the_command_repeats_the_messages_of_the_api(
        self, client: FlaskClient, news_url: str, given: list[tuple[str, str]]
    ) -> None:
        problem = client.get(f"/v1/search?{urlencode(given)}")
        ((name, (text,)),) = problem.json["errors"].items()
        result = run("search", "x", *(f"{PARAMETERS[one].option}={value}" for one, value in given), url=news_url)
        assert (problem.status_code, name) == (400, given[0][0])
        assert result.exit_code == (1 if name in {"from", "story", "facets"} else 2)
        assert text in " ".join(result.stderr.split())
        assert PARAMETERS[name].option in result.stderr

    def test_a_limit_below_a_default_is_kept_everywhere(self, news_url: str) -> None:
        client = create_app(Settings(index=news_url, max_facet_size=2)).test_client()
        assert len(client.get("/v1/search").json["facets"]["country"]) == 2
        assert set(re.findall(r"facet_size=(\d+)", client.get("/").text)) <= {"2"}
        found = json.loads(run("search", "", "--json", url=news_url, DATELINE_MAX_FACET_SIZE="2").stdout)
        assert len(found["facets"]["country"]) == 2
