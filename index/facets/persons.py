"""Finds persons: capitalised sequences with evidence of being a name, merged over the article.

A run of joined tokens is cut into segments at titles, places, organisations and words that are no names. Each segment
of two words or more is scored by evidence of several kinds; one that reaches `ENOUGH` is a full name. Single words are
persons when they are part of a full name of the same article, or follow "Mr", "President" and the like.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from index.facets.cast import Cast, Segment
from index.facets.lexicon import ACTS, NAMESAKES, ROLES, SPEECH, Word
from index.facets.tokens import APART, JOINED, OPENING
from search.model import Mention, Person

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from index.facets.tokens import Tokens

GIVEN, FAMILY, EASTERN, TITLE, HONORIFIC = (
    int(flag) for flag in (Word.GIVEN, Word.FAMILY, Word.EASTERN, Word.TITLE, Word.HONORIFIC)
)
SUFFIX, ORGANISATION, STOP, PLACE = (int(flag) for flag in (Word.SUFFIX, Word.ORGANISATION, Word.STOP, Word.PLACE))
NATION, OPENER = int(Word.NATION), int(Word.OPENER)
BLOCKING: Final = TITLE | ORGANISATION | STOP | PLACE | NATION

ENOUGH: Final = 2.0
"""Sum of evidence from which on a segment is a full name.

