"""Merges a base and a delta into a new base."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from search.lexicon import files
from search.lexicon.building import table
from search.lexicon.entries import entries_of, joined, newest_day
from search.lexicon.words import merged, word_parts, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from search.lexicon.files import Parts
    from search.lexicon.packing import Part
    from search.storage.mapped_arrays import Array


def write_merged(folder: Path, base: Parts, delta: Parts) -> None:
    """Write a new base with the entries of a base and its delta. Scores are computed with the newest day of all."""
    shown = {name: _shown(base[name], delta[name]) for name in files.TABLES}
    newest = newest_day(
        [days for name in ("names", "headlines") for days in (base[name]["days"][shown[name]], delta[name]["days"])]
    )

    def tables() -> Iterator[tuple[str, Iterable[Part]]]:
        for name in ("names", "headlines"):
            rows = np.concatenate([shown[name], len(base[name]["counts"]) + np.arange(len(delta[name]["counts"]))])
            yield name, table(joined(entries_of(base[name]), entries_of(delta[name])), rows, newest)
            files.release(base)
        own, other = base["words"], delta["words"]
        is_shown = np.zeros(len(own["counts"]), bool)
        is_shown[shown["words"]] = True
        (places,) = np.nonzero(is_shown[own["by_word"]])
        words, _ = merged(
            words_of(own, base["spelling"], places),
            words_of(other, delta["spelling"], np.arange(len(other["words"]))),
        )
        files.release(base)
        parts, spelling, _ = word_parts(words)
        yield "words", parts
        yield "spelling", spelling

    files.write(folder / files.FILE, tables(), {"newest": newest})
    (folder / files.DELTA).unlink(missing_ok=True)


def _shown(base: dict[str, Array], delta: dict[str, Array]) -> Array:
    """Return the numbers of the entries of a base that its delta does not hide."""
    is_shown = np.ones(len(base["counts"]), bool)
    is_shown[delta["hidden"]] = False
    return np.flatnonzero(is_shown)
