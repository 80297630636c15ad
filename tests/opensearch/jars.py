"""Prepares the files of an OpenSearch node: finds Java, downloads the jars once, and compiles the main class."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).resolve().parent
STORE = HERE.parents[1] / ".opensearch"  # ignored by git; also holds the data of clusters started from a shell
CLASS_PATH = f"{STORE / 'classes'}:{STORE / 'lib'}/*"
OLDEST_JAVA = 11  # the minimum of OpenSearch 2.x
PACKAGES = "on Debian: apt-get install openjdk-17-jdk-headless maven"


class ClusterError(RuntimeError):
    """The cluster cannot be started or used. The message says why and names a remedy."""


def find_java() -> str:
    """Return the path of `java`, from JAVA_HOME or else from PATH.

    Raises:
        ClusterError: Java is missing or too old.
    """
    java = _program("java")
    printed = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(?:1\.)?(\d+)', printed)
    if version is None or int(version[1]) < OLDEST_JAVA:
        raise ClusterError(
            f"OpenSearch needs Java {OLDEST_JAVA} or newer, but {java} is {printed.strip()!r}; {PACKAGES}"
        )
    return java


def prepare() -> str:
    """Download the jars and compile the main class, unless that is already done. Return the path of `java`.

    Raises:
        ClusterError: Java or Maven is missing, or one of them fails.
    """
    java = find_java()
    STORE.mkdir(exist_ok=True)
    (STORE / ".gitignore").write_text("*\n", encoding="utf-8")
    with _locked(STORE / "lock"):  # several test processes may prepare at once
        _once("lib", HERE / "pom.xml", _fetch)
        _once("classes", HERE / "ClusterNode.java", _compile)
    return java


def _once(name: str, source: Path, make: Callable[[Path, Path], None]) -> None:
    """Call `make` to fill the folder `name` of the store, unless it was filled from the same `source` before."""
    folder = STORE / name
    stamp = folder / "made-from.txt"
    wanted = f"{source.name} sha256:{hashlib.sha256(source.read_bytes()).hexdigest()}\n"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    make(source, folder)
    stamp.write_text(wanted, encoding="utf-8")


def _fetch(pom: Path, folder: Path) -> None:
    goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={folder}"]
    _run([_program("mvn"), "-q", "-B", "-f", str(pom), *goal], "Maven could not fetch OpenSearch")


def _compile(source: Path, folder: Path) -> None:
    command = [_program("javac"), "-proc:none", "-d", str(folder), "-cp", f"{STORE / 'lib'}/*", str(source)]
    _run(command, f"{source.name} does not compile")


def _program(name: str) -> str:
    home = os.environ.get("JAVA_HOME")
    path = f"{home}/bin" if home and name.startswith("java") else None
    program = shutil.which(name, path=path)
    if program is None:
        where = f"JAVA_HOME ({home})" if path else "PATH"
        raise ClusterError(f"`{name}` is missing in {where}; {PACKAGES}")
    return program


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise ClusterError(f"{failure}:\n{done.stdout.strip()}")


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
