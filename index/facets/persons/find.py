"""Finds the persons of an article.

The tagger labels each capitalised word as part of a name or not. This module turns the labels into persons:

1. Remove titles ("President") and drop names of things ("Morgan Stanley Group").
2. Add up the tagger's evidence from all mentions of a name. The sum decides whether it is the name of a person.
3. Merge shorter forms into the fullest name ("Putin" into "Vladimir Putin").
4. Accept single words as persons only on stronger evidence.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from index.facets.persons import tagger
from index.facets.persons.merge import PersonMerger, Rule, Segment
from index.facets.persons.tagger import BEGIN, INSIDE
from index.facets.persons.words import KEPT, NAMESAKES, OF_THINGS, OWNED, SHORT_TITLES
from index.facets.tokens import JOINED, OPENING
from index.facets.words import Word
from search.model import Mention, Person

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from index.facets.persons.tagger import Tags
    from index.facets.tokens import Tokens

HONORIFIC, SUFFIX = int(Word.HONORIFIC), int(Word.SUFFIX)
NAME: Final = int(Word.GIVEN) | int(Word.FAMILY) | int(Word.EASTERN) | int(Word.KNOWN)
TITLE, STOP = int(Word.TITLE), int(Word.STOP)
ORGANISATION, OTHERWISE = int(Word.ORGANISATION), int(Word.STOP) | int(Word.TITLE) | int(Word.PLACE) | int(Word.NATION)

BIAS: Final = 0.9
"""Added to the score of every word as part of a name.

It is needed because the tagger was trained to label single words, but the result is a set of names for each article.
Chosen together with `ENOUGH_ALONE`, among five values each, by F1 on the gold set of persons. Values from 0.8 to 1.0
differ by 0.003.
"""
FOREIGN_BIAS: Final = 0.0
"""The bias for languages other than English, on which the tagger was not trained."""
ENOUGH_ALONE: Final = 1.5
"""Minimum evidence for a person named by one word: the sum over its n mentions, divided by the square root of n."""
TITLED: Final = 2.0
"""Evidence added for "Mr", "President" and other honorifics before a single word. An estimate."""
REPEATED: Final = -6.0
"""Minimum evidence that a single word repeats a part of a known person's name."""
REPEATED_INSIDE: Final = -1.0
"""The same for a word with a joined neighbour ("Clinton" in "Clinton Foundation"), or one that is also a common word,
title, place or nation."""
LONGEST_NAME: Final = 6
"""Maximum words in a name."""
LONGEST_THING: Final = 12
"""Code points after "'s" in which the word of a thing ("disease") is looked for."""
TAIL: Final = 3
"""Number of words after a name in which an organisation's word is looked for ("International Airport")."""


class _Name(NamedTuple):
    """A possible name: tokens `first` to `last` (inclusive) and the evidence that they are one."""

    first: int
    last: int
    score: float


def find(tokens: Tokens, flags: Sequence[int], headline: int, *, english: bool = True) -> tuple[list[Person], set[int]]:
    """Return the persons in order of first mention, and the indices of the tokens that name them.

    `headline` is the end of a headline in Title Case in code points, else 0. Names in such a headline and names in
    capitals count only as mentions of persons whom the rest of the text names.
    """
    tags = tagger.tag(tokens, flags, BIAS if english else FOREIGN_BIAS)
    names = [name for name in _names(tokens, flags, tags) if not _is_thing(tokens, flags, name)]
    merger = PersonMerger(tokens)
    full_names = _full_names(tokens, tags, [name for name in names if name.last > name.first], headline)
    for first, last, rule in sorted(full_names, key=lambda name: (name[0] - name[1], name[0])):
        merger.add(Segment(first, last), rule)
    merger.finish_full_names()
    used = {index for first, last, _ in full_names for index in range(first, last + 1)}
    for name in names:
        if name.last > name.first and name.first not in used and merger.add_form(Segment(name.first, name.last)):
            used.update(range(name.first, name.last + 1))
    tagged = {name.first: name.score for name in names if name.first == name.last}
    words = [word for word in _single_words(tokens, flags, tags, tagged) if word.first not in used]
    words = [word for word in words if not merger.add_word(Segment(word.first, word.last))]
    for word in _known_by_one_word(tokens, [word for word in words if word.first in tagged], headline):
        merger.add(Segment(word.first, word.last), Rule.SINGLE)
    return _persons(tokens, merger)


