"""Articles wait in a temporary file: packing loses nothing, and an article can be replaced by another one."""

from __future__ import annotations

from contextlib import closing
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import pytest
from support.command_line import SAMPLES

from index.archive.pipeline import Preparation
from index.archive.spool import Spool, packed, pickled, unpacked
from index.sources.read import read
from search.model import Article, Country, Mention, Person
from search.settings import Settings

if TYPE_CHECKING:
    from index.clean.steps import Rejected

MENTIONS = (Mention("Peru", 0, 4, "name"), Mention("Lima", 9, 13, "capital"))


@pytest.fixture(scope="module")
def items() -> list[Article | Rejected]:
    settings = Settings(workers=1)
    return list(Preparation(settings).articles(read([str(SAMPLES)], settings)))


def test_packing_loses_nothing(items: list[Article | Rejected]) -> None:
    article = next(item for item in items if isinstance(item, Article) and item.persons)
    found = (Country("PE", "Peru", MENTIONS, 0.5), Person("Ann", MENTIONS, "Ann Lee"), Person("Bo"))
    rare = {"removed": ((-1, "x"), (3, "y")), "captions": ("z",), "own_title": True, "warnings": ("w",)}
    items = [*items, replace(article, found=found, **rare)]  # type: ignore[arg-type]
    filled = {one.name for item in items for one in fields(item) if getattr(item, one.name)}
    assert filled > {one.name for one in fields(Article)}
    assert [unpacked(packed(item)) for item in items] == items


def test_rows_are_read_in_any_order_and_replaced() -> None:
    with closing(Spool()) as spool:
        for start in range(0, 9, 3):
            numbers = list(range(start, start + 3))
            spool.append([b"%d" % number for number in numbers], [pickled(numbers), pickled([-one for one in numbers])])
        spool.replace(4, b"longer than before")
        spool.flush()
        assert [spool.blob(row) for row in (8, 4, 0)] == [b"8", b"longer than before", b"0"]
        assert len(spool) == 9
        assert list(spool.column(0)) == list(range(9))
        assert list(spool.column(1)) == [-number for number in range(9)]
