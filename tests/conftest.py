"""Fixtures for several test files: a small archive behind the real engine, engines, servers, a browser."""

from __future__ import annotations

import gc
import os
import shutil
import threading
import time
import urllib.error
import urllib.request
import uuid
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from search.model import Article, Country, Mention, Person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from wsgiref.types import WSGIApplication

    from flask import Flask
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
    from werkzeug.test import TestResponse

    from search.engine import Engine

for _module in ("random", "search", "articles", "writing", "swaps"):
    pytest.register_assert_rewrite(f"support.contract_{_module}")

# By default, Hypothesis fails a test whose examples take longer than 0.2 s, so a busy machine would fail it.
settings.register_profile("dateline", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dateline")

SHARDS = 2
"""Shards of each OpenSearch index in tests. Some errors appear only with more than one shard."""

NAMES = {"KP": "North Korea", "RU": "Russia", "KR": "South Korea", "FR": "France", "PT": "Portugal", "TR": "Turkey"}


def _article(article_id: str, title: str, *paragraphs: str, about: str = "", **more: object) -> Article:
    """Make an article; `about` lists country codes and persons, such as `KP RU | Kim Jong Un, Vladimir Putin`."""
    body = "\n\n".join(paragraphs)
    codes, _, persons = about.partition("|")
    text = f"{title}\n\n{body}"
    mentions = {
        name: (Mention(name, text.index(name), text.index(name) + len(name)),)
        for name in [*(NAMES[code] for code in codes.split()), *(p.strip() for p in persons.split(",") if p.strip())]
        if name in text
    }
    return Article(
        id=article_id,
        title=title,
        body=body,
        countries=tuple(Country(code, NAMES[code], mentions.get(NAMES[code], ())) for code in codes.split()),
        persons=tuple(Person(p.strip(), mentions.get(p.strip(), ())) for p in persons.split(",") if p.strip()),
        **{"story": article_id, "digest": article_id, **more},
    )


@pytest.fixture(scope="session")
def news() -> tuple[Article, ...]:
    return (
        _article(
            "envoy-1",
            "North Korea and Russia sign a port treaty",
            "Kim Jong Un and Vladimir Putin put their names to a treaty on Tuesday.",
            "The treaty opens a port in North Korea to ships from Russia.",
            about="KP RU | Kim Jong Un, Vladimir Putin",
            published="2024-01-21T09:30:00+09:00",
            published_from="meta",
            source="Harbour Gazette",
            author="Ann Lee",
            language="en",
            url="https://gazette.example/treaty",
            story="treaty",
        ),
        _article(
            "envoy-2",
            "North Korea and Russia sign port treaty",
            "Kim Jong Un and Vladimir Putin put their names to a treaty on Tuesday.",
            about="KP RU | Kim Jong Un, Vladimir Putin",
            published="2024-01-22",
            source="Coast Daily",
            story="treaty",
        ),
        _article(
            "seoul",
            "Seoul watches the treaty with care",
            "South Korea asked for the text of the treaty. Choe Son Hui gave no answer.",
            about="KR KP | Choe Son Hui",
            published="2024-02-03",
            source="Coast Daily",
        ),
        _article(
            "hostile",
            "<img src=x onerror=\"document.title='owned'\"> & <script>alert(1)</script> treaty",
            "The body holds </mark><b>markup</b> beside the treaty & more.",
            about="FR | Zoé <i>O'Brien</i>",
            published="2023-06-01",
            source="<u>Raw</u> Press",
            url="javascript:document.title='owned'",
        ),
        _article(
            "odd id?#%&+é",
            "Ankara prepares an election",
            "Recep Tayyip Erdoğan spoke in Ankara about the election.",
            about="TR | Recep Tayyip Erdoğan",
            published="2022-11-30",
            source="Harbour Gazette",
        ),
        _article(
            "undated",
            "Lisbon plants ten thousand trees",
            "The city gardeners of Lisbon began in the hills.",
            about="PT",
        ),
        *(
            _article(
                f"harbour-{number:02}",
                f"Harbour report number {number}",
                "Ships came and went; the harbour master of France counted them.",
                about="FR",
                published=f"2023-{number:02}-15",
                source="Coast Daily",
            )
            for number in range(1, 13)
        ),
    )


@pytest.fixture(scope="session")
def news_url(news: tuple[Article, ...], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the URL of an index of `news`. Tests must not write to it."""
    from search.engine import open_engine

    folder: Path = tmp_path_factory.mktemp("news") / "index"
    url = f"tantivy://{folder}"
    open_engine(url).rebuild(news, keep=2)
    return url


@pytest.fixture(scope="session")
def app(news_url: str) -> Flask:
    from api import create_app
    from search.settings import Settings

    return create_app(Settings(index=news_url, max_results=1_000))


class _Client(FlaskClient):
    """A client that reads each response to its end. Otherwise the files of a response would stay open."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        return super().open(*args, **{"buffered": True, **options})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return _Client(app, app.response_class)


@pytest.fixture(scope="session")
def server(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


@contextmanager
def served(app: WSGIApplication, port: int = 0) -> Iterator[str]:
    """Serve an application on a real socket and yield its address; stop the server afterwards."""
    from werkzeug.serving import make_server

    running = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}"
    finally:
        running.shutdown()
        thread.join()
        running.server_close()


CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ("no-sandbox", "disable-gpu", "disable-background-networking", "disable-component-update", "disable-sync")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Yield Debian's chromium. It lives as long as the module, because tests of `bench` start their own browser.

    Without chromium, tests fail in CI and are skipped elsewhere.
    """
    if not CHROMIUM.exists():
        if os.environ.get("CI"):
            pytest.fail(f"{CHROMIUM} is missing; in CI the browser tests must run")
        pytest.skip(f"{CHROMIUM} is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[f"--{flag}" for flag in FLAGS])
        yield running
        running.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1200, "height": 900})
    made.set_default_timeout(30_000)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Yield a page on which an uncaught error or a violation of the content security policy fails the test."""
    with watched(context) as opened:
        yield opened


@contextmanager
def watched(context: BrowserContext) -> Iterator[Page]:
    faults: list[str] = []
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.append(message.text) if _is_fault(message) else None)
    opened.on("dialog", lambda dialog: (faults.append(dialog.message), dialog.dismiss()))
    yield opened
    opened.close()
    assert not faults


def _is_fault(message: ConsoleMessage) -> bool:
    """Return whether a console message is an error of the page, and not only a note about a failed request."""
    return message.type == "error" and not message.text.startswith("Failed to load resource")


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Turn the garbage collector off, because it may run at any time and disturb measured times."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return a list that records the seconds of each later pause. The sum does not depend on the machine's speed."""
    pauses: list[float] = []
    sleep = time.sleep

    def recorded(seconds: float) -> None:
        pauses.append(seconds)
        sleep(seconds)

    monkeypatch.setattr(time, "sleep", recorded)
    return pauses


@pytest.fixture(scope="session")
def kind() -> str:
    """Return the default engine of tests. Each module of the engine contract overrides it with its own engine."""
    return "tantivy"


@pytest.fixture
def url(kind: str, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of an index that does not exist yet."""
    with new_index(kind, tmp_path) as made:
        yield made


@pytest.fixture
def engine(url: str) -> Engine:
    return opened(url)


@pytest.fixture(scope="module")
def fresh(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Engine]]:
    """Yield a function that makes an engine without an index. Its indexes are removed after the module's tests."""
    with ExitStack() as stack:
        yield lambda: opened(stack.enter_context(new_index(kind, tmp_path_factory.mktemp(kind))))


@pytest.fixture(scope="module")
def shared(fresh: Callable[[], Engine]) -> Engine:
    """Return one engine for the random tests. Each of them rebuilds its index."""
    return fresh()


@pytest.fixture(scope="module")
def small(fresh: Callable[[], Engine], news: tuple[Article, ...]) -> Engine:
    """Return an engine with an index of `news`."""
    engine = fresh()
    engine.rebuild(news, keep=1)
    return engine


def opened(url: str) -> Engine:
    from search.engine import open_engine
    from search.settings import Settings

    return open_engine(url, Settings(opensearch_shards=SHARDS, opensearch_replicas=0))


@contextmanager
def new_index(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an index that does not exist yet. An index in a cluster is removed afterwards."""
    if kind != "opensearch":
        yield f"{kind}://{folder}/index"
        return
    name = f"t-{uuid.uuid4().hex[:12]}"
    try:
        yield f"opensearch://{cluster_hosts()}/{name}"
    finally:
        host = cluster_hosts().partition(",")[0]
        for pattern in (f"{name}-0*", f"{name}-lock"):
            asked = urllib.request.Request(f"http://{host}/{pattern}", method="DELETE")
            with suppress(urllib.error.HTTPError):
                urllib.request.urlopen(asked, timeout=30).close()
        for cached in Path(platformdirs.user_cache_dir("dateline")).glob(f"opensearch/{name}-*"):
            shutil.rmtree(cached)


@cache
def cluster_hosts() -> str:
    """Return the hosts of the cluster that `make opensearch` starts.

    Without the cluster, tests fail in CI and are skipped elsewhere.
    """
    hosts = os.environ.get("DATELINE_TEST_OPENSEARCH") or "127.0.0.1:9200,127.0.0.1:9201,127.0.0.1:9202"
    try:
        urllib.request.urlopen(f"http://{hosts.partition(',')[0]}/", timeout=10).close()
    except OSError as error:
        reason = f"No OpenSearch answers at {hosts} ({error}). Start one: make opensearch"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return hosts
