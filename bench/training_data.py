"""Reads texts whose names of persons are annotated: the files that `train_persons.py` names, each in its own format.

The files give words and sentences. They are put together again as a newspaper prints them, since the tagger reads text:
each sentence is a line, and a name is a range of code points.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from index.facets.persons.lists import names_of_persons, ranks
from index.facets.persons.words import PERSONS, RANK_BITS, ROLES

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
NO_SPACE_BEFORE: Final = frozenset([*",.;:!?)]%", "'s", "'S", "n't", "'re", "'ve", "'ll", "'d", "'m", "’s"])
NO_SPACE_AFTER: Final = frozenset("([$£€#")
QUOTES: Final = frozenset(['"', "``", "''", "“", "”"])
BRACKETS: Final = {"-LRB-": "(", "-RRB-": ")"}
HEAD: Final = 3
"""Place of the head's words among what GUM tells of a mention, after its number and kind."""
MENTION: Final = re.compile(r"\([^()]+\)?|\d+\)|\)")
"""Where a mention of an entity opens, closes or does both, in GUM's column of entities."""
TITLES: Final = frozenset(
    title
    for title in (*PERSONS["titles"].split(), *PERSONS["honorifics"].split(), *(role.capitalize() for role in ROLES))
    if not ranks().get(title, 0) >> RANK_BITS
)
"""Words before a name that are none of it; "Dean", "Earl" and others that are given names, too, are left in."""
NO_NAMES: Final = TITLES.union({"U.S.", *PERSONS["organisations"].split()} - names_of_persons()[1])
"""Last words of GUM's phrases that are no name."""


class Document(NamedTuple):
    """A text and its names of persons, as ranges of code points in their order."""

    text: str
    names: tuple[tuple[int, int], ...]


class Span(NamedTuple):
    """Words `first` to `end`, not included, of a sentence."""

    sentence: int
    first: int
    end: int


class _Phrase(NamedTuple):
    """Words `first` to `end`, not included, of a sentence, and the first word of the head, or -1."""

    first: int
    end: int
    head: int


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

    Its mentions of persons are whole phrases ("the old king of Spain"): only proper nouns around the head are a name.
    """
    words: Sentences = []
    named: set[Span] = set()
    for number, block in enumerate(re.split(r"\n\n+", text.strip("\n"))):
        rows = [line.split("\t") for line in block.split("\n") if not line.startswith("#")]
        rows = [row for row in rows if row[0].isdigit()]
        words.append([row[1] for row in rows])
        nouns = [row[3] == "PROPN" and row[4] != "NNPS" for row in rows]
        for phrase in _phrases([row[9] for row in rows]):
            name = _proper_name(words[-1], nouns, phrase)
            if name:
                named.add(Span(number, *name))
    return _document(words, (one for one in named if not any(_is_inside(one, other) for other in named)))


def _phrases(notes: Iterable[str]) -> Iterator[_Phrase]:
    """Yield the mentions of persons in a sentence, from its words' last column."""
    opened: list[tuple[str, str, int, int]] = []
    for index, note in enumerate(notes):
        entities = re.search(r"(?:^|\|)Entity=([^|]*)", note)
        for mark in MENTION.findall(entities[1]) if entities else ():
            if mark.startswith("("):
                entity, kind, *more = mark.strip("()").split("-")
                head = more[HEAD].split(",")[0] if len(more) > HEAD else ""
                opened.append((entity, kind, index, index + int(head) - 1 if head.isdigit() else -1))
            if mark.endswith(")"):
                own = mark[:-1] if mark[0].isdigit() else opened[-1][0]
                _, kind, first, head_index = opened.pop(max(k for k, one in enumerate(opened) if one[0] == own))
                if kind == "person":
                    yield _Phrase(first, index + 1, head_index)


def _proper_name(words: Sequence[str], nouns: Sequence[bool], phrase: _Phrase) -> tuple[int, int] | None:
    """Return first and last + 1 of the name in a phrase: its head and the proper nouns beside it."""
    if not phrase.first <= phrase.head < phrase.end or not nouns[phrase.head]:
        return None
    first, end = phrase.head, phrase.head + 1
    while first > phrase.first and nouns[first - 1]:
        first -= 1
    while end < phrase.end and nouns[end]:
        end += 1
    return None if words[end - 1] in NO_NAMES else (first, end)


def _is_inside(one: Span, other: Span) -> bool:
    return one != other and one.sentence == other.sentence and other.first <= one.first and one.end <= other.end


def _document(sentences: Sequence[Sequence[str]], names: Iterable[Span]) -> Document:
    """Return the document of these words; what has a sign of user names is no name of a person."""
    lines: list[str] = []
    places: list[list[tuple[int, int]]] = []
    start = 0
    for words in sentences:
        line, own = join(words)
        places.append([(start + first, start + end) for first, end in own])
        lines.append(line + "\n")
        start += len(lines[-1])
    text = "".join(lines)
    bare = (_without_titles(sentences[one.sentence], one) for one in names)
    spans = {(places[one.sentence][one.first][0], places[one.sentence][one.end - 1][1]) for one in bare}
    return Document(text, tuple(sorted(span for span in spans if "_" not in text[slice(*span)])))


def _without_titles(words: Sequence[str], name: Span) -> Span:
    """Return the name from behind its last title on: the collections do not agree on whether titles are in names."""
    titles = (index for index in range(name.first, name.end - 1) if words[index].removesuffix(".") in TITLES)
    return name._replace(first=max(titles, default=name.first - 1) + 1)


def join(words: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return the words as they are printed, and where each begins and ends."""
    text = ""
    places: list[tuple[int, int]] = []
    in_quotes, glued = False, True
    for index, original in enumerate(words):
        word = BRACKETS.get(original, original)
        close = glued or word in NO_SPACE_BEFORE
        glued = word in NO_SPACE_AFTER
        if word in QUOTES:
            word = '"'
            close, glued, in_quotes = close or in_quotes, not in_quotes, not in_quotes
        elif word == "-" and _is_inside_word(words, index):
            close = glued = True
        text += word if close else f" {word}"
        places.append((len(text) - len(word), len(text)))
    return text, places


def _is_inside_word(words: Sequence[str], index: int) -> bool:
    """Whether a hyphen stands between two words that it joins."""
    before, after = words[index - 1 : index], words[index + 1 : index + 2]
    return bool(before and after) and before[0][-1:].isalnum() and after[0][:1].isalnum()
