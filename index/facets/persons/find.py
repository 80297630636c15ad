"""Finds persons: names as the tagger reads them, then judged and merged over the whole article.

The tagger decides word by word, with what the sentence and the article say. Here its decisions become persons: titles
are taken off, all mentions of one name decide together whether it is one, shorter forms join the fuller name, and a
word that stands alone needs stronger evidence than two or more.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from index.facets.persons import tagger
from index.facets.persons.merge import PersonMerger, Rule, Segment
from index.facets.persons.tagger import BEGIN, INSIDE
from index.facets.persons.words import KEPT, NAMESAKES, OF_THINGS, OWNED, SHORT_TITLES, Word
from index.facets.tokens import JOINED, OPENING
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
"""What every word gets towards being in a name: the tagger is trained on single words, but sets of names are wanted.

With `ENOUGH_ALONE` chosen among five values each by F1 on the gold set of persons; 0.8 to 1.0 differ by 0.003.
"""
FOREIGN_BIAS: Final = 0.0
"""The same for languages other than English, whose words the tagger has not learnt."""
ENOUGH_ALONE: Final = 1.5
"""Sum of the evidence of a word's mentions, over the root of their number, to be somebody without a full name."""
TITLED: Final = 2.0
"""Evidence of "Mr", "President" and the like before a word that stands alone. Set by judgement."""
REPEATED: Final = -6.0
"""Evidence under which a word that stands alone is not even a mention of a person with that name."""
REPEATED_INSIDE: Final = -1.0
"""The same for a word that has a joined neighbour ("Clinton" in "Clinton Foundation") or is also something else."""
LONGEST_NAME: Final = 6
LONGEST_THING: Final = 12
TAIL: Final = 3
"""Words after a name that are looked at for one of an organisation ("International Airport")."""


class _Name(NamedTuple):
    """Tokens `first` to `last` and the evidence for their being a name."""

    first: int
    last: int
    score: float


def find(tokens: Tokens, flags: Sequence[int], headline: int, *, english: bool = True) -> tuple[list[Person], set[int]]:
    """Return the persons in order of first mention, and the indices of the tokens that name them.

    Names before code point `headline` (a Title Case headline's end, else 0) and ones in capitals only never make a
    person, they only mention one that the rest of the text makes.
    """
    tags = tagger.tag(tokens, flags, BIAS if english else FOREIGN_BIAS)
    names = [name for name in _names(tokens, flags, tags) if not _is_thing(tokens, flags, name)]
    merger = PersonMerger(tokens)
    full = _full_names(tokens, tags, [name for name in names if name.last > name.first], headline)
    for first, last, rule in sorted(full, key=lambda one: (one[0] - one[1], one[0])):
        merger.add(Segment(first, last), rule)
    merger.close()
    taken = {index for first, last, _ in full for index in range(first, last + 1)}
    for name in names:
        if name.last > name.first and name.first not in taken and merger.repeat(Segment(name.first, name.last)):
            taken.update(range(name.first, name.last + 1))
    alone = {name.first: name.score for name in names if name.first == name.last}
    loose = [one for one in _single_words(tokens, flags, tags, alone) if one.first not in taken]
    loose = [one for one in loose if not merger.attach(Segment(one.first, one.last))]
    for one in _known_by_one_word(tokens, [one for one in loose if one.first in alone], headline):
        merger.add(Segment(one.first, one.last), Rule.SINGLE)
    return _persons(tokens, merger)


def _names(tokens: Tokens, flags: Sequence[int], tags: Tags) -> Iterator[_Name]:
    """Yield what the tagger reads as names, without titles."""
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
    """Return the first token of a name when what stands before it is taken off: "But", "GOP Sen.", "President"."""
    words = tokens.words
    if " ".join(words[first : last + 1]) in KEPT:
        return first
    for index in range(first, last):
        abbreviated = words[index] in SHORT_TITLES and tokens.text.startswith(". ", tokens.ends[index])
        if abbreviated or (flags[index] & HONORIFIC and not flags[index] & NAME):
            first = index + 1
    while first < last and _is_no_part(tokens, flags, first):
        first += 1
    return first


def _is_no_part(tokens: Tokens, flags: Sequence[int], first: int) -> bool:
    """Whether the first word of what was read as a name is a title, or a word that opens a sentence."""
    opens = tokens.links[first] == OPENING and len(tokens.words[first]) > 2
    other = TITLE | STOP if opens else TITLE
    return bool(flags[first] & HONORIFIC or (flags[first] & other and not flags[first] & NAME))


