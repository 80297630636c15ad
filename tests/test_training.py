"""Retraining the tagger: readers of the training data, composed tables, the file of weights."""

from __future__ import annotations

import json
import sys
import zlib
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
import result_tables
import train_persons
import training_data
from hypothesis import given
from hypothesis import strategies as st
from training_data import Document

from index.facets.extract import find
from index.facets.persons import features, tagger
from index.facets.persons.features import TokenFeatures
from index.facets.persons.groups import FEATURES
from index.facets.tokens import tokenize

WEIGHTS = Path(tagger.__file__).with_name("tagger.bin")


def names(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in document.names]


def test_docred_gives_the_text_as_printed_and_its_persons() -> None:
    entities = [
        [{"type": "PER", "sent_id": 0, "pos": [0, 2]}, {"type": "PER", "sent_id": 1, "pos": [3, 4]}],
        [{"type": "LOC", "sent_id": 0, "pos": [4, 5]}, {"type": "PER", "sent_id": 2, "pos": [0, 4]}],
        [{"type": "PER", "sent_id": 2, "pos": [5, 6]}],
    ]
    sentences = [
        ["Ada", "Byrne", "'s", "ferry", "Cork", "(", "new", ")", "."],
        ["“", "No", ",", "Byrne", "”", "."],
        ["Former", "President", "Dr.", "Mora", "met", "President"],
    ]
    (document,) = training_data.read_docred(json.dumps([{"sents": sentences, "vertexSet": entities}]))
    assert document.text == 'Ada Byrne\'s ferry Cork (new).\n"No, Byrne".\nFormer President Dr. Mora met President\n'
    assert names(document) == ["Ada Byrne", "Byrne", "Mora", "President"]


def test_columns_give_sentences_documents_and_adjacent_names() -> None:
    lines = """\
-DOCSTART- O

Joan\tI-PER
Mora\tI-PER
left\tO
Oslo\tI-LOC
.\tO

Ola\tB-PER
Berg\tB-PER
sang\tO

-DOCSTART- O

Nobody\tO
"""
    documents = list(training_data.read_columns(lines, 15))
    assert [one.text for one in documents] == ["Joan Mora left Oslo.\nOla Berg sang\n", "Nobody\n"]
    assert [names(one) for one in documents] == [["Joan Mora", "Ola", "Berg"], []]
    cut = [one.text for one in training_data.read_columns(lines, 1)]
    assert cut == ["Joan Mora left Oslo.\n", "Ola Berg sang\n", "Nobody\n"]


def gum(*sentences: list[tuple[str, str, str]]) -> str:
    """Return a CoNLL-U file; each sentence is a list of word, part of speech and note."""
    blocks = []
    for words in sentences:
        rows = [f"{n}\t{word}\t_\t{kind}\t_\t_\t0\t_\t_\t{note}" for n, (word, kind, note) in enumerate(words, 1)]
        blocks.append("# text = not read\n1-2\tnot\t_\t_\t_\t_\t_\t_\t_\t_\n" + "\n".join(rows) + "\n")
    return "\n".join(blocks)


def test_gum_gives_proper_nouns_around_the_head_without_titles() -> None:
    first = [
        ("The", "DET", "Entity=(1-person-new-sssss-cf1-4-coref|MSeg=x"),
        ("old", "ADJ", "_"),
        ("President", "PROPN", "_"),
        ("Joan", "PROPN", "_"),
        ("Mora", "PROPN", "_"),
        ("of", "ADP", "_"),
        ("Chile", "PROPN", "Entity=(2-place-new-sssss-cf2-1-coref)1)"),
    ]
    second = [
        ("She", "PRON", "Entity=(1-person-giv:act-sssss-cf1-1-ana)"),
        ("met", "VERB", "_"),
        ("the", "DET", "Entity=(3-person-new-sssss-cf2-2-coref"),
        ("Senator", "PROPN", "Entity=3)"),
        ("and", "CCONJ", "_"),
        ("Ola", "PROPN", "Entity=(4-person-new-sssss-cf3-1-coref)"),
        (".", "PUNCT", "_"),
    ]
    document = training_data.read_gum(gum(first, second))
    assert document.text == "The old President Joan Mora of Chile\nShe met the Senator and Ola.\n"
    assert names(document) == ["Joan Mora", "Ola"]


def test_a_missing_file_is_named_and_no_weights_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["train", "--data", str(tmp_path), "--out", str(tmp_path / "weights")])
    with pytest.raises(SystemExit):
        train_persons.main()
    assert "dev_revised.json" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_composed_tables_are_the_same_each_time_and_name_persons() -> None:
    documents = list(result_tables.compose(60))
    assert documents == list(result_tables.compose(60))
    assert not any("{" in one.text or "}" in one.text for one in documents)
    found = [name for one in documents for name in names(one)]
    assert len(found) > 300
    assert all(name == name.strip() and name.removesuffix(".")[-1].isalpha() and "\n" not in name for name in found)
    assert all(before[1] < after[0] for one in documents for before, after in pairwise(one.names))


@pytest.mark.parametrize("kind", result_tables.TABLES, ids=lambda kind: kind.name)
def test_every_form_of_a_table_can_be_written(kind: result_tables.Table) -> None:
    for form in (*kind.headings, *kind.rows):
        writer = result_tables.Writer(Random(1))
        writer.write(form, 3)
        persons = form.count("{person}") + form.count("{surname}") + form.count("{initials}")
        assert len(writer.names) >= persons
        assert form.count("\n") == writer.text.count("\n")


