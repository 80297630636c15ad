"""Reads an HTML page: which of its blocks are the story, and what its markup says about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import lxml.etree

from index.pages.html.blocks import Blocks, read_blocks
from index.pages.html.metadata import read_markup
from index.pages.html.story import choose
from index.pages.lines.line import count_words
from index.pages.page import Markup, Page, Verdict
from index.pages.text.head import is_same
from index.pages.text.read import read_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.etree import _Element as Element

COMMENT_START, COMMENT_END = "<!--", "-->"
SCRIPT = re.compile(r"<script\b(?![^>]{0,300}ld\+json)[^>]*>.*?</script\s*>", re.IGNORECASE | re.DOTALL)
"""Scripts that hold no data. A comment begun in one and never ended would hide the rest of the page."""

STYLE = re.compile(r"<style\b.*?</style\s*>", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<(?!/?(?:html|head|title|meta|body|h1|p)\b)[a-z/][^<>]{0,5000}>", re.IGNORECASE)
"""Where elements are nested deeper than the parser goes, 2,047 of them, tags are ends of lines and no more."""

UNDATED = frozenset({
    "menu", "footer", "form", "button", "other stories", "comments", "list of links", "tags", "testimonials", "rating",
    "caption", "notice", "share bar",
})  # fmt: skip
"""Reasons for which a line above or below the story says nothing about it, neither its date nor its author."""

CELL_WORDS = 30
"""The cells of a row of a table are put in one line if none has more words; longer ones are paragraphs."""

CELL_GAP = " – "
"""No sign that rows of links are known by, so that a table which is cleaned again, as text, stays."""

LEAST_WORDS = 40
"""Where the blocks tell less than so many words, the story that the JSON-LD holds is taken, or that of the plain text,
if it is longer."""


def read_html(html: str, title: str | None = None) -> tuple[Page, Markup]:
    """Return the story of a page and what its markup says. `title` is the title where it is known from elsewhere."""
    tree = _parse(html)
    if tree is None:
        return Page(title or "", ()), Markup()
    markup = read_markup(tree)
    headline = title or markup.title or ""
    blocks = read_blocks(tree)
    page = _page(blocks, choose(blocks, headline), headline)
    if sum(map(count_words, page.paragraphs)) < LEAST_WORDS:
        page = _otherwise(blocks, markup, page)
    return page, markup


def _parse(html: str) -> Element | None:
    if html.rfind(COMMENT_START) > html.rfind(COMMENT_END):
        html = SCRIPT.sub("", html)
    tree, whole = _tree(html)
    if not whole:
        tree, _ = _tree(TAG.sub("<br>", STYLE.sub("", SCRIPT.sub("", html))))
    for rest in list(tree.itersiblings("html")) if tree is not None else ():
        tree.append(rest)  # what stands behind a first, early `</html>`
    return tree


def _tree(html: str) -> tuple[Any, bool]:
    """Return the page's tree, or None if there is nothing in it, and whether it was read to its end."""
    parser = lxml.etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        tree = lxml.etree.fromstring(html.encode("utf-8", "replace"), parser)
    except (lxml.etree.XMLSyntaxError, ValueError):
        return None, True
    last = parser.error_log.last_error
    return tree, last is None or last.level != lxml.etree.ErrorLevels.FATAL


def _page(blocks: Blocks, reasons: Sequence[str], headline: str) -> Page:
    kept = [index for index, reason in enumerate(reasons) if not reason]
    first, last = (kept[0], kept[-1] + 1) if kept else (len(reasons), len(reasons))
    title = headline or next((block.text for block in blocks.blocks[:first] if block.tag == "h1"), "")
    texts = [block.text for block in blocks.blocks]
    return Page(
        title=title,
        paragraphs=tuple(text for text in _paragraphs(blocks, kept) if not is_same(text, title)),
        head=tuple(texts[index] for index in range(first) if reasons[index] not in UNDATED),
        tail=tuple(texts[index] for index in range(last, len(texts)) if reasons[index] not in UNDATED),
        verdicts=tuple(map(Verdict, texts, reasons)),
    )


def _paragraphs(blocks: Blocks, kept: Sequence[int]) -> Iterator[str]:
    """Yield the blocks that are kept, those of a row of short cells as one."""
    cells: list[str] = []
    row = -1
    for index in kept:
        block = blocks.blocks[index]
        own = blocks.holders[block.holder].row if block.holder >= 0 else -1
        if own != row:
            yield from _row(cells)
            cells, row = [], own
        if own < 0:
            yield block.text
        else:
            cells.append(block.text)
    yield from _row(cells)


def _row(cells: Sequence[str]) -> Sequence[str]:
    if len(cells) < 2 or any(count_words(cell) > CELL_WORDS for cell in cells):
        return cells
    return [CELL_GAP.join(cells)]


def _otherwise(blocks: Blocks, markup: Markup, page: Page) -> Page:
    """Return the longest of the story found, the one that the markup holds and the one of the text without markup."""
    around = read_page("\n".join(block.text for block in blocks.blocks), page.title or None, is_page=True)
    told = read_page(markup.body, page.title or None) if markup.body else page
    return max(page, told, around, key=lambda found: sum(map(len, found.paragraphs)))
