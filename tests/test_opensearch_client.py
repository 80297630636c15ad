"""URLs of OpenSearch indexes, and requests to hosts that refuse, hang, or are not OpenSearch."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from search.engine import open_engine
from search.engines.opensearch import bulk
from search.engines.opensearch import client as opensearch_client
from search.engines.opensearch import documents as stored
from search.engines.opensearch.address import address_of
from search.engines.opensearch.client import Client, MissingIndex
from search.engines.opensearch.connection import Connection
from search.engines.opensearch.failures import ConflictError
from search.engines.opensearch.lock import Lock
from search.errors import InvalidQueryError, SearchError, SettingError, UnavailableError
from search.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from urllib3.util import Timeout

    from search.engines.opensearch.address import Address

QUICK = Settings(opensearch_timeout=2)
"""Settings for hosts that never answer. Hosts that answer get `PATIENT`, because a machine may be slow."""

PATIENT = Settings(opensearch_timeout=60)


class TestAddresses:
    @pytest.mark.parametrize(
        ("url", "hosts", "login"),
        [
            ("opensearch://localhost/news", ["localhost:9200"], None),
            ("opensearch://localhost:9201/news/", ["localhost:9201"], None),
            ("opensearch+https://a:b@h1,h2:443/news", ["h1:9200", "h2:443"], ("a", "b")),
            (
                "opensearch://[::1]:9201,10.0.0.1,[fe80::1]/news",
                ["[::1]:9201", "10.0.0.1:9200", "[fe80::1]:9200"],
                None,
            ),
            ("opensearch://us%40er:p%40s%3As%2F@h/news", ["h:9200"], ("us@er", "p@s:s/")),
            ("opensearch://user:with@sign@h/news", ["h:9200"], ("user", "with@sign")),
        ],
    )
    def test_hosts_and_login(self, url: str, hosts: list[str], login: tuple[str, str] | None) -> None:
        found = address_of(url)
        assert [str(host) for host in found.hosts] == hosts
        assert (found.login, found.name, found.secure) == (login, "news", url.startswith("opensearch+https"))

    @pytest.mark.parametrize(
        "url",
        [
            "opensearch://", "opensearch:///news", "opensearch://host", "opensearch://host/", "opensearch://host/a/b",
            "opensearch://h1,,h2/news", "opensearch://host:port/news", "opensearch://host:0/news",
            "opensearch://host:99999/news", "opensearch://::1/news", "opensearch://host/news?x=1",
        ],
    )  # fmt: skip
    def test_a_malformed_url_is_refused_with_a_remedy(self, url: str) -> None:
        with pytest.raises(SettingError) as raised:
            open_engine(url)
        assert raised.value.field == "DATELINE_INDEX"
        assert raised.value.remedy

    @pytest.mark.parametrize(
        "name",
        [
            "News", "_news", "-news", "+news", ".", "..", ".news", "ne*ws", "a,b", "a b", "a:b", "näws", "a" * 201, "*",
            "news-000001", "news-files", "news-lock", "news-000001-files", "news-building-1",
        ],
    )  # fmt: skip
    def test_index_names_that_are_not_allowed(self, name: str) -> None:
        with pytest.raises(SettingError, match="name of an OpenSearch index") as raised:
            address_of(f"opensearch://host/{name}")
        assert "lower-case" in raised.value.remedy

    @pytest.mark.parametrize("name", ["news", "news-2024", "n", "2024.news_x", "a" * 200])
    def test_index_names_that_are_allowed(self, name: str) -> None:
        assert address_of(f"opensearch://host/{name}").name == name

    @pytest.mark.parametrize(
        "url",
        ["opensearch://me:secret@host/news", "opensearch://me:se/cret@host/news", "opensearch://me:secret@host:0/n",
         "opensearch://me:secret@host/News", "opensearch://me:secret@@host,/news"],
    )  # fmt: skip
    def test_a_password_is_in_no_message(self, url: str) -> None:
        messages: list[Address | SearchError] = []
        try:
            messages.append(address_of(url))
            assert messages[0].url == "opensearch://me@host/news"
            with pytest.raises(UnavailableError) as raised:
                Client(url.replace("host", "127.0.0.1:1"), QUICK).ask("GET", "/")
            messages.append(raised.value)
        except SettingError as error:
            messages.append(error)
        assert all("cret" not in f"{one} {one!r}" for one in messages)

    @pytest.mark.parametrize(
        ("url", "address"),
        [
            ("opensearch://me@example.com:s3cret@host:9200/x", "opensearch://me@example.com@host:9200/x"),
            ("opensearch://a/me:s3@cr/et@host/x", "opensearch://a/me@host/x"),
            ("opensearch://me@example.com@host/x", "opensearch://me@example.com@host/x"),
        ],
    )
    def test_a_user_name_may_contain_an_at_sign_and_a_slash(self, url: str, address: str) -> None:
        assert address_of(url).url == address

    @pytest.mark.parametrize(
        "url", ["opensearch://m@e:s3@cret@h,/x", "opensearch://m/e:s3\ncret@h/x", "opensearch://m@e:s3cret@h:0/x"]
    )
    def test_the_password_of_a_malformed_url_is_in_no_message(self, url: str) -> None:
        with pytest.raises(SettingError) as raised:
            address_of(url)
        assert "s3" not in raised.value.message


class _Answers(BaseHTTPRequestHandler):
    """Answers each request with the next response in its server's list."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        status, body = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        self.server.asked.append(f"{self.command} {self.path}")
        self.server.authorized = self.headers.get("authorization")
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("warning", '299 OpenSearch-2.19 "this is deprecated"')
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def answering(*answers: tuple[int, bytes], certificate: Path | None = None) -> Iterator[ThreadingHTTPServer]:
    """Yield a server that gives one of these responses to each request, and repeats the last one."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        server.answers, server.asked, server.daemon_threads = list(answers), [], True
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def hanging() -> Iterator[int]:
    """Yield the port of a server that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def _client(*ports: int, settings: Settings = PATIENT, scheme: str = "opensearch") -> Client:
    return Client(f"{scheme}://{','.join(f'127.0.0.1:{port}' for port in ports)}/news", settings)


