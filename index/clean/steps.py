"""Clean raw articles: an ordered list of pure steps from the raw article to the indexed article.

Each step takes a draft and returns the next one, or the reason why the article is rejected. Cleaning the title and body
of a cleaned article again should change nothing, as far as possible.
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
"""Digits, punctuation and signs. The rest is letters, and the combining marks that some scripts need."""

NO_LETTER_BYTES = bytes(byte for byte in range(128) if not chr(byte).isalpha())
LETTER_SHARE = 0.25
"""Minimum share of letters among the printed characters of an article. Texts with fewer are numbers or noise."""

TAG = re.compile(r"</(?:p|div|span|a|b|i|em|strong|li|h\d|body|html)\s*>|<(?:p|br)\s*/?>", re.IGNORECASE)
TAG_CHARS = 2000
PAGE_CHARS = 20_000
MIN_TAGS = 3
"""A text with at least 3 tags in its first 2,000 characters is HTML.

If the text begins with a tag, its first 20,000 characters are searched instead. Articles about HTML quote fewer tags,
and comments by readers come later.
"""

USUAL_WORD, LONGEST_WORD = 12, 100
"""Usual and maximum characters of a word, to bound how much text is read for the word count.

If the text within the first bound has too few words, the text within the second is counted.
"""

FLASH_WORDS = 2
"""Minimum words of a flash, which is a headline without a text."""

CAPTION_WORDS = 8
"""Minimum words of a caption. Shorter lines above the main content are menus, dates or bylines."""

MAX_NAME_CHARS = 200
MAX_AUTHORS_CHARS = 400
MAX_TITLE_CHARS = 500
"""Maximum characters of a source, of authors and of a title. The rest is cut off."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected article. `reason` is a short fixed phrase that is counted, and `detail` explains it."""

    id: str
    reason: str
    origin: str
    detail: str = ""


