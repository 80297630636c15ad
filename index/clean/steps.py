"""Cleans raw articles: an ordered list of pure steps from what was found to what is indexed.

Each step takes a draft and returns the next one, or the reason why the article is refused. An article whose body and
title were cleaned before comes out as it went in, as far as that can be.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from index.clean.language import LEAD_CHARS, language_of, normal
from index.clean.repair import repair, repair_line
from index.pages.dating.choose import Dating, date_page
from index.pages.facts.choose import Facts, find_facts
from index.pages.facts.headline import line_in_url, without_site
from index.pages.html.read import read_html
from index.pages.lines.line import count_words
from index.pages.page import Markup, Page
from index.pages.text.read import read_page
from index.sources.ids import host_of
from search.model import SEPARATOR, Article

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.sources.raw import RawArticle
    from search.settings import Settings

NO_LETTER = re.compile(
    "[\x00-@\\[-`{-\xbf\u2000-\u2bff\u3000-\u3004\u3008-\u3020\ud800-\uf8ff\ufe00-\ufe4f\ufff0-\uffff"
    "\U0001f000-\U0001ffff]+"
)
"""Digits, punctuation and signs. What is left is letters, and the marks without which some scripts cannot be read."""

NO_LETTER_BYTES = bytes(byte for byte in range(128) if not chr(byte).isalpha())
LETTER_SHARE = 0.25
"""Below this share of letters among what is printed a text is numbers or noise, not a story."""

TAG = re.compile(r"</(?:p|div|span|a|b|i|em|strong|li|h\d|body|html)\s*>|<(?:p|br)\s*/?>", re.IGNORECASE)
TAG_CHARS = 2000
PAGE_CHARS = 20_000
MIN_TAGS = 3
"""So many tags in the first `TAG_CHARS` make a text HTML, in the first `PAGE_CHARS` if it begins with one. Stories
about HTML show fewer, and what readers write comes late."""

USUAL_WORD, LONGEST_WORD = 12, 100
"""Characters: in most stories so many words as are asked for stand in so many characters for each, in all in so many
if anywhere."""

FLASH_WORDS = 2
"""A headline of fewer words says nothing without its story."""

CAPTION_WORDS = 8
"""A line above the story with fewer words is a menu, a date or a byline; one with as many says who did what."""

MAX_NAME_CHARS = 200
MAX_AUTHORS_CHARS = 400
MAX_TITLE_CHARS = 500


@dataclass(frozen=True, slots=True)
class Rejected:
    """An article that is refused. `reason` is a short fixed phrase that is counted; `detail` is for the reader."""

    id: str
    reason: str
    origin: str
    detail: str = ""


class ArticleDraft(NamedTuple):
    """An article on its way through the steps."""

    raw: RawArticle
    page: Page = Page("", ())
    markup: Markup = Markup()
    language: str | None = None
    dating: Dating = Dating()
    facts: Facts = Facts()
    title_from: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step refuses an article."""

    reason: str
    detail: str = ""


def clean(raw: RawArticle, settings: Settings) -> Article | Rejected:
    """Return the article in `raw`, or why it is refused. Raises nothing, whatever `raw` holds."""
    draft, refusal = go_through(raw, settings)
    return Rejected(raw.id, refusal.reason, raw.origin, refusal.detail) if refusal else _article(draft)


def go_through(raw: RawArticle, settings: Settings) -> tuple[ArticleDraft, Refusal | None]:
    """Return `raw` as the steps leave it, and the refusal of the one that stopped it, if one did."""
    draft = ArticleDraft(raw)
    for step in STEPS:
        result = step(draft, settings)
        if isinstance(result, Refusal):
            return draft, result
        draft = result
    return draft, None


def _refuse_faulty(draft: ArticleDraft, _: Settings) -> ArticleDraft | Refusal:
    return Refusal(draft.raw.fault, draft.raw.fault_detail) if draft.raw.fault else draft


def _refuse_empty(draft: ArticleDraft, _: Settings) -> ArticleDraft | Refusal:
    raw = draft.raw
    return draft if (raw.html or raw.text or "").strip() or _is_flash(raw) else Refusal("empty")


def _is_flash(raw: RawArticle) -> bool:
    """Tell whether an input is a headline without a story, as agencies send ahead of it: a field gives it, no page."""
    return raw.html is None and not (raw.text or "").strip() and count_words(raw.title or "") >= FLASH_WORDS


