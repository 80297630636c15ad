"""Tells the language of a text. The model is loaded once a process, when it is first needed."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SAMPLE_CHARS = 200
"""On 250 pages in 21 languages this much gives the language of the first 2,000 characters in 99 % and costs 0.15 ms."""

WORDS = {
    "en": "the of and to for with that are you your from this was have by as it",
    "de": "der die das und ist den von zu mit auf für nicht ein eine sich im dem",
    "fr": "les une est dans pour qui sur pas au et avec ont cette aux plus il",
    "es": "los las una el y su más por con está fue han lo sus es",
}
"""Words that are common in one of the languages of most pages and that the others share seldom."""

COMMON = {language: frozenset(words.split()) for language, words in WORDS.items()}
LEAD_CHARS = 600
LEAST_COMMON = 5
MOST_FOREIGN = 1
"""Where the beginning of a text has so many of these words of one language and at most one of each other, the model,
which takes twenty times as long, need not be asked: these words decided 3,070 of 3,409 texts,
and the model, asked about the same beginnings, said the same."""

TAG = re.compile(r"\s*([A-Za-z]{2,3})(?:[-_].*)?\s*\Z", re.DOTALL)
MIN_BYTES = 15
"""Shorter texts, in UTF-8, are not judged: 15 Latin letters say as much as 5 Chinese ones."""

MIN_CONFIDENCE = 0.5
SHORT_BYTES = 60
SHORT_CONFIDENCE = 0.9
"""Where the text is so short and the model less sure, the language that the page declares is the better guess."""

UNWRITTEN = frozenset({
    "an", "br", "eo", "fo", "fy", "gd", "gn", "ht", "jv", "la", "lb", "li", "lg", "ln", "mg", "oc", "om", "or",
    "qu", "rw", "sa", "se", "sn", "st", "vo", "wa", "xh", "yo", "zu",
})  # fmt: skip
"""Languages with next to no news on the web; short texts in others were taken for them."""

SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "cmn": "zh", "yue": "zh"}
"""Older codes and codes of varieties."""


def language_of(text: str, declared: str | None = None) -> str | None:
    """Return the ISO 639-1 code of the language of `text`, or None where that is not sure.

    `declared` is what the page says about itself, such as `en-US`. It loses to a text that is in another language, and
    decides where the text is too short to tell.
    """
    common = _language_by_words(text[:LEAD_CHARS])
    if common:
        return common
    sample = text[:SAMPLE_CHARS].strip()
    size = len(sample.encode("utf-8", "replace"))
    own = normal(declared)
    if size >= MIN_BYTES:
        label, confidence = _identifier().classify(sample)
        if confidence >= (SHORT_CONFIDENCE if own and size < SHORT_BYTES else MIN_CONFIDENCE):
            return SAME.get(label, str(label))
    return own


def _language_by_words(text: str) -> str | None:
    words = frozenset(text.split())
    counts = {language: len(words & common) for language, common in COMMON.items()}
    best = max(counts, key=lambda language: counts[language])
    foreign = max(count for language, count in counts.items() if language != best)
    return best if counts[best] >= LEAST_COMMON and foreign <= MOST_FOREIGN else None


def normal(tag: str | None) -> str | None:
    """Return the ISO 639-1 code in a language tag such as `en-US` or `pt_BR`, or None."""
    match = TAG.match(tag) if tag else None
    if not match:
        return None
    code = SAME.get(match.group(1).lower(), match.group(1).lower())
    return code if len(code) == 2 else None


@cache
def _identifier() -> LanguageIdentifier:
    # Loading the library and its model takes half a second, which a search alone need not pay.
    import numpy as np  # noqa: PLC0415
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in identifier.labels if len(code) == 2 and code not in UNWRITTEN])
    # Picking languages leaves the table column by column, and classifying reads it row by row: half again as slow.
    identifier.nb_ptc = np.ascontiguousarray(identifier.nb_ptc)
    return identifier
