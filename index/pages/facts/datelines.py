"""Read the origin of an article: the place and agency in its dateline, the agency at its end, its publisher.

`tests/test_page_datelines.py` shows what such lines look like.
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
"""Names and initials of news agencies, in lower case. Other agencies are recognized by the brackets in a dateline."""

LAST_WORDS = frozenset(part for agency in AGENCIES for part in (agency.split()[-1], agency)) | {"tmn", "lnw"}
"""The last words of agency credits. The agency dpa adds the desk, as in `dpa/tmn`."""

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
"""Patterns of datelines: with place and agency, with one of them, then Chinese, Japanese and Korean ones.

The most reliable patterns come first.
"""

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
"""Words that stand before a dash or a colon, often in capitals, and name no town."""

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
    """The place and the agency in a dateline, as printed. Either may be missing."""

    place: str | None
    agency: str | None


def dateline_of(paragraph: str) -> Dateline:
    """Return the dateline at the beginning of a paragraph: `SEOUL, South Korea (AP) — …`."""
    opening = paragraph[:OPENING_CHARS]
    if any(word[0].islower() and not is_name_word(word) for word in opening.split(maxsplit=2)[:2]):
        return Dateline(None, None)
    for pattern in OPENINGS:
        match = pattern.match(opening)
        if not match:
            continue
        groups = match.groupdict()
        agency = (groups.get("agency") or "").strip()
        place = _place(groups.get("place"), agency, groups.get("dash"))
        if place or (agency and not groups.get("place") and is_agency(agency)):
            return Dateline(place, agency or None)
    return Dateline(None, None)


def agency_at_end(paragraph: str) -> str | None:
    """Return the agency credited at the end of a paragraph: `… (dpa)`, `Mit Material von dpa`."""
    end = paragraph[-OPENING_CHARS:]
    if not end or re.split(r"[\s(/]", end.rstrip(" ).]"))[-1].casefold() not in LAST_WORDS:
        return None
    match = WITH.search(end)
    if match and match["agency"].count(" ") < 4:
        return match["agency"].strip()
    match = END.search(end)
    return match["agency"].strip() if match and is_agency(match["agency"]) else None


def source_of(text: str) -> str | None:
    """Return the publisher in a source line or field, without editor or author. A URL yields its host."""
    bare = re.split(r"\s*(?:[|;]|\b(?:editor|author|by)\s?:)", text.strip(), maxsplit=1, flags=re.IGNORECASE)[0].strip(
        " .:,-–—"
    )
    if not bare or re.fullmatch(r"[\W\d_]*", bare):
        return None
    if " " not in bare and (host := host_of(bare)):
        return host
    return None if "@" in bare else bare


def agency_named(text: str) -> str | None:
    """Return the agency in a byline that names an agency instead of a person: `By The Associated Press`."""
    bare = re.sub(r"(?i:\s*by\b\s*:?)", "", text, count=1).strip(" .:,")
    return bare if is_agency(re.sub(r"^the ", "", bare, flags=re.IGNORECASE)) else None


def _place(text: str | None, agency: str, dash: str | None) -> str | None:
    """Return the place in `text`, the words before the agency or the dash, or None if they name no place."""
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
    """Return the owner in a copyright line: Portvale Post in `© 2025 Portvale Post. All rights reserved`."""
    match = COPYRIGHT.search(line[:OPENING_CHARS])
    owner = match["owner"].strip() if match else ""
    return (
        owner if owner and all(map(is_name_word, owner.split())) and not owner.casefold().startswith("all ") else None
    )


def is_name_word(word: str) -> bool:
    """Tell whether `word` may be part of a name.

    It may if it begins with a capital, if its script has no capitals, or if it is a small word such as `of`.
    """
    first = word[0]
    return word in SMALL_WORDS or (first.isalpha() and not first.islower())


def is_date_word(word: str) -> bool:
    """Tell whether `word` names a month or a day of the week."""
    bare = word.casefold().strip(". ")
    return bare in month_names() or bare in day_names()


def is_known_place(town: str) -> bool:
    """Tell whether the gazetteer lists a place of this name. The name may be in capitals."""
    name = " ".join(word.capitalize() for word in town.split()) if town.isupper() else town
    return any(place.surface == name for place in gazetteer(None).by_first.get(name.split(maxsplit=1)[0]) or ())


def is_agency(text: str) -> bool:
    """Tell whether `text` names a news agency. If it has several names, only the first counts."""
    parts = re.split(r"\s*[/,–—]\s*|\s+(?:and|und|et|y)\s+", text.strip(" .").casefold())
    return parts[0].removeprefix("the ") in AGENCIES or text.strip() in EAST_ASIAN_AGENCIES