class ArticleDraft(NamedTuple):
    """An article between two cleaning steps."""

    raw: RawArticle
    page: Page = Page("", ())
    markup: Markup = Markup()
    language: str | None = None
    dating: Dating = Dating()
    facts: Facts = Facts()
    title_from: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why a step rejects an article."""

    reason: str
    detail: str = ""


def clean(raw: RawArticle, settings: Settings) -> Article | Rejected:
    """Return the cleaned article, or the reason why it is rejected. Never raises an error, whatever `raw` contains."""
    draft, refusal = run_steps(raw, settings)
    return Rejected(raw.id, refusal.reason, raw.origin, refusal.detail) if refusal else _article_from(draft)


def run_steps(raw: RawArticle, settings: Settings) -> tuple[ArticleDraft, Refusal | None]:
    """Return the draft after the last step that ran, and the refusal if that step rejected it."""
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
    """Tell whether an input is a flash: a headline in a field, without a text.

    Agencies send these ahead of a report.
    """
    return raw.html is None and not (raw.text or "").strip() and count_words(raw.title or "") >= FLASH_WORDS


def _detect_html(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    """Treat a text with many tags as HTML."""
    raw = draft.raw
    text = raw.text or ""
    if raw.html is not None or "<" not in text:
        return draft
    chars = PAGE_CHARS if text.lstrip().startswith("<") else TAG_CHARS
    return (
        draft if len(TAG.findall(text, 0, chars)) < MIN_TAGS else draft._replace(raw=replace(raw, text=None, html=text))
    )


def _repair_fields(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    """Repair the fields of the input, and its text if it is plain."""
    raw = draft.raw
    text = repair(raw.text) if raw.text else raw.text
    source = repair_line(raw.source, MAX_NAME_CHARS) or None
    author = repair_line(raw.author, MAX_AUTHORS_CHARS) or None
    title = without_site(repair_line(raw.title, MAX_TITLE_CHARS), source, raw.url) or None
    place = "field" if title else ""
    if (text, title, source, author) != (raw.text, raw.title, raw.source, raw.author):
        raw = replace(raw, text=text, title=title, source=source, author=author)
    return draft._replace(raw=raw, title_from=place)


def _find_content(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    raw = draft.raw
    if raw.html is not None:
        page, markup = read_html(raw.html, raw.title)
        return draft._replace(page=page, markup=markup, title_from=draft.title_from or markup.title_from)
    title_in_url = None if raw.title else line_in_url(raw.url, raw.text or "")
    page = read_page(
        raw.text or "", raw.title or (without_site(title_in_url, raw.source, raw.url) if title_in_url else None)
    )
    return draft._replace(page=page, title_from=draft.title_from or ("address" if title_in_url else ""))


def _repair_content(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    """Repair the main content of an HTML page, after its entities were decoded. Finish the title of any page."""
    page, raw, markup = draft.page, draft.raw, draft.markup
    if raw.html is not None:
        page = _repair_page(page)
    title = repair_line(page.title, MAX_TITLE_CHARS)
    if not raw.title:
        title = without_site(title, raw.source or markup.source, raw.url or markup.url)
    page = page if title == page.title else replace(page, title=title)
    return draft._replace(page=page, title_from=draft.title_from or ("text" if title else ""))


def _repair_page(page: Page) -> Page:
    """Return the page with repaired lines. Most pages need no repair, so all lines are checked at once first."""
    lines = (*page.paragraphs, *page.head, *page.tail)
    whole = "\n".join(lines)
    repaired = repair(whole)
    if repaired == whole:
        return page
    repaired_lines = repaired.split("\n")
    if len(repaired_lines) != len(lines):
        repaired_lines = [repair(line) for line in lines]
    repaired_lines = [" ".join(line.split()) for line in repaired_lines]
    first, last = len(page.paragraphs), len(page.paragraphs) + len(page.head)
    parts = repaired_lines[:first], repaired_lines[first:last], repaired_lines[last:]
    paragraphs, head, tail = (tuple(filter(None, part)) for part in parts)
    return replace(page, paragraphs=paragraphs, head=head, tail=tail)


def _first_chars(page: Page, chars: int, gap: str = " ") -> str:
    """Return the first `chars` characters of the main content. The rest is not joined, which saves time."""
    parts, size = [], 0
    for paragraph in page.paragraphs:
        if size >= chars:
            break
        parts.append(paragraph[:chars])
        size += len(paragraph) + len(gap)
    return gap.join(parts)[:chars]


def _refuse_short(draft: ArticleDraft, settings: Settings) -> ArticleDraft | Refusal:
    if _is_flash(draft.raw):
        return draft
    if not any(draft.page.paragraphs):
        return Refusal("no story", "the page has only menus and other boilerplate")
    least = settings.min_article_words
    if count_words(_first_chars(draft.page, least * USUAL_WORD)) >= least:
        return draft
    words = count_words(_first_chars(draft.page, least * LONGEST_WORD))
    return draft if words >= least else Refusal("too short", f"{words} words")


def _refuse_garbage(draft: ArticleDraft, _: Settings) -> ArticleDraft | Refusal:
    """Reject a text with too few letters in its first 1,000 characters."""
    text = draft.page.title if _is_flash(draft.raw) else _first_chars(draft.page, 1000, "")
    sample = "".join(text.split())
    least = LETTER_SHARE * len(sample)
    if len(sample.encode("ascii", "ignore").translate(None, NO_LETTER_BYTES)) >= least:
        return draft
    return draft if len(NO_LETTER.sub("", sample)) >= least else Refusal("not text", "mostly signs and digits")


def _set_language(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    declared = normal(draft.raw.language)
    lead = " ".join(text[:LEAD_CHARS] for text in draft.page.paragraphs[:4])
    return draft._replace(language=declared or language_of(lead, draft.markup.language))


def _set_facts(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    return draft._replace(facts=find_facts(draft.raw, draft.page, draft.markup))


def _set_date(draft: ArticleDraft, _: Settings) -> ArticleDraft:
    return draft._replace(dating=date_page(draft.raw, draft.page, draft.markup, draft.language))


STEPS: tuple[Callable[[ArticleDraft, Settings], ArticleDraft | Refusal], ...] = (
    _refuse_faulty,
    _refuse_empty,
    _detect_html,
    _repair_fields,
    _find_content,
    _repair_content,
    _refuse_short,
    _refuse_garbage,
    _set_language,
    _set_facts,
    _set_date,
)
"""The steps of cleaning, in order."""


def _article_from(draft: ArticleDraft) -> Article:
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
