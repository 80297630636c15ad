"""Labels capitalised words: outside of a person's name, the beginning of one, or inside one.

The model is a linear-chain conditional random field over runs of joined words (Lafferty, McCallum and Pereira,
"Conditional random fields", ICML 2001). Its weights are in tagger.bin beside this file; bench/train_persons.py trains
them and lists the data. Features are hashed into a table (Weinberger et al., "Feature hashing for large scale multitask
learning", ICML 2009), so the file is small and loads fast.
"""

from __future__ import annotations

import struct
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from zlib import crc32, decompress

from index.facets.persons.features import GROUPS, NEIGHBOURS, SPOT, TEXT_AFTER, TEXT_BEFORE, TokenFeatures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from index.facets.persons.features import Key
    from index.facets.tokens import Tokens

SLOTS: Final = 1 << 20
"""Slots in the table of weights; each has one byte for BEGIN and one for INSIDE."""
SCALE: Final = 24
"""Factor between a weight and the integer that is stored for it."""
CACHE_SIZE: Final = 4_000
"""Maximum cached sums for each group of features, after which sums that were not used again are dropped."""
OUTSIDE, BEGIN, INSIDE = 0, 1, 2
HEADER: Final = struct.Struct("<9f")

Vector = tuple[float, float]
"""Scores of the labels BEGIN and INSIDE, relative to OUTSIDE."""


class Sums(dict[Any, Vector]):
    """A cache: the key of a group of features -> the sum of their weights."""

    def __init__(self, group: Callable[..., Iterable[str]], table: memoryview) -> None:
        super().__init__()
        self._group, self._table = group, table
        self._older: dict[Any, Vector] = {}

    def __missing__(self, key: Key) -> Vector:
        vector = self._older.get(key)
        if vector is None:
            table, begin, inside = self._table, 0, 0
            for feature in self._group(*key):
                offset = 2 * slot(feature)
                begin += table[offset]
                inside += table[offset + 1]
            vector = begin / SCALE, inside / SCALE
        if len(self) >= CACHE_SIZE:
            self._older = dict(self)
            self.clear()
        self[key] = vector
        return vector


class Model(NamedTuple):
    """The trained model: sums of weights by group, and the score of a label (second index) after another (first)."""

    sums: tuple[Sums, ...]
    transitions: tuple[tuple[float, float, float], ...]


class Tags(NamedTuple):
    """The label of each token; `begin` and `inside` are the scores of these labels relative to OUTSIDE."""

    labels: list[int]
    begin: list[float]
    inside: list[float]

    def evidence(self, first: int, last: int) -> float:
        """Return the evidence that the tokens `first` to `last`, inclusive, are one name: the sum of their scores."""
        return self.begin[first] + sum(self.inside[first + 1 : last + 1])


UNLIKELY: Final = -9.0
"""The score of tokens that cannot be in a name and are therefore not scored."""


def slot(feature: str) -> int:
    """Return the slot of a feature in the table of weights."""
    return crc32(feature.encode("utf-8", "surrogatepass")) % SLOTS


@cache
def model() -> Model:
    """Return the trained model. It is loaded once."""
    data = resources.files(__package__).joinpath("tagger.bin").read_bytes()
    return read_model(data)


def read_model(data: bytes) -> Model:
    """Return the model from the content of a weights file: nine transition scores, then the compressed table."""
    numbers = HEADER.unpack_from(data)
    table = memoryview(decompress(data[HEADER.size :])).cast("b")

    sums = tuple(Sums(group, table) for group in GROUPS)
    return Model(sums, (numbers[:3], numbers[3:6], numbers[6:]))


def tag(tokens: Tokens, flags: Sequence[int], bias: float) -> Tags:
    """Return the labels of all tokens. `bias` is added to each token's scores: a higher bias gives more names."""
    sums, transitions = model()
    features = TokenFeatures(tokens, flags)
    words = tokens.words
    count = len(words)
    labels, begins, insides = [OUTSIDE] * count, [UNLIKELY] * count, [UNLIKELY] * count
    links = tokens.links
    of_words: dict[tuple[str, int, int], Vector] = {}

    def word_score(index: int) -> Vector:
        word = words[index], flags[index], links[index]
        if (vector := of_words.get(word)) is None:
            parts = [sums[group][key] for group, key in features.of_word(index)]
            vector = of_words[word] = sum(part[0] for part in parts), sum(part[1] for part in parts)
        return vector

    of_neighbours, of_before, of_after, of_spot = sums[NEIGHBOURS], sums[TEXT_BEFORE], sums[TEXT_AFTER], sums[SPOT]
    for first, last in features.runs():
        if last - first == 1:
            neighbours, before, after, spot = features.of_single(first)
            begin = bias + word_score(first)[0] + of_neighbours[neighbours][0] + of_before[before][0]
            begins[first] = begin = begin + of_after[after][0] + of_spot[spot][0]
            if begin > 0:
                labels[first] = BEGIN
            continue
        common, rows = features.of_run(first, last)
        all_begin = all_inside = bias
        for group, key in common:
            vector = sums[group][key]
            all_begin += vector[0]
            all_inside += vector[1]
        for index, row in enumerate(rows, first):
            begin, inside = word_score(index)
            for group, key in row:
                vector = sums[group][key]
                begin += vector[0]
                inside += vector[1]
            begins[index], insides[index] = all_begin + begin, all_inside + inside
        labels[first:last] = _labels(begins[first:last], insides[first:last], transitions)
    return Tags(labels, begins, insides)


def _labels(begins: Sequence[float], insides: Sequence[float], transitions: Sequence[Sequence[float]]) -> list[int]:
    """Return the sequence of labels with the highest score for a run (Viterbi). A run cannot start with INSIDE."""
    outside, begin, inside = 0.0, begins[0], float("-inf")
    back: list[tuple[int, int, int]] = []
    (oo, ob, _), (bo, bb, bi), (io, ib, ii) = transitions  # "bi" is the score of INSIDE after BEGIN
    for own_begin, own_inside in zip(begins[1:], insides[1:], strict=True):
        to_outside = (outside + oo, begin + bo, inside + io)
        to_begin = (outside + ob, begin + bb, inside + ib)
        from_begin, from_inside = begin + bi, inside + ii
        best = (to_outside.index(max(to_outside)), to_begin.index(max(to_begin)), 1 if from_begin >= from_inside else 2)
        back.append(best)
        outside, begin = to_outside[best[0]], to_begin[best[1]] + own_begin
        inside = max(from_begin, from_inside) + own_inside
    final = (outside, begin, inside)
    labels = [final.index(max(final))]
    for best in reversed(back):
        labels.append(best[labels[-1]])
    return labels[::-1]