def _names(tokens: Tokens, flags: Sequence[int], tags: Tags) -> Iterator[_Name]:
    """Yield the names that the tagger labelled, without their titles."""
    index, labels = 0, tags.labels
    count = len(labels)
    while index < count:
        if labels[index] != BEGIN:
            index += 1
            continue
        last = index
        while last + 1 < count and labels[last + 1] == INSIDE:
            last += 1
        first = _after_titles(tokens, flags, index, last)
        if last - first < LONGEST_NAME:
            titled = max(0.0, tags.inside[first] - tags.begin[first]) if first > index else 0.0
            yield _Name(first, last, tags.evidence(first, last) + titled)
        index = last + 1


def _after_titles(tokens: Tokens, flags: Sequence[int], first: int, last: int) -> int:
    """Return the first token of a name after removing "But", "GOP Sen.", "President" and the like before it."""
    words = tokens.words
    if " ".join(words[first : last + 1]) in KEPT:
        return first
    for index in range(first, last):
        abbreviated = words[index] in SHORT_TITLES and tokens.text.startswith(". ", tokens.ends[index])
        if abbreviated or (flags[index] & HONORIFIC and not flags[index] & NAME):
            first = index + 1
    while first < last and _is_title_or_opener(tokens, flags, first):
        first += 1
    return first


def _is_title_or_opener(tokens: Tokens, flags: Sequence[int], first: int) -> bool:
    """Whether the first word of a tagged name is a title, or a common word that begins a sentence."""
    opens = tokens.links[first] == OPENING and len(tokens.words[first]) > 2
    other = TITLE | STOP if opens else TITLE
    return bool(flags[first] & HONORIFIC or (flags[first] & other and not flags[first] & NAME))


def _is_thing(tokens: Tokens, flags: Sequence[int], name: _Name) -> bool:
    """Whether a list or the words around the name show that a company, ship, disease or other thing has this name."""
    words, text, after = tokens.words, tokens.text, name.last + 1
    if " ".join(words[name.first : after]) in NAMESAKES or words[name.first] in OF_THINGS:
        return True
    if flags[name.last] & ORGANISATION and not flags[name.last] & NAME:
        return True
    if name.first and tokens.links[name.first] == JOINED and words[name.first - 1] in OF_THINGS:
        return True
    end = tokens.ends[name.last]
    if text.startswith("'s ", end) and text[end + 3 : end + 3 + LONGEST_THING].partition(" ")[0].rstrip(".,;") in OWNED:
        return True
    for index in range(after, min(after + TAIL, len(flags))):
        if tokens.links[index] != JOINED or flags[index] & (NAME | SUFFIX):
            break
        if flags[index] & ORGANISATION:
            return True
    return text.startswith((" & ", "&"), end) or text.endswith("& ", 0, tokens.starts[name.first])


def _in_capitals(words: Iterable[str]) -> bool:
    """Whether all words are in capitals; initials do not count as capitals."""
    return all(word.isupper() and len(word) > 1 for word in words)


