"""The commands that read, and `rollback`: effects, output, exit codes."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest
from support.command_line import (
    MIXED,
    SAMPLES,
    answer,
    complete,
    prose,
    results_of,
    run,
    start,
    story,
    write_lines,
)

from search.engine import open_engine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"tantivy://{tmp_path}/index"


@pytest.fixture(scope="module")
def samples_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of an index of the samples. Tests must not write to it."""
    url = f"tantivy://{tmp_path_factory.mktemp('samples')}/index"
    assert run("reindex", SAMPLES, url=url).exit_code == 0
    return url


class TestExtract:
    def test_prints_the_articles_in_the_order_of_the_input(self, tmp_path: Path) -> None:
        result = run("extract", write_lines(tmp_path / "mixed.jsonl", MIXED))
        rows = [json.loads(line) for line in result.stdout.splitlines()]
        ids = [row["id"] for row in rows]
        assert ids[:5] == ["a0001", "a0002", "a0003", "short", "a0002"]
        assert ids[6] == "blank"
        assert [row.get("rejected") for row in rows] == [None, None, None, "too short", None, "invalid JSON", "empty"]
        assert rows[0]["title"] == story(1)["title"]
        assert rows[0]["published"] == story(1)["published"]
        assert set(rows[3]) == {"id", "rejected"}

    def test_reads_standard_input_and_always_prints_utf_8(self, tmp_path: Path) -> None:
        source = write_lines(tmp_path / "news.jsonl", [story(1, title="Erdoğan 🚢"), story(2)])
        options = {"environment": {"PYTHONIOENCODING": "ascii"}, "encoding": "utf-8"}
        with source.open() as lines, start("extract", "-", url="tantivy:///unused", stdin=lines, **options) as process:
            out, err = process.communicate(timeout=60)
        assert [json.loads(line)["title"] for line in out.splitlines()] == ["Erdoğan 🚢", story(2)["title"]]
        assert (process.returncode, err) == (0, "")

    def test_offsets_are_code_points_into_title_and_body(self, tmp_path: Path) -> None:
        text = "Владимир 🚢🚢 met the ministers of Norway and Japan. " + prose(9)
        source = write_lines(tmp_path / "one.jsonl", [{"id": "x", "title": "🚢 Ships in Norway", "text": text}])
        (row,) = [json.loads(line) for line in run("extract", source, SAMPLES / "wire.jsonl").stdout.splitlines()][:1]
        whole = row["title"] + "\n\n" + row["body"]
        mentions = [m for kind in ("countries", "persons") for entry in row[kind] for m in entry["mentions"]]
        assert {"Norway", "Japan"} <= {m["text"] for m in mentions}
        assert [whole[m["start"] : m["end"]] for m in mentions] == [m["text"] for m in mentions]

    def test_needs_no_index(self, tmp_path: Path, url: str) -> None:
        assert run("extract", write_lines(tmp_path / "one.jsonl", [story(1)]), url=url).exit_code == 0
        assert not (tmp_path / "index").exists()


SEARCHES: list[tuple[list[str], list[tuple[str, object]]]] = [
    (["lisbon"], [("q", "lisbon")]),
    ([""], [("q", "")]),
    (['"delta commissioner" OR rice'], [("q", '"delta commissioner" OR rice')]),
    (['(unbalanced "quote'], [("q", '(unbalanced "quote')]),
    (
        ["port", "--country", "PT", "--country", "Spain"],
        [("q", "port"), ("country", "PT"), ("country", "Spain")],
    ),
    (["", "--person", "Elena Marchetti"], [("person", "Elena Marchetti")]),
    (["", "--source", "Meridian Wire", "--sort", "newest"], [("source", "Meridian Wire"), ("sort", "newest")]),
    (
        ["", "--from", "2024", "--to", "2024-06", "--sort", "oldest"],
        [("from", "2024"), ("to", "2024-06"), ("sort", "oldest")],
    ),
    (["", "--page", "3", "--per-page", "20"], [("page", 3), ("per_page", 20)]),
    (["", "--page", "90"], [("page", 90)]),
    (["rice", "--collapse"], [("q", "rice"), ("collapse", "story")]),
    (["lisbn"], [("q", "lisbn")]),
    (["lisbn", "--as-typed"], [("q", "lisbn"), ("correct", "false")]),
    (["rice lisbon", "--explain"], [("q", "rice lisbon"), ("explain", "true")]),
    (["", "--story", "bb-77120"], [("story", "bb-77120")]),
]


