"""Pages of another site, with Dateline's search box in them, behind a socket of their own."""

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
    """Yield the address of an application whose answers are read to their end."""
    with served(_whole(app)) as address:
        yield address


def _whole(app: WSGIApplication) -> WSGIApplication:
    """Return an application whose answers are read to their end, also where the browser hangs up on a file."""

    def read(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        with closing(ClosingIterator(app(environ, start))) as parts:
            return [b"".join(parts)]

    return read


@dataclass
class Site:
    """Another site: an application that answers with the pages that were put there."""

    dateline: str
    """The address of Dateline."""
    address: str = ""
    pages: dict[str, Response] = field(default_factory=dict)

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        return self.pages.get(environ["PATH_INFO"], Response("nothing", 404))(environ, start)

    def put(self, body: str, *, path: str = "/", policy: str = "", head: str = "", lang: str = "en") -> str:
        """Put a page there and return its address; the script of the box is in its head."""
        script = f'<script type="module" src="{self.dateline}/search-box.js"></script>'
        meta = '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>News</title>'
        text = f'<!doctype html><html lang="{lang}"><head>{meta}{head}{script}</head><body>{body}</body></html>'
        return self.put_text(text, path=path, policy=policy)

    def put_text(self, text: str, *, path: str = "/", policy: str = "", kind: str = "text/html") -> str:
        """Put a file there, as it is, and return its address."""
        headers = {"Content-Security-Policy": policy} if policy else {}
        self.pages[path] = Response(text, content_type=f"{kind}; charset=utf-8", headers=headers)
        return self.address + path

    @property
    def strict(self) -> str:
        """The policy that docs/search-box.md says to be enough."""
        server = self.dateline
        allowed = f"script-src {server}; connect-src {server}; img-src data:; base-uri 'none'"
        return f"default-src 'none'; {allowed}; require-trusted-types-for 'script'; trusted-types 'none'"


@contextmanager
def other_site(dateline: str) -> Iterator[Site]:
    """Yield another site whose pages take the box from a Dateline."""
    site = Site(dateline)
    with serving(site) as address:
        site.address = address
        assert urlsplit(address).port != urlsplit(dateline).port
        yield site


def below(path: str, app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Return an application that has another one below a path, and nothing else."""

    def mounted(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(f"{path}/"):
            return Response("nothing", 404)(environ, start)
        inner = {**environ, "SCRIPT_NAME": path, "PATH_INFO": environ["PATH_INFO"].removeprefix(path)}
        return app(inner, start)

    return mounted
