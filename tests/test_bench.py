"""`make bench` runs on made-up articles, and all engines in it do the same work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
RUN = Path(__file__).parent.parent / "bench" / "run.py"


def _bench(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    command = [sys.executable, str(RUN), *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={**environment, "TMPDIR": str(folder), "npm_config_offline": "true"},  # a test downloads no packages
    )


@pytest.mark.slow
def test_a_quick_run_measures_everything_and_leaves_nothing_behind(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    run = _bench(scratch, "--quick", "--articles", "200", "--json", str(tmp_path / "figures.json"))
    assert run.returncode == 0, run.stderr
    assert "DATELINE_EVAL is not set" in run.stdout
    assert list(scratch.iterdir()) == []

    figures: dict[str, Any] = json.loads((tmp_path / "figures.json").read_text())
    assert [(one["read"], one["rejected"]) for one in figures["reindexed"]] == [(100, 0), (100, 0), (200, 0)]
    assert all(0 < one["peak_process"] <= one["peak_tree"] for one in figures["reindexed"])
    assert [one["name"] for one in figures["contests"]] == ["Dateline", "SQLite FTS5", "Whoosh"]
    assert all(one["articles"] == 200 and one["size"] > figures["text_bytes"] for one in figures["contests"])
    assert all(0 < one["median"] <= one["p99"] for one in figures["latencies"])
    assert figures["requests_per_second"] > 0
    assert figures["failed_requests"] == 0
    # The words are made up and mostly their own stems, so the engines agree on nearly all counts.
    assert all(one["equal"] >= 0.9 and one["facets"] == 1 for one in figures["agreements"])
    box = figures["search_box"]
    assert box["sizes"][0]["name"] == "Dateline"
    assert any(line.startswith("Pagefind and Algolia: not measured: ") for line in box["unmeasured"])
    if CHROMIUM.exists():
        assert box["presses"], box["unmeasured"]
        assert box["presses"]["measured"] + box["presses"]["missed"] == 30
        assert 0 < box["presses"]["median"] <= box["presses"]["p90"] <= box["presses"]["p99"]
        assert box["first_view"]["requests"] > 2


def test_a_folder_without_the_data_is_named_and_nothing_is_measured(tmp_path: Path) -> None:
    run = _bench(tmp_path, "--eval", str(tmp_path))
    assert run.returncode == 1
    assert "reuters.jsonl.gz is not in the folder data" in run.stderr
    assert "Traceback" not in run.stderr
