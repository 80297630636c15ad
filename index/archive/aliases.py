"""Reads the user's alias file: which spellings are one person, which are two, and which tags are wrong.

The file is TOML. Each table maps names to lists of names; docs/facets.md describes them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from index.archive.name_forms import fold, is_full
from search import territories
from search.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable

FIELD = "DATELINE_ALIASES"
TABLES = ("same", "apart", "nobody", "wrong")
NOBODY = "names"
"""The only key of the table `nobody`."""

Table: TypeAlias = "dict[str, list[str]]"


@dataclass(frozen=True, slots=True)
class Aliases:
    """The user's decisions about names; empty without a file. Names are stored as keys (`key`), except labels.

    - `same`: the label of a name.
    - `listed`: the names of a label as written in the file, the label first.
    - `apart`: pairs of names that are two persons.
    - `nobody`: names that are not persons.
    - `wrong`: the wrong tags of an article, by its id: names and country codes.
    - `exact`: names as written in pairs of `apart` that differ only in case, accents or punctuation.
    """

    same: dict[str, str] = field(default_factory=dict)
    listed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    apart: frozenset[frozenset[str]] = frozenset()
    nobody: frozenset[str] = frozenset()
    wrong: dict[str, frozenset[str]] = field(default_factory=dict)
    exact: frozenset[str] = frozenset()

    def key(self, name: str) -> str:
        """Return the key of a name. All spellings that the file treats as one name have the same key."""
        return _key(name, self.exact)

    def label(self, name: str) -> str:
        """Return the label that the file gives to a name, else an empty string."""
        return self.same.get(self.key(name), "") if self.same else ""

    def names(self, label: str) -> tuple[str, ...]:
        """Return the names that the file lists under a label, the label first. Empty for other labels."""
        return self.listed.get(label, ())

    def are_apart(self, some: Iterable[str], others: Iterable[str]) -> bool:
        """Whether `apart` has a pair of one of these names and one of the others."""
        keys = {self.key(name) for name in others}
        return any(frozenset((self.key(name), key)) in self.apart for name in some for key in keys)

    def is_wrong(self, article_id: str, *names: str) -> bool:
        """Whether one of these names is in `nobody`, or in `wrong` for this article."""
        if not self.nobody and article_id not in self.wrong:
            return False
        refused = self.nobody | self.wrong.get(article_id, frozenset())
        return any(self.key(name) in refused for name in names)

    def is_wrong_country(self, article_id: str, code: str) -> bool:
        """Whether the file lists this country as a wrong tag of the article."""
        return code in self.wrong.get(article_id, ())


def _key(name: str, exact: frozenset[str]) -> str:
    """Return the key of a name: its fold. A prefix keeps single words and `exact` names from matching others."""
    if name in exact:
        return f"={name}"
    return fold(name) if is_full(name) else f" {fold(name)}"


def load(path: str) -> Aliases:
    """Return the aliases in a file; no aliases if `path` is empty.

    Raises:
        SettingError: The file cannot be read, or two entries conflict; the message names the file and the entry.
    """
    if not path:
        return Aliases()
    try:
        data = tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        remedy = f"Set {FIELD} to the path of a file that can be read, or unset it."
        raise SettingError(f"{path}: {error.strerror}.", remedy=remedy, field=FIELD) from error
    except UnicodeDecodeError as error:
        raise _error(path, f"it is not UTF-8 ({error.reason})", "Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise _error(path, f"it is not valid TOML: {error}", "Correct that line. Names need double quotes.") from error
    return _Reader(path, data).aliases()


def _error(path: str, what: str, remedy: str) -> SettingError:
    return SettingError(f"{path}: {what}.", remedy=remedy, field=FIELD)


class _Reader:
    """Turns the content of an alias file into `Aliases` and rejects entries that conflict."""

    def __init__(self, path: str, data: dict[str, Any]) -> None:
        self.path = path
        self.same, self.apart, nobody, self.wrong = (self._table(data, name) for name in TABLES)
        unknown = [name for name in data if name not in TABLES] + [f"nobody.{key}" for key in nobody if key != NOBODY]
        if unknown:
            known = "[same], [apart], [nobody] with names = [...], and [wrong]"
            raise self._error(f"unknown entry {unknown[0]!r}", f"Use {known}.")
        self.nobody = nobody.get(NOBODY, [])
        self.exact = frozenset(
            name
            for one, others in self.apart.items()
            for other in others
            if one != other and _key(one, frozenset()) == _key(other, frozenset())
            for name in (one, other)
        )

    def aliases(self) -> Aliases:
        """Return the aliases. Raises `SettingError`."""
        labels = self._labels()
        pairs = frozenset(self._pair(labels, one, other) for one, others in self.apart.items() for other in others)
        for name in self.nobody:
            if self._key(name) in labels:
                raise self._error(f"{name!r} is in [nobody] and in [same]", "Remove it from one of them.")
        return Aliases(
            labels,
            {label: (label, *names) for label, names in self.same.items()},
            pairs,
            frozenset(map(self._key, self.nobody)),
            {article: frozenset(self._tags(names)) for article, names in self.wrong.items()},
            self.exact,
        )

    def _labels(self) -> dict[str, str]:
        """Return the label of each key in [same]."""
        by_key: dict[str, str] = {}
        for label in self.same:
            before = by_key.setdefault(self._key(label), label)
            if before != label:
                raise self._error(f"[same] has {before!r} and {label!r}, which are one name", "Keep one of them.")
        for label, names in self.same.items():
            for name in names:
                before = by_key.setdefault(self._key(name), label)
                if before == label:
                    continue
                if self._key(before) == self._key(name):
                    remedy = f"Move its names to {label!r}."
                    raise self._error(f"{name!r} is under {label!r} in [same] and a label itself", remedy)
                raise self._error(
                    f"{name!r} is under {before!r} and under {label!r} in [same]", "Keep it under one label."
                )
        return by_key

    def _pair(self, labels: dict[str, str], one: str, other: str) -> frozenset[str]:
        """Return the keys of two names in [apart]."""
        pair = frozenset((self._key(one), self._key(other)))
        if len(pair) == 1:
            raise self._error(f"[apart] lists {one!r} as apart from itself", "Remove it.")
        label, other_label = (labels.get(key, key) for key in pair)
        if label == other_label:
            raise self._error(
                f"{one!r} and {other!r} are one person in [same] and two in [apart]", "Remove one of the two entries."
            )
        return pair

    def _tags(self, names: Iterable[str]) -> Iterable[str]:
        """Yield the keys of wrong tags. A country's code or name also yields its code."""
        for name in names:
            yield self._key(name)
            code = territories.code(name)
            if code:
                yield code

    def _table(self, data: dict[str, Any], name: str) -> Table:
        """Return a table of the file after checking its form: names with lists of names."""
        table = data.get(name, {})
        if not isinstance(table, dict):
            raise self._error(f"{name!r} is not a table", f"Write [{name}] on a line, and its entries below.")
        for key, names in table.items():
            if not isinstance(names, list) or not all(isinstance(one, str) and one.strip() for one in [key, *names]):
                remedy = f'Write "{key}" = ["…", "…"].'
                raise self._error(f"{key!r} in [{name}] is not a list of names", remedy)
        return table

    def _key(self, name: str) -> str:
        return _key(name, self.exact)

    def _error(self, what: str, remedy: str) -> SettingError:
        return _error(self.path, what, remedy)
