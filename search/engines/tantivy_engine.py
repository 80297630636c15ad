"""The embedded default: a tantivy index in a folder, one generation a write."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import tantivy
from tantivy import Query as TantivyQuery

from search import analysis, generations, territories
from search.engines import tantivy_query as tq
from search.engines.tantivy_counts import Facets, facet_count
from search.engines.tantivy_reader import META, Reader, changed_files, open_reader
from search.errors import IndexDamagedError, NoIndexError, SearchError, SettingError
from search.model import Entry, FacetCount, Hit, IndexInfo, Results, Snippet, Sort, Suggestion, WriteReport
from search.query import parse
from search.snippets import Highlighter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from search.model import Article, Query

REWRITTEN = frozenset({"meta.json", ".managed.json", META})
"""Files that tantivy and we replace; all others are never changed once written, so generations share them."""

HEAP_BYTES = 160_000_000
"""Before a segment is written out; larger gives fewer segments, but must stay well below 1 GB with the pipeline's."""

HEADLINES = 3
SIMILAR_TERMS = 25


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
        text = tq.compile_tree(reader.schema, query.tree)
        found = tq.restrict(reader.schema, text, query.filters)
        total = reader.counter.total(found)
        stories = reader.counter.stories(found, total)
        hits = self._hits(reader, query, found)
        counts = Facets(reader.counter, text, query)
        return Results(
            query=query,
            total=total,
            stories=stories,
            hits=tuple(hits),
            countries=counts.values("country") if "country" in query.facets else (),
            persons=counts.values("person") if "person" in query.facets else (),
            dates=counts.dates() if "date" in query.facets else (),
            took_ms=(time.perf_counter() - start) * 1000,
        )

    def _hits(self, reader: Reader, query: Query, found: TantivyQuery) -> Iterator[Hit]:
        first = (query.page - 1) * query.per_page
        if query.collapse:
            ranked = reader.first_of_each_story(query, found, first)
        else:
            ranked = reader.ranked(query, found, first, query.per_page)
        highlighter = Highlighter(query.tree)
        for score, address in ranked:
            article = reader.article(address)
            key = tq.key_of(article.story)
            alone = article.story == article.id and not reader.searcher.doc_freq("copy_key", key)
            yield Hit(
                article=article,
                score=score,
                title=highlighter.title(article.headline),
                fragments=highlighter.fragments(article.body),
                copies=0 if alone else reader.counter.story_size(found, key) - 1,
            )

    def get(self, article_id: str) -> Article:
        """See `Engine.get`."""
        return self._reader().get(article_id)

    def similar(self, article_id: str, limit: int) -> tuple[Hit, ...]:
        """See `Engine.similar`."""
        reader = self._reader()
        article = reader.get(article_id)
        like = TantivyQuery.more_like_this_document_fields_query(
            reader.schema,
            {"title": [analysis.streams(article.title)[1]], "body": [analysis.streams(article.body)[1]]},
            min_doc_frequency=1,
            min_term_frequency=1,
            min_word_length=4,
            max_query_terms=SIMILAR_TERMS,
        )
        key = tq.key_of(article.story)
        same = [TantivyQuery.term_query(reader.schema, name, key) for name in ("own_key", "copy_key")]
        others = TantivyQuery.boolean_query(
            [(tantivy.Occur.Must, like), *((tantivy.Occur.MustNot, part) for part in same)]
        )
        query = replace(_everything(), per_page=limit, collapse=True)
        found = reader.first_of_each_story(query, others)
        articles = [(score, reader.article(address)) for score, address in found]
        return tuple(Hit(article, score, Snippet(article.headline)) for score, article in articles)

    def suggest(self, text: str, limit: int) -> tuple[Suggestion, ...]:
        """See `Engine.suggest`."""
        words = analysis.streams(text)[0].split()
        if not words:
            return ()
        query = replace(_everything(), facet_size=limit)
        values = [
            *(Suggestion("person", v.value, v.label, v.count) for v in self.facet_values("person", text, query)),
            *(Suggestion("country", v.value, v.label, v.count) for v in self.facet_values("country", text, query)),
        ]
        values.sort(key=lambda s: (-s.count, s.label))
        values = values[: max(limit - HEADLINES, 1)]
        return (*values, *self._headlines(words, min(HEADLINES, limit - len(values))))

    def _headlines(self, words: list[str], limit: int) -> Iterator[Suggestion]:
        if limit <= 0:
            return
        reader = self._reader()
        last = TantivyQuery.regex_query(reader.schema, "title_words", tq.re_escape(words[-1]) + ".*")
        whole = [TantivyQuery.term_query(reader.schema, "title_words", word) for word in words[:-1]]
        query = replace(_everything(), sort=Sort.NEWEST, per_page=limit, collapse=True)
        for _, address in reader.first_of_each_story(query, tq.both(*whole, last)):
            article = reader.article(address)
            yield Suggestion("headline", article.id, article.headline, 1)

    def facet_values(self, facet: str, prefix: str, query: Query) -> tuple[FacetCount, ...]:
        """See `Engine.facet_values`."""
        reader = self._reader()
        text = tq.compile_tree(reader.schema, query.tree)
        under = tq.restrict(reader.schema, text, query.filters, without=facet)
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
        return tuple(facet_count(facet, value, count, selected) for value, count in best)

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
            index = tantivy.Index(tq.schema(), path=str(folder))
            seen: set[int] = set()
            replaced = 0
            with _writer(index) as writer:
                for article in articles:
                    key = tq.key_of(article.id)
                    if key in seen:
                        writer.delete_documents_by_term("id", article.id)
                        replaced += 1
                    seen.add(key)
                    writer.add_document(tq.document(article))
                writer.commit()
            _finish(folder, index, len(seen))
            name = self.generations.swap(folder, keep)
        return WriteReport(added=len(seen), replaced=replaced, deleted=0, generation=name)

    def write(self, articles: Iterable[Article], deletes: Iterable[str], keep: int) -> WriteReport:
        """See `Engine.write`."""
        with self.generations.writing(), self.generations.building() as folder:
            try:
                reader = self._reader()
            except NoIndexError:
                index, before = tantivy.Index(tq.schema(), path=str(folder)), None
            else:
                generations.link_tree(self.generations.path(reader.name), folder, copied=REWRITTEN)
                index, before = tantivy.Index.open(str(folder)), reader
            written: dict[str, bool] = {}
            with _writer(index) as writer:
                for article in articles:
                    if article.id not in written:
                        written[article.id] = _is_in(before, article.id)
                    writer.delete_documents_by_term("id", article.id)
                    writer.add_document(tq.document(article))
                gone = {one for one in deletes if one not in written and _is_in(before, one)}
                for article_id in gone:
                    writer.delete_documents_by_term("id", article_id)
                writer.commit()
            if not written and not gone and before:
                shutil.rmtree(folder)
                return WriteReport(0, 0, 0, before.name)
            replaced = sum(written.values())
            _finish(folder, index, (before.size if before else 0) + len(written) - replaced - len(gone))
            name = self.generations.swap(folder, keep)
        return WriteReport(len(written) - replaced, replaced, len(gone), name)

    def rollback(self) -> IndexInfo:
        """See `Engine.rollback`."""
        self.generations.current()  # tells where there is no index, before a folder is made for the lock
        with self.generations.writing():
            self.generations.rollback()
        return self.info()


