"""The indexes of the generations in a cluster, told by their names and aliases: see `opensearch_store`."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A generation that is built: the names of its index, and of the alias through which it is written to."""

    index: str
    build: str
    draft: str = ""
    begun: bool = False
    """Whether there is something in it, of a draft that was broken off."""

    @property
    def files(self) -> str:
        """The name of its companion."""
        return f"{self.index}-files"

    @property
    def target(self) -> str:
        """The alias of its index."""
        return f"{self.index}-building-{self.build}" + (f"-{self.draft}" if self.draft else "")

    @property
    def files_target(self) -> str:
        """The alias of its companion."""
        return f"{self.target}-files"

    @property
    def targets(self) -> str:
        """Both aliases, as paths of requests have them."""
        return f"{self.target},{self.files_target}"


@dataclass(frozen=True, slots=True)
class Listing:
    """All indexes of generations with their aliases, as they are at one moment."""

    name: str
    aliases: dict[str, frozenset[str]]

    @property
    def serving(self) -> str:
        """The generation that serves; empty where there is none."""
        return next((one for one, aliases in self.aliases.items() if self.name in aliases), "")

    @property
    def places(self) -> dict[str, Place]:
        """Generations that are being built, or were when their process ended, by the names of their indexes."""
        found = {}
        for index, aliases in self.aliases.items():
            for alias in aliases:
                parts = re.fullmatch(rf"{re.escape(index)}-building-([0-9a-f]+)(?:-([0-9A-Za-z]+))?", alias)
                if parts and not index.endswith("-files"):
                    found[index] = Place(index, parts[1], parts[2] or "", begun=True)
        return found

    @property
    def kept(self) -> tuple[str, ...]:
        """Whole generations, oldest first."""
        whole = (one for one in self.aliases if f"{one}-files" in self.aliases)
        return tuple(sorted(one for one in whole if one not in self.places))

    def drafted(self, draft: str) -> Place | None:
        """Return where the draft of a name was broken off, None where there is none, or where it has no companion."""
        found = (one for one in self.places.values() if draft and one.draft == draft)
        return next((one for one in found if one.files in self.aliases), None)

    def leftovers(self, draft: str) -> list[str]:
        """Return the indexes that killed writers left, but for those of a draft."""
        place = self.drafted(draft)
        wanted = {*self.kept, place.index} if place else set(self.kept)
        return sorted(one for one in self.aliases if one.removesuffix("-files") not in wanted)
