"""Log lines of real processes: commands, `dateline serve` and plain gunicorn, as text and as JSON."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
from socket import socket
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError

import pytest
from conftest import new_index, opened
from support.command_line import ROOT, complete, run, start, story, wait_for, write_lines
from support.factories import article
from test_cli_process import _get, _serving

from search import logs
from search.errors import SettingError
from search.query.parsing import query_of
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from search.engine import Engine

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) ([\w.]+): (.*)")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"tantivy://{tmp_path}/index"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "news.jsonl", [story(1), story(2), {"id": "short", "text": "Two"}])


def objects(text: str) -> list[dict[str, Any]]:
    """Return the lines of a log. Each must be a JSON object with the keys that all lines have."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        assert list(line)[:4] == ["time", "level", "logger", "message"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    return lines


class TestCommands:
    def test_a_command_is_silent_unless_asked(self, source: Path, url: str) -> None:
        assert complete("reindex", source, url=url).stderr == ""

    @pytest.mark.parametrize("words", [("--verbose", "reindex"), ("reindex", "-v")])
    def test_verbose_logs_what_was_done(self, source: Path, url: str, words: tuple[str, ...]) -> None:
        ended = complete(*words, source, url=url)
        matches = [LINE.fullmatch(line) for line in ended.stderr.splitlines()]
        assert all(matches)
        assert ("INFO", "dateline.index") in [(match[1], match[2]) for match in matches if match]
        assert "Read 3 articles in" in ended.stderr
        assert "2 indexed, 0 unchanged, 0 duplicates, 1 rejected" in ended.stderr

    def test_json_has_the_facts_as_keys(self, source: Path, url: str) -> None:
        ended = complete("reindex", source, "-v", url=url, DATELINE_LOG="json")
        (summary,) = [line for line in objects(ended.stderr) if line["logger"] == "dateline.index"]
        assert (summary["level"], summary["read"], summary["indexed"]) == ("INFO", 3, 2)
        assert (summary["rejected"], summary["generation"]) == ({"too short": 1}, "000001")

    def test_an_error_is_a_line_of_json_too(self, url: str) -> None:
        ended = complete("info", url=url, DATELINE_LOG="json")
        (line,) = objects(ended.stderr)
        assert (ended.returncode, line["level"]) == (1, "ERROR")
        assert (line["message"], line["remedy"][:9]) == (f"There is no index at {url[10:]} yet.", "Build one")

    def test_quiet_leaves_errors_alone(self, source: Path, url: str) -> None:
        run("reindex", source, url=url)
        write_lines(source, ['{"id": "a0002", "text": "cut of'])
        noted = complete("update", source, "--prune", url=url)
        assert (noted.returncode, "Note: Nothing was pruned" in noted.stderr) == (3, True)
        quiet = complete("--quiet", "update", source, "--prune", url=url)
        assert (quiet.returncode, quiet.stderr) == (3, "")
        failed = complete("info", "-q", url=url + "-none")
        assert (failed.returncode, failed.stderr[:6]) == (1, "Error:")

    def test_the_last_of_both_counts(self, source: Path, url: str) -> None:
        assert complete("-v", "reindex", source, "-q", url=url).stderr == ""


