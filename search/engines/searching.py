"""The reading half of `search.engine.Engine`, the same for all engines: correct, plan, run, label, highlight.

An engine provides a `Generation` with `View`s: see `search.engines.protocols`.
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from whoosh import query as tree

from search import analysis, calendars, territories
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

    from search.engines.plan_result import RankedArticle, ValueCounts
    from search.engines.protocols import Generation, View
    from search.model import Article, Query
    from search.query.correcting import Corrected
    from search.results import Suggestion


def search(generation: Generation, query: Query) -> Results:
    """Return the answer to a query: see `Engine.search`."""
    start = time.perf_counter()
    view, corrected, final_query = _prepare(generation, query)
    plan = planning.strict(final_query, view)
    result = view.run_if_enough(plan) if plan else None
    if result is None or plan is None:
        plan = planning.relaxed(final_query, view)
        result = view.run(plan)
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
        alternatives=None if result.total else find_alternatives(final_query, plan.match, view, generation.lexicon),
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


def _prepare(generation: Generation, query: Query) -> tuple[View, Corrected | None, Query]:
    """Return the view of a query, its correction, and the query to run: corrected if the correction is applied."""
    if query.parsed.patterns or query.parsed.term_count > query.limits.max_terms:
        limits.check(query, generation.lexicon)
    story = None if query.filters.story is None else generation.story_of(query.filters.story)
    resolved = query if story is None else replace(query, filters=replace(query.filters, story=story))
    view = generation.view(resolved)
    unknown = any(not ranking.rarity(view, word) for word in query.parsed.plain_words)
    corrected = correct(resolved, view, generation.lexicon) if unknown else None
    return view, corrected, corrected.query if corrected and corrected.applied else resolved


def matches(generation: Generation, article: Article, query: Query) -> Matches:
    """Return everything that a query would highlight in an article: see `Engine.matches`."""
    view, corrected, final_query = _prepare(generation, replace(query, sort=Sort.NEWEST))  # no ranking is needed
    highlighter = Highlighter(planning.plan(final_query, view).highlight_tree)
    searched = corrected.query.parsed.text if corrected and corrected.applied else query.text
    return Matches(searched, highlighter.article(article))


def similar(generation: Generation, article_id: str, limit: int) -> tuple[Hit, ...]:
    """Return other stories that are like an article: see `Engine.similar`."""
    article = generation.get(article_id)
    view = generation.view(query_of("", per_page=limit, collapse=True, facets=()))
    parts = ranking.like(view, article)
    if not parts:
        return ()
    match = tree.And([ranking.enough_of(parts), tree.Not(tree.Term("story", article.story))])
    scored = tree.And([tree.ConstantScoreQuery(match, 0.0), tree.Or([part.node for part in parts])])
    result = view.run(planning.Plan(match, scored, tuple(parts), match))
    return tuple(
        Hit(ranked.article, ranked.score, Snippet(ranked.article.headline), copies=ranked.copies)
        for ranked in result.page
    )


def suggest(generation: Generation, text: str, limit: int) -> tuple[Suggestion, ...]:
    """Return completions of a text: see `Engine.suggest`."""
    view = generation.view(query_of(""))

    def together(words: Sequence[str]) -> int:
        return view.count(tree.And([tree.Term("text", analysis.stem(word)) for word in words]))

    return generation.lexicon.suggest(text, limit, together)


def facet_values(generation: Generation, facet: str, prefix: str, query: Query) -> FacetValues:
    """Return the values of a facet that match a prefix: see `Engine.facet_values`."""
    view, _, final_query = _prepare(generation, replace(query, sort=Sort.NEWEST))  # no ranking is needed
    folded = " ".join(analysis.streams(prefix)[0].split())
    counts = view.values(planning.plan(final_query, view).match, facet, folded)
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
