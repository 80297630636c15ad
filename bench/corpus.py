"""Articles and queries for the benchmarks: articles of a data folder or made-up ones, and queries made from them."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections import Counter
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import TYPE_CHECKING, TypeAlias

from search import territories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from search.model import Article

    Picker: TypeAlias = Callable[[Article, random.Random], tuple[str, ...]]

WIRE, NEWS = "reuters.jsonl.gz", "news.jsonl.gz"
"""Names of the data files: short wire reports, and long news articles."""

SEED = 1851
"""Seed of the made-up articles and of the queries."""

MADE_UP = 6_000
"""Default number of made-up articles."""

SAMPLE = 3_000
"""Articles in the sample from which the frequency of words is estimated."""

FREQUENT = (0.02, 0.20)
"""Minimum and maximum share of the sample with a frequent word. People do not search for more frequent words."""

RARE = 3
"""Maximum articles of the sample with a rare word."""

TRIES = 1_000
"""Maximum articles that are tried for one query. If none fits, the corpus is too small."""

KINDS = ("frequent word", "rare word", "two words", "phrase", "prefix")
FILTERS = ("", "country", "person")
PREFIX = 5
"""Letters of a prefix query."""

_WORD = re.compile(r"(?<![\w'’.&-])[a-z]{4,}(?![\w'’.&-])")
_THREE = re.compile(r"(?<![\w'’.&-])[a-z]{2,}(?: [a-z]{2,}){2}(?![\w'’.&-])")
_SYLLABLES = [first + vowel for first in "bdfgklmnprstvz" for vowel in "aeiou"]
_GIVEN = ("Anna", "Boris", "Clara", "Daniel", "Elena", "Frank", "Grace", "Henry", "Ivan", "Julia", "Karl", "Laura")
_FAMILY = ("Adler", "Brandt", "Costa", "Dumont", "Fischer", "Grant", "Holm", "Jensen", "Keller", "Moretti", "Novak")
_COUNTRIES = (
    "AU",
    "BR",
    "CA",
    "CN",
    "DE",
    "EG",
    "ES",
    "FR",
    "GR",
    "IN",
    "IT",
    "JP",
    "KE",
    "MX",
    "NO",
    "PL",
    "RU",
    "US",
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Files to index. `news` has the long articles; the project sets a target for their indexing rate."""

    name: str
    wire: Path
    news: Path

    @property
    def paths(self) -> list[str]:
        """Both files, as command-line arguments."""
        return [str(self.wire), str(self.news)]


@dataclass(frozen=True, slots=True)
class Case:
    """One search. `kind` says whether `words` are single words, a phrase or a prefix; the rest are filters."""

    kind: str
    words: tuple[str, ...]
    country: str | None = None
    person: str | None = None

    @property
    def text(self) -> str:
        """The query in the syntax of Dateline and Whoosh."""
        joined = " ".join(self.words)
        return {"phrase": f'"{joined}"', "prefix": f"{joined}*"}.get(self.kind, joined)


