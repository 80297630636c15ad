"""Collect the dates in a page's markup: JSON-LD, meta elements, `time` elements and elements named as a date."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from index.dates.printed import CLOCK, DIGIT, PUBLISHED, UPDATED, Clue, is_date_line, url_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lxml.etree import _Element as Element

JSON_LD_SCORES = {"datePublished": 0.9, "dateCreated": 0.55, "uploadDate": 0.55}
"""Score of a date in JSON-LD, by its property."""

JSON_LD_LATER = 0.15
"""Subtracted from the score of each later object with a date: it may describe the site or a video."""

META_SURE = (
    "article:published_time", "article:published", "og:published_time", "datepublished", "date_published",
    "publication_date", "publish-date", "publishdate", "publish_date", "published-date", "published_date",
    "published_time", "pubdate", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.issued",
    "article.published", "bt:pubdate", "article_date_original", "originalpublicationdate",
    "cxenseparse:recs:publishtime", "rnews:datepublished", "citation_publication_date",
)  # fmt: skip
META_VAGUE = (
    "dc.date", "dc.date.created", "dcterms.created", "dcterms.date", "datecreated", "date", "timestamp", "doc_date",
    "displaydate", "article:date", "creation_date", "og:article:published_time",
)  # fmt: skip
"""Names of vague meaning. Some content management systems put the day of the last change there."""

META_UPDATES = (
    "article:modified_time", "og:updated_time", "datemodified", "dateupdate", "last-modified", "dcterms.modified",
)  # fmt: skip
META_SCORES = {**dict.fromkeys(META_UPDATES, 0.35), **dict.fromkeys(META_VAGUE, 0.66), **dict.fromkeys(META_SURE, 0.85)}
"""Score of a date in a meta element, by its name."""

JSON_LD_UPDATE = 0.4
"""Score of the day of the last change in JSON-LD."""

META_PICTURES = ("og:image", "twitter:image", "og:image:url")
PICTURE_SCORE = 0.3
"""Score of the day in the URL of the preview picture.

Some content management systems put an article's pictures in a folder of the day. But an article may show an older
picture.
"""


SCRIPT_DATE = re.compile(
    r"\\?[\"'](?:[\w-]{0,20}publi(?:sh|cation)[\w-]{0,12}|(?:post|display|pub)_?date)\\?[\"']\s*:\s*\\?[\"']"
    r"(\d{4}-\d\d-\d\d[^\"'\\]{0,25})",
    re.IGNORECASE,
)
SCRIPT_SCORE = 0.5
TRUSTED = 0.65
MAX_SCRIPT = 200_000
"""Scripts are searched for a date only if no other date in the markup scores `TRUSTED`.

The search finds dates in invalid JSON, in JSON-LD of other types, and in the data of the page's programs. It reads
`MAX_SCRIPT` characters of each script.
"""

ELEMENT_TAGS = (
    "h1", "time", "span", "div", "p", "li", "small", "em", "td", "dd", "abbr", "meta",
)  # fmt: skip
DATE_NAME = re.compile(
    r"[Pp]ublish|[Pp]ublication|[Pp]ublie|[Pp]ublica|posted|pubdate|pubDate|datetime|dateTime|timestamp|Timestamp|"
    r"datum|fecha|(?<![a-zA-Z])[dD]ate(?!-?(?:picker|form))|[a-z]Date(?![a-z])"
)
DATE_NAME_PARTS = ("ate", "ubli", "posted", "imestamp", "datum", "fecha")
"""Every match of `DATE_NAME` contains one of these strings. Looking for them first is faster."""

SURE_NAME = re.compile(r"[Pp]ublish|[Pp]ublication|posted|pubdate|pubDate|publie")
UPDATE_NAME = re.compile(r"[Uu]pdated|[Mm]odified|dateModified", re.ASCII)
SURE_ITEM = 0.8
SURE_ELEMENT = 0.74
ELEMENT = 0.7
"""Scores of elements by their attributes or class names, in this order:

1. `SURE_ITEM`: a property such as `datePublished`; nearly as good as a meta element.
2. `SURE_ELEMENT`: a class name such as `published`.
3. `ELEMENT`: a class name that says no more than `date`, or a `time` element.
"""

BELOW_HEADLINE = (1.0, 0.9, 0.75, 0.55, 0.4)
ABOVE_HEADLINE = (0.8, 0.6)
WITHOUT_HEADLINE = (0.9, 0.7, 0.55)
"""Factors on the score of the first, second, third ... dated element, counted from the headline outwards.

