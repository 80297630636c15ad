"""All settings, read from `DATELINE_*` variables. `docs/cli.md` lists them, and a test compares the two."""

from __future__ import annotations

import os
from dataclasses import Field, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from search.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping


def _setting(default: Any, text: str, choices: tuple[str, ...] = ()) -> Any:
    return field(default=default, metadata={"help": text, "choices": choices})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. The defaults suit one machine."""

    index: str = _setting("tantivy:///./data/index", "URL of the index; its scheme picks the engine")
    keep: int = _setting(2, "number of generations to keep, including the serving one; the others allow a rollback")
    workers: int = _setting(0, "number of processes that clean and tag articles; 0 means one per core")
    aliases: str = _setting("", "path of the file that merges and splits names and removes wrong tags: see facets.md")
    max_article_bytes: int = _setting(
        20_000_000,
        "maximum bytes of an input file, page or line, so that memory use stays flat; longer ones are rejected",
    )
    min_article_words: int = _setting(
        5, "minimum words of a body; shorter articles are rejected. News in one sentence has more than a few words"
    )
    max_query_chars: int = _setting(2_000, "maximum characters of q: the time to parse and match grows with its length")
    max_results: int = _setting(
        10_000, "maximum of page * per_page: the engine ranks that many articles for each such request"
    )
    max_query_terms: int = _setting(
        200, "maximum words of q: for each one a list of articles is read, and a whole article is no query"
    )
    max_expansions: int = _setting(
        10_000,
        "maximum words of the archive that one prefix or wildcard may match: each one costs as much as a typed word",
    )
    max_scans: int = _setting(
        5, "maximum words of q that have a ~ or begin with * or ?: each one is compared with all words of the archive"
    )
    max_facet_size: int = _setting(1_000, "maximum of facet_size: use prefix to search a longer list of facet values")
    opensearch_shards: int = _setting(
        1, "primary shards of an OpenSearch index; one holds some millions of articles, and more make searches slower"
    )
    opensearch_replicas: int = _setting(
        1, "replicas of each shard; with 0, the index is lost if a machine that holds a shard is lost"
    )
    opensearch_timeout: int = _setting(
        10, "seconds to wait for an answer of OpenSearch to a search; writes wait six times as long"
    )
    opensearch_ca: str = _setting(
        "", "path of the CA certificates for an https cluster; if empty, those of the system are used"
    )
    cors_origins: str = _setting(
        "*",
        "origins whose pages may embed the search box: * or a list separated by commas, such as https://news.example",
    )
    log: str = _setting(
        "text", "format of log lines on standard error: text, or json for one object per line", ("text", "json")
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Return the settings, read from variables named `DATELINE_<NAME>`.

        Raises:
            SettingError: The value of a variable is not valid.
        """
        values = {}
        for item in fields(cls):
            variable = f"DATELINE_{item.name.upper()}"
            if variable in environ:
                values[item.name] = _parsed(variable, environ[variable], item)
        return cls(**values)


def _parsed(variable: str, text: str, item: Field[Any]) -> Any:
    choices = item.metadata["choices"]
    if choices and text not in choices:
        message = f"{variable} is {text!r}, which is not one of {', '.join(choices)}."
        raise SettingError(message, remedy=f"Set it to {' or '.join(choices)}.", field=variable)
    if not isinstance(item.default, int):
        return text
    if not text.isdecimal():
        message = f"{variable} is {text!r}, which is not a whole number."
        raise SettingError(message, remedy=f"Set it to a number such as {item.default}.", field=variable)
    return int(text)
