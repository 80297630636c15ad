"""Choose the blocks of an HTML page that are its main content.

Inside the element that holds the main content, the boilerplate is cut:

- elements with a boilerplate label, and lists of links
- teasers of other articles
- repeated lines
- lines around the headline and below the last paragraph

Every block that is cut gets a reason.

Figures in the notes were measured on 300 pages of many kinds, on each half separately. The rules were written with
only the first half in view.
"""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from index.pages.html.blocks import HEADINGS, LISTED
from index.pages.html.root import content_element, labels_of, weigh
from index.pages.lines.kinds import Kind
from index.pages.lines.line import Line, lines_of
from index.pages.text.head import is_same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from index.pages.html.blocks import Blocks, Holder

LIST_LINKS = 0.6
LIST_PROSE = 60
"""A list of links is an element of two or more blocks with more than 60 % of its text in links and little prose.

Little prose is less than `LIST_PROSE` words.
"""

TEASER_WORDS = 80
TEASER_REACH = 4
TEASERS = 3
"""Three or more linked lines with little text below each are teasers of other articles.

A linked line has 3 to 30 words. The text below it has less than 80 words in at most 4 blocks. These texts together have
less prose than the part of the article before the first of them.
"""

CARD_BLOCKS = 8
CARD_WORDS = 130
CARD_SHARE = 0.4
"""Three or more sibling elements of the same tag, each with a linked heading, are cards of other articles.

Each has at most 8 blocks and less than 130 words. Together they have less than 40 % of the prose of the page. Of 80,
130 and 200 words, 80 gave the worst result.
"""

SECTION_LINKS = 0.3
SECTION_REACH = 400
"""All lines below a heading such as `Related` are cut if more than 30 % of their text is in links.

The section reaches up to the next heading of the same or a higher level, at most 400 blocks.
"""

BEFORE_HEADLINE = 0.2
BEFORE_HEADING = 0.03
"""Maximum prose above an `h1`, as a share of the prose below it. With more, the article begins above the `h1`.

The first limit is for the headline, the second for any other `h1`.
"""

DECK_WORDS = 60
DECK_REACH = 12
"""Maximum words of the deck (the summary below the headline), and blocks that are searched for a byline."""

HEADER_SHARE = 0.3
"""A `header` element around the headline is cut if it has less than this share of the prose below the headline."""

LABEL_WORDS = 6
"""Lines with at most this many words above the first paragraph are cut."""

PARAGRAPH_WORDS = 6
"""A `p` element with more words counts as the last paragraph even if it does not end a sentence."""

LINK_LINE_WORDS = 5
"""A linked line with at most this many words is a button. Limits of 3, 5, 8, 12 and 30 words gave the same result."""

BESIDE = frozenset({"byline", "date", "share bar"})
CUT_KINDS = {Kind.DATE: "date", Kind.BYLINE: "byline", Kind.NOISE: "notice", Kind.RULE: "no words"}
LEVELS = {f"h{level}": level for level in range(1, 7)}
NO_LEVEL = 9


def choose(page: Blocks, headline: str) -> list[str]:
    """Return the reason why each block is cut, or an empty text if it is kept. `headline` may be empty."""
    return _Choice(page, headline).reasons


