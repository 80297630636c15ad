"""The files of a lexicon: the base, and the delta with the changes since the base was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from search.errors import IndexDamagedError, IndexVersionError
from search.lexicon import letters
from search.lexicon.completion import Completion
from search.lexicon.layer import Layer
from search.lexicon.old_version import OLD_VERSION, upgraded
from search.storage import mapped_arrays

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from search.lexicon.packing import Part
    from search.storage.mapped_arrays import Array

    Parts: TypeAlias = dict[str, dict[str, Array]]

FILE: Final = "lexicon.bin"
DELTA: Final = "lexicon-delta.bin"

VERSION: Final = 2
"""Version of the file format. Bump when it changes; `old_version` reads the version before, others are refused."""

TABLES: Final = ("names", "headlines", "words")
"""The tables of entries. Persons and countries are ranked together, in `names`."""

CHANGED: Final = ("hidden", "blocks", "rows", "before")
"""The arrays that only a delta has.

- `hidden`: the entries of the base that are gone or have a new version in the delta, sorted
- `blocks`, `rows`: the blocks of the base whose best entries changed, and their new rows
- `before`: for each entry of the delta, the number of entries of the base that come before it
"""


class Files(NamedTuple):
    """The contents of the files of a lexicon: for each table its arrays, and the facts.

    `newest` is the newest day when the base was written; 0 for a base of the version before.
    """

    base: Parts
    delta: Parts | None
    alphabets: Mapping[str, Mapping[str, str]]
    newest: int

    def table(self, name: str) -> Completion:
        """Return a table. Raises KeyError if an array is missing."""
        if self.delta is None:
            return Completion(Layer(self.base[name]), self.alphabets[name], None, None)
        changed = self.delta[name]
        for part in CHANGED:
            changed[part]
        delta = Layer(changed) if len(changed["counts"]) else None
        return Completion(Layer(self.base[name], changed), self.alphabets[name], delta, changed)


def read(folder: Path) -> Files:
    """Return the contents of the files in a folder.

    Raises:
        IndexDamagedError: A file is missing, truncated or incomplete, or the files do not belong together.
        IndexVersionError: Another version of this program wrote the files.
    """
    base, facts = _read(folder / FILE, (OLD_VERSION, VERSION))
    try:
        if facts["version"] == OLD_VERSION:
            upgraded(base)
        files = Files(base, None, facts["alphabets"], facts.get("newest", 0))
        if not (folder / DELTA).exists():
            return files
        delta, facts = _read(folder / DELTA, (VERSION,))
        if facts["base"] != sizes(base):
            message = f"{DELTA} of generation {folder.name} belongs to another {FILE}."
            raise IndexDamagedError(message, remedy=mapped_arrays.REMEDY)
        return files._replace(delta=delta, alphabets=facts["alphabets"])
    except (KeyError, TypeError, ValueError) as error:
        raise incomplete(folder, error) from error


def incomplete(folder: Path, error: Exception) -> IndexDamagedError:
    """Return the exception for a lexicon that lacks a part."""
    return IndexDamagedError(
        f"The lexicon of generation {folder.name} lacks a part: {error}.", remedy=mapped_arrays.REMEDY
    )


def release(base: Parts) -> None:
    """Remove the pages of a base from the memory of this process, after a table was read."""
    mapped_arrays.release(base["words"]["words"])


def sizes(base: Parts) -> list[int]:
    """Return the numbers of entries of a base, which a delta stores to recognize its base."""
    return [len(base[table]["counts"]) for table in TABLES]


def _read(path: Path, versions: tuple[int, ...]) -> tuple[Parts, dict[str, Any]]:
    arrays, facts = mapped_arrays.read(path)
    if facts.get("version") not in versions:
        raise IndexVersionError(
            f"The lexicon of generation {path.parent.name} has version {facts.get('version')}, not {VERSION}.",
            remedy="Rebuild the index: dateline reindex PATH...",
        )
    parts: Parts = {}
    for name, array in arrays.items():
        table, _, part = name.partition(".")
        parts.setdefault(table, {})[part] = array
    return parts, facts


def write(path: Path, tables: Iterable[tuple[str, Iterable[Part]]], facts: Mapping[str, Any]) -> None:
    """Write a base or a delta. The tables are written one after the other, so they need not be in memory together."""
    alphabets: dict[str, dict[str, str]] = {}

    def parts() -> Iterator[Part]:
        for table, arrays in tables:
            codes: Any = ()
            for name, array in arrays:
                yield f"{table}.{name}", array
                if name == "letters":
                    codes = array
                elif name == "letter_counts":
                    assert not isinstance(array, mapped_arrays.Stream)
                    alphabets[table] = letters.alphabets(codes.tolist(), array.tolist())

    mapped_arrays.write(path, parts(), {"version": VERSION, **facts, "alphabets": alphabets})
