"""Makes snippets: titles with their matches, and the best fragments. A snippet is text plus ranges, not HTML."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

from search.highlight import sentences
from search.highlight.matching import Match, Matcher, leaves
from search.model import SEPARATOR
from search.results import Snippet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from whoosh import query as tree

    from search.model import Article

FRAGMENT_CHARS = 240
"""Maximum characters of a fragment: two or three sentences of news, which a reader takes in at a glance."""

MAX_FRAGMENTS = 3
MIN_LEAD_CHARS = 60
"""Minimum characters of a paragraph that is shown for a text without matches."""

MIN_WHOLE_CHARS = 80
"""If whole sentences have fewer characters than this, the fragment continues into the next sentence."""

RUN_UP_CHARS = 60
"""Characters of a long sentence shown before its match, and characters that a fragment may grow for a match."""

MAX_MATCH_CHARS = 1000
"""Longer matches are never shown: they are noise, or phrases whose words are pages apart."""

TITLE_FIELDS = frozenset({"text", "title", "title_words"})
BODY_FIELDS = frozenset({"text", "body", "body_words"})

_PARAGRAPH = re.compile("[^\\n]+")
_REPEAT, _REPEATS = 0.01, 5
_NEARNESS = 0.05
"""Ranking of fragments with the same words. Each match adds `_REPEAT`, up to `_REPEATS` matches. A fragment at the end
of the text loses `_NEARNESS`."""


class Highlighter:
    """Makes the snippets of a search. One instance serves all hits.

    `weights` maps a stem to its weight; the default is 1.
    """

    def __init__(self, node: tree.Query, weights: Mapping[str, float] | None = None) -> None:
        found = list(leaves(node))
        self._title = Matcher([leaf for leaf in found if leaf.fieldname in TITLE_FIELDS], weights or {})
        self._body = Matcher([leaf for leaf in found if leaf.fieldname in BODY_FIELDS], weights or {})

    def title(self, text: str) -> Snippet:
        """Return the whole title with its matches."""
        return Snippet(text, _ranges(self._title.matches(text), 0, len(text)))

    def article(self, article: Article) -> tuple[tuple[int, int], ...]:
        """Return all matches in title and body of an article, as ranges of its text."""
        body = len(article.title + SEPARATOR)
        title = self.title(article.title).ranges
        found = _ranges(self._body.matches(article.body), 0, len(article.body))
        return (*title, *((body + start, body + end) for start, end in found))

    def fragments(self, text: str, limit: int = MAX_FRAGMENTS, *, headline: str = "") -> tuple[Snippet, ...]:
        """Return the best fragments of a body in the order of the text; without a match, its beginning.

        Each fragment has a word that the better ones lack. A fragment that repeats the headline is the last choice.
        """
        if found := _showable(self._body.matches(text)):
            windows = list(_windows(text, found))
            others = [window for window in windows if not _repeats(text[window.start : window.end], headline)]
            chosen = _choose(others or windows, found, self._body.weights, limit)
            return tuple(_snippet(text, window, found) for window in _joined(text, chosen))
        start, end = _lead(text, headline)
        end, closes = _end(text, start, [start, end])
        return (_snippet(text, _Window(start, end, closes=closes), []),) if end > start else ()


class _Window(NamedTuple):
    """A candidate for a fragment. `patterns` has a bit for each pattern that it matches.

    `opens`: it begins at the beginning of a sentence. `closes`: it ends at the end of a sentence.
    """

    start: int
    end: int
    patterns: int = 0
    rank: float = 0.0
    opens: bool = True
    closes: bool = True


def _showable(found: list[Match]) -> list[Match]:
    """Return the matches that a fragment can show. A phrase longer than a fragment becomes its single words."""
    if all(match.end - match.start <= FRAGMENT_CHARS for match in found):
        return found
    showable: list[Match] = []
    for match in found:
        if match.parts and match.end - match.start > FRAGMENT_CHARS:
            showable += (Match(start, end, match.pattern) for start, end in match.parts)
        else:
            showable.append(match)
    return sorted(match for match in set(showable) if match.end - match.start <= MAX_MATCH_CHARS)


def _windows(text: str, found: list[Match]) -> Iterator[_Window]:
    """Yield one candidate for each sentence with a match: the sentence and the text after it, up to the length limit.

    A sentence that is too long yields several candidates, each of which begins a few words before a match.
    """
    paragraph = last = limit = -1
    begins: list[int] = []
    for match in found:
        if match.start >= paragraph:
            first = text.rfind("\n", max(paragraph, 0), match.start) + 1
            paragraph = text.find("\n", match.start)
            paragraph = len(text) if paragraph < 0 else paragraph
            begins = sentences.starts(text, first, paragraph)
        sentence = start = begins[bisect_right(begins, match.start) - 1]
        if sentence == last and match.end <= limit:
            continue
        last, limit = sentence, sentence + FRAGMENT_CHARS
        if match.end > limit:
            start = sentences.cut_after(text, max(sentence, match.start - RUN_UP_CHARS), match.start)
            limit = match.end + RUN_UP_CHARS
        end, closes = _end(text, start, begins)
        if end < match.end:
            end, closes = match.end, False
        yield _filled(_Window(start, end, opens=start == sentence, closes=closes), found, len(text))


def _filled(window: _Window, found: list[Match], size: int) -> _Window:
    """Return the window with its patterns and rank. It grows a little if it would end within a match."""
    patterns = count = 0
    end, closes = window.end, window.closes
    for place in range(bisect_left(found, (window.start,)), len(found)):
        match = found[place]
        if match.start >= end:
            break
        if end < match.end <= window.start + FRAGMENT_CHARS + RUN_UP_CHARS:
            end, closes = match.end, False
        if match.end <= end:
            patterns |= 1 << match.pattern
            count += 1
    rank = _REPEAT * min(count, _REPEATS) - _NEARNESS * window.start / size
    return _Window(window.start, end, patterns, rank, window.opens, closes)


def _end(text: str, start: int, begins: list[int]) -> tuple[int, bool]:
    """Return the end of a fragment from `start`, and whether it is the end of a sentence.

    The fragment has whole sentences of its paragraph if they fit.
    """
    limit = start + FRAGMENT_CHARS
    if begins[-1] <= limit:
        return begins[-1], True
    sentence = begins[bisect_right(begins, limit) - 1]
    return (
        (sentence, True) if sentence - start >= MIN_WHOLE_CHARS else (sentences.cut_before(text, start, limit), False)
    )


def _choose(windows: list[_Window], found: list[Match], weights: Sequence[float], limit: int) -> list[_Window]:
    """Return the best windows in the order of the text; each has a pattern that the better ones lack.

    The windows do not overlap.
    """
    known: dict[int, float] = {}

    def score(patterns: int) -> float:
        if patterns not in known:
            known[patterns] = sum(weight for number, weight in enumerate(weights) if patterns >> number & 1)
        return known[patterns]

    chosen: list[_Window] = []
    seen = 0
    while windows and len(chosen) < limit:
        best = max(windows, key=lambda window: (score(window.patterns & ~seen), window.rank))
        chosen.append(best)
        seen |= best.patterns
        rest = (_beside(window, best, found) for window in windows if window.patterns & ~seen)
        windows = [window for window in rest if window.patterns & ~seen]
    return sorted(chosen)


def _beside(window: _Window, other: _Window, found: list[Match]) -> _Window:
    """Return a window without its overlap with another one, and with updated patterns."""
    if window.end <= other.start or other.end <= window.start:
        return window
    if window.start < other.start:
        cut = window._replace(end=other.start, closes=other.opens)
    else:
        cut = window._replace(start=other.end, end=max(window.end, other.end), opens=other.closes)
    patterns = 0
    for place in range(bisect_left(found, (cut.start,)), bisect_left(found, (cut.end,))):
        if found[place].end <= cut.end:
            patterns |= 1 << found[place].pattern
    return cut._replace(patterns=patterns)


def _joined(text: str, windows: list[_Window]) -> Iterator[_Window]:
    """Yield the windows in order; windows with only spaces between them are joined."""
    last: _Window | None = None
    for window in windows:
        if last is not None and not text[last.end : window.start].strip(" "):
            last = last._replace(end=window.end, closes=window.closes)
            continue
        if last is not None:
            yield last
        last = window
    if last is not None:
        yield last


def _snippet(text: str, window: _Window, found: list[Match]) -> Snippet:
    raw = text[window.start : window.end]
    left = window.end - len(raw.lstrip())
    flat = raw.strip().replace("\n", " ")
    ranges = _ranges(found, left, left + len(flat))
    if not window.closes:
        flat += " …"
    if not window.opens:
        flat = "… " + flat
        ranges = tuple((start + 2, end + 2) for start, end in ranges)
    return Snippet(flat, ranges)


def _ranges(found: list[Match], left: int, right: int) -> tuple[tuple[int, int], ...]:
    """Return the ranges of the matches inside `left..right`, relative to `left`. Overlapping ranges are merged."""
    inside: list[tuple[int, int]] = []
    for place in range(bisect_left(found, (left,)), bisect_left(found, (right,))):
        match = found[place]
        if match.end <= right:
            inside += match.parts or ((match.start, match.end),)
    merged: list[tuple[int, int]] = []
    for start, end in sorted((start - left, end - left) for start, end in inside):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def _lead(text: str, headline: str) -> tuple[int, int]:
    """Return the range of the first paragraph that is long enough. Short ones are headings or places.

    Without a long paragraph, return the first one with text. A repeated headline is the last choice.
    """
    short: list[tuple[int, int]] = []
    for paragraph in _PARAGRAPH.finditer(text):
        if not paragraph[0].isspace():
            says = len(paragraph[0]) >= MIN_LEAD_CHARS or paragraph[0].rstrip().endswith(("。", "！", "？"))
            if says and not _repeats(paragraph[0], headline):
                return paragraph.span()
            if len(short) < 2:
                short.append(paragraph.span())
    others = [place for place in short if not _repeats(text[slice(*place)], headline)]
    return (others or short or [(0, 0)])[0]


def _repeats(fragment: str, headline: str) -> bool:
    if not headline or len(fragment) > len(headline) + RUN_UP_CHARS:
        return False
    return fragment.strip(" .…").casefold() == headline.strip(" .…").casefold()