def test_labels_follow_the_names() -> None:
    text = "Ada Byrne met Ola Berg Mora; Jo van der Aa left."
    spans = [(0, 9), (14, 17), (18, 27), (29, 42)]
    labels = train_persons.labelled(tokenize(text), spans)
    assert labels == [1, 2, 1, 1, 2, 1, 2]
    assert train_persons.labelled(tokenize('Ada "Jo" Byrne'), [(0, 14)]) == [1, 1, 1]


def test_a_feature_has_the_same_slot_in_every_process() -> None:
    assert tagger.slot("123456789") == 0xCBF43926 % tagger.SLOTS  # the published check value of CRC-32
    assert len({tagger.slot(f"w {number}") for number in range(1_000)}) > 990
    document = Document("Joan Mora left.\n", ((0, 9),))
    (run,) = train_persons.runs(document)
    assert run.labels == ["B", "I"]
    assert str(tagger.slot("w Joan")) in run.slots[0]
    assert str(tagger.slot("last Mora")) in run.slots[1]


def test_features_do_not_cross_the_end_of_a_sentence() -> None:
    def of_last_run(text: str) -> list[tuple[str, ...]]:
        tokens = tokenize(text)
        return TokenFeatures(tokens, [0] * len(tokens.words), FEATURES).of_run(0, 2, ())

    alone = of_last_run("Joan Mora.")
    assert of_last_run("Joan Mora. and nobody knew") == of_last_run("Joan Mora.\n\n12 said") == alone
    assert of_last_run("Joan Mora and nobody knew") != alone


WORDS = st.sampled_from(["ab", "é", "said", "mayor", "of"])
PIECES = st.sampled_from(["ab ", "12 ", "'s ", " ", "x", "1", "²", "'s", ".", ",", "_", "\n", "\t", "\u2028", "-"])


@given(st.lists(WORDS, max_size=4).map(" ".join), st.lists(PIECES, max_size=4).map("".join), st.booleans())
def test_items_around_a_run_are_those_of_the_whole_text(words: str, pieces: str, words_first: bool) -> None:  # noqa: FBT001
    """The short cuts for words between spaces give the same items as the regular expression on the whole text."""
    text = f"{words} {pieces}" if words_first else f"{pieces} {words}"
    items = features.ITEM.findall(text)
    assert features._items(text) == items
    ends = features.SENTENCE_END

    word, second, _ = features._before(text)
    assert word == (items[-1] if items else "\n")
    assert second == (items[-2] if len(items) > 1 and word not in ends else "")

    first, further, _ = features._after(text, place=False)
    if items[:1] == ["'s"] and len(items) > 1:
        items[:2] = [f"'s {items[1]}"]
    assert first == ("#" if items and items[0].isdigit() else items[0] if items else "\n")
    following = items[1] if len(items) > 1 and first not in ends else ""
    assert further == (f"#{len(following)}" if following.isdigit() else following)


def test_the_tagger_uses_the_features_of_training() -> None:
    """The scores of a word are the sums of the weights of the same features that training uses."""
    text = "Mr Joan Mora of Chile met Ola."
    tokens = tokenize(text)
    flags = [0] * len(tokens.words)
    table = memoryview(zlib.decompress(WEIGHTS.read_bytes()[tagger.HEADER.size :])).cast("b")
    tags = tagger.tag(tokens, flags, 0.0)
    maker = TokenFeatures(tokens, flags, FEATURES)
    for first, last in maker.runs():
        for index, of_token in enumerate(maker.of_run(first, last, ()), first):
            places = [tagger.slot(one) for one in of_token]
            assert tags.begin[index] == pytest.approx(sum(table[2 * place] for place in places) / tagger.SCALE)
            assert tags.inside[index] == pytest.approx(sum(table[2 * place + 1] for place in places) / tagger.SCALE)


def test_the_weights_file_is_small_and_has_two_bytes_per_slot() -> None:
    data = WEIGHTS.read_bytes()
    assert len(data) < 200_000
    assert len(zlib.decompress(data[tagger.HEADER.size :])) == 2 * tagger.SLOTS


def test_weights_are_stored_relative_to_outside_and_fit_into_a_byte() -> None:
    transitions = {("O", "B"): 1.5, ("B", "I"): -2.0}
    features = {("5", "O"): 1.0, ("5", "B"): 3.0, ("7", "I"): 100.0}
    data = train_persons.packed(transitions, features)
    assert tagger.HEADER.unpack_from(data) == (0, 1.5, 0, 0, 0, -2.0, 0, 0, 0)
    table = memoryview(zlib.decompress(data[tagger.HEADER.size :])).cast("b")
    assert table[10:16].tolist() == [2 * tagger.SCALE, -tagger.SCALE, 0, 0, 0, 127]


def test_a_tagger_trained_on_a_few_tables_finds_names_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    *tables, last = (one for one in result_tables.compose(40) if len(one.names) > 5)
    model = tagger.read_model(train_persons.train(tables, rounds=30))
    monkeypatch.setattr(tagger, "model", lambda: model)
    found = {(mention.start, mention.end) for one in find(last.text, 0, "en").persons for mention in one.mentions}
    right = found & set(last.names)
    assert len(right) > 0.7 * len(last.names)
    assert len(right) > 0.7 * len(found)
