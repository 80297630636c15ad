"""Raw articles are read from every kind of file and encoding, and faults are reported."""

from __future__ import annotations

import gzip
import io
import json
import random
import sys
import tracemalloc
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.sources.decode import decode
from index.sources.ids import canonical_url, path_id, url_id
from index.sources.read import read
from search.errors import SourceError
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from index.sources.raw import RawArticle

SETTINGS = Settings()
SENTENCES = {
    "de": "Nach der Einigung von neunzehn Häfen will auch Köln seine Liegeplätze künftig abstimmen, für größere Schiffe.",
    "fr": "L'économie française a été touchée par la sécheresse, et les élèves rentreront plus tôt à l'école cet été.",
    "ru": "Россия и Монголия договорились о поставках газа, сообщил в среду министр энергетики после переговоров.",
    "pl": "Rząd ogłosił w środę, że łączność kolejowa między Gdańskiem i Łodzią będzie wznowiona dopiero później.",
    "tr": "Ülkenin doğusunda şiddetli bir deprem oldu, yetkililer ölen olmadığını, kışın köylülerin beklediğini söyledi.",
    "zh": "两国星期三签署了一项关于天然气供应的协议，能源部长在首都说。会谈持续了三天，双方都很满意。",
    "ja": "両国は水曜日、天然ガスの供給に関する協定に署名したとエネルギー相が語った。会談は三日間続いた。",
    "ko": "두 나라는 수요일 천연가스 공급에 관한 협정에 서명했다고 에너지 장관이 말했다. 회담은 사흘간 계속되었다.",
}


def read_all(*paths: object, limit: int | None = None) -> list[RawArticle]:
    limited = replace(SETTINGS, max_article_bytes=limit) if limit else SETTINGS
    return list(read([str(path) for path in paths], limited))


def lines_file(folder: Path, *lines: object) -> Path:
    path = folder / "wire.jsonl"
    path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
    return path


def page_record(url: str, content_type: str, body: bytes, status: str = "200 OK") -> bytes:
    page = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n\r\n".encode() + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-03-05T10:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:0>\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(page)}\r\n\r\n"
    )
    return head.encode() + page + b"\r\n\r\n"