There is one list for elements below the headline, one for those above, and one for pages without a headline. Elements
beyond the list get half of its last factor.
"""

UNMARKED = 0.6
SHORTEST, LONGEST = 6, 70
"""Score of an element without such a name whose text is little more than a date, and the limits of its length.

The limits are in characters.
"""

CHANGED = 0.35
MAX_CHANGED = 3
"""Score of a day of the last change in an element, and how many of these are kept."""

LINKED = 0.7
"""Factor on the score of a date inside a link, because teasers of other articles are links."""

BESIDE = "beside the story"
OTHER_TAGS = frozenset({"nav", "footer", "aside"})
COMMENT_NAME = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|kommentare?|disqus|replies)(?:$|[\s_-])", re.IGNORECASE
)
OTHER_NAME = re.compile(
    r"(?:^|[\s_-])(?:related|recommend\w*|recent|latest|popular|trending|teasers?|similar|most-?read|more-(?:news|posts|"
    r"stories|articles)|read-?more|next-?(?:post|article)|carousel|slider|recirc\w*|upnext)(?:$|[\s_-])",
    re.IGNORECASE,
)
SIDE_NAME = re.compile(r"(?:^|\s)(?:sidebar|side-bar|widget|footer|rail)(?:$|[\s_-])", re.IGNORECASE)
STATE_NAME = re.compile(r"(?:^|\s)(?:has|with|no|without|is|not|js)-\S+")
MAX_STEPS = 14
LINK_STEPS = 3
"""Ancestors of an element that are searched for the name of a section, and for a link."""

MAX_ELEMENTS = 400
MAX_KEPT = 16
MAX_CHARS = 120
"""Limits: at most 400 dated elements are read, and the 16 with the highest scores are kept.

