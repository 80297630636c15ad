"""Ranking: the score of an article is the sum of the parts that match it. Each part is a query node.

The score of a word is BM25F over the weighted field `text` (Robertson, Zaragoza, Taylor 2004: Simple BM25 extension to
multiple weighted fields). The scores of the other parts are shares of inverse document frequencies (IDF), so that all
scores have the same unit.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from whoosh import query as tree

from search import analysis, territories
from search.query import function_words, lowering

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from search.model import Article, Word

PRESENCE = 0.3
"""Share of a word's IDF that an article gets for containing the word, in a search that does not require all words.
It lowers the penalty of long articles (BM25+: Lv, Zhai 2011, with 0.3 instead of their 1)."""

NEIGHBOURS, SENTENCE_NEIGHBOURS = 0.2, 0.05
"""Weights of two neighbouring words of the query that are also neighbours in an article: for keywords and sentences."""

MAX_GAP = 3
"""Maximum distance of two neighbouring words: `war in the north` has two function words between them."""

ENTITY = 0.3
"""Share of a word's IDF that an article gets if it is tagged with the country or person that the word names."""

NAME_SHARE = 0.2
"""Minimum share of a word's articles that are tagged with a person of that name, for the word to count as a name."""

FEEDBACK_ARTICLES, FEEDBACK_TERMS, FEEDBACK_WEIGHT = 4, 40, 0.4
"""Number of articles, number of terms and highest weight of relevance feedback. A sentence is ranked twice: terms that
are typical of the best four articles of the first ranking are added to the second, with up to 0.4 of the weight of a
query word (Bo1: Amati 2003, Probabilistic models for information retrieval based on divergence from randomness). They
change the order of the results, not the results.

These and the constants above were chosen on three collections together (aerodynamics, computing, electronics; 370
queries) in the middle of wide plateaus."""

MIN_FEEDBACK_ARTICLES = 2
"""Minimum number of the four articles that contain a feedback term. A rarer term is typical of one article only."""

MIN_FEEDBACK_CHARS = 3
MAX_NAME_WORDS = 4
MIN_COUNTRY_CHARS = 4
"""Minimum length of a country's name in small letters. `US` and `UK` need capitals: `us` is a word."""


class Frequencies(Protocol):
    """The frequencies of terms in an index."""

    @property
    def size(self) -> int:
        """The number of articles."""
        ...

    def frequency(self, field: str, term: str, above: int = 0) -> int:
        """Return how many articles contain a term. A number up to `above` may be too high: it counts deleted ones."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a score: a label for users, and the node that scores it."""

    label: str
    node: tree.Query


def idf(index: Frequencies, frequency: int) -> float:
    """Return the inverse document frequency of BM25, ln(1 + (N - n + 0.5) / (n + 0.5))."""
    return math.log(1 + (index.size - frequency + 0.5) / (frequency + 0.5))


def rarity(index: Frequencies, word: Word) -> int:
    """Return the number of articles with a word's rarest token: an upper bound for articles with the word."""
    return min((index.frequency("text", token.stem) for token in word.tokens), default=0)


def words(index: Frequencies, typed: Sequence[Word], *, presence: float = 0.0) -> Iterator[Part]:
    """Yield a part for each word. A word that is typed twice counts twice; `presence` is a share of its IDF."""
    times = Counter(tuple(token.stem for token in word.tokens) for word in typed)
    seen = set()
    for word in typed:
        stems = tuple(token.stem for token in word.tokens)
        if stems in seen:
            continue
        seen.add(stems)
        count = times[stems]
        yield Part(f"word “{word.text}”", word.node if count == 1 else _boosted(word.node, count))
        if presence:
            score = presence * count * idf(index, rarity(index, word))
            yield Part(f"has the word “{word.text}”", tree.ConstantScoreQuery(word.node, score))


