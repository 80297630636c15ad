"""Compares answers with gold data: texts as bags of words, sets of names, pairs of copies, days."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

Key = TypeVar("Key")

TOKEN = re.compile(r"\w+")
POSSESSIVE = re.compile(r"['’]s\b")


def f1(common: int, answered: int, gold: int) -> float:
    """Return F1, the harmonic mean of precision and recall. It is 0 if answer and gold have nothing in common."""
    return 2 * common / (answered + gold) if common else 0.0


def cleaning(pairs: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Return the F1 of the words of each text, as mean and 10th percentile; a pair is a gold text and an answer."""
    scores = []
    for gold, answer in pairs:
        gold_bag, answer_bag = _bag(gold), _bag(answer)
        scores.append(f1((gold_bag & answer_bag).total(), answer_bag.total(), gold_bag.total()))
    scores.sort()
    return {"f1": sum(scores) / len(scores), "p10": scores[len(scores) // 10]}


def dates(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Return the share of pages with the right day; a pair is a gold day and an answer, "" for no day."""
    return {"accuracy": sum(gold == answer for gold, answer in pairs) / len(pairs)}


def sets(pairs: Iterable[tuple[AbstractSet[str], AbstractSet[str]]]) -> dict[str, float]:
    """Return F1, precision and recall of set members over all documents; a pair is a gold set and an answer."""
    common = answered = gold = 0
    for gold_set, answer in pairs:
        common, answered, gold = common + len(gold_set & answer), answered + len(answer), gold + len(gold_set)
    precision, recall = common / answered if answered else 0.0, common / gold if gold else 0.0
    return {"f1": f1(common, answered, gold), "precision": precision, "recall": recall}


def persons(names: Iterable[str]) -> set[str]:
    """Return the distinct persons of a document. A name is dropped if a longer name has all of its words."""
    folded = {" ".join(POSSESSIVE.sub("", name).replace(".", " ").split()).casefold() for name in names}
    words = {name: set(name.split()) for name in folded if name}
    return {name for name in words if not any(words[name] < other for other in words.values())}


def copies(gold: Mapping[Key, Hashable], answer: Mapping[Key, Hashable]) -> dict[str, float]:
    """Judge stories by their pairs of articles.

    Returns:
        `f1` of the pairs, `wrong`, the number of wrong pairs, and `alone`, the share of articles without a copy.
    """
    gold_pairs, pairs = _pairs(gold), _pairs(answer)
    articles_in = Counter(answer.values())
    alone = sum(articles_in[story] == 1 for story in answer.values())
    wrong = float(len(pairs - gold_pairs))
    score = f1(len(gold_pairs & pairs), len(pairs), len(gold_pairs))
    return {"f1": score, "wrong": wrong, "alone": alone / len(gold)}


def _pairs(stories: Mapping[Key, Hashable]) -> set[frozenset[Key]]:
    articles_of: dict[Hashable, list[Key]] = {}
    for article, story in stories.items():
        articles_of.setdefault(story, []).append(article)
    return {frozenset(pair) for articles in articles_of.values() for pair in combinations(articles, 2)}


def _bag(text: str) -> Counter[str]:
    return Counter(TOKEN.findall(text.casefold()))