class _Choice:
    """The page and the state of each block: its line, its weight, the reason why it is cut."""

    def __init__(self, page: Blocks, headline: str) -> None:
        self.blocks, self.holders, self.headline = page.blocks, page.holders, headline
        labels = labels_of(page)
        self.reasons = [labels[block.holder] if block.holder >= 0 else "" for block in page.blocks]
        lines = iter(
            lines_of([block.text for block, reason in zip(page.blocks, self.reasons, strict=True) if not reason])
        )
        self.lines = [UNREAD if reason else next(lines) for reason in self.reasons]
        self.weights = [
            0.0 if reason else weigh(block, line)
            for block, line, reason in zip(page.blocks, self.lines, self.reasons, strict=True)
        ]
        self._cut_cards()
        root = content_element(page, self.weights)
        if root < 0:
            self._cut(range(len(page.blocks)), "no story")
            return
        self.first, self.last = self.holders[root].first, self.holders[root].last
        self._cut(range(self.first), "above the story")
        self._cut(range(self.last, len(page.blocks)), "below the story")
        self._cut_lists(root)
        self._cut_teasers()
        self._cut_head()
        self._cut_sections()
        self._cut_tail()
        self._cut_repeats()
        self._cut_boilerplate()

    def _cut(self, indexes: Iterable[int], reason: str) -> None:
        for index in indexes:
            self.reasons[index] = self.reasons[index] or reason

    def _kept(self, first: int, last: int) -> Iterator[int]:
        return (index for index in range(first, last) if not self.reasons[index])

    def _cut_cards(self) -> None:
        """Cut cards: lists of other articles, each in an element of its own with a linked heading."""
        cards: dict[tuple[int, str], list[Holder]] = {}
        for holder in self.holders:
            if 2 <= holder.last - holder.first <= CARD_BLOCKS and holder.parent >= 0 and self._is_card(holder):
                cards.setdefault((holder.parent, holder.tag), []).append(holder)
        gain = sum(max(0.0, weight) for weight in self.weights)
        for group in cards.values():
            indexes = [index for holder in group for index in range(holder.first, holder.last)]
            prose = sum(max(0.0, self.weights[index]) for index in indexes)
            if len(group) >= TEASERS and prose < CARD_SHARE * gain:
                self._cut(indexes, "other stories")
                for index in indexes:
                    self.weights[index] = 0.0

    def _is_card(self, holder: Holder) -> bool:
        linked = False
        for block in self.blocks[holder.first : holder.last]:
            linked = linked or (block.tag in HEADINGS and block.linked > 0.8 * len(block.text))
        return linked and sum(line.words for line in self.lines[holder.first : holder.last]) < CARD_WORDS

    def _cut_lists(self, root: int) -> None:
        """Cut lists of links inside the element `root`."""
        sizes = [0, *accumulate(len(block.text) for block in self.blocks)]
        links = [0, *accumulate(block.linked for block in self.blocks)]
        gains = [0.0, *accumulate([weight if weight > 0 else 0.0 for weight in self.weights])]
        for holder in self.holders[root + 1 :]:
            if holder.first >= self.last:
                break
            if holder.last - holder.first < 2 or gains[holder.last] - gains[holder.first] >= LIST_PROSE:
                continue
            if links[holder.last] - links[holder.first] > LIST_LINKS * (sizes[holder.last] - sizes[holder.first]):
                self._cut(range(holder.first, holder.last), "list of links")

    def _cut_teasers(self) -> None:
        """Cut teasers of other articles: linked lines, each with one or two lines of text below it."""
        heads = [
            index
            for index in self._kept(self.first, self.last)
            if self.blocks[index].tag not in LISTED
            and self.blocks[index].linked > 0.8 * len(self.blocks[index].text)
            and 3 <= self.lines[index].words <= 30
        ]
        teasers: list[tuple[range, int]] = []
        for head, following in pairwise([*heads, self.last]):
            end = min(following, head + TEASER_REACH)
            end = next((index for index in range(head + 1, end) if self.blocks[index].tag in HEADINGS), end)
            words = sum(self.lines[index].words for index in self._kept(head + 1, end))
            if words < TEASER_WORDS:
                teasers.append((range(head, end), words))
        if len(teasers) < TEASERS:
            return
        before = sum(max(0.0, self.weights[index]) for index in self._kept(self.first, teasers[0][0].start))
        if before < sum(words for _, words in teasers):
            return
        for run in _runs([indexes for indexes, _ in teasers]):
            if len(run) >= TEASERS:
                for indexes in run:
                    self._cut(indexes, "other stories")

    def _cut_head(self) -> None:
        """Cut the headline and everything above it; below it, cut deck, date and byline."""
        prose = self._prose()
        start = self._below_headline(prose)
        end = self._below_byline(start)
        if start > self.first and prose[end] - prose[start] < BEFORE_HEADLINE * (prose[self.last] - prose[end]):
            start = end
        self._cut(range(self.first, start), "above the story")
        for index in self._kept(start, self.last):
            listed = self.blocks[index].tag in HEADINGS or self.blocks[index].tag in LISTED
            if listed or self.lines[index].kind is Kind.PROSE or self.lines[index].words > LABEL_WORDS:
                break
            self.reasons[index] = "above the story"

    def _prose(self) -> list[int]:
        """Return the number of words of prose before each block."""
        words = (
            line.words if line.kind is Kind.PROSE and not reason else 0
            for line, reason in zip(self.lines, self.reasons, strict=True)
        )
        return [0, *accumulate(words)]

    def _below_headline(self, prose: Sequence[int]) -> int:
        """Return the first block below the headline, or the first block of the element if there is no headline."""
        headings = [index for index in range(self.last) if self.blocks[index].tag == "h1"]
        matching = [index for index in headings if self.headline and is_same(self.blocks[index].text, self.headline)]
        if not headings:
            return self.first
        at = (matching or headings)[-1]
        rest = prose[self.last] - prose[at]
        if (
            at >= self.first
            and prose[at] - prose[self.first] >= (BEFORE_HEADLINE if matching else BEFORE_HEADING) * rest
        ):
            return self.first
        start = max(self.first, at + 1)
        header = self.blocks[at].holder
        while header >= 0 and self.holders[header].tag != "header":
            header = self.holders[header].parent
        end = min(self.holders[header].last, self.last) if header >= 0 else 0
        return end if end > start and prose[end] - prose[at] < HEADER_SHARE * rest else start

    def _below_byline(self, start: int) -> int:
        """Return the block after the date and the byline below `start`. At most one deck may stand before them."""
        end, decks, words = start, 0, 0
        for index in range(start, min(start + DECK_REACH, self.last)):
            block, line, reason = self.blocks[index], self.lines[index], self.reasons[index]
            if reason in BESIDE or (not reason and line.kind in (Kind.DATE, Kind.BYLINE)):
                end = index + 1
            elif reason:
                continue
            elif line.kind is Kind.PROSE:
                decks, words = decks + 1, words + line.words
                if decks > 1 or words > DECK_WORDS:
                    break
            elif block.tag in HEADINGS or block.tag in LISTED:
                break
        return end

    def _cut_sections(self) -> None:
        """Cut the blocks below the heading of a list of other articles, or of comments, up to the next heading."""
        for index in self._kept(self.first, self.last):
            kind, block = self.lines[index].kind, self.blocks[index]
            if kind not in (Kind.HEADING, Kind.COMMENTS) or block.tag in LISTED:
                continue
            level = LEVELS.get(block.tag, NO_LEVEL)
            after = range(index + 1, min(index + SECTION_REACH, self.last))
            end = next((at for at in after if LEVELS.get(self.blocks[at].tag, NO_LEVEL + 1) <= level), after.stop)
            section = range(index, end)
            size = sum(len(self.blocks[at].text) for at in section)
            linked = sum(self.blocks[at].linked for at in section)
            if kind is Kind.COMMENTS or linked > SECTION_LINKS * size:
                self._cut(section, "comments" if kind is Kind.COMMENTS else "other stories")

    def _cut_tail(self) -> None:
        """Cut the lines below the last paragraph or sentence."""
        for index in range(self.last - 1, self.first - 1, -1):
            if self.reasons[index]:
                continue
            block, line = self.blocks[index], self.lines[index]
            plain = block.linked < len(block.text) / 2
            is_paragraph = plain and (block.tag in LISTED or (block.tag == "p" and line.words > PARAGRAPH_WORDS))
            if is_paragraph or line.kind in (Kind.PROSE, Kind.SENTENCE):
                break
            self.reasons[index] = "below the story"

    def _cut_repeats(self) -> None:
        """Cut lines of more than three words that occurred before."""
        seen: set[str] = set()
        for index in self._kept(self.first, self.last):
            text = self.blocks[index].text
            if text in seen and self.lines[index].words > 3:
                self.reasons[index] = "repeated"
            seen.add(text)

    def _cut_boilerplate(self) -> None:
        """Cut dates, bylines, notices and buttons between the paragraphs."""
        for index in self._kept(self.first, self.last):
            block, line = self.blocks[index], self.lines[index]
            if block.tag in LISTED:
                continue
            is_link = block.linked > 0.9 * len(block.text) and line.words <= LINK_LINE_WORDS
            self.reasons[index] = "link" if is_link and block.tag not in HEADINGS else CUT_KINDS.get(line.kind, "")


UNREAD = Line("", 0, Kind.RULE)
"""Placeholder for the lines of elements that were cut by their label."""


def _runs(ranges: Sequence[range]) -> Iterator[list[range]]:
    """Yield the ranges in groups. In a group, each range begins close to the previous one."""
    run: list[range] = []
    for indexes in ranges:
        if run and indexes.start - run[-1].start > 2 * TEASER_REACH:
            yield run
            run = []
        run.append(indexes)
    if run:
        yield run
