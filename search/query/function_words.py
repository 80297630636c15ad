"""Function words (`the`, `of`, `der`): which of a query's words say nothing of what it is about.

They are not asked for unless a query has no others. The lists are those of Whoosh (Snowball's, 14 languages).
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from whoosh.lang.stopwords import stoplists

from search import analysis

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT = "en"
MIN_FOREIGN = 2
"""A query is read in another language than English where it has so many of its function words, and more than of
English ones: `war`, `die`, `men` and `sera` are words of news in one language and function words in another."""

FILLERS = frozenset(
    """
    also available cannot could currently either especially etc given i'd i'm i’d i’m may might must
    particular possible really shall should specifically want whether would
    """.split()
)
"""What a sentence, as typed, has besides function words and its topic. `May` is a month or a name."""

ALSO_ENGLISH = frozenset(
    """
    bare ben bin blitz con del dem den des die dig door era fora fosse ham hans hat hay kim las les los man
    men mia min mine minute per san sean sera sin sit son stare sum sur tan till tot tum van var ved want
    war will
    """.split()
)
"""Function words of other languages that are words or names in English news too; they do not tell a language."""

_QUESTION = "what|which|who|whom|whose|where|when|why|how"
_ASKED = r"articles?|papers?|documents?|stories|reports?|information|anything|something|everything|news|publications?"
_ASKING = re.compile(
    rf"(?:(?:{_QUESTION})\s+)?\b(?:{_ASKED})\b"
    r"(?:\s+(?:that|which|exists?|are|is|available|written|published|would|could|can|may))*"
    r"\s+(?:on|about|discuss\w*|describ\w+|deal(?:s|ing)?\s+with|concern\w*|regarding|relat\w+\s+to"
    r"|involv\w+|treat\w*|cover\w*|mention\w*|address\w*|explain\w*)\b"
    r"|\b(?:i(?:'m|\s+am)|we(?:'re|\s+are))\s+(?:interested|looking)\s+(?:in|for)\b"
    r"|\b(?:i|we)(?:'d|\s+would)?\s+(?:like|want|need|wish)\s+(?:to\s+(?:find|know|see|read|get)|information)\b"
    r"|\b(?:find|show|tell|give|get|list)\s+(?:me|us)\b|\bplease\b|\b(?:is|are)\s+(?:there|available|known)\b"
    r"|\b(?:has|have)\s+(?:anyone|anybody|someone)\b|\bcan\s+(?:be|you|anyone)\b|\bmust\s+be\b|\b(?:would|should)\s+be\b",
    re.IGNORECASE,
)
"""How people ask for articles in whole sentences; what is matched is about the asking."""


@cache
def _lists() -> dict[str, frozenset[str]]:
    """Return language -> its function words as `analysis` folds them."""
    return {
        language: frozenset(token.word for word in words for token in analysis.tokenize(word))
        for language, words in stoplists.items()
    }


@cache
def stems() -> frozenset[str]:
    """Return the stems of English function words, for what must be told from an article without a query."""
    return frozenset(analysis.stem(word) for word in _lists()[DEFAULT])


def of(words: Sequence[str]) -> frozenset[str]:
    """Return which of a query's folded words are function words, in the language that has most of them."""
    found = {language: functions.intersection(words) for language, functions in _lists().items()}
    own = found[DEFAULT]
    telling = {language: functions - ALSO_ENGLISH for language, functions in found.items()}
    language = max(telling, key=lambda one: len(telling[one]))  # of as many the first; the lists keep their order
    return found[language] if len(telling[language]) >= max(MIN_FOREIGN, len(own) + 1) else own


def asking(text: str) -> list[tuple[int, int]]:
    """Return the ranges of a sentence that ask for articles rather than say about what."""
    return [match.span() for match in _ASKING.finditer(text)]
