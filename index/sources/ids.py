"""Create stable ids from a URL, a path or the content.

An article's own `id` is kept unchanged, whatever it contains. A created id contains only letters, digits and `. _ ~ -`,
so it needs no escaping in a URL. The sign `~` replaces `/` in a path.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit

MAX_ID_CHARS = 500
"""Maximum characters of an id. Longer ids do not fit into a URL path, or into a term of every engine."""

SCHEMES = ("http://", "https://")
DEFAULT_PORTS = (80, 443)
TRACKING = re.compile(r"(?:utm_\w+|fbclid|[dgy]clid|msclkid|mc_[ce]id|igshid|_ga|cmpid|ocid)\Z", re.IGNORECASE)
"""Query parameters that say where a reader came from, not which page it is."""


def canonical_url(url: str) -> str:
    """Return the common form of all URLs of a page: host in lower case, path, query.

    Scheme, default port, fragment, trailing slash and tracking parameters are removed.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
        pairs = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return url.strip()
    query = urlencode([pair for pair in pairs if not TRACKING.match(pair[0])], errors="replace")
    authority = f"{host}:{port}" if port and port not in DEFAULT_PORTS else host
    return authority + parts.path.rstrip("/") + (f"?{query}" if query else "")


@lru_cache(maxsize=1000)  # several steps ask for the host of the same article
def host_of(url: str | None) -> str | None:
    """Return the host of a web URL without `www.`, or None."""
    if not url or not url.lower().startswith(SCHEMES):
        return None
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return None
    return host.removeprefix("www.") or None


def url_id(url: str) -> str:
    """Return the id of the page at `url`: its host and a hash."""
    canonical = canonical_url(url)
    host = _plain(re.split(r"[/?]", canonical, maxsplit=1)[0])[:80]
    return f"{host}-{content_id(canonical)}" if host else content_id(canonical)


def path_id(name: str) -> str:
    """Return the id of the file called `name`. Different names have different ids."""
    plain = _plain(name)
    changed = plain.replace("~", "/") != name or len(plain) > MAX_ID_CHARS
    return f"{plain[:200]}-{content_id(name)}" if changed else plain


def content_id(text: str) -> str:
    """Return a hash of `text`, 16 hexadecimal digits."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _plain(name: str) -> str:
    return re.sub(r"[^\w.~-]", "_", name.replace("~", "_").replace("/", "~"))
