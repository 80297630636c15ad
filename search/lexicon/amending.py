"""Amends a lexicon after a write: the changes go to a small delta, which is merged into a new base when it is large."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final, NamedTuple

from search.lexicon import files
from search.lexicon.changed_tables import Table, changed_entries
from search.lexicon.changed_words import WordChanges, changed_words
from search.lexicon.contents import country_entry, headline_entry, person_entry
from search.lexicon.entries import PERSON
from search.lexicon.merging import write_merged

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from search.lexicon.contents import Dated, Headline
    from search.lexicon.entries import Entry
    from search.lexicon.files import Files, Parts

FEW: Final = 4_000
"""Maximum entries of a delta that is never merged."""

SHARE: Final = 8
"""A larger delta is merged when it has more than one eighth of the entries of the base."""


class Changes(NamedTuple):
    """The changes of a write. All numbers are absolute: they are the numbers after the write.

    Attributes:
        words: Each folded word of a changed article, with its number of articles now; 0 if it is gone.
        persons: The persons of changed articles, with their articles now (0: gone) and the last day. A day before the
            stored one changes nothing.
        countries: The same for countries.
        gone: Headlines that are no longer shown, with the text that they had.
        headlines: Headlines that are new, or whose text, day or number of copies changed.
        surfaces: The spelling of new folded words. Words that have a spelling keep it.
    """

    words: Mapping[str, int]
    persons: Iterable[Dated]
    countries: Iterable[Dated]
    gone: Iterable[Headline]
    headlines: Iterable[Headline]
    surfaces: Mapping[str, str]


def amend(folder: Path, before: Path, changes: Changes) -> None:
    """Write the lexicon of the generation in `before`, with changes, into the folder of a new generation.

    The lexicon has the present version: a write refuses an index of an older schema. The base may be in the new folder
    already, as a hard link. Otherwise it is linked, or copied. It is never changed.
    The time depends on the changes and on the delta, except when the delta is merged.

    Raises:
        IndexDamagedError, IndexVersionError: The lexicon in `before` cannot be read.
    """
    opened = files.read(before)
    try:
        delta = _delta(opened, changes)
    except (KeyError, ValueError, IndexError) as error:
        raise files.incomplete(before, error) from error
    if _is_large(opened, delta):
        write_merged(folder, opened.base, delta)
        return
    if not (folder / files.FILE).exists():
        _link(before / files.FILE, folder / files.FILE)
    facts = {"newest": opened.newest, "base": files.sizes(opened.base)}
    files.write(folder / files.DELTA, ((table, arrays.items()) for table, arrays in delta.items()), facts)


def _delta(opened: Files, changes: Changes) -> Parts:
    """Return the arrays of the new delta."""
    entries = [*map(person_entry, changes.persons), *map(country_entry, changes.countries)]
    names = changed_entries(Table.of(opened, "names"), (), entries, _articles_of_person, keep_days=True)
    files.release(opened.base)
    gone, titles = map(headline_entry, changes.gone), map(headline_entry, changes.headlines)
    headlines = changed_entries(Table.of(opened, "headlines"), gone, titles, lambda _: 1, keep_days=False)
    files.release(opened.base)
    changed = WordChanges(changes.words, headlines.words, names.words, changes.surfaces)
    words, spelling = changed_words(opened, changed)
    return {"names": names.arrays, "headlines": headlines.arrays, "words": words, "spelling": spelling}


def _articles_of_person(entry: Entry) -> int:
    return entry.articles if entry.kind == PERSON else 0


def _is_large(opened: Files, delta: Parts) -> bool:
    """Return whether to merge a delta. A small base without any date is merged, too, because it cannot rank by date."""
    base = sum(files.sizes(opened.base))
    size = sum(max(len(delta[table]["counts"]), len(delta[table]["hidden"])) for table in files.TABLES)
    return size > max(FEW, base // SHARE) or (not opened.newest and base <= FEW)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # the file system has no hard links
        shutil.copyfile(source, target)
