"""A job reports its steps to any listener; without one it is silent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.command_line import story, write_lines

from index.copying import copy
from index.jobs import Job
from search.engine import open_engine
from search.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from index.progress import Step


def test_a_job_and_a_copy_report_their_steps_in_order(tmp_path: Path) -> None:
    source = write_lines(tmp_path / "news.jsonl", [*(story(n) for n in range(120)), {"id": "short", "text": "Two"}])
    engine = open_engine(f"tantivy://{tmp_path}/index")
    steps: list[Step] = []
    Job([str(source)], Settings(workers=1), progress=steps.append).rebuild(engine)
    copy(engine, open_engine(f"tantivy://{tmp_path}/copy"), 1, steps.append)
    names = [step.name for step in steps]
    assert list(dict.fromkeys(names)) == ["Reading", "Tagging", "Indexing", "Copying", "Verifying"]
    last = {step.name: step for step in steps}
    assert (last["Reading"].done, last["Reading"].total) == (source.stat().st_size,) * 2
    assert (last["Reading"].articles, last["Reading"].rejected) == (121, 1)
    assert (last["Tagging"].done, last["Tagging"].total) == (121, 121)
    assert (last["Indexing"].done, last["Indexing"].total) == (100, 121)
    assert (last["Copying"].done, last["Copying"].total) == (100, 120)
    assert all(step.done <= (step.total or 0) for step in steps)
