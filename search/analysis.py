"""The only analyzer: it folds, tokenizes with offsets, and stems, for index, queries, snippets and suggestions.

Engines do not analyze. They index the tokens of this module, joined by spaces, in fields that only split at spaces. The
position of a token is its index in the list, the same for its word and its stem.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import Stemmer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

VERSION = 1
"""Raise this number when the same text yields other tokens. It is part of the fingerprint that an index stores."""

STEMMERS = {"latin": "english", "cyrillic": "russian", "greek": "greek", "arabic": "arabic"}
"""Script -> Snowball algorithm. The script decides, not the language, because the language of a query is unknown."""

LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŧ": "t"}
"""Lower-case Latin letters without a Unicode decomposition -> plain letters."""

MAX_TOKEN = 64
"""Longer tokens are cut to this many characters. They are noise and would enlarge the term dictionary."""

_CACHED_WORDS = 50_000
"""Maximum words in each cache: the distinct words of a few thousand articles. A full cache takes about 15 MB."""


def _ranges(belongs: Callable[[str], bool]) -> str:
    r"""Return all characters up to U+FFFF for which `belongs` is true, as ranges for a regular expression's class.

    `\w` cannot be used, because it leaves out combining marks. Beyond U+FFFF, `re` has no fast table.
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
"""Scripts without spaces: Thai, Lao, Burmese, Khmer, kana, Han. Each character is a token, and words are phrases."""

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
    "|[^\\W\\u0000-\\uffff]"  # letters beyond U+FFFF, such as rare Han: each is a token
)
_ELISION = re.compile(f"(?:[cdjlmnst]|qu)[{_APOSTROPHE}](?=\\w{{3}})", re.IGNORECASE)
_APOSTROPHES = str.maketrans("", "", _APOSTROPHE)
_SPACED = bytes(
    code if code >= 128 else ord(chr(code).lower()) if chr(code).isalnum() or chr(code) in "'.,_" else ord(" ")
    for code in range(256)
)
"""Translates bytes of UTF-8: ASCII letters to lower case, and the ASCII signs that no token contains to spaces.

The sign `_` stays, because the pattern of a token treats it as a letter in one place.
"""

_CHUNK_CHARS = 20
"""If the chunks are longer than this on average, the script does not separate words."""

_SIGNS = "“”‘–—…"
"""The most common other signs that no token contains."""

_DROPPED_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670]")
_SCRIPTS = (
    ("latin", re.compile("[a-z]")),
    ("cyrillic", re.compile("[\u0400-\u052f]")),
    ("arabic", re.compile("[\u0600-\u06ff]")),
    ("greek", re.compile("[\u0370-\u03ff]")),
)


class Token(NamedTuple):
    """A token of a text: its folded word, its stem, and its range (code points, half-open).

    It is a tuple for speed, because a page of results makes ten thousand of them.
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
    """The word and the stem of a surface; `skip` is the length of an elided article before the word (`l’`)."""

    word: str
    stem: str
    skip: int


@lru_cache(maxsize=_CACHED_WORDS)
def fold(text: str) -> str:
    """Remove case, accents and width: `Erdoğan` and `ERDOGAN` become `erdogan`.

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
    """Return the stem of a folded word. The first letter of a script in `STEMMERS` decides which stemmer is used."""
    if word.isascii():
        return str(_stemmer("latin").stemWord(word)) if word.isalpha() else word
    for script, letters in _SCRIPTS:
        if letters.search(word):
            return str(_stemmer(script).stemWord(word))
    return word


@lru_cache(maxsize=_CACHED_WORDS)
def form(raw: str) -> Form:
    """Return the form of a surface, which is a token as written in a text."""
    if raw.isascii() and raw.isalpha():
        word = raw.lower()[:MAX_TOKEN]
        return Form(word, stem(word), 0)
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


class _Parts(dict[str, str]):
    """Cache: chunk -> its words or its stems, joined by spaces. A lookup takes a third of the time of `form`."""

    def __init__(self, part: Callable[[Form], str]) -> None:
        super().__init__()
        self._part = part

    def __missing__(self, chunk: str) -> str:
        joined = " ".join(filter(None, [self._part(form(raw)) for raw in _TOKEN.findall(chunk)]))
        if joined == chunk:
            joined = chunk  # one object takes less memory than two
        if len(chunk) <= MAX_TOKEN:
            if len(self) >= _CACHED_WORDS:
                self.clear()
            self[chunk] = joined
        return joined

    def joined(self, chunks: list[str]) -> str:
        """Return the words or stems of chunks. A chunk without tokens, or of combining marks only, has none."""
        return " ".join(filter(None, map(self.__getitem__, chunks)))


_WORDS = _Parts(lambda form: form.word)
_STEMS = _Parts(lambda form: form.stem)


def tokenize(text: str) -> Iterator[Token]:
    """Yield the tokens of a text in order. No token is empty or contains a space."""
    for match in _TOKEN.finditer(text):
        word, stemmed, skip = form(match[0])
        if word:
            yield Token(word, stemmed, match.start() + skip, match.end())


def surfaces(text: str) -> list[str]:
    """Return the tokens of a text as written, ten times as fast as `tokenize`."""
    return _TOKEN.findall(text)


def streams(text: str) -> tuple[str, str]:
    """Return the words and the stems of a text, each joined by spaces."""
    chunks = _chunks(text)
    return _WORDS.joined(chunks), _STEMS.joined(chunks)


def stems(text: str) -> str:
    """Return the stems of a text, joined by spaces."""
    return _STEMS.joined(_chunks(text))


def _chunks(text: str) -> list[str]:
    """Split a text at spaces and at signs that no token contains. ASCII letters become lower case.

    Most chunks are one word, and recur. In scripts without spaces each chunk is a token.
    """
    text = text.encode("utf-8", "surrogatepass").translate(_SPACED).decode("utf-8", "surrogatepass")
    if not text.isascii():
        for sign in _SIGNS:
            text = text.replace(sign, " ")
    chunks = text.replace(", ", " ").split()
    return chunks if len(text) < _CHUNK_CHARS * len(chunks) else _TOKEN.findall(text)


def spans(text: str) -> list[tuple[int, int]]:
    """Return the range of each surface. Its word begins `form(surface).skip` code points after the start."""
    return [match.span() for match in _TOKEN.finditer(text)]


def tokens_of(title: str, body: str) -> Tokens:
    """Return the tokens that an engine indexes for an article."""
    return Tokens(*streams(title), *streams(body))


@cache
def fingerprint() -> str:
    """Return 16 hexadecimal digits that change when the analyzer, its stemmers or Unicode's tables do."""
    sample = "U.S. Erdoğan Russia’s l’Élysée running countries 1,000.5 Москвы 北京 أخبار Αθήνα O’Brien ＡＢＣ naïve"
    seen = f"{VERSION}|{unicodedata.unidata_version}|{Stemmer.version()}|{streams(sample)}"
    return hashlib.blake2b(seen.encode(), digest_size=8).hexdigest()
