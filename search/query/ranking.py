"""What makes one article rank above another: a list of parts, each a query node whose score is added where it matches.

The score of a word is BM25F over the weighted field `text` (Robertson, Zaragoza, Taylor 2004: Simple BM25 extension to
multiple weighted fields); the other parts are worth a share of the words' inverse document frequencies, so that all
scores are in one unit.
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
"""Share of a word's inverse document frequency that an article gets for holding the word at all, in a search whose
words are not all required. A long article is punished less (BM25+: Lv, Zhai 2011, with 0.3 instead of their 1)."""

NEIGHBOURS, SENTENCE_NEIGHBOURS = 0.2, 0.05
"""Weight of two words of the query that stand side by side in an article, among keywords and in a sentence."""

MAX_GAP = 3
"""Places from one word to the next: `war in the north` has two function words between."""

ENTITY = 0.3
"""Share of a word's inverse document frequency that an article gets for being tagged with the country or person that
the word names."""

NAME_SHARE = 0.2
"""A word names a person where so many of the articles that hold it are tagged with a person of that name."""

FEEDBACK_ARTICLES, FEEDBACK_TERMS, FEEDBACK_WEIGHT = 4, 40, 0.4
"""A sentence is ranked twice: the terms that tell the first four articles of the first ranking from all others count
in the second, up to 0.4 of a word of the query (Bo1: Amati 2003, Probabilistic models for information retrieval based
on divergence from randomness). It orders what was found and adds nothing to it.

These and the constants above were chosen on three collections together (aerodynamics, computing, electronics; 370
queries) in the middle of wide plateaus."""

MIN_FEEDBACK_ARTICLES = 2
"""A term of one of the four alone says what sets that article apart from the others."""

MIN_FEEDBACK_CHARS = 3
MAX_NAME_WORDS = 4
MIN_COUNTRY_CHARS = 4
"""A shorter name of a country (`US`, `UK`) must be in capitals: `us` is a word."""


class Frequencies(Protocol):
    """How often terms occur in the index that is searched."""

    @property
    def size(self) -> int:
        """The number of articles."""
        ...

    def frequency(self, field: str, term: str) -> int:
        """Return how many articles hold a term."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """One reason for a score: what it is, in words, and the node that scores it."""

    label: str
    node: tree.Query


def idf(index: Frequencies, frequency: int) -> float:
    """Return the inverse document frequency of BM25, ln(1 + (N - n + 0.5) / (n + 0.5))."""
    return math.log(1 + (index.size - frequency + 0.5) / (frequency + 0.5))


def rarity(index: Frequencies, word: Word) -> int:
    """Return in how many articles a word is, at most: of several tokens the rarest counts."""
    return min((index.frequency("text", token.stem) for token in word.tokens), default=0)


def words(index: Frequencies, typed: Sequence[Word], *, presence: float = 0.0) -> Iterator[Part]:
    """Yield a part a word; one that is typed twice counts twice."""
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
            worth = presence * count * idf(index, rarity(index, word))
            yield Part(f"has the word “{word.text}”", tree.ConstantScoreQuery(word.node, worth))


def leaves(node: tree.Query | None, boost: float = 1.0, *, sure: bool = True) -> Iterator[Part]:
    """Yield the parts by which a tree gives a score; what only excludes gives none.

    What must all hold is a part by itself where an article may match without it (`sure` is false): it counts whole.
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
    """Return what a part of a tree asks for, in words."""
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
    """Yield a part for each two words that follow each other in a query, with no more between them than there."""
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
    """Yield a part for each country and person that the query's words name."""
    for code in dict.fromkeys(countries(typed)):
        worth = ENTITY * idf(index, index.frequency("country", code))
        yield Part(f"is about {territories.name(code)}", tree.ConstantScoreQuery(tree.Term("country", code), worth))
    for word in typed:
        if len(word.tokens) != 1:
            continue
        folded, frequency = word.tokens[0].word, rarity(index, word)
        tagged = index.frequency("person_words", folded)
        if tagged and tagged >= NAME_SHARE * frequency:
            worth = ENTITY * idf(index, frequency)
            yield Part(
                f"names a person “{word.text}”", tree.ConstantScoreQuery(tree.Term("person_words", folded), worth)
            )
    yield from _full_names(index, text)


