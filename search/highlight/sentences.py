"""Finds the beginnings of sentences, and the places where a text can be cut between words and letters."""

from __future__ import annotations

import re
import unicodedata

from search import analysis

_END = re.compile(
    r"[.!?…](?<![.!?…].)[.!?…]*+[\"'”’»)\]]*+\s++"
    r"|[。！？｡][。！？｡]*+[」』”’）]*+\s*+"
    r"|[؟۔।॥][\"'”»)\]]*+\s++"
)
_BEFORE_NAMES = frozenset({
    "mr", "mrs", "ms", "dr", "prof", "gen", "sen", "rep", "reps", "sens", "gov", "lt", "col", "sgt", "capt", "cpl",
    "maj", "cmdr", "adm", "rev", "hon", "pres", "supt", "messrs", "mme", "mlle", "st", "ste", "mt", "ft", "gens",
    "drs",
})  # fmt: skip
_BEFORE_NUMBERS = frozenset({
    "no", "nos", "art", "sec", "ch", "fig", "p", "pp", "vol", "para", "pt",
})  # fmt: skip
_SHORT = frozenset({"al", "approx", "cf", "etc", "viz", "vs"})
_SHORT_NAMES = frozenset({
    "inc", "corp", "co", "ltd", "bros", "jr", "sr", "esq", "dept", "est", "ave", "blvd", "rd",
    "sq", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "tues",
    "wed", "thu", "thurs", "fri", "sat", "sun", "ph.d", "univ", "assn", "ariz", "calif", "colo", "conn", "fla", "ga",
    "ill", "ind", "kan", "ky", "la", "md", "mass", "mich", "minn", "mo", "mont", "nev", "okla", "ore", "pa", "tenn",
    "tex", "va", "vt", "wash", "wis", "wyo",
})  # fmt: skip
"""Abbreviations that may also end a sentence. The next words decide whether they do."""

_OPENING = re.compile(
    r"[\"'“‘«(\[]*(?:The|An?|And|But|He|She|It|They|We|You|In|On|At|This|That|These|Those|There|His|Her|Its|Their|As|If|"
    r"When|While|After|Before|For|With|Some|Many|Most|However|Meanwhile|Last|Since|Earlier|Both|Then|Now|Later|So|Yet|To|By|From|Also|Instead|Still|Mr|Mrs|Ms)\b"
)
_WORD_CHARS = 24
_JOINERS = frozenset("\u200d\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_FLAGS = range(0x1F1E6, 0x1F200)


def starts(text: str, start: int, end: int) -> list[int]:
    """Return the beginnings of the sentences in the paragraph `start..end`, and the end of the paragraph.

    After an initial, an abbreviation or an ellipsis, a sentence ends only if the next text begins like a sentence.
    """
    found = [start]
    found += (
        match.end() for match in _END.finditer(text, start, end) if match.end() < end and _ends(text, start, match)
    )
    return [*found, end]


def _ends(text: str, start: int, mark: re.Match[str]) -> bool:
    if text[mark.start()] in "。！？｡؟۔।॥":
        return True
    following = text[mark.end()]
    if following.islower() or mark[0].startswith(("..", "…")):
        return False
    if mark[0][0] != ".":
        return True
    word = text[max(start, mark.start() - _WORD_CHARS) : mark.start()].rpartition(" ")[2].lstrip("\"'“‘«([")
    lowered = word.lower()
    if lowered in _BEFORE_NAMES and word != lowered:
        return False
    if lowered in _BEFORE_NUMBERS and following.isdigit():
        return False
    short = lowered in _SHORT or (lowered in _SHORT_NAMES and word != lowered)
    short = short or (len(word) == 1 and word.isalpha()) or (len(word) < 8 and "." in word)
    return not short or _OPENING.match(text, mark.end()) is not None


def cut_before(text: str, start: int, limit: int) -> int:
    """Return the last offset up to `limit` where a piece of text from `start` can end: after a word.

    Text without spaces that fills half of the piece is cut between two tokens, or inside a token that is too long.
    """
    space = text.rfind(" ", start + (limit - start) // 2, limit + 1)
    if space > 0:
        return space
    for token_start, token_end in reversed(analysis.spans(text[start : limit + 1])):
        if start + token_end <= limit:
            return _whole(text, start + token_end, start)
        if token_start:
            return _whole(text, start + token_start, start)
    return _whole(text, limit, start)


def cut_after(text: str, floor: int, position: int) -> int:
    """Return the first offset from `floor` on where a piece of text with the word at `position` can begin."""
    space = text.find(" ", floor, position)
    if space >= 0:
        return space + 1
    clause = max(text.rfind(mark, floor, position) for mark in "，、；：,;:")
    return clause + 1 if clause >= 0 else position


def _whole(text: str, cut: int, floor: int) -> int:
    """Move a cut back so that it splits no emoji and no letter from its marks, but leave it if that reaches `floor`."""
    place = cut
    while place > floor and _joined(text, place, floor):
        place -= 1
    return place if place > floor else cut


def _joined(text: str, place: int, floor: int) -> bool:
    if place >= len(text):
        return False
    letter = text[place]
    if letter in _JOINERS or text[place - 1] == "\u200d" or unicodedata.category(letter) in {"Mn", "Mc", "Me"}:
        return True
    if ord(letter) not in _FLAGS:
        return False
    flags = place
    while flags > floor and ord(text[flags - 1]) in _FLAGS:
        flags -= 1
    return (place - flags) % 2 == 1
