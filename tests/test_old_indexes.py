"""Indexes that past versions wrote still open: see tests/indexes/README.md."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from search.engine import open_engine
from search.errors import IndexVersionError
from search.query.parsing import query_of

if TYPE_CHECKING:
    from search.engine import Engine

INDEXES = Path(__file__).parent / "indexes"


@pytest.fixture(params=["schema-5-tantivy", "schema-5-whoosh"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Engine:
    """Return an engine on an unpacked copy of an old index."""
    name: str = request.param
    scheme = name.rpartition("-")[2]
    with tarfile.open(INDEXES / f"{name}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return open_engine(f"{scheme}://{tmp_path / scheme}")


def test_an_old_index_is_whole_and_found_in(engine: Engine) -> None:
    assert engine.check() == ()
    assert engine.info().articles == 7
    results = engine.search(query_of("rice", facets=("country",)))
    assert results.total == 2
    assert [value.value for value in results.countries if value.count == 2] == ["BD", "KH", "VN"]


def test_an_old_index_is_upgraded_and_written_to(engine: Engine) -> None:
    gone = min(article.id for article in engine.articles())
    with pytest.raises(IndexVersionError, match="dateline tidy"):
        engine.write((), [gone], keep=1)
    engine.rebuild(engine.articles(), keep=2)
    engine.write((), [gone], keep=1)
    assert engine.check() == ()
    assert gone not in {article.id for article in engine.articles()}
    assert engine.info().articles == 6
