"""From what was typed to what is searched: words corrected, relaxed where all of them are too much, and ranked.

Up to five words must all be there, if enough articles have them all. Otherwise the articles are found that have the
greatest weight of words, some two hundred of them. Keywords weigh such that the commonest is given up first and the
rarest last; in a sentence each word weighs by its rarity.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from whoosh import query as tree

from search import analysis
from search.model import Sort
from search.query import ranking
from search.query.ranking import Frequencies, Part

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from search.model import Filters, Query, Word

ENOUGH = 200
"""Articles that a sentence should find. Twenty pages of ten; with 100 the 100 best were not all among them."""

ENOUGH_OF = 10
"""It should not find more than a tenth of a small archive, though."""

A_PAGE = 10
"""Articles that three keywords or more should find, and that a sentence should with the phrases quoted in it."""

TOO_MANY = 5
"""Where the articles with the last weight make more than so many times enough, those above, if a page, are enough."""

MANY_WORDS = 5
"""Of more words it is too much to ask that an article has all."""

FEW_WORDS = 2
"""So many keywords are given up only where no article has them all: each of them alone would find too much else."""

PHRASE_FIELDS = ({"title", "body"}, {"title_words", "body_words"})

STEPS = 4
"""Weights of a sentence's words, from 1 for the commonest to 4 for the rarest."""


class Index(Frequencies, Protocol):
    """What planning asks of one generation of an index.

    What is relaxed hangs on the text alone and not on the filters: otherwise a click on the count of a facet could find
    more than the count.
    """

    def count(self, node: tree.Query) -> int:
        """Return how many articles match, filters aside."""
        ...

    def total(self, node: tree.Query, filters: Filters) -> int:
        """Return how many articles match under filters."""
        ...

    def nth_score(self, node: tree.Query, place: int) -> float:
        """Return the score of the article at a place of the ranking, filters aside, or of the last one; 0 for none."""
        ...

    def best_stems(self, node: tree.Query, limit: int) -> Sequence[str]:
        """Return titles and bodies of the best articles under the query's filters, as stems joined by spaces."""
        ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What an engine runs. `match` finds the results; `scored` finds the same and gives each the sum of `parts`.

    `relaxed` are the words, as typed, that a result may lack. `highlight_tree` is highlighted with the
    `weights` of its stems. The plan is the right one if at least `least` articles match, filters aside.
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
        """Whether all that match have the same score, so that nothing but the date orders them."""
        return _flat(self.scored)


def _flat(node: tree.Query) -> bool:
    if isinstance(node, tree.And):
        return all(map(_flat, node.subqueries))
    return isinstance(node, tree.Every | tree.NumericRange | tree.ConstantScoreQuery | tree.Not)


def plan(query: Query, index: Index) -> Plan:
    """Return what to run for a query."""
    strict_plan = strict(query, index)
    if strict_plan and (not strict_plan.least or index.count(strict_plan.match) >= strict_plan.least):
        return strict_plan
    return relaxed(query, index)


def strict(query: Query, index: Index) -> Plan | None:
    """Return the plan that finds what has all words, right if `least` articles do; None where that is not asked."""
    typed = _distinct(query.parsed.plain_words)
    if len(typed) > MANY_WORDS:
        return None
    least = 0 if not typed else 1 if len(typed) <= FEW_WORDS else A_PAGE
    return _strict(query, index, least)


def relaxed(query: Query, index: Index) -> Plan:
    """Return the plan for a query of whose words too few articles have all."""
    typed = _distinct(query.parsed.plain_words)
    if len(typed) <= MANY_WORDS and not query.parsed.is_sentence:
        known = sorted((word for word in typed if ranking.rarity(index, word)), key=partial(ranking.rarity, index))
        # Doubled from word to word, so that no number of commoner words outweighs a rarer one.
        weights = [2**place for place in reversed(range(len(known)))]
        weighted = list(zip(known, weights, strict=True))
        enough = 1 if len(typed) <= FEW_WORDS else _enough(index)
        return _relaxed(query, index, weighted, enough) or _strict(query, index)
    query = _loosened(query, index)
    query = _with_parsed(query, plain_words=tuple(part for word in query.parsed.plain_words for part in _pieces(word)))
    known = [word for word in _distinct(query.parsed.plain_words) if ranking.rarity(index, word)]
    worth = [ranking.idf(index, ranking.rarity(index, word)) for word in known]
    weights = [max(1, round(STEPS * one / max(worth))) for one in worth]
    weighted = list(zip(known, weights, strict=True))
    return _relaxed(query, index, weighted, _enough(index)) or _strict(query, index)


