"""Labels capitalised words: outside of a person's name, the beginning of one, or inside one.

The model is a linear-chain conditional random field over runs of joined words (Lafferty, McCallum and Pereira,
"Conditional random fields", ICML 2001). Its weights are in tagger.bin beside this file; bench/train_persons.py trains
them and lists the data. Features are hashed into a table (Weinberger et al., "Feature hashing for large scale multitask
learning", ICML 2009), so the file is small and loads fast.
"""

from __future__ import annotations

import struct
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32, decompress

from index.facets.persons.features import TokenFeatures
from index.facets.persons.groups import FEATURES, GROUPS, PARTS, Groups

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from index.facets.persons.groups import Features
    from index.facets.tokens import Tokens

SLOTS: Final = 1 << 20
"""Slots in the table of weights; each has one byte for BEGIN and one for INSIDE."""
SCALE: Final = 24
"""Factor between a weight and the integer that is stored for it."""
CACHE_SIZE: Final = 1 << 14
"""Number of recently used sums that are cached, for each group of features."""
OUTSIDE, BEGIN, INSIDE = 0, 1, 2
HEADER: Final = struct.Struct("<9f")


class Model(NamedTuple):
    """The trained model: sums of weights by group, and the score of a label (second index) after another (first).

    A sum of weights is a complex number: its real part is the score of BEGIN, its imaginary part the score of INSIDE,
    both relative to OUTSIDE. So one addition adds up both. Another order of additions would round differently, which
    can decide a tie.
    """

    weights: Groups[complex]
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

    return Model(_weights(table), (numbers[:3], numbers[3:6], numbers[6:]))


def _weights(table: memoryview) -> Groups[complex]:
    """Return cached functions that return the scores of the groups, and the unscaled scores of parts of groups."""

    def unscaled(features: Features) -> complex:
        begin = inside = 0
        for feature in features:
            offset = 2 * slot(feature)
            begin += table[offset]
            inside += table[offset + 1]
        return complex(begin, inside)

    def of_group(group: Callable[..., Features]) -> Callable[..., complex]:
        return lru_cache(CACHE_SIZE)(lambda *values: unscaled(group(*values)) / SCALE)

    def of_part(part: Callable[..., Features]) -> Callable[..., complex]:
        return lru_cache(CACHE_SIZE)(lambda *values: unscaled(part(*values)))

    def joined(*parts: complex) -> complex:
        return sum(parts) / SCALE

    by_name = FEATURES._asdict()
    groups = {name: of_group(by_name[name]) for name in GROUPS}
    parts = {name: of_part(by_name[name]) for name in PARTS}
    return Groups(**groups, **parts, joined=joined)


def tag(tokens: Tokens, flags: Sequence[int], bias: float) -> Tags:
    """Return the labels of all tokens. `bias` is added to each token's scores: a higher bias gives more names."""
    weights, transitions = model()
    features = TokenFeatures(tokens, flags, weights)
    count, start = len(tokens.words), complex(bias, bias)
    labels, begins, insides = [OUTSIDE] * count, [UNLIKELY] * count, [UNLIKELY] * count
    for first, last in features.runs():
        scores = features.of_run(first, last, start)
        begins[first:last] = begin = [score.real for score in scores]
        insides[first:last] = inside = [score.imag for score in scores]
        labels[first:last] = _labels(begin, inside, transitions)
    return Tags(labels, begins, insides)


def _labels(begins: Sequence[float], insides: Sequence[float], transitions: Sequence[Sequence[float]]) -> list[int]:
    """Return the sequence of labels with the highest score for a run (Viterbi). A run cannot start with INSIDE."""
    if len(begins) == 1:
        return [BEGIN if begins[0] > 0 else OUTSIDE]
    outside, begin, inside = 0.0, begins[0], float("-inf")
    back: list[tuple[int, int, int]] = []
    (oo, ob, _), (bo, bb, bi), (io, ib, ii) = transitions  # "bi" is the score of INSIDE after BEGIN
    for own_begin, own_inside in zip(begins[1:], insides[1:], strict=True):
        to_outside, before_outside = _best(outside + oo, begin + bo, inside + io)
        to_begin, before_begin = _best(outside + ob, begin + bb, inside + ib)
        to_inside, before_inside = _best(float("-inf"), begin + bi, inside + ii)
        back.append((before_outside, before_begin, before_inside))
        outside, begin, inside = to_outside, to_begin + own_begin, to_inside + own_inside
    labels = [_best(outside, begin, inside)[1]]
    for best in reversed(back):
        labels.append(best[labels[-1]])
    return labels[::-1]


def _best(outside: float, begin: float, inside: float) -> tuple[float, int]:
    """Return the highest score and its label."""
    if outside >= begin and outside >= inside:
        return outside, OUTSIDE
    return (begin, BEGIN) if begin >= inside else (inside, INSIDE)
