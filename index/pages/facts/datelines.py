"""Reads where a story comes from: the place and the agency of its dateline, the agency at its end, its publisher.

What the lines of papers and agencies look like is given by examples in `tests/test_page_datelines.py`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from index.dates.names import day_names, month_names
from index.facets.countries.gazetteer import gazetteer
from index.sources.ids import host_of

AGENCIES = frozenset({
    "aa", "aap", "aca", "adn", "afp", "agence france-presse", "agencia efe", "agencies", "agência brasil", "agi", "ani",
    "ansa", "anp", "ap", "apa", "associated press", "belga", "bernama", "bloomberg", "bta", "cna", "cnn", "cp",
    "canadian press", "ctk", "čtk", "ddp", "dpa", "dpa-afx", "efe", "epd", "europa press", "guardian", "ians",
    "interfax", "interfax.ru", "irna", "itar-tass", "jiji", "kcna", "kna", "kyodo", "lusa", "mena", "mti", "notimex",
    "ntb", "pa", "pap", "petra", "press association", "press trust of india", "pti", "reuters", "ria novosti", "ritzau",
    "sda", "sid", "spa", "stt", "tanjug", "tass", "tt", "ukrinform", "unian", "united press international", "upi",
    "wam", "xinhua", "yonhap", "риа новости", "рна", "тасс", "интерфакс", "رويترز", "أ ف ب", "د ب أ", "واس", "وام",
})  # fmt: skip
"""News agencies as they sign, in lower case; an agency that is not here is known by the brackets in a dateline."""

LAST_WORDS = frozenset(part for agency in AGENCIES for part in (agency.split()[-1], agency)) | {"tmn", "lnw"}
"""Words that an agency's name ends with; dpa adds the desk: `dpa/tmn`."""

EAST_ASIAN_AGENCIES = (
    "新华社", "新华网", "中新社", "中新网", "中央社", "路透社", "法新社", "美联社", "共同", "時事", "ロイター", "AFP",
    "연합뉴스", "뉴시스", "뉴스1",
)  # fmt: skip

EAST = "|".join(EAST_ASIAN_AGENCIES)
AGENCY = r"\((?P<agency>[^\W\d_][^()\d]{1,40})\)"
DASH = r"(?P<dash>\s?\.?[—–―]{1,2}|\s-|\s?\?|\s?\.?--+|\.-|\s?:)"
OPENINGS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<place>[^\W\d_][^()\[\]!?:;“”\"«»—–|]{{1,70}}?),?\s?{AGENCY}(?:{DASH}(?:\s|\Z)|\s)",
        rf"{AGENCY}\s?[-—–]+\s(?P<place>[^\W\d_][^()!?:;“”\"«»—–|]{{1,60}}?)\s[-—–]\s",
        rf"(?:\S{{3,9}}\s\d\d?\s)?{AGENCY}(?:{DASH}(?:\s|\Z)|\s)",
        r"(?P<place>[^\W\d_][\w ’'-]{1,40}?)[,.]\s\d\d?\s\w{3,9}\.?\s?(?:[—–-]\s|/)(?P<agency>[\w ]{2,20}?)[./]{1,2}\s",
        rf"(?P<place>[^\W\d_][^()\[\]!?:;“”\"«»—–|]{{1,70}}?){DASH}(?:\s|\Z)",
        rf"(?:[(（【\[])?(?P<agency>{EAST})(?:记者)?(?P<place>[\u4e00-\u9fff]{{2,5}})\d{{1,2}}月\d{{1,2}}日",
        rf"[(（【\[](?P<place>[^\W\d_]{{2,10}}?)\s?(?:\d\d?日\s)?=?\s?(?P<agency>{EAST})[)）】\]]",
    )
)
"""How stories open, the surest first: with place and agency, with one of them, in Chinese, Japanese and Korean."""

OPENING_CHARS = 130
DAY = re.compile(
    r",?\s+(?:\d{1,2}(?:st|nd|rd|th|er|\.|º)?(?:\s(?:de\s)?[^\W\d_]{3,12}\.?)?|[^\W\d_]{3,12}\.?\s\d{1,2}|"
    r"\d{1,2}[/.]\d{1,2}\.?)"
    r"(?:,?\s\d{4})?\s?,?\Z"
)
MAX_PLACE_WORDS = 7
SMALL_WORDS = frozenset({
    "of", "the", "and", "de", "la", "le", "les", "del", "do", "da", "dos", "di", "du", "des", "am", "an", "der",
    "den", "im", "in", "sur", "sous", "upon", "y", "e", "et", "und", "auf", "van", "aan", "zu", "al", "el",
})  # fmt: skip
NOT_PLACES = frozenset({
    "advertisement", "alert", "analysis", "announcement", "audio", "breaking", "column", "comment", "correction",
    "editorial", "editor", "exclusive", "explainer", "factbox", "feature", "first", "flash", "gallery", "graphic",
    "interview", "investigation", "just", "key", "latest", "listen", "live", "memo", "must", "news", "note",
    "notice", "obituary", "only", "opinion", "photo", "photos", "picture", "pictures", "podcast", "poll",
    "preview", "profile", "question", "quiz", "ranking", "read", "report", "review", "see", "spoiler", "sponsored",
    "story", "summary", "the", "this", "timeline", "tip", "top", "update", "updated", "urgent", "video", "warning",
    "watch", "weather", "why",
})  # fmt: skip
"""Words in capitals that stand before a dash or a colon and are no towns."""

