"""Measures spelling correction and suggestions: `python bench/spelling.py --index URL`.

Queries come from the titles of an index. A word of at least five letters gets one random edit with letters of its
script. All kinds of edits and all positions are equally likely. A misspelt word that the archive has is left out.
Queries run as in `GET /v1/search`. A correction is right if `corrected` has the original word.
"""

from __future__ import annotations

import argparse
import random
import time
from typing import TYPE_CHECKING

from search import analysis
from search.engine import open_engine
from search.lexicon.letters import script
from search.query.parsing import query_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from search.engine import Engine

LETTERS = 5
"""Minimum letters of a word that is misspelt."""

TRIES = 50
"""Maximum random titles that are tried for each query."""

SUGGESTIONS = 8
"""Suggestions requested for each text."""


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
    """Yield titles as lists of words, each with the position of the misspelt word and the original word."""
    letters: dict[str, list[str]] = {}
    for letter in sorted({letter for title in titles for word in title for letter in word}):
        letters.setdefault(script(letter), []).append(letter)
    count = 0
    for _ in range(number * TRIES):
        title = rng.choice(titles)
        places = [at for at, word in enumerate(title) if len(word) >= LETTERS and all(map(script, word))]
        if not places:
            continue
        at = rng.choice(places)
        wrong = misspelt(title[at], [one for one in letters[script(title[at][0])] if one.isalpha()], rng)
        if not known(wrong):
            yield [*title[:at], wrong, *title[at + 1 :]], at, title[at]
            count += 1
        if count == number:
            return


def three_words(words: list[str], at: int, rng: random.Random) -> tuple[list[str], int]:
    """Return three consecutive words that include the word at `at`, and the position of that word among them."""
    first = max(at - 2, 0)
    start = rng.randint(first, max(min(at, len(words) - 3), first))
    return words[start : start + 3], at - start


def spelling(engine: Engine, titles: Sequence[list[str]], options: argparse.Namespace) -> None:
    """Print the share of queries that are corrected right: one word, three words, whole titles."""

    def known(word: str) -> bool:
        return engine.search(query_of(f'"{word}"', per_page=1, facets=())).total > 0

    rng = random.Random(options.seed)
    misspelt_titles = list(cases(titles, known, options.number, rng))
    for name in ("one word", "three words", "whole title"):
        right, times = 0, []
        for words, at, original in misspelt_titles:
            query, place = ([words[at]], 0) if name == "one word" else (words, at)
            if name == "three words":
                query, place = three_words(words, at, rng)
            results = engine.search(query_of(" ".join(query), per_page=1, facets=()))
            times.append(results.took_ms / 1000)
            expected = [*query[:place], original, *query[place + 1 :]]
            right += analysis.streams(results.corrected or "")[0].split() == expected
        count = len(misspelt_titles)
        print(f"{name:12} {right / count:6.1%} of {count:,} right; a search {milliseconds(times)}")


def prefixes(names: Sequence[str], rng: random.Random, number: int) -> Iterator[tuple[str, str]]:
    """Yield parts of names as a user types them. Each comes without and with a typo in its last word.

    A part is a few consecutive words of the name. The last word is cut off after a random letter.
    """
    for name in rng.choices(names, k=number):
        words = analysis.streams(name)[0].split()[:6]
        if not words:
            continue
        start = rng.randrange(len(words))
        part = words[start : rng.randint(start + 1, len(words))]
        last = part[-1][: rng.randint(1, 12)]
        before = "".join(f"{word} " for word in part[:-1])
        yield before + last, before + (misspelt(last, "etaoinshrdlu", rng) if len(last) >= 4 else last)


def suggestions(engine: Engine, kinds: dict[str, list[str]], options: argparse.Namespace) -> None:
    """Print the times that the engine takes for suggestions."""
    rng = random.Random(options.seed)
    for kind, names in kinds.items():
        texts = list(prefixes(names, rng, options.number)) if names else []
        typos = [typo for text, typo in texts if text != typo]
        for variant, typed in (("as it is", [text for text, _ in texts]), ("with a typo", typos)):
            times = []
            for text in typed:
                start = time.perf_counter()
                engine.suggest(text, SUGGESTIONS)
                times.append(time.perf_counter() - start)
            if times:
                print(f"suggest: {kind:10} {variant:12} {milliseconds(times)}")


def milliseconds(times: list[float]) -> str:
    times = sorted(times)
    return f"median {times[len(times) // 2] * 1000:.2f} ms, p99 {times[len(times) * 99 // 100] * 1000:.2f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--index", required=True, metavar="URL")
    parser.add_argument("--seed", type=int, default=1990)
    parser.add_argument("--number", type=int, default=2000, help="queries of each kind")
    options = parser.parse_args()
    engine = open_engine(options.index)
    articles = [engine.get(entry.id) for entry in engine.entries()]
    titles = [words for one in articles if len(words := analysis.streams(one.headline)[0].split()) > 1]
    persons = sorted({person.name for one in articles for person in one.persons})
    if titles:
        spelling(engine, titles, options)
    suggestions(engine, {"persons": persons, "headlines": [one.headline for one in articles]}, options)


if __name__ == "__main__":
    main()
