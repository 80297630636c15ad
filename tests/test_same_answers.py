"""Runs the same searches over HTTP on all engines, on the Reuters stories of the gold data, and compares the answers."""

from __future__ import annotations

import json
import os
import random
import threading
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlencode

import pytest
from conftest import new_index
from support.command_line import answer, run
from werkzeug.serving import make_server

from api import create_app
from search import analysis
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

EVAL = Path(os.environ.get("DATELINE_EVAL") or "/none")
STORIES = next((path for path in (EVAL / "reuters.jsonl.gz", EVAL / "data/reuters.jsonl.gz") if path.exists()), None)
QUERIES = 200
SEED = 1987
KINDS = ("tantivy", "whoosh", "opensearch")

pytestmark = [
    pytest.mark.opensearch,
    pytest.mark.slow,
    pytest.mark.skipif(STORIES is None, reason="DATELINE_EVAL names no folder with reuters.jsonl.gz"),
]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Yield the addresses of three servers. The stories are cleaned once and copied to the other engines."""
    with ExitStack() as stack:
        urls = [stack.enter_context(new_index(kind, tmp_path_factory.mktemp(kind))) for kind in KINDS]
        assert run("reindex", STORIES, url=urls[0], DATELINE_WORKERS="2").exit_code == 0
        for url in urls[1:]:
            answer("copy", urls[0], url)
        yield [stack.enter_context(_Served(url)).address for url in urls]


class _Served:
    """The application on an index, behind a real socket."""

    def __init__(self, url: str) -> None:
        self._server = make_server("127.0.0.1", 0, create_app(Settings(index=url)), threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture(scope="module")
def queries(servers: list[str]) -> list[dict[str, Any]]:
    """Return searches with words of random stories, in all forms of the query language."""
    assert STORIES is not None
    chance = random.Random(SEED)
    articles = chance.sample(_some(servers[0]), 60)
    requests: list[dict[str, Any]] = []
    while len(requests) < QUERIES:
        one = chance.choice(articles)
        words = [word for word in analysis.surfaces(one["title"]) if len(word) > 2] or ["oil"]
        body = analysis.surfaces(one["body"])
        start = chance.randrange(max(len(body) - 4, 1))
        first, second = chance.choice(words), chance.choice(words)
        texts = [
            first, f"{first} {second}", f"{first} OR {second}", f"{first} -{second}", f"title:{first} {chance.choice(body)}",
            f'"{" ".join(body[start : start + 2])}"', f'"{body[start]} {body[start + 1 if len(body) > start + 1 else start]}"~2',
            f"{first[:3]}*", f"{first}~", first[:-2] + first[-1] + first[-2], " ".join(words),
            f"what do they say of {' '.join(words)} in {chance.choice(body)}", "", f"country:{chance.choice(['US', 'Japan', 'Brazil'])} {first}",
        ]  # fmt: skip
        request: dict[str, Any] = {"q": texts[len(requests) % len(texts)]}
        if chance.random() < 0.3 and one["countries"]:
            request["country"] = one["countries"][0]["code"]
        if chance.random() < 0.2 and one["persons"]:
            request["person"] = one["persons"][0]
        if chance.random() < 0.3:
            request |= {"from": "1987-03-01", "to": "1987-04-15"}
        if chance.random() < 0.3:
            request["collapse"] = "story"
        request["sort"] = chance.choice(["relevance", "newest", "oldest"])
        requests.append(request)
    return requests


def _some(address: str) -> list[dict[str, Any]]:
    hits = [hit for page in range(1, 5) for hit in ask(address, {"q": "", "per_page": 100, "page": page})["hits"]]
    return [ask(address, {}, f"/v1/articles/{hit['id']}") | {"persons": hit["persons"]} for hit in hits]


def ask(address: str, parameters: dict[str, Any], path: str = "/v1/search") -> dict[str, Any]:
    with urllib.request.urlopen(f"{address}{path}?{urlencode(parameters)}", timeout=60) as response:
        decoded: dict[str, Any] = json.load(response)
    return decoded


def comparable(response: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without the parts that differ between engines: the time and the scores."""
    hits = [{name: value for name, value in hit.items() if name != "score"} for hit in response["hits"]]
    return {name: value for name, value in response.items() if name != "took_ms"} | {"hits": hits}


NEAR = 0.002
"""Relative difference of scores that count as a tie. OpenSearch scores deleted articles until it merges segments."""


def is_order_of(hits: list[dict[str, Any]], others: list[dict[str, Any]]) -> bool:
    """Return whether two engines rank the same articles in the same order. Near ties may be swapped."""
    return len(hits) == len(others) and all(
        one["id"] == other["id"] or abs(one["score"] - other["score"]) <= NEAR * one["score"]
        for one, other in zip(hits, others, strict=True)
    )


def without_order(response: dict[str, Any], ids: set[str]) -> dict[str, Any]:
    """Return an answer with its hits by id, restricted to the hits with these ids."""
    return comparable(response) | {"hits": {hit["id"]: hit for hit in comparable(response)["hits"] if hit["id"] in ids}}


def test_200_searches_have_the_same_ids_counts_and_highlights(
    servers: list[str], queries: list[dict[str, Any]]
) -> None:
    found_some = same = 0
    for request in queries:
        answers = [ask(address, request) for address in servers]
        shared = set.intersection(*({hit["id"] for hit in answer["hits"]} for answer in answers))
        for kind, other in zip(KINDS[1:], answers[1:], strict=True):
            assert without_order(other, shared) == without_order(answers[0], shared), (kind, request)
            if request["sort"] == "relevance":
                assert is_order_of(answers[0]["hits"], other["hits"]), (kind, request)
                same += comparable(other) == comparable(answers[0])
            else:
                assert comparable(other) == comparable(answers[0]), (kind, request)
                same += 1
        found_some += bool(answers[0]["hits"])
    assert found_some > QUERIES / 2
    assert same >= 0.98 * 2 * QUERIES


def test_suggestions_facets_and_similar_articles_are_the_same(
    servers: list[str], queries: list[dict[str, Any]]
) -> None:
    for request in queries[::4]:
        for path, parameters in (
            ("/v1/suggest", {"q": request["q"][:40]}),
            ("/v1/facets/person", {"q": request["q"], "prefix": request["q"][:1]}),
            ("/v1/facets/country", {"q": request["q"], "prefix": request["q"][:1]}),
        ):
            answers = [ask(address, parameters, path) for address in servers]
            assert answers == [answers[0]] * len(KINDS), (path, parameters)
