"""The command as a process: `serve`, exit codes, interrupts, progress on a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from support.command_line import (
    ROOT,
    complete,
    files,
    members,
    run,
    start,
    story,
    wait_for,
    workers,
    write_lines,
)

from index.cli.main import EXIT_CODES

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"tantivy://{tmp_path}/index"


def _get(address: str) -> dict[str, Any]:
    with urlopen(address, timeout=60) as response:
        read: dict[str, Any] = json.load(response)
        return read


@contextmanager
def _serving(url: str, *options: object) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with start("serve", "--port", port, "--workers", 2, *options, url=url) as server:
        try:
            address = f"http://127.0.0.1:{port}"

            def answers() -> bool:
                assert server.poll() is None, server.communicate()[1]
                try:
                    return bool(_get(f"{address}/openapi.json"))
                except URLError:
                    return False

            wait_for(answers, "the server")
            yield address, server
        finally:
            server.terminate()
            server.wait(timeout=60)


class TestServe:
    def test_answers_and_follows_a_reindex_without_a_restart(self, tmp_path: Path, url: str) -> None:
        run("reindex", write_lines(tmp_path / "news.jsonl", [story(1)]), url=url)
        with _serving(url) as (address, server):
            assert _get(f"{address}/v1/health")["status"] == "ok"
            assert {_get(f"{address}/v1/search?q=report")["total"] for _ in range(8)} == {1}
            run("reindex", write_lines(tmp_path / "news.jsonl", [story(1), story(2)]), url=url)
            assert {_get(f"{address}/v1/search?q=report")["total"] for _ in range(8)} == {2}
            server.send_signal(signal.SIGTERM)
            _, log = server.communicate(timeout=60)
        assert server.returncode == 0
        assert "Traceback" not in log
        assert f"Dateline serves {url} on {address}/" in log
        wait_for(lambda: not members(server.pid), "the end of the workers")

    def test_starts_before_there_is_an_index(self, tmp_path: Path, url: str) -> None:
        with _serving(url) as (address, server):
            with pytest.raises(URLError, match="503"):
                _get(f"{address}/v1/health")
            run("reindex", write_lines(tmp_path / "news.jsonl", [story(1)]), url=url)
            assert _get(f"{address}/v1/health")["articles"] == 1
            server.terminate()
            _, log = server.communicate(timeout=60)  # gunicorn may give a worker that is starting 30 seconds
        assert "dateline reindex PATH..." in log


def blocks(pid: int, number: int) -> bool:
    """Return whether a process blocks a signal. A starting worker would print a traceback for an interrupt."""
    (mask,) = re.findall(r"^SigBlk:\s*(\w+)$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return bool(int(mask, 16) >> (number - 1) & 1)


class TestExitCodes:
    def test_each_exit_code_occurs(self, tmp_path: Path, url: str) -> None:
        codes = {
            run("extract", write_lines(tmp_path / "one.jsonl", [story(1)])).exit_code,
            run("search", "x", url=url).exit_code,
            run("search", "x", "--sort", "upside-down", url=url).exit_code,
        }
        run("reindex", tmp_path / "one.jsonl", url=url)
        (tmp_path / "index" / "000001" / "dateline.json").write_text("{")
        codes.add(run("check", url=url).exit_code)
        assert codes == set(EXIT_CODES) - {130}

    def test_an_interrupted_reindex_leaves_the_index_and_no_noise(self, tmp_path: Path, url: str) -> None:
        run("reindex", write_lines(tmp_path / "old.jsonl", [story(1)]), url=url)
        before = files(tmp_path / "index")
        with start("reindex", "-", "--workers", 2, url=url, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            for number in range(250):
                process.stdin.write(json.dumps(story(number)) + "\n")
            process.stdin.flush()
            wait_for(lambda: len(workers(process.pid)) == 2, "the workers")
            assert all(blocks(pid, signal.SIGINT) for pid in workers(process.pid))
            os.killpg(process.pid, signal.SIGINT)
            err = process.communicate(timeout=60)[1]
        assert process.returncode == 130
        assert err == "Interrupted. The index is unchanged.\n"
        assert files(tmp_path / "index") == before
        wait_for(lambda: not members(process.pid), "the end of the workers")

    def test_a_closed_output_pipe_is_not_an_error(self, tmp_path: Path) -> None:
        source = write_lines(tmp_path / "news.jsonl", [story(number) for number in range(20)])
        with start("extract", source, url="tantivy:///unused") as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.close()
            assert process.wait(timeout=60) == 1
            assert process.stderr.read() == ""

    def test_version_and_help(self) -> None:
        assert re.fullmatch(r"dateline, version \d+\.\d+\.\d+\n", run("--version").stdout)
        assert run("--help").exit_code == run("-h").exit_code == 0
        commands = run("--help").stdout.split("Commands:")[1]
        assert "...\n" not in commands, "a summary is cut off"


class TestProgress:
    def test_is_quiet_when_not_on_a_terminal(self, tmp_path: Path, url: str) -> None:
        source = write_lines(tmp_path / "news.jsonl", [story(number) for number in range(100)])
        process = complete("reindex", source, "--workers", 1, "--json", url=url)
        assert process.returncode == 0
        assert process.stderr == ""
        assert json.loads(process.stdout)["indexed"] == 100
        assert "\x1b" not in process.stdout

    def test_shows_rate_and_remaining_time_on_a_terminal(self, tmp_path: Path, url: str) -> None:
        source = write_lines(tmp_path / "news.jsonl", [story(number) for number in range(150)])
        ours, theirs = pty.openpty()
        environment = {"TERM": "xterm-256color", "COLUMNS": "100", "DATELINE_WORKERS": "1"}
        with start("reindex", source, url=url, stderr=theirs, environment=environment) as process:
            os.close(theirs)
            output = b""
            while piece := _read(ours):
                output += piece
            assert process.wait(timeout=60) == 0
        os.close(ours)
        text = output.decode()
        assert re.search(r"Reading .*\d+ articles, [\d,]+/s", text)
        assert re.search(r"\d:\d\d:\d\d", text)
        assert "Tagging" in text
        assert "Indexing" in text


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # Linux raises this error when the other side is closed
        return b""


def test_the_installed_command_runs_the_module() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"] == {"dateline": "index.cli.main:main"}
