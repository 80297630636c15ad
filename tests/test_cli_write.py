"""The commands that write: `reindex`, `update`, `delete`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from support.command_line import (
    MIXED,
    answer,
    files,
    prose,
    results_of,
    run,
    story,
    titles,
    write_lines,
)

from search.engine import open_engine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"tantivy://{tmp_path}/index"


class TestReindex:
    def test_the_numbers_of_the_summary_add_up(self, tmp_path: Path, url: str) -> None:
        summary = answer("reindex", write_lines(tmp_path / "mixed.jsonl", MIXED), url=url)
        assert summary["read"] == 7
        assert (summary["indexed"], summary["duplicates"], summary["unchanged"]) == (3, 1, 0)
        assert summary["rejected"] == {"too short": 1, "invalid JSON": 1, "empty": 1}
        assert (summary["added"], summary["replaced"], summary["deleted"]) == (3, 0, 0)
        assert answer("info", url=url)["articles"] == 3

    def test_the_last_version_of_an_article_is_indexed(self, tmp_path: Path, url: str) -> None:
        run("reindex", write_lines(tmp_path / "mixed.jsonl", MIXED), url=url)
        assert titles(url)["a0002"] == "Second version"

    def test_text_and_json_have_the_same_numbers(self, tmp_path: Path, url: str) -> None:
        result = run("reindex", write_lines(tmp_path / "mixed.jsonl", MIXED), url=url)
        lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
        assert lines[:4] == ["Read 7", "Indexed 3", "Duplicates 1", "Rejected 3"]
        assert sorted(lines[4:7]) == ["1 empty", "1 invalid JSON", "1 too short"]
        assert re.fullmatch(r"Time [\d.]+ s, [\d,]+ articles/s", lines[7])
        assert lines[8] == f"Serving generation {answer('info', url=url)['generation']}"

    def test_dry_run_writes_nothing(self, tmp_path: Path, url: str) -> None:
        source = write_lines(tmp_path / "mixed.jsonl", MIXED)
        summary = answer("reindex", source, "--dry-run", url=url)
        assert (summary["read"], summary["indexed"], summary["generation"]) == (7, 3, "")
        assert not (tmp_path / "index").exists()
        run("reindex", source, url=url)
        before = files(tmp_path / "index")
        run("reindex", source, "--dry-run", url=url)
        assert files(tmp_path / "index") == before

    def test_rejected_articles_are_listed_with_reason_and_place(self, tmp_path: Path, url: str) -> None:
        source, listed = write_lines(tmp_path / "mixed.jsonl", MIXED), tmp_path / "rejected.jsonl"
        run("reindex", source, "--rejected", listed, url=url)
        rows = [json.loads(line) for line in listed.read_text(encoding="utf-8").splitlines()]
        assert [(row["reason"], row["origin"]) for row in rows] == [
            ("too short", f"{source}:4"),
            ("invalid JSON", f"{source}:6"),
            ("empty", f"{source}:7"),
        ]
        assert rows[0]["id"] == "short"
        assert rows[0]["detail"] == "2 words"

    def test_a_new_list_of_rejected_articles_replaces_the_old_one(self, tmp_path: Path, url: str) -> None:
        listed = tmp_path / "rejected.jsonl"
        listed.write_text("old\n")
        run("reindex", write_lines(tmp_path / "good.jsonl", [story(1)]), "--rejected", listed, url=url)
        assert listed.read_text() == ""

    def test_keeps_the_requested_number_of_generations(self, tmp_path: Path, url: str) -> None:
        source = write_lines(tmp_path / "one.jsonl", [story(1)])
        for _ in range(4):
            run("reindex", source, "--keep", 3, url=url)
        assert answer("info", url=url)["generations"] == ["000002", "000003", "000004"]


class TestUpdate:
    @pytest.fixture
    def source(self, tmp_path: Path, url: str) -> Path:
        path = write_lines(tmp_path / "news.jsonl", [story(number) for number in range(1, 6)])
        run("reindex", path, url=url)
        return path

    def test_unchanged_articles_stay(self, source: Path, url: str) -> None:
        summary = answer("update", source, url=url)
        assert (summary["read"], summary["unchanged"], summary["indexed"]) == (5, 5, 0)
        assert summary["generation"] == "000001"

    def test_adds_new_and_replaces_changed_articles(self, source: Path, url: str) -> None:
        rows = [story(number) for number in range(1, 5)]
        write_lines(source, [*rows, story(5, text=prose(55)), story(6)])
        summary = answer("update", source, url=url)
        assert (summary["unchanged"], summary["indexed"], summary["added"], summary["replaced"]) == (4, 2, 1, 1)
        assert results_of(url).total == 6
        assert open_engine(url).get("a0005").body == prose(55)

    def test_result_equals_that_of_a_reindex(self, source: Path, url: str, tmp_path: Path) -> None:
        write_lines(source, [*(story(number) for number in range(2, 6)), story(7), story(3, text=prose(33))])
        run("update", source, "--prune", url=url)
        run("reindex", source, url=(fresh := f"tantivy://{tmp_path}/fresh"))
        engines = [open_engine(one) for one in (url, fresh)]
        assert sorted(titles(url)) == sorted(titles(fresh))
        for article_id in titles(fresh):
            assert engines[0].get(article_id) == engines[1].get(article_id)

    def test_only_with_prune_missing_articles_are_removed(self, source: Path, url: str) -> None:
        write_lines(source, [story(number) for number in range(1, 4)])
        assert answer("update", source, url=url)["deleted"] == 0
        assert results_of(url).total == 5
        assert answer("update", source, "--prune", url=url)["deleted"] == 2
        assert sorted(titles(url)) == ["a0001", "a0002", "a0003"]

    def test_an_article_stays_if_its_new_version_is_rejected(self, source: Path, url: str) -> None:
        write_lines(source, [{"id": "a0001", "text": "gone"}, *(story(number) for number in range(2, 6))])
        summary = answer("update", source, "--prune", url=url)
        assert summary["rejected"] == {"too short": 1}
        assert open_engine(url).get("a0001").body == prose(1)

    def test_nothing_is_pruned_if_the_input_cannot_be_read(self, source: Path, url: str) -> None:
        write_lines(source, [story(1), '{"id": "a0002", "text": "cut of'])
        result = run("update", source, "--prune", url=url)
        assert result.exit_code == 3
        assert "Nothing was pruned: 1 of the inputs could not be read" in result.stderr
        assert results_of(url).total == 5

    @pytest.mark.usefixtures("source")
    def test_nothing_is_pruned_for_an_empty_input(self, url: str, tmp_path: Path) -> None:
        (tmp_path / "unmounted").mkdir()
        result = run("update", tmp_path / "unmounted", "--prune", url=url)
        assert result.exit_code == 1
        assert "holds no articles" in result.stderr
        assert results_of(url).total == 5

    def test_the_last_of_two_versions_counts_even_if_it_is_unchanged(self, source: Path, url: str) -> None:
        write_lines(source, [story(1, title="First version"), story(1, title="Second version")])
        run("reindex", source, url=url)
        summary = answer("update", source, url=url)
        assert (summary["read"], summary["unchanged"], summary["duplicates"], summary["indexed"]) == (2, 1, 1, 0)
        assert summary["generation"] == "000002"
        assert titles(url) == {"a0001": "Second version"}

    def test_a_rejected_version_does_not_count_as_the_last_one(self, source: Path, url: str) -> None:
        versions = [story(1, title="Second version"), story(1, title="First version"), {"id": "a0001", "text": "No."}]
        run("reindex", write_lines(source, versions[1:2]), url=url)
        summary = answer("update", write_lines(source, versions), url=url)
        assert (summary["read"], summary["unchanged"], summary["duplicates"], summary["indexed"]) == (3, 1, 1, 0)
        assert titles(url) == {"a0001": "First version"}

    def test_the_last_of_two_new_versions_is_written_and_the_other_counts_as_duplicate(
        self, source: Path, url: str
    ) -> None:
        rows = [story(9, title="First version"), story(1, title="Changed"), story(9, title="Second version")]
        summary = answer("update", write_lines(source, rows), url=url)
        assert (summary["read"], summary["indexed"], summary["duplicates"]) == (3, 2, 1)
        assert (summary["added"], summary["replaced"], summary["unchanged"]) == (1, 1, 0)
        assert titles(url)["a0009"] == "Second version"

    def test_builds_a_missing_index(self, source: Path, tmp_path: Path) -> None:
        url = f"tantivy://{tmp_path}/other"
        assert answer("update", source, url=url)["added"] == 5
        assert results_of(url).total == 5

    def test_a_new_copy_regroups_the_stories_of_the_index(self, source: Path, url: str) -> None:
        write_lines(source, [*(story(number) for number in range(1, 6)), story(3, id="a0000", title="A copy")])
        summary = answer("update", source, url=url)
        assert (summary["indexed"], summary["added"], summary["replaced"]) == (1, 1, 0)
        assert (summary["unchanged"], summary["regrouped"]) == (5, 1)
        stories = {hit.article.id: hit.article.story for hit in results_of(url).hits}
        assert stories["a0003"] == stories["a0000"] == "a0000"
        assert results_of(url, collapse=True).stories == 5
        assert answer("update", source, url=url)["regrouped"] == 0


class TestDelete:
    def test_deletes_by_id_and_prints_the_number(self, tmp_path: Path, url: str) -> None:
        run("reindex", write_lines(tmp_path / "news.jsonl", [story(1), story(2), story(3)]), url=url)
        result = run("delete", "a0001", "a0003", "none", url=url)
        assert result.exit_code == 0
        assert result.stdout == "Deleted 2 of 3; serving generation 000002.\n"
        assert sorted(titles(url)) == ["a0002"]
        assert answer("delete", "a0002", url=url) == {
            "added": 0,
            "replaced": 0,
            "deleted": 1,
            "generation": "000003",
        }
        assert results_of(url).total == 0

    def test_deleting_nothing_makes_no_generation(self, tmp_path: Path, url: str) -> None:
        run("reindex", write_lines(tmp_path / "news.jsonl", [story(1)]), url=url)
        assert answer("delete", "none", url=url)["generation"] == "000001"
