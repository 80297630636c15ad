"""Computes the new delta of each table from the old one and the changes of a write."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from search.lexicon import packing
from search.lexicon.entries import Collector, Entry, entries_of, joined, ranked, scores
from search.lexicon.layer import Layer
from search.lexicon.letters import counted, cut
from search.lexicon.ragged import fixed, found
from search.storage.mapped_arrays import Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from search.lexicon.files import Files
    from search.lexicon.packing import Part
    from search.storage.mapped_arrays import Array


class Table(NamedTuple):
    """A table of the lexicon before a write. `changed` has the arrays of its delta, if there is one."""

    base: Layer
    delta: Layer | None
    changed: dict[str, Array] | None
    newest: int

    @classmethod
    def of(cls, opened: Files, name: str) -> Table:
        """Return a table of an open lexicon."""
        changed = opened.delta[name] if opened.delta else None
        return cls(Layer(opened.base[name], changed), Layer(changed) if changed else None, changed, opened.newest)

    def find(self, entry: Entry) -> tuple[Layer, int] | None:
        """Return the layer and the number of an entry of the same kind, value and words."""
        own = dict.fromkeys(entry.words.split())
        keys = fixed([word.encode(errors="replace") for word in dict.fromkeys(map(cut, own))])
        for layer in (self.delta, self.base):
            places = layer.find(keys) if layer else keys[:0]
            if layer and len(places) and (places >= 0).all():
                numbers = np.array(layer.every([(place, place + 1) for place in places.reshape(-1, 1)]), np.int64)
                starts = layer.arrays["forward_starts"]
                for number in numbers[starts[numbers + 1] - starts[numbers] == len(own)].tolist():
                    if layer.entry(number)[:2] == entry[:2]:
                        return layer, number
        return None


class Uses(NamedTuple):
    """What `changed_entries` returns: the arrays of the new delta, and how the uses of words changed."""

    arrays: dict[str, Array]
    words: Counter[str]


def changed_entries(
    table: Table, gone: Iterable[Entry], entries: Iterable[Entry], amount: Callable[[Entry], int], *, keep_days: bool
) -> Uses:
    """Return the new delta of a table of names or headlines.

    Entries that are `gone`, or that have no articles now, disappear; `entries` have their new numbers. An entry uses
    its words `amount(entry)` times. With `keep_days`, an entry keeps its day if the new day is earlier.
    """
    removed: dict[tuple[Layer, int], Entry] = {}
    for entry in gone:
        place = table.find(entry)
        if place:
            removed[place] = entry._replace(articles=place[0].entry(place[1]).articles)
    new: list[Entry] = []
    for entry in {one[:2]: one for one in entries}.values():
        place = table.find(entry)
        latest = entry
        if place:
            stored = place[0].entry(place[1])._replace(words=entry.words)
            if keep_days and place not in removed:
                latest = entry._replace(day=max(entry.day, stored.day))
            if latest == stored and place not in removed:
                continue
            removed[place] = stored
        if latest.articles > 0 and latest.words:
            new.append(latest)
    uses: Counter[str] = Counter()
    for sign, some in ((-1, removed.values()), (1, new)):
        for entry in some:
            for word in set(entry.words.split()):
                uses[word] += sign * amount(entry)
    hidden = [number for layer, number in removed if layer is table.base]
    dropped = [number for layer, number in removed if layer is not table.base]
    return Uses({**_combined(table, dropped, new), **changes_of_base(table, hidden)}, uses)


def _combined(table: Table, dropped: Sequence[int], new: Sequence[Entry]) -> dict[str, Array]:
    """Return the arrays of the old delta without the dropped entries, with the new ones."""
    collector = Collector()
    for entry in new:
        collector.add(entry)
    entries = collector.entries()
    rows = np.arange(len(new))
    points = scores(entries.counts, entries.days, table.newest)
    order = ranked(entries, rows, points)
    keys = [(float(points[row]), entries.key(row)) for row in order.tolist()]
    before = np.empty(len(new), np.int64)
    before[order] = [table.base.rank(*key) for key in keys]
    words = entries.words
    if table.delta and table.changed:
        size = len(table.delta.counts)
        places = np.array([table.delta.rank(*key) for key in keys], np.int64)
        kept = np.ones(size + len(new), bool)
        kept[list(dropped)] = False
        order = np.insert(np.arange(size), places, size + order)
        order = order[kept[order]]
        entries = joined(entries_of(table.changed), entries)
        points = np.concatenate([table.changed["scores"], points])
        before = np.concatenate([table.changed["before"], before])
        words = words[found(table.delta.words, words) < 0]
    words = np.unique(words[found(table.base.words, words) < 0])
    arrays = solid(packing.packed(entries, order, points[order]))
    return {**arrays, "before": before[order], **more_letters(table, words, words[:0])}


def solid(parts: Iterable[Part]) -> dict[str, Array]:
    """Return arrays by their names. Arrays that would be written chunk by chunk are completed."""
    return {
        name: np.concatenate([np.empty(0, part.kind), *part.chunks]) if isinstance(part, Stream) else part
        for name, part in parts
    }


def more_letters(table: Table, added: Array, gone: Array) -> dict[str, Array]:
    """Return the letters of a table after a write: those before, with those of new words, without those gone."""
    source = table.changed or table.base.arrays
    counts = Counter(dict(zip(source["letters"].tolist(), source["letter_counts"].tolist(), strict=True)))
    for words, sign in ((added, 1), (gone, -1)):
        for code, number in zip(*counted(words), strict=True):
            counts[int(code)] += sign * int(number)
    ordered = sorted((code, number) for code, number in counts.items() if number > 0)
    return {
        "letters": np.array([code for code, _ in ordered], np.uint32),
        "letter_counts": np.array([number for _, number in ordered], np.uint32),
    }


def changes_of_base(table: Table, hidden: Sequence[int]) -> dict[str, Array]:
    """Return the arrays of a delta that describe the base: `hidden`, and the best entries of some blocks.

    Only blocks with an entry that is hidden now are computed again.
    """
    base = table.base
    every = np.array(hidden, np.int64)
    rows: dict[int, Array] = {}
    if table.changed:
        every = np.union1d(table.changed["hidden"], every)
        rows = dict(zip(table.changed["blocks"].tolist(), table.changed["rows"], strict=True))
    every.sort()
    visible = np.ones(len(base.counts), bool)
    visible[every] = False
    full = len(base.by_word) // packing.BLOCK
    for block in {place // packing.BLOCK for number in hidden for place in _postings(base, number)}:
        row = rows.get(block)
        if block < full and not visible[base.best_of_blocks[block] if row is None else row].all():
            numbers = base.by_word[block * packing.BLOCK : (block + 1) * packing.BLOCK]
            shown = numbers[visible[numbers]]
            rows[block] = packing.best_of(shown if len(shown) else numbers[:1])
    blocks = sorted(rows)
    return {
        "hidden": every.astype(np.uint32),
        "blocks": np.array(blocks, np.uint32),
        "rows": np.array([rows[block] for block in blocks], np.uint32).reshape(-1, packing.BEST),
    }


def _postings(layer: Layer, number: int) -> Iterable[int]:
    """Return the places of an entry among the entries of its words."""
    first, last = layer.arrays["forward_starts"][number : number + 2]
    for word in layer.arrays["forward"][first:last].tolist():
        start, end = layer.starts[word : word + 2].tolist()
        yield start + int(layer.by_word[start:end].searchsorted(number))
