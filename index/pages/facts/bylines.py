"""Read the names of authors from bylines and fields.

`tests/test_page_bylines.py` shows what bylines look like.
"""

from __future__ import annotations

import re
from functools import lru_cache

from index.pages.facts.datelines import AGENCIES, is_agency, is_date_word, is_known_place, is_name_word

CREDITED = re.compile(r"\((?:Reporting|Report|Writing) by (?P<names>[^;:()]{4,120}?)(?:[;:)]|\Z)")
"""The credit of the authors below a Reuters report."""

BY = re.compile(
    r"(?:(?:written|posted|story|reported|reporting|report|text|words|analysis|opinion|"
    r"interview)\s+)?(?:by\b|author(?:s|\(s\))?\b)\s*:?\s*",
    re.IGNORECASE,
)
BY_ABROAD = re.compile(
    r"(?i:(?:autor(?:in|en|es)?|auteurs?|autore|redacción|redactor|redaktion|von|par|por|di|da|door|przez|yazan|haber|"
    r"af|av|oleh|автор|текст|بقلم|كتب)(?:\s*:\s*|\s+)|(?:作者|记者|文|기자)\s?[:：/／]\s?)(?=[^\W\da-zß-öø-ÿ])"
)
ADDRESS = re.compile(
    r"\S{1,64}@\S*|@\w+|(?:https?:|www\.)\S*|\b[\w-]{1,63}\.(?:com|org|net|co|info|de|fr)\b\S*", re.IGNORECASE
)
PARTS = re.compile(
    r"\s*(?:[,;|•·/&+()\[\]<>:、，；]|\s[–—-]+\s|(?<!\w)(?:and|And|AND|und|UND|et|ET|y|Y|e|en|i|ve|VE|with|"
    r"mit|avec|con|og|och|ja|dan|и|و)(?!\w)"
    r"|(?<!\w)(?:in|for|at|of|on|from|to|aus|als|im|à|via|who|as)(?!\w)"
    r"(?:(?!\s(?:and|und|et|y|e)\s)[^,;|])*)\s*"
)
ROLES = frozenset({
    "admin", "administrator", "agencies", "agency", "analyst", "anchor", "author", "bureau", "chef", "chief",
    "columnist", "content", "contributing", "contributor", "contributors", "copy", "correspondent",
    "correspondents", "deputy", "desk", "director", "editor", "editor-in-chief", "editorial", "editors",
    "exclusive", "executive", "foreign", "freelance", "guest", "head", "journalist", "local", "managing",
    "national", "network", "news", "newsroom", "newspaper", "newspapers", "newswire", "online", "photographer",
    "photos", "political", "posted", "producer", "published", "reporter", "reporters", "science", "senior",
    "service", "special", "sports", "staff", "team", "updated", "user", "webmaster", "website", "writer",
    "writers", "associated", "press", "redaktion", "redakteur", "redakteurin", "korrespondent", "korrespondentin",
    "rédaction", "journaliste", "redacción", "periodista", "corresponsal", "redazione", "giornalista", "redação",
    "repórter", "redactie", "verslaggever", "redakcja", "muhabir", "muhabiri", "редакция", "корреспондент", "md",
    "phd", "m.d", "ph.d", "mba", "cpa", "rd", "facp",
})  # fmt: skip
"""Words that may follow a name and end it: roles, departments, degrees."""

ORGANISATIONS = frozenset({
    "bureau", "channel", "daily", "desk", "editorial", "gazette", "group", "guardian", "herald", "inc",
    "institute", "journal", "llc", "ltd", "magazine", "media", "network", "news", "newspaper", "newspapers",
    "newsroom", "newswire", "post", "press", "radio", "record", "staff", "sun", "team", "telegraph", "times",
    "tribune", "tv", "university", "website", "weekly", "wire",
})  # fmt: skip
"""Words in the names of organisations.

A name that ends with one is no person. Neither is a second or later name that contains one.
"""

TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "sir", "dame"})
PARTICLES = frozenset({
    "de", "la", "le", "da", "das", "do", "dos", "du", "del", "della", "di", "van", "von", "der", "den", "ter",
    "ten", "zu", "zum", "zur", "bin", "ibn", "al", "el", "abu", "y", "e", "af", "av", "ben",
})  # fmt: skip
NAME = re.compile(r"[^\W\d_][\w.’'ʼ-]*\Z")
MAX_NAME_WORDS = 5
MAX_NAMES = 8
MAX_FIELD = 1000
"""Maximum words of a name, authors of an article, and characters of a field that are read.

The last limit bounds the time of patterns that are quadratic in the length of the field.
"""

BULLETS = " -–—•*|~"
MAC = re.compile(r"(?:Mc|O['’]|D['’]|L['’])(?=\w{2})")
GENERATION = frozenset({"II", "III", "IV"})


