"""All settings, from `DATELINE_*` variables; `docs/cli.md` lists them and a test holds the two together."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from search.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping


def _setting(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True, slots=True)
class Settings:
    """Every limit and choice; each has a default that suits one machine."""

    index: str = _setting("tantivy:///./data/index", "URL of the index; its scheme picks the engine")
    keep: int = _setting(2, "generations of the index that are kept, the serving one included, so that rollback works")
    workers: int = _setting(0, "processes that clean and tag articles; 0 is one a core")
    aliases: str = _setting("", "path of a file of names that are one person, or two, and of wrong tags: see facets.md")
    max_article_bytes: int = _setting(
        20_000_000, "an input file, page or line above this is rejected: no article is that long, and memory stays flat"
    )
    min_article_words: int = _setting(
        5, "a body with fewer words is rejected as too short; more than a few would refuse news in one sentence"
    )
    max_query_chars: int = _setting(2_000, "a longer q is refused: parsing and matching take time in proportion")
    max_results: int = _setting(
        10_000, "page * per_page may not pass this: an engine ranks that many articles for each such request"
    )
    max_query_terms: int = _setting(
        200, "a q of more words is refused: each is a list of articles to read, and a whole article is no query"
    )
    max_expansions: int = _setting(
        10_000, "a prefix or wildcard that stands for more words of the archive is refused, for the same reason"
    )
    max_scans: int = _setting(
        5, "a q with more words that have a ~ or begin with * or ? is refused: each looks through all words there are"
    )
    max_facet_size: int = _setting(
        1_000, "facet_size may not pass this: a longer list is better searched with prefix than read"
    )
    opensearch_shards: int = _setting(
        1, "primary shards of an OpenSearch index; one carries some millions of articles, and more of them cost time"
    )
    opensearch_replicas: int = _setting(
        1, "copies of each of these shards; with none, an index is lost with the machine that holds it"
    )
    opensearch_timeout: int = _setting(
        10, "seconds after which a search that OpenSearch does not answer is given up; writes have six times as long"
    )
    opensearch_ca: str = _setting(
        "", "path of the certificates that an https cluster is checked against; empty for those of the system"
    )
    cors_origins: str = _setting("*", "origins whose pages may embed the search box: * or a list parted by commas")

    @classmethod
    def from_environ(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read `DATELINE_<NAME>` variables.

        Raises:
            SettingError: A variable holds something else than its setting takes.
        """
        given: dict[str, Any] = {}
        for item in fields(cls):
            variable = f"DATELINE_{item.name.upper()}"
            if variable not in environ:
                continue
            text = environ[variable]
            if isinstance(item.default, int):
                if not text.isdecimal():
                    message = f"{variable} is {text!r}, which is not a whole number."
                    raise SettingError(message, remedy=f"Set it to a number such as {item.default}.", field=variable)
                given[item.name] = int(text)
            else:
                given[item.name] = text
        return cls(**given)