def countries(typed: Sequence[Word]) -> Iterator[str]:
    """Yield the codes of the countries that words of a query name, the longest names first."""
    taken: set[int] = set()
    for size in range(min(MAX_NAME_WORDS, len(typed)), 0, -1):
        for start in range(len(typed) - size + 1):
            places = range(start, start + size)
            run = [typed[place].text.strip(".,;:!?") for place in places]
            name = " ".join(run)
            if taken.isdisjoint(places) and (len(name) >= MIN_COUNTRY_CHARS or name.isupper()):
                code = territories.code(name)
                if code:
                    taken.update(places)
                    yield code


def _full_names(index: Frequencies, text: str) -> Iterator[Part]:
    folded = [token.word for token in analysis.tokenize(text)]
    for one, two in pairwise(folded):
        frequencies = [index.frequency("person_words", word) for word in (one, two)]
        if all(frequencies):
            worth = ENTITY * sum(idf(index, frequency) for frequency in frequencies)
            yield Part(
                f"names the person “{one} {two}”",
                tree.ConstantScoreQuery(tree.Phrase("person_words", [one, two]), worth),
            )


def feedback(index: Frequencies, articles: Iterable[str], weight: float) -> Iterator[Part]:
    """Yield parts for the terms by which the best articles, given as their stems, differ from all others."""
    times: Counter[str] = Counter()
    holding: Counter[str] = Counter()
    count = 0
    for count, stems in enumerate(articles, 1):  # noqa: B007 - the last one is the number of articles
        own = Counter(stems.split())
        times.update(own)
        holding.update(own.keys())
    least = min(MIN_FEEDBACK_ARTICLES, count)
    worth: dict[str, float] = {}
    for stem, n in times.items():
        if holding[stem] >= least and _tells(stem):
            rate = max(index.frequency("text", stem), 1) / max(index.size, 1)
            worth[stem] = n * math.log2((1 + rate) / rate) + math.log2(1 + rate)
    best = sorted(worth.items(), key=lambda item: (-item[1], item[0]))[:FEEDBACK_TERMS]
    for stem, value in best:
        boost = weight * FEEDBACK_WEIGHT * value / best[0][1]
        yield Part(f"“{stem}”, as in the best articles", tree.Term("text", stem, boost=boost))


def _tells(stem: str) -> bool:
    return len(stem) >= MIN_FEEDBACK_CHARS and not stem.isdigit() and stem not in function_words.stems()


LIKE_TERMS = 25
"""Terms that tell an article from all others; more cost time and change little."""

LIKE_SHARE, LIKE_LEAST = 0.1, 2
"""An article is like another one if it has this share of what tells that one, and so many parts of it at least."""

TITLED = 3
"""A term of the title counts so often."""


def like(index: Frequencies, article: Article) -> list[Part]:
    """Return parts for what an article is about: its telling terms, its people and its countries, by their weight."""
    title, body = analysis.stems(article.title), analysis.stems(article.body)
    times = Counter([*body.split(), *title.split() * TITLED])
    worth = {
        stem: (1 + math.log(n)) * idf(index, index.frequency("text", stem))
        for stem, n in times.items()
        if _tells(stem) and index.frequency("text", stem) > 1
    }
    best = sorted(worth.items(), key=lambda item: (-item[1], item[0]))[:LIKE_TERMS]
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


def much_of(parts: Sequence[Part]) -> tree.Query:
    """Return what has a fair share of the terms, people and countries among the parts."""
    return tree.Or([part.node for part in parts], minmatch=max(LIKE_LEAST, round(LIKE_SHARE * len(parts))))
