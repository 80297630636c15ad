"""How far answers are from gold data: texts as bags of words, sets of names, pairs of copies, days."""

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
    """Return the harmonic mean of precision and recall, 0 where nothing is common."""
    return 2 * common / (answered + gold) if common else 0.0


def cleaning(pairs: Iterable[tuple[str, str]]) -> dict[str, float]:
    """Return mean and 10th percentile, over texts, of the F1 of their words, for pairs of gold text and answer."""
    scores = []
    for gold, answer in pairs:
        right, found = _bag(gold), _bag(answer)
        scores.append(f1((right & found).total(), found.total(), right.total()))
    scores.sort()
    return {"f1": sum(scores) / len(scores), "p10": scores[len(scores) // 10]}


def dates(pairs: Sequence[tuple[str, str]]) -> dict[str, float]:
    """Return the share of pages whose day is right, for pairs of gold day and answer, empty where there is none."""
    return {"accuracy": sum(gold == answer for gold, answer in pairs) / len(pairs)}


def sets(pairs: Iterable[tuple[AbstractSet[str], AbstractSet[str]]]) -> dict[str, float]:
    """Return F1, precision and recall of set members over all documents, for pairs of gold set and answer."""
    common = answered = gold = 0
    for right, found in pairs:
        common, answered, gold = common + len(right & found), answered + len(found), gold + len(right)
    precision, recall = common / answered if answered else 0.0, common / gold if gold else 0.0
    return {"f1": f1(common, answered, gold), "precision": precision, "recall": recall}


def persons(names: Iterable[str]) -> set[str]:
    """Return the distinct persons of a document: one whose words are all in a longer name is the person of that."""
    folded = {" ".join(POSSESSIVE.sub("", name).replace(".", " ").split()).casefold() for name in names}
    words = {name: set(name.split()) for name in folded if name}
    return {name for name in words if not any(words[name] < other for other in words.values())}


def copies(gold: Mapping[Key, Hashable], answer: Mapping[Key, Hashable]) -> dict[str, float]:
    """Return the F1 of pairs of articles that have one story, how many are wrong, and the share of articles alone."""
    right, found = _pairs(gold), _pairs(answer)
    held = Counter(answer.values())
    alone = sum(held[story] == 1 for story in answer.values())
    wrong = float(len(found - right))
    return {"f1": f1(len(right & found), len(found), len(right)), "wrong": wrong, "alone": alone / len(gold)}


def _pairs(stories: Mapping[Key, Hashable]) -> set[frozenset[Key]]:
    held: dict[Hashable, list[Key]] = {}
    for article, story in stories.items():
        held.setdefault(story, []).append(article)
    return {frozenset(pair) for articles in held.values() for pair in combinations(articles, 2)}


def _bag(text: str) -> Counter[str]:
    return Counter(TOKEN.findall(text.casefold()))