def find(folder: Path | None, work: Path, limit: int | None) -> Corpus:
    """Return at most `limit` articles of `folder`, or made-up articles without a folder. New files go to `work`.

    Raises:
        FileNotFoundError: A data file is missing in `folder`.
    """
    if folder is None:
        count = limit or MADE_UP
        half = count // 2
        short = _write(work / "wire.jsonl", _made_up(random.Random(SEED), range(half), paragraphs=4))
        long = _write(work / "news.jsonl", _made_up(random.Random(SEED + 1), range(half, count), paragraphs=16))
        return Corpus(f"{count:,} made-up articles (seed {SEED})", short, long)
    wire, news = folder / "data" / WIRE, folder / "data" / NEWS
    for path in (wire, news):
        if not path.is_file():
            raise FileNotFoundError(f"{path.name} is not in the folder data of DATELINE_EVAL or --eval.")
    if limit is None:
        return Corpus(f"{WIRE} and {NEWS}", wire, news)
    return Corpus(
        f"the first {limit // 2:,} articles each of {WIRE} and {NEWS}",
        _write(work / "wire.jsonl", _head(wire, limit // 2)),
        _write(work / "news.jsonl", _head(news, limit // 2)),
    )


def _write(path: Path, lines: Iterator[str]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(lines)
    return path


def _head(path: Path, lines: int) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from islice(file, lines)


def _made_up(chance: random.Random, numbers: range, paragraphs: int) -> Iterator[str]:
    """Yield made-up articles as JSON lines. The frequencies of their words follow Zipf's law."""
    words = ["".join(chance.choices(_SYLLABLES, k=2 + rank % 3)) for rank in range(20_000)]
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(words))))
    for number in numbers:
        countries = [territories.name(code) for code in chance.sample(_COUNTRIES, 2)]
        people = [f"{chance.choice(_GIVEN)} {chance.choice(_FAMILY)}" for _ in range(2)]

        def sentence(about: str) -> str:
            rest = " ".join(chance.choices(words, cum_weights=weights, k=chance.randint(12, 24)))
            return f"The {rest}, said {about}."

        body = [
            " ".join([sentence(chance.choice(people)), sentence(f"a spokesman in {chance.choice(countries)}")])
            for _ in range(paragraphs)
        ]
        title = " ".join(chance.choices(words, cum_weights=weights, k=6)).capitalize()
        day = f"{chance.randint(2010, 2024)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
        record = {"id": f"made-up-{number}", "title": title, "published": day, "text": "\n\n".join(body)}
        yield json.dumps(record) + "\n"


def cases(articles: Sequence[Article], count: int) -> list[Case]:
    """Return `count` searches, each with words and filters from one article. Equal articles give equal searches.

    Raises:
        RuntimeError: The articles are too few.
    """
    chance = random.Random(SEED)
    sample = chance.sample(articles, min(SAMPLE, len(articles)))
    articles_with = Counter(word for article in sample for word in set(_WORD.findall(article.body.lower())))
    tagged = [article for article in articles if article.countries and article.persons]
    pick = {
        "frequent word": _word_where(lambda word: FREQUENT[0] <= articles_with[word] / len(sample) <= FREQUENT[1]),
        "rare word": _word_where(lambda word: 0 < articles_with[word] <= RARE),
        "two words": _two_words,
        "phrase": _phrase,
        "prefix": _prefix,
    }
    searches: list[Case] = []
    for _ in range(TRIES * count if tagged else 0):
        kind = KINDS[len(searches) % len(KINDS)]
        facet = FILTERS[len(searches) // len(KINDS) % len(FILTERS)]
        article = chance.choice(tagged)
        words = pick[kind](article, chance)
        if words:
            country = chance.choice(article.countries).code if facet == "country" else None
            person = chance.choice(article.persons).name if facet == "person" else None
            searches.append(Case(kind, words, country, person))
        if len(searches) == count:
            return searches
    raise RuntimeError("too few articles to make the queries from; raise --articles.")


def _word_where(fits: Callable[[str], bool]) -> Picker:
    """Return a function that picks a random word of an article for which `fits` is true."""

    def pick(article: Article, chance: random.Random) -> tuple[str, ...]:
        words = [word for word in sorted(set(_WORD.findall(article.body.lower()))) if fits(word)]
        return (chance.choice(words),) if words else ()

    return pick


def _two_words(article: Article, chance: random.Random) -> tuple[str, ...]:
    words = sorted(set(_WORD.findall(article.title.lower())))
    return tuple(chance.sample(words, 2)) if len(words) > 1 else ()


def _phrase(article: Article, chance: random.Random) -> tuple[str, ...]:
    runs = _THREE.findall(article.title.lower())
    return tuple(chance.choice(runs).split()) if runs else ()


def _prefix(article: Article, chance: random.Random) -> tuple[str, ...]:
    words = sorted({word[:PREFIX] for word in _WORD.findall(article.body.lower()) if len(word) > PREFIX})
    return (chance.choice(words),) if words else ()
