"""The import contracts of pyproject.toml catch each forbidden import: it is planted in a copy of the tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
PACKAGES = ("search", "index", "api")

FORBIDDEN = [
    # the layers
    ("search/model.py", "index.jobs"),
    ("search/settings.py", "api.service"),
    ("search/engines/tantivy/query.py", "index.sources.raw"),
    ("index/jobs.py", "api.headers"),
    ("index/cli/main.py", "api.v1.views"),
    ("api/v1/views.py", "index.jobs"),
    ("api/site/pages.py", "index.facets.extract"),
    # the read side without a web framework, a command line or markup
    ("search/analysis.py", "flask"),
    ("search/engine.py", "flask_smorest"),
    ("search/answers.py", "marshmallow"),
    ("search/query/parsing.py", "webargs"),
    ("search/settings.py", "click"),
    ("search/highlight/snippets.py", "rich"),
    ("search/storage/records.py", "lxml"),
    # engines as islands
    ("search/engines/tantivy/query.py", "search.engines.whoosh.schema"),
    ("search/engines/whoosh/engine.py", "search.engines.opensearch.address"),
    ("search/engines/opensearch/query.py", "search.engines.tantivy.query"),
    # an engine's library outside the engine's folder
    ("search/query/ranking.py", "tantivy"),
    ("search/engines/base.py", "tantivy"),
    ("search/engines/whoosh/engine.py", "tantivy"),
    ("index/jobs.py", "tantivy"),
    ("api/v1/views.py", "tantivy"),
    ("search/engine.py", "opensearchpy"),
    ("search/engines/tantivy/engine.py", "opensearchpy"),
    ("api/headers.py", "opensearchpy"),
    ("search/query/parsing.py", "whoosh.index"),
    ("search/engines/base.py", "whoosh.index"),
    ("search/engines/tantivy/query.py", "whoosh.searching"),
    ("index/jobs.py", "whoosh.filedb.filestore"),
    ("api/site/pages.py", "whoosh.index"),
    # Whoosh's parser and query tree in modules that do not make, run or highlight trees
    ("search/lexicon/lexicon.py", "whoosh.query"),
    ("search/highlight/snippets.py", "whoosh.index"),
    ("search/highlight/matching.py", "whoosh.qparser"),
    ("index/jobs.py", "whoosh.qparser"),
    ("api/v1/views.py", "whoosh.query"),
    # the terminal outside the command line
    ("index/jobs.py", "rich.console"),
    ("index/sources/read.py", "click"),
    ("index/jobs.py", "index.cli.terminal"),
    # a cycle
    ("search/errors.py", "search.engine"),
    ("index/pages/page.py", "index.pages.html.read"),
]
"""Pairs of a file of the project and a module that this file must not import."""


def lint(folder: Path) -> tuple[int, str]:
    """Run lint-imports on the tree in a folder; return its exit code and what it prints."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the packages that passes."""
    folder = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    code, printed = lint(folder)
    assert code == 0, printed  # the copy passes, so a later failure comes from the planted import
    return folder


@pytest.mark.parametrize(("file", "module"), FORBIDDEN)
def test_a_forbidden_import_is_refused(tree: Path, file: str, module: str) -> None:
    path = tree / file
    source = path.read_text(encoding="utf-8")
    try:
        path.write_text(f"{source}\n\ndef late():\n    import {module}\n", encoding="utf-8")
        code, printed = lint(tree)
    finally:
        path.write_text(source, encoding="utf-8")
    assert code == 1, printed
    assert "BROKEN" in printed
