"""What all engines do alike of a search: correct it, plan it, have an open generation run it, highlight what it found.

An engine provides `Generation` and `View`; the functions below are the reading half of `search.engine.Engine`.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from whoosh import query as tree

from search import analysis, territories
from search.highlight.snippets import Highlighter
from search.model import FacetCount, FacetValues, Hit, Matches, Results, Snippet, Sort
from search.query import limits, planning, ranking
from search.query.alternatives import find_alternatives
from search.query.correcting import correct
from search.query.parsing import query_of
from search.storage.fields import rotations

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from search.lexicon import Lexicon
    from search.model import Article, DateBucket, Explanation, Query, Suggestion
    from search.query.correcting import Corrected
    from search.query.planning import Plan


OLDEST_HALF_LIVES = 10
"""Freshness makes no article worth less than a thousandth; one without a date is taken for so old."""

DAY_SECONDS = 86_400

FULL = 0.9
"""A copy with at least this share of the words of the longest is as full a text as that."""


def freshness(instant: float | None, now: float, half_life: float) -> float:
    """Return by what a score is multiplied: 1 for an article of now, a half for one that is a half-life (days) old."""
    if instant is None:
        return float(2.0**-OLDEST_HALF_LIVES)
    age = max(now - instant, 0.0) / DAY_SECONDS
    return float(2.0 ** -min(age / half_life, OLDEST_HALF_LIVES))


class Generation(Protocol):
    """One open generation of an index. What it answers stays the same however often the index is written to."""

    @property
    def lexicon(self) -> Lexicon:
        """Its words, names and headlines."""
        ...

    def get(self, article_id: str) -> Article:
        """Return the whole article. Raises `NotFoundError`."""
        ...

    def story_of(self, article_id: str) -> str | None:
        """Return what names the story of an article; None where there is no such article."""
        ...

    def view(self, query: Query) -> View:
        """Return the generation as a query sees it; its `filters.story` names a story."""
        ...


class View(planning.Index, Protocol):
    """A generation as one query sees it: its filters, its order, its page, its facets."""

    def run_if_enough(self, planned: Plan) -> Found | None:
        """Run a plan if at least `planned.least` articles, filters aside, match it; else return None."""
        ...

    def run(self, planned: Plan) -> Found:
        """Run a plan: see `Found`."""
        ...

    def values(self, node: tree.Query, facet: str, prefix: str) -> Mapping[str, int]:
        """Return the values of `country` or `person` that match, with their exact counts, none of them zero.

        Counted are the articles that match the tree under the filters but for that of the facet. A person matches where
        `prefix`, folded, begins one of `documents.rotations` of the name; all countries do.
        """
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """What a plan found: all counts exact, the page in order, of the facets those that the query asks for."""

    total: int
    stories: int
    page: Sequence[Ranked] = ()
    countries: tuple[FacetCount, ...] = ()
    persons: tuple[FacetCount, ...] = ()
    dates: tuple[DateBucket, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranked:
    """One article of a page, without its mentions.

    `score` is 0 where the date decides the order. `copies` counts the other articles of its story among the results.
    """

    article: Article
    score: float
    copies: int
    explanation: Explanation | None = None


def search(generation: Generation, query: Query) -> Results:
    """Return the answer to a query: see `Engine.search`."""
    start = time.perf_counter()
    view, corrected, meant = _meant(generation, query)
    hoped = planning.strict(meant, view)
    found = view.run_if_enough(hoped) if hoped else None
    planned = hoped
    if found is None or planned is None:
        planned = planning.relaxed(meant, view)
        found = view.run(planned)
    highlighter = Highlighter(planned.shown, weights=planned.weights)
    return Results(
        query=query,
        total=found.total,
        stories=found.stories,
        hits=tuple(_hit(ranked, highlighter) for ranked in found.page),
        countries=found.countries,
        persons=found.persons,
        dates=found.dates,
        corrected=corrected.query.parsed.text if corrected else None,
        applied=corrected is not None and corrected.applied,
        relaxed=planned.relaxed if found.total else (),
        alternatives=None if found.total else find_alternatives(meant, planned.match, view, generation.lexicon),
        took_ms=(time.perf_counter() - start) * 1000,
    )


def _hit(ranked: Ranked, highlighter: Highlighter) -> Hit:
    article = ranked.article
    return Hit(
        article=article,
        score=ranked.score,
        title=highlighter.title(article.headline),
        fragments=highlighter.fragments(article.body, headline=article.title),
        copies=ranked.copies,
        explanation=ranked.explanation,
    )


def _meant(generation: Generation, query: Query) -> tuple[View, Corrected | None, Query]:
    """Return what a query sees of a generation, its correction, and the query to run."""
    limits.check(query, generation.lexicon)
    story = None if query.filters.story is None else generation.story_of(query.filters.story)
    resolved = query if story is None else replace(query, filters=replace(query.filters, story=story))
    view = generation.view(resolved)
    corrected = correct(resolved, view, generation.lexicon)
    return view, corrected, corrected.query if corrected and corrected.applied else resolved


def matches(generation: Generation, article: Article, query: Query) -> Matches:
    """Return all that a query would highlight in an article: see `Engine.matches`."""
    view, corrected, meant = _meant(generation, replace(query, sort=Sort.NEWEST))  # the ranking marks nothing
    highlighter = Highlighter(planning.plan(meant, view).shown)
    searched = corrected.query.parsed.text if corrected and corrected.applied else query.text
    return Matches(searched, highlighter.article(article))


def similar(generation: Generation, article_id: str, limit: int) -> tuple[Hit, ...]:
    """Return other stories that are like an article: see `Engine.similar`."""
    article = generation.get(article_id)
    view = generation.view(query_of("", per_page=limit, collapse=True, facets=()))
    parts = ranking.like(view, article)
    if not parts:
        return ()
    match = tree.And([ranking.much_of(parts), tree.Not(tree.Term("story", article.story))])
    scored = tree.And([tree.ConstantScoreQuery(match, 0.0), tree.Or([part.node for part in parts])])
    found = view.run(planning.Plan(match, scored, tuple(parts), match))
    return tuple(Hit(one.article, one.score, Snippet(one.article.headline), copies=one.copies) for one in found.page)


def suggest(generation: Generation, text: str, limit: int) -> tuple[Suggestion, ...]:
    """Return what a text may become: see `Engine.suggest`."""
    view = generation.view(query_of(""))

    def together(words: Sequence[str]) -> int:
        return view.count(tree.And([tree.Term("text", analysis.stem(word)) for word in words]))

    return generation.lexicon.suggest(text, limit, together)


def facet_values(generation: Generation, facet: str, prefix: str, query: Query) -> FacetValues:
    """Return the values of a facet that match a prefix: see `Engine.facet_values`."""
    view, _, meant = _meant(generation, replace(query, sort=Sort.NEWEST))  # what is found counts, not how it ranks
    folded = " ".join(analysis.streams(prefix)[0].split())
    counts = view.values(planning.plan(meant, view).match, facet, folded)
    if facet == "country":
        counts = {
            code: count
            for code, count in counts.items()
            if any(part.startswith(folded) for part in rotations(territories.name(code)))
        }
    selected = query.filters.countries if facet == "country" else query.filters.persons
    best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: query.facet_size]
    values = tuple(facet_count(facet, value, count, selected) for value, count in best)
    return FacetValues(values, len(counts) - len(values))


def facet_count(facet: str, value: str, count: int, selected: Sequence[str]) -> FacetCount:
    """Return a value as it is listed, under its readable name."""
    label = territories.name(value) if facet == "country" else value
    return FacetCount(value, label, count, value in selected)


def with_selected(best: Sequence[tuple[str, int]], selected: Mapping[str, int], facet: str) -> tuple[FacetCount, ...]:
    """Return a facet's values as they are listed: the best, then the selected ones that are not among them."""
    listed = {value for value, _ in best}
    every = [*best, *((value, count) for value, count in selected.items() if value not in listed)]
    return tuple(facet_count(facet, value, count, tuple(selected)) for value, count in every)
