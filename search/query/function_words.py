"""Tables of function words (`the`, `of`, `der`), which say nothing about the topic of a query.

A query does not search for them unless it has no other words. The lists are Whoosh's copies of Snowball's, in 14
languages.
"""

from __future__ import annotations

import re
from functools import cache

from whoosh.lang.stopwords import stoplists

from search import analysis

ENGLISH = "en"
MIN_FOREIGN = 2
"""A query counts as non-English if it has at least this many function words of another language, and more than English
ones. `war`, `die`, `men` and `sera` are content words in one language and function words in another."""

FILLERS = frozenset(
    """
    also available cannot could currently either especially etc given i'd i'm i’d i’m may might must
    particular possible really shall should specifically want whether would
    """.split()
)
"""Further words of a sentence, as typed, that say nothing about its topic. `May` is not here: it is also a month."""

ALSO_ENGLISH = frozenset(
    """
    bare ben bin blitz con del dem den des die dig door era fora fosse ham hans hat hay kim las les los man
    men mia min mine minute per san sean sera sin sit son stare sum sur tan till tot tum van var ved want
    war will
    """.split()
)
"""Function words of other languages that are also words or names in English news. They do not reveal the language."""

_QUESTION = "what|which|who|whom|whose|where|when|why|how"
_ASKED = r"articles?|papers?|documents?|stories|reports?|information|anything|something|everything|news|publications?"
ASKING = re.compile(
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
"""Phrases with which people request articles in whole sentences. They say nothing about the topic."""


@cache
def lists() -> dict[str, frozenset[str]]:
    """Return language -> its function words, folded."""
    return {
        language: frozenset(token.word for word in words for token in analysis.tokenize(word))
        for language, words in stoplists.items()
    }


@cache
def stems() -> frozenset[str]:
    """Return the stems of English function words, which are skipped among the words of an article."""
    return frozenset(analysis.stem(word) for word in lists()[ENGLISH])
