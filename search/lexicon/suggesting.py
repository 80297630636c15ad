"""What a text that is being typed may become: persons, countries, headlines, words.

A word of a name may be typed as far as one likes, in any order; a headline is found by whole words and the beginning of
the last one. What has all words as they were typed stands above all that has one typo in one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from search import analysis
from search.model import Suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from search.lexicon.completion import Completion, Ranges

    Together: TypeAlias = Callable[[Sequence[str]], int]

KINDS: Final = ("person", "country", "headline", "word")
TABLES: Final = ("names", "headlines", "words")
"""Persons and countries are ranked together."""

MOST: Final = {"headlines": 3, "words": 3}
"""Suggestions of a table, at most."""

SHARE: Final = 4
"""Headlines, and words too, have one of so many places for sure, where there are any; names have the rest."""

MIN_TYPO: Final = 4
"""A typed word of fewer letters has to be right: too many others are one edit away."""

MAX_CHARS: Final = 2000
MAX_WORDS: Final = 32
"""What is longer, or has more different words, is the beginning of nothing."""

RARE_WORD: Final = 20_000
"""A word that less than one of so many articles holds is no suggestion: most such words are slips."""

ASKED: Final = 8
"""So many words are looked at for one that goes with the words before it."""


class Typed(NamedTuple):
    """What stands in the box: its folded words, the text before the last one, and whether that one may go on."""

    words: list[str]
    before: str
    goes_on: bool


def read(text: str) -> Typed:
    """Return what was typed; without words where no entry can begin so."""
    tokens = list(analysis.tokenize(text)) if len(text) <= MAX_CHARS else []
    words = [token.word for token in tokens]
    if not tokens or len(set(words)) > MAX_WORDS:
        return Typed([], "", goes_on=False)
    earlier = dict.fromkeys(words[:-1])
    return Typed([*earlier, words[-1]], text[: tokens[-1].start], tokens[-1].end == len(text))


class Suggester:
    """Suggests from tables of entries."""

    def __init__(self, tables: Mapping[str, Completion]) -> None:
        self._tables = tables

    def suggest(self, text: str, limit: int, together: Together | None) -> tuple[Suggestion, ...]:
        """See `search.lexicon.Lexicon.suggest`."""
        typed = read(text)
        found: list[Suggestion] = []
        given = dict.fromkeys(TABLES, 0)
        seen: dict[str, set[int]] = {name: set() for name in TABLES}
        for look in (self._exact, self._near):
            room = limit - len(found)
            if not typed.words or room <= 0:
                break
            new = []
            for name in TABLES:
                wanted = min(room, MOST.get(name, limit) - given[name])
                numbers = look(name, typed, seen[name], wanted) if wanted > 0 else []
                seen[name].update(numbers)
                new.append(list(self._suggestions(name, numbers, typed, together))[:wanted])
            for name, some, places in zip(TABLES, new, shares([len(some) for some in new], room), strict=True):
                found += some[:places]
                given[name] += places
        return tuple(found)

    def _parts(self, name: str, typed: Typed) -> tuple[list[str], list[Ranges]]:
        """Return the words that a table's entries must have, and where they are."""
        table = self._tables[name]
        words = typed.words if name != "words" else typed.words[-1:] if typed.goes_on else []
        whole = len(words) - 1 if name == "headlines" else 0
        return words, [table.whole(word) if at < whole else table.prefix(word) for at, word in enumerate(words)]

    def _exact(self, name: str, typed: Typed, seen: set[int], wanted: int) -> list[int]:
        """Return the best that have all words as they were typed; the typed word itself is seen, and no completion."""
        words, ranges = self._parts(name, typed)
        table = self._tables[name]
        if name == "words" and words:
            seen.update(table.best([table.whole(words[-1])], 1))
            wanted = max(wanted, ASKED)
        return [number for number in table.best(ranges, wanted + len(seen)) if number not in seen][:wanted]

    def _near(self, name: str, typed: Typed, seen: set[int], wanted: int) -> list[int]:
        """Return the best of the others that have all words but for one typo."""
        words, ranges = self._parts(name, typed)
        table = self._tables[name]
        wanted = max(wanted, ASKED) if name == "words" else wanted
        found: set[int] = set()
        for at, word in enumerate(words):
            others = ranges[:at] + ranges[at + 1 :]
            if len(word) < MIN_TYPO or (others and not table.best(others, 1)):
                continue
            near = table.near(word, whole=name == "headlines" and at < len(words) - 1)
            found.update(table.best([*others, near], wanted + len(seen)))
        return sorted(found - seen)[:wanted]

    def _suggestions(
        self, name: str, numbers: Sequence[int], typed: Typed, together: Together | None
    ) -> Iterator[Suggestion]:
        """Yield entries as suggestions; words go with those before them, as far as can be told."""
        table = self._tables[name]
        entries = [table.entry(number) for number in numbers]
        if name != "words":
            yield from (Suggestion(KINDS[one.kind], one.value, one.label, one.articles) for one in entries)
            return
        counts = [one.articles for one in entries]
        if together and len(typed.words) > 1:
            counts = [together([*typed.words[:-1], one.value]) for one in entries]
        for count, one in sorted(zip(counts, entries, strict=True), key=lambda pair: -pair[0]):
            if count and one.articles * RARE_WORD > table.counts[0]:
                yield Suggestion("word", typed.before + one.value, typed.before + one.label, count)


def shares(sizes: Sequence[int], room: int) -> tuple[int, ...]:
    """Return how many of names, headlines and words are shown."""
    names, headlines, words = sizes
    sure = room // SHARE
    shown = min(names, room - min(headlines, sure) - min(words, sure))
    titles = min(headlines, room - shown - min(words, sure))
    return shown, titles, min(words, room - shown - titles)
