"""The connection to one host, with quieter logging than opensearch-py's own."""

from __future__ import annotations

import base64
import logging
import ssl
from typing import Any

from opensearchpy import Urllib3HttpConnection

from search.errors import SettingError

log = logging.getLogger("dateline.engine")

# opensearch-py 3.2 logs a warning for each host that does not answer. Without a handler, Python prints it to stderr.
logging.getLogger("opensearch").addHandler(logging.NullHandler())


class Connection(Urllib3HttpConnection):
    """Logs failures and deprecation warnings only at debug level, because callers handle every failure."""

    def _raise_warnings(self, warning_headers: Any) -> None:
        for warning in warning_headers or ():
            log.debug("OpenSearch warns: %s", warning)

    def log_request_fail(self, method: str, full_url: str, *_: Any, **__: Any) -> None:
        """Log a failed request. opensearch-py raises the error as well."""
        log.debug("%s %s failed", method, full_url)


def authorization(login: tuple[str, str] | None) -> dict[str, str]:
    """Return the header for basic authentication, in UTF-8. urllib3 2.8 would encode it in Latin-1."""
    if login is None:
        return {}
    return {"authorization": f"Basic {base64.b64encode(':'.join(login).encode(errors='surrogatepass')).decode()}"}


def certificates(path: str) -> dict[str, Any]:
    """Return the options of an HTTPS connection.

    `path` is a file of certificates to trust. If it is empty, the system's certificates are trusted.

    Raises:
        SettingError: The file cannot be read, or contains no certificate.
    """
    try:
        context = ssl.create_default_context(cafile=path or None)
    except OSError as error:  # includes ssl.SSLError
        raise SettingError(
            f"The certificates in {path} cannot be read: {error.strerror or error}.",
            remedy="Set DATELINE_OPENSEARCH_CA to a file of certificates in PEM form.",
            field="DATELINE_OPENSEARCH_CA",
        ) from error
    return {"use_ssl": True, "ssl_context": context}