class TestWrites:
    """What an engine logs of each write, on any engine."""

    @pytest.fixture(params=["tantivy", "whoosh", pytest.param("opensearch", marks=pytest.mark.opensearch)])
    def engine(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
        with new_index(request.param, tmp_path / "index") as url:
            yield opened(url)

    def test_built_swapped_pruned_and_rolled_back(self, engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "dateline")
        engine.rebuild([article(number, "One") for number in range(3)], keep=2)
        engine.write([article(4, "Two")], ["0", "1"], keep=2)
        engine.write([article(5, "Three")], (), keep=2)
        last = engine.rollback()
        built = [vars(record) for record in caplog.records if record.getMessage().startswith("Built")]
        assert [(one["articles"], one["deleted"]) for one in built] == [(3, 0), (1, 2), (1, 0)]
        assert all(one["seconds"] > 0 and one["index"] == engine.url for one in built)
        swapped = [record.generation for record in caplog.records if record.getMessage().startswith("Swapped in")]  # type: ignore[attr-defined]
        assert len(swapped) == len(set(swapped)) == 3
        pruned = [record.generation for record in caplog.records if record.getMessage().startswith("Pruned")]  # type: ignore[attr-defined]
        assert pruned == swapped[:1]
        (back,) = [vars(record) for record in caplog.records if record.getMessage().startswith("Rolled back")]
        assert (back["before"], back["generation"]) == (swapped[2], last.generation) == (swapped[2], swapped[1])
        assert {record.name for record in caplog.records} == {"dateline.engine"}

    def test_a_reader_logs_each_generation_that_it_opens_after_the_first(
        self, engine: Engine, caplog: pytest.LogCaptureFixture
    ) -> None:
        reader = opened(engine.url)
        engine.rebuild([article(1, "One")], keep=2)
        first = reader.info().generation
        caplog.clear()
        caplog.set_level(logging.INFO, "dateline")
        for _ in range(2):
            reader.info()
        assert caplog.records == []
        engine.rebuild([article(1, "One"), article(2, "Two")], keep=2)
        caplog.clear()
        second = reader.info().generation
        (record,) = caplog.records
        facts = vars(record)
        assert (facts["before"], facts["generation"], facts["articles"]) == (first, second, 2)
        assert record.getMessage().startswith(f"Reloaded {reader.url}")

    def test_a_search_is_logged_for_those_who_look_for_it_only(
        self, engine: Engine, caplog: pytest.LogCaptureFixture
    ) -> None:
        engine.rebuild([article(1, "One")], keep=2)
        caplog.set_level(logging.INFO, "dateline")
        engine.search(query_of("one"))
        assert caplog.records == []
        caplog.set_level(logging.DEBUG, "dateline")
        engine.search(query_of("one"))
        assert caplog.records[0].getMessage().startswith("Searched 'one': 1 articles in ")


@pytest.mark.slow
class TestServers:
    def test_a_reload_after_a_swap(self, source: Path, url: str) -> None:
        run("reindex", source, url=url)
        with _serving(url, "--workers", 1) as (address, server):
            assert _get(f"{address}/v1/health")["generation"] == "000001"
            run("reindex", source, url=url)
            assert _get(f"{address}/v1/health")["generation"] == "000002"
            server.terminate()
            _, log = server.communicate(timeout=60)
        assert re.search(
            r"INFO dateline.engine: Reloaded \S+: generation 000002 replaces 000001, 2 articles$", log, re.MULTILINE
        )

    def test_the_start_and_failed_requests(self, source: Path, url: str) -> None:
        run("reindex", source, url=url)
        with _serving(url) as (address, server):
            (_path(url) / "000001" / "dateline.json").write_text("{")
            with pytest.raises(HTTPError, match="503") as refused:
                _get(f"{address}/v1/search?q=report")
            refused.value.close()
            server.terminate()
            _, log = server.communicate(timeout=60)
        assert all(LINE.fullmatch(line) for line in log.splitlines())
        version = re.search(r"Dateline (\S+) opened (\S+): generation 000001, 2 articles", log)
        assert version is not None
        assert version[2] == url
        assert f"INFO dateline.server: Dateline serves {url} on {address}/" in log
        assert "ERROR dateline.api: GET /v1/search: Generation 000001" in log
        assert "INFO gunicorn.error: Listening at" in log

    def test_all_lines_are_json(self, source: Path, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        run("reindex", source, url=url)
        monkeypatch.setenv("DATELINE_LOG", "json")
        with _serving(url) as (address, server):
            server.send_signal(1)  # SIGHUP: gunicorn configures its log anew
            wait_for(lambda: _get(f"{address}/v1/health"), "the new workers")
            server.terminate()
            _, log = server.communicate(timeout=60)
        lines = objects(log)
        by_logger = {line["logger"]: line for line in lines if line["level"] == "INFO"}
        assert set(by_logger) >= {"dateline.server", "gunicorn.error"}
        assert any(line["message"].startswith("Hang up") or "hup" in line["message"] for line in lines)
        (opened,) = [line for line in lines if "opened" in line["message"]]
        assert (opened["index"], opened["generation"], opened["articles"]) == (url, "000001", 2)
        assert by_logger["dateline.server"]["address"] == f"{address}/"

    def test_gunicorn_started_by_hand(self, source: Path, url: str) -> None:
        run("reindex", source, url=url)
        with socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{probe.getsockname()[1]}"
        command = [sys.executable, "-m", "gunicorn", "--preload", f"--bind={address}", "wsgi:app"]
        environment = {**os.environ, "DATELINE_INDEX": url, "DATELINE_LOG": "json"}
        with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as server:
            wait_for(lambda: _health(address), "the server", 60)
            server.terminate()
            _, log = server.communicate(timeout=60)
        assert {line["logger"] for line in objects(log)} == {"dateline.server", "gunicorn.error"}

    def test_an_unexpected_error_has_its_traceback(self, news_url: str, caplog: pytest.LogCaptureFixture) -> None:
        from api import create_app

        app = create_app(Settings(index=news_url))
        app.engine.search = _fail  # type: ignore[method-assign, assignment]
        with caplog.at_level(logging.INFO, "dateline"):
            assert app.test_client().get("/v1/search?q=x").status_code == 500
        (record,) = caplog.records
        assert (record.name, record.levelname) == ("dateline.api", "ERROR")
        text = logs.JsonFormatter().format(record)
        assert json.loads(text)["path"] == "/v1/search"
        assert "ZeroDivisionError" in json.loads(text)["exception"]
        assert "Traceback" in logs.TextFormatter().format(record)

    def test_quiet_shows_errors_alone(self, url: str, tmp_path: Path) -> None:
        write_lines(tmp_path / "news.jsonl", [story(1)])
        with _serving(url, "--quiet") as (_, server):
            server.terminate()
            _, log = server.communicate(timeout=60)
        assert log == ""


def _fail(*_: object) -> None:
    raise ZeroDivisionError


def _path(url: str) -> Path:
    from pathlib import Path

    return Path(url.removeprefix("tantivy://"))


def _health(address: str) -> bool:
    try:
        return bool(_get(f"http://{address}/v1/health"))
    except OSError:
        return False


def test_a_request_cannot_forge_a_line() -> None:
    record = logging.makeLogRecord({"name": "dateline.api", "msg": "GET /a\n2024 INFO\x1b[31m", "levelname": "ERROR"})
    assert "\n" not in logs.TextFormatter().format(record)
    assert "\x1b" not in logs.TextFormatter().format(record)


def test_libraries_configure_nothing() -> None:
    code = "import logging, search.engine, index.jobs, api; print(logging.getLogger('dateline').hasHandlers())"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"


def test_the_setting_is_validated() -> None:
    assert Settings.from_environ({"DATELINE_LOG": "json"}).log == "json"
    with pytest.raises(SettingError, match="DATELINE_LOG is 'JSON', which is not one of text, json"):
        Settings.from_environ({"DATELINE_LOG": "JSON"})


def test_a_bad_setting_ends_a_command_with_a_message() -> None:
    with start("info", url="tantivy:///unused", environment={"DATELINE_LOG": "xml"}) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.startswith("Error: DATELINE_LOG is 'xml'")
