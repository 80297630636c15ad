"""The connection of opensearch-py to one host, made quiet."""

from __future__ import annotations

import base64
import logging
import ssl
from typing import Any

from opensearchpy import Urllib3HttpConnection

from search.errors import SettingError

logger = logging.getLogger(__name__)

# Without a handler, Python prints to standard error what the library tells of each host that is away.
logging.getLogger("opensearch").addHandler(logging.NullHandler())


class Connection(Urllib3HttpConnection):
    """Tells of failures and of deprecated requests where somebody debugs, and nowhere else: the callers see to them."""

    def _raise_warnings(self, warning_headers: Any) -> None:
        for warning in warning_headers or ():
            logger.debug("OpenSearch warns: %s", warning)

    def log_request_fail(self, method: str, full_url: str, *_: Any, **__: Any) -> None:
        """Note a request that failed; the error is raised as well."""
        logger.debug("%s %s failed", method, full_url)


def authorization(login: tuple[str, str] | None) -> dict[str, str]:
    """Return the header that a login is sent in: in UTF-8, as the library's own takes Latin-1 alone."""
    if login is None:
        return {}
    return {"authorization": f"Basic {base64.b64encode(':'.join(login).encode(errors='surrogatepass')).decode()}"}


def certificates(path: str) -> dict[str, Any]:
    """Return what a connection by https needs; `path` are the certificates to trust, empty for those of the system.

    Raises:
        SettingError: The file cannot be read, or holds no certificate.
    """
    try:
        context = ssl.create_default_context(cafile=path or None)
    except OSError as error:  # ssl.SSLError is one
        raise SettingError(
            f"The certificates in {path} cannot be read: {error.strerror or error}.",
            remedy="Set DATELINE_OPENSEARCH_CA to a file of certificates in PEM form.",
            field="DATELINE_OPENSEARCH_CA",
        ) from error
    return {"use_ssl": True, "ssl_context": context}
