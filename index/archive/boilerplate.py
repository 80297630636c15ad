"""Finds boilerplate that one page alone cannot show: lines that recur in many stories of one source.

Lines of the main content recur, too: `He declined to comment.`, a background paragraph, the subheadings of a series.
Boilerplate differs in its place:

- Boilerplate stands at the edge: only other recurring lines stand between it and the beginning or end of the article.
  A background paragraph is there only sometimes, and a subheading never is.
- Between paragraphs of the main content, only long lines are boilerplate, and only if a large share of the source's
  stories have them. A short line there may be a subheading.

Stories are counted, not articles, so copies of one story keep their text. The order of the articles does not matter.
Articles that consist mostly of the same boilerplate are grouped as copies of one story, and therefore keep it.

`index.archive.line_counts` counts the lines of an archive, `index.archive.site_lines` those that a new article has.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from index.sources.ids import host_of
from search.model import SEPARATOR, TITLE_PLACE

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from numpy.typing import ArrayLike, NDArray

    from search.model import Article

MIN_STORIES = 4
"""Minimum stories of a source that have a boilerplate line."""

EDGE_SHARE = 0.02
"""Minimum share of the source's stories that have a line at the edge: 20 of 1,000 stories, 4 of 200 or fewer.

Chosen on 4,000 news articles of 185 sources: 0.02 removes a tenth more lines than 0.05, all of them boilerplate. Of the
451 lines that were removed, 21 were a subheading that opens every story of a series. None was a sentence of its story.
"""

EDGE_CONSTANCY = 0.8
"""Of the stories that contain a line, at least this share must have it at the edge."""

MIDDLE_SHARE = 0.25
"""Minimum share of the source's stories that have a long line between paragraphs of the main content.

A running story rarely reaches this share. On the same articles, 0.1 would remove a tenth more lines, all of them
boilerplate, too.
"""

TITLE_SHARE = 0.5
"""A title that was taken from the text is the site's name if at least this share of the source's stories have it."""

LONG_CHARS = 40
"""Minimum characters of a long line. Longer lines are not subheadings."""

LONG, TITLE = 1, 2
"""Flags in the two lowest bits of a line's key: the line is long, the line is a title."""

NO_KEYS = np.array([], dtype=np.uint64)


def keys_of(article: Article, *, own_title: bool) -> NDArray[np.uint64]:
    """Return a key for each paragraph of the body, and one for the title if it was taken from the text (`own_title`).

    A key has 62 bits of a hash of source and text, and two bits for the kind of line.
    """
    source = source_of(article)
    keys = [_key(source, text) & ~3 | (LONG if len(text) >= LONG_CHARS else 0) for text in _paragraphs(article)]
    if own_title and article.title:
        keys.append(_key(source, article.title) & ~3 | TITLE)
    return np.array(keys, dtype=np.uint64)


def is_boilerplate(
    lines: NDArray[np.uint64],
    stories: NDArray[np.integer],
    at_edge: NDArray[np.integer],
    of_site: ArrayLike,
    scale: float = 1.0,
) -> NDArray[np.bool]:
    """Return for each line whether it is boilerplate by the rules.

    Args:
        lines: The keys of the lines.
        stories: The number of stories with each line, in the archive or in a sample.
        at_edge: The number of these stories that have the line at the edge.
        of_site: The number of all stories of the line's site.
        scale: The number of articles with the line, divided by the articles of the sample.
    """
    all_of_site = np.asarray(of_site)
    edge = (scale * at_edge >= _min_stories(EDGE_SHARE, all_of_site)) & (at_edge >= EDGE_CONSTANCY * stories)
    middle = has_kind(LONG, lines) & (scale * stories >= _min_stories(MIDDLE_SHARE, all_of_site))
    is_name = scale * stories >= _min_stories(TITLE_SHARE, all_of_site)
    return np.where(has_kind(TITLE, lines), is_name, edge | middle)


def has_kind(kind: int, keys: NDArray[np.uint64]) -> NDArray[np.bool]:
    """Return for each key whether it has the bit `LONG` or `TITLE`."""
    bits: NDArray[np.uint64] = keys & np.uint64(kind)
    return bits > 0


def _min_stories(share: float, stories: NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the minimum stories that have a line: a share of all stories of its site, at least `MIN_STORIES`."""
    least: NDArray[np.float64] = np.maximum(share * stories, MIN_STORIES)
    return least


def source_of(article: Article) -> str:
    """Return the site of an article: its host, else its source. Articles without either share one site."""
    return host_of(article.url) or article.source or ""


def remove(article: Article, keys: NDArray[np.uint64], boilerplate: AbstractSet[int]) -> Article:
    """Return an article without boilerplate: long lines are removed anywhere, short lines only at the edges.

    The article has all of its lines, and `keys` are their keys. Tags and tokens stay as they are. `restored` puts the
    lines back. An article of boilerplate only is returned unchanged.
    """
    lines = list(zip(_paragraphs(article), keys.tolist(), strict=False))
    top = sum(1 for _ in takewhile(lambda line: line[1] in boilerplate, lines))
    bottom = sum(1 for _ in takewhile(lambda line: line[1] in boilerplate, reversed(lines[top:])))
    removed: list[tuple[int, str]] = []
    kept: list[str] = []
    for place, (text, key) in enumerate(lines):
        inside = top <= place < len(lines) - bottom
        if inside and not (key & LONG and key in boilerplate):
            kept.append(text)
        else:
            removed.append((place, text))
    title = article.title
    if len(keys) > len(lines) and int(keys[-1]) in boilerplate:
        removed.insert(0, (TITLE_PLACE, title))
        title = ""
    if not removed or not kept:
        return article
    return replace(article, title=title, body=SEPARATOR.join(kept), removed=tuple(removed))


def restored(article: Article) -> Article:
    """Return an article with its removed lines put back. If there are any, it has no tags and no tokens."""
    if not article.removed:
        return article
    removed = dict(article.removed)
    title = removed.pop(TITLE_PLACE, article.title)
    kept = _paragraphs(article)
    rest = iter(kept)
    whole = [removed[place] if place in removed else next(rest) for place in range(len(removed) + len(kept))]
    bare = replace(article, countries=(), persons=(), found=(), tokens=None, removed=())
    return replace(bare, title=title, body=SEPARATOR.join(whole))


def shown_keys(article: Article, keys: Sequence[int]) -> set[int]:
    """Return the keys of the lines that an article still has. `keys` are the keys of all its lines before any went."""
    gone = {place % len(keys) for place, _ in article.removed}  # the title is the last line
    return {key for place, key in enumerate(keys) if place not in gone}


def _paragraphs(article: Article) -> list[str]:
    return article.body.split(SEPARATOR)


def _key(source: str, text: str) -> int:
    """Return a 64-bit hash of a source and one of its lines."""
    content = f"{source}\n{text}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little")
