"""The words of the archive in columns, with their use, which ranks them and weighs corrections."""

from __future__ import annotations

from array import array
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from search.lexicon import letters
from search.lexicon.entries import WORD, Entries
from search.lexicon.packing import best_of_blocks, fields, letter_parts
from search.lexicon.ragged import CHUNK, Ragged, ends_of, fitting, fixed, found, join, narrowed, padded, take, unpadded
from search.storage.fields import NAME_BREAK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from search.lexicon.packing import Part
    from search.storage.mapped_arrays import Array

USES: Final = ("articles", "headlines", "names")
"""The names of the columns that count the uses of a word."""


class Words(NamedTuple):
    """Words in columns, sorted by bytes.

    Attributes:
        words: The folded words.
        labels: Their spellings.
        articles: Numbers of articles with the word.
        headlines: Numbers of headlines with the word, one headline for each story.
        names: For each person whose name has the word, the number of articles of the person; the sum.
    """

    words: Array
    labels: Ragged
    articles: Array
    headlines: Array
    names: Array

    @property
    def counts(self) -> Array:
        """The numbers of articles of the entries. A word that only names contain has the number of the names."""
        return counts(self.articles, self.headlines, self.names)


def counts(articles: Array, headlines: Array, names: Array) -> Array:
    """Return the numbers of articles of entries from the uses of their words."""
    most = np.maximum(articles, headlines)
    return np.where(most > 0, most, names)


def is_stored(word: str) -> bool:
    """Return whether a word of the archive is in the lexicon. Words that are too long are not."""
    return bool(word) and word != NAME_BREAK and letters.cut(word) == word


def collected(words: Iterable[tuple[str, int]]) -> tuple[Array, Array]:
    """Return words, sorted by bytes, and their numbers of articles; of a repeated word the higher number."""
    parts, numbers = [], array("Q")
    stored = ((word.encode(), count) for word, count in words if is_stored(word))
    while chunk := list(islice(stored, CHUNK)):
        parts.append(fixed([word for word, _ in chunk]))
        numbers.extend(count for _, count in chunk)
    every = np.concatenate(parts) if parts else fixed([])
    del parts
    articles = np.frombuffer(numbers, np.uint64).astype(np.uint32)
    if not bool((every[1:] >= every[:-1]).all()):
        order = np.argsort(every, kind="stable")
        every, articles = every[order], articles[order]
    first = np.concatenate([np.ones(min(len(every), 1), bool), every[1:] != every[:-1]])
    if not len(every) or first.all():
        return every, articles
    return every[first], np.maximum.reduceat(articles, np.flatnonzero(first))


def composed(
    words: tuple[Array, Array],
    headlines: tuple[Array, Array],
    names: tuple[Array, Array],
    surfaces: Mapping[str, str],
) -> Words:
    """Return the words of the archive with their uses. Each tuple has sorted words, and a number for each."""
    every = words[0]
    for other, _ in (headlines, names):
        every = _union(every, narrowed(other))
    uses = []
    for own, amounts in (words, headlines, names):
        column = np.zeros(len(every), np.uint32)
        column[every.searchsorted(fitting(own, every))] = amounts
        uses.append(column)
    spelled = sorted((word.encode(), label) for word, label in surfaces.items() if is_stored(word))
    places = found(every, fixed([word for word, _ in spelled]))
    known = places >= 0
    spellings = [
        label.encode(errors="replace") for (_, label), is_known in zip(spelled, known, strict=True) if is_known
    ]
    labels = unpadded(every)
    if spellings:
        rows = np.arange(len(every))
        rows[places[known]] = len(every) + np.arange(len(spellings))
        labels = take(join(labels, texts(spellings)), rows)
    return Words(every, labels, *uses)


def texts(items: list[bytes]) -> Ragged:
    """Return texts as a column."""
    return Ragged(np.frombuffer(b"".join(items), np.uint8), ends_of(np.array([len(item) for item in items], np.int64)))


def _union(words: Array, others: Array) -> Array:
    """Return the sorted words of both sorted arrays."""
    missing = others[found(words, others) < 0]
    if not len(missing):
        return words
    words = words.astype(np.result_type(words, missing), copy=False)
    missing = fitting(missing, words)
    return np.insert(words, words.searchsorted(missing), missing)


def words_of(table: Mapping[str, Array], spelling: Mapping[str, Array], places: Array) -> Words:
    """Return the words at some places of a file."""
    labels = Ragged(table["labels"], table["labels_ends"])
    uses = (spelling[name][places] for name in USES)
    return Words(table["words"][places], take(labels, table["by_word"][places]), *uses)


def merged(one: Words, other: Words) -> tuple[Words, Array]:
    """Return the words of both, which have none in common, and the number of each: those of `other` come after."""
    words = one.words.astype(np.result_type(one.words, other.words), copy=False)
    added = fitting(other.words, words)
    at = words.searchsorted(added)
    numbers = np.insert(np.arange(len(words)), at, len(words) + np.arange(len(added)))
    uses = (np.concatenate([getattr(one, name), getattr(other, name)])[numbers] for name in USES)
    return Words(np.insert(words, at, added), take(join(one.labels, other.labels), numbers), *uses), numbers


def word_parts(words: Words) -> tuple[Iterator[Part], Iterator[Part], Array]:
    """Return the arrays of the table of words, those for the spelling, and the places of the words in rank order."""
    order = np.argsort(-words.counts.astype(np.int64), kind="stable")
    return _table(words, order), _spelling(words), order


def _table(words: Words, order: Array) -> Iterator[Part]:
    size = len(order)
    by_word = np.empty(size, np.uint32)
    by_word[order] = np.arange(size, dtype=np.uint32)
    numbers = words.counts.astype(np.uint32)
    kinds, days = np.full(size, WORD, np.uint8), np.zeros(size, np.int32)
    no_words = Ragged(np.empty(0, np.uint32), np.zeros(1, np.int64))
    entries = Entries(kinds, numbers, days, words.labels, _values(words), words.words, no_words)
    yield "words", words.words
    yield from letter_parts(words.words)
    yield "forward", order.astype(np.uint32)
    yield "forward_starts", np.arange(size + 1)
    yield "starts", np.arange(size + 1)
    yield "by_word", by_word
    yield "best", best_of_blocks(by_word)
    yield from fields(entries, order, numbers[order].astype(np.float32))


def _values(words: Words) -> Ragged:
    """Return the words that differ from their spelling; an empty text for the others."""
    width = words.words.dtype.itemsize
    parts = [np.empty(0, bool)]
    for start in range(0, len(words.words), CHUNK):
        some = words.words[start : start + CHUNK]
        parts.append(padded(words.labels, np.arange(start, start + len(some)), width) != some)
    differs = np.concatenate(parts)
    own = unpadded(words.words[differs])
    lengths = np.zeros(len(differs), np.int64)
    lengths[differs] = np.diff(own.ends)
    return Ragged(own.data, ends_of(lengths))


def _spelling(words: Words) -> Iterator[Part]:
    for name in USES:
        yield name, getattr(words, name)
    bags, lengths = letters.bags_and_lengths(words.words)
    yield "bags", bags
    yield "lengths", lengths
