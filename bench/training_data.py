"""Reads texts with annotated names of persons: the files that `train_persons.py` lists, each in its own format.

The files have words and sentences, but the tagger reads text. So the words are joined again as a newspaper prints them:
each sentence becomes a line, and each name a range of code points.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from index.build_tables.words import names_of_persons, ranks
from index.facets.persons.words import PERSONS, ROLES
from index.facets.words import RANK_BITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

WIKIPEDIA: Final = ("dev_revised.json", "test_revised.json")
WIKIGOLD: Final = "wikigold.conll.txt"
SHORT: Final = ("wnut17train.conll", "a.conll", "f.conll", "g.conll", "h.conll")
"""Files of posts; each post is a document."""
GUM: Final = ("news", "interview", "academic", "court")
"""Genres of GUM whose texts are free for any use."""
PERSON: Final = frozenset(["PER", "person"])
SENTENCES: Final = 15
"""Maximum sentences in a document of wikigold. Longer ones are split, because news articles are about this long."""
NO_SPACE_BEFORE: Final = frozenset([*",.;:!?)]%", "'s", "'S", "n't", "'re", "'ve", "'ll", "'d", "'m", "’s"])
NO_SPACE_AFTER: Final = frozenset("([$£€#")
QUOTES: Final = frozenset(['"', "``", "''", "“", "”"])
BRACKETS: Final = {"-LRB-": "(", "-RRB-": ")"}
HEAD: Final = 3
"""Index of the head word among the fields that follow an entity's number and kind in GUM."""
MENTION: Final = re.compile(r"\([^()]+\)?|\d+\)|\)")
"""The beginning or end of a mention, or both, in GUM's column of entities."""
TITLES: Final = frozenset(
    title
    for title in (*PERSONS["titles"].split(), *PERSONS["honorifics"].split(), *(role.capitalize() for role in ROLES))
    if not ranks().get(title, 0) >> RANK_BITS
)
"""Titles before a name that are removed. Titles that are also given names ("Dean", "Earl") are kept."""
NO_NAMES: Final = TITLES.union({"U.S.", *PERSONS["organisations"].split()} - names_of_persons()[1])
"""Last words of phrases in GUM that are not names of persons."""


class Document(NamedTuple):
    """A text and its names of persons, as sorted ranges of code points."""

    text: str
    names: tuple[tuple[int, int], ...]


class Span(NamedTuple):
    """A range of words in a sentence: `first` to `end` (exclusive)."""

    sentence: int
    first: int
    end: int


class _Phrase(NamedTuple):
    """A range of words in a sentence, `first` to `end` (exclusive), and the first word of its head, or -1."""

    first: int
    end: int
    head: int


Sentences = list[list[str]]


def read(folder: Path) -> Iterator[Document]:
    """Yield the documents of all files in the folder, always in the same order.

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
    """Yield documents from the CoNLL 2003 format: each line has a word and its label.

    An empty line ends a sentence, "-DOCSTART-" begins a document. Labels are IOB1: a name may begin with I. Documents
    with more than `sentences` sentences are split.
    """
    words: Sentences = []
    labels: list[list[str]] = []
    for block in re.split(r"\n\s*\n", text):
        rows = [line.split() for line in block.split("\n") if line.strip()]
        is_start = bool(rows) and rows[0][0] == "-DOCSTART-"
        if words and (is_start or len(words) == sentences):
            yield _document(words, _labelled(labels))
            words, labels = [], []
        rows = [row for row in rows if len(row) > 1 and row[0] != "-DOCSTART-"]
        if rows:
            words.append([row[0] for row in rows])
            labels.append([row[-1] for row in rows])
    if words:
        yield _document(words, _labelled(labels))


def _labelled(sentences: Iterable[Sequence[str]]) -> Iterator[Span]:
    """Yield the spans of words that are labelled as persons."""
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
    """Return the document in a CoNLL-U file of GUM.

    GUM annotates whole phrases as persons ("the old king of Spain"). The name is the head word and the proper nouns
    beside it.
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
    """Yield the phrases of a sentence that mention persons, from the last column of its words."""
    opened: list[tuple[str, str, int, int]] = []
    for index, note in enumerate(notes):
        entities = re.search(r"(?:^|\|)Entity=([^|]*)", note)
        for bracket in MENTION.findall(entities[1]) if entities else ():
            if bracket.startswith("("):
                entity, kind, *fields = bracket.strip("()").split("-")
                head = fields[HEAD].split(",")[0] if len(fields) > HEAD else ""
                opened.append((entity, kind, index, index + int(head) - 1 if head.isdigit() else -1))
            if bracket.endswith(")"):
                number = bracket[:-1] if bracket[0].isdigit() else opened[-1][0]
                _, kind, first, head_index = opened.pop(max(k for k, one in enumerate(opened) if one[0] == number))
                if kind == "person":
                    yield _Phrase(first, index + 1, head_index)


def _proper_name(words: Sequence[str], nouns: Sequence[bool], phrase: _Phrase) -> tuple[int, int] | None:
    """Return first word and end (exclusive) of the name in a phrase: its head and the proper nouns beside it."""
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
    """Return the document of these sentences and names. Names with "_" are user names and are dropped."""
    lines: list[str] = []
    offsets: list[list[tuple[int, int]]] = []
    start = 0
    for words in sentences:
        line, ranges = join(words)
        offsets.append([(start + first, start + end) for first, end in ranges])
        lines.append(line + "\n")
        start += len(lines[-1])
    text = "".join(lines)
    untitled = (_without_titles(sentences[name.sentence], name) for name in names)
    spans = {(offsets[name.sentence][name.first][0], offsets[name.sentence][name.end - 1][1]) for name in untitled}
    return Document(text, tuple(sorted(span for span in spans if "_" not in text[slice(*span)])))


def _without_titles(words: Sequence[str], name: Span) -> Span:
    """Return the part of a name after its last title. Only some collections count titles as a part of the name."""
    titles = (index for index in range(name.first, name.end - 1) if words[index].removesuffix(".") in TITLES)
    return name._replace(first=max(titles, default=name.first - 1) + 1)


def join(words: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return the words as printed text, and the range of each word in it."""
    text = ""
    ranges: list[tuple[int, int]] = []
    in_quotes, no_space_after = False, True
    for index, original in enumerate(words):
        word = BRACKETS.get(original, original)
        no_space_before = no_space_after or word in NO_SPACE_BEFORE
        no_space_after = word in NO_SPACE_AFTER
        if word in QUOTES:
            word = '"'
            no_space_before, no_space_after, in_quotes = no_space_before or in_quotes, not in_quotes, not in_quotes
        elif word == "-" and _is_inside_word(words, index):
            no_space_before = no_space_after = True
        text += word if no_space_before else f" {word}"
        ranges.append((len(text) - len(word), len(text)))
    return text, ranges


def _is_inside_word(words: Sequence[str], index: int) -> bool:
    """Whether the hyphen at `index` joins the words before and after it."""
    before, after = words[index - 1 : index], words[index + 1 : index + 2]
    return bool(before and after) and before[0][-1:].isalnum() and after[0][:1].isalnum()