CLOSED = 1
"""A port on which no server listens."""


class TestHosts:
    @pytest.fixture
    def attempts(self, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, float]]:
        """Return a list that records each attempt of a client: the port, and the seconds that it waits for an answer.

        A failed host stays marked as dead for the whole test, however slow the machine is.
        """
        attempts: list[tuple[int, float]] = []
        perform = Connection.perform_request

        def perform_request(self: Connection, *args: Any, timeout: Timeout, **options: Any) -> Any:
            attempts.append((int(self.host.rpartition(":")[2]), timeout.read_timeout))
            return perform(self, *args, timeout=timeout, **options)

        monkeypatch.setattr(Connection, "perform_request", perform_request)
        monkeypatch.setattr(opensearch_client, "DEAD_SECONDS", 3_600.0)
        return attempts

    def test_a_host_that_refuses_is_skipped(self, attempts: list[tuple[int, float]]) -> None:
        with answering((200, b'{"well": 1}')) as server:
            client = _client(CLOSED, server.server_port)
            assert [client.ask("GET", "/") for _ in range(20)] == [{"well": 1}] * 20
        assert [port for port, _ in attempts].count(CLOSED) == 1
        assert len(attempts) == 21

    def test_a_host_that_hangs_costs_half_of_the_timeout_once(self, attempts: list[tuple[int, float]]) -> None:
        with hanging() as port, answering((200, b"{}")) as server:
            client = _client(port, server.server_port, settings=QUICK)
            for _ in range(4):
                client.ask("GET", "/")
            (seconds,) = [seconds for tried, seconds in attempts if tried == port]
        assert seconds <= QUICK.opensearch_timeout / 2
        assert len(attempts) == 5

    def test_an_error_is_raised_in_time_if_no_host_answers(self, attempts: list[tuple[int, float]]) -> None:
        """All attempts together wait no longer than the timeout and 0.1 s for each attempt."""
        with hanging() as port:
            for ports in ((CLOSED,), (CLOSED, CLOSED + 1), (port,), (port, CLOSED), (port, port, port)):
                attempts.clear()
                with pytest.raises(UnavailableError, match="does not answer") as raised:
                    _client(*ports, settings=QUICK).ask("GET", "/")
                assert "Check that it is running" in raised.value.remedy
                assert len(attempts) <= max(2, len(ports))
                waited = sum(seconds for tried, seconds in attempts if tried == port)
                assert waited <= QUICK.opensearch_timeout + 0.1 * len(attempts)

    def test_a_host_that_returns_is_used_again(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        client = _client(port, CLOSED)
        with pytest.raises(UnavailableError):
            client.ask("GET", "/")
        with ThreadingHTTPServer(("127.0.0.1", port), _Answers) as server:
            server.answers, server.asked, server.daemon_threads = [(200, b"{}")], [], True
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}).start()
            assert client.ask("GET", "/") == {}
            server.shutdown()

    def test_a_write_waits_for_a_cluster_that_comes_back(self) -> None:
        busy = (503, b'{"error": {"type": "cluster_block_exception", "reason": "no master"}, "status": 503}')
        with answering(busy, busy, busy, (200, b"{}")) as server:
            assert _client(server.server_port).insist("PUT", "/x") == {}

    def test_a_search_is_retried_only_shortly(self) -> None:
        busy = (503, b'{"error": {"type": "no_shard_available_action_exception", "reason": "x"}, "status": 503}')
        with answering(busy, (200, b'{"_shards": {"failed": 0}}')) as server:
            assert _client(server.server_port).search("news", {})
        with answering(busy) as server, pytest.raises(UnavailableError, match="is busy"):
            _client(server.server_port).search("news", {})
        assert len(server.asked) < 10