def _full_names(tokens: Tokens, tags: Tags, names: Sequence[_Name], headline: int) -> list[tuple[int, int, Rule]]:
    """Return first token, last token and rule of each mention of a full name whose summed evidence is positive."""
    mentions: defaultdict[tuple[str, ...], list[_Name]] = defaultdict(list)
    for name in names:
        words = tuple(tokens.words[name.first : name.last + 1])
        if tokens.starts[name.first] >= headline and not _in_capitals(words):
            mentions[words].append(name)
    covered = {index for name in names for index in range(name.first, name.last + 1)}
    untagged = _repetitions(tokens, mentions.keys(), covered)
    accepted: list[tuple[int, int, Rule]] = []
    for words, tagged in mentions.items():
        repeats = untagged.get(words, [])
        same_case = [repeat for repeat in repeats if tokens.words[repeat[0]] == words[0]]
        if sum(name.score for name in tagged) + sum(tags.evidence(*repeat) for repeat in same_case) > 0:
            accepted += [(name.first, name.last, Rule.FULL) for name in tagged]
            accepted += [(first, last, Rule.AGAIN) for first, last in repeats]
    return accepted


def _repetitions(
    tokens: Tokens, names: Iterable[tuple[str, ...]], covered: set[int]
) -> dict[tuple[str, ...], list[tuple[int, int]]]:
    """Return the other occurrences of each name, in upper or lower case, as first and last token.

    Tokens in `covered` are skipped, and tokens of the result are added to it.
    """
    known = {tuple(word.casefold() for word in words): words for words in names}
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for words in known:
        lengths[words[0]].add(len(words))
    places: defaultdict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    folded = [word.casefold() for word in tokens.words] if known else []
    for index, word in enumerate(folded):
        for length in lengths.get(word, ()):
            words = tuple(folded[index : index + length])
            joined = all(link == JOINED for link in tokens.links[index + 1 : index + length])
            if words in known and joined and covered.isdisjoint(range(index, index + length)):
                places[known[words]].append((index, index + length - 1))
                covered.update(range(index, index + length))
    return places


def _single_words(tokens: Tokens, flags: Sequence[int], tags: Tags, tagged: Mapping[int, float]) -> Iterator[_Name]:
    """Yield the words that are `tagged` as a name of one word, and the words that may repeat a part of a name."""
    links, labels, count = tokens.links, tags.labels, len(flags)
    for index, begin in enumerate(tags.begin):
        if index in tagged:
            has_title = index and links[index] == JOINED and flags[index - 1] & HONORIFIC
            yield _Name(index, index, tagged[index] + TITLED if has_title else tagged[index])
        elif begin > REPEATED and labels[index] != INSIDE:
            joined = (index and links[index] == JOINED) or (index + 1 < count and links[index + 1] == JOINED)
            if begin > REPEATED_INSIDE or not (joined or flags[index] & OTHERWISE):
                yield _Name(index, index, begin)


def _known_by_one_word(tokens: Tokens, words: Sequence[_Name], headline: int) -> Iterator[_Name]:
    """Yield the mentions of single words with enough evidence to be a person who has no full name in the article."""
    mentions: defaultdict[str, list[_Name]] = defaultdict(list)
    for name in words:
        word, start, end = tokens.words[name.first], tokens.starts[name.first], tokens.ends[name.last]
        if tokens.text.startswith(" v. ", end) or tokens.text.endswith(" v. ", 0, start):
            continue  # "Roe v. Wade"
        if not _in_capitals([word]) and start >= headline:
            mentions[word].append(name)
    for names in mentions.values():
        if sum(name.score for name in names) / len(names) ** 0.5 > ENOUGH_ALONE:
            yield from names


def _persons(tokens: Tokens, merger: PersonMerger) -> tuple[list[Person], set[int]]:
    """Return the merged persons in order of first mention, and the indices of all tokens that name them."""
    covered: set[int] = set()
    persons = []
    for entity in sorted(merger.entities.values(), key=lambda one: min(one.spans)):
        mentions = []
        for start, end, first, last, rule in sorted(entity.spans):
            mentions.append(Mention(tokens.original[start:end], start, end, rule))
            covered.update(range(first, last + 1))
        persons.append(Person(entity.name, tuple(mentions)))
    return persons, covered
