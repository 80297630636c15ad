"""Lists of words that stand around names of persons, from persons.toml beside this file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

PERSONS: Final = tomllib.loads(Path(__file__).with_name("persons.toml").read_text(encoding="utf-8"))
ROLES: Final = frozenset(PERSONS["roles"].split())
SPEECH: Final = frozenset(PERSONS["speech"].split())
ACTS: Final = frozenset(PERSONS["acts"].split())
NAMESAKES: Final = frozenset(name.strip() for name in PERSONS["namesakes"].split(";"))
SHORT_TITLES: Final = frozenset(PERSONS["short_titles"].split())
OF_THINGS: Final = frozenset(PERSONS["of_things"].split())
OWNED: Final = frozenset(PERSONS["owned"].split())
KEPT: Final = frozenset(name.strip() for name in PERSONS["kept"].split(";"))
