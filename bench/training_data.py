"""Reads texts whose names of persons are annotated: the files that `train_persons.py` names, each in its own format.

The files give words and sentences. They are put together again as a newspaper prints them, since the tagger reads text:
each sentence is a line, and a name is a range of code points.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

WIKIPEDIA: Final = ("dev_revised.json", "test_revised.json")
WIKIGOLD: Final = "wikigold.conll.txt"
SHORT: Final = ("wnut17train.conll", "a.conll", "f.conll", "g.conll", "h.conll")
"""Files of posts, each of which is a document by itself."""
GUM: Final = ("news", "interview", "academic", "court")
"""Genres whose texts are free for any use."""
PERSON: Final = frozenset(["PER", "person"])
SENTENCES: Final = 15
"""Sentences after which a document of wikigold is cut off, as an article of a newspaper has them."""
NO_SPACE_BEFORE: Final = frozenset(", . ; : ! ? ) ] % 's 'S n't 're 've 'll 'd 'm ’s".split())
NO_SPACE_AFTER: Final = frozenset("( [ $ £ € #".split())
QUOTES: Final = frozenset(['"', "``", "''", "“", "”"])
BRACKETS: Final = {"-LRB-": "(", "-RRB-": ")"}
MENTION: Final = re.compile(r"\([^()]+\)?|\d+\)|\)")
"""Where a mention of an entity opens, closes or does both, in GUM's column of entities."""
TITLES: Final = frozenset(
    "Mr Mr. Mrs Mrs. Ms Ms. Dr Dr. President Prime Minister Senator Sen. Governor Professor Prof. General Secretary"
    " Chancellor Justice Judge Captain King Queen Prince Princess Pope Sir Lord Lady Chief Director Attorney"
    " Representative Congressman Foreign Defense State Speaker Mayor Saint St. Commissioner Chairman Vice Father Sheikh"
    " Colonel Major Lieutenant Ambassador Officer Manager Coach Editor Minister".split()
)
"""Proper nouns that GUM has before a person's name and that are none of it."""
OFFICES: Final = TITLES | {"University", "Department", "Sheriff", "U.S."}
"""Last words of a person's description that ends in no name."""


class Document(NamedTuple):
    """A text and its names of persons, as ranges of code points in their order."""

    text: str
    names: tuple[tuple[int, int], ...]


class Span(NamedTuple):
    """Words `first` to `end`, not included, of a sentence."""

    sentence: int
    first: int
    end: int


Sentences = list[list[str]]


def read(folder: Path) -> Iterator[Document]:
    """Yield the documents of all files in the folder, in an order that does not change.

    Raises:
        FileNotFoundError: A file is missing.
    """
    for name in WIKIPEDIA:
        yield from read_docred((folder / name).read_text(encoding="utf-8"))
    yield from read_columns((folder / WIKIGOLD).read_text(encoding="utf-8"), SENTENCES)
    for name in SHORT:
        posts = read_columns((folder / name).read_text(encoding="utf-8"), 1)
        yield from (post for post in posts if "@" not in post.text)
    paths = [path for genre in GUM for path in sorted(folder.glob(f"GUM_{genre}_*.conllu"))]
    if not paths:
        raise FileNotFoundError(f"no GUM_*.conllu in {folder}")
    for path in paths:
        yield read_gum(path.read_text(encoding="utf-8"))


def read_docred(text: str) -> Iterator[Document]:
    """Yield the documents of a JSON file of DocRED."""
    for row in json.loads(text):
        mentions = [mention for entity in row["vertexSet"] for mention in entity if mention["type"] == "PER"]
        yield _document(row["sents"], (Span(mention["sent_id"], *mention["pos"]) for mention in mentions))


def read_columns(text: str, sentences: int) -> Iterator[Document]:
    """Yield documents of at most so many sentences from lines of a word and its label, CoNLL 2003's format.

    An empty line ends a sentence, "-DOCSTART-" a document; labels are IOB, where a name may begin with I.
    """
    words: Sentences = []
    labels: list[list[str]] = []
    for block in re.split(r"\n\s*\n", text):
        rows = [line.split() for line in block.split("\n") if line.strip()]
        starts = bool(rows) and rows[0][0] == "-DOCSTART-"
        if words and (starts or len(words) == sentences):
            yield _document(words, _labelled(labels))
            words, labels = [], []
        rows = [row for row in rows if len(row) > 1 and row[0] != "-DOCSTART-"]
        if rows:
            words.append([row[0] for row in rows])
            labels.append([row[-1] for row in rows])
    if words:
        yield _document(words, _labelled(labels))


def _labelled(sentences: Iterable[Sequence[str]]) -> Iterator[Span]:
    """Yield the spans of persons by their labels."""
    for number, labels in enumerate(sentences):
        first = None
        for index, label in enumerate([*labels, "O"]):
            inside = label[2:] in PERSON
            if first is not None and (not inside or label[0] == "B"):
                yield Span(number, first, index)
                first = None
            if inside and first is None:
                first = index


def read_gum(text: str) -> Document:
    """Return the document of a CoNLL-U file of GUM.

    Its mentions of persons include descriptions ("the old king"): only proper nouns around the head are a name.
    """
    words: Sentences = []
    nouns: list[list[bool]] = []
    found: list[Span] = []
    for number, block in enumerate(re.split(r"\n\n+", text.strip("\n"))):
        rows = [line.split("\t") for line in block.split("\n") if not line.startswith("#")]
        rows = [row for row in rows if row[0].isdigit()]
        words.append([row[1] for row in rows])
        nouns.append([row[3] == "PROPN" and row[4] != "NNPS" for row in rows])
        found += _heads(number, [row[9] for row in rows])
    named = {name for span in found if (name := _proper_name(span, words[span.sentence], nouns[span.sentence]))}
    outer = [one for one in named if not any(_is_inside(one, other) for other in named)]
    return _document(words, outer)


def _heads(sentence: int, notes: Sequence[str]) -> Iterator[Span]:
    """Yield the mentions of persons that close in a sentence, from the head's first word on."""
    opened: list[tuple[str, str, int, int]] = []
    for index, note in enumerate(notes):
        entities = re.search(r"(?:^|\|)Entity=([^|]*)", note)
        for mark in MENTION.findall(entities[1]) if entities else ():
            if mark.startswith("("):
                group, kind, *rest = mark.strip("()").split("-")
                head = rest[3].split(",")[0] if len(rest) > 3 else ""
                opened.append((group, kind, index, index + int(head) - 1 if head.isdigit() else -1))
            if mark.endswith(")"):
                own = mark[:-1] if mark[0].isdigit() else ""
                place = next((k for k in reversed(range(len(opened))) if not own or opened[k][0] == own), None)
                if place is not None:
                    _, kind, first, head = opened.pop(place)
                    if kind == "person":
                        yield Span(sentence, first, index + 1), head