def leaves(node: tree.Query | None, boost: float = 1.0, *, sure: bool = True) -> Iterator[Part]:
    """Yield the parts of a tree that give a score; exclusions give none.

    `sure` is false below an OR. An AND there is a part of its own, because an article may match without it.
    """
    if node is None or isinstance(node, tree.Not):
        return
    boost *= getattr(node, "boost", 1.0)
    if isinstance(node, tree.And) and sure:
        for child in node.subqueries:
            yield from leaves(child, boost)
    elif isinstance(node, tree.Or) and not node.minmatch:
        for child in node.subqueries:
            yield from leaves(child, boost, sure=False)
    elif isinstance(node, tree.AndMaybe) and sure:
        yield from leaves(node.a, boost)
        yield from leaves(node.b, boost, sure=False)
    else:
        copy = node.copy()
        copy.boost = boost
        yield Part(_describe(node), copy)


def _describe(node: tree.Query) -> str:
    """Describe a part of a tree for users."""
    inner = node
    while isinstance(inner, tree.ConstantScoreQuery):
        inner = inner.child
    if isinstance(inner, tree.Every):
        return "every article"
    if isinstance(inner, tree.NumericRange):
        return "in the days asked for"
    if isinstance(inner, tree.Not):
        return f"not {_describe(inner.query)}"
    if isinstance(inner, tree.And | tree.Or | tree.AndMaybe):
        joint = " or " if isinstance(inner, tree.Or) else " and "
        return joint.join(_describe(child) for child in inner.children())
    text = f"“{' '.join(inner.words)}”" if isinstance(inner, tree.Phrase) else f"“{inner.text}”"
    kind = {"Prefix": "words from ", "Wildcard": "words like ", "FuzzyTerm": "words near "}.get(
        type(inner).__name__, ""
    )
    return f"{kind}{text} in {inner.fieldname}"


def _boosted(node: tree.Query, factor: float) -> tree.Query:
    copy: tree.Query = node.copy()
    copy.boost = node.boost * factor
    return copy


def neighbours(typed: Sequence[Word], text: str, weight: float) -> Iterator[Part]:
    """Yield a part for each pair of neighbouring words. In an article they may be as far apart as in the query."""
    places = {token.start: place for place, token in enumerate(analysis.tokenize(text))}
    for one, two in pairwise(typed):
        if len(one.tokens) != 1 or len(two.tokens) != 1:
            continue
        first, second = (places.get(word.start + word.tokens[0].start) for word in (one, two))
        if first is None or second is None or not 1 <= second - first <= MAX_GAP:
            continue
        stems = [one.tokens[0].stem, two.tokens[0].stem]
        for field, boost in (("title", 3.0), ("body", 1.0)):
            near = tree.Phrase(field, stems, slop=second - first, boost=weight * boost)
            yield Part(f"“{one.text}” beside “{two.text}” in the {field}", near)


def entities(index: Frequencies, typed: Sequence[Word], text: str) -> Iterator[Part]:
    """Yield a part for each country and person that words of the query name."""
    for code in dict.fromkeys(countries(typed)):
        score = ENTITY * idf(index, index.frequency("country", code))
        yield Part(f"is about {territories.names()[code]}", tree.ConstantScoreQuery(tree.Term("country", code), score))
    for word in typed:
        if len(word.tokens) != 1:
            continue
        folded, frequency = word.tokens[0].word, rarity(index, word)
        tagged = index.frequency("person_words", folded)
        if tagged and tagged >= NAME_SHARE * frequency:
            score = ENTITY * idf(index, frequency)
            yield Part(
                f"names a person “{word.text}”", tree.ConstantScoreQuery(tree.Term("person_words", folded), score)
            )
    yield from _full_names(index, text)


def countries(typed: Sequence[Word]) -> Iterator[str]:
    """Yield the codes of the countries that words of a query name, long names first."""
    taken: set[int] = set()
    for size in range(min(MAX_NAME_WORDS, len(typed)), 0, -1):
        for start in range(len(typed) - size + 1):
            places = range(start, start + size)
            run = [typed[place].text.strip(".,;:!?") for place in places]
            name = " ".join(run)
            if taken.isdisjoint(places) and (len(name) >= MIN_COUNTRY_CHARS or name.isupper()):
                code = territories.codes().get(" ".join(analysis.fold(name.replace(".", "")).split()))
                if code:
                    taken.update(places)
                    yield code


