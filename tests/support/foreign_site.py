"""Serves pages of another site that embed Dateline's search box."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from conftest import served
from werkzeug.wrappers import Response
from werkzeug.wsgi import ClosingIterator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


@contextmanager
def serving(app: WSGIApplication) -> Iterator[str]:
    """Serve an application, reading its responses to the end, and yield its address."""
    with served(_read_to_the_end(app)) as address:
        yield address


def _read_to_the_end(app: WSGIApplication) -> WSGIApplication:
    """Return an application that reads its responses to the end, even if the browser closes the connection."""

    def read(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        with closing(ClosingIterator(app(environ, start))) as parts:
            return [b"".join(parts)]

    return read


@dataclass
class Site:
    """Another site: an application that serves the pages and files that a test puts there."""

    dateline: str
    """The address of Dateline."""
    address: str = ""
    pages: dict[str, Response] = field(default_factory=dict)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return self.pages.get(environ["PATH_INFO"], Response("nothing", 404))(environ, start)

    def put(self, body: str, *, path: str = "/", policy: str = "", head: str = "", lang: str = "en") -> str:
        """Add a page and return its address. The page loads the script of the search box."""
        script = f'<script type="module" src="{self.dateline}/search-box.js"></script>'
        meta = '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>News</title>'
        text = f'<!doctype html><html lang="{lang}"><head>{meta}{head}{script}</head><body>{body}</body></html>'
        return self.put_text(text, path=path, policy=policy)

    def put_text(self, text: str, *, path: str = "/", policy: str = "", kind: str = "text/html") -> str:
        """Add an unchanged file and return its address."""
        headers = {"Content-Security-Policy": policy} if policy else {}
        self.pages[path] = Response(text, content_type=f"{kind}; charset=utf-8", headers=headers)
        return self.address + path

    @property
    def strict(self) -> str:
        """The content security policy that docs/search-box.md recommends."""
        server = self.dateline
        allowed = f"script-src {server}; connect-src {server}; img-src data:; base-uri 'none'"
        return f"default-src 'none'; {allowed}; require-trusted-types-for 'script'; trusted-types 'none'"


@contextmanager
def other_site(dateline: str) -> Iterator[Site]:
    """Yield another site whose pages load the search box from a Dateline server."""
    site = Site(dateline)
    with serving(site) as address:
        site.address = address
        assert urlsplit(address).port != urlsplit(dateline).port
        yield site


def below(path: str, app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Return an application that serves another application below a path, and nothing else."""

    def mounted(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(f"{path}/"):
            return Response("nothing", 404)(environ, start)
        inner = {**environ, "SCRIPT_NAME": path, "PATH_INFO": environ["PATH_INFO"].removeprefix(path)}
        return app(inner, start)

    return mounted
