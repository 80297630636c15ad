"""The language of an article: from the text, from the page's declaration, from the input."""

from __future__ import annotations

import pytest

from index.clean.language import language_of, normal

STORM = {
    "en": "A storm hit the coast on Monday; two sailors are missing.",
    "de": "Ein Sturm traf am Montag die Küste; zwei Seeleute werden vermisst.",
    "fr": "Une tempête a frappé la côte lundi ; deux marins sont portés disparus.",
    "es": "Una tormenta golpeó la costa el lunes; hay dos marineros desaparecidos.",
    "it": "Una tempesta ha colpito la costa lunedì; due marinai sono dispersi.",
    "pt": "Uma tempestade atingiu a costa na segunda-feira; dois marinheiros estão desaparecidos.",
    "nl": "Een storm trof maandag de kust; twee zeelieden worden vermist.",
    "pl": "W poniedziałek burza uderzyła w wybrzeże; dwóch marynarzy zaginęło.",
    "tr": "Fırtına pazartesi günü kıyıyı vurdu; iki denizci kayıp.",
    "ru": "В понедельник на побережье обрушился шторм; два моряка пропали без вести.",
    "ar": "ضربت عاصفة الساحل يوم الاثنين وفقد اثنان من البحارة.",
    "zh": "星期一风暴袭击海岸，两名水手失踪。",
}
HEADLINES = {
    "en": "Prime minister resigns after vote",
    "de": "Kanzler tritt nach Abstimmung zurück",
    "fr": "La banque relève encore ses taux",
    "es": "El banco vuelve a subir los tipos",
    "it": "La banca alza di nuovo i tassi",
    "pt": "Primeiro-ministro renuncia após votação",
    "nl": "Bank verhoogt opnieuw de rente",
    "pl": "Bank znów podnosi stopy procentowe",
    "tr": "Banka faizleri yine artırdı",
    "ru": "Банк снова повысил ставку",
    "ar": "البنك يرفع أسعار الفائدة",
    "zh": "银行再次加息",
    "ja": "首相が採決後に辞任",
    "ko": "총리가 투표 후 사임했다",
    "uk": "Прем’єр пішов у відставку",
    "el": "Η τράπεζα αυξάνει ξανά τα επιτόκια",
}


@pytest.mark.parametrize("code", STORM)
def test_a_sentence_is_enough_in_lower_case_and_in_capitals(code: str) -> None:
    assert language_of(STORM[code]) == code
    assert language_of(STORM[code].upper()) == code


@pytest.mark.parametrize("code", HEADLINES)
def test_a_headline_is_enough(code: str) -> None:
    assert language_of(HEADLINES[code]) == code


@pytest.mark.parametrize("code", STORM)
def test_the_text_beats_the_declared_language(code: str) -> None:
    declared = "en-US" if code != "en" else "de"
    assert language_of(STORM[code], declared) == code
    assert language_of(" ".join([STORM[code]] * 9), declared) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("«Это не конец», — сказал глава OpenAI Sam Altman в интервью The New York Times.", "ru"),
        ("苹果公司星期二在加州发布了新的 iPhone 17 Pro 和 Apple Watch，售价不变。", "zh"),
        ("アップルは火曜日、新型 iPhone 17 Pro を発表した。価格は据え置きとなる。", "ja"),
        ("أعلنت شركة Apple عن هاتف iPhone 17 Pro الجديد في ولاية كاليفورنيا.", "ar"),
        ("The newspaper said on Monday that the square, Майдан, would be closed for a week.", "en"),
    ],
)
def test_names_in_another_script_do_not_mislead(text: str, code: str) -> None:
    assert language_of(text) == code


def test_a_short_text_takes_the_declared_language() -> None:
    assert language_of("OK", "nb-NO") == "no"
    assert language_of("OK") is None
    assert language_of("", "de") == "de"
    assert language_of("Stormen rammer kysten", "da") == "da"


def test_a_short_text_without_a_declaration_has_no_language() -> None:
    assert language_of("OK", "x-klingon") is None


@pytest.mark.parametrize(
    ("tag", "code"),
    [("EN_us", "en"), ("pt-BR", "pt"), ("zh-Hans-CN", "zh"), ("iw", "he"), ("cmn", "zh"), ("x-klingon", None), ("", None), (None, None)],
)  # fmt: skip
def test_tags(tag: str | None, code: str | None) -> None:
    assert normal(tag) == code
