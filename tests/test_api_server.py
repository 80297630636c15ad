"""The application under gunicorn, as `dateline serve` starts it: loaded before the fork, with several threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from socket import socket
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from search.model import Article

ROOT = Path(__file__).parent.parent


def _get(address: str) -> dict[str, Any]:
    with urlopen(address, timeout=60) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


@contextmanager
def _gunicorn(url: str) -> Iterator[str]:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--preload",
        "--workers=2",
        "--threads=4",
        f"--bind={address}",
        "wsgi:app",
    ]
    environment = {**os.environ, "DATELINE_INDEX": url}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as running:
        try:
            _wait(f"http://{address}/docs")
            yield f"http://{address}"
        finally:
            running.terminate()
            _, log = running.communicate(timeout=60)
            assert "Traceback" not in log, log


def _wait(address: str) -> None:
    for _ in range(600):
        try:
            with urlopen(address, timeout=1):
                return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.1)
    raise AssertionError(f"{address} does not answer")


def test_workers_serve_in_parallel_and_follow_a_swap(tmp_path: Path, news: tuple[Article, ...]) -> None:
    from search.engine import open_engine

    url = f"tantivy://{tmp_path}/index"
    with _gunicorn(url) as server:
        with pytest.raises(HTTPError, match="503") as refused:
            _get(f"{server}/v1/health")
        refused.value.close()
        for count in (4, len(news)):
            open_engine(url).rebuild(news[:count], keep=2)
            with ThreadPoolExecutor(8) as pool:
                totals = set(pool.map(lambda _: _get(f"{server}/v1/search?q=")["total"], range(40)))
            assert totals == {count}


FORK = """
import os, sys
from api.application import Application
from search.settings import Settings

application = Application("api", Settings(index=sys.argv[1]))
before = application.engine
assert application.engine is before
child = os.fork()
if not child:
    os._exit(application.engine is before or application.engine.search is None)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert application.engine is before
"""


def test_each_process_opens_its_own_engine(news_url: str) -> None:
    command = [sys.executable, "-c", FORK, news_url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
