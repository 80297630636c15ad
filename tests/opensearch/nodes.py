"""Starts, kills and stops the nodes of a cluster. Each node is a JVM that listens on loopback."""

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
TRANSPORT_OFFSET = 100  # nodes talk to each other on ports 9300, 9301, ... if they serve HTTP on 9200, 9201, ...
LOG_TAIL = 25  # lines of a node's log in an error message
START_SECONDS = 120.0  # a start takes 5 s on two idle cores and longer on a loaded machine
STOP_SECONDS = 20.0

JVM = (
    "-Xms512m",
    "-Xmx1g",
    "-XX:TieredStopAtLevel=1",  # compiles less, so short tests run a third faster
    "-XX:+UseSerialGC",  # parallel collectors of three nodes would compete for two cores
    "-XX:-UsePerfData",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djava.net.preferIPv4Stack=true",
    "-Dlog4j2.disable.jmx=true",
    f"-Dlog4j.configurationFile={HERE / 'log4j2.properties'}",
)
# All other settings have OpenSearch's defaults.
SETTINGS = {
    "cluster.name": "dateline",
    "cluster.initial_cluster_manager_nodes": "node-0",  # a single candidate avoids the first election
    "cluster.routing.allocation.disk.threshold_enabled": "false",  # tests do not depend on the free disk space
    "cluster.fault_detection.follower_check.timeout": "4s",  # detects a hanging node; a killed one is detected at once
    "cluster.fault_detection.follower_check.retry_count": "2",
    "cluster.fault_detection.leader_check.timeout": "4s",
    "cluster.fault_detection.leader_check.retry_count": "2",
    "discovery.find_peers_interval": "200ms",  # a restarted node rejoins sooner
    "network.host": HOST,
    "node.processors": "2",  # sizes the thread pools
}


class Cluster:
    """The nodes 0, 1, ... of one cluster. Each is a process with its data and its log.txt in `folder`/node-N.

    Node N serves HTTP on port `http_port` + N. `start` deletes the data of an earlier cluster, unless `keep`.
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
        """The HTTP address of each node, running or not."""
        return [f"http://{HOST}:{self._http_port + number}" for number in range(len(self._processes))]

    @property
    def pids(self) -> dict[int, int]:
        """The process id of each running node, by its number."""
        return {number: process.pid for number, process in self._running()}

    def start(self) -> None:
        """Start all nodes and return when they form a green cluster.

        Raises:
            ClusterError: Java or Maven is missing, a port is taken, or a node ends before the cluster is green.
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
        """Kill node `number` (SIGKILL), and return when its process has ended."""
        process = self._processes[number]
        if process is None:
            raise ClusterError(f"node {number} does not run")
        process.kill()
        process.wait()
        self._forget(number)

    def restart(self, number: int) -> None:
        """Start node `number` again with its data. Use `wait_for` to wait until it has joined."""
        process = self._processes[number]
        if process is not None and process.poll() is None:
            raise ClusterError(f"node {number} runs; kill it first")
        self._forget(number)
        self._require_ports(number)
        self._launch(number, find_java())

    def wait_for(self, nodes: int | None = None, status: str = "green", timeout: float = 60.0) -> None:
        """Return when exactly `nodes` nodes (by default all) form a cluster with at least this status.

        Raises:
            ClusterError: This takes more than `timeout` seconds, or a node ends by itself.
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
        state = f"{seen['number_of_nodes']} nodes, {seen['status']}" if "status" in seen else "no answer"
        tails = "\n".join(self._tail(number) for number, _ in self._running())
        raise ClusterError(f"no {status} cluster of {nodes} nodes within {timeout:g} s ({state})\n{tails}")

    def stop(self) -> None:
        """Stop all nodes gracefully, and kill them after 20 seconds."""
        running = list(self._running())
        for _, process in running:
            assert process.stdin is not None
            process.stdin.close()  # a node stops at the end of its input
        deadline = time.monotonic() + STOP_SECONDS
        for number, process in running:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._forget(number)

    def ended(self) -> dict[int, str]:
        """Return the nodes that ended by themselves since the last call, with the ends of their logs."""
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
        (home / "tmp").mkdir(exist_ok=True)  # for native libraries, which remain after a crash
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
                start_new_session=True,  # Ctrl-C only reaches this program, which then stops the nodes gracefully
            )

    def _require_ports(self, number: int) -> None:
        for port in (self._http_port + number, self._http_port + number + TRANSPORT_OFFSET):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError as error:
                    raise ClusterError(
                        f"port {port} of {HOST} is taken; choose another with --port ({error})"
                    ) from error

    def _get(self, number: int, path: str) -> dict[str, Any]:
        """Return the node's response, or an empty one if it does not answer."""
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
