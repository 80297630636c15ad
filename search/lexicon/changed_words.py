"""Computes the new delta of the table of words from the old one and the changes of a write."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from search.lexicon.changed_tables import Table, changes_of_base, more_letters, solid
from search.lexicon.ragged import Ragged, fixed
from search.lexicon.words import USES, Words, is_stored, merged, texts, word_parts, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from search.lexicon.files import Files
    from search.lexicon.layer import Layer
    from search.storage.mapped_arrays import Array


class WordChanges(NamedTuple):
    """The changes of words.

    `articles` has the numbers of articles now. `headlines` and `names` have the differences. `surfaces` has the
    spellings of words that have none.
    """

    articles: Mapping[str, int]
    headlines: Mapping[str, int]
    names: Mapping[str, int]
    surfaces: Mapping[str, str]

    def words(self) -> list[str]:
        """Return all changed words, sorted."""
        every = self.articles.keys() | self.headlines.keys() | self.names.keys()
        return sorted(filter(is_stored, every))


class _Word(NamedTuple):
    """A word with its uses and its spelling."""

    word: str
    uses: tuple[int, int, int]
    label: str

    @property
    def is_used(self) -> bool:
        return any(self.uses)

    def after(self, changes: WordChanges) -> _Word:
        """Return the word after the changes."""
        articles, headlines, names = self.uses
        uses = (
            changes.articles.get(self.word, articles),
            max(headlines + changes.headlines.get(self.word, 0), 0),
            max(names + changes.names.get(self.word, 0), 0),
        )
        is_spelled = self.label != self.word
        return _Word(self.word, uses, self.label if is_spelled else changes.surfaces.get(self.word, self.word))


def changed_words(opened: Files, changes: WordChanges) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the new delta of the table of words, and its arrays for the spelling."""
    table = Table.of(opened, "words")
    every = changes.words()
    keys = fixed([word.encode() for word in every])
    in_base, in_delta = _find(table.base, keys), _find(table.delta, keys)
    new: list[_Word] = []
    hidden: list[int] = []
    dropped: list[int] = []
    added: list[int] = []
    gone: list[int] = []
    for at, (word, base, delta) in enumerate(zip(every, in_base, in_delta, strict=True)):
        before = _Word(word, (0, 0, 0), word)
        if delta >= 0 and table.delta and opened.delta:
            before = _stored(table.delta, opened.delta["spelling"], delta, word)
        elif base >= 0:
            before = _stored(table.base, opened.base["spelling"], base, word)
        after = before.after(changes)
        if after.uses == before.uses:
            continue
        if delta >= 0:
            dropped.append(delta)
        elif base >= 0:
            hidden.append(table.base.owner(base))
        if after.is_used:
            new.append(after)
        if after.is_used != before.is_used:
            (added if after.is_used else gone).append(at)
    parts, spelling, before_of = _combined(table, opened, dropped, new)
    arrays = {**parts, "before": before_of, **changes_of_base(table, hidden)}
    return {**arrays, **more_letters(table, keys[added], keys[gone])}, spelling


def _find(layer: Layer | None, keys: Array) -> Sequence[int]:
    """Return the places of words in a layer, or -1 for an unknown or hidden word."""
    if layer is None:
        return [-1] * len(keys)
    places = layer.find(keys)
    (known,) = np.nonzero(places >= 0)
    shown = np.full(len(keys), -1)
    shown[known] = np.where(np.isin(places[known], layer.shown(places[known])), places[known], -1)
    numbers: list[int] = shown.tolist()
    return numbers


def _stored(layer: Layer, spelling: Mapping[str, Array], place: int, word: str) -> _Word:
    articles, headlines, names = (int(spelling[name][place]) for name in USES)
    return _Word(word, (articles, headlines, names), layer.entry(layer.owner(place)).label)


def _combined(
    table: Table, opened: Files, dropped: Sequence[int], new: Sequence[_Word]
) -> tuple[dict[str, Array], dict[str, Array], Array]:
    """Return the arrays of the old delta without the dropped words, with the new ones, and `before`."""
    columns = [np.array([word.uses[at] for word in new], np.uint32) for at in range(len(USES))]
    labels: Ragged = texts([word.label.encode(errors="replace") for word in new])
    words = Words(fixed([word.word.encode() for word in new]), labels, *columns)
    numbers = words.counts.astype(np.float32)
    before = np.array(
        [table.base.rank(float(number), (word.word.encode(),)) for number, word in zip(numbers, new, strict=True)],
        np.int64,
    )
    if table.changed and opened.delta:
        places = np.delete(np.arange(len(table.changed["words"])), dropped)
        old_before = table.changed["before"][table.changed["by_word"][places]]
        words, rows = merged(words_of(table.changed, opened.delta["spelling"], places), words)
        before = np.concatenate([old_before, before])[rows]
    parts, spelling, order = word_parts(words)
    return solid(parts), solid(spelling), before[order]
