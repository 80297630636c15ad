"""Readers stay with their generation. The client answers from a list, without a server."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from support.factories import article, query
from support.naive_lexicon import lexicon
from whoosh import query as tree

from search.engines.opensearch import documents
from search.engines.opensearch.failures import MissingIndex
from search.engines.opensearch.mapping import key
from search.engines.opensearch.reader import Reader
from search.engines.opensearch.snapshot import Swapped
from search.engines.searching import get
from search.engines.writing import articles
from search.errors import IndexDamagedError, NotFoundError, UnavailableError
from search.query import planning
from search.storage.records import store

if TYPE_CHECKING:
    from collections.abc import Sequence

META = {"articles": 2, "build": "b1", "shards": 1}


def serving(index: str = "news-000001-files", build: str = "b1") -> dict[str, Any]:
    return {"hits": {"hits": [{"_index": index, "_source": {"build": build}}]}}


def listed(*numbers: int) -> dict[str, Any]:
    found = [article(number) for number in numbers]
    hits = [
        {
            "_id": key(one.id),
            "sort": [one.id],
            "_source": {
                "id": one.id,
                "record": store(one).decode(),
                "digest": "",
                "signature": base64.b64encode(one.signature).decode(),
                "story": one.story,
            },
        }
        for one in found
    ]
    return {"hits": {"hits": hits, "total": {"value": len(hits)}}}


class Answering:
    """A client that answers from a list and records the requests."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[list[str]] = []
        self.bodies: list[Any] = []
        self.preferences: set[str | None] = set()
        self.points = 0

    def msearch(self, searches: Sequence[tuple[str, Any]], preference: str | None = None) -> list[Any]:
        self.asked.append([index for index, _ in searches])
        self.bodies += [body for _, body in searches]
        self.preferences.add(preference)
        found = [self.answers.pop(0) for _ in searches]
        for answer in found:
            if isinstance(answer, Exception):
                raise answer
        return found

    def open_point_in_time(self, _: str) -> str:
        if not self.answers:
            raise MissingIndex("It is gone.")
        self.points += 1
        return "point"

    def close_point_in_time(self, _: str) -> None:
        self.points -= 1

    def search_point_in_time(self, body: Any) -> Any:
        self.asked.append([str(body.get("search_after"))])
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def reader(client: Answering) -> Reader:
    return Reader(client, "news-000001", META, SimpleNamespace(lexicon=lexicon(), table=SimpleNamespace(fields=())))  # type: ignore[arg-type]


def test_only_the_first_request_asks_for_the_serving_generation() -> None:
    client = Answering(serving(), listed(1), listed(2))
    found = reader(client)
    assert get(found, "1").id == "1"
    assert get(found, "2").id == "2"
    found.ensure_current()
    assert client.asked == [["news-files", "news-000001"], ["news-000001"]]


@pytest.mark.parametrize(
    "answer", [serving("news-000002-files"), serving(build="b2"), {"hits": {"hits": []}}], ids=["name", "build", "none"]
)
def test_another_generation_is_noticed(answer: dict[str, Any]) -> None:
    with pytest.raises(Swapped):
        get(reader(Answering(answer, listed(1))), "1")
    with pytest.raises(Swapped):
        reader(Answering(answer)).ensure_current()


def test_each_call_checks_the_serving_generation() -> None:
    client = Answering(serving(), serving(build="b2"))
    found = reader(client)
    found.ensure_current()
    with pytest.raises(Swapped):
        found.for_call().ensure_current()


def test_all_pages_of_a_query_use_the_same_shard_copies() -> None:
    client = Answering(serving(), listed(), serving(), listed())
    for page in (1, 2):
        one = reader(client)
        asked = query("harbour", page=page)
        one.count(asked.parsed.tree)
    (preference,) = client.preferences
    assert preference
    assert not preference.startswith("_")


def test_planning_and_running_use_the_same_shard_copies() -> None:
    client = Answering(serving(), listed(1), listed(1))
    asked = query("harbour", facets=())
    one = reader(client)
    one.count(asked.parsed.tree)
    with pytest.raises(KeyError):  # the response has no aggregations
        one.run(planning.Plan(asked.parsed.tree, asked.parsed.tree, (), asked.parsed.tree), asked)
    assert len(client.asked) == 2
    assert len(client.preferences) == 1


