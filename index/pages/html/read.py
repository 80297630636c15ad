"""Read an HTML page: choose the blocks of its main content, and read its metadata."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import lxml.etree

from index.pages.html.blocks import Blocks, read_blocks
from index.pages.html.content import choose
from index.pages.html.metadata import read_markup
from index.pages.lines.line import count_words
from index.pages.page import Markup, Page, Verdict
from index.pages.text.head import is_same
from index.pages.text.read import read_page

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lxml.etree import _Element as Element

COMMENT_START, COMMENT_END = "<!--", "-->"
SCRIPT = re.compile(r"<script\b(?![^>]{0,300}ld\+json)[^>]*>.*?</script\s*>", re.IGNORECASE | re.DOTALL)
"""Scripts without data. If a script opens a comment and does not close it, the rest of the page would be hidden."""

STYLE = re.compile(r"<style\b.*?</style\s*>", re.IGNORECASE | re.DOTALL)
TAG = re.compile(r"<(?!/?(?:html|head|title|meta|body|h1|p)\b)[a-z/][^<>]{0,5000}>", re.IGNORECASE)
"""The tags that become line breaks if a page nests elements deeper than the parser's limit of 2,047."""

UNDATED = frozenset({
    "menu", "footer", "form", "button", "other stories", "comments", "list of links", "tags", "testimonials", "rating",
    "caption", "notice", "share bar",
})  # fmt: skip
"""Lines above or below the main content that were cut for these reasons are not searched for a date or an author."""

CELL_WORDS = 30
"""The cells of a table row become one line if none has more than 30 words; longer cells are paragraphs."""

CELL_GAP = " – "
"""Separates the cells of a row. Rows of links do not use it, so cleaning the text again keeps the table."""

LEAST_WORDS = 40
"""If the blocks yield fewer words, two fallbacks are tried, and the longest text is taken.

The fallbacks are the article body in the JSON-LD and the main content of the page as plain text.
"""


def read_html(html: str, title: str | None = None) -> tuple[Page, Markup]:
    """Return the main content of a page and its metadata. `title` is the title if the input gives one."""
    tree = _parse(html)
    if tree is None:
        return Page(title or "", ()), Markup()
    markup = read_markup(tree)
    headline = title or markup.title or ""
    blocks = read_blocks(tree)
    page = _page(blocks, choose(blocks, headline), headline)
    if sum(map(count_words, page.paragraphs)) < LEAST_WORDS:
        page = _fallback(blocks, markup, page)
    return page, markup


def _parse(html: str) -> Element | None:
    if html.rfind(COMMENT_START) > html.rfind(COMMENT_END):
        html = SCRIPT.sub("", html)
    tree, whole = _tree(html)
    if not whole:
        tree, _ = _tree(TAG.sub("<br>", STYLE.sub("", SCRIPT.sub("", html))))
    for late_tree in list(tree.itersiblings("html")) if tree is not None else ():
        tree.append(late_tree)  # content after an early `</html>`
    return tree


def _tree(html: str) -> tuple[Any, bool]:
    """Return the tree of the page, or None if it is empty, and whether the whole page was parsed."""
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
    """Yield the kept blocks; short cells of one table row are joined."""
    cells: list[str] = []
    row = -1
    for index in kept:
        block = blocks.blocks[index]
        row_of_block = blocks.holders[block.holder].row if block.holder >= 0 else -1
        if row_of_block != row:
            yield from _row(cells)
            cells, row = [], row_of_block
        if row_of_block < 0:
            yield block.text
        else:
            cells.append(block.text)
    yield from _row(cells)


def _row(cells: Sequence[str]) -> Sequence[str]:
    if len(cells) < 2 or any(count_words(cell) > CELL_WORDS for cell in cells):
        return cells
    return [CELL_GAP.join(cells)]


def _fallback(blocks: Blocks, markup: Markup, page: Page) -> Page:
    """Return the longest of three texts: the blocks found, the article body in the metadata, the page as plain text."""
    from_text = read_page("\n".join(block.text for block in blocks.blocks), page.title or None, is_page=True)
    from_json = read_page(markup.body, page.title or None) if markup.body else page
    return max(page, from_json, from_text, key=lambda one: sum(map(len, one.paragraphs)))