def _is_thing(tokens: Tokens, flags: Sequence[int], name: _Name) -> bool:
    """Whether the name is a company's, a ship's, a disease's or another thing's, as its neighbours or a list say."""
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
    return all(word.isupper() and len(word) > 1 for word in words)


def _full_names(tokens: Tokens, tags: Tags, names: Sequence[_Name], headline: int) -> list[tuple[int, int, Rule]]:
    """Return first and last token of each mention of a full name, for which its mentions speak together."""
    mentions: defaultdict[tuple[str, ...], list[_Name]] = defaultdict(list)
    for name in names:
        words = tuple(tokens.words[name.first : name.last + 1])
        if tokens.starts[name.first] >= headline and not _in_capitals(words):
            mentions[words].append(name)
    covered = {index for name in names for index in range(name.first, name.last + 1)}
    others = _same_words(tokens, mentions.keys(), covered)
    found: list[tuple[int, int, Rule]] = []
    for words, ones in mentions.items():
        again = others.get(words, [])
        alike = [spot for spot in again if tokens.words[spot[0]] == words[0]]
        if sum(one.score for one in ones) + sum(tags.evidence(*spot) for spot in alike) > 0:
            found += [(one.first, one.last, Rule.FULL) for one in ones]
            found += [(first, last, Rule.AGAIN) for first, last in again]
    return found


def _same_words(
    tokens: Tokens, names: Iterable[tuple[str, ...]], covered: set[int]
) -> dict[tuple[str, ...], list[tuple[int, int]]]:
    """Return where else the words of the names stand, in any case, as first and last token; not what is covered."""
    known = {tuple(word.casefold() for word in words): words for words in names}
    lengths: defaultdict[str, set[int]] = defaultdict(set)
    for words in known:
        lengths[words[0]].add(len(words))
    found: defaultdict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    folded = [word.casefold() for word in tokens.words] if known else []
    for index, word in enumerate(folded):
        for length in lengths.get(word, ()):
            words = tuple(folded[index : index + length])
            joined = all(link == JOINED for link in tokens.links[index + 1 : index + length])
            if words in known and joined and covered.isdisjoint(range(index, index + length)):
                found[known[words]].append((index, index + length - 1))
                covered.update(range(index, index + length))
    return found


def _single_words(tokens: Tokens, flags: Sequence[int], tags: Tags, alone: Mapping[int, float]) -> Iterator[_Name]:
    """Yield the words that the tagger reads as a name of one word, and those that may repeat a part of one."""
    links, labels, count = tokens.links, tags.labels, len(flags)
    for index, begin in enumerate(tags.begin):
        if index in alone:
            titled = index and links[index] == JOINED and flags[index - 1] & HONORIFIC
            yield _Name(index, index, alone[index] + TITLED if titled else alone[index])
        elif begin > REPEATED and labels[index] != INSIDE:
            joined = (index and links[index] == JOINED) or (index + 1 < count and links[index + 1] == JOINED)
            if begin > REPEATED_INSIDE or not (joined or flags[index] & OTHERWISE):
                yield _Name(index, index, begin)


def _known_by_one_word(tokens: Tokens, loose: Sequence[_Name], headline: int) -> Iterator[_Name]:
    """Yield the mentions of words that are somebody by themselves."""
    mentions: defaultdict[str, list[_Name]] = defaultdict(list)
    for one in loose:
        word = tokens.words[one.first]
        if tokens.text.startswith(" v. ", tokens.ends[one.last]) or tokens.text.endswith(
            " v. ", 0, tokens.starts[one.first]
        ):
            continue  # "Roe v. Wade"
        if not _in_capitals([word]) and tokens.starts[one.first] >= headline:
            mentions[word].append(one)
    for ones in mentions.values():
        if sum(one.score for one in ones) / len(ones) ** 0.5 > ENOUGH_ALONE:
            yield from ones


def _persons(tokens: Tokens, merger: PersonMerger) -> tuple[list[Person], set[int]]:
    covered: set[int] = set()
    persons = []
    for entity in sorted(merger.entities.values(), key=lambda one: min(one.spans)):
        mentions = []
        for start, end, first, last, rule in sorted(entity.spans):
            mentions.append(Mention(tokens.original[start:end], start, end, rule))
            covered.update(range(first, last + 1))
        persons.append(Person(entity.name, tuple(mentions)))
    return persons, covered