class TestSearch:
    @pytest.mark.parametrize(
        ("options", "parameters"), SEARCHES, ids=[" ".join(options) or "all" for options, _ in SEARCHES]
    )
    def test_json_equals_the_answer_of_the_api(
        self, samples_url: str, options: list[str], parameters: list[tuple[str, object]]
    ) -> None:
        from api import create_app
        from search.settings import Settings

        printed = answer("search", *options, url=samples_url)
        client = create_app(Settings(index=samples_url)).test_client()
        served = client.get(f"/v1/search?{urlencode(parameters)}").get_json()
        assert printed.pop("took_ms") >= 0
        assert served.pop("took_ms") >= 0
        assert printed == served

    def test_values_of_one_filter_are_joined_by_or_and_filters_by_and(self, samples_url: str) -> None:
        def ids(*options: str) -> set[str]:
            return {hit["id"] for hit in answer("search", "", "--per-page", "100", *options, url=samples_url)["hits"]}

        chile, peru = ids("--country", "CL"), ids("--country", "Peru")
        assert chile
        assert peru - chile
        assert ids("--country", "CL", "--country", "PE") == chile | peru
        since = ids("--from", "2025")
        assert ids("--country", "CL", "--from", "2025") == chile & since
        assert chile - since

    def test_dates_are_inclusive_and_months_whole(self, tmp_path: Path, url: str) -> None:
        days = ["2024-01-31", "2024-02-01", "2024-02-29", "2024-03-01"]
        rows = [story(number, published=day) for number, day in enumerate(days)]
        run("reindex", write_lines(tmp_path / "news.jsonl", rows), url=url)
        hits = answer("search", "", "--from", "2024-02", "--to", "2024-02", "--sort", "oldest", url=url)["hits"]
        assert [hit["published"] for hit in hits] == days[1:3]
        hits = answer("search", "", "--from", "2024-02-29", "--sort", "newest", url=url)["hits"]
        assert [hit["published"] for hit in hits] == days[:1:-1]

    def test_the_text_shows_hits_and_facets(self, samples_url: str) -> None:
        result = run("search", "lisbon", "--sort", "newest", "--per-page", "1", url=samples_url)
        found = answer("search", "lisbon", "--sort", "newest", "--per-page", "1", url=samples_url)
        assert f"{found['total']} articles" in result.stdout
        assert found["hits"][0]["title"] in result.stdout
        assert found["hits"][0]["url"] in result.stdout
        assert "Countries: " in result.stdout
        assert "<mark>" not in result.stdout

    def test_the_text_counts_one_in_the_singular_and_dates_by_the_day(self, tmp_path: Path, url: str) -> None:
        rows = [story(1, published="2024-02-29T08:30:00+01:00"), {**story(1), "id": "copy"}]
        run("reindex", write_lines(tmp_path / "news.jsonl", rows), url=url)
        lines = run("search", "", url=url).stdout.splitlines()
        assert lines[0] == "2 articles, 1 story"
        assert any(line.startswith("   2024-02-29 · ") and line.endswith(", 1 more copy") for line in lines)
        run("reindex", write_lines(tmp_path / "news.jsonl", rows[:1]), url=url)
        assert run("search", "", url=url).stdout.startswith("1 article, 1 story\n")

    def test_text_that_looks_like_markup_is_printed_unchanged(self, tmp_path: Path, url: str) -> None:
        title = "The [bold]brackets[/bold] of [link=x]Norway[/]"
        run("reindex", write_lines(tmp_path / "news.jsonl", [story(1, title=title)]), url=url)
        assert title in run("search", "brackets", url=url).stdout

    def test_warnings_go_to_standard_error(self, samples_url: str) -> None:
        result = run("search", '"unbalanced', url=samples_url)
        warnings = answer("search", '"unbalanced', url=samples_url)["warnings"]
        assert warnings
        assert all(warning in result.stderr for warning in warnings)

    def test_a_query_may_have_bytes_that_are_not_text(self, samples_url: str) -> None:
        process = complete("search", os.fsdecode(b"\xff"), "--json", url=samples_url)
        assert process.returncode == 0, process.stderr
        assert json.loads(process.stdout)["query"] == "\udcff"


