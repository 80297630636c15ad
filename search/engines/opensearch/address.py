"""URLs of OpenSearch indexes, such as `opensearch+https://user:password@host1:9200,host2:9200/news`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from search.errors import SettingError

PORT: Final = 9200

URL: Final = re.compile(
    r"(?P<scheme>opensearch(?:\+https)?)://(?:(?P<user>.*)@)?(?P<hosts>[^/@]+)/(?P<name>[^/?#@]+)/?"
)
HOST: Final = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^:\[\]\s]+))(?::(?P<port>\d{1,5}))?")

NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")
"""Names of indexes. OpenSearch 2.x allows 255 bytes; 200 leave room for the endings of generations."""

RESERVED: Final = re.compile(r".*-(?:\d{6}|files|lock|building-.*)")
"""Names with these endings could belong to the generations, companions or locks of another index."""


@dataclass(frozen=True, slots=True)
class Host:
    """A node of a cluster that accepts HTTP requests. `name` is a host name or an IP address without brackets."""

    name: str
    port: int

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of an index URL. `url` is the URL without the password, for messages."""

    url: str
    hosts: tuple[Host, ...]
    name: str
    secure: bool
    login: tuple[str, str] | None = None

    def __repr__(self) -> str:
        return f"Address({self.url!r})"

    @property
    def listed(self) -> str:
        """All hosts, joined for messages."""
        return ", ".join(map(str, self.hosts))


def address_of(url: str) -> Address:
    """Return the parts of an index URL.

    Raises:
        SettingError: The URL is malformed, or OpenSearch or Dateline does not allow the name of the index.
    """
    parts = URL.fullmatch(url)
    hosts = [HOST.fullmatch(one) for one in parts["hosts"].split(",")] if parts else [None]
    if parts is None or not all(hosts):
        raise SettingError(
            f"{_without_password(url)!r} is not the URL of an OpenSearch index.",
            remedy="Write opensearch://host:9200/name or opensearch+https://user:password@host1:9200,host2:9200/name. "
            "Percent-encode special characters in the password, such as %40 for @.",
            field="DATELINE_INDEX",
        )
    name = parts["name"]
    if not NAME.fullmatch(name) or RESERVED.fullmatch(name):
        raise SettingError(
            f"{name!r} is not allowed as the name of an OpenSearch index.",
            remedy="Use up to 200 lower-case letters, digits, - and _. Start with a letter or digit. "
            "Do not end it with -000001, -files, -lock or the like.",
            field="DATELINE_INDEX",
        )
    user, _, password = (parts["user"] or "").partition(":")
    return Address(
        url=_without_password(url),
        hosts=tuple(Host(one["six"] or one["host"], _port(one["port"], url)) for one in hosts if one),
        name=name,
        secure=parts["scheme"].endswith("https"),
        login=(unquote(user), unquote(password)) if user else None,
    )


def _port(digits: str | None, url: str) -> int:
    port = int(digits) if digits else PORT
    if not 0 < port < 2**16:
        message = f"{_without_password(url)!r} has the invalid port {port}."
        raise SettingError(message, remedy=f"OpenSearch usually listens on port {PORT}.", field="DATELINE_INDEX")
    return port


def _without_password(url: str) -> str:
    """Return a URL without its password, which may contain `@` and `/`. The URL may be malformed."""
    scheme, colon, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    return scheme + colon + login.partition(":")[0] + at + place
