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
"""OpenSearch takes 255 bytes, of which names of generations and of what belongs to them need some."""

RESERVED: Final = re.compile(r".*-(?:\d{6}|files|lock|building-.*)")
"""Endings of what an index of another name may consist of."""


@dataclass(frozen=True, slots=True)
class Host:
    """One node of a cluster that answers HTTP; `name` is without the brackets of IPv6."""

    name: str
    port: int

    def __str__(self) -> str:
        return f"[{self.name}]:{self.port}" if ":" in self.name else f"{self.name}:{self.port}"


@dataclass(frozen=True, slots=True)
class Address:
    """What a URL says. `url` is the same without the password, to be shown."""

    url: str
    hosts: tuple[Host, ...]
    name: str
    secure: bool
    login: tuple[str, str] | None = None

    def __repr__(self) -> str:
        return f"Address({self.url!r})"

    @property
    def listed(self) -> str:
        """All hosts, for messages."""
        return ", ".join(map(str, self.hosts))


def address_of(url: str) -> Address:
    """Return what a URL says.

    Raises:
        SettingError: It is none, or the name of the index is one that OpenSearch or Dateline does not take.
    """
    parts = URL.fullmatch(url)
    hosts = [HOST.fullmatch(one) for one in parts["hosts"].split(",")] if parts else [None]
    if parts is None or not all(hosts):
        raise SettingError(
            f"{_shown(url)!r} names no index in OpenSearch.",
            remedy="Write opensearch://host:9200/name or opensearch+https://user:password@host1:9200,host2:9200/name, "
            "with %40 for an @ in the password and the like.",
            field="DATELINE_INDEX",
        )
    name = parts["name"]
    if not NAME.fullmatch(name) or RESERVED.fullmatch(name):
        raise SettingError(
            f"{name!r} cannot be the name of an index in OpenSearch.",
            remedy="Use up to 200 lower-case letters, digits, - and _, the first a letter or digit, "
            "and no ending such as -000001, -files or -lock.",
            field="DATELINE_INDEX",
        )
    user, _, password = (parts["user"] or "").partition(":")
    return Address(
        url=_shown(url),
        hosts=tuple(Host(one["six"] or one["host"], _port(one["port"], url)) for one in hosts if one),
        name=name,
        secure=parts["scheme"].endswith("https"),
        login=(unquote(user), unquote(password)) if user else None,
    )


def _port(digits: str | None, url: str) -> int:
    port = int(digits) if digits else PORT
    if not 0 < port < 2**16:
        message = f"{_shown(url)!r} has the port {port}, which does not exist."
        raise SettingError(message, remedy=f"OpenSearch mostly listens at {PORT}.", field="DATELINE_INDEX")
    return port


def _shown(url: str) -> str:
    """Return a URL, or what was meant to be one, without the password, which may hold `@` and `/`."""
    scheme, colon, rest = url.partition("://")
    login, at, place = rest.rpartition("@")
    return scheme + colon + login.partition(":")[0] + at + place