def _is_in(reader: Reader | None, article_id: str) -> bool:
    return reader is not None and reader.find(article_id) is not None


def _everything() -> Query:
    from search.model import Query  # noqa: PLC0415 - the name is taken at the top for types alone

    return Query("", parse("").tree)


@contextmanager
def _writer(index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
    """Write to an index; when the block ends, however it ends, nothing writes to its folder any more."""
    writer = index.writer(HEAP_BYTES, 1)
    try:
        yield writer
    except BaseException as error:
        writer.rollback()
        if isinstance(error, ValueError) and "os error" in str(error):  # tantivy has no type of its own for it
            message = f"The index cannot be written: {error}."
            raise SearchError(message, remedy="Look whether its disk has room.") from error
        raise
    finally:
        writer.wait_merging_threads()


def _finish(folder: Path, index: tantivy.Index, articles: int) -> None:
    """Describe and verify what was built.

    Raises:
        IndexDamagedError: The built index does not hold the number of articles that were written to it.
    """
    meta = {
        "schema": tq.SCHEMA_VERSION,
        "analyzer": analysis.fingerprint(),
        "created": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "articles": articles,
    }
    (folder / META).write_text(json.dumps(meta) + "\n")
    index.reload()
    held = index.searcher().num_docs
    if held != articles:
        raise IndexDamagedError(
            f"The new index holds {held} articles instead of {articles} and was not put to use.",
            remedy="Run the command again; if it happens again, please report it.",
        )
