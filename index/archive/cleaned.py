"""Prepares one article on its own: cleans it, analyzes it, and finds its countries and persons."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from index import facets
from index.archive import boilerplate, signatures
from index.archive.boilerplate import NO_KEYS
from index.archive.tags import as_found
from index.clean.steps import Rejected, clean
from index.pages.lines.line import count_words
from search import analysis
from search.model import Article

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    import numpy as np
    from numpy.typing import NDArray

    from index.sources.raw import RawArticle
    from search.settings import Settings

VERSION = 6
"""Raise this number when the same input gives a different article. `dateline update` then replaces all articles."""


class Cleaned(NamedTuple):
    """A cleaned or rejected article, with the keys of all its lines."""

    item: Article | Rejected
    keys: NDArray[np.uint64]


def digest(raw: RawArticle) -> str:
    """Return a hash of a raw article and `VERSION`, as 32 hexadecimal digits."""
    bare = replace(raw, origin="", retrieved=None)  # place and time of the download do not change the article
    return hashlib.blake2b(f"{VERSION}{bare!r}".encode(errors="surrogatepass"), digest_size=16).hexdigest()


def clean_one(raw: RawArticle, settings: Settings, expected: AbstractSet[int] = frozenset()) -> Cleaned:
    """Clean and analyze one article on its own, and find its countries and persons.

    The signature is made from the whole text, so it does not depend on the other articles of the input. Lines whose
    keys are in `expected` are removed as boilerplate.
    """
    cleaned = clean(raw, settings)
    if isinstance(cleaned, Rejected):
        return Cleaned(cleaned, NO_KEYS)
    own_title = bool(cleaned.title) and not raw.title
    article = replace(cleaned, digest=digest(raw), own_title=own_title)
    tokens = analysis.tokens_of(article.title, article.body)
    article = replace(article, signature=signatures.signature(tokens.body_words))
    lines = boilerplate.keys_of(article, own_title=own_title)
    cut = _cut(article, lines, expected, settings)
    return Cleaned(_analyzed(cut if cut.removed else replace(article, tokens=tokens)), lines)


def restore_one(article: Article) -> Cleaned:
    """Return an article of an index as it was before labels were applied. It still lacks its removed lines."""
    whole = boilerplate.restored(article)
    signature = article.signature
    if not signatures.is_valid(signature):
        signature = signatures.signature(analysis.tokens_of(whole.title, whole.body).body_words)
    tokens = article.tokens or analysis.tokens_of(article.title, article.body)
    restored = replace(as_found(article), signature=signature, tokens=tokens)
    return Cleaned(restored, boilerplate.keys_of(whole, own_title=whole.own_title))


def without_lines(cleaned: Cleaned, recurring: AbstractSet[int], settings: Settings) -> Article:
    """Return an article without its recurring lines, instead of any lines that were removed before.

    Tags are found again only if its text changes. An article made up (almost) only of boilerplate keeps its lines.
    """
    article = cleaned.item
    assert isinstance(article, Article)
    whole = boilerplate.restored(article)
    cut = _cut(whole, cleaned.keys, recurring, settings)
    return article if cut.removed == article.removed and article.tokens else _analyzed(replace(cut, tokens=None))


def _cut(whole: Article, lines: NDArray[np.uint64], recurring: AbstractSet[int], settings: Settings) -> Article:
    """Return an article without its recurring lines. One with too few other words is returned unchanged."""
    cut = boilerplate.remove(whole, lines, recurring)
    return whole if cut.removed and count_words(cut.body) < settings.min_article_words else cut


def _analyzed(article: Article) -> Article:
    """Return an article with the countries and persons of its text, and with its tokens if it has none."""
    tags = facets.find(article.text, len(article.title), article.language, article.captions)
    tokens = article.tokens or analysis.tokens_of(article.title, article.body)
    return replace(article, tokens=tokens, countries=tags.countries, persons=tags.persons)
