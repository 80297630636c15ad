"""`dateline` in a folder with modules of the same names, on a port that is in use, and with a bad setting."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.command_line import ROOT, SAMPLES, answer, run, story, wait_for, write_lines
from test_cli_process import _get

from index.cli.serving import listen
from search.engine import open_engine
from search.errors import SearchError

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = Path(sys.executable).with_name("dateline")
"""The installed command. Unlike `python -c`, it does not put the current folder on the module path."""

FAKES = (
    "wsgi.py",
    "gunicorn.py",
    "gunicorn.conf.py",
    "logging.py",
    "pickle.py",
    "index/__init__.py",
    "api/__init__.py",
    "search/__init__.py",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder whose modules all write a file `imported`; it is the current folder."""
    for name in FAKES:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"open({str(tmp_path / 'imported')!r}, 'a').write('{name}\\n')\nraise SystemExit('{name}')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATELINE_INDEX", raising=False)
    return tmp_path


def dateline(*args: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [str(COMMAND), *map(str, args)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, env={**os.environ, **environment}
    )


@contextmanager
def taken(host: str, family: socket.AddressFamily = socket.AF_INET) -> Iterator[int]:
    with socket.socket(family) as other:
        other.bind((host, 0))
        other.listen()
        yield other.getsockname()[1]


class TestFolder:
    def test_modules_of_the_current_folder_are_never_imported(self, folder: Path) -> None:
        """Workers and the server are separate Python processes, so each of them is tested."""
        source = write_lines(folder / "news.jsonl", [story(number) for number in range(100)])
        built = dateline("reindex", source.name, "--workers", 2)
        assert built.returncode == 0, built.stderr
        assert open_engine(f"tantivy://{folder}/data/index").info().articles == 100
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [str(COMMAND), "serve", "--port", str(port), "--workers", "1"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as server:
            try:
                wait_for(lambda: server.poll() is not None or _answers(port), "the server", 60)
                assert _get(f"http://127.0.0.1:{port}/v1/health")["articles"] == 100
            finally:
                server.terminate()
                server.communicate(timeout=60)
        assert not (folder / "imported").exists(), (folder / "imported").read_text()


def _answers(port: int) -> bool:
    try:
        return bool(_get(f"http://127.0.0.1:{port}/openapi.json"))
    except OSError:
        return False


class TestAddress:
    @pytest.mark.parametrize(("host", "family"), [("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)])
    def test_a_port_in_use_gives_one_line(self, tmp_path: Path, host: str, family: socket.AddressFamily) -> None:
        with taken(host, family) as port:
            ended = dateline("serve", "--host", host, "--port", port, "--index", f"tantivy://{tmp_path}/index")
        assert ended.returncode == 1
        assert ended.stdout == ""
        assert ended.stderr == (
            f"Error: Port {port} on {host} is in use. Choose another one, such as --port {port + 1}.\n"
        )

    @pytest.mark.parametrize("host", ["256.1.1.1", "no such host", "192.0.2.1", "::2", "x" * 300])
    def test_a_host_of_another_machine_gives_one_line(self, tmp_path: Path, host: str) -> None:
        ended = dateline("serve", "--host", host, "--port", 0, "--index", f"tantivy://{tmp_path}/index")
        assert ended.returncode == 1
        assert ended.stderr == (
            f"Error: {host!r} is not an address of this machine. Choose another one, such as --host 127.0.0.1.\n"
        )

    def test_an_empty_host_is_refused(self) -> None:
        """An unset variable in a script must not serve the whole network."""
        with pytest.raises(SearchError, match="--host is empty"):
            listen("", 0)

    def test_a_port_that_was_just_freed_is_used_again(self) -> None:
        """The system keeps a closed connection for a minute. It must not be mistaken for another server."""
        with listen("127.0.0.1", 0) as server:
            port = server.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port)) as client:
                server.accept()[0].close()
                assert client.recv(1) == b""
        listen("127.0.0.1", port).close()


def test_a_bad_setting_of_the_server_gives_a_message(tmp_path: Path) -> None:
    ended = dateline("serve", "--port", 0, "--index", f"tantivy://{tmp_path}/index", DATELINE_CORS_ORIGINS="nonsense")
    assert ended.returncode == 1
    lines = ended.stderr.splitlines()
    assert lines[0].startswith("Error: DATELINE_CORS_ORIGINS ")
    assert "'nonsense'" in lines[0]
    assert len(lines) == 2


@pytest.mark.slow
class TestMakeServe:
    """The commands of `make serve`, run as make would run them."""

    @pytest.fixture
    def make(self, tmp_path: Path) -> list[str]:
        """Return `make serve` in a copy of the project's folder that is installed already."""
        if shutil.which("make") is None:
            pytest.skip("make is not installed")
        (tmp_path / ".venv" / "bin").mkdir(parents=True)
        (tmp_path / ".venv" / "bin" / "dateline").symlink_to(COMMAND)
        shutil.copy(ROOT / "Makefile", tmp_path)
        shutil.copy(ROOT / "pyproject.toml", tmp_path)
        (tmp_path / "samples").symlink_to(SAMPLES)
        (tmp_path / ".venv" / ".installed").touch()
        return ["make", "-C", str(tmp_path), "serve"]

    def _serve(self, make: list[str], url: str) -> dict[str, Any]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {**os.environ, "DATELINE_INDEX": url}
        command = [*make, f"PORT={port}"]
        with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, start_new_session=True) as server:
            try:
                wait_for(lambda: server.poll() is not None or _answers(port), "the server", 60)
                return _get(f"http://127.0.0.1:{port}/v1/health")
            finally:
                os.killpg(server.pid, signal.SIGTERM)
                server.communicate(timeout=60)

    def test_it_indexes_the_samples_only_if_there_is_no_index(self, tmp_path: Path, make: list[str]) -> None:
        url = f"tantivy://{tmp_path}/archive"
        run("reindex", write_lines(tmp_path / "mine.jsonl", [story(1), story(2)]), url=url)
        for _ in range(2):
            assert self._serve(make, url)["articles"] == 2
        assert open_engine(url).info().generations == ("000001",)
        assert self._serve(make, f"tantivy://{tmp_path}/new")["articles"] == 62


class TestIfMissing:
    def test_it_changes_nothing_if_there_is_an_index(self, tmp_path: Path) -> None:
        url = f"tantivy://{tmp_path}/index"
        one, two = (write_lines(tmp_path / f"{n}.jsonl", [story(n)]) for n in (1, 2))
        assert run("reindex", one, "--if-missing", url=url).exit_code == 0
        result = run("reindex", two, "--if-missing", url=url)
        assert (result.exit_code, "Nothing was changed" in result.stdout) == (0, True)
        assert open_engine(url).get("a0001").id == "a0001"
        record = answer("reindex", two, "--if-missing", url=url)
        assert (record["read"], record["indexed"], record["generation"]) == (0, 0, "000001")
        assert open_engine(url).info().generations == ("000001",)

    def test_an_archive_that_lost_its_pointer_is_kept(self, tmp_path: Path) -> None:
        """Without `CURRENT` there seems to be no index; the generation beside it may hold the whole archive."""
        url = f"tantivy://{tmp_path}/index"
        one, two = (write_lines(tmp_path / f"{n}.jsonl", [story(n)]) for n in (1, 2))
        run("reindex", one, url=url)
        (tmp_path / "index" / "CURRENT").unlink()
        assert run("reindex", two, "--if-missing", url=url).exit_code == 0
        assert open_engine(url).info().generations == ("000001", "000002")
        assert run("rollback", url=url).exit_code == 0
        assert open_engine(url).get("a0001").id == "a0001"

    def test_an_index_that_cannot_be_opened_is_an_index(self, tmp_path: Path) -> None:
        url = f"tantivy://{tmp_path}/index"
        source = write_lines(tmp_path / "news.jsonl", [story(1)])
        run("reindex", source, url=url)
        (tmp_path / "index" / "000001" / "dateline.json").write_text("{")
        assert run("reindex", source, "--if-missing", url=url).exit_code == 1
        assert open_engine(url).store.names() == ("000001",)  # type: ignore[attr-defined]