def _strict(query: Query, index: Index, least: int = 0) -> Plan:
    """Return the plan that finds what has all words."""
    if not query.parsed.plain_words:
        return Plan(query.parsed.tree, query.parsed.tree, tuple(ranking.leaves(query.parsed.tree)), query.parsed.tree)
    match = _under(query, tree.And([word.node for word in _distinct(query.parsed.plain_words)]))
    parts = [
        *ranking.leaves(query.parsed.required),
        *ranking.words(index, query.parsed.plain_words),
        *_context(query, index),
    ]
    return replace(_assembled(query, index, match, parts), least=least)


def _enough(index: Index) -> int:
    return min(ENOUGH, max(A_PAGE, index.size // ENOUGH_OF))


def _relaxed(query: Query, index: Index, weighted: Sequence[tuple[Word, int]], enough: int) -> Plan | None:
    """Return the plan that finds the articles with most weight of words: `enough`, and all that have as much.

    None where no article has any of them.
    """
    if not weighted:
        return None
    whole = sum(weight for _, weight in weighted)
    scores = tree.Or([tree.ConstantScoreQuery(word.node, weight) for word, weight in weighted])
    held = (
        scores
        if query.parsed.required is None
        else tree.And([tree.ConstantScoreQuery(query.parsed.required, 0.0), scores])
    )
    least = max(round(index.nth_score(held, enough)), 1)
    asked = [word.node for word, weight in weighted for _ in range(weight)]
    match = _under(query, tree.Or(asked, minmatch=least))
    if index.count(match) > TOO_MANY * enough and index.nth_score(held, A_PAGE) > least:
        least += 1
        match = _under(query, tree.Or(asked, minmatch=least))
    needed = [word for word, weight in weighted if whole - weight < least]
    known = [word for word in query.parsed.plain_words if ranking.rarity(index, word)]
    parts = [
        *ranking.leaves(query.parsed.required),
        *ranking.words(index, known, presence=ranking.PRESENCE),
        *_context(query, index),
    ]
    if query.sort is Sort.RELEVANCE and query.parsed.is_sentence:
        best = index.best_stems(_assembled(query, index, match, parts).scored, ranking.FEEDBACK_ARTICLES)
        times = Counter(tuple(token.stem for token in word.tokens) for word in known)
        parts += ranking.feedback(index, best, max(times.values()))
    return _assembled(
        query, index, match, parts, [word.text for word in _distinct(query.parsed.plain_words) if word not in needed]
    )


def _loosened(query: Query, index: Index) -> Query:
    """Return a sentence with its phrases among its words where too few articles have all of these."""
    phrases = {part: _phrase_of(part.node) for part in query.parsed.other_parts}
    loose = [replace(part, tokens=tuple(analysis.tokenize(text))) for part, text in phrases.items() if text]
    if not loose or index.count(_all_or_any(query)) >= A_PAGE:
        return query
    firm = tuple(part for part, text in phrases.items() if not text)
    rest = tree.And([tree.Every(), *(part.node for part in firm)]) if firm else None
    return _with_parsed(query, plain_words=(*query.parsed.plain_words, *loose), other_parts=firm, required=rest)


def _with_parsed(query: Query, **changes: Any) -> Query:
    return replace(query, parsed=replace(query.parsed, **changes))


def _all_or_any(query: Query) -> tree.Query:
    return _under(query, tree.Or([word.node for word in query.parsed.plain_words]))


def _phrase_of(node: tree.Query) -> str:
    """Return the words of a part that asks for one phrase in title or body, and for nothing else; empty for others."""
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
    """Return the stems of the words of a leaf, which may be stems themselves."""
    words = leaf.words if isinstance(leaf, tree.Phrase) else [leaf.text] if isinstance(leaf, tree.Term) else []
    return [word if leaf.fieldname in ("text", "title", "body") else analysis.stem(word) for word in words]


def _under(query: Query, node: tree.Query) -> tree.Query:
    return node if query.parsed.required is None else tree.And([query.parsed.required, node])


def _distinct(words: Sequence[Word]) -> list[Word]:
    """Return the words without those that ask for what an earlier one does."""
    return list({tuple(token.stem for token in word.tokens): word for word in reversed(words)}.values())[::-1]


def _pieces(word: Word) -> list[Word]:
    """Return a compound of a sentence (`time-sharing`) as its words; what has no letter case stays together."""
    if len(word.tokens) < 2 or not all(token.word.isascii() and len(token.word) > 1 for token in word.tokens):
        return [word]
    return [
        replace(word, text=token.word, node=tree.Term("text", token.stem), tokens=(token,)) for token in word.tokens
    ]
