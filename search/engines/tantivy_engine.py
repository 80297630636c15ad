"""The embedded default: a tantivy index in a folder, one generation a write."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import tantivy
from tantivy import Occur
from tantivy import Query as TantivyQuery
from whoosh import query as tree

from search import analysis, bounds, generations, ranking, territories
from search.correcting import correct
from search.engines import tantivy_query as tq
from search.engines.tantivy_counts import Facets, Title, facet_count
from search.engines.tantivy_reader import Reader, changed_files, open_reader
from search.engines.tantivy_view import Copies, Explainer, Page, View
from search.engines.tantivy_writer import REWRITTEN, finish, writing
from search.errors import IndexDamagedError, NoIndexError, SettingError
from search.helping import way_out
from search.model import Entry, FacetValues, Hit, IndexInfo, Results, Snippet, Sort, Suggestion, WriteReport
from search.plan import plan
from search.query import query_of
from search.snippets import Highlighter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from search.correcting import Corrected
    from search.model import Article, Query
    from search.plan import Plan


class TantivyEngine:
    """`tantivy:///path`: the folder holds the generations of `search.generations`. See `search.engine.Engine`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.netloc or not parts.path.strip("/"):
            raise SettingError(
                f"{url!r} names no folder.",
                remedy="Write tantivy:///./data/index or tantivy:///srv/dateline/index.",
                field="DATELINE_INDEX",
            )
        path = unquote(parts.path)
        self.url = url
        self.generations = generations.Generations(Path(path[1:] if path.startswith("/.") else path))
        self._lock = threading.Lock()
        self._open: Reader | None = None

    # Reading

    def _reader(self) -> Reader:
        """Return the serving generation, opened anew after a swap."""
        for _ in range(3):
            name = self.generations.current()
            with self._lock:
                if self._open is None or self._open.name != name:
                    try:
                        self._open = open_reader(self.generations.path(name), self.url)
                    except FileNotFoundError:  # pruned between the two looks; CURRENT names another by now
                        continue
                return self._open
        raise IndexDamagedError(
            f"Generation {name} of {self.url} is missing.", remedy="Build the index anew: dateline reindex PATH..."
        )

    def search(self, query: Query) -> Results:
        """See `Engine.search`."""
        start = time.perf_counter()
        reader = self._reader()
        view, corrected, meant = _meant(reader, query)
        planned = plan(meant, view)
        text = reader.compiler.compile(planned.match)
        found = tq.restrict(reader.schema, text, view.query.filters)
        total = reader.counter.total(found)
        copies = Copies(reader, found, total)
        counts = Facets(reader.counter, text, view.query)
        return Results(
            query=query,
            total=total,
            stories=copies.stories,
            hits=tuple(self._hits(view, planned, copies)) if total else (),
            countries=counts.values("country") if "country" in query.facets else (),
            persons=counts.values("person") if "person" in query.facets else (),
            dates=counts.dates() if "date" in query.facets else (),
            corrected=corrected.query.searched if corrected else None,
            applied=corrected is not None and corrected.applied,
            relaxed=planned.relaxed if total else (),
            help=None if total else way_out(meant, planned.match, view, reader.lexicon),
            took_ms=(time.perf_counter() - start) * 1000,
        )

    def _hits(self, view: View, planned: Plan, copies: Copies) -> Iterator[Hit]:
        reader, query = view.reader, view.query
        found = copies.found
        scored = found if planned.scored is planned.match else view.compiled(planned.scored)
        hidden = copies.hidden() if query.collapse else []
        if hidden:
            others = TantivyQuery.term_set_query(reader.schema, "own_key", hidden)
            found, scored = tq.but_not(found, others), tq.but_not(scored, others)
        highlighter = Highlighter(planned.shown, weights=planned.weights)
        explainer = Explainer(view, planned.parts) if query.explain else None
        for worth, address in Page(view, found, scored, planned.flat).ranked():
            article = reader.listed(address)
            yield Hit(
                article=article,
                score=worth if query.sort is Sort.RELEVANCE else 0.0,
                title=highlighter.title(article.headline),
                fragments=highlighter.fragments(article.body, headline=article.title),
                copies=copies.of(article.story) - 1,
                explanation=explainer.explain(address) if explainer else None,
            )

    def get(self, article_id: str) -> Article:
        """See `Engine.get`."""
        return self._reader().get(article_id)

    def similar(self, article_id: str, limit: int) -> tuple[Hit, ...]:
        """See `Engine.similar`."""
        reader = self._reader()
        article = reader.get(article_id)
        view = View(reader, query_of("", per_page=limit, collapse=True))
        parts = ranking.like(view, article)
        if not parts:
            return ()
        match = view.compiled(ranking.much_of(parts))
        same = tq.of_story(reader.schema, article.story)
        found = tq.but_not(match, same)
        copies = Copies(reader, found, reader.counter.total(found))
        others = TantivyQuery.boolean_query(
            [
                (Occur.Should, same),
                (Occur.Should, TantivyQuery.term_set_query(reader.schema, "own_key", copies.hidden())),
            ]
        )
        scored = tq.both(TantivyQuery.const_score_query(match, 0.0), view.compiled(tree.Or([p.node for p in parts])))
        page = Page(view, tq.but_not(match, others), tq.but_not(scored, others), flat=False)
        return tuple(
            Hit(other, score, Snippet(other.headline), copies=copies.of(other.story) - 1)
            for score, other in ((score, reader.listed(address)) for score, address in page.ranked())
        )

    def suggest(self, text: str, limit: int) -> tuple[Suggestion, ...]:
        """See `Engine.suggest`."""
        reader = self._reader()
        view = View(reader, query_of(""))

        def together(words: Sequence[str]) -> int:
            return view.count(tree.And([tree.Term("text", analysis.stem(word)) for word in words]))

        return reader.lexicon.suggest(text, limit, together)

    def facet_values(self, facet: str, prefix: str, query: Query) -> FacetValues:
        """See `Engine.facet_values`."""
        reader = self._reader()
        view, _, meant = _meant(reader, replace(query, sort=Sort.NEWEST))  # what is found is wanted, not how it ranks
        under = view.compiled(plan(meant, view).match, without=facet)
        folded = " ".join(analysis.streams(prefix)[0].split())
        if facet == "person":
            counts: dict[str, int] = {}
            for term, count in reader.searcher.terms_with_prefix("person_prefixes", folded, filter_query=under):
                if count:
                    counts[term.partition(tq.SUGGEST_BREAK)[2]] = count
            selected: Sequence[str] = query.filters.persons
        else:
            counts = {
                code: count
                for code, count in reader.counter.values(under, "country").items()
                if any(part.startswith(folded) for part in tq.rotations(territories.name(code)))
            }
            selected = query.filters.countries
        best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: query.facet_size]
        values = tuple(facet_count(facet, value, count, selected) for value, count in best)
        return FacetValues(values, len(counts) - len(values))

    def entries(self) -> Iterator[Entry]:
        """See `Engine.entries`."""
        try:
            reader = self._reader()
        except NoIndexError:
            return
        yield from reader.entries()

    def info(self) -> IndexInfo:
        """See `Engine.info`."""
        reader = self._reader()
        return IndexInfo(
            url=self.url,
            engine="tantivy",
            generation=reader.name,
            generations=self.generations.names(),
            created=reader.meta["created"],
            articles=reader.size,
            size=generations.size_of(self.generations.path(reader.name)),
            schema=reader.meta["schema"],
            analyzer=reader.meta["analyzer"],
        )

    def check(self) -> tuple[str, ...]:
        """See `Engine.check`."""
        reader = self._reader()
        changed = tuple(changed_files(self.generations.path(reader.name)))
        return changed or tuple(reader.problems())  # reading what is damaged may end tantivy

    # Writing

    def rebuild(self, articles: Iterable[Article], keep: int) -> WriteReport:
        """See `Engine.rebuild`."""
        with self.generations.writing(), self.generations.building() as folder:
            index = tantivy.Index(tq.schema(), path=str(folder), sort_by_field=tq.ORDER)
            titles: dict[str, Title] = {}
            replaced = 0
            with writing(index) as writer:
                for article in articles:
                    if article.id in titles:
                        writer.delete_documents_by_term("id", article.id)
                        replaced += 1
                    titles[article.id] = Title.of(article)
                    writer.add_document(tq.document(article))
                writer.commit()
            finish(folder, index, titles, deletes=replaced > 0)
            name = self.generations.swap(folder, keep)
        return WriteReport(added=len(titles), replaced=replaced, deleted=0, generation=name)

    def write(self, articles: Iterable[Article], deletes: Iterable[str], keep: int) -> WriteReport:
        """See `Engine.write`."""
        with self.generations.writing(), self.generations.building() as folder:
            try:
                reader = self._reader()
            except NoIndexError:
                index, before = tantivy.Index(tq.schema(), path=str(folder), sort_by_field=tq.ORDER), None
            else:
                generations.link_tree(self.generations.path(reader.name), folder, copied=REWRITTEN)
                index, before = tantivy.Index.open(str(folder)), reader
            written: dict[str, bool] = {}
            titles: dict[str, Title] = {}
            with writing(index) as writer:
                for article in articles:
                    if article.id not in written:
                        written[article.id] = _is_in(before, article.id)
                    writer.delete_documents_by_term("id", article.id)
                    writer.add_document(tq.document(article))
                    titles[article.id] = Title.of(article)
                gone = {one for one in deletes if one not in written and _is_in(before, one)}
                for article_id in gone:
                    writer.delete_documents_by_term("id", article_id)
                writer.commit()
            if not written and not gone and before:
                shutil.rmtree(folder)
                return WriteReport(0, 0, 0, before.name)
            for kept in before.articles() if before else ():
                if kept.id not in gone:
                    titles.setdefault(kept.id, Title.of(kept))
            replaced = sum(written.values())
            earlier = before is not None and bool(before.meta["deletes"])
            finish(folder, index, titles, deletes=earlier or replaced > 0 or bool(gone))
            name = self.generations.swap(folder, keep)
        return WriteReport(len(written) - replaced, replaced, len(gone), name)

    def rollback(self) -> IndexInfo:
        """See `Engine.rollback`."""
        self.generations.current()  # tells where there is no index, before a folder is made for the lock
        with self.generations.writing():
            self.generations.rollback()
        return self.info()


def _meant(reader: Reader, query: Query) -> tuple[View, Corrected | None, Query]:
    """Return what a query sees of a generation, its correction, and the query to run."""
    bounds.check(query, reader.lexicon)
    resolved = reader.resolved(query)
    view = View(reader, resolved)
    corrected = correct(resolved, view, reader.lexicon)
    return view, corrected, corrected.query if corrected and corrected.applied else resolved


def _is_in(reader: Reader | None, article_id: str) -> bool:
    return reader is not None and reader.find(article_id) is not None