class TestFiles:
    def test_a_folder_is_read_in_order_and_unknown_extensions_are_skipped(self, tmp_path: Path) -> None:
        for name in ("b.txt", "a/z.html", "a/y.txt", ".hidden.txt", ".git/x.txt", "README.md", "photo.jpg"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("<p>Story</p>")
        names = [article.origin.removeprefix(f"{tmp_path}/") for article in read_all(tmp_path)]
        assert names == ["a/y.txt", "a/z.html", "b.txt"]

    def test_extension_and_content_distinguish_text_and_html(self, tmp_path: Path) -> None:
        (tmp_path / "1.txt").write_text("Only text.")
        (tmp_path / "2.txt").write_text("<!DOCTYPE html><html><body>Page</body></html>")
        (tmp_path / "3.htm").write_text("<p>Fragment</p>")
        assert [(article.text is None, article.html is None) for article in read_all(tmp_path)] == [
            (False, True), (True, False), (True, False),
        ]  # fmt: skip

    @pytest.mark.parametrize("name", ["x.txt", "x.html", "x.jsonl", "x.ndjson", "x.json"])
    def test_every_kind_of_file_may_be_compressed(self, tmp_path: Path, name: str) -> None:
        content = b'{"id": "7", "text": "A story."}\n' if "j" in name else b"<html>A story.</html>"
        (tmp_path / name).write_bytes(content)
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(content))
        plain, packed = read_all(tmp_path / name, tmp_path / f"{name}.gz")
        assert (plain.text, plain.html) == (packed.text, packed.html)
        assert plain.fault is None

    def test_moving_a_folder_keeps_the_ids(self, tmp_path: Path) -> None:
        for place in ("here", "there"):
            (tmp_path / place / "news" / "asia").mkdir(parents=True)
            (tmp_path / place / "news" / "asia" / "lake.txt").write_text("Story.")
        assert [a.id for a in read_all(tmp_path / "here" / "news")] == ["news~asia~lake.txt"]
        assert [a.id for a in read_all(tmp_path / "there" / "news")] == ["news~asia~lake.txt"]

    def test_paths_are_checked_before_anything_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("Story.")
        (tmp_path / "a.doc").write_text("Story.")
        with pytest.raises(SourceError, match="does not exist") as missing:
            read([str(tmp_path / "a.txt"), str(tmp_path / "none.txt")], SETTINGS)
        assert missing.value.remedy
        with pytest.raises(SourceError, match="unknown extension") as unknown:
            read([str(tmp_path / "a.doc")], SETTINGS)
        assert ".jsonl" in unknown.value.remedy

    def test_an_unreadable_file_does_not_stop_the_rest(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "a.txt").write_text("First.")
        (tmp_path / "b.txt").write_text("Second.")
        opened = type(tmp_path).open

        def refuse(path: Path, *args: str) -> object:
            if path.name == "a.txt":
                raise PermissionError(13, "Permission denied")
            return opened(path, *args)

        monkeypatch.setattr(type(tmp_path), "open", refuse)
        first, second = read_all(tmp_path)
        assert (first.fault, first.fault_detail) == ("unreadable file", "Permission denied")
        assert second.text == "Second."

    @pytest.mark.parametrize("cut", [5, 60, -4])
    def test_broken_gzip_is_a_fault(self, tmp_path: Path, cut: int) -> None:
        packed = gzip.compress("\n".join(f'{{"text": "Story {n}."}}' for n in range(5_000)).encode())
        (tmp_path / "a.jsonl.gz").write_bytes(packed[:cut])
        (tmp_path / "b.txt.gz").write_bytes(b"no gzip at all")
        (tmp_path / "c.txt").write_text("The rest.")
        *whole, broken, other, rest = read_all(tmp_path)
        assert all(article.text for article in whole)
        assert len(whole) == (4_999 if cut == -4 else 0)
        assert broken.fault == other.fault == "broken gzip"
        assert rest.text == "The rest."

    def test_a_file_above_the_limit_is_a_fault_whatever_its_size_on_disk(self, tmp_path: Path) -> None:
        (tmp_path / "bomb.txt.gz").write_bytes(gzip.compress(b"x" * 3_000_000))
        tracemalloc.start()
        (bomb,) = read_all(tmp_path, limit=100_000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert bomb.fault == "file too large"
        assert peak < 1_500_000

    def test_binary_files_are_a_fault(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_bytes(b"%PDF-1.7\n rest")
        (tmp_path / "b.html").write_bytes(bytes(range(256)) * 20)
        assert [article.fault for article in read_all(tmp_path)] == ["binary", "binary"]


class TestJson:
    def test_all_fields(self, tmp_path: Path) -> None:
        given = {
            "id": 12,
            "url": "https://a.example/x",
            "title": "T",
            "date": "2024-01-21",
            "source": "S",
            "author": "A",
            "language": "en",
        }
        (article,) = read_all(lines_file(tmp_path, {**given, "text": "Body."}))
        assert (article.id, article.url, article.title, article.published) == (
            "12",
            "https://a.example/x",
            "T",
            "2024-01-21",
        )
        assert (article.source, article.author, article.language, article.text) == ("S", "A", "en", "Body.")
        assert article.origin.endswith("wire.jsonl:1")

    def test_html_beats_text_and_published_beats_date(self, tmp_path: Path) -> None:
        (article,) = read_all(
            lines_file(tmp_path, {"text": "t", "html": "<p>h</p>", "published": "2020", "date": "2021"})
        )
        assert (article.text, article.html, article.published) == (None, "<p>h</p>", "2020")

    @pytest.mark.parametrize(
        ("line", "fault", "detail"),
        [
            ('{"text": "cut off', "invalid JSON", "Unterminated"),
            ("[1, 2]", "not an object", "a list"),
            ({"text": ["a"]}, "wrong type", "text is a list, not a string"),
            ({"text": "a", "title": 5}, "wrong type", "title is a number, not a string"),
            ({"id": True, "text": "a"}, "wrong type", "id is a boolean"),
            ({"id": "x" * 501, "text": "a"}, "id too long", "500"),
            ({"title": "only a title"}, "no text", "neither text nor html"),
            ("[" * 100_000, "invalid JSON", ""),
            ('{"text": "\x00\x01\x02\x03\x04\x05\x06"}', "binary", ""),
        ],
    )
    def test_a_bad_line_is_a_fault_with_its_number_and_the_rest_is_read(
        self, tmp_path: Path, line: object, fault: str, detail: str
    ) -> None:
        bad, good = read_all(lines_file(tmp_path, "", line, {"id": "ok", "text": "Story."}))
        assert bad.fault == fault
        assert detail in bad.fault_detail
        assert bad.origin.endswith("wire.jsonl:2")
        assert (good.id, good.fault) == ("ok", None)

    def test_a_faulty_line_keeps_its_own_id(self, tmp_path: Path) -> None:
        (article,) = read_all(lines_file(tmp_path, {"id": "mine", "text": 5}))
        assert (article.id, article.fault) == ("mine", "wrong type")

    def test_a_line_of_50_mb_is_skipped_without_buffering_it(self, tmp_path: Path) -> None:
        path = tmp_path / "huge.jsonl"
        with path.open("wb") as file:
            file.write(b'{"text": "First."}\n{"text": "')
            for _ in range(50):
                file.write(b"x" * 1_000_000)
            file.write(b'"}\n{"text": "Last."}\n')
        tracemalloc.start()
        first, huge, last = read_all(path, limit=1_000_000)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (first.text, huge.fault, last.text) == ("First.", "line too long", "Last.")
        assert huge.origin == f"{path}:2"
        assert peak < 5_000_000

    @pytest.mark.parametrize("layout", ["object", "pretty", "array", "pretty array", "lines"])
    def test_a_json_file_may_be_an_object_an_array_or_lines(self, tmp_path: Path, layout: str) -> None:
        items = [{"id": "a", "text": "One, “two” [three]."}, {"id": "b", "text": "Four."}]
        text = {
            "object": json.dumps(items[0]),
            "pretty": json.dumps(items[0], indent=2),
            "array": json.dumps(items),
            "pretty array": json.dumps(items, indent=2),
            "lines": "\n".join(map(json.dumps, items)),
        }[layout]
        (tmp_path / "x.json").write_text(text)
        found = [(article.id, article.text) for article in read_all(tmp_path)]
        assert found == [(item["id"], item["text"]) for item in items][: 1 if layout in {"object", "pretty"} else 2]

    def test_an_array_larger_than_the_limit_is_streamed_and_numbered_by_line(self, tmp_path: Path) -> None:
        items = [{"id": str(n), "text": f"Story {n}. " * 50} for n in range(2_000)]
        (tmp_path / "x.json").write_text("[\n" + ",\n".join(map(json.dumps, items)) + "\n]")
        articles = read_all(tmp_path, limit=10_000)
        assert [article.id for article in articles] == [item["id"] for item in items]
        assert articles[1_999].origin.endswith("x.json:2001")

    def test_a_broken_array_names_the_line_and_keeps_earlier_items(self, tmp_path: Path) -> None:
        (tmp_path / "x.json").write_text('[{"text": "One."},\n{"text": oops}, {"text": "Two."}]')
        good, bad = read_all(tmp_path)
        assert (good.text, bad.fault) == ("One.", "invalid JSON")
        assert bad.origin.endswith("x.json:2")

    def test_standard_input_is_json_lines(self, monkeypatch: pytest.MonkeyPatch) -> None:
        data = '{"id": "a", "text": "Straße."}\nnonsense\n'.encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        good, bad = read_all("-")
        assert (good.text, bad.fault, bad.origin) == ("Straße.", "invalid JSON", "stdin:2")

    def test_lines_in_utf16_and_with_byte_order_mark(self, tmp_path: Path) -> None:
        for name, charset in (("a", "utf-16"), ("b", "utf-8-sig")):
            (tmp_path / f"{name}.jsonl").write_bytes('{"text": "Grüße"}\n{"text": "Привет"}\n'.encode(charset))
        assert [article.text for article in read_all(tmp_path)] == ["Grüße", "Привет"] * 2

    def test_lone_surrogates_do_not_reach_the_article(self, tmp_path: Path) -> None:
        (article,) = read_all(lines_file(tmp_path, '{"id": "\\ud800", "text": "a \\udc00 b \\ud83d\\ude00"}'))
        assert (article.text or "").encode()
        assert article.id.encode()
        assert "😀" in (article.text or "")


class TestWarc:
    @pytest.mark.parametrize("name", ["x.warc", "x.warc.gz", "whole.warc.gz"])
    def test_pages_are_read_and_other_records_skipped(self, tmp_path: Path, name: str) -> None:
        records = [
            page_record("https://a.example/1", "text/html; charset=windows-1251", SENTENCES["ru"].encode("cp1251")),
            page_record("https://a.example/2.jpg", "image/jpeg", b"\xff\xd8\xff"),
            page_record("https://a.example/3", "text/html", b"gone", status="404 Not Found"),
            page_record("https://a.example/4", "text/plain", b"Plain."),
        ]
        pack = {"x.warc": b"".join, "x.warc.gz": lambda parts: b"".join(map(gzip.compress, parts))}
        (tmp_path / name).write_bytes(pack.get(name, lambda parts: gzip.compress(b"".join(parts)))(records))
        page, gone, plain = read_all(tmp_path)
        assert (page.url, page.html, page.retrieved) == ("https://a.example/1", SENTENCES["ru"], "2024-03-05T10:00:00Z")
        assert page.id == url_id("https://a.example/1")
        assert (gone.fault, gone.fault_detail) == ("HTTP error", "status 404")
        assert plain.text == "Plain."

    def test_a_page_above_the_limit_is_a_fault(self, tmp_path: Path) -> None:
        large, small = (page_record(f"https://a.example/{n}", "text/html", b"x" * n) for n in (500_000, 5))
        (tmp_path / "x.warc.gz").write_bytes(gzip.compress(large) + gzip.compress(small))
        assert [article.fault for article in read_all(tmp_path, limit=100_000)] == ["page too large", None]

    @pytest.mark.parametrize(
        "data", [b"", b"nonsense", b"WARC/1.0\r\nWARC-Type: response\r\n", b"WARC/1.0\r\n\r\n" * 3]
    )
    def test_a_broken_archive_does_not_stop_the_rest(self, tmp_path: Path, data: bytes) -> None:
        (tmp_path / "a.warc").write_bytes(data)
        (tmp_path / "b.txt").write_text("The rest.")
        *found, rest = read_all(tmp_path)
        assert rest.text == "The rest."
        assert all(article.fault for article in found)

    @pytest.mark.parametrize("cut", [30, 150, -40])
    def test_a_truncated_archive_ends_with_a_fault(self, tmp_path: Path, cut: int) -> None:
        noise = random.Random(7).randbytes(50_000).hex().encode()
        page = gzip.compress(page_record("https://a.example/1", "text/html", noise))
        (tmp_path / "a.warc.gz").write_bytes(page + page[:cut])
        assert [article.fault for article in read_all(tmp_path)][:1] == [None]
        assert [article.fault for article in read_all(tmp_path)][-1] == "broken gzip"


class TestIds:
    def test_forms_of_one_url_have_one_id(self) -> None:
        forms = [
            "https://www.example.org/news/lake",
            "http://www.example.org/news/lake/",
            "https://WWW.example.org:443/news/lake#comments",
            "https://www.example.org/news/lake?utm_source=x&fbclid=1",
        ]
        assert len({url_id(form) for form in forms}) == 1
        assert url_id("https://www.example.org/news/lake?id=2") != url_id(forms[0])
        assert canonical_url("https://example.org/a?id=2&utm_medium=y") == "example.org/a?id=2"

    @given(st.text(max_size=80), st.text(max_size=80))
    def test_created_ids_fit_into_a_url_path_and_differ_if_the_names_do(self, one: str, other: str) -> None:
        for made in (path_id(one), url_id(one)):
            assert "/" not in made
            assert all(character.isalnum() or character in "._~-" for character in made)
        assert (path_id(one) == path_id(other)) == (one == other)

    def test_a_name_that_imitates_a_path_gets_its_own_id(self) -> None:
        assert path_id("a/b.txt") == "a~b.txt"
        assert path_id("a~b.txt") != "a~b.txt"

    def test_without_id_and_url_the_id_is_a_hash_of_the_content(self, tmp_path: Path) -> None:
        one, again, other = read_all(lines_file(tmp_path, {"text": "A."}, {"text": "A.", "title": "T"}, {"text": "B."}))
        assert one.id == again.id != other.id


class TestEncodings:
    @pytest.mark.parametrize(
        ("language", "charset"),
        [
            ("de", "utf-8"), ("de", "utf-8-sig"), ("ru", "utf-16"), ("ru", "utf-16-le"), ("de", "utf-16-be"), ("zh", "utf-32"),
            ("de", "cp1252"), ("fr", "cp1252"), ("de", "iso8859-1"), ("ru", "cp1251"), ("ru", "koi8-r"), ("ru", "iso8859-5"),
            ("pl", "cp1250"), ("tr", "cp1254"), ("zh", "gb18030"), ("ja", "shift_jis"), ("ja", "euc_jp"), ("ja", "iso2022_jp"),
            ("ko", "euc_kr"),
        ],
    )  # fmt: skip
    def test_encodings_are_detected_without_a_declaration(self, language: str, charset: str) -> None:
        text = "\n".join([SENTENCES[language]] * 4)
        assert decode(text.encode(charset)) == text

    @pytest.mark.parametrize(
        ("language", "charset"), [("pl", "iso-8859-2"), ("zh", "gb2312"), ("ja", "Shift_JIS"), ("tr", "windows-1254")]
    )
    def test_the_charset_of_the_page_or_the_header_counts(self, language: str, charset: str) -> None:
        page = f'<html><head><meta charset="{charset}"></head><body>{SENTENCES[language]}</body></html>'
        assert decode(page.encode(charset), html=True) == page
        assert decode(SENTENCES[language].encode(charset), charset) == SENTENCES[language]

    def test_a_cut_character_does_not_turn_utf8_into_something_else(self) -> None:
        data = (SENTENCES["ru"] * 3).encode()
        assert (decode(data[:-1], "koi8-r") or "").startswith(SENTENCES["ru"])

    @given(
        st.binary(max_size=300),
        st.sampled_from([None, "utf-7", "idna", "unicode_escape", "hex", "koi8-r", "no such"]),
        st.booleans(),
    )
    @settings(max_examples=150, deadline=None)
    def test_no_bytes_make_it_fail(self, data: bytes, declared: str | None, html: bool) -> None:  # noqa: FBT001
        text = decode(data, declared, html=html)
        assert text is None or isinstance(text, str)

    @given(
        st.binary(max_size=400),
        st.sampled_from(["x.txt", "x.html", "x.jsonl", "x.json", "x.warc", "x.txt.gz", "x.warc.gz"]),
    )
    @settings(max_examples=150, deadline=None)
    def test_no_file_makes_reading_fail(self, tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str) -> None:
        folder = tmp_path_factory.mktemp("any")
        (folder / name).write_bytes(data)
        for article in read_all(folder, limit=200):
            assert article.id
            assert (article.fault is not None) == (article.text is None and article.html is None)


def test_reading_is_a_stream(tmp_path: Path) -> None:
    with (tmp_path / "x.jsonl").open("w") as file:
        file.writelines(json.dumps({"text": f"{n} " + "word " * 2_000}) + "\n" for n in range(2_000))
    tracemalloc.start()
    count = sum(1 for _ in _consume(tmp_path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 2_000
    assert peak < 1_000_000


def _consume(folder: Path) -> Iterator[RawArticle]:
    return read([str(folder)], SETTINGS)
