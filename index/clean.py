"""Cleans raw articles: an ordered list of pure steps from what was found to what is indexed.

Each step takes a draft and returns the next one, or the reason why the article is refused. An article whose body and
title were cleaned before comes out as it went in, as far as that can be.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from index.decode import sound
from index.ids import host_of
from index.language import language_of, normal
from index.page import Page
from index.page_dates import Dating, date_page
from index.page_html import read_html
from index.page_lines import count_words
from index.page_markup import Markup
from index.page_text import read_page
from search.model import SEPARATOR, Article

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.raw import RawArticle
    from search.settings import Settings

INVISIBLE_CHARS = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u180e"
    "\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb"
)
"""Controls, soft hyphens, marks of width nought; the joiners that Persian and Hindi are written with stay."""

NEWLINE_CHARS = "\x0b\x0c\x85\u2028\u2029"
SPACE_CHARS = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
INVISIBLE = re.compile(f"[{INVISIBLE_CHARS}]+")
NEWLINES = re.compile(f"\r\n?|[{NEWLINE_CHARS}]")
SPACES = re.compile(f"[{SPACE_CHARS}]")
ODD = re.compile(f"[{INVISIBLE_CHARS}{NEWLINE_CHARS}{SPACE_CHARS}\r]")
ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)
NO_LETTER = re.compile(
    "[\x00-@\\[-`{-\xbf\u2000-\u2bff\u3000-\u3004\u3008-\u3020\ud800-\uf8ff\ufe00-\ufe4f\ufff0-\uffff"
    "\U0001f000-\U0001ffff]+"
)
"""Digits, punctuation and signs. What is left is letters, and the marks without which some scripts cannot be read."""

LETTER_SHARE = 0.25
"""Below this share of letters among what is printed a text is numbers or noise, not a story."""

TAG = re.compile(r"</(?:p|div|span|a|b|i|em|strong|li|h\d|body|html)\s*>|<(?:p|br)\s*/?>", re.IGNORECASE)
TAG_CHARS = 20_000
MIN_TAGS = 3
"""So many tags in the first `TAG_CHARS` make a text HTML: a story about HTML shows fewer."""

LONGEST_WORD = 100
CAPTION_WORDS = 8
"""A line above the story with fewer words is a menu, a date or a byline; one with as many says who did what."""

MAX_NAME_CHARS = 200
MAX_TITLE_CHARS = 500


@dataclass(frozen=True, slots=True)
class Rejected:
    """An article that is refused. `reason` is a short fixed phrase that is counted; `detail` is for the reader."""

    id: str
    reason: str
    origin: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An article on its way through the steps."""

    raw: RawArticle
    page: Page = field(default_factory=lambda: Page("", ()))
    markup: Markup = field(default_factory=Markup)
    language: str | None = None
    dating: Dating = field(default_factory=Dating)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step refuses an article."""

    reason: str
    detail: str = ""


def clean(raw: RawArticle, settings: Settings) -> Article | Rejected:
    """Return the article in `raw`, or why it is refused. Raises nothing, whatever `raw` holds."""
    draft = Draft(raw)
    for step in STEPS:
        result = step(draft, settings)
        if isinstance(result, Refusal):
            return Rejected(raw.id, result.reason, raw.origin, result.detail)
        draft = result
    return _article(draft)


def repair(text: str) -> str:
    """Return `text` without entities, invisible characters and odd blanks; one newline ends a line."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", sound(text))
    if "&" in text:
        text = ENTITY.sub(_unescape, ENTITY.sub(_unescape, text))
    if ODD.search(text):
        text = SPACES.sub(" ", NEWLINES.sub("\n", INVISIBLE.sub("", text)))
    return text


def _unescape(match: re.Match[str]) -> str:
    return html.unescape(match.group())


def _refuse_faulty(draft: Draft, _: Settings) -> Draft | Refusal:
    return Refusal(draft.raw.fault, draft.raw.fault_detail) if draft.raw.fault else draft


