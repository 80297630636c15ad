"""Reads one open generation of an OpenSearch index: counts, articles, facet values, and a check for damage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from whoosh import query as tree

from search.engines.opensearch import answers, requests
from search.engines.opensearch import documents as stored
from search.engines.opensearch import query as oq
from search.engines.opensearch.client import MissingIndex
from search.engines.opensearch.mapping import key
from search.engines.opensearch.run_plan import PlanRun
from search.engines.opensearch.snapshot import Snapshot
from search.errors import IndexDamagedError, UnavailableError
from search.model import NO_FILTERS, Sort
from search.storage.fields import rotations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from search.engines.opensearch.answers import Answer
    from search.engines.opensearch.query import Dsl
    from search.engines.plan_result import PlanResult
    from search.model import Article, Filters, Query
    from search.query.planning import Plan

MOST_NAMES = 10_000
"""Maximum names with a prefix that are counted by name. If there may be more, all names of the matches are read."""


class Reader(Snapshot):
    """One open generation. See `search.engines.protocols.Generation`. Each call has its own reader.

    A reader sends no request twice.
    """

    def for_call(self) -> Reader:
        """Return a reader of the same generation that checks again whether it serves."""
        return Reader(self.client, self.name, self.meta, self.companion)

    def frequency(self, field: str, term: str, above: int = 0) -> int:  # noqa: ARG002 - it is always exact
        """Return the number of articles with a term, ignoring filters."""
        if field in self.companion.table.fields:
            return self.companion.table.count(field, term)
        return self.count(tree.Term(field, term))

    def count(self, node: tree.Query, filters: Filters = NO_FILTERS) -> int:
        """See `search.query.planning.Index`."""
        return self._total(oq.unscored(self._compiled(node), *oq.restrictions(filters)))

    def _compiled(self, node: tree.Query) -> Dsl:
        """Return the query of a tree. The first one decides which shard copies all requests of this reader use.

        So all pages of a query use the same copies, whose scores may differ.
        """
        compiled = self.compiler.compile(node)
        self.preference = self.preference or key(json.dumps(compiled))
        return compiled

    def _total(self, query: Dsl) -> int:
        text = json.dumps(query)
        if text not in self.totals:
            (answer,) = self.ask(requests.count(query))
            self.totals[text] = answers.total(answer)
        return self.totals[text]

    def nth_score(self, node: tree.Query, place: int) -> float:
        """See `search.query.planning.Index`."""
        query = self._compiled(node)
        text = json.dumps(query)
        known = self.scores.get(text)
        if known is None or len(known) < place:
            (answer,) = self.ask(requests.scores(query, place))
            known = self.scores[text] = [float(hit["_score"]) for hit in answers.hits(answer)]
        return known[:place][-1] if known else 0.0

    def select(
        self, node: tree.Query, limit: int, filters: Filters = NO_FILTERS, *, whole: bool = True
    ) -> Sequence[Article]:
        """See `search.query.planning.Index`."""
        query = oq.restrict(self._compiled(node), filters)
        body = requests.page(query, Sort.RELEVANCE, 0, min(limit, stored.ARTICLE_PAGE))
        if whole:
            body["_source"] = list(stored.ARTICLE_FIELDS)
        articles: list[Article] = []
        while body["size"]:
            hits = answers.hits(self.ask(body)[0])
            articles += map(stored.whole if whole else answers.listed, hits)
            if len(hits) < body["size"]:
                break
            rest = min(limit - len(articles), stored.ARTICLE_PAGE)
            body = body | {"search_after": hits[-1]["sort"], "size": rest}
        return articles

    def run(self, plan: Plan, query: Query) -> PlanResult | None:
        """See `search.engines.protocols.Generation`."""
        self.preference = self.preference or key(query.text)
        return PlanRun(self, query, plan).run(plan.least)

    def values(self, node: tree.Query, facet: str, prefix: str, filters: Filters) -> Mapping[str, int]:
        """See `search.engines.protocols.Generation`."""
        under = oq.unscored(self._compiled(node), *oq.restrictions(filters, without=facet))
        if facet == "country":
            return self.all_values(under, facet)
        names = self.lexicon.names(prefix, MOST_NAMES) if prefix else None
        if names is None:
            every: Mapping[str, int] = self.all_values(under, facet)
            return {name: n for name, n in every.items() if any(part.startswith(prefix) for part in rotations(name))}
        if not names:
            return {}
        aggregation = {"values": requests.terms(facet, len(names), names)}
        (answer,) = self.ask({"size": 0, "query": under, "aggs": aggregation, "track_total_hits": False})
        return answers.counted(answer["aggregations"]["values"])

    def ids(self, after: str = "") -> Iterator[str]:
        """See `search.engines.protocols.Generation`."""
        return (str(hit["_source"]["id"]) for hit in self._every(["id"], after))

    def words(self) -> Iterable[tuple[str, int]]:
        """See `search.engines.protocols.Generation`."""
        return self.companion.table.words()

    def _every(self, fields: Sequence[str], after: str = "") -> Iterator[Answer]:
        """Yield some fields of the stored documents of all articles, by id."""
        try:
            yield from stored.scan(self.client, self.name, fields, after)
        except MissingIndex as error:
            raise UnavailableError(
                "The generation was removed while it was read.", remedy="Run the command again."
            ) from error

    def problems(self) -> Iterator[str]:
        """See `search.engines.protocols.Generation`."""
        self.ensure_current()
        yield from self.companion.problems()
        size = 0
        with_copies: set[str] = set()
        alone: set[str] = set()
        for hit in self._every([*stored.ARTICLE_FIELDS, "group"]):
            size += 1
            source = hit["_source"]
            try:
                article = stored.whole(hit)
            except IndexDamagedError as error:
                yield error.message
                continue
            if hit["_id"] != key(article.id):
                yield f"Article {article.id} is stored under the key of another article."
            if article.story != article.id:
                with_copies.add(article.story)
            if "group" not in source:
                alone.add(article.id)
        if size != self.meta["articles"]:
            yield f"The index has {size} articles, but {self.meta['articles']} were written."
        for story in sorted(with_copies & alone):
            yield f"Article {story} has copies, but is not indexed as an article with copies."
