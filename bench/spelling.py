"""How well misspelt queries are put right, and how long suggestions take: `python bench/spelling.py --index URL`.

Queries are made of the titles of an index: a word of five letters or more gets one random edit with random letters of
its script, each kind of edit and each place as likely as any other; what is a word of the archive then is left out.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from search import analysis
from search.engine import open_engine
from search.lexicon import Contents, Dated, Headline, Lexicon, build
from search.lexicon.letters import script
from search.model import Query
from search.query import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from search.engine import Engine
    from search.model import Article

LETTERS = 5
TRIES = 50
PREFIX = 3, 12


def articles(engine: Engine) -> list[Article]:
    return [engine.get(entry.id) for entry in engine.entries()]


def contents(found: Sequence[Article]) -> Contents:
    """Return what a lexicon is made of, from the articles of an index."""
    words: Counter[str] = Counter()
    named: Counter[tuple[str, str]] = Counter()
    last: dict[tuple[str, str], int] = {}
    stories: dict[str, Headline] = {}
    for article in found:
        words.update(set(" ".join(analysis.streams(text)[0] for text in (article.title, article.body)).split()))
        day = article.day.toordinal() if article.day else 0
        names = [("person", one.name) for one in article.persons] + [("country", one.code) for one in article.countries]
        for name in names:
            named[name] += 1
            last[name] = max(last.get(name, 0), day)
        known = stories.get(article.story)
        copies = known.copies + 1 if known else 1
        stories[article.story] = Headline(article.id, article.headline, day, copies)
    dated = [(kind, Dated(value, count, last[kind, value])) for (kind, value), count in named.items()]
    return Contents(
        words=words.items(),
        persons=[one for kind, one in dated if kind == "person"],
        countries=[one for kind, one in dated if kind == "country"],
        headlines=stories.values(),
    )


def misspelt(word: str, letters: Sequence[str], rng: random.Random) -> str:
    """Return a word with one random edit."""
    at = rng.randrange(len(word))
    letter = rng.choice(letters)
    kind = rng.choice(("substitution", "insertion", "deletion", "transposition"))
    if kind == "substitution":
        return word[:at] + letter + word[at + 1 :]
    if kind == "insertion":
        at = rng.randrange(len(word) + 1)
        return word[:at] + letter + word[at:]
    if kind == "deletion":
        return word[:at] + word[at + 1 :]
    at = rng.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def cases(
    titles: Sequence[list[str]], known: Callable[[str], bool], number: int, rng: random.Random
) -> Iterator[tuple[list[str], int, str]]:
    """Yield titles as words, which of them is misspelt, and how it was before."""
    letters: dict[str, list[str]] = {}
    for letter in sorted({letter for title in titles for word in title for letter in word}):
        letters.setdefault(script(letter), []).append(letter)
    made = 0
    for _ in range(number * TRIES):
        title = rng.choice(titles)
        places = [at for at, word in enumerate(title) if len(word) >= LETTERS and all(map(script, word))]
        if not places:
            continue
        at = rng.choice(places)
        wrong = misspelt(title[at], [one for one in letters[script(title[at][0])] if one.isalpha()], rng)
        if not known(wrong):
            yield [*title[:at], wrong, *title[at + 1 :]], at, title[at]
            made += 1
        if made == number:
            return


def three(words: list[str], at: int, rng: random.Random) -> tuple[list[str], int]:
    """Return three words in a row with the one at a place among them, and its place there."""
    first = max(at - 2, 0)
    start = rng.randint(first, max(min(at, len(words) - 3), first))
    return words[start : start + 3], at - start


def spelling(lexicon: Lexicon, engine: Engine, titles: Sequence[list[str]], options: argparse.Namespace) -> None:
    """Print the share of queries that are put right: one word, three words, whole titles."""
    calls = 0

    def together(words: Sequence[str]) -> int:
        nonlocal calls
        calls += 1
        query = Query("", parse(" ".join(words)).tree, per_page=1, facets=())
        return engine.search(query).total if options.counts else 0

    rng = random.Random(options.seed)
    made = list(cases(titles, lexicon.knows, options.number, rng))
    for name in ("one word", "three words", "whole title"):
        calls, right, times = 0, 0, []
        for words, at, meant in made:
            query, place = ([words[at]], 0) if name == "one word" else (words, at)
            if name == "three words":
                query, place = three(words, at, rng)
            start = time.perf_counter()
            changes = lexicon.correct(query, together)
            times.append(time.perf_counter() - start)
            got = {change.first: change for change in changes}
            right += len(changes) == 1 and place in got and got[place].words == (meant,)
        print(f"{name:12} {right / len(made):6.1%} of {len(made):,} right; {shown(times)};", end=" ")
        print(f"{calls / len(made):.1f} questions to the index each")


def prefixes(names: Sequence[str], rng: random.Random, number: int) -> Iterator[tuple[str, str]]:
    """Yield beginnings of the last of some words of a name, as they are and with a typo."""
    for name in rng.choices(names, k=number):
        words = analysis.streams(name)[0].split()[:6]
        if not words:
            continue
        start = rng.randrange(len(words))
        some = words[start : rng.randint(start + 1, len(words))]
        last = some[-1][: rng.randint(1, 12)]
        before = "".join(f"{word} " for word in some[:-1])
        yield before + last, before + (misspelt(last, "etaoinshrdlu", rng) if len(last) >= 4 else last)


def suggestions(lexicon: Lexicon, kinds: dict[str, list[str]], options: argparse.Namespace) -> None:
    """Print how long suggestions take."""
    rng = random.Random(options.seed)
    for kind, names in kinds.items():
        texts = list(prefixes(names, rng, options.number)) if names else []
        typos = [typo for text, typo in texts if text != typo]
        for what, typed in (("as it is", [text for text, _ in texts]), ("with a typo", typos)):
            times = []
            for text in typed:
                start = time.perf_counter()
                lexicon.suggest(text, 8)
                times.append(time.perf_counter() - start)
            if times:
                print(f"{kind:10} {what:12} {shown(times)}")


def shown(times: list[float]) -> str:
    times = sorted(times)
    return f"median {times[len(times) // 2] * 1000:.2f} ms, p99 {times[len(times) * 99 // 100] * 1000:.2f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", required=True, metavar="URL")
    parser.add_argument("--seed", type=int, default=1990)
    parser.add_argument("--number", type=int, default=2000, help="queries of each kind")
    parser.add_argument("--no-counts", dest="counts", action="store_false", help="leave out what the articles say")
    options = parser.parse_args()
    engine = open_engine(options.index)
    found = articles(engine)
    made = contents(found)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        build(Path(folder), made)
        print(f"{len(found):,} articles: lexicon built in {time.perf_counter() - start:.1f} s")
        lexicon = Lexicon.open(Path(folder))
        titles = [words for one in found if len(words := analysis.streams(one.headline)[0].split()) > 1]
        if titles:
            spelling(lexicon, engine, titles, options)
        kinds = {"persons": [one.value for one in made.persons], "headlines": [one.text for one in made.headlines]}
        suggestions(lexicon, kinds, options)


if __name__ == "__main__":
    main()
