"""Walk through an HTML page once: return its text in blocks, and the elements around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import lxml.etree

from index.pages.html.class_names import SCREEN_READER_NAMES, is_hidden, labels_of_names

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

UNREAD, INLINE, LINK, BREAK, BLOCK, OTHER = "unread", "inline", "link", "break", "block", "other"
TAGS = {
    BLOCK: "address article aside blockquote body button caption center dd details dialog div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr legend li main nav ol option p pre section summary "
    "table tbody td tfoot th thead title tr ul",
    INLINE: "abbr b big cite code del em font i img input ins kbd link mark meta picture q s small source strong sub "
    "sup time tt u wbr",
    LINK: "a",
    BREAK: "br",
    UNREAD: "audio canvas datalist head iframe map math noscript object script select style svg template textarea "
    "video",
}
"""The role of each tag in the text of a page.

- `BLOCK`: begins and ends a line. So does a custom element, whose name has a hyphen.
- `INLINE`: part of a line; its class names are ignored.
- `LINK`, `BREAK`: a link and a line break.
- `UNREAD`: its content is not displayed or is no text.

Any other element is part of a line, too, but it may be hidden.
"""

TAG_ROLES = {tag: role for role, tags in TAGS.items() for tag in tags.split()}
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
LISTED = frozenset({"li", "td", "th", "dd", "dt", "pre", "summary"})
TOGGLES = ("#", "javascript:")
"""Beginnings of `href` in links that open or close a part of the page. In a list such links are a table of contents."""


@dataclass(slots=True)
class Block:
    """A line of a page.

    `linked` counts its characters inside links. `tag` is the heading, list item or cell around the line, or else the
    element that ends it. `holder` is the index of the element around it, -1 if there is none.
    """

    text: str
    linked: int
    tag: str
    holder: int


@dataclass(slots=True)
class Holder:
    """An element with the blocks `first` to `last` (exclusive) in it; `parent` is the index of the element around it.

    `label` and `main_content` are the labels of its names. `row` is the index of its table row, -1 outside
    tables. `context` is the tag of the heading, list item or cell that it is or belongs to.
    """

    tag: str
    parent: int
    label: str
    first: int
    last: int = 0
    row: int = -1
    context: str = ""
    main_content: bool = False


@dataclass(slots=True)
class Blocks:
    """The blocks and the elements of a page, each in document order."""

    blocks: list[Block] = field(default_factory=list)
    holders: list[Holder] = field(default_factory=list)


def read_blocks(tree: Element) -> Blocks:
    """Return the blocks of a page. The tree is not changed. Time is linear in its size."""
    return _Walk().through(tree)


class _Walk:
    """The state of a walk: the current line and the element around it."""

    def __init__(self) -> None:
        self.page = Blocks()
        self.outside = Holder("", -1, "", 0)
        self.at = -1
        self.holder = self.outside
        self.parts: list[str] = []
        self.linked = 0
        self.links = [False]

    def through(self, tree: Element) -> Blocks:
        """Walk through the tree without recursion, because pages may nest elements to any depth."""
        walk = lxml.etree.iterwalk(tree, events=("start", "end"))
        skipped = None
        for event, element in walk:
            tag = element.tag
            role = TAG_ROLES.get(tag) or (BLOCK if "-" in tag else OTHER)
            if event == "start":
                if role is UNREAD or (role is not INLINE and not self._start_element(element, tag, role)):
                    skipped = element
                    walk.skip_subtree()
                    continue
                text = element.text
            else:
                if element is skipped:
                    skipped = None
                elif role is not INLINE:
                    self._end_element(tag, role)
                text = element.tail
            if text and (self.parts or not text.isspace()):
                self.parts.append(text)
                if self.links[-1]:
                    self.linked += len(text.strip())
        self._end_line("")
        return self.page

    def _start_element(self, element: Element, tag: str, role: str) -> bool:
        """Enter an element. Return whether its text must be read."""
        if role is LINK:
            toggle = self.holder.context != "li" and element.get("href", "").startswith(TOGGLES)
            self.links.append(not toggle)
            return True
        names = element.get("class", "")
        hidden = is_hidden(element.get("hidden"), element.get("style"))
        if role is OTHER:
            return not hidden and not (names and any(word in names for word in SCREEN_READER_NAMES))
        if role is BLOCK:
            element_id = element.get("id")
            label, main_content = labels_of_names(
                tag, f"{names} {element_id}" if element_id else names, element.get("role")
            )
            self._end_line(tag)
            self._open_holder(
                Holder(tag, self.at, "hidden" if hidden else label, len(self.page.blocks), main_content=main_content)
            )
        return True

    def _open_holder(self, holder: Holder) -> None:
        around, tag = self.holder, holder.tag
        inherits = tag not in HEADINGS and tag not in LISTED
        holder.context = around.context if inherits or around.context in HEADINGS else tag
        self.at = len(self.page.holders)
        holder.row = self.at if tag == "tr" else around.row
        self.holder = holder
        self.page.holders.append(holder)

    def _end_element(self, tag: str, role: str) -> None:
        if role is LINK:
            self.links.pop()
        elif role is BREAK:
            self._end_line(tag)
        elif role is BLOCK:
            self._end_line(tag)
            self.holder.last = len(self.page.blocks)
            self.at = self.holder.parent
            self.holder = self.page.holders[self.at] if self.at >= 0 else self.outside

    def _end_line(self, tag: str) -> None:
        if self.parts:
            text = " ".join("".join(self.parts).split())
            if text:
                tag = self.holder.context or tag
                self.page.blocks.append(Block(text, min(self.linked, len(text)), tag, self.at))
            self.parts = []
            self.linked = 0