END = re.compile(r"(?:[(/]\s?)(?P<agency>[^\W\d_][^()/\d]{1,30}(?:/[^()/\d]{2,20})?)\)?\.?\s*\Z")
WITH = re.compile(
    r"\(?(?:mit material (?:von|der)|with (?:files|reporting|material|information|contributions?) (?:from|"
    r"by)|avec|con información de|"
    r"com informações d[aeo]|con (?:fonti|notizie) di|met informatie van|"
    r"с использованием материалов)\s(?P<agency>[^()]{2,40}?)\)?\.?\Z",
    re.IGNORECASE,
)


COPYRIGHT = re.compile(
    r"(?:[©ⓒ]|\A\s*(?:\(c\)|copyright\b))(?:\s|\d|[©ⓒ,–-]|\(c\)|copyright\b|by\b)*(?P<owner>[^\W\d_][^.,|©ⓒ\d]{1,50}?)"
    r"(?:\s*[.,|\d]|\s+(?:all|alle|tous|todos|tutti)\s|\s*\Z)",
    re.IGNORECASE,
)


class Dateline(NamedTuple):
    """Where a story was written and which agency sent it, as printed; either may be missing."""

    place: str | None
    agency: str | None


def dateline_of(paragraph: str) -> Dateline:
    """Return what the opening of a story says of place and agency: `SEOUL, South Korea (AP) — …`."""
    opening = paragraph[:OPENING_CHARS]
    if any(word[0].islower() and not is_name_word(word) for word in opening.split(maxsplit=2)[:2]):
        return Dateline(None, None)
    for pattern in OPENINGS:
        match = pattern.match(opening)
        if not match:
            continue
        found = match.groupdict()
        agency = (found.get("agency") or "").strip()
        place = _place(found.get("place"), agency, found.get("dash"))
        if place or (agency and not found.get("place") and is_agency(agency)):
            return Dateline(place, agency or None)
    return Dateline(None, None)


def agency_at_end(paragraph: str) -> str | None:
    """Return the agency that a story's last lines name: `… (dpa)`, `Mit Material von dpa`."""
    end = paragraph[-OPENING_CHARS:]
    if not end or re.split(r"[\s(/]", end.rstrip(" ).]"))[-1].casefold() not in LAST_WORDS:
        return None
    match = WITH.search(end)
    if match and match["agency"].count(" ") < 4:
        return match["agency"].strip()
    match = END.search(end)
    return match["agency"].strip() if match and is_agency(match["agency"]) else None


def source_of(text: str) -> str | None:
    """Return the publisher in what a source line or a field says: no address, no editor beside it."""
    bare = re.split(r"\s*(?:[|;]|\b(?:editor|author|by)\s?:)", text.strip(), maxsplit=1, flags=re.IGNORECASE)[0].strip(
        " .:,-–—"
    )
    if not bare or re.fullmatch(r"[\W\d_]*", bare):
        return None
    if " " not in bare and (host := host_of(bare)):
        return host
    return None if "@" in bare else bare


def agency_named(text: str) -> str | None:
    """Return the agency that a byline names instead of a writer: `By The Associated Press`."""
    bare = re.sub(r"(?i:\s*by\b\s*:?)", "", text, count=1).strip(" .:,")
    return bare if is_agency(re.sub(r"^the ", "", bare, flags=re.IGNORECASE)) else None


def _place(text: str | None, agency: str, dash: str | None) -> str | None:
    """Return the place in what stands before the agency or the dash, or None if it is no place."""
    if not text:
        return None
    place = DAY.sub("", text.strip()).strip(" ,")
    dated = place != text.strip(" ,")
    words = place.replace(",", " ").replace("/", " ").split()
    town = re.split(r"[,/]", place, maxsplit=1)[0].strip()
    if not words or len(words) > MAX_PLACE_WORDS or not all(is_name_word(word) for word in words):
        return None
    if NOT_PLACES & {word.casefold() for word in town.split()} or is_date_word(town):
        return None
    capitals = town.isupper() and len(town) > 2
    located = dated or "," in place
    if agency:
        likely = dash is not None and agency[0].isupper() and (capitals or located or is_known_place(town))
        return place if is_agency(agency) or likely else None
    if dash is None or dash.strip() == ":":
        return place if is_known_place(town) else None
    return place if dated or (capitals and located) or is_known_place(town) else None


def owner_of(line: str) -> str | None:
    """Return whom a copyright line names: Portvale Post in `© 2025 Portvale Post. All rights reserved`."""
    match = COPYRIGHT.search(line[:OPENING_CHARS])
    owner = match["owner"].strip() if match else ""
    return (
        owner if owner and all(map(is_name_word, owner.split())) and not owner.casefold().startswith("all ") else None
    )


def is_name_word(word: str) -> bool:
    """Tell whether a name may hold `word`: it begins with a capital or has none, or is a small word such as `of`."""
    first = word[0]
    return word in SMALL_WORDS or (first.isalpha() and not first.islower())


def is_date_word(word: str) -> bool:
    """Tell whether `word` names a month or a day of the week."""
    bare = word.casefold().strip(". ")
    return bare in month_names() or bare in day_names()


def is_known_place(town: str) -> bool:
    """Tell whether the gazetteer has a place of this name, in capitals or not."""
    name = " ".join(word.capitalize() for word in town.split()) if town.isupper() else town
    return any(place.surface == name for place in gazetteer(None).by_first.get(name.split(maxsplit=1)[0]) or ())


def is_agency(text: str) -> bool:
    """Tell whether `text` names a news agency, the first of several counting."""
    parts = re.split(r"\s*[/,–—]\s*|\s+(?:and|und|et|y)\s+", text.strip(" .").casefold())
    return parts[0].removeprefix("the ") in AGENCIES or text.strip() in EAST_ASIAN_AGENCIES
