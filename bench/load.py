"""Runs `dateline serve` and searches over HTTP: one request at a time, or over several connections at once."""

from __future__ import annotations

import http.client
import json
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from socket import socket
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from dateline import command, environment

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from corpus import Case

HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 15
TIMEOUT_SECONDS = 30
CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Load:
    """Requests answered within `seconds`, and the time that each client waited, in milliseconds."""

    requests: int
    seconds: float
    failed: int
    times: list[float]

    @property
    def rate(self) -> float:
        """Requests answered per second."""
        return self.requests / self.seconds


class Client:
    """An HTTP client that keeps its connection open."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=TIMEOUT_SECONDS)

    def get(self, path: str) -> tuple[int, bytes]:
        """Return status and body. Reconnect once if the server has closed the idle connection."""
        try:
            return self._request(path)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            self._connection.close()
            return self._request(path)

    def _request(self, path: str) -> tuple[int, bytes]:
        self._connection.request("GET", path)
        response = self._connection.getresponse()
        return response.status, response.read()

    def search(self, case: Case) -> int:
        """Return the total number of matches.

        Raises:
            RuntimeError: The response is an error.
        """
        status, body = self.get(path_of(case))
        if status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path_of(case)} answers {status}: {body[:300]!r}")
        return int(json.loads(body)["total"])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def path_of(case: Case) -> str:
    """Return path and query of a search for ten hits with snippets and three facets."""
    parameters = {"q": case.text, "country": case.country, "person": case.person, "interval": "month"}
    return "/v1/search?" + urlencode({name: value for name, value in parameters.items() if value})


@contextmanager
def serving(url: str, workers: int) -> Iterator[int]:
    """Run `dateline serve` while the `with` block runs; yield its port.

    Raises:
        RuntimeError: The server does not start.
    """
    with socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    line = command("serve", "--index", url, "--port", str(port), "--workers", str(workers))
    with subprocess.Popen(line, stderr=subprocess.DEVNULL, env=environment()) as running:
        try:
            _wait(port, running)
            yield port
        finally:
            running.terminate()
            try:
                running.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                running.kill()


def _wait(port: int, running: subprocess.Popen[bytes]) -> None:
    latest = time.monotonic() + START_SECONDS
    while time.monotonic() < latest and running.poll() is None:
        client = Client(port)
        try:
            if client.get("/v1/health")[0] == http.HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
        finally:
            client.close()
    raise RuntimeError("The server does not start. Run dateline serve to see why.")


def press(port: int, cases: Sequence[Case], seconds: float) -> Load:
    """Send requests over `CONNECTIONS` connections for `seconds`; each sends the next when it has the response."""
    paths = [path_of(case) for case in cases]
    turn = count()
    times: list[float] = []
    failures: list[int] = []
    start = time.perf_counter()

    def send() -> None:
        client = Client(port)
        while (sent := time.perf_counter()) < start + seconds:
            status, body = client.get(paths[next(turn) % len(paths)])
            times.append((time.perf_counter() - sent) * 1000)
            if status != http.HTTPStatus.OK or not body:
                failures.append(status)
        client.close()

    threads = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(len(times), time.perf_counter() - start, len(failures), times)
