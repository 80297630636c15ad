"""Pages in the reader's language: the choice of the language, its texts, numbers, days and countries."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from babel import Locale
from flask import render_template_string
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import nodes
from lxml import html
from markupsafe import Markup

from api.site import formats, language
from api.site.links import Link
from search import territories

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from playwright.sync_api import Browser, Page

FOREIGN = [code for code in language.LANGUAGES if code != language.DEFAULT]

AS_IN_ENGLISH = {
    "page.api": "de fr es",
    "box.articles_in_stories": "de",
    "box.bar": "de es ar",
    "box.type_person": "de",
    "box.suggestions": "fr",
    "box.suggested": "fr",
    "box.articles": "fr",
    "box.type_headline": "fr",
    "box.date": "fr",
    "page.pages": "fr",
    "page.mentions": "fr",
}
"""Key -> languages whose text equals the English text."""

MAY_LACK = {"ar": {"zero", "one", "two"}}
"""Language -> plural forms whose words express the number without digits."""

SPANS = {
    "en": ["2024", "January 2024", "15 – 21 Jan 2024", "21 January 2024"],
    "de": ["2024", "Januar 2024", "15.–21. Jan. 2024", "21. Januar 2024"],
    "fr": ["2024", "janvier 2024", "15–21 janv. 2024", "21 janvier 2024"],
    "es": ["2024", "enero de 2024", "15–21 ene 2024", "21 de enero de 2024"],
    "ar": ["2024", "يناير 2024", "15–21 يناير 2024", "21 يناير 2024"],
}

BROWSER = """
([locale, codes]) => {
  const numbers = new Intl.NumberFormat(locale);
  const days = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" });
  const names = new Intl.DisplayNames(locale, { type: "region" });
  return {
    numbers: [0, 7, 999, 1234, 9999, 10000, 1234567].map((one) => numbers.format(one)),
    days: ["1999-12-31", "2024-03-01", "2024-08-21"].map((one) => days.format(new Date(one))),
    countries: codes.map((code) => names.of(code)),
    plurals: [...Array(1200).keys(), 1e6].map((one) => new Intl.PluralRules(locale).select(one)),
  };
}
"""


def _forms(text: language.Text) -> dict[str, str]:
    return text if isinstance(text, dict) else {"": text}


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def _texts_in_file(code: str) -> dict[str, language.Text]:
    """Return the texts in the file of a language, without the English fallbacks."""
    sections = json.loads((language.FOLDER / f"{code}.json").read_text(encoding="utf-8"))
    return {f"{section}.{name}": text for section, named in sections.items() for name, text in named.items()}


def _rendered(app: Flask, template: str, code: str = "en", **values: Any) -> str:
    with app.test_request_context("/", headers={"Accept-Language": code}):
        return render_template_string(template, **values)


class TestTexts:
    @pytest.mark.parametrize("code", FOREIGN)
    def test_every_language_has_all_english_keys_in_the_same_order(self, code: str) -> None:
        assert list(_texts_in_file(code)) == list(_texts_in_file("en"))

    @pytest.mark.parametrize("code", language.LANGUAGES)
    def test_plural_forms_match_the_language(self, code: str) -> None:
        categories = {*Locale(code).plural_form.tags, "other"}
        for key, text in _texts_in_file(code).items():
            assert isinstance(text, dict) == isinstance(_texts_in_file("en")[key], dict), key
            if isinstance(text, dict):
                assert set(text) == categories, key

    @pytest.mark.parametrize("code", FOREIGN)
    def test_every_form_has_the_placeholders(self, code: str) -> None:
        for key, english in _texts_in_file("en").items():
            (wanted,) = {frozenset(_placeholders(form)) for form in _forms(english).values()}
            for category, form in _forms(_texts_in_file(code)[key]).items():
                spared = {"n"} if category in MAY_LACK.get(code, ()) else set()
                assert wanted - spared <= _placeholders(form) <= wanted, (key, category)

    @pytest.mark.parametrize("code", FOREIGN)
    def test_nothing_is_left_in_english(self, code: str) -> None:
        own, english = _texts_in_file(code), _texts_in_file("en")
        alike = {key for key in own if set(_forms(own[key]).values()) <= set(_forms(english[key]).values())}
        assert alike == {key for key, codes in AS_IN_ENGLISH.items() if code in codes.split()}

    def test_templates_pass_the_placeholders_of_the_texts(self, app: Flask) -> None:
        env = app.jinja_env
        asked = 0
        for name in env.list_templates(["html"]):
            tree = env.parse(env.loader.get_source(env, name)[0])
            for call in tree.find_all(nodes.Call):
                if not isinstance(call.node, nodes.Name) or call.node.name != "t":
                    continue
                (key,) = call.args
                values = {value.key for value in call.kwargs}
                for one in [key] if isinstance(key, nodes.Const) else key.find_all(nodes.Const):
                    if one.value == "box.":  # followed by a name that is known only when the page is rendered
                        continue
                    asked += 1
                    forms = _forms(_texts_in_file("en")[one.value])
                    assert _placeholders(forms.get("other", forms.get(""))) <= values, (name, one.lineno, one.value)
                    assert "" in forms or "n" in values, (name, one.lineno, one.value)
        assert asked > 50

    def test_texts_are_sent_to_pages_of_other_sites(self, client: FlaskClient) -> None:
        for code in language.LANGUAGES:
            response = client.get(f"/texts/{code}.json")
            assert response.mimetype == "application/json"
            assert set(response.json or ()) == {"box", "page"}
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert "max-age=3600" in response.headers["Cache-Control"]
            again = client.get(f"/texts/{code}.json", headers={"If-None-Match": response.headers["ETag"]})
            assert again.status_code == 304
        for name in ("it", "EN", "../en", "..%2Fen", "%00", ""):
            assert client.get(f"/texts/{name}.json").status_code == 404


class TestFormatting:
    @pytest.mark.parametrize(
        ("code", "count", "expected"),
        [
            ("en", 1, "1 article"),
            ("en", 12345, "12,345 articles"),
            ("de", 12345, "12.345 Artikel"),
            ("fr", 0, "0 article"),
            ("fr", 12345, "12\u202f345 articles"),
            ("es", 1234, "1234 artículos"),
            ("es", 2_000_000, "2.000.000 de artículos"),
            ("ar", 0, "لا مقالات"),
            ("ar", 2, "مقالان"),
            ("ar", 1003, "1,003 مقالات"),
            ("ar", 11, "11 مقالًا"),
            ("ar", 100, "100 مقال"),
        ],
    )
    def test_numbers_choose_the_form(self, app: Flask, code: str, count: int, expected: str) -> None:
        assert _rendered(app, "{{ t('box.articles', n=n) }}", code, n=count) == expected

    def test_values_are_text_unless_they_are_markup(self, app: Flask) -> None:
        template = "{{ t('box.did_you_mean', corrected=value) }}"
        assert _rendered(app, template, value="<b> {n} & %s") == "Did you mean &lt;b&gt; {n} &amp; %s?"
        assert _rendered(app, '<i title="{{ t("page.syntax") }}">') == '<i title="Words, &#34;exact phrases&#34;">'
        link = Markup('<a href="?q=x">x</a>')
        assert _rendered(app, template, value=link) == f"Did you mean {link}?"

    @given(st.text(st.sampled_from("<>&\"'{}%é北a!. "), max_size=12), st.sampled_from(list(language.LANGUAGES)))
    def test_no_value_leaves_its_placeholder(self, value: str, code: str) -> None:
        made = language.say(code, "box.as_typed", {"typed": value})
        (before, after) = str(language.texts(code)["box.as_typed"]).split("{typed}")
        visible = html.fromstring(f"<p>{made}</p>")
        assert not len(visible)
        assert re.sub("[\u2068\u2069]", "", visible.text) == before + value + after

    def test_names_of_the_other_direction_are_isolated(self) -> None:
        def remove(code: str, label: str) -> str:
            return language.say(code, "box.remove", {"label": label})

        assert remove("en", "Zoé 5") == "Remove filter Zoé 5"
        assert remove("en", "محمد") == "Remove filter \u2068محمد\u2069"
        assert remove("ar", "Zoé").endswith(" \u2068Zoé\u2069")
        assert "\u2068" not in remove("ar", "محمد 5")

    def test_missing_texts_fall_back_to_english(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
        for code, sections in (("en", {"box": {"a": "A", "b": "B"}}), ("de", {"box": {"a": "Ä"}})):
            (tmp_path / f"{code}.json").write_text(json.dumps(sections))
        monkeypatch.setattr(language, "FOLDER", tmp_path)
        language.texts.cache_clear()
        try:
            assert [language.say("de", key, {}) for key in ("box.a", "box.b")] == ["Ä", "B"]
            with pytest.raises(KeyError):
                language.say("de", "box.c", {})
        finally:
            language.texts.cache_clear()

    @pytest.mark.parametrize("code", language.LANGUAGES)
    def test_days_and_spans(self, app: Flask, code: str) -> None:
        template = "{{ '2024' | span }}|{{ '2024-01' | span }}|{{ '2024-W03' | span }}|{{ '2024-01-21' | span }}"
        visible = _rendered(app, template, code).split("|")
        assert [text.replace("\u2009", " ") for text in visible] == SPANS[code]
        assert _rendered(app, "{{ '2024-01-21T23:59:00-11:00' | day }}", code) == SPANS[code][-1]
        assert _rendered(app, "{{ none | day }}{{ '' | day }}", code) == ""

    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            ("en", "Korea, North Hong Kong Nowhere ZZQ"),
            ("de", "Nordkorea Hongkong Nowhere ZZQ"),
            ("fr", "Corée du Nord Hong Kong Nowhere ZZQ"),
            ("ar", "كوريا الشمالية هونغ كونغ Nowhere ZZQ"),
        ],
    )
    def test_countries(self, app: Flask, code: str, expected: str) -> None:
        template = (
            "{{ 'KP' | territory('Korea, North') }} {{ 'HK' | territory }} "
            "{{ 'ZZQ' | territory('Nowhere') }} {{ 'ZZQ' | territory }}"
        )
        assert _rendered(app, template, code) == expected


class TestSearchPage:
    """The texts of filters, orders and bars on the search page."""

    @pytest.mark.parametrize(
        ("link", "code", "expected"),
        [
            (Link("North Korea", "", kind="country", value="KP"), "de", "Nordkorea"),
            (Link("PT, KP", "", kind="country", value="PT, KP"), "fr", "Portugal, Corée du Nord"),
            (Link("PT, KP", "", kind="country", value="PT, KP"), "en", "Portugal, North Korea"),
            (Link("Ann Lee", "", kind="person", value="Ann Lee"), "ar", "Ann Lee"),
            (Link("2024-01-21", "", kind="from", value="2024-01-21"), "es", "desde el 21 de enero de 2024"),
            (Link("2024-01-21", "", kind="to", value="2024-01-21"), "en", "until 21 January 2024"),
            (Link("envoy-1", "", kind="story", value="envoy-1"), "de", "Kopien einer Meldung"),
            (Link("newest", "", kind="sort", value="newest"), "fr", "Plus récents"),
            (Link("treaty", "", kind="q", value="treaty"), "fr", "treaty"),
            (Link("7", ""), "fr", "7"),
        ],
    )
    def test_links_are_named(self, app: Flask, link: Link, code: str, expected: str) -> None:
        assert _rendered(app, "{{ link | named }}", code, link=link) == expected

    @pytest.mark.parametrize(
        ("code", "chips", "result", "day"),
        [
            ("de", "Nordkorea, ab 1. Januar 2023", "3 Artikel in 2 Meldungen", "3. Februar 2024"),
            ("fr", "Corée du Nord, à partir du 1 janvier 2023", "3 articles sur 2 sujets", "3 février 2024"),
            ("es", "Corea del Norte, desde el 1 de enero de 2023", "3 artículos en 2 noticias", "3 de febrero de 2024"),
            ("ar", "كوريا الشمالية, من 1 يناير 2023", "3 مقالات (خبران)", "3 فبراير 2024"),
        ],
    )
    def test_whole_page(self, client: FlaskClient, code: str, chips: str, result: str, day: str) -> None:
        response = client.get("/?q=treaty&country=KP&from=2023", headers={"Accept-Language": code})
        page = html.fromstring(response.text)
        assert (page.get("lang"), page.get("dir")) == (code, formats.direction(code))
        *removed, cleared = [a.text_content().removesuffix(" ×") for a in page.find_class("chips")[0].iter("a")]
        assert (", ".join(removed), cleared) == (chips, language.say(code, "box.clear", {}))
        assert removed[0] in [label.text for label in page.find_class("label")]
        assert result in page.find_class("count")[0].text_content()
        assert page.find_class("copies")[0].text == language.say(code, "box.copies", {"n": 1})
        assert page.xpath("//time")[0].text == day

    @pytest.mark.parametrize(
        "address", ["/", "/?q=treaty&country=KP", "/?q=zzzz", "/?q=treety", "/articles/envoy-1?q=port"]
    )
    @pytest.mark.parametrize("code", FOREIGN)
    def test_nothing_is_left_in_english(self, client: FlaskClient, code: str, address: str) -> None:
        page = html.fromstring(client.get(address, headers={"Accept-Language": code}).text)
        for article in page.xpath("//*[@lang='en'] | //article | //*[contains(@class, 'similar')]"):
            article.drop_tree()
        visible = {text.strip() for text in page.xpath("//body//text() | //@aria-label | //@placeholder | //@title")}
        own = {form for text in _texts_in_file(code).values() for form in _forms(text).values()}
        english = {form for text in _texts_in_file("en").values() for form in _forms(text).values()} - own
        assert not visible & english

    def test_the_url_of_an_article_keeps_the_query(self, app: Flask) -> None:
        template = "{{ article_address(id, text) }}"
        assert _rendered(app, template, id="odd id?#", text="a & b") == "/articles/odd%20id%3F%23?q=a+%26+b"
        assert _rendered(app, template, id="a", text=" ") == "/articles/a"


class TestChoosing:
    @pytest.mark.parametrize(
        ("address", "cookie", "accepted", "expected"),
        [
            ("/help", "", "", "en"),
            ("/help", "", "de-AT, en;q=0.5", "de"),
            ("/help", "", "nl, es-419;q=0.8, FR-ca;q=0.9", "fr"),
            ("/help", "", "de;q=0, ar;q=0.1", "ar"),
            ("/help", "", "de;q=0", "en"),
            ("/help", "", "*", "en"),
            ("/help", "", ";;,__,a-,-,pt-BR", "en"),
            ("/help", "es", "de", "es"),
            ("/help", "xx", "de", "de"),
            ("/help?lang=ar", "es", "de", "ar"),
            ("/help?lang=xx", "es", "de", "es"),
            ("/help?lang=", "", "fr", "fr"),
            ("/help?lang=de&lang=fr", "", "", "de"),
        ],
    )
    def test_parameter_then_cookie_then_browser(
        self, client: FlaskClient, address: str, cookie: str, accepted: str, expected: str
    ) -> None:
        if cookie:
            client.set_cookie("lang", cookie)
        page = html.fromstring(client.get(address, headers={"Accept-Language": accepted}).text)
        title = language.say(expected, "page.how", {})
        assert page.findtext(".//title") == f"{title} – Dateline"

    def test_the_choice_is_kept(self, client: FlaskClient) -> None:
        response = client.get("/?lang=de")
        cookie = response.headers["Set-Cookie"]
        for part in ("lang=de;", "Max-Age=31536000", "Path=/", "SameSite=Lax", "HttpOnly"):
            assert part in cookie
        assert response.headers["Cache-Control"] == "private, no-cache"
        assert html.fromstring(client.get("/help").text).findtext(".//title").startswith("Suchhilfe")
        assert "Set-Cookie" not in client.get("/help").headers

    def test_only_responses_that_depend_on_the_language_vary(self, client: FlaskClient) -> None:
        for address in ("/", "/?page=0", "/help", "/articles/seoul", "/articles/nope"):
            response = client.get(address, headers={"Accept": "text/html"})
            assert {"Accept-Language", "Cookie"} <= set(response.vary.as_set(preserve_casing=True)), address
            assert "Set-Cookie" not in response.headers
        for address in ("/v1/search?q=treaty", "/articles/nope", "/search-box.js", "/texts/de.json"):
            response = client.get(address, headers={"Accept": "application/json"})
            assert "Cookie" not in response.vary, address
        for address in ("/v1/search?lang=de", "/feed.atom?lang=de", "/opensearch.xml?lang=de"):
            response = client.get(address)
            assert "Set-Cookie" not in response.headers, address
            assert "Accept-Language" not in response.vary, address

    def test_an_unknown_language_is_reported(self, client: FlaskClient) -> None:
        def notes(address: str) -> str:
            return " ".join(
                note.text_content() for note in html.fromstring(client.get(address).text).find_class("note")
            )

        assert "lang" in notes("/?q=treaty&lang=xx")
        assert "lang" not in notes("/?q=treaty&lang=en")

    @pytest.mark.parametrize("address", ["/help", "/?page=0", "/articles/nope"])
    def test_english_text_is_marked_as_english(self, client: FlaskClient, address: str) -> None:
        page = html.fromstring(client.get(address, headers={"Accept": "text/html", "Accept-Language": "ar"}).text)
        heading = page.find(".//h1")
        (marked,) = [one for one in heading.iterancestors() if one.get("dir") == "ltr" and one.tag != "html"]
        assert marked.get("lang") == "en"
        english = html.fromstring(client.get(address, headers={"Accept": "text/html"}).text)
        assert not english.xpath("//main/descendant-or-self::*[@lang or @dir='ltr']")


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.mark.browser
class TestBrowser:
    """The server and the browser format values equally, so a page and the element on it agree."""

    @pytest.mark.parametrize("code", FOREIGN)
    def test_numbers_days_countries_and_plurals_match_browsers(self, app: Flask, page: Page, code: str) -> None:
        codes = sorted(territories.names())
        locale = f"{code}-u-nu-latn"
        result = page.evaluate(BROWSER, [locale, codes])
        with app.test_request_context("/", headers={"Accept-Language": code}):
            assert result["numbers"] == [language.number(one) for one in (0, 7, 999, 1234, 9999, 10000, 1234567)]
            assert result["days"] == [language.day(one) for one in ("1999-12-31", "2024-03-01", "2024-08-21")]
            assert result["plurals"] == [formats.plural(code, one) for one in (*range(1200), 1_000_000)]
            assert dict(zip(codes, result["countries"], strict=True)) == {one: language.territory(one) for one in codes}
