"""Repairs of text: broken text is repaired, correct text is unchanged, and no word is added or lost."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.clean.repair import repair, repair_line

SENTENCES = {
    "en": "“It’s not over,” she said — the café’s owner agreed…",
    "de": "Die Fähre fährt über Köln; „größer“ heißt nicht schöner.",
    "fr": "« L’été où tout a changé », a-t-elle déclaré à Besançon, c’était là.",
    "pl": "Łódź była już wtedy większa; źródło mówi o „żółtej” łódce.",
    "tr": "İstanbul’da üç gün sürdü, dedi Şükrü Çağlayan.",
    "ru": "«Мы будем там», — сказал капитан Сергей Ёлкин.",
    "el": "Η Αθήνα είναι μεγάλη, είπε ο Γιώργος.",
    "zh": "“我们会在那里”，船长说。",
    "ar": "قال القبطان إن العبارة ستبحر.",
}


class TestEncodings:
    @pytest.mark.parametrize(
        ("code", "charset"),
        [
            *((code, charset) for code in ("de", "tr", "fr") for charset in ("latin-1", "cp1252", "cp1251", "cp1250")),
            *((code, charset) for code in ("en", "pl", "ru", "zh") for charset in ("latin-1", "cp1251")),
            ("en", "cp1250"), ("ar", "cp1252"), ("ar", "cp1250"), ("ar", "latin-1"), ("el", "latin-1"),
        ],
    )  # fmt: skip
    def test_utf_8_decoded_as_another_charset_is_repaired(self, code: str, charset: str) -> None:
        assert repair(SENTENCES[code].encode().decode(charset)) == SENTENCES[code]

    def test_twice_broken_text_is_repaired(self) -> None:
        broken = "It’s a café".encode().decode("cp1252").encode().decode("cp1252", "replace")
        assert "\ufffd" not in broken
        assert repair(broken) == "It’s a café"

    def test_broken_words_in_correct_text_are_repaired(self) -> None:
        assert repair("São Paulo – “olá”\nSÃ£o Paulo, donâ€™t\n中国") == "São Paulo – “olá”\nSão Paulo, don’t\n中国"

    def test_windows_punctuation_decoded_as_controls_is_repaired(self) -> None:
        assert repair("it\x92s \x93so\x94 \x96 yes") == "it’s “so” – yes"

    @pytest.mark.parametrize(
        "text", [*SENTENCES.values(), "CAFÉ”", "NÃO É", "«MODÈLE»", "à «côté»", "Ââ", "5 °C ± 2 £"]
    )
    def test_correct_text_is_unchanged(self, text: str) -> None:
        assert repair(text) == text
        assert repair(text.upper()) == text.upper()

    @pytest.mark.parametrize("text", ["What ?a day? it was", "caf? au lait", "caf\ufffd"])
    def test_lost_characters_stay(self, text: str) -> None:
        assert repair(text) == text

    def test_surrogate_pairs_are_joined_and_lone_ones_replaced(self) -> None:
        assert repair("\ud83d\ude00 \ud800") == "😀 \ufffd"


class TestCharacters:
    @pytest.mark.parametrize(
        ("text", "repaired"),
        [
            ("a&amp;b &quot;c&quot; &#8211; &#x2013; &hellip;", 'a&b "c" – – …'), ("R&amp;amp;D &amp;amp;amp;lt;", "R&D <"),
            ("AT&T; Q&A &foo; &copyright;", "AT&T; Q&A &foo; &copyright;"), ("&#0;&#1114112;&#55357;", "\ufffd\ufffd\ufffd"),
            ("so\u00adft\u200b \ufeffzero\u2060", "soft zero"), ("a\u00a0b\u2009c\u3000d", "a b c d"),
            ("x\r\ny\rz\x0bv\x0cw\u2028u\x85t", "x\ny\nz\nv\nw\nu\nt"), ("e\u0301", "é"), ("ﬁnd the ﬂag", "find the flag"),
            ("\ue900Share", " Share"), ("a\x00b\x1bc\x7f", "abc"), ("so\u200cft", "soft"), ("tab\tstays", "tab\tstays"),
            ("م\u200cن 👩\u200d🚀 क्\u200dष", "م\u200cن 👩\u200d🚀 क्\u200dष"), ("&am\u200bp;", "&"), ("&Atilde;&copy;", "é"),
        ],
    )  # fmt: skip
    def test_repairs(self, text: str, repaired: str) -> None:
        assert repair(text) == repaired

    def test_repair_line_returns_one_line_of_limited_length(self) -> None:
        assert repair_line(" a&nbsp;b\n c ", 9) == "a b c"
        assert repair_line("word " * 9, 9) == "word word"
        assert repair_line(None, 9) == ""

    def test_capitals_are_unchanged(self) -> None:
        assert repair("THE FERRY SAILS TWICE A DAY.") == "THE FERRY SAILS TWICE A DAY."


PIECES = [
    "word", "Ã©", "â€™", "&amp;", "&#8203;", "&am", "p;", "\u200b", "\u00ad", "\u200c", "É”", "ﬁ", "e\u0301", "\r", "\n", " ", "Â", "©",
    "\x92", "\ud83d", "\ude00", "م", "&", ";", "#", "РџСЂ", "ё", "\u0316", "A", "Ã", "\u00a0",
]  # fmt: skip


class TestAnyText:
    @given(st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
    @settings(max_examples=400, deadline=None)
    def test_any_text_is_repaired_and_repairing_again_changes_nothing(self, text: str) -> None:
        once = repair(text)
        assert repair(once) == once
        assert not re.search("[\r\x00-\x08\u00ad\u200b\ufeff\ud800-\udfff]", once)

    @given(
        st.lists(
            st.sampled_from(["ferry", "Köln", "Łódź", "“so”", "città", "Москва", "北京", "3.5", "don’t"]), max_size=30
        )
    )
    def test_no_word_is_added_or_lost(self, words: list[str]) -> None:
        noisy = "".join(f"{word[0]}\u00ad{word[1:]}\u00a0" for word in words)
        assert repair(noisy).split() == words

    @pytest.mark.timing
    @pytest.mark.parametrize(
        "unit", ["a", "Ã©", "Ã", "â€", "&amp;", "&#38;", "&", "\u200c", "a\u0301", "\u0316\u0301", "\x92", "é”", "\r\n"]
    )
    def test_hostile_text_takes_linear_time(self, unit: str) -> None:
        repair("Ã©")
        seconds = []
        for size in (50_000, 200_000):
            start = time.process_time()
            repair("a" + unit * (size // len(unit)))
            seconds.append(time.process_time() - start)
        assert seconds[1] < 0.05 + 8 * seconds[0]
