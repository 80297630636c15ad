"""Whoosh alone and SQLite FTS5, set up to do the same work as Dateline's engine."""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import Stemmer
from whoosh import fields, highlight, index, query, scoring
from whoosh.analysis import StemmingAnalyzer
from whoosh.qparser import MultifieldParser

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from corpus import Case

    from search.model import Article

TITLE_BOOST = 3.0
PAGE = 10
FACET_SIZE = 10
SNIPPET_CHARS = 240
SNIPPET_WORDS = 40
WRITER_MB = 256
CACHE_KB = 200_000
OPEN, CLOSE = "<mark>", "</mark>"

Counts: TypeAlias = "list[tuple[str, int]]"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a search: exact total, ten hits with snippets, exact counts of three facets."""

    total: int
    hits: Sequence[Any]
    countries: Counts
    persons: Counts
    months: Counts


class Contender(Protocol):
    """An engine in the comparison."""

    name: str

    def build(self, articles: Iterable[Article]) -> None:
        """Build an index of prepared articles and open it for searches."""
        ...

    def size(self) -> int:
        """Return the size on disk, in bytes."""
        ...

    def search(self, case: Case) -> Answer:
        """Return ten hits with snippets, and facets; each facet is counted without its own filter."""
        ...


def month_of(article: Article) -> str | None:
    """Return the month of publication, such as `2024-01`."""
    return article.published[:7] if article.published else None


SCHEMA = """
    CREATE TABLE article (id INTEGER PRIMARY KEY, key TEXT UNIQUE, url, source, published, title, body);
    CREATE VIRTUAL TABLE entry USING fts5 (
        title, body, content='article', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2');
    CREATE TABLE country (value TEXT, article INTEGER, PRIMARY KEY (value, article)) WITHOUT ROWID;
    CREATE TABLE person (value TEXT, article INTEGER, PRIMARY KEY (value, article)) WITHOUT ROWID;
    CREATE TABLE month (value TEXT, article INTEGER PRIMARY KEY);
"""
INDEXES = """
    CREATE INDEX country_of ON country (article, value);
    CREATE INDEX person_of ON person (article, value);
    INSERT INTO entry (entry) VALUES ('optimize');
    ANALYZE;
"""
RANKED = """
    SELECT rowid FROM entry WHERE entry MATCH ? AND rank MATCH 'bm25({boost}, 1.0)' {narrow} ORDER BY rank LIMIT {page}
"""
HIT = """
    SELECT key, url, source, published, article.title, highlight(entry, 0, '{open}', '{close}'),
           snippet(entry, 1, '{open}', '{close}', '…', {words})
    FROM entry JOIN article ON article.id = entry.rowid WHERE entry MATCH ? AND entry.rowid = ?
"""
FACET = """
    SELECT value, count(*) FROM temp.found JOIN {facet} ON article = id WHERE 1 {narrow}
    GROUP BY value ORDER BY count(*) DESC, value LIMIT {size}
"""


class Sqlite:
    """FTS5 with the articles in a second table. For the facets, a search puts its matches in a temporary table."""

    name = "SQLite FTS5"

    def __init__(self, folder: Path) -> None:
        self._file = folder / "archive.sqlite"
        self._db = sqlite3.connect(self._file, isolation_level=None)
        self._db.executescript(
            f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY;"
            f"PRAGMA cache_size = -{CACHE_KB}; CREATE TEMP TABLE found (id INTEGER PRIMARY KEY);"
        )

    def build(self, articles: Iterable[Article]) -> None:
        """See `Contender.build`."""
        run = self._db.execute
        self._db.executescript(SCHEMA)
        run("BEGIN")
        for number, a in enumerate(articles, 1):
            row = (number, a.id, a.url, a.source, a.published, a.title, a.body)
            run("INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?)", row)
            run("INSERT INTO entry (rowid, title, body) VALUES (?, ?, ?)", (number, a.title, a.body))
            countries, persons = {c.code for c in a.countries}, {p.name for p in a.persons}
            self._db.executemany("INSERT INTO country VALUES (?, ?)", [(value, number) for value in countries])
            self._db.executemany("INSERT INTO person VALUES (?, ?)", [(value, number) for value in persons])
            if month := month_of(a):
                run("INSERT INTO month VALUES (?, ?)", (month, number))
        run("COMMIT")
        self._db.executescript(INDEXES)

    def size(self) -> int:
        """See `Contender.size`."""
        return self._file.stat().st_size

    def search(self, case: Case) -> Answer:
        """See `Contender.search`."""
        run = self._db.execute
        words = '"' + " ".join(case.words) + '"' if case.kind == "phrase" else " ".join(f'"{w}"' for w in case.words)
        match = words + "*" if case.kind == "prefix" else words
        run("DELETE FROM temp.found")
        run("INSERT INTO temp.found SELECT rowid FROM entry WHERE entry MATCH ?", (match,))
        narrow, values = _narrow(case, "id")
        total = run(f"SELECT count(*) FROM temp.found WHERE 1 {narrow}", values).fetchone()[0]  # noqa: S608
        narrow, values = _narrow(case, "+rowid")
        ranked = RANKED.format(boost=TITLE_BOOST, narrow=narrow, page=PAGE)
        hit = HIT.format(open=OPEN, close=CLOSE, words=SNIPPET_WORDS)
        hits = [run(hit, (match, row)).fetchone() for (row,) in run(ranked, (match, *values)).fetchall()]
        return Answer(total, hits, self._counts("country", case), self._counts("person", case), self._months(case))

    def _counts(self, facet: str, case: Case) -> Counts:
        """Return the most frequent values and always the selected one, as Dateline does."""
        run = self._db.execute
        narrow, values = _narrow(case, "id", without=facet)
        best = run(FACET.format(facet=facet, narrow=narrow, size=FACET_SIZE), values).fetchall()
        selected = case.country if facet == "country" else case.person
        if selected and selected not in dict(best):
            one = f"{narrow} AND value = ?"
            best += run(FACET.format(facet=facet, narrow=one, size=1), (*values, selected)).fetchall() or [
                (selected, 0)
            ]
        return best

    def _months(self, case: Case) -> Counts:
        narrow, values = _narrow(case, "id")
        return sorted(self._db.execute(FACET.format(facet="month", narrow=narrow, size=-1), values).fetchall())


def _narrow(case: Case, column: str, without: str = "") -> tuple[str, list[str]]:
    chosen = {"country": case.country, "person": case.person}
    used = {facet: value for facet, value in chosen.items() if value and facet != without}
    clauses = [f"AND {column} IN (SELECT article FROM {facet} WHERE value = ?)" for facet in used]  # noqa: S608
    return " ".join(clauses), list(used.values())


_STEMMER = Stemmer.Stemmer("english", maxCacheSize=0)


def stem(word: str) -> str:
    """Return the stem. This is a function because Whoosh pickles its schema, and a Stemmer cannot be pickled."""
    return str(_STEMMER.stemWord(word))


class Whoosh:
    """Whoosh's index, parser, BM25F and highlighter. Facets are counted over columns in memory."""

    name = "Whoosh"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # As in Dateline: no stop words, and PyStemmer, which is faster than Whoosh's stemmer.
        stemmed = StemmingAnalyzer(stoplist=None, minsize=1, stemfn=stem, cachesize=-1)
        text = fields.TEXT(analyzer=stemmed, stored=True)
        value = fields.KEYWORD(commas=True)
        self._schema = fields.Schema(
            key=fields.ID(stored=True, unique=True),
            title=text,
            body=text,
            shown=fields.STORED(),
            country=value,
            person=value,
            month=value,
        )
        self._parser = MultifieldParser(["title", "body"], self._schema, fieldboosts={"title": TITLE_BOOST})
        self._columns: dict[str, list[list[str]]] = {}

    def build(self, articles: Iterable[Article]) -> None:
        """See `Contender.build`."""
        built = index.create_in(self._folder, self._schema)
        writer = built.writer(limitmb=WRITER_MB)
        for a in articles:
            writer.add_document(
                key=a.id,
                title=a.title,
                body=a.body,
                shown=(a.url, a.source, a.published),
                country=",".join(c.code for c in a.countries),
                person=",".join(p.name.replace(",", " ") for p in a.persons),
                month=month_of(a) or "",
            )
        writer.commit(optimize=True)
        self._searcher = built.searcher(weighting=scoring.BM25F())
        self._columns = {facet: self._column(facet) for facet in ("country", "person", "month")}

    def _column(self, facet: str) -> list[list[str]]:
        reader = self._searcher.reader()
        values: list[list[str]] = [[] for _ in range(reader.doc_count_all())]
        for value in reader.lexicon(facet):
            for number in reader.postings(facet, value).all_ids():
                values[number].append(value.decode())
        return values

    def size(self) -> int:
        """See `Contender.size`."""
        return sum(file.stat().st_size for file in self._folder.iterdir())

    def search(self, case: Case) -> Answer:
        """See `Contender.search`."""
        parsed = self._parser.parse(case.text)
        terms = {"country": case.country, "person": case.person}
        filters = {facet: query.Term(facet, value) for facet, value in terms.items() if value}
        allowed = {facet: set(self._searcher.docs_for_query(term)) for facet, term in filters.items()}
        matching = set(self._searcher.docs_for_query(parsed))

        def count(facet: str, size: int | None = None) -> Counts:
            numbers = matching.intersection(*(docs for name, docs in allowed.items() if name != facet))
            column = self._columns[facet]
            counts = Counter(value for number in numbers for value in column[number])
            best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:size]
            selected = terms.get(facet)
            return best if selected is None or selected in dict(best) else [*best, (selected, counts[selected])]

        narrowed = set.intersection(*allowed.values()) if allowed else None
        page = self._searcher.search(parsed, limit=PAGE, filter=narrowed)
        page.fragmenter = highlight.ContextFragmenter(maxchars=SNIPPET_CHARS)
        hits = [(h["key"], *h["shown"], h.highlights("title"), h.highlights("body")) for h in page]
        months = sorted(count("month"))
        return Answer(
            len(matching.intersection(*allowed.values())),
            hits,
            count("country", FACET_SIZE),
            count("person", FACET_SIZE),
            months,
        )
