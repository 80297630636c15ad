"""Gathers the dates that the markup of a page names: JSON-LD, meta elements, `time`, elements marked as a date."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from index.dates.printed import CLOCK, DIGIT, PUBLISHED, UPDATED, Clue, is_date_line, url_date

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lxml.etree import _Element as Element

JSON_LD_SCORES = {"datePublished": 0.9, "dateCreated": 0.55, "uploadDate": 0.55}
JSON_LD_LATER = 0.15
"""What the objects behind the first that names such a date are trusted less; they are the page, its video, its list."""

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
"""Names that do not say what happened on the date; some systems put the day of the last change there."""

META_UPDATES = (
    "article:modified_time", "og:updated_time", "datemodified", "dateupdate", "last-modified", "dcterms.modified",
)  # fmt: skip
META_SCORES = {**dict.fromkeys(META_UPDATES, 0.35), **dict.fromkeys(META_VAGUE, 0.66), **dict.fromkeys(META_SURE, 0.85)}
JSON_LD_UPDATE = 0.4
META_PICTURES = ("og:image", "twitter:image", "og:image:url")
PICTURE_SCORE = 0.3
"""Some systems keep the pictures of a story in a folder of its day; but a story may show an older picture."""


SCRIPT_DATE = re.compile(
    r"\\?[\"'](?:[\w-]{0,20}publi(?:sh|cation)[\w-]{0,12}|(?:post|display|pub)_?date)\\?[\"']\s*:\s*\\?[\"']"
    r"(\d{4}-\d\d-\d\d[^\"'\\]{0,25})",
    re.IGNORECASE,
)
SCRIPT_SCORE = 0.5
TRUSTED = 0.65
MAX_SCRIPT = 200_000
"""Data that cannot be read as JSON, or of things that are no articles, and what programs of the page are given, still
name a date; they are read where nothing `TRUSTED` is."""

ELEMENT_TAGS = (
    "h1", "time", "span", "div", "p", "li", "small", "em", "td", "dd", "abbr", "meta",
)  # fmt: skip
DATE_NAME = re.compile(
    r"[Pp]ublish|[Pp]ublication|[Pp]ublie|[Pp]ublica|posted|pubdate|pubDate|datetime|dateTime|timestamp|Timestamp|"
    r"datum|fecha|(?<![a-zA-Z])[dD]ate(?!-?(?:picker|form))|[a-z]Date(?![a-z])"
)
DATE_NAME_PARTS = ("ate", "ubli", "posted", "imestamp", "datum", "fecha")
"""Of these one is in all that `DATE_NAME` finds."""

SURE_NAME = re.compile(r"[Pp]ublish|[Pp]ublication|posted|pubdate|pubDate|publie")
UPDATE_NAME = re.compile(r"[Uu]pdated|[Mm]odified|dateModified", re.ASCII)
SURE_ITEM = 0.8
SURE_ELEMENT = 0.74
ELEMENT = 0.7
"""An element that says `published` is trusted nearly as a meta element; one that says `date` alone less."""

BELOW_HEADLINE = (1.0, 0.9, 0.75, 0.55, 0.4)
ABOVE_HEADLINE = (0.8, 0.6)
WITHOUT_HEADLINE = (0.9, 0.7, 0.55)
"""What is left of that for the first, second, third such element behind the headline, for the next before it and
those further up, and for those of a page that has no headline; for all others the last number is halved."""

UNMARKED = 0.6
SHORTEST, LONGEST = 6, 70
"""An element that holds a date and little more, though it is not marked, and how many characters it may hold."""

CHANGED = 0.35
MAX_CHANGED = 3
LINKED = 0.7
"""What is left where the date is part of a link, as dates of teasers are."""

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

MAX_ELEMENTS = 400
MAX_KEPT = 16
MAX_CHARS = 120
"""Elements marked as a date are looked at up to the 400th, of which the 16 with most trust are kept; a text of more
characters is more than a date."""


class _Marked(NamedTuple):
    element: Element
    score: float
    text: str


def markup_clues(
    tree: Element, metas: Mapping[str, str], things: Sequence[Mapping[str, Any]]
) -> tuple[tuple[Clue, ...], tuple[Clue, ...]]:
    """Return what a page's markup says about its publication, and about its last change.

    `metas` are the page's meta elements by name in lower case, `things` the objects of its JSON-LD, the likeliest
    first. The tree is not changed; time is linear in its size.
    """
    dates = list(_json_ld(things))
    updates = [
        Clue("json-ld", text, JSON_LD_UPDATE) for thing in things if (text := _string(thing.get("dateModified")))
    ]
    for name, score in META_SCORES.items():
        if name in metas:
            (updates if name in META_UPDATES else dates).append(Clue("meta", metas[name][:MAX_CHARS], score))
    picture = next((day for name in META_PICTURES if (day := url_date(metas.get(name)))), None)
    if picture:
        dates.append(Clue("meta", picture.isoformat(), PICTURE_SCORE))
    elements, changed = _elements(tree)
    if not any(clue.score >= TRUSTED for clue in (*dates, *elements)):
        dates += _scripts(tree)
    return (*dates, *elements), (*updates[:MAX_KEPT], *changed)


def _json_ld(things: Sequence[Mapping[str, Any]]) -> Iterator[Clue]:
    for key, score in JSON_LD_SCORES.items():
        named = [text for thing in things if (text := _string(thing.get(key)))][:MAX_KEPT]
        for place, text in enumerate(named):
            yield Clue("json-ld", text[:MAX_CHARS], score - (JSON_LD_LATER if place else 0))


def _scripts(tree: Element) -> Iterator[Clue]:
    """Yield the first date that a script names as the publication, where nothing better is there."""
    for script in tree.iter("script"):
        text = script.text
        if text and ("ubli" in text or "date" in text) and (match := SCRIPT_DATE.search(text, 0, MAX_SCRIPT)):
            yield Clue("json-ld", match.group(1), SCRIPT_SCORE)
            return


def _string(value: Any) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _elements(tree: Element) -> tuple[list[Clue], list[Clue]]:
    """Return the dates that elements hold or are marked with, the best first, and those marked as a change."""
    above: list[_Marked] = []
    below: list[_Marked] = []
    changed: list[Clue] = []
    headline: Element | None = None
    tried = 0
    for element in tree.iter(*ELEMENT_TAGS):
        tag = element.tag
        if tag == "h1":
            headline = headline if headline is not None else element
            continue
        score = _score(element, tag)
        if not score:
            continue
        text, tried = _text(element), tried + 1
        if tried > MAX_ELEMENTS:
            break
        if not text or not (tag == "time" or DIGIT.search(text)):
            continue
        if UPDATED.search(text) or (score < SURE_ITEM and UPDATE_NAME.search(element.get("class") or "")):
            changed.append(Clue("time", text, CHANGED))
        else:
            (above if headline is None else below).append(_Marked(element, score, text))
    if headline is None:
        return _ranked(above, WITHOUT_HEADLINE, frozenset()), changed[:MAX_CHANGED]
    own = frozenset(headline.iterancestors())
    clues = [*_ranked(below, BELOW_HEADLINE, own), *_ranked(above[::-1], ABOVE_HEADLINE, own)]
    return sorted(clues, key=lambda clue: -clue.score)[:MAX_KEPT], changed[:MAX_CHANGED]


def _score(element: Element, tag: str) -> float:
    """Return how far an element is trusted to hold the date, or nought."""
    item = element.get("itemprop") or element.get("property")
    if item and ("datePublished" in item or "dateCreated" in item):
        return SURE_ITEM
    if tag == "meta":
        return 0
    names = element.get("class")
    named = _named(names) if names else 0
    if named or tag == "time":
        return SURE_ITEM if tag == "time" and "pubdate" in element.attrib else named or ELEMENT
    text = element.text
    if not text or not SHORTEST < len(text) < LONGEST or text.isspace():
        return 0
    return UNMARKED if DIGIT.search(text) and is_date_line(text.strip()) else 0


@lru_cache(maxsize=20_000)
def _named(names: str) -> float:
    if not any(map(names.__contains__, DATE_NAME_PARTS)) or not DATE_NAME.search(names):
        return 0
    return SURE_ELEMENT if SURE_NAME.search(names) else ELEMENT


def _text(element: Element) -> str:
    """Return the date that an element gives in an attribute; what it shows goes first where that says `published`."""
    given = element.get("datetime") or element.get("content") or ""
    shown = _shown(element)
    if given and not (PUBLISHED.match(shown) and is_date_line(shown)):
        return " ".join(given.split())[:MAX_CHARS]
    return shown or " ".join((element.get("title") or "").split())[:MAX_CHARS]


def _shown(element: Element) -> str:
    parts: list[str] = []
    size = 0
    for part in element.itertext():
        parts.append(part)
        size += len(part.strip())
        if size > MAX_CHARS:
            return ""
    return " ".join(" ".join(parts).split())


def _ranked(elements: Sequence[_Marked], shares: Sequence[float], own: frozenset[Element]) -> list[Clue]:
    """Return the clues of elements, the nearest to the headline first: the further, the less they score.

    `own` are the elements that hold the headline, and so all of the story.
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
        why = "the day of the visit" if CLOCK.search(text) else _elsewhere(element, own)
        if why and not (why == BESIDE and score == SURE_ITEM):
            refused.append(Clue("time", text, score * shares[-1], why))
            continue
        share = shares[len(clues)] if len(clues) < len(shares) else shares[-1] / 2
        linked = any(parent.tag == "a" for parent in (element, *_parents(element, LINK_STEPS)))
        place = "meta" if element.tag == "meta" else "time"
        clues.append(Clue(place, text, score * share * (LINKED if linked else 1)))
    return [*clues, *refused]


def _elsewhere(element: Element, own: frozenset[Element]) -> str:
    """Return why an element is no part of the story's own header, or an empty text."""
    why = ""
    for parent in _parents(element, MAX_STEPS):
        if parent.tag in {"body", "html"} or parent in own:
            break
        if parent.tag == "article":
            return "" if why == BESIDE else why
        names = STATE_NAME.sub("", f"{parent.get('class') or ''} {parent.get('id') or ''}")
        if COMMENT_NAME.search(names):
            return "a comment"
        if OTHER_NAME.search(names):
            return "another story"
        if parent.tag in OTHER_TAGS or SIDE_NAME.search(names):
            why = BESIDE
    return why


def _parents(element: Element, steps: int) -> Iterator[Element]:
    parent = element.getparent()
    while parent is not None and steps:
        yield parent
        parent, steps = parent.getparent(), steps - 1
