"""The reading half of `search.engine.Engine`, the same for all engines: correct, plan, run, label, highlight.

An engine provides a `Generation`: see `search.engines.protocols`.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from whoosh import query as tree

from search import analysis, calendars, territories
from search.errors import NotFoundError
from search.highlight.snippets import Highlighter
from search.model import Sort
from search.query import limits, planning, ranking
from search.query.alternatives import find_alternatives
from search.query.correcting import correct
from search.query.parsing import query_of
from search.results import FacetCount, FacetValues, Hit, Matches, Results, Snippet
from search.storage.fields import rotations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from search.engines.plan_result import PlanResult, RankedArticle, ValueCounts
    from search.engines.protocols import Generation
    from search.model import Article, Query, TermGroup
    from search.query.correcting import Corrected
    from search.results import Suggestion


def search(generation: Generation, query: Query) -> Results:
    """Return the answer to a query: see `Engine.search`."""
    start = time.perf_counter()
    corrected, final_query = _prepare(generation, query)
    plan = planning.strict(final_query, generation)
    result = generation.run(plan, final_query) if plan else None
    if result is None or plan is None:
        plan = replace(planning.relaxed(final_query, generation), least=0)
        result = _run(generation, plan, final_query)
    highlighter = Highlighter(plan.highlight_tree, weights=plan.weights)
    return Results(
        query=query,
        total=result.total,
        stories=result.stories,
        hits=tuple(_hit(ranked, highlighter) for ranked in result.page),
        countries=_labelled("country", result.countries),
        persons=_labelled("person", result.persons),
        dates=calendars.buckets(result.dates.counts, result.dates.interval),
        corrected=corrected.query.parsed.text if corrected else None,
        correction=None if corrected is None else "applied" if corrected.applied else "offered",
        relaxed=plan.relaxed if result.total else (),
        alternatives=None
        if result.total
        else find_alternatives(final_query, plan.match, generation, generation.lexicon),
        took_ms=(time.perf_counter() - start) * 1000,
    )


def _hit(ranked: RankedArticle, highlighter: Highlighter) -> Hit:
    article = ranked.article
    return Hit(
        article=article,
        score=ranked.score,
        title=highlighter.title(article.headline),
        fragments=highlighter.fragments(article.body, headline=article.title),
        copies=ranked.copies,
        explanation=ranked.explanation,
    )


def _run(generation: Generation, plan: planning.Plan, query: Query) -> PlanResult:
    """Run a plan that is used however few articles match."""
    result = generation.run(plan, query)
    assert result is not None  # its `least` is 0
    return result


def _prepare(generation: Generation, query: Query) -> tuple[Corrected | None, Query]:
    """Return the correction of a query, and the query to run: corrected if the correction is applied.

    The story filter of the query to run has the id of the story.
    """
    if query.parsed.patterns or query.parsed.term_count > query.limits.max_terms:
        limits.check(query, generation.lexicon)
    story = None if query.filters.story is None else article_with_id(generation, query.filters.story)
    resolved = query if story is None else replace(query, filters=replace(query.filters, story=story.story))
    unknown = any(not ranking.rarity(generation, word) for word in query.parsed.plain_words)
    corrected = correct(resolved, generation, generation.lexicon) if unknown else None
    return corrected, corrected.query if corrected and corrected.applied else resolved


def article_with_id(generation: Generation, article_id: str) -> Article | None:
    """Return the whole article with an id, or None."""
    return next(iter(generation.select(tree.Term("id", article_id), 1)), None)


def any_group(field: str, groups: Sequence[TermGroup]) -> tree.Query:
    """Return the query tree for articles that have one of the groups of terms in a field."""
    parts = [
        tree.Or([tree.Term(field, term) for term in terms], minmatch=least)
        if least > 1
        else tree.Or([tree.Term(field, term) for term in terms])
        for terms, least in groups
    ]
    return parts[0] if len(parts) == 1 else tree.Or(parts)


def get(generation: Generation, article_id: str) -> Article:
    """Return the whole article with an id: see `Engine.get`."""
    article = article_with_id(generation, article_id)
    if article is None:
        raise NotFoundError(f"No article has the id {article_id!r}.", remedy="Look it up with a search.")
    return article


def matches(generation: Generation, article: Article, query: Query) -> Matches:
    """Return everything that a query would highlight in an article: see `Engine.matches`."""
    corrected, final_query = _prepare(generation, replace(query, sort=Sort.NEWEST))  # no ranking is needed
    highlighter = Highlighter(planning.plan(final_query, generation).highlight_tree)
    searched = corrected.query.parsed.text if corrected and corrected.applied else query.text
    return Matches(searched, highlighter.article(article))


def similar(generation: Generation, article_id: str, limit: int) -> tuple[Hit, ...]:
    """Return other stories that are like an article: see `Engine.similar`."""
    article = get(generation, article_id)
    parts = ranking.like(generation, article)
    if not parts:
        return ()
    match = tree.And([ranking.enough_of(parts), tree.Not(tree.Term("story", article.story))])
    scored = tree.And([tree.ConstantScoreQuery(match, 0.0), tree.Or([part.node for part in parts])])
    query = query_of("", per_page=limit, collapse=True, facets=())
    result = _run(generation, planning.Plan(match, scored, tuple(parts), match), query)
    return tuple(
        Hit(ranked.article, ranked.score, Snippet(ranked.article.headline), copies=ranked.copies)
        for ranked in result.page
    )


def suggest(generation: Generation, text: str, limit: int) -> tuple[Suggestion, ...]:
    """Return completions of a text: see `Engine.suggest`."""

    def together(words: Sequence[str]) -> int:
        return generation.count(tree.And([tree.Term("text", analysis.stem(word)) for word in words]))

    return generation.lexicon.suggest(text, limit, together)


def facet_values(generation: Generation, facet: str, prefix: str, query: Query) -> FacetValues:
    """Return the values of a facet that match a prefix: see `Engine.facet_values`."""
    _, final_query = _prepare(generation, replace(query, sort=Sort.NEWEST))  # no ranking is needed
    folded = " ".join(analysis.streams(prefix)[0].split())
    match = planning.plan(final_query, generation).match
    counts = generation.values(match, facet, folded, final_query.filters)
    if facet == "country":
        counts = {
            code: count
            for code, count in counts.items()
            if any(part.startswith(folded) for part in rotations(territories.name(code)))
        }
    selected = query.filters.countries if facet == "country" else query.filters.persons
    best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: query.facet_size]
    values = tuple(_facet_count(facet, value, count, selected) for value, count in best)
    return FacetValues(values, len(counts) - len(values))


def _facet_count(facet: str, value: str, count: int, selected: Sequence[str]) -> FacetCount:
    label = territories.names().get(value, value) if facet == "country" else value
    return FacetCount(value, label, count, value in selected)


def _labelled(facet: str, counts: ValueCounts) -> tuple[FacetCount, ...]:
    """Return the values of a facet with labels: the most frequent ones, then the other selected ones."""
    listed = {value for value, _ in counts.best}
    others = ((value, count) for value, count in counts.selected.items() if value not in listed)
    return tuple(_facet_count(facet, value, count, tuple(counts.selected)) for value, count in (*counts.best, *others))
