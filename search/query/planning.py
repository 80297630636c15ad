"""Turns a parsed query into a plan: which articles match, and how they are ranked.

The strict plan requires all of up to five words. If too few articles match it, the relaxed plan finds some two hundred
articles with the greatest weight of words. Keywords are weighted so that the commonest word is dropped first and the
rarest last; the words of a sentence are weighted by rarity.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from whoosh import query as tree

from search import analysis
from search.model import NO_FILTERS, Sort
from search.query import ranking
from search.query.ranking import Frequencies, Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from search.model import Article, Filters, Query, Word

ENOUGH = 200
"""Articles that a sentence should find: twenty pages of ten. With 100, some of the 100 best articles were missed."""

ENOUGH_OF = 10
"""In a small archive a sentence should find only one article in ten."""

A_PAGE = 10
"""Articles that three or more keywords should find, and a sentence together with its quoted phrases."""

TOO_MANY = 5
"""If the lowest accepted weight matches more than this many times the target, it is dropped, provided that the rest
still fills a page."""

MANY_WORDS = 5
"""Maximum number of words that a strict plan requires."""

FEW_WORDS = 2
"""Up to this many keywords are relaxed only if no article has them all: one word alone would find too much else."""

PHRASE_FIELDS = ({"title", "body"}, {"title_words", "body_words"})
"""The fields of a phrase in the text: stems, or exact words."""

STEPS = 4
"""Weights of a sentence's words, from 1 for the commonest to 4 for the rarest."""


