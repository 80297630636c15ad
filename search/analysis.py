"""THE analyzer: fold, tokenize with offsets, stem. Index, query, snippets and suggestions all go through here.

Engines never analyze: they index the tokens that this module yields, joined by spaces, in fields that only split on
spaces. A token's position is its place in the list, the same for its word and for its stem.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import Stemmer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

VERSION = 1
"""Raised when the same text would yield other tokens; part of the fingerprint that an index stores."""

STEMMERS = {"latin": "english", "cyrillic": "russian", "greek": "greek", "arabic": "arabic"}
"""Script -> Snowball algorithm. By script and not by language, so that a query needs no language to match."""

LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŧ": "t"}
"""Latin letters that no Unicode decomposition turns into plain ones; lower case."""

MAX_TOKEN = 64
"""Longer tokens are cut to this many characters: they are noise, and term dictionaries suffer from them."""

_CACHED_WORDS = 50_000
"""Distinct words of some thousands of articles; a full cache takes about 15 MB."""


def _ranges(belongs: Callable[[str], bool]) -> str:
    r"""Return the inside of a character class of all characters of the basic plane that belong.

    `\w` leaves out combining marks, so classes are spelt out; only up to U+FFFF does `re` make a fast table of them.
    """
    found: list[list[int]] = []
    for point in range(0x10000):
        if not belongs(chr(point)):
            continue
        if found and point == found[-1][1] + 1:
            found[-1][1] = point
        else:
            found.append([point, point])
    return "".join(f"\\u{low:04x}-\\u{high:04x}" for low, high in found)


_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
)
"""Thai, Lao, Burmese, Khmer, kana and Han are written without spaces: one token a character, searched as phrases."""

_unspaced = re.compile(f"[{_UNSPACED}]").match
_MARK = _ranges(lambda letter: unicodedata.category(letter) in ("Mn", "Mc"))
_LETTER = _ranges(
    lambda letter: (letter.isalnum() or unicodedata.category(letter) in ("Mn", "Mc")) and not _unspaced(letter)
)
_APOSTROPHE = "'’ʼ＇"
_TOKEN = re.compile(
    f"[{_LETTER}]+(?:"
    f"[{_APOSTROPHE}][{_LETTER}]+"  # O’Brien   Russia’s
    "|(?<=\\d)[.,]\\d+"  # 1,000.5
    f"|(?<=\\b[^\\W\\d_])[.][^\\W\\d_](?![{_LETTER}])"  # U.S   U.S.S.R
    f")*(?:(?<=[.][^\\W\\d_])[.])?"  # the last full stop of U.S.
    f"|[{_UNSPACED}][{_MARK}]*"  # 北   京
    "|[^\\W\\u0000-\\uffff]"  # letters beyond the basic plane: rare Han, each on its own
)
_ELISION = re.compile(f"(?:[cdjlmnst]|qu)[{_APOSTROPHE}](?=\\w{{3}})", re.IGNORECASE)
_APOSTROPHES = str.maketrans("", "", _APOSTROPHE)
_DROPPED_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]")
_SCRIPTS = (
    ("latin", re.compile("[a-z]")),
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("arabic", re.compile("[\u0600-\u06ff]")),
    ("greek", re.compile("[\u0370-\u03ff]")),
)


class Token(NamedTuple):
    """A token of a text: its folded word, its stem, and where it stands (code points, half-open).

    A tuple, as a page of results makes ten thousand of them.
    """

    word: str
    stem: str
    start: int
    end: int


class Tokens(NamedTuple):
    """The words and stems of an article that engines index, each list joined by spaces."""

    title_words: str
    title_stems: str
    body_words: str
    body_stems: str


class Form(NamedTuple):
    """What a surface stands for; `skip` is the length of an elided article before the word (`l’`)."""

    word: str
    stem: str
    skip: int


@lru_cache(maxsize=_CACHED_WORDS)
def fold(text: str) -> str:
    """Return the text without case, accents and width: `Erdoğan` and `ERDOGAN` become `erdogan`.

    Marks that carry meaning in their script (Indic vowels, Thai tones) stay.
    """
    if text.isascii():
        return text.lower()
    lowered = unicodedata.normalize("NFKC", text).casefold()
    bare = _DROPPED_MARKS.sub("", unicodedata.normalize("NFD", lowered))
    return unicodedata.normalize("NFC", "".join(LETTERS.get(letter, letter) for letter in bare))


@cache
def _stemmer(script: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(STEMMERS[script], maxCacheSize=0)


def stem(word: str) -> str:
    """Return the stem of a folded word, by the script of its first known letter."""
    if word.isascii():
        return str(_stemmer("latin").stemWord(word)) if word.isalpha() else word
    for script, letters in _SCRIPTS:
        if letters.search(word):
            return str(_stemmer(script).stemWord(word))
    return word


@lru_cache(maxsize=_CACHED_WORDS)
def form(raw: str) -> Form:
    """Return the form of one of `surfaces`."""
    elision = _ELISION.match(raw)
    skip = elision.end() if elision else 0
    word = fold(raw[skip:])
    if len(word) > 2 and word[-1] == "s" and word[-2] in _APOSTROPHE:
        word = word[:-2]
    word = word.translate(_APOSTROPHES)
    if "." in word and not word[0].isdigit():
        word = word.replace(".", "")
    elif "," in word:
        word = word.replace(",", "")
    word = word[:MAX_TOKEN]
    return Form(word, stem(word) or word, skip)


class _Known(dict[str, str]):
    """Surface -> word or stem, filled as surfaces come: a look-up costs a third of a call of `form`."""

    def __init__(self, part: Callable[[Form], str]) -> None:
        super().__init__()
        self._part = part

    def __missing__(self, raw: str) -> str:
        if len(self) >= _CACHED_WORDS:
            self.clear()
        self[raw] = part = self._part(form(raw))
        return part


_WORDS = _Known(lambda found: found.word)
_STEMS = _Known(lambda found: found.stem)


def tokenize(text: str) -> Iterator[Token]:
    """Yield the tokens of a text in order; no token is empty or holds a space."""
    for match in _TOKEN.finditer(text):
        word, stemmed, skip = form(match[0])
        if word:
            yield Token(word, stemmed, match.start() + skip, match.end())


def surfaces(text: str) -> list[str]:
    """Return the tokens of a text as they stand in it; ten times as fast as `tokenize`."""
    return _TOKEN.findall(text)


def streams(text: str) -> tuple[str, str]:
    """Return the words and the stems of a text, each joined by spaces: what an engine indexes."""
    raw = _TOKEN.findall(text)
    return _joined(map(_WORDS.__getitem__, raw)), _joined(map(_STEMS.__getitem__, raw))


def stems(text: str) -> str:
    """Return the stems of a text, joined by spaces."""
    return _joined(map(_STEMS.__getitem__, _TOKEN.findall(text)))


def _joined(tokens: Iterable[str]) -> str:
    joined = " ".join(tokens)
    # A surface of marks alone folds to nothing; it is rare, and looking for it afterwards costs less.
    return " ".join(joined.split()) if "  " in joined or joined[:1] == " " or joined[-1:] == " " else joined


def spans(text: str) -> list[tuple[int, int]]:
    """Return where each of `surfaces` stands; its word begins `form(surface).skip` later."""
    return [match.span() for match in _TOKEN.finditer(text)]


def tokens_of(title: str, body: str) -> Tokens:
    """Return what an engine indexes of an article."""
    return Tokens(*streams(title), *streams(body))


@cache
def fingerprint() -> str:
    """Return 16 hexadecimal digits that change when the analyzer, its stemmers or Unicode's tables do."""
    sample = "U.S. Erdoğan Russia’s l’Élysée running countries 1,000.5 Москвы 北京 أخبار Αθήνα O’Brien ＡＢＣ naïve"
    seen = f"{VERSION}|{unicodedata.unidata_version}|{Stemmer.version()}|{streams(sample)}"
    return hashlib.blake2b(seen.encode(), digest_size=8).hexdigest()
