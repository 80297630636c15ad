"""The served search box is built from its current sources, and small."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys

import pytest
from support.command_line import ROOT

BUILD = ROOT / "api" / "search-box" / "build.py"
BUILT = ROOT / "api" / "static" / "search-box.js"
LIMIT = 12_000


def test_is_built_from_the_current_sources() -> None:
    if not os.environ.get("CI"):
        pytest.importorskip("minify", reason="tdewolff-minify has no wheel for this system")
    done = subprocess.run([sys.executable, BUILD, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_is_small() -> None:
    assert len(gzip.compress(BUILT.read_bytes(), 9)) < LIMIT


def test_no_source_makes_markup_from_data() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in BUILD.parent.glob("*.js"))
    assert "make(" in sources
    for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "setHTML"):
        assert sink not in sources