class TestInfoAndCheck:
    def test_info_describes_the_serving_generation(self, samples_url: str) -> None:
        info = answer("info", url=samples_url)
        assert (info["engine"], info["articles"], info["url"]) == ("tantivy", 62, samples_url)
        text = run("info", url=samples_url).stdout
        for value in (info["url"], "62", info["created"], info["generation"], info["analyzer"]):
            assert value in text

    def test_check_finds_no_problem_in_an_intact_index(self, samples_url: str) -> None:
        assert answer("check", url=samples_url) == {"problems": []}
        assert run("check", url=samples_url).stdout == "No problems found.\n"

    @pytest.mark.parametrize("how", ["cut", "missing", "changed", "description"])
    def test_damage_is_found_and_sets_the_exit_code(self, tmp_path: Path, url: str, how: str) -> None:
        run("reindex", write_lines(tmp_path / "news.jsonl", [story(n) for n in range(40)]), url=url)
        (store,) = (tmp_path / "index" / "000001").glob("*.store")
        data = store.read_bytes()
        if how == "cut":
            store.write_bytes(data[: len(data) // 2])
        elif how == "missing":
            store.unlink()
        elif how == "changed":
            middle = len(data) // 2
            store.write_bytes(
                data[:middle] + bytes(byte ^ 0x55 for byte in data[middle : middle + 64]) + data[middle + 64 :]
            )
        else:
            (store.parent / "dateline.json").write_text("{")
        result = run("check", url=url)
        assert result.exit_code == 3
        assert "is well" not in result.stdout
        assert run("check", "--json", url=url).exit_code == 3

    def test_a_damaged_index_can_be_rolled_back_or_rebuilt(self, tmp_path: Path, url: str) -> None:
        source = write_lines(tmp_path / "news.jsonl", [story(1)])
        run("reindex", source, url=url)
        run("reindex", source, url=url)
        (tmp_path / "index" / "000002" / "meta.json").write_text("{")
        result = run("search", "", url=url)
        assert result.exit_code == 1
        assert "dateline rollback" in result.stderr
        assert run("rollback", url=url).exit_code == 0
        assert results_of(url).total == 1
        (tmp_path / "index" / "CURRENT").write_text("")
        assert run("info", url=url).exit_code == 1
        assert run("reindex", source, url=url).exit_code == 0
        assert results_of(url).total == 1


class TestRollback:
    def test_serves_the_previous_generation(self, tmp_path: Path, url: str) -> None:
        run("reindex", write_lines(tmp_path / "news.jsonl", [story(1)]), url=url)
        run("reindex", write_lines(tmp_path / "news.jsonl", [story(1), story(2)]), url=url)
        assert results_of(url).total == 2
        info = answer("rollback", url=url)
        assert (info["generation"], info["generations"], info["articles"]) == ("000001", ["000001"], 1)
        assert results_of(url).total == 1

    def test_fails_without_a_previous_generation(self, tmp_path: Path, url: str) -> None:
        run("reindex", write_lines(tmp_path / "news.jsonl", [story(1)]), "--keep", 1, url=url)
        result = run("rollback", url=url)
        assert result.exit_code == 1
        assert "--keep" in result.stderr
        assert results_of(url).total == 1

    def test_a_reader_that_was_idle_meanwhile_sees_the_newest_generation(self, tmp_path: Path, url: str) -> None:
        for title in ("First", "Second"):
            run("reindex", write_lines(tmp_path / "news.jsonl", [story(1, title=title)]), url=url)
        sleeper = open_engine(url)
        assert sleeper.get("a0001").title == "Second"
        run("rollback", url=url)
        run("reindex", write_lines(tmp_path / "news.jsonl", [story(1, title="Third")]), url=url)
        assert sleeper.get("a0001").title == "Third"