LOST = """{"error": {"type": "search_phase_execution_exception", "reason": "all shards failed", "root_cause":
[{"type": "search_context_missing_exception", "reason": "No search context"}]}}"""


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "body", "kind", "words"),
        [
            (404, LOST, MissingIndex, "No search context"),
            (409, '{"error": {"type": "version_conflict_engine_exception", "reason": "x"}}', ConflictError, "another"),
            (400, '{"error": {"type": "too_many_nested_clauses", "reason": "x"}}', InvalidQueryError, "too large"),
            (401, "Unauthorized", SettingError, "password"),
            (403, '{"error": {"type": "security_exception", "reason": "no permissions"}}', SettingError, "rights"),
            (400, '{"error": {"type": "mapper_parsing_exception", "reason": "odd"}}', SearchError, "odd"),
            (500, '{"error": {"type": "null_pointer_exception", "reason": "x"}}', UnavailableError, "is busy"),
            (429, '{"error": {"type": "circuit_breaking_exception", "reason": "heap"}}', UnavailableError, "heap"),
            (
                429,
                '{"error": {"type": "cluster_block_exception", "reason": "disk usage exceeded flood-stage watermark"}}',
                SearchError,
                "rejects all writes",
            ),
            (404, "<html>Not found</html>", SearchError, "404"),
        ],
    )
    def test_refusals(self, status: int, body: str, kind: type[SearchError], words: str) -> None:
        with answering((status, body.encode())) as server, pytest.raises(kind, match=words) as raised:
            _client(server.server_port).ask("GET", "/")
        assert type(raised.value) is kind or kind is UnavailableError

    @pytest.mark.parametrize(
        "part",
        [
            '{"timed_out": true, "_shards": {"failed": 0}}',
            '{"timed_out": false, "_shards": {"failed": 1, "failures": [{"reason": {"type": "a", "reason": "b"}}]}}',
        ],
    )
    def test_a_partial_response_is_an_error(self, part: str) -> None:
        whole = '{"timed_out": false, "_shards": {"failed": 0}}'
        answer = (200, f'{{"responses": [{whole}, {part}]}}'.encode())
        with answering(answer) as server, pytest.raises(UnavailableError, match="all shards"):
            _client(server.server_port).msearch([("a", {}), ("b", {})])

    @pytest.mark.parametrize("body", ["<html>Welcome</html>", "[]", '"well"', "", "null"])
    def test_another_server_than_opensearch_is_named(self, body: str) -> None:
        with answering((200, body.encode())) as server:
            for request in (_client(server.server_port).ask, _client(server.server_port).insist):
                with pytest.raises(SettingError, match="is not OpenSearch") as raised:
                    request("GET", "/")
                assert "opensearch://host:9200/name" in raised.value.remedy

    def test_other_json_than_opensearch_sends_is_refused(self) -> None:
        with answering((200, b'{"hello": "world"}')) as server, pytest.raises(SettingError, match="is not OpenSearch"):
            _client(server.server_port).search("news", {})

    def test_a_login_is_sent_in_utf8(self) -> None:
        with answering((200, b"{}")) as server:
            Client(f"opensearch://%D0%BF:\u00e9%3A@127.0.0.1:{server.server_port}/news", QUICK).ask("GET", "/")
        assert base64.b64decode(server.authorized.removeprefix("Basic ")).decode() == "\u043f:\u00e9:"

    def test_a_document_that_may_not_be_read_or_written(self) -> None:
        error = '"error": {"type": "security_exception", "reason": "no permissions"}'
        with answering((200, f'{{"docs": [{{"_id": "lock", {error}}}]}}'.encode())) as server:
            with pytest.raises(SettingError, match="lacks the rights"):
                Lock(_client(server.server_port)).acquire()
            with pytest.raises(SettingError, match="lacks the rights"):
                stored.articles(_client(server.server_port), "news", ["lock"])
        answer = f'{{"errors": true, "items": [{{"index": {{"status": 403, {error}}}}}]}}'
        with answering((200, answer.encode())) as server, pytest.raises(SettingError, match="lacks the rights"):
            bulk.send(_client(server.server_port), "news", [bulk.written("a", {}, "article 'a'")])

    def test_a_server_without_https_is_named(self) -> None:
        with answering((200, b"{}")) as server, pytest.raises(SettingError, match="opensearch://"):
            _client(server.server_port, scheme="opensearch+https").ask("GET", "/")

    def test_untrusted_and_trusted_certificates(self, certificate: Path) -> None:
        with answering((200, b"{}"), certificate=certificate) as server:
            with pytest.raises(SettingError, match="DATELINE_OPENSEARCH_CA"):
                _client(server.server_port, scheme="opensearch+https").ask("GET", "/")
            trusting = Settings(opensearch_timeout=60, opensearch_ca=str(certificate))
            assert _client(server.server_port, scheme="opensearch+https", settings=trusting).ask("GET", "/") == {}

    @pytest.mark.parametrize("content", [None, "no certificate"])
    def test_certificates_that_cannot_be_read(self, tmp_path: Path, content: str | None) -> None:
        path = tmp_path / "ca.pem"
        if content is not None:
            path.write_text(content)
        with pytest.raises(SettingError, match=r"ca\.pem") as raised:
            open_engine("opensearch+https://host/news", Settings(opensearch_ca=str(path)))
        assert raised.value.field == "DATELINE_OPENSEARCH_CA"

    def test_nothing_is_printed(self, capfd: pytest.CaptureFixture[str]) -> None:
        with answering((200, b"{}")) as server:
            _client(CLOSED, server.server_port).ask("GET", "/")
            with pytest.raises(UnavailableError):
                _client(CLOSED).ask("GET", "/")
        assert capfd.readouterr() == ("", "")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and its self-signed certificate for 127.0.0.1."""
    import subprocess

    folder = tmp_path_factory.mktemp("tls")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return both
