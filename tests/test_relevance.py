"""bench/relevance.py measures what docs/bench.md says, and its floors can fail."""

from __future__ import annotations

import gzip
import hashlib
import os
import subprocess
import sys
from math import log2
from pathlib import Path

import pytest
from support.command_line import prose, write_lines

BENCH = Path(__file__).parent.parent / "bench"


def test_measures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH))
    import relevance

    # Järvelin and Kekäläinen's gain 2^grade - 1 over log2(place + 1): (1 + 3/2) of the best (3 + 1/log2(3)).
    assert relevance.ndcg(["a", "x", "b"], {"a": 1, "b": 2}) == pytest.approx((1 + 3 / 2) / (3 + 1 / log2(3)))
    assert relevance.ndcg(["x"], {"a": 1}) == 0
    assert relevance.ndcg([*"xxxxxxxxxx", "a"], {"a": 1}) == 0  # the eleventh hit does not count
    # Three relevant documents: one at rank 1, one at rank 4, one missing: (1/1 + 2/4) / 3.
    assert relevance.average_precision(["a", "x", "y", "b"], {"a": 1, "b": 1, "c": 2}) == pytest.approx(0.5)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a folder with a collection of three documents. One of two judged queries finds its relevant document."""
    documents = [
        {"id": "1", "title": "Copper mines", "text": f"Copper comes by rail. {prose(1, 40)}"},
        {"id": "2", "title": "Rice", "text": f"The delta grows rice. {prose(2, 40)}"},
        {"id": "3", "title": "Trains run late again", "text": ""},
    ]
    queries = [{"id": 1, "text": "copper rail"}, {"id": 2, "text": "rice"}, {"id": 3, "text": "not judged"}]
    for kind, rows in (("docs", documents), ("queries", queries)):
        path = write_lines(tmp_path / f"{kind}.jsonl", rows)
        for name in ("cran", "cacm", "npl"):
            (tmp_path / f"relevance-{name}-{kind}.jsonl.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
            (tmp_path / f"relevance-{name}-qrels.tsv").write_text("1\t0\t1\t1\n2\t0\t1\t1\n2\t0\t2\t0\n")
    return tmp_path


def run(data: Path, code: str = "") -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    program = f"import sys; sys.path.insert(0, {str(BENCH)!r}); import relevance; {code}\nrelevance.main()"
    command = [sys.executable, "-c", program, "--data", str(data), "--floors"]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environment)


@pytest.mark.slow
@pytest.mark.parametrize(("floor", "code", "note"), [(0.5, 0, "holds"), (0.51, 1, "FALLEN")])
def test_a_figure_under_its_floor_fails_the_run(data: Path, floor: float, code: int, note: str) -> None:
    digest = hashlib.sha256((data / "relevance-cran-docs.jsonl.gz").read_bytes()).hexdigest()[:16]
    ended = run(data, f"relevance.PINS = (relevance.Pin('cran', {digest!r}, (1, 1), ({floor}, 0.5)),)")
    assert ended.returncode == code, ended.stderr
    (row,) = [line.split() for line in ended.stdout.splitlines() if line.startswith("cran")]
    assert row == ["cran", "2", "0.5000", "1", "0.5000", "1", note]


@pytest.mark.slow
def test_no_floor_applies_to_other_data(data: Path) -> None:
    ended = run(data)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("other data: no floor") == 3
    (data / "relevance-npl-docs.jsonl.gz").unlink()
    missing = run(data)
    assert missing.returncode == 1
    assert "relevance-npl-docs.jsonl.gz is missing" in missing.stderr
    assert "Traceback" not in missing.stderr
