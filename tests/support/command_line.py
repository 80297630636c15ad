"""Helpers for tests of the command line: run it in this process or as a real one, and make articles for it."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from index.cli.main import main
from search.engine import open_engine
from search.query.parsing import query_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from click.testing import Result

    from search.results import Results

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
DATELINE = [sys.executable, "-c", "from index.cli.main import main; main()"]
"""The `dateline` command, as arguments that work even if `dateline` is not on the path."""

NOUNS = [
    "harbour",
    "bridge",
    "parliament",
    "orchard",
    "minister",
    "glacier",
    "treaty",
    "railway",
    "market",
    "school",
    "river",
    "engine",
]
VERBS = [
    "opened",
    "closed",
    "inspected",
    "praised",
    "refused",
    "painted",
    "counted",
    "repaired",
    "borrowed",
    "measured",
]
ADJECTIVES = ["quiet", "northern", "rusty", "generous", "narrow", "frozen", "crowded", "ancient", "hopeful", "stubborn"]
PLACES = ["Norway", "Kenya", "Brazil", "Japan", "Poland", "Chile", "Vietnam", "Morocco", "Iceland", "Peru"]


def run(*args: object, url: str | None = None, **environment: str) -> Result:
    """Run a command in this process with the index `url`. It has one worker, so it starts no processes."""
    if url is not None:
        environment["DATELINE_INDEX"] = url
    runner = CliRunner(env={"DATELINE_WORKERS": "1", **environment})
    result = runner.invoke(main, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def answer(*args: object, url: str | None = None) -> dict[str, Any]:
    """Run a command that prints JSON and return it."""
    result = run(*args, "--json", url=url)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def start(*args: object, url: str, **options: Any) -> subprocess.Popen[str]:
    """Start a command as a process in a new session."""
    environment = {**os.environ, "DATELINE_INDEX": url, **options.pop("environment", {})}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(
        [*DATELINE, *map(str, args)], cwd=ROOT, env=environment, text=True, start_new_session=True, **pipes
    )


def complete(*args: object, url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a process and wait for its end."""
    with start(*args, url=url, environment=environment, stdin=subprocess.DEVNULL) as process:
        out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def members(session: int) -> list[int]:
    """Return the running processes of a session."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, _parent, _group, of = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(of) == session and state != "Z":
            found.append(int(entry.name))
    return found


def workers(session: int) -> list[int]:
    """Return the processes of a session that prepare articles, without the one that tracks semaphores."""
    found = []
    for pid in members(session):
        try:
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except FileNotFoundError:
            continue
        if b"spawn_main" in command:
            found.append(pid)
    return found


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until the condition is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s in vain for {what}"
        time.sleep(0.01)


def prose(seed: int, words: int = 60) -> str:
    """Return sentences that differ for each seed."""
    source = random.Random(seed)
    sentences: list[str] = []
    while sum(sentence.count(" ") + 1 for sentence in sentences) < words:
        one, other = source.choice(NOUNS), source.choice(NOUNS)
        sentences.append(
            f"The {source.choice(ADJECTIVES)} {one} of {source.choice(PLACES)} {source.choice(VERBS)} "
            f"{source.randrange(10_000)} {source.choice(ADJECTIVES)} {other}s."
        )
    return " ".join(sentences)


def story(number: int, **more: object) -> dict[str, object]:
    """Return the JSON object of an article, published on a day of 2024 that depends on the number."""
    return {
        "id": f"a{number:04}",
        "title": f"Report {number} from the {NOUNS[number % len(NOUNS)]}",
        "text": prose(number),
        "published": f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}",
        "source": "Harbour Gazette",
        "language": "en",  # detecting the language takes half a second in each process
        **more,
    }


def write_lines(path: Path, rows: Sequence[Mapping[str, object] | str]) -> Path:
    """Write a file of JSON lines. A row that is a string is written unchanged."""
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


MIXED: list[dict[str, object] | str] = [
    story(1),
    story(2, title="First version"),
    story(3),
    {"id": "short", "title": "Short", "text": "Two words"},
    story(2, title="Second version"),
    '{"id": "broken", "text": ',
    {"id": "blank", "text": "   "},
]
"""Seven inputs: three articles, one of them in two versions, and three rejected ones."""


def results_of(url: str, text: str = "", **options: Any) -> Results:
    return open_engine(url).search(query_of(text, per_page=100, **options))


def titles(url: str) -> dict[str, str]:
    return {hit.article.id: hit.article.title for hit in results_of(url).hits}


def files(root: Path) -> dict[str, int]:
    return {str(path.relative_to(root)): path.stat().st_mtime_ns for path in root.rglob("*") if path.name != "lock"}