def _refuse_empty(draft: Draft, _: Settings) -> Draft | Refusal:
    return draft if (draft.raw.html or draft.raw.text or "").strip() else Refusal("empty")


def _see_markup(draft: Draft, _: Settings) -> Draft:
    """Take a text that is full of tags for HTML."""
    raw = draft.raw
    if raw.html is not None or len(TAG.findall(raw.text or "", 0, TAG_CHARS)) < MIN_TAGS:
        return draft
    return replace(draft, raw=replace(raw, text=None, html=raw.text))


def _repair_fields(draft: Draft, _: Settings) -> Draft:
    raw = draft.raw
    short: dict[str, Any] = {
        name: " ".join(repair(value).split())[:limit] or None
        for name, limit in (("title", MAX_TITLE_CHARS), ("source", MAX_NAME_CHARS), ("author", MAX_NAME_CHARS))
        if (value := getattr(raw, name))
    }
    return replace(draft, raw=replace(raw, text=repair(raw.text) if raw.text else raw.text, **short))


def _find_story(draft: Draft, _: Settings) -> Draft:
    raw = draft.raw
    if raw.html is None:
        return replace(draft, page=read_page(raw.text or "", raw.title))
    page, markup = read_html(raw.html, raw.title)
    return replace(draft, page=page, markup=markup)


def _repair_story(draft: Draft, _: Settings) -> Draft:
    page = draft.page
    if draft.raw.html is None:
        return draft
    paragraphs = (" ".join(repair(text).split()) for text in page.paragraphs)
    title = " ".join(repair(page.title).split())[:MAX_TITLE_CHARS]
    return replace(draft, page=replace(page, title=title, paragraphs=tuple(text for text in paragraphs if text)))


def _refuse_storyless(draft: Draft, settings: Settings) -> Draft | Refusal:
    body = "".join(draft.page.paragraphs)
    if not body:
        return Refusal("no story", "only menus and the like")
    words = count_words(" ".join(draft.page.paragraphs)[: settings.min_article_words * LONGEST_WORD])
    if words < settings.min_article_words:
        return Refusal("too short", f"{words} words")
    return draft


def _refuse_garbage(draft: Draft, _: Settings) -> Draft | Refusal:
    sample = "".join("".join(draft.page.paragraphs)[:1000].split())
    letters = len(NO_LETTER.sub("", sample))
    return draft if letters >= LETTER_SHARE * len(sample) else Refusal("not text", "mostly signs and digits")


def _tell_language(draft: Draft, _: Settings) -> Draft:
    own = normal(draft.raw.language)
    return replace(draft, language=own or language_of(" ".join(draft.page.paragraphs[:4]), draft.markup.language))


def _tell_date(draft: Draft, _: Settings) -> Draft:
    return replace(draft, dating=date_page(draft.raw, draft.page, draft.markup, draft.language))


STEPS: tuple[Callable[[Draft, Settings], Draft | Refusal], ...] = (
    _refuse_faulty,
    _refuse_empty,
    _see_markup,
    _repair_fields,
    _find_story,
    _repair_story,
    _refuse_storyless,
    _refuse_garbage,
    _tell_language,
    _tell_date,
)
"""What is done to an article, in this order."""


def _article(draft: Draft) -> Article:
    raw, page, markup = draft.raw, draft.page, draft.markup
    url = next((url for url in (raw.url, markup.url) if url and host_of(url)), None)
    return Article(
        id=raw.id,
        title=page.title,
        body=SEPARATOR.join(page.paragraphs),
        url=url.strip() if url else None,
        published=draft.dating.published,
        published_from=draft.dating.place,
        source=raw.source or _name(markup.source) or page.source or host_of(url),
        author=raw.author or _name(markup.author) or page.author,
        language=draft.language,
        captions=tuple(line for line in page.head if line != page.title and len(line.split()) >= CAPTION_WORDS),
    )


def _name(text: str | None) -> str | None:
    return " ".join(repair(text).split())[:MAX_NAME_CHARS] or None if text else None
