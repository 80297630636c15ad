"""Bad input, options and environments: a clear message with a remedy, no traceback, the right exit code, no loss."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from typing import IO, TYPE_CHECKING, cast

import pytest
from support.command_line import DATELINE, SAMPLES, answer, run, start, story, wait_for, workers, write_lines

from search.engine import open_engine

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

MAX_MEMORY = 700_000_000
LONG = 50_000_000


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"tantivy://{tmp_path}/index"


@pytest.fixture
def serving(tmp_path: Path, url: str) -> str:
    """Return the URL of an index of three articles. It must still serve them after the test."""
    source = write_lines(tmp_path / "serving.jsonl", [story(1), story(2), story(3)])
    assert run("reindex", source, url=url).exit_code == 0
    return url


def refused(result: Result, *messages: str, code: int = 1) -> None:
    """Check that a command failed with these messages, without a traceback, and printed no result."""
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    assert "Traceback" not in result.stderr

    for text in messages:
        assert text in result.stderr.replace("\n", " "), result.stderr


def rejects(tmp_path: Path, source: Path, url: str) -> tuple[dict[str, object], list[dict[str, str]]]:
    """Return the summary of a reindex and its list of rejected articles."""
    listed = tmp_path / "rejected.jsonl"
    summary = answer("reindex", source, "--rejected", listed, url=url)
    return summary, [json.loads(line) for line in listed.read_text(encoding="utf-8").splitlines()]


class TestInput:
    def test_missing_path(self, tmp_path: Path, serving: str) -> None:
        for command in ("reindex", "update"):
            refused(run(command, SAMPLES, tmp_path / "nowhere", url=serving), "nowhere does not exist", "Give a file")
        refused(run("extract", tmp_path / "nowhere"), "nowhere does not exist")
        assert open_engine(serving).info().generation == "000001"

    def test_dangling_link(self, tmp_path: Path, url: str) -> None:
        (tmp_path / "link.jsonl").symlink_to(tmp_path / "nowhere.jsonl")
        refused(run("reindex", tmp_path / "link.jsonl", url=url), "link.jsonl does not exist")

    def test_unknown_file_extension(self, tmp_path: Path, url: str) -> None:
        (tmp_path / "news.pdf").write_text("text")
        refused(run("reindex", tmp_path / "news.pdf", url=url), "news.pdf", ".jsonl")

    def test_file_that_cannot_be_read(self, tmp_path: Path, url: str) -> None:
        folder = tmp_path / "news"
        folder.mkdir()
        write_lines(folder / "b.jsonl", [story(1)])
        (folder / "a.txt").symlink_to("/proc/self/mem")  # this file exists, and reading it fails even for root
        summary, rows = rejects(tmp_path, folder, url)
        assert (summary["read"], summary["indexed"], summary["rejected"]) == (2, 1, {"unreadable file": 1})
        assert rows[0]["origin"] == str(folder / "a.txt")
        assert rows[0]["detail"]

    @pytest.mark.parametrize("kept", [0.5, 0.0])
    def test_broken_gzip(self, tmp_path: Path, url: str, kept: float) -> None:
        folder = tmp_path / "news"
        folder.mkdir()
        whole = gzip.compress("".join(json.dumps(story(n)) + "\n" for n in range(400)).encode())
        (folder / "a.jsonl.gz").write_bytes(whole[: int(len(whole) * kept)] or b"no gzip at all")
        write_lines(folder / "b.jsonl", [story(1000)])
        summary, rows = rejects(tmp_path, folder, url)
        assert summary["rejected"]["broken gzip"] == 1  # type: ignore[index]
        assert any(row["origin"] == str(folder / "a.jsonl.gz") and row["reason"] == "broken gzip" for row in rows)
        assert open_engine(url).get("a1000").title == story(1000)["title"]
        if kept:
            assert open_engine(url).get("a0001").title == story(1)["title"]

    def test_invalid_json_line(self, tmp_path: Path, url: str) -> None:
        source = write_lines(
            tmp_path / "news.jsonl", [story(1), "", '{"text": "no end', "[1, 2]", "nonsense", story(2)]
        )
        summary, rows = rejects(tmp_path, source, url)
        assert summary["indexed"] == 2
        assert [(row["origin"], row["reason"]) for row in rows] == [
            (f"{source}:3", "invalid JSON"),
            (f"{source}:4", "not an object"),
            (f"{source}:5", "invalid JSON"),
        ]
        assert all(row["detail"] for row in rows)

    @pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
    def test_other_encodings_are_read(self, tmp_path: Path, url: str, encoding: str) -> None:
        sentence = "Le Sénégal et la Mauritanie ont signé jeudi un accord qui ouvre la pêche à l’été. "
        (tmp_path / "page.txt").write_bytes(("Pêche à Dakar\n\n" + sentence * 5).encode(encoding))
        run("reindex", tmp_path / "page.txt", url=url)
        (hit,) = answer("search", "senegal", url=url)["hits"]
        assert hit["title"] == "Pêche à Dakar"

    def test_wrong_encoding_loses_no_article(self, tmp_path: Path, url: str) -> None:
        source = tmp_path / "news.jsonl"
        source.write_bytes(json.dumps(story(1, title="Pêche à Dakar"), ensure_ascii=False).encode("cp1252") + b"\n")
        with source.open("ab") as lines:
            lines.write(json.dumps(story(2)).encode())
        assert rejects(tmp_path, source, url)[0]["indexed"] == 2
        assert open_engine(url).get("a0001").title == "Pêche à Dakar"

    def test_binary_file(self, tmp_path: Path, url: str) -> None:
        folder = tmp_path / "news"
        folder.mkdir()
        (folder / "a.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
        write_lines(folder / "b.jsonl", [story(1)])
        assert rejects(tmp_path, folder, url)[0]["rejected"] == {"binary": 1}

    def test_all_articles_rejected(self, tmp_path: Path, serving: str) -> None:
        source = write_lines(tmp_path / "news.jsonl", [{"text": "too short"}, "nonsense", "nonsense"])
        result = run("reindex", source, url=serving)
        refused(result, "2 invalid JSON, 1 too short", "no index was written", "dateline extract")
        assert open_engine(serving).info().articles == 3

    def test_folder_without_news(self, tmp_path: Path, serving: str) -> None:
        (tmp_path / "empty").mkdir()
        refused(run("reindex", tmp_path / "empty", url=serving), "it is empty")
        assert open_engine(serving).info().articles == 3

    def test_rejected_file_that_cannot_be_written(self, tmp_path: Path, serving: str) -> None:
        result = run("reindex", SAMPLES, "--rejected", tmp_path / "nowhere" / "list", url=serving)
        refused(result, "--rejected", code=2)


def _long_line(file: IO[bytes], first: int) -> None:
    """Write a line of 50 MB between two articles, without holding it in memory."""
    file.write(json.dumps(story(first)).encode() + b'\n{"id": "long", "text": "')
    for _ in range(LONG // 1_000_000):
        file.write(b"many words " * 90_910)
    file.write(b'"}\n' + json.dumps(story(first + 1)).encode() + b"\n")


def test_a_line_of_50_mb_is_rejected_in_bounded_memory(tmp_path: Path, url: str) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    with (folder / "plain.jsonl").open("wb") as file:
        _long_line(file, 1)
    with gzip.open(folder / "zipped.jsonl.gz", "wb", compresslevel=1) as file:
        _long_line(cast("IO[bytes]", file), 3)
    process = start("reindex", folder, "--json", url=url)
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        printed, errors = process.stdout.read(), process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    shutil.rmtree(folder)
    assert (process.returncode, errors) == (0, "")
    assert json.loads(printed)["rejected"] == {"line too long": 2}
    assert json.loads(printed)["indexed"] == 4
    assert usage.ru_maxrss * 1024 < MAX_MEMORY


READERS = [["search", "x"], ["info"], ["check"], ["rollback"], ["delete", "x"]]


class TestIndex:
    @pytest.mark.parametrize("command", READERS, ids=" ".join)
    def test_no_index_yet(self, url: str, command: list[str]) -> None:
        refused(run(*command, url=url), "There is no index at", "dateline reindex PATH...")

    @pytest.mark.parametrize("command", [*READERS[:3], READERS[4], ["update", str(SAMPLES)]], ids=" ".join)
    @pytest.mark.parametrize("part", ["schema", "analyzer"])
    def test_index_of_another_version(self, tmp_path: Path, serving: str, command: list[str], part: str) -> None:
        meta = tmp_path / "index" / "000001" / "dateline.json"
        values = json.loads(meta.read_text())
        meta.write_text(json.dumps(values | {part: {"schema": 99, "analyzer": "other"}[part]}))
        refused(
            run(*command, url=serving), part, {"schema": "99", "analyzer": "other"}[part], "dateline reindex PATH..."
        )
        assert run("reindex", tmp_path / "serving.jsonl", url=serving).exit_code == 0
        assert open_engine(serving).info().articles == 3

    @pytest.mark.parametrize("command", [["reindex"], ["update"], ["delete", "a0001"], ["rollback"]], ids=" ".join)
    def test_locked_index(self, tmp_path: Path, serving: str, command: list[str]) -> None:
        source = write_lines(tmp_path / "news.jsonl", [story(4)])
        hold = (
            "import os, sys; from pathlib import Path; from search.engines.folder import Generations\n"
            "with Generations(Path(sys.argv[1])).building(): print(os.getpid(), flush=True); sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-c", hold, str(tmp_path / "index")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as holder:
            assert holder.stdout is not None
            pid = holder.stdout.readline().strip()
            paths = [source] if command[0] in ("reindex", "update") else []
            refused(run(*command, *paths, url=serving), f"Process {pid} is writing", "Wait until it has ended")
            assert answer("search", "report", url=serving)["total"] == 3
            holder.communicate()
        assert open_engine(serving).info().generation == "000001"
        run("reindex", source, url=serving)
        assert run(*command, *paths, url=serving).exit_code == 0

    @pytest.mark.parametrize("url", ["redis://localhost/news", "news", "", "tantivy://host/index", "tantivy:///"])
    def test_invalid_index_url(self, url: str) -> None:
        result = run("info", "--index", url) if url else run("info", url="")
        refused(result, "tantivy:///")

    @pytest.mark.parametrize("where", ["{}/file", "{}/file/below", "/proc/dateline", "{}/" + "long" * 100])
    def test_path_where_no_index_can_be_written(self, tmp_path: Path, where: str) -> None:
        (tmp_path / "file").write_text("")
        source = write_lines(tmp_path / "news.jsonl", [story(1)])
        place = where.format(tmp_path)
        for command in (["reindex", source], ["update", source], ["info"]):
            refused(run(*command, url=f"tantivy://{place}"), place)

    def test_full_disk(self, tmp_path: Path, serving: str) -> None:
        source = write_lines(tmp_path / "news.jsonl", [story(n) for n in range(90)])
        command = [*DATELINE, "reindex", str(source), "--workers", "1"]
        limited = ["sh", "-c", 'ulimit -f 100; exec "$0" "$@"', *command]
        process = subprocess.run(
            limited,
            env={**os.environ, "DATELINE_INDEX": serving},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert process.returncode == 1
        assert "Traceback" not in process.stderr
        assert "File too large" in process.stderr
        assert "free disk space" in process.stderr
        assert open_engine(serving).info().articles == 3
        assert sorted(path.name for path in (tmp_path / "index").iterdir()) == ["000001", "CURRENT", "lock"]


class TestOptions:
    @pytest.mark.parametrize(
        ("options", "message", "code"),
        [
            (["--page", "0"], "'--page': Must be greater than or equal to 1.", 2),
            (
                ["--per-page", "101"],
                "'--per-page': Must be greater than or equal to 1 and less than or equal to 100.",
                2,
            ),
            (
                ["--page", "1001"],
                "--page: Only the first 10,000 results can be shown: the last page with 10 hits is 1,000. Narrow",
                1,
            ),
            (["--from", "yesterday"], "--from: 'yesterday' is not a date. Write 2024, 2024-01 or 2024-01-21.", 1),
            (["--to", "2024-02-30"], "--to: '2024-02-30' is not a date", 1),
            (["--from", "2024-02", "--to", "2024-01"], "--from: 2024-02-01 is after the last day, 2024-01-31. Swap", 1),
            (["--sort", "best"], "'--sort': Must be one of: relevance, newest, oldest.", 2),
            (["--country", "Atlantis"], "--country: There is no country 'Atlantis'. Use an ISO 3166 code", 1),
            (["--colour", "red"], "No such option", 2),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_invalid_search_option(self, serving: str, options: list[str], message: str, code: int) -> None:
        result = run("search", "report", *options, url=serving)
        result_text = " ".join(result.stderr.split())
        assert message in result_text
        assert result.exit_code == code
        assert result.stdout == ""

    def test_query_that_is_too_long(self, serving: str) -> None:
        refused(run("search", "a" * 2001, url=serving), "QUERY: Longer than 2000 characters")

    def test_missing_arguments(self) -> None:
        for command in ("reindex", "update", "delete", "extract", "search"):
            refused(run(command), "Missing argument", code=2)

    @pytest.mark.parametrize("scheme", ["tantivy", "whoosh", "opensearch", "opensearch+https", "nothing"])
    @pytest.mark.parametrize("rest", ["://me:secret@[::1/news", "://me:secret@host/A B", "://[", "", ":"])
    def test_a_malformed_index_url_gives_a_message_without_the_password(self, scheme: str, rest: str) -> None:
        result = run("info", "--index", scheme + rest)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: '")
        assert "secret" not in result.stderr

    def test_invalid_setting(self, serving: str) -> None:
        refused(run("info", url=serving, DATELINE_KEEP="two"), "DATELINE_KEEP is 'two'", "such as 2")


def test_worker_that_is_killed(serving: str) -> None:
    with start("reindex", "-", "--workers", 2, url=serving, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for number in range(250):
            process.stdin.write(json.dumps(story(number)) + "\n")
        process.stdin.flush()
        wait_for(lambda: len(workers(process.pid)) == 2, "the workers")
        os.kill(workers(process.pid)[0], 9)
        out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert errors.startswith("Error: A worker process was killed")
    assert "--workers 1" in errors
    assert open_engine(serving).info().generation == "000001"
