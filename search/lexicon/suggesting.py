"""Suggestions for the text a user is typing: persons, countries, headlines and words.

Names are found by prefixes of their words, in any order. Headlines are found by whole words and a prefix of the last
word. Exact matches come before matches with one typo in one word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from search import analysis
from search.lexicon.files import TABLES
from search.results import Suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from search.lexicon.completion import Completion, Condition

    Together: TypeAlias = Callable[[Sequence[str]], int]

KINDS: Final = ("person", "country", "headline", "word")
MOST: Final = {"headlines": 3, "words": 3}
"""Table -> maximum number of its suggestions."""

SHARE: Final = 4
"""One place in four is reserved for headlines, and one in four for words, if there are any. Names get the others."""

MIN_TYPO: Final = 4
"""Minimum letters of a typed word to allow a typo. Shorter words have too many neighbours."""

MAX_CHARS: Final = 2000
MAX_WORDS: Final = 32
"""Maximum characters and distinct words of a text to complete."""

RARE_WORD: Final = 20_000
"""A word is rare, and not suggested, if the most frequent word is in this many times as many articles, or more.

Most of these rare words are misspellings.
"""

TRIED: Final = 8
"""Minimum number of words that are tried, because some may not occur together with the words typed before."""


class Typed(NamedTuple):
    """A typed text: its folded words, the text before the last word, and whether the last word may be unfinished."""

    words: list[str]
    before: str
    unfinished: bool


def read(text: str) -> Typed:
    """Return a typed text as words. A text that is too long gets no words."""
    tokens = list(analysis.tokenize(text)) if len(text) <= MAX_CHARS else []
    words = [token.word for token in tokens]
    if not tokens or len(set(words)) > MAX_WORDS:
        return Typed([], "", unfinished=False)
    earlier = dict.fromkeys(words[:-1])
    return Typed([*earlier, words[-1]], text[: tokens[-1].start], tokens[-1].end == len(text))


class Suggester:
    """Suggests entries of the lexicon's tables."""

    def __init__(self, tables: Mapping[str, Completion]) -> None:
        self._tables = tables

    def suggest(self, text: str, limit: int, together: Together | None) -> tuple[Suggestion, ...]:
        """Return suggestions; see `search.lexicon.Lexicon.suggest`."""
        typed = read(text)
        suggestions: list[Suggestion] = []
        given_places = dict.fromkeys(TABLES, 0)
        seen: dict[str, set[int]] = {name: set() for name in TABLES}
        for look in (self._exact, self._near):
            room = limit - len(suggestions)
            if not typed.words or room <= 0:
                break
            new = []
            for name in TABLES:
                wanted = min(room, MOST.get(name, limit) - given_places[name])
                numbers = look(name, typed, seen[name], wanted) if wanted > 0 else []
                seen[name].update(numbers)
                new.append(list(self._suggestions(name, numbers, typed, together))[:wanted])
            for name, some, places in zip(TABLES, new, shares([len(some) for some in new], room), strict=True):
                suggestions += some[:places]
                given_places[name] += places
        return tuple(suggestions)

    def _parts(self, name: str, typed: Typed) -> tuple[list[str], list[Condition]]:
        """Return the words that entries of a table must have, and the ranges of words that match them."""
        table = self._tables[name]
        words = typed.words if name != "words" else typed.words[-1:] if typed.unfinished else []
        whole = len(words) - 1 if name == "headlines" else 0
        return words, [table.whole(word) if at < whole else table.prefix(word) for at, word in enumerate(words)]

    def _exact(self, name: str, typed: Typed, seen: set[int], wanted: int) -> list[int]:
        """Return the best entries with all words as typed.

        A word is no completion of itself, so it is added to `seen`.
        """
        words, ranges = self._parts(name, typed)
        table = self._tables[name]
        if name == "words" and words:
            seen.update(table.best([table.whole(words[-1])], 1))
            wanted = max(wanted, TRIED)
        return [number for number in table.best(ranges, wanted + len(seen)) if number not in seen][:wanted]

    def _near(self, name: str, typed: Typed, seen: set[int], wanted: int) -> list[int]:
        """Return the best entries with all words and one typo, without those already seen."""
        words, ranges = self._parts(name, typed)
        table = self._tables[name]
        wanted = max(wanted, TRIED) if name == "words" else wanted
        matches: set[int] = set()
        for at, word in enumerate(words):
            others = ranges[:at] + ranges[at + 1 :]
            if len(word) < MIN_TYPO or (others and not table.best(others, 1)):
                continue
            near = table.near(word, whole=name == "headlines" and at < len(words) - 1)
            matches.update(table.best([*others, near], wanted + len(seen)))
        return sorted(matches - seen)[:wanted]

    def _suggestions(
        self, name: str, numbers: Sequence[int], typed: Typed, together: Together | None
    ) -> Iterator[Suggestion]:
        """Yield entries as suggestions.

        If `together` is given, words must occur together with the words before them.
        """
        table = self._tables[name]
        entries = [table.entry(number) for number in numbers]
        if name != "words":
            yield from (Suggestion(KINDS[entry.kind], entry.value, entry.label, entry.articles) for entry in entries)
            return
        counts = [entry.articles for entry in entries]
        if together and len(typed.words) > 1:
            counts = [together([*typed.words[:-1], entry.value]) for entry in entries]
        for count, entry in sorted(zip(counts, entries, strict=True), key=lambda pair: -pair[0]):
            if count and entry.articles * RARE_WORD > table.top:
                yield Suggestion("word", typed.before + entry.value, typed.before + entry.label, count)


def shares(sizes: Sequence[int], room: int) -> tuple[int, ...]:
    """Return the numbers of names, headlines and words that share `room` places; `sizes` are those available."""
    names, headlines, words = sizes
    reserved = room // SHARE
    name_places = min(names, room - min(headlines, reserved) - min(words, reserved))
    headline_places = min(headlines, room - name_places - min(words, reserved))
    return name_places, headline_places, min(words, room - name_places - headline_places)
