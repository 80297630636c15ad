"""Computes the tagger's features: evidence for and against a capitalised word being part of a person's name.

The features describe four things:

- the word itself,
- what the word lists say about it and its neighbours,
- the text around its run of joined words,
- the whole article (Chieu and Ng, "Named entity recognition: a maximum entropy approach using global information",
  COLING 2002).

`TokenFeatures` adds up the results of the functions in groups.py: features, or sums of their weights.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Final, Generic

from index.facets.persons.groups import MANY, Groups, T
from index.facets.persons.words import ACTS, ROLES, SPEECH
from index.facets.tokens import JOINED, OPENING
from index.facets.words import KNOWN_BITS, Word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.facets.tokens import Tokens

FLAGS: Final = (1 << KNOWN_BITS) - 1
GIVEN, TITLE = int(Word.GIVEN), int(Word.TITLE) | int(Word.HONORIFIC)
NAME: Final = GIVEN | int(Word.FAMILY) | int(Word.KNOWN)
STOP: Final = int(Word.STOP)
NO_NAME: Final = STOP | int(Word.ORGANISATION) | int(Word.PLACE) | int(Word.NATION)
PLACES: Final = int(Word.PLACE) | int(Word.NATION)
ITEM = re.compile(r"[^\W\d_]+|\d+|'s\b|\n|[^\w\s]")
SENTENCE_END: Final = frozenset(".!?\n")
WINDOW: Final = 20
"""Code points before and after a run from which features are made."""
LOCATIVE = frozenset(["in", "at", "near", "across", "outside", "inside", "into", "around", "throughout"])
CACHE_SIZE: Final = 1 << 13
"""Number of cached classes of words, and of cached pieces of text around runs."""


@lru_cache(CACHE_SIZE)
def _class(word: str) -> str:
    """Return a letter for each list that has the word: roles, verbs of speech, acts, locatives."""
    kinds = zip("RSAL", (ROLES, SPEECH, ACTS, LOCATIVE), strict=True)
    return "".join(name for name, kind in kinds if word in kind)


@lru_cache(CACHE_SIZE)
def _items_of(piece: str) -> list[str]:
    return ITEM.findall(piece)


def _items(text: str) -> list[str]:
    """Return the items of a text. No item has a space, so they are those of its pieces, which recur more often."""
    return list(chain.from_iterable(map(_items_of, text.split(" "))))


def _before(text: str) -> tuple[str, str, str]:
    """Return the two items before a run, the closer one first, and its class.

    The second item is empty if it is in another sentence. At the beginning of a sentence, the first item is the sign
    that ends the previous sentence.
    """
    text = text.rstrip(" ")
    if text[-1:] in SENTENCE_END:
        return text[-1], "", ""
    rest, _, word = text.rpartition(" ")
    second = rest.rpartition(" ")[2]
    if not (word.isalpha() and (second.isalpha() or not rest)):  # else the items are words between spaces
        items = _items(text)
        word = items[-1] if items else "\n"
        second = items[-2] if len(items) > 1 and word not in SENTENCE_END else ""
    return word, second, _class(word)


def _after(text: str, *, place: bool) -> tuple[str, str, str]:
    """Return the first two items after a run and the class of the first. If the first ends the sentence, it is alone.

    `place` says that the next capitalised word is a place or a nation.
    """
    text = text.lstrip(" ")
    if text[:1] in SENTENCE_END:
        return text[0], "", ""
    first, _, rest = text.partition(" ")
    second = rest.partition(" ")[0]
    if not (first.isalpha() and (second.isalpha() or not rest)):  # else the items are words between spaces
        first, second, third = (*_items(text), "", "", "")[:3]
        if first == "'s" and second:
            first, second = f"'s {second}", third
        elif first.isdigit():
            first = "#"
        if not first or first in SENTENCE_END:
            return first or "\n", "", ""
        if second.isdigit():
            second = f"#{len(second)}"
    return first, second or ("PLACE" if place else ""), _class(first.removeprefix("'s "))


class TokenFeatures(Generic[T]):
    """Makes the features of the tokens of one article, or adds up their weights: `groups` decides.

    `flags` have the bits of `Word` in their `KNOWN_BITS` lowest bits, and the ranks of names above them.
    """

    def __init__(self, tokens: Tokens, flags: Sequence[int], groups: Groups[T]) -> None:
        self.tokens = tokens
        self.flags = [flag & FLAGS for flag in flags]
        self.known = [flag >> KNOWN_BITS for flag in flags]
        self._groups: Groups[T] = groups
        self._counts = Counter(tokens.words)
        self._given: set[str] = set()
        self._titled: set[str] = set()
        for before, link, word in zip(self.flags, tokens.links[1:], tokens.words[1:], strict=False):
            if link == JOINED:
                if before & GIVEN:
                    self._given.add(word)
                if before & TITLE:
                    self._titled.add(word)

    def runs(self) -> Iterator[tuple[int, int]]:
        """Yield the first index and the end (exclusive) of each run of joined tokens that may contain a name."""
        starts = [index for index, link in enumerate(self.tokens.links) if link != JOINED]
        starts.append(len(self.tokens.links))
        for first, last in pairwise(starts):
            if self._may_name(first, last):
                yield first, last

    def _may_name(self, first: int, last: int) -> bool:
        """Whether a run may contain a name. Runs of known words of other kinds may not, nor single acronyms."""
        flags, tokens = self.flags, self.tokens
        if last - first > 1:
            return any(flag & NAME or not flag & NO_NAME for flag in flags[first:last])
        flag, word = flags[first], tokens.words[first]
        if flag & NAME:
            return not (flag & STOP and tokens.links[first] == OPENING and tokens.in_lower_case(word))
        return not (flag & NO_NAME or (word.isupper() and len(word) > 1) or tokens.in_lower_case(word))

    def of_run(self, first: int, last: int, start: T) -> list[T]:
        """Return the result for each token of a run, added to `start`: the bias of the tagger, or no features."""
        if last - first == 1:
            return [self._of_single(first, start)]
        of, words, flags, known = self._groups, self.tokens.words, self.flags, self.known
        link = self.tokens.links[first]
        (word, second, kind), (following, further, class_after) = self._around(first, last)
        shared = start + of.text_after(following, further) + of.last(words[last - 1])
        length, ends = min(last - first, MANY + 1), (flags[first], flags[last - 1])
        before_it, before, results = -1, -1 - link, []
        for index in range(first, last):
            own, flag = known[index], flags[index]
            after = flags[index + 1] if index + 1 < last else -1
            result = self._of_word(index, link) + of.neighbours(link, flag, before, after)
            result += of.run(min(index - first, MANY), length, ends)
            result += of.spot(class_after, min(last - index, MANY))
            if index == first:
                result += of.joined(of.text_before(word, second), of.class_before(kind, flag))
                link = JOINED
            else:
                pair, triple = of.previous_known(known[index - 1], own), of.previous_flags(before_it, before, flag)
                result += of.joined(of.previous(words[index - 1]), pair, triple)
                before_it = before
            if index + 1 < last:
                result += of.joined(of.next(words[index + 1]), of.next_known(own, known[index + 1]))
            results.append(shared + result)
            before = flag
        return results

    def _of_single(self, index: int, start: T) -> T:
        """Return the result for a run of one token."""
        of, link, flag = self._groups, self.tokens.links[index], self.flags[index]
        (word, second, kind), (following, further, class_after) = self._around(index, index + 1)
        neighbours = of.neighbours(link, flag, -1 - link, -1)
        before = of.joined(of.text_before(word, second), of.class_before(kind, flag))
        result = start + self._of_word(index, link) + neighbours + before
        return result + of.text_after(following, further) + of.spot(class_after, 1)

    def _of_word(self, index: int, link: int) -> T:
        """Return the result for the word itself and for what the article says about it elsewhere."""
        of, word, flag, known = self._groups, self.tokens.words[index], self.flags[index], self.known[index]
        lower, count = self.tokens.in_lower_case(word), min(self._counts[word], MANY)
        article = of.article(lower, count, word in self._given, word in self._titled, flag)
        return of.word(word, known) + article + of.rank(link, flag, known)

    def _around(self, first: int, last: int) -> tuple[tuple[str, str, str], tuple[str, str, str]]:
        """Return the items before and after a run, as `_before` and `_after` do."""
        tokens = self.tokens
        starts, ends, text = tokens.starts, tokens.ends, tokens.text
        start, end, count = starts[first], ends[last - 1], len(starts)
        before = _before(text[max(ends[first - 1] if first else 0, start - WINDOW) : start])
        following = starts[last] if last < count else len(text)
        place = last < count and bool(self.flags[last] & PLACES)
        return before, _after(text[end : min(following, end + WINDOW)], place=place)
