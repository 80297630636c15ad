"""The errors of Dateline. Each says what is wrong and what to do; the API and the command line present them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class SearchError(Exception):
    """The base of all errors that Dateline raises on purpose.

    `field` names the parameter, option or setting at fault, where there is one; `remedy` says what to do.
    """

    def __init__(self, message: str, *, remedy: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.field = field

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class SettingError(SearchError):
    """A setting, an option or an index URL that cannot be used."""


class InvalidQueryError(SearchError):
    """A request whose parameters contradict each other or exceed a limit; `field` names the one to change."""


class InvalidRequestError(InvalidQueryError):
    """A request with parameters that cannot be used. `errors` maps the name of each one to its errors."""

    def __init__(self, errors: Mapping[str, Sequence[InvalidQueryError]]) -> None:
        super().__init__(f"The request cannot be answered because of {', '.join(errors)}.")
        self.errors = errors


class SourceError(SearchError):
    """An input path that is missing or cannot be read."""


class NoIndexError(SearchError):
    """There is no index at the URL yet."""


class IndexVersionError(SearchError):
    """The index was written with another schema or analyzer."""


class IndexLockedError(SearchError):
    """Another process writes to the index."""


class IndexDamagedError(SearchError):
    """The index cannot be opened or does not pass its check."""


class NotFoundError(SearchError):
    """No article has this id."""


class UnavailableError(SearchError):
    """The engine does not respond; a later attempt may succeed."""