def _see_markup(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    """Take a text that is full of tags for HTML."""
    raw = draft.raw
    text = raw.text or ""
    if raw.html is not None or "<" not in text:
        return draft
    seen = PAGE_CHARS if text.lstrip().startswith("<") else TAG_CHARS
    return (
        draft if len(TAG.findall(text, 0, seen)) < MIN_TAGS else draft._replace(raw=replace(raw, text=None, html=text))
    )


def _repair_fields(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    raw = draft.raw
    text = repair(raw.text) if raw.text else raw.text
    source = repair_line(raw.source, MAX_NAME_CHARS) or None
    author = repair_line(raw.author, MAX_AUTHORS_CHARS) or None
    title = without_site(repair_line(raw.title, MAX_TITLE_CHARS), source, raw.url) or None
    place = "field" if title else ""
    return draft._replace(raw=replace(raw, text=text, title=title, source=source, author=author), title_from=place)


def _find_story(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    raw = draft.raw
    if raw.html is not None:
        page, markup = read_html(raw.html, raw.title)
        return draft._replace(page=page, markup=markup, title_from=draft.title_from or markup.title_from)
    named = None if raw.title else line_in_url(raw.url, raw.text or "")
    page = read_page(raw.text or "", raw.title or (without_site(named, raw.source, raw.url) if named else None))
    return draft._replace(page=page, title_from=draft.title_from or ("address" if named else ""))


def _repair_story(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    """Repair what was found in HTML, where entities and the like show only now; name the title, wherever it is from."""
    page, raw, markup = draft.page, draft.raw, draft.markup
    if raw.html is not None:
        page = _repaired(page)
    title = repair_line(page.title, MAX_TITLE_CHARS)
    if not raw.title:
        title = without_site(title, raw.source or markup.source, raw.url or markup.url)
    return draft._replace(page=replace(page, title=title), title_from=draft.title_from or ("text" if title else ""))


def _repaired(page: Page) -> Page:
    """Return the page with its lines repaired. Most pages are sound, which one look at all lines shows."""
    lines = (*page.paragraphs, *page.head, *page.tail)
    whole = "\n".join(lines)
    repaired = repair(whole)
    if repaired == whole:
        return page
    mended = repaired.split("\n")
    if len(mended) != len(lines):
        mended = [repair(line) for line in lines]
    mended = [" ".join(line.split()) for line in mended]
    first, last = len(page.paragraphs), len(page.paragraphs) + len(page.head)
    parts = mended[:first], mended[first:last], mended[last:]
    paragraphs, head, tail = (tuple(filter(None, part)) for part in parts)
    return replace(page, paragraphs=paragraphs, head=head, tail=tail)


def _opening(page: Page, chars: int, gap: str = " ") -> str:
    """Return the first `chars` characters of a story, without putting together the rest."""
    parts, size = [], 0
    for paragraph in page.paragraphs:
        if size >= chars:
            break
        parts.append(paragraph[:chars])
        size += len(paragraph) + len(gap)
    return gap.join(parts)[:chars]


def _refuse_storyless(draft: ArticleDraft, settings: Settings) -> ArticleDraft | Refusal:
    if _is_flash(draft.raw):
        return draft
    if not any(draft.page.paragraphs):
        return Refusal("no story", "only menus and the like")
    least = settings.min_article_words
    if count_words(_opening(draft.page, least * USUAL_WORD)) >= least:
        return draft
    words = count_words(_opening(draft.page, least * LONGEST_WORD))
    return draft if words >= least else Refusal("too short", f"{words} words")


def _refuse_garbage(draft: ArticleDraft, _: Settings) -> ArticleDraft | Refusal:
    text = draft.page.title if _is_flash(draft.raw) else _opening(draft.page, 1000, "")
    sample = "".join(text.split())
    least = LETTER_SHARE * len(sample)
    if len(sample.encode("ascii", "ignore").translate(None, NO_LETTER_BYTES)) >= least:
        return draft
    return draft if len(NO_LETTER.sub("", sample)) >= least else Refusal("not text", "mostly signs and digits")


def _tell_language(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    own = normal(draft.raw.language)
    lead = " ".join(text[:LEAD_CHARS] for text in draft.page.paragraphs[:4])
    return draft._replace(language=own or language_of(lead, draft.markup.language))


def _tell_facts(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    return draft._replace(facts=find_facts(draft.raw, draft.page, draft.markup))


def _tell_date(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    return draft._replace(dating=date_page(draft.raw, draft.page, draft.markup, draft.language))


STEPS: tuple[Callable[[ArticleDraft, Settings], ArticleDraft | Refusal], ...] = (
    _refuse_faulty,
    _refuse_empty,
    _see_markup,
    _repair_fields,
    _find_story,
    _repair_story,
    _refuse_storyless,
    _refuse_garbage,
    _tell_language,
    _tell_facts,
    _tell_date,
)
"""What is done to an article, in this order."""


def _article(draft: ArticleDraft) -> Article:
    raw, page, facts = draft.raw, draft.page, draft.facts
    url = next((url for url in (raw.url, draft.markup.url) if url and host_of(url)), None)
    return Article(
        id=raw.id,
        title=page.title,
        body=SEPARATOR.join(page.paragraphs),
        url=url.strip() if url else None,
        published=draft.dating.published,
        published_from=draft.dating.place,
        source=facts.source.value,
        author=facts.author.value,
        language=draft.language,
        dateline=facts.dateline.value,
        warnings=draft.dating.warnings,
        captions=tuple(
            line
            for line in page.head
            if len(line) >= 2 * CAPTION_WORDS - 1 and line != page.title and len(line.split()) >= CAPTION_WORDS
        ),
    )
