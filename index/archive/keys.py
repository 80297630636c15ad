"""The terms by which later writes look an article up. They are computed from the stored article alone.

The first letter of a term is its kind:

| letter | what articles with an equal term share |
|---|---|
| `d` | the digest of the input |
| `s`, `b`, `o` | parts of the signature: see `index.archive.signatures.keys` |
| `l` | a line of a site, or a title that was taken from the text |
| `w` | the site |
| `n` | a spelling of a person's name, without case, accents and punctuation |
| `p` | the label of a person |
"""

from __future__ import annotations

from binascii import b2a_base64
from typing import TYPE_CHECKING

from index.archive import boilerplate, signatures
from index.archive.aliases import Aliases
from index.archive.tags import spellings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from search.model import Article

DIGEST, LINE, SITE, SPELLING, LABEL = "d", "l", "w", "n", "p"
NO_ALIASES = Aliases()


def keys_of(article: Article, lines: NDArray[np.uint64] | None = None) -> tuple[str, ...]:
    """Return all keys of an article, those of its removed lines included.

    `lines` are the keys of all its lines (`boilerplate.keys_of`), if they are known.
    """
    if lines is None:
        whole = boilerplate.restored(article)
        lines = boilerplate.keys_of(whole, own_title=whole.own_title)
    same, bands, opening = signatures.keys(article.signature)
    own = [digest_key(article.digest), site_key(boilerplate.source_of(article)), *([same] if same else [])]
    return tuple(dict.fromkeys([*own, *bands, *opening, *map(line_key, lines.tolist()), *_person_keys(article)]))


def relabelled(article: Article) -> tuple[str, ...]:
    """Return the keys of an article whose persons have changed since its keys were made."""
    others = (key for key in article.keys if key[0] not in (SPELLING, LABEL))
    return tuple(dict.fromkeys([*others, *_person_keys(article)]))


def digest_key(digest: str) -> str:
    """Return the key of a digest."""
    return DIGEST + digest


def line_key(line: int) -> str:
    """Return the key of a line. `line` is its hash, from `boilerplate.keys_of`."""
    return LINE + b2a_base64(line.to_bytes(8), newline=False)[:-1].decode()


def site_key(site: str) -> str:
    """Return the key of a site, from `boilerplate.source_of`."""
    return SITE + site


def spelling_key(name: str) -> str:
    """Return the key of a spelling. Spellings that differ only in case, accents or punctuation have one key."""
    return spelling_term(NO_ALIASES.key(name))


def spelling_term(key: str) -> str:
    """Return the key of the spellings that have this key in `Aliases`."""
    return SPELLING + key


def label_key(name: str) -> str:
    """Return the key of a label."""
    return LABEL + name


def _person_keys(article: Article) -> Iterator[str]:
    """Yield the keys of all spellings that were found, even if aliases dropped the person, and of all labels."""
    yield from map(spelling_key, spellings_of(article))
    for person in article.persons:
        yield label_key(person.name)
