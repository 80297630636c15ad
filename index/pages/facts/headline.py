"""Headlines: without the name of their site, and found in a plain text by the address of the page.

Addresses of news pages mostly repeat the headline (`/2024/05/second-ferry-to-sail`), which no menu or teaser does.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from index.sources.ids import host_of

if TYPE_CHECKING:
    from collections.abc import Sequence

PARTS = re.compile(r"\s+[|–—·•»«~-]+\s+|\s*(?:\||::|»)\s*")
"""What stands between a headline and the name of its site or section."""

MEDIA = frozenset({
    "blog", "bulletin", "chronicle", "courier", "daily", "dispatch", "gazette", "guardian", "herald", "inquirer",
    "journal", "magazine", "mail", "media", "mirror", "news", "newspaper", "observer", "online", "post", "press",
    "radio", "record", "register", "report", "review", "star", "telegraph", "times", "today", "tribune", "tv", "weekly",
    "wire", "zeitung", "nachrichten", "tagblatt", "noticias", "notícias", "diario", "diário",
    "giornale",
    "krant", "gazeta", "haber", "haberleri", "новости", "газета", "新闻", "新闻网", "日报", "ニュース", "新聞",
    "뉴스", "일보", "أخبار",
})  # fmt: skip
"""Words of the names of sites."""

MAX_SITE_WORDS = 5
LONGEST_TITLE = 1000
WORD = re.compile(r"\w+")
SLUG_WORD = re.compile(r"[a-z]+|\d+")
ACCENTS = re.compile("[\u0300-\u036f]")
APOSTROPHE = re.compile("['’]")
"""Addresses have `dont` or `don-t`, `l-ete` or `lete`."""

ENDING = re.compile(r"\.\w{2,5}\Z")
LEAST_WORDS = 3
"""An address with fewer words names a section or a number."""

RAREST = 2
CANDIDATES = 60
"""So many lines that have one of the rarest words of the address, the longest, are compared with it. A word with an
accent does not find its line, as addresses have none; mostly the other does."""

LONGEST_HEADLINE = 250
LONGEST_PATH = 400
SMALL_WORD = 3
"""Words of a line of at most so many letters may be missing in the address: `the`, `of`, `und`."""

LEAST_LIKENESS = 0.7
"""Share of common words among all words of a line and an address. With 0.7 the titles of 300 pages in plain text are
right on 66 of 100, without addresses on 56; with 0.6 or 0.8 on about as many."""


def without_site(title: str, source: str | None = None, url: str | None = None, *, signed: bool = False) -> str:
    """Return a headline without the site's name before or behind it: `… - BBC News`, `… | Reuters`.

    The site is known by `source` or by the host of `url`, or shows itself by its words or by a bar before it. A title
    that is `signed`, as the title element of a page, ends with the site's name if that is short.
    """
    parts = [match.span() for match in PARTS.finditer(title)] if len(title) <= LONGEST_TITLE else []
    if not parts:
        return title
    first, last = title[: parts[0][0]], title[parts[-1][1] :]
    barred = signed or "|" in title[slice(*parts[-1])]
    if _is_site(last, source, url, barred=barred) and (not signed or len(last.split()) <= len(first.split())):
        return without_site(title[: parts[-1][0]].strip(), source, url)
    if _is_known_site(first, source, url):
        return title[parts[0][1] :].strip()
    return title


def named_by(url: str | None, text: str) -> str | None:
    """Return the line of `text` that the address of its page repeats, or None. Takes time linear in the text."""
    slug = _slug(url)
    if len(slug) < LEAST_WORDS:
        return None
    longest_first = sorted(slug, key=lambda word: (-len(word), word))
    best, best_likeness = "", 0.0
    for line in _lines_with(longest_first[:RAREST], text):
        plain = _plain(line)
        if not _has_most(plain, longest_first):
            continue
        words = frozenset(SLUG_WORD.findall(plain)) | frozenset(SLUG_WORD.findall(APOSTROPHE.sub("", plain)))
        common = len(slug & words)
        likeness = common / (len(slug) + sum(len(word) > SMALL_WORD for word in words - slug))
        if likeness >= LEAST_LIKENESS and likeness > best_likeness:
            best, best_likeness = line, likeness
    return " ".join(best.split()) or None


def _has_most(plain: str, words: Sequence[str]) -> bool:
    missing = 0
    for word in words:
        if word not in plain:
            missing += 1
            if len(words) - missing < LEAST_LIKENESS * len(words):
                return False
    return True


def _slug(url: str | None) -> frozenset[str]:
    """Return the words of the last part of an address, or of the one before it if that is a number or a short name."""
    if not host_of(url):
        return frozenset()
    path = unquote(urlsplit(url or "").path)[-LONGEST_PATH:]
    words: list[str] = []
    for part in reversed(path.rstrip("/").split("/")[-2:]):
        words = SLUG_WORD.findall(_plain(ENDING.sub("", part)))
        if sum(word.isalpha() for word in words) > 1:
            break
    return frozenset(word for word in words if not (word.isdigit() and len(word) > 4))


def _lines_with(words: Sequence[str], text: str) -> list[str]:
    """Return the lines, each once and in order, that have one of `words`, in small letters or not."""
    found: dict[int, str] = {}
    for form in (form for word in words for form in (word, word.capitalize(), word.upper())):
        at = text.find(form)
        while at >= 0 and len(found) < CANDIDATES:
            start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
            end = end if end >= 0 else len(text)
            if end - start <= LONGEST_HEADLINE:
                found[start] = text[start:end]
            at = text.find(form, end)
    return [found[start] for start in sorted(found)]


def _plain(text: str) -> str:
    lower = text.lower()
    return lower if lower.isascii() else ACCENTS.sub("", unicodedata.normalize("NFKD", lower))


def _is_site(name: str, source: str | None, url: str | None, *, barred: bool) -> bool:
    if _is_known_site(name, source, url):
        return True
    words = WORD.findall(name.casefold())
    capital = name[:1].isupper() or not name[:1].isalpha() or name[:1].upper() == name[:1].lower()
    if not 0 < len(words) <= MAX_SITE_WORDS or not capital:
        return False
    return words[-1] in MEDIA or words[0] in MEDIA or (barred and len(words) <= MAX_SITE_WORDS - 1)


def _is_known_site(name: str, source: str | None, url: str | None) -> bool:
    """Tell whether `name` is the source, or what the host is called: `BBC News` on `bbc.co.uk`."""
    words = WORD.findall(_plain(name))
    bare = "".join(words)
    if len(bare) < SMALL_WORD:
        return False
    host = host_of(url) or ""
    is_source = source is not None and bare == "".join(WORD.findall(_plain(source)))
    return is_source or bare in "".join(WORD.findall(host)) or words[0] == host.split(".")[0]
