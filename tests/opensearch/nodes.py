"""The cluster itself: one JVM a node, loopback only."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from jars import CLASS_PATH, HERE, ClusterError, find_java, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

HOST = "127.0.0.1"
TRANSPORT_OFFSET = 100  # the nodes speak to each other on 9300, 9301, ... when they serve HTTP on 9200, 9201, ...
LOG_TAIL = 25  # lines of a node's log in an error
START_SECONDS = 120.0  # 5 on two idle cores; a loaded machine takes longer
STOP_SECONDS = 20.0

JVM = (
    "-Xms512m",
    "-Xmx1g",
    "-XX:TieredStopAtLevel=1",  # compiles less: quicker to start, and a third quicker over a test's short life
    "-XX:+UseSerialGC",  # three collectors with threads of their own would fight for two cores
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.net.preferIPv4Stack=true",
    "-Dlog4j2.disable.jmx=true",
    f"-Dlog4j.configurationFile={HERE / 'log4j2.properties'}",
)
# Everything not named here is as OpenSearch sets it for anyone.
SETTINGS = {
    "cluster.name": "dateline",
    "cluster.initial_cluster_manager_nodes": "node-0",  # one alone: no first election to be fought out
    "cluster.routing.allocation.disk.threshold_enabled": "false",  # a full disk of the machine is not under test
    "cluster.fault_detection.follower_check.timeout": "4s",  # a killed node is noticed at once, a hanging one so
    "cluster.fault_detection.follower_check.retry_count": "2",
    "cluster.fault_detection.leader_check.timeout": "4s",
    "cluster.fault_detection.leader_check.retry_count": "2",
    "discovery.find_peers_interval": "200ms",  # a node that starts again is back sooner
    "network.host": HOST,
    "node.processors": "2",  # sizes the thread pools
}


class Cluster:
    """Nodes 0, 1, ... of one cluster, each a process with its data and its log.txt in `folder`/node-N.

    Node N serves HTTP on `http_port` + N. What an earlier cluster left in `folder` is wiped by `start`, unless `keep`.
    """

    def __init__(self, folder: Path | str, http_port: int = 9200, nodes: int = 3, *, keep: bool = False) -> None:
        self._folder = Path(folder).resolve()
        self._http_port = http_port
        self._keep = keep
        self._processes: list[subprocess.Popen[bytes] | None] = [None] * nodes

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def urls(self) -> list[str]:
        """Where each node serves HTTP, by its number, whether it runs or not."""
        return [f"http://{HOST}:{self._http_port + number}" for number in range(len(self._processes))]

    @property
    def pids(self) -> dict[int, int]:
        """The process of each node that was started and not killed."""
        return {number: process.pid for number, process in self._running()}

    def start(self) -> None:
        """Start all nodes and return when they form a green cluster.

        Raises:
            ClusterError: Java, Maven or a port is missing, or a node ends before the cluster is green.
        """
        java = prepare()
        for number in range(len(self._processes)):
            self._require_ports(number)
            if not self._keep:
                shutil.rmtree(self._home(number), ignore_errors=True)
        try:
            for number in range(len(self._processes)):
                self._launch(number, java)
            self.wait_for(timeout=START_SECONDS)
        except BaseException:
            self.stop()
            raise

    def kill(self, number: int) -> None:
        """End node `number` as a crash does (SIGKILL); returns when the process is gone."""
        process = self._processes[number]
        if process is None:
            raise ClusterError(f"node {number} does not run")
        process.kill()
        process.wait()
        self._forget(number)

    def restart(self, number: int) -> None:
        """Start node `number` again on the data that it had; `wait_for` tells when it has joined."""
        process = self._processes[number]
        if process is not None and process.poll() is None:
            raise ClusterError(f"node {number} runs; kill it first")
        self._forget(number)
        self._require_ports(number)
        self._launch(number, find_java())

    def wait_for(self, nodes: int | None = None, status: str = "green", timeout: float = 60.0) -> None:
        """Return when exactly `nodes` nodes (all, by default) form a cluster of at least this status.

        Raises:
            ClusterError: `timeout` seconds have passed, or a node ended by itself.
        """
        nodes = len(self._processes) if nodes is None else nodes
        deadline = time.monotonic() + timeout
        path = f"/_cluster/health?wait_for_nodes={nodes}&wait_for_status={status}&wait_for_events=languid&timeout=1s"
        seen: dict[str, Any] = {}
        while time.monotonic() < deadline:
            for number, process in self._running():
                if process.poll() is not None:
                    raise ClusterError(f"node {number} ended (exit {process.returncode})\n{self._tail(number)}")
                health = self._get(number, path)
                if health.get("timed_out") is False:
                    return
                seen = health or seen
            time.sleep(0.1)
        told = f"{seen['number_of_nodes']} nodes, {seen['status']}" if "status" in seen else "no answer"
        tails = "\n".join(self._tail(number) for number, _ in self._running())
        raise ClusterError(f"no {status} cluster of {nodes} nodes within {timeout:g} s ({told})\n{tails}")

    def stop(self) -> None:
        """End all nodes in good order, or by force after 20 seconds; does nothing when none runs."""
        running = list(self._running())
        for _, process in running:
            assert process.stdin is not None
            process.stdin.close()  # what a node waits for
        deadline = time.monotonic() + STOP_SECONDS
        for number, process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._forget(number)

    def ended(self) -> dict[int, str]:
        """The nodes that ended by themselves since the last call, with the end of their logs."""
        dead = [number for number, process in self._running() if process.poll() is not None]
        for number in dead:
            self._forget(number)
        return {number: self._tail(number) for number in dead}

    def _running(self) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
        for number, process in enumerate(self._processes):
            if process is not None:
                yield number, process

    def _forget(self, number: int) -> None:
        process = self._processes[number]
        if process is not None and process.stdin is not None:
            process.stdin.close()
        self._processes[number] = None

    def _home(self, number: int) -> Path:
        return self._folder / f"node-{number}"

    def _launch(self, number: int, java: str) -> None:
        home = self._home(number)
        (home / "config").mkdir(parents=True, exist_ok=True)
        (home / "tmp").mkdir(exist_ok=True)  # native libraries are unpacked there, and left behind by a crash
        transport = self._http_port + TRANSPORT_OFFSET
        settings = SETTINGS | {
            "node.name": f"node-{number}",
            "http.port": str(self._http_port + number),
            "transport.port": str(transport + number),
            "discovery.seed_hosts": ",".join(f"{HOST}:{transport + other}" for other in range(len(self._processes))),
        }
        command = [java, *JVM, f"-Djava.io.tmpdir={home / 'tmp'}", "-cp", CLASS_PATH]
        command += ["ClusterNode", str(home), *(f"{name}={value}" for name, value in settings.items())]
        with (home / "log.txt").open("ab") as log:
            self._processes[number] = subprocess.Popen(
                command,
                cwd=home,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for this program, which then ends the nodes in order
            )

    def _require_ports(self, number: int) -> None:
        for port in (self._http_port + number, self._http_port + number + TRANSPORT_OFFSET):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError as error:
                    raise ClusterError(
                        f"port {port} of {HOST} is taken; choose others with --port ({error})"
                    ) from error

    def _get(self, number: int, path: str) -> dict[str, Any]:
        """What the node answers, or nothing while it does not."""
        connection = http.client.HTTPConnection(HOST, self._http_port + number, timeout=10)
        try:
            connection.request("GET", path)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException):
            return {}
        else:
            return answer
        finally:
            connection.close()

    def _tail(self, number: int) -> str:
        log = self._home(number) / "log.txt"
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join([f"The end of {log}:", *(f"  {line[:300]}" for line in lines[-LOG_TAIL:])])