@lru_cache(maxsize=100)  # each line above the main content is checked twice
def is_byline(text: str) -> bool:
    """Tell whether a line begins like a byline: with `By` or its equivalent in another language."""
    bare = text.lstrip(BULLETS)
    return BY.match(bare) is not None or BY_ABROAD.match(bare) is not None


@lru_cache(maxsize=1000)  # authors recur in the articles of a source
def authors(text: str, *, abroad: bool = False) -> str | None:
    """Return the names of the persons in a byline or field, joined by `, `. Roles, addresses and dates are left out.

    Names in capitals are converted to mixed case. If `abroad` is true, the openings of bylines in other languages are
    removed as well, such as `Von` in `Von Max Muster`.
    """
    bare = BY.sub("", " ".join(text[:MAX_FIELD].split()).lstrip(BULLETS), count=1)
    if abroad:
        bare = BY_ABROAD.sub("", bare, count=1) if BY_ABROAD.match(bare) else bare
    bare = re.split(r"\d", ADDRESS.sub(" | ", bare), maxsplit=1)[0]
    names = list(dict.fromkeys(name for part in PARTS.split(bare) if (name := _person(part))))[:MAX_NAMES]
    whole = [name for name in names if " " in name and not (name != names[0] and _is_place_or_organisation(name))]
    return ", ".join(whole or names[:1]) or None


@lru_cache(maxsize=1000)
def given_authors(text: str, source: str | None) -> str | None:
    """Return the authors named in a field or in a page's metadata.

    A name that is not a person's name is kept, unless it is generic (`Staff`), an agency, or the source itself.
    """
    named = authors(text)
    if named is None and not (ADDRESS.search(text) or re.search(r"\d|[|/]", text)):
        bare = BY.sub("", text.strip(), count=1)
        words = re.findall(r"[^\W\d_]+", bare.casefold())
        named = bare if 0 < len(words) <= MAX_NAME_WORDS and not ROLES & set(words) and not is_agency(bare) else None
    return None if named and source and named.casefold() == source.casefold() else named


def writers_at_end(paragraph: str) -> str | None:
    """Return the authors credited in the last lines: `(Reporting by Jane Doe in Lima; Editing by John Roe)`."""
    match = CREDITED.search(paragraph[-400:]) if paragraph.endswith((")", ").")) else None
    return authors(match["names"]) if match else None


def _is_place_or_organisation(name: str) -> bool:
    """Tell whether `name` is a place or an organisation and not a person."""
    return bool(ORGANISATIONS & set(name.casefold().split())) or is_known_place(name)


def _person(text: str) -> str | None:
    """Return the person's name at the beginning of `text`, in mixed case, or None."""
    words = text.strip(" .,'\"“”*-–—~").split()
    while words and words[0].casefold().strip(".") in TITLES:
        words = words[1:]
    if not words or words[0].casefold() == "the":
        return None
    in_capitals = len(words) > 1 and words[0].isupper() and _in_capitals(words[1])
    if words[-1].casefold() in ORGANISATIONS and not (in_capitals and not words[-1].isupper()):
        return None
    ends = (at for at, word in enumerate(words) if _ends_name(word, in_capitals=in_capitals))
    words = words[: next(ends, len(words))]
    while words and is_date_word(words[-1]):
        words.pop()
    if not words or len(words) > MAX_NAME_WORDS or not all(NAME.match(word) for word in words):
        return None
    if not all(is_name_word(word) or word.casefold() in PARTICLES for word in words) or is_agency(" ".join(words)):
        return None
    if len(words) == 1 and (words[0].casefold() in ORGANISATIONS or (len(words[0]) < 3 and words[0][0].isupper())):
        return None
    return " ".join(_in_mixed_case(word, at) for at, word in enumerate(words))


def _ends_name(word: str, *, in_capitals: bool) -> bool:
    """Tell whether a name ends before `word`.

    It does if `word` is a role or an agency, or if the name is in capitals and `word` is not.
    """
    bare = word.casefold().strip(".")
    if bare in ROLES or (word.isupper() and bare in AGENCIES) or bare in {"reuters", "bloomberg", "xinhua"}:
        return True
    return in_capitals and not _in_capitals(word) and bare not in PARTICLES


def _in_capitals(word: str) -> bool:
    match = MAC.match(word)
    return (word[match.end() :] if match else word).isupper()


def _in_mixed_case(word: str, at: int) -> str:
    """Return the word at index `at` of a name, converted to mixed case if it is in capitals."""
    if not _in_capitals(word) or "." in word[:-1] or word in GENERATION or len(word.strip(".")) < 2:
        return word
    if at and word.casefold() in PARTICLES:
        return word.lower()
    if len(word) == 2 and not set(word) & set("AEIOUY") and word not in {"JR", "SR"}:
        return word
    return "".join(_capitalised(part) for part in re.split(r"(-)", word))


def _capitalised(word: str) -> str:
    name = word[:1].upper() + word[1:].lower()
    match = MAC.match(name)
    return name[: match.end()] + name[match.end() :].capitalize() if match else name