The weights are set by hand. The priors and `ENOUGH_SINGLE` were chosen among four values each by F1 on the gold set
of persons, and by reading what they add in news.
"""
PRIOR: Final = 1.0
PRIOR_INSIDE: Final = 2.0
"""Inside a sentence a capital says more than at its start."""
GIVEN_FIRST: Final = 2.0
GIVEN_LATER: Final = 0.5
FAMILY_LAST: Final = 0.75
EASTERN_FIRST: Final = 1.25
INITIAL: Final = 1.5
TITLED: Final = 2.5
ROLE_BEFORE: Final = 2.0
SPEECH_BESIDE: Final = 1.5
ACT_AFTER: Final = 0.5
AGE_AFTER: Final = 2.0
NAMED_AGAIN: Final = 1.0
ARTICLE_BEFORE: Final = -2.0
PLACED: Final = -1.0
LONG: Final = -1.0
COMMON_WORD: Final = -1.5
OPENER_FIRST: Final = -2.5
ENOUGH_SINGLE: Final = 2.25
SINGLE_TITLED: Final = 1.5
SINGLE_KNOWN: Final = 0.75
LONGEST_NAME: Final = 5

WINDOW: Final = 20
"""Code points before and after a segment that are looked at."""
BEFORE = re.compile(r"([A-Za-z]+),?[ ]$")
AFTER = re.compile(r"(?:'s?)?,? ?(?:(\d\d)\b|\((\d\d)\)|([a-z]+)\b)")
ARTICLES = frozenset(["the", "a", "an"])
NOUN = re.compile(
    r".(?:tions?|ments?|ness|ity|ities|isms?|ics|ships?|ings?|ology|icals|ances|ences|ures|ors|ents|ants)$"
)
"""Endings of English nouns that names seldom have; unknown words with them are taken for nouns in capitals."""
LOCATIVE = frozenset(["in", "at", "near", "across", "outside", "inside", "into", "around", "throughout"])


def _is_initial(tokens: Tokens, index: int) -> bool:
    word = tokens.words[index]
    return word[-1:] == "." or (len(word) == 1 and tokens.text[tokens.ends[index] : tokens.ends[index] + 1] == ".")


def _opens(tokens: Tokens, flags: Sequence[int], index: int, stop: int) -> bool:
    """Whether a word that is also something else ("Will", "Jordan", "Dean", "A.") begins a name here."""
    if index + 1 >= stop or (flags[index + 1] & BLOCKING and not _is_initial(tokens, index + 1)):
        return False
    own, following = flags[index], flags[index + 1]
    if _is_initial(tokens, index):
        return not own & (PLACE | NATION)
    if not own & GIVEN:
        return False
    if own & TITLE:
        return index + 2 == stop and bool(following & FAMILY) and not following & GIVEN
    if own & STOP and tokens.links[index] == OPENING:
        return bool(following & FAMILY) and _acts(tokens, index + 1)
    return bool(following & FAMILY) or not following


def _closes(tokens: Tokens, flags: Sequence[int], first: int, index: int, stop: int) -> bool:
    """Whether a word that is also something else ("Young", "Washington", "King") ends a name here."""
    if index + 1 < stop and not flags[index + 1] & (BLOCKING | SUFFIX):
        return False
    short = index == first + 1 or (index == first + 2 and (_is_initial(tokens, first + 1) or flags[index] & TITLE))
    named = flags[first] & GIVEN or _is_initial(tokens, first)
    return bool(short and named and flags[index] & (FAMILY | PLACE) and not flags[index] & (ORGANISATION | NATION))


def segments(tokens: Tokens, flags: Sequence[int]) -> Iterator[Segment]:
    """Yield what may be a name, in order, one word or more each."""
    links, count, index = tokens.links, len(tokens.words), 0
    while index < count:
        stop = index + 1
        while stop < count and links[stop] == JOINED:
            stop += 1
        title = 0
        while index < stop:
            if flags[index] & BLOCKING and not _opens(tokens, flags, index, stop):
                title = flags[index]
                if title & (FAMILY | PLACE) and index + 1 == stop:
                    yield Segment(index, index, 0, 0, shadow=True)
                index += 1
                continue
            end = index + 1
            while end < stop and (not flags[end] & BLOCKING or _closes(tokens, flags, index, end, stop)):
                end += 1
            yield Segment(index, end - 1, title, flags[end] if end < stop else 0)
            title, index = 0, end


def _word_before(tokens: Tokens, segment: Segment) -> str:
    """Return the lower-case word right before the segment, in the same sentence; empty where there is none."""
    if tokens.links[segment.first] != APART:
        return ""
    start = tokens.starts[segment.first]
    before = BEFORE.search(tokens.text, max(0, start - WINDOW), start)
    return before[1] if before else ""


def _context(tokens: Tokens, segment: Segment) -> float:
    """Return the evidence of the words before and after the segment."""
    text, end = tokens.text, tokens.ends[segment.last]
    score = 0.0
    if word := _word_before(tokens, segment):
        if word in ROLES:
            score += ROLE_BEFORE
        elif word in SPEECH:
            score += SPEECH_BESIDE
        elif word in ARTICLES:
            score += ARTICLE_BEFORE
        elif word in LOCATIVE:
            score += PLACED
    if after := AFTER.match(text, end, end + WINDOW):
        if after[1] or after[2]:
            score += AGE_AFTER
        elif after[3] in SPEECH:
            score += SPEECH_BESIDE
        elif after[3] in ACTS:
            score += ACT_AFTER
    return score


def _score(tokens: Tokens, flags: Sequence[int], segment: Segment, alone: set[str]) -> float:
    first, last = segment.first, segment.last
    length = last - first + 1
    inside = tokens.links[first] == APART and _word_before(tokens, segment) not in ARTICLES
    score = (PRIOR_INSIDE if inside else PRIOR) + _context(tokens, segment)
    if flags[first] & GIVEN:
        score += GIVEN_FIRST
    elif flags[first] & EASTERN and length <= 3:
        score += EASTERN_FIRST
    elif any(flags[index] & GIVEN for index in range(first + 1, last + 1)):
        score += GIVEN_LATER
    if flags[last] & FAMILY:
        score += FAMILY_LAST
    if any(_is_initial(tokens, index) for index in range(first, last)):
        score += INITIAL
    if segment.title & TITLE:
        score += TITLED
    if tokens.words[last] in alone or tokens.words[first] in alone:
        score += NAMED_AGAIN
    if length > 3:
        score += LONG
    if flags[first] & OPENER and not segment.title & TITLE:
        score += OPENER_FIRST
    for index in (first, last):
        if not flags[index] & GIVEN and tokens.in_lower_case(tokens.words[index]):
            score += COMMON_WORD
        if not flags[index] & (GIVEN | FAMILY) and not flags[first] & EASTERN and NOUN.search(tokens.words[index]):
            score += COMMON_WORD
    return score


def _acts(tokens: Tokens, index: int) -> bool:
    """Whether a verb that persons take follows the token."""
    after = AFTER.match(tokens.text, tokens.ends[index], tokens.ends[index] + WINDOW)
    return bool(after and after[3] and (after[3] in SPEECH or after[3] in ACTS))


def _single_score(tokens: Tokens, flags: Sequence[int], segment: Segment) -> float:
    """Return the evidence of one mention of a single word for being a person; mentions add up over the article."""
    if flags[segment.first] & BLOCKING or _is_initial(tokens, segment.first) or segment.tail:
        return -1.0
    score = _context(tokens, segment)
    if segment.title & HONORIFIC:
        score += ENOUGH_SINGLE
    elif segment.title & TITLE:
        score += SINGLE_TITLED
    if score > 0 and flags[segment.first] & (FAMILY | EASTERN | GIVEN):
        score += SINGLE_KNOWN
    if score > 0 and tokens.in_lower_case(tokens.words[segment.first]):
        score += COMMON_WORD
    return score


def _single_persons(tokens: Tokens, flags: Sequence[int], loose: Sequence[Segment]) -> set[str]:
    """Return the words that name a person by themselves: a title or a role vouches for them at least once."""
    evidence: defaultdict[str, float] = defaultdict(float)
    vouched = set()
    for segment in loose:
        if not _in_capitals(tokens, segment):
            word = tokens.words[segment.first]
            evidence[word] += _single_score(tokens, flags, segment)
            if segment.title & TITLE or _word_before(tokens, segment) in ROLES:
                vouched.add(word)
    return {word for word in vouched if evidence[word] >= ENOUGH_SINGLE}


def _is_company(tokens: Tokens, segment: Segment) -> bool:
    text, start, end = tokens.text, tokens.starts[segment.first], tokens.ends[segment.last]
    if " ".join(tokens.words[segment.first : segment.last + 1]) in NAMESAKES:
        return True
    return bool(segment.tail & ORGANISATION) or text.startswith((" &", "&"), end) or text.endswith("& ", 0, start)


def _in_capitals(tokens: Tokens, segment: Segment) -> bool:
    first, last = tokens.words[segment.first], tokens.words[segment.last]
    return first.isupper() and last.isupper() and len(first) > 1 and len(last) > 1


def find(tokens: Tokens, flags: Sequence[int], headline: int) -> tuple[list[Person], set[int]]:
    """Return the persons in order of first mention, and the indices of the tokens that name them.

    Segments before code point `headline` (a Title Case headline's end, else 0) and ones in capitals only never make
    a person, they only mention one that the rest of the text makes.
    """
    full, single, shadows = _sorted_out(tokens, flags)
    alone = {tokens.words[segment.first] for segment in single}
    sure = [
        segment
        for segment in full
        if tokens.starts[segment.first] >= headline
        and not _in_capitals(tokens, segment)
        and _score(tokens, flags, segment, alone) >= ENOUGH
    ]
    cast = Cast(tokens)
    for segment in sorted(sure, key=lambda one: (one.first - one.last, one.first)):
        cast.add(segment)
    cast.close()
    loose = [segment for segment in single if not cast.attach(segment)]
    known = _single_persons(tokens, flags, [one for one in loose if tokens.starts[one.first] >= headline])
    for segment in loose:
        if tokens.words[segment.first] in known:
            cast.add(segment)
    for segment in shadows:
        if _acts(tokens, segment.first):
            cast.repeat(segment)
    return _persons(tokens, cast)


def _sorted_out(tokens: Tokens, flags: Sequence[int]) -> tuple[list[Segment], list[Segment], list[Segment]]:
    """Return the segments that may be full names, single words and shadows; companies and long lists are left out."""
    full: list[Segment] = []
    single: list[Segment] = []
    shadows: list[Segment] = []
    for segment in segments(tokens, flags):
        if segment.shadow:
            shadows.append(segment)
        elif segment.last - segment.first < LONGEST_NAME and not _is_company(tokens, segment):
            spaced = " " in tokens.text[tokens.starts[segment.first] : tokens.ends[segment.last]]
            (full if spaced else single).append(segment)
    return full, single, shadows


def _persons(tokens: Tokens, cast: Cast) -> tuple[list[Person], set[int]]:
    covered: set[int] = set()
    persons = []
    for entity in sorted(cast.entities.values(), key=lambda one: min(one.spans)):
        mentions = []
        for start, end, first, last in sorted(entity.spans):
            mentions.append(Mention(tokens.original[start:end], start, end))
            covered.update(range(first, last + 1))
        persons.append(Person(entity.name, tuple(mentions)))
    return persons, covered