class Index(Frequencies, Protocol):
    """The part of an open generation that planning uses.

    Relaxation depends only on the query text, never on filters. Otherwise a click on a facet value could find more
    articles than its count.
    """

    def count(self, node: tree.Query, filters: Filters = NO_FILTERS) -> int:
        """Return how many articles match under filters."""
        ...

    def nth_score(self, node: tree.Query, place: int) -> float:
        """Return the score at a place of the ranking, ignoring filters.

        With fewer matches it is the lowest score, and without any match it is 0.
        """
        ...

    def select(
        self, node: tree.Query, limit: int, filters: Filters = NO_FILTERS, *, whole: bool = True
    ) -> Sequence[Article]:
        """Return at most `limit` matching articles under filters, those with the highest scores first.

        The articles are as stored, without `keys` and `tokens`. Without `whole` they also lack what lists do not show:
        mentions, digest, signature, captions and removed lines.
        """
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What an engine runs. `match` finds the results. `scored` finds the same and scores each by the sum of `parts`.

    `relaxed` are the words, as typed, that a result may lack. `highlight_tree` is highlighted;
    `weights` are the weights of its stems. The plan is used if at least `least` articles match, ignoring filters.
    """

    match: tree.Query
    scored: tree.Query
    parts: tuple[Part, ...]
    highlight_tree: tree.Query
    relaxed: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    least: int = 0

    @property
    def flat(self) -> bool:
        """Whether all matches have the same score, so that only the date orders them."""
        return _flat(self.scored)


def _flat(node: tree.Query) -> bool:
    if isinstance(node, tree.And):
        return all(map(_flat, node.subqueries))
    return isinstance(node, tree.Every | tree.NumericRange | tree.ConstantScoreQuery | tree.Not)


def plan(query: Query, index: Index) -> Plan:
    """Return the plan to run for a query: strict if enough articles match, else relaxed."""
    strict_plan = strict(query, index)
    if strict_plan and (not strict_plan.least or index.count(strict_plan.match) >= strict_plan.least):
        return strict_plan
    return relaxed(query, index)


def strict(query: Query, index: Index) -> Plan | None:
    """Return the plan that requires all words; None if the query has too many of them."""
    words = _distinct(query.parsed.plain_words)
    if len(words) > MANY_WORDS:
        return None
    least = 0 if not words else 1 if len(words) <= FEW_WORDS else A_PAGE
    return _strict(query, index, least)


def relaxed(query: Query, index: Index) -> Plan:
    """Return the plan for a query whose strict plan matches too few articles."""
    words = _distinct(query.parsed.plain_words)
    if len(words) <= MANY_WORDS and not query.parsed.is_sentence:
        known = sorted((word for word in words if ranking.rarity(index, word)), key=partial(ranking.rarity, index))
        # Weights double from word to word, so that all commoner words together weigh less than a rarer one.
        weights = [2**place for place in reversed(range(len(known)))]
        weighted = list(zip(known, weights, strict=True))
        enough = 1 if len(words) <= FEW_WORDS else _enough(index)
        return _relaxed(query, index, weighted, enough) or _strict(query, index)
    query = _with_optional_phrases(query, index)
    query = _with_parsed(query, plain_words=tuple(part for word in query.parsed.plain_words for part in _pieces(word)))
    known = [word for word in _distinct(query.parsed.plain_words) if ranking.rarity(index, word)]
    rarities = [ranking.idf(index, ranking.rarity(index, word)) for word in known]
    weights = [max(1, round(STEPS * rarity / max(rarities))) for rarity in rarities]
    weighted = list(zip(known, weights, strict=True))
    return _relaxed(query, index, weighted, _enough(index)) or _strict(query, index)


def _strict(query: Query, index: Index, least: int = 0) -> Plan:
    """Return the plan that requires all words."""
    if not query.parsed.plain_words:
        return Plan(query.parsed.tree, query.parsed.tree, tuple(ranking.leaves(query.parsed.tree)), query.parsed.tree)
    match = _with_required(query, tree.And([word.node for word in _distinct(query.parsed.plain_words)]))
    parts = [
        *ranking.leaves(query.parsed.required),
        *ranking.words(index, query.parsed.plain_words),
        *_context(query, index),
    ]
    return replace(_assembled(query, index, match, parts), least=least)


def _enough(index: Index) -> int:
    return min(ENOUGH, max(A_PAGE, index.size // ENOUGH_OF))


def _relaxed(query: Query, index: Index, weighted: Sequence[tuple[Word, int]], enough: int) -> Plan | None:
    """Return the plan that finds the `enough` articles with the greatest weight of words, and all of equal weight.

    Returns None if no word is in the index.
    """
    if not weighted:
        return None
    whole = sum(weight for _, weight in weighted)
    scores = tree.Or([tree.ConstantScoreQuery(word.node, weight) for word, weight in weighted])
    candidates = (
        scores
        if query.parsed.required is None
        else tree.And([tree.ConstantScoreQuery(query.parsed.required, 0.0), scores])
    )
    least = max(round(index.nth_score(candidates, enough)), 1)
    repeated = [word.node for word, weight in weighted for _ in range(weight)]
    match = _with_required(query, tree.Or(repeated, minmatch=least))
    if index.count(match) > TOO_MANY * enough and index.nth_score(candidates, A_PAGE) > least:
        least += 1
        match = _with_required(query, tree.Or(repeated, minmatch=least))
    needed = [word for word, weight in weighted if whole - weight < least]
    known = [word for word in query.parsed.plain_words if ranking.rarity(index, word)]
    parts = [
        *ranking.leaves(query.parsed.required),
        *ranking.words(index, known, presence=ranking.PRESENCE),
        *_context(query, index),
    ]
    if query.sort is Sort.RELEVANCE and query.parsed.is_sentence:
        scored = _assembled(query, index, match, parts).scored
        articles = index.select(scored, ranking.FEEDBACK_ARTICLES, query.filters, whole=False)
        best = [analysis.stems(f"{article.title}\n{article.body}") for article in articles]
        times = Counter(tuple(token.stem for token in word.tokens) for word in known)
        parts += ranking.feedback(index, best, max(times.values()))
    return _assembled(
        query, index, match, parts, [word.text for word in _distinct(query.parsed.plain_words) if word not in needed]
    )


def _with_optional_phrases(query: Query, index: Index) -> Query:
    """Make the phrases of a sentence optional if too few articles have all of them."""
    phrases = {part: _phrase_of(part.node) for part in query.parsed.other_parts}
    optional = [replace(part, tokens=tuple(analysis.tokenize(text))) for part, text in phrases.items() if text]
    if not optional or index.count(_with_any_word(query)) >= A_PAGE:
        return query
    fixed = tuple(part for part, text in phrases.items() if not text)
    required = tree.And([tree.Every(), *(part.node for part in fixed)]) if fixed else None
    return _with_parsed(query, plain_words=(*query.parsed.plain_words, *optional), other_parts=fixed, required=required)


def _with_parsed(query: Query, **changes: Any) -> Query:
    return replace(query, parsed=replace(query.parsed, **changes))


def _with_any_word(query: Query) -> tree.Query:
    return _with_required(query, tree.Or([word.node for word in query.parsed.plain_words]))


def _phrase_of(node: tree.Query) -> str:
    """Return the words of a part that is one phrase in title or body; an empty string for other parts."""
    leaves = [] if isinstance(node, tree.Not) else list(node.leaves())
    if not all(isinstance(leaf, tree.Phrase | tree.Term) for leaf in leaves):
        return ""
    words = {" ".join(leaf.words) if isinstance(leaf, tree.Phrase) else leaf.text for leaf in leaves}
    fields = {leaf.fieldname for leaf in leaves}
    return words.pop() if len(words) == 1 and fields in PHRASE_FIELDS else ""


def _context(query: Query, index: Index) -> list[Part]:
    if query.sort is not Sort.RELEVANCE:
        return []
    weight = ranking.SENTENCE_NEIGHBOURS if query.parsed.is_sentence else ranking.NEIGHBOURS
    return [
        *ranking.neighbours(query.parsed.plain_words, query.parsed.text, weight),
        *ranking.entities(index, query.parsed.plain_words, query.parsed.text),
    ]


def _assembled(
    query: Query, index: Index, match: tree.Query, parts: Sequence[Part], relaxed: Sequence[str] = ()
) -> Plan:
    silent = tree.ConstantScoreQuery(match, 0.0)
    scored = tree.AndMaybe(silent, tree.Or([part.node for part in parts])) if parts else silent
    words = tree.Or([word.node for word in query.parsed.plain_words])
    highlight_tree = tree.Or([query.parsed.required, words]) if query.parsed.required is not None else words
    stems = {stem for leaf in highlight_tree.leaves() for stem in _stems(leaf)}
    weights = {stem: ranking.idf(index, index.frequency("text", stem)) for stem in stems}
    return Plan(match, scored, tuple(parts), highlight_tree, tuple(dict.fromkeys(relaxed)), weights)


def _stems(leaf: tree.Query) -> list[str]:
    """Return the stems of the words of a leaf. Some fields hold stems already."""
    words = leaf.words if isinstance(leaf, tree.Phrase) else [leaf.text] if isinstance(leaf, tree.Term) else []
    return [word if leaf.fieldname in ("text", "title", "body") else analysis.stem(word) for word in words]


def _with_required(query: Query, node: tree.Query) -> tree.Query:
    return node if query.parsed.required is None else tree.And([query.parsed.required, node])


def _distinct(words: Sequence[Word]) -> list[Word]:
    """Return the words, except those that have the same stems as an earlier word."""
    return list({tuple(token.stem for token in word.tokens): word for word in reversed(words)}.values())[::-1]


def _pieces(word: Word) -> list[Word]:
    """Split a compound of ASCII words (`time-sharing`). Other words of several tokens stay together."""
    if len(word.tokens) < 2 or not all(token.word.isascii() and len(token.word) > 1 for token in word.tokens):
        return [word]
    return [
        replace(word, text=token.word, node=tree.Term("text", token.stem), tokens=(token,)) for token in word.tokens
    ]