def _full_names(index: Frequencies, text: str) -> Iterator[Part]:
    folded = [token.word for token in analysis.tokenize(text)]
    for one, two in pairwise(folded):
        frequencies = [index.frequency("person_words", word) for word in (one, two)]
        if all(frequencies):
            score = ENTITY * sum(idf(index, frequency) for frequency in frequencies)
            yield Part(
                f"names the person “{one} {two}”",
                tree.ConstantScoreQuery(tree.Phrase("person_words", [one, two]), score),
            )


def feedback(index: Frequencies, articles: Iterable[str], weight: float) -> Iterator[Part]:
    """Yield parts for the typical terms of the best articles. Each item of `articles` is the stems of one article."""
    times: Counter[str] = Counter()
    holding: Counter[str] = Counter()
    count = 0
    for count, stems in enumerate(articles, 1):  # noqa: B007 - the last count is the number of articles
        own = Counter(stems.split())
        times.update(own)
        holding.update(own.keys())
    least = min(MIN_FEEDBACK_ARTICLES, count)
    scores: dict[str, float] = {}
    for stem, n in times.items():
        if holding[stem] >= least and _is_content_stem(stem):
            rate = max(index.frequency("text", stem), 1) / max(index.size, 1)
            scores[stem] = n * math.log2((1 + rate) / rate) + math.log2(1 + rate)
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:FEEDBACK_TERMS]
    for stem, value in best:
        boost = weight * FEEDBACK_WEIGHT * value / best[0][1]
        yield Part(f"“{stem}”, as in the best articles", tree.Term("text", stem, boost=boost))


def _is_content_stem(stem: str) -> bool:
    return len(stem) >= MIN_FEEDBACK_CHARS and not stem.isdigit() and stem not in function_words.stems()


LIKE_TERMS = 25
"""Number of typical terms of an article. More terms take longer and change little."""

LIKE_SHARE, LIKE_LEAST = 0.1, 2
"""Share of the parts of an article that a similar article must have, and the minimum number of parts."""

TITLED = 3
"""Weight of a term in the title, relative to a term in the body."""


def like(index: Frequencies, article: Article) -> list[Part]:
    """Return parts for the topic of an article: its typical terms, persons and countries."""
    title, body = analysis.stems(article.title), analysis.stems(article.body)
    times = Counter([*body.split(), *title.split() * TITLED])
    scores = {
        stem: (1 + math.log(n)) * idf(index, index.frequency("text", stem))
        for stem, n in times.items()
        if _is_content_stem(stem) and index.frequency("text", stem) > 1
    }
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:LIKE_TERMS]
    if not best:
        return []
    unit = best[0][1]
    parts = [Part(f"“{stem}”", tree.Term("text", stem, boost=value / unit)) for stem, value in best]
    for person in article.persons:
        words = analysis.streams(person.name)[0].split()
        if words:
            rare = sum(idf(index, index.frequency("person_words", word)) for word in words)
            node = lowering.sequence("person_words", words)
            parts.append(Part(f"names {person.name}", tree.ConstantScoreQuery(node, ENTITY * rare)))
    for country in article.countries:
        value = ENTITY * country.weight * idf(index, index.frequency("country", country.code))
        parts.append(
            Part(f"is about {country.name}", tree.ConstantScoreQuery(tree.Term("country", country.code), value))
        )
    return parts


def enough_of(parts: Sequence[Part]) -> tree.Query:
    """Return a tree that matches articles with at least `LIKE_SHARE` of the parts."""
    return tree.Or([part.node for part in parts], minmatch=max(LIKE_LEAST, round(LIKE_SHARE * len(parts))))
