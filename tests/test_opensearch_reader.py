"""Readers stay with their generation. The client answers from a list, without a server."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from support.factories import article, query
from support.naive_lexicon import lexicon

from search.engines.opensearch import documents
from search.engines.opensearch.failures import MissingIndex
from search.engines.opensearch.mapping import key
from search.engines.opensearch.reader import Reader
from search.engines.opensearch.snapshot import Swapped
from search.errors import IndexDamagedError, NotFoundError, UnavailableError
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
        self.preferences: set[str | None] = set()
        self.points = 0

    def msearch(self, searches: Sequence[tuple[str, Any]], preference: str | None = None) -> list[Any]:
        self.asked.append([index for index, _ in searches])
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
    return Reader(client, "news-000001", META, SimpleNamespace(lexicon=lexicon()))  # type: ignore[arg-type]


def test_only_the_first_request_asks_for_the_serving_generation() -> None:
    client = Answering(serving(), listed(1), listed(2))
    found = reader(client)
    assert found.get("1").id == "1"
    assert found.get("2").id == "2"
    found.ensure_current()
    assert client.asked == [["news-files", "news-000001"], ["news-000001"]]


@pytest.mark.parametrize(
    "answer", [serving("news-000002-files"), serving(build="b2"), {"hits": {"hits": []}}], ids=["name", "build", "none"]
)
def test_another_generation_is_noticed(answer: dict[str, Any]) -> None:
    with pytest.raises(Swapped):
        reader(Answering(answer, listed(1))).get("1")
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
        one.view(asked).count(asked.parsed.tree)
    (preference,) = client.preferences
    assert preference
    assert not preference.startswith("_")


def test_a_view_sends_no_request_twice() -> None:
    client = Answering(serving(), listed(1))
    asked = query("harbour")
    view = reader(client).view(asked)
    assert [view.count(asked.parsed.tree), view.count(asked.parsed.tree)] == [1, 1]


def test_a_missing_article_is_named() -> None:
    with pytest.raises(NotFoundError, match="'9'"):
        reader(Answering(serving(), listed())).get("9")
    assert reader(Answering(serving(), listed())).story_of("9") is None


def test_ids_are_looked_up_by_key() -> None:
    assert reader(Answering(serving(), listed(2, 3))).holds({"1", "2", "3"}) == {"2", "3"}


def test_a_point_in_time_is_closed_however_reading_ends() -> None:
    client = Answering(listed(1, 2))
    assert [one.id for one in reader(client).articles("0")] == ["1", "2"]
    assert (client.points, client.asked) == (0, [["['0']"]])
    client = Answering(listed(1, 2))
    reading = reader(client).articles("")
    next(reading)
    reading.close()  # type: ignore[attr-defined]
    assert client.points == 0


def test_removing_a_generation_while_it_is_read_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents.time, "sleep", lambda _: None)
    for client in (Answering(MissingIndex("It is gone.")), Answering()):
        with pytest.raises(UnavailableError, match="again"):
            list(reader(client).articles(""))
        assert client.points == 0


def test_reading_resumes_after_the_last_article_when_a_node_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents.time, "sleep", lambda _: None)
    monkeypatch.setattr(documents, "ARTICLE_PAGE", 2)
    client = Answering(listed(1, 2), UnavailableError("It is away."), listed(3))
    assert [one.id for one in reader(client).articles("")] == ["1", "2", "3"]
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
    found = reader(Answering(serving(), damaged, damaged))
    with pytest.raises(IndexDamagedError, match="article 1 cannot be read"):
        found.get("1")
    with pytest.raises(IndexDamagedError, match="article 1 cannot be read"):
        list(found.articles(""))
