"""The wheel and the source distribution hold all files needed at run time, and the licence notices of their content."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def data_files() -> set[str]:
    """Return the packages' data files that Git tracks, without the sources of the search box."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "index", "search", "api"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    names = (name for name in listed.stdout.split("\0") if name and not name.endswith(".py"))
    return {name for name in names if not name.startswith("api/search-box/")}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and a source distribution, built without a network from a copy of the project."""
    folder = tmp_path_factory.mktemp("packaging")
    project = folder / "project"
    ignored = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "data", "tests", "docs", "samples")
    shutil.copytree(ROOT, project, ignore=ignored)
    code = "from setuptools import build_meta as b; b.build_wheel('..'); b.build_sdist('..')"
    subprocess.run([sys.executable, "-c", code], cwd=project, check=True, capture_output=True)
    return folder


@pytest.mark.slow
def test_the_wheel_holds_all_data_and_the_notices(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert data_files() <= names
    assert {"index/tables/places.marisa", "index/tables/words.marisa", "index/tables/NOTICE"} <= names
    licences = {name.partition("/licenses/")[2] for name in names if "/licenses/" in name}
    assert licences == {"LICENSE", "index/tables/NOTICE", "index/tables/SOURCES.md"}


@pytest.mark.slow
def test_the_source_distribution_holds_all_data(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert data_files() <= names
    assert {"LICENSE", "index/tables/NOTICE", "index/tables/SOURCES.md"} <= names
