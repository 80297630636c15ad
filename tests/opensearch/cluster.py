"""Runs a real OpenSearch cluster on this machine, for tests and trials. Each node is a JVM that listens on loopback.

It needs JDK 11 or newer and Maven. The jars of `pom.xml` are downloaded once, into `.opensearch/lib`. From a shell:

    python tests/opensearch/cluster.py                # runs until Ctrl-C
    python tests/opensearch/cluster.py --background   # returns when the cluster is green
    python tests/opensearch/cluster.py --stop         # stops the cluster in the background

From a test:

    from cluster import Cluster

    with Cluster(tmp_path, http_port=19200) as cluster:
        cluster.kill(1)
        cluster.wait_for(nodes=2, status="yellow")
        cluster.restart(1)
        cluster.wait_for()
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

from jars import STORE, ClusterError
from nodes import HOST, Cluster

__all__ = ["Cluster", "ClusterError"]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _usage(port: int, pid: int) -> str:
    return (
        f"OpenSearch runs on http://{HOST}:{port} (process {pid}). To use it:\n"
        f"  export DATELINE_INDEX=opensearch://{HOST}:{port}/news"
    )


def _run_until_stopped(cluster: Cluster, folder: Path, port: int) -> None:
    """Start the cluster, lock `folder`/pid while it runs, and stop it on Ctrl-C or SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    folder.mkdir(parents=True, exist_ok=True)
    pid_file = folder / "pid"
    with pid_file.open("a+") as held:
        if not _lock(held):
            raise ClusterError(f"a cluster already runs in {folder}; stop it with --stop or choose another --folder")
        held.truncate(0)
        try:
            with suppress(KeyboardInterrupt), cluster:
                held.write(str(os.getpid()))
                held.flush()
                _say(_usage(port, os.getpid()) + "\nPress Ctrl-C to stop it.")
                while True:
                    for number, tail in cluster.ended().items():
                        _say(f"Node {number} has stopped; the others continue.\n{tail}")
                    time.sleep(0.5)
        finally:
            pid_file.unlink(missing_ok=True)


def _lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _start_in_background(folder: Path, port: int, arguments: list[str]) -> None:
    """Start this program again in the background, and return when its cluster is green."""
    folder.mkdir(parents=True, exist_ok=True)
    log, pid_file = folder / "log.txt", folder / "pid"
    with log.open("ab") as output:
        begin = output.tell()
        child = subprocess.Popen(
            [sys.executable, __file__, *(each for each in arguments if each != "--background")],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while child.poll() is None:
            if pid_file.exists() and pid_file.read_text(encoding="utf-8") == str(child.pid):
                _say(f"{_usage(port, child.pid)}\nIts log is {log}. Use --stop to stop it.")
                return
            time.sleep(0.1)
    except KeyboardInterrupt:
        child.terminate()
        raise
    output_text = log.read_bytes()[begin:].decode(errors="replace").strip()
    raise ClusterError(output_text.removeprefix("cluster.py: "))


def _stop(folder: Path) -> None:
    """Stop the cluster that runs in `folder`, and return when it has stopped."""
    pid_file = folder / "pid"
    if pid_file.exists():
        with pid_file.open("r+") as held:
            if not _lock(held):  # else it was left by a program that was killed
                os.kill(int(held.read()), signal.SIGTERM)
                fcntl.flock(held, fcntl.LOCK_EX)  # had when the program has ended
                return
    _say(f"no cluster runs in {folder}")


def main() -> int:
    """Run the command line and return the exit code."""
    parser = argparse.ArgumentParser(description="Run an OpenSearch cluster on this machine, on loopback only.")
    parser.add_argument(
        "--port", type=int, default=9200, help="HTTP port of the first node; the others use the next ports"
    )
    parser.add_argument("--nodes", type=int, default=3, help="number of nodes")
    parser.add_argument("--folder", type=Path, help="folder for data and logs (.opensearch/cluster-PORT)")
    parser.add_argument("--keep", action="store_true", help="keep the data in the folder")
    parser.add_argument("--background", action="store_true", help="return when the cluster is green")
    parser.add_argument("--stop", action="store_true", help="stop the cluster of this folder or port")
    options = parser.parse_args()
    folder = (options.folder or STORE / f"cluster-{options.port}").resolve()
    try:
        if options.stop:
            _stop(folder)
        elif options.background:
            _start_in_background(folder, options.port, sys.argv[1:])
        else:
            _run_until_stopped(Cluster(folder, options.port, options.nodes, keep=options.keep), folder, options.port)
    except ClusterError as error:
        sys.stderr.write(f"cluster.py: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