def test_a_reader_sends_no_request_twice() -> None:
    scores = {"hits": {"hits": [{"_score": 3.0}, {"_score": 2.0}]}}
    client = Answering(serving(), listed(1), scores)
    node = query("harbour").parsed.tree
    found = reader(client)
    assert [found.count(node), found.count(node)] == [1, 1]
    assert [found.nth_score(node, place) for place in (2, 1)] == [2.0, 3.0]


def test_a_missing_article_is_named() -> None:
    with pytest.raises(NotFoundError, match="'9'"):
        get(reader(Answering(serving(), listed())), "9")


def test_ids_are_looked_up_by_key() -> None:
    client = Answering(serving(), listed(2))
    assert reader(client).frequency("id", "2") == 1
    assert client.bodies[1]["query"] == {"bool": {"filter": [{"ids": {"values": [key("2")], "boost": 1.0}}]}}
    assert client.bodies[1]["track_total_hits"] is True


def test_many_articles_are_selected_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "ARTICLE_PAGE", 2)
    for limit, parts in ((5, ([1, 2], [3, 4], [5])), (4, ([1, 2], [3, 4])), (9, ([1, 2], [3])), (1, ([1],))):
        client = Answering(serving(), *(listed(*part) for part in parts))
        found = reader(client).select(tree.Every(), limit)
        assert [one.id for one in found] == [str(number) for part in parts for number in part]
        assert [body.get("search_after") for body in client.bodies[1:]] == [
            None, *([str(part[-1])] for part in parts[:-1])
        ]  # fmt: skip
        assert sum(body["size"] for body in client.bodies[1:]) <= limit


def test_a_field_without_a_tally_is_counted() -> None:
    """The tally of schema 5 has no persons."""
    table = SimpleNamespace(fields={"text"}, count=lambda *_: 7)
    found = Reader(Answering(serving(), listed(1)), "news-000001", META, SimpleNamespace(table=table))  # type: ignore[arg-type]
    assert [found.frequency("text", "harbour"), found.frequency("person", "Ann Lee")] == [7, 1]


def test_a_point_in_time_is_closed_however_reading_ends() -> None:
    client = Answering(listed(1, 2))
    assert list(reader(client).ids("0")) == ["1", "2"]
    assert (client.points, client.asked) == (0, [["['0']"]])
    client = Answering(listed(1, 2))
    reading = reader(client).ids()
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert client.points == 0


def test_removing_a_generation_while_it_is_read_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents.time, "sleep", lambda _: None)
    for client in (Answering(MissingIndex("It is gone.")), Answering()):
        with pytest.raises(UnavailableError, match="again"):
            list(reader(client).ids())
        assert client.points == 0


def test_reading_resumes_after_the_last_article_when_a_node_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents.time, "sleep", lambda _: None)
    monkeypatch.setattr(documents, "PAGE", 2)
    client = Answering(listed(1, 2), UnavailableError("It is away."), listed(3))
    assert list(reader(client).ids()) == ["1", "2", "3"]
    assert (client.points, client.asked) == (0, [["None"], ["['2']"], ["['2']"]])


def test_a_check_notices_another_generation() -> None:
    with pytest.raises(Swapped):
        list(reader(Answering(serving(build="b2"))).problems())
    with pytest.raises(MissingIndex):
        list(reader(Answering(MissingIndex("It is gone."))).problems())


@pytest.mark.parametrize("changed", [{"record": "{"}, {"record": "[]"}, {"signature": "a"}])
def test_a_damaged_record_is_named(changed: dict[str, str]) -> None:
    damaged = listed(1)
    damaged["hits"]["hits"][0]["_source"] |= changed
    with pytest.raises(IndexDamagedError, match="article 1 cannot be read"):
        get(reader(Answering(serving(), damaged)), "1")
    with pytest.raises(IndexDamagedError, match="article 1 cannot be read"):
        list(articles(reader(Answering(damaged, serving(), damaged))))