An element whose text has more than 120 characters is not read as a date.
"""


class _DatedElement(NamedTuple):
    element: Element
    score: float
    text: str


def markup_clues(
    tree: Element, metas: Mapping[str, str], things: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Clue, ...], tuple[Clue, ...]]:
    """Return the dates of publication in a page's markup, and the dates of its last change.

    `metas` are the page's meta elements by name in lower case. `things` are the objects of its JSON-LD, the most likely
    first. The tree is not changed. Time is linear in its size.
    """
    dates = list(_json_ld_clues(things))
    updates = [
        Clue("json-ld", text, JSON_LD_UPDATE) for thing in things if (text := _string(thing.get("dateModified")))
    ]
    for name, score in META_SCORES.items():
        if name in metas:
            (updates if name in META_UPDATES else dates).append(Clue("meta", metas[name][:MAX_CHARS], score))
    picture = next((day for name in META_PICTURES if (day := url_date(metas.get(name)))), None)
    if picture:
        dates.append(Clue("meta", picture.isoformat(), PICTURE_SCORE))
    elements, changed = _element_clues(tree)
    if not any(clue.score >= TRUSTED for clue in (*dates, *elements)):
        dates += _script_clues(tree)
    return (*dates, *elements), (*updates[:MAX_KEPT], *changed)


def _json_ld_clues(things: Sequence[Mapping[str, Any]]) -> Iterator[Clue]:
    for key, score in JSON_LD_SCORES.items():
        named = [text for thing in things if (text := _string(thing.get(key)))][:MAX_KEPT]
        for place, text in enumerate(named):
            yield Clue("json-ld", text[:MAX_CHARS], score - (JSON_LD_LATER if place else 0))


def _script_clues(tree: Element) -> Iterator[Clue]:
    """Yield the first date of publication in a script, if there is one."""
    for script in tree.iter("script"):
        text = script.text
        if text and ("ubli" in text or "date" in text) and (match := SCRIPT_DATE.search(text, 0, MAX_SCRIPT)):
            yield Clue("json-ld", match.group(1), SCRIPT_SCORE)
            return


def _string(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _element_clues(tree: Element) -> tuple[list[Clue], list[Clue]]:
    """Return the dates of elements, the best first, and the dates of a last change."""
    above: list[_DatedElement] = []
    below: list[_DatedElement] = []
    changed: list[Clue] = []
    headline: Element | None = None
    tried = 0
    for element in tree.iter(*ELEMENT_TAGS):
        tag = element.tag
        if tag == "h1":
            headline = headline if headline is not None else element
            continue
        score = _trust(element, tag)
        if not score:
            continue
        text, tried = _date_text(element), tried + 1
        if tried > MAX_ELEMENTS:
            break
        if not text or not (tag == "time" or DIGIT.search(text)):
            continue
        if UPDATED.search(text) or (score < SURE_ITEM and UPDATE_NAME.search(element.get("class") or "")):
            changed.append(Clue("time", text, CHANGED))
        else:
            (above if headline is None else below).append(_DatedElement(element, score, text))
    if headline is None:
        return _clues_near(above, WITHOUT_HEADLINE, frozenset()), changed[:MAX_CHANGED]
    ancestors = frozenset(headline.iterancestors())
    clues = [*_clues_near(below, BELOW_HEADLINE, ancestors), *_clues_near(above[::-1], ABOVE_HEADLINE, ancestors)]
    return sorted(clues, key=lambda clue: -clue.score)[:MAX_KEPT], changed[:MAX_CHANGED]


def _trust(element: Element, tag: str) -> float:
    """Return the score of an element as a date of publication, or 0."""
    item = element.get("itemprop") or element.get("property")
    if item and ("datePublished" in item or "dateCreated" in item):
        return SURE_ITEM
    if tag == "meta":
        return 0
    names = element.get("class")
    trust = _trust_of_names(names) if names else 0
    if trust or tag == "time":
        return SURE_ITEM if tag == "time" and "pubdate" in element.attrib else trust or ELEMENT
    text = element.text
    if not text or not SHORTEST < len(text) < LONGEST or text.isspace():
        return 0
    return UNMARKED if DIGIT.search(text) and is_date_line(text.strip()) else 0


@lru_cache(maxsize=20_000)
def _trust_of_names(names: str) -> float:
    """Return the score of an element by its class names, or 0."""
    if not any(map(names.__contains__, DATE_NAME_PARTS)) or not DATE_NAME.search(names):
        return 0
    return SURE_ELEMENT if SURE_NAME.search(names) else ELEMENT


def _date_text(element: Element) -> str:
    """Return the text of an element that may hold its date: an attribute, or else its visible text.

    The visible text has priority if it begins with a word such as `published`.
    """
    attribute = element.get("datetime") or element.get("content") or ""
    visible = _visible_text(element)
    if attribute and not (PUBLISHED.match(visible) and is_date_line(visible)):
        return " ".join(attribute.split())[:MAX_CHARS]
    return visible or " ".join((element.get("title") or "").split())[:MAX_CHARS]


def _visible_text(element: Element) -> str:
    """Return the text inside an element, or an empty text if it is too long for a date."""
    parts: list[str] = []
    size = 0
    for part in element.itertext():
        parts.append(part)
        size += len(part.strip())
        if size > MAX_CHARS:
            return ""
    return " ".join(" ".join(parts).split())


def _clues_near(
    elements: Sequence[_DatedElement], shares: Sequence[float], ancestors: frozenset[Element]
) -> list[Clue]:
    """Return the clues of elements. The elements nearest to the headline come first and get the highest scores.

    `ancestors` are the elements around the headline, so they also hold the main content.
    """
    clues: list[Clue] = []
    refused: list[Clue] = []
    seen: set[str] = set()
    for element, score, text in sorted(elements, key=lambda marked: marked.score != SURE_ITEM):
        if len(clues) + len(refused) >= MAX_KEPT:
            break
        if text in seen:
            continue
        seen.add(text)
        reason = "the day of the visit" if CLOCK.search(text) else _place_elsewhere(element, ancestors)
        if reason and not (reason == BESIDE and score == SURE_ITEM):
            refused.append(Clue("time", text, score * shares[-1], reason))
            continue
        share = shares[len(clues)] if len(clues) < len(shares) else shares[-1] / 2
        linked = any(parent.tag == "a" for parent in (element, *_parents(element, LINK_STEPS)))
        place = "meta" if element.tag == "meta" else "time"
        clues.append(Clue(place, text, score * share * (LINKED if linked else 1)))
    return [*clues, *refused]


def _place_elsewhere(element: Element, ancestors: frozenset[Element]) -> str:
    """Return the reason why an element does not belong to the article's header, or an empty text."""
    reason = ""
    for parent in _parents(element, MAX_STEPS):
        if parent.tag in {"body", "html"} or parent in ancestors:
            break
        if parent.tag == "article":
            return "" if reason == BESIDE else reason
        names = STATE_NAME.sub("", f"{parent.get('class') or ''} {parent.get('id') or ''}")
        if COMMENT_NAME.search(names):
            return "a comment"
        if OTHER_NAME.search(names):
            return "another story"
        if parent.tag in OTHER_TAGS or SIDE_NAME.search(names):
            reason = BESIDE
    return reason


def _parents(element: Element, steps: int) -> Iterator[Element]:
    parent = element.getparent()
    while parent is not None and steps:
        yield parent
        parent, steps = parent.getparent(), steps - 1
