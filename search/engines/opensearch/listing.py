"""Reads the state of all generations in a cluster from the names and aliases of their indexes; see `generations`."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A build: the name of its index, and the alias that writes go to."""

    index: str
    build: str
    build_name: str = ""
    started: bool = False
    """Whether an interrupted build has already written to it."""

    @property
    def companion(self) -> str:
        """The name of the build's companion."""
        return f"{self.index}-files"

    @property
    def target(self) -> str:
        """The alias of the build's index."""
        return f"{self.index}-building-{self.build}" + (f"-{self.build_name}" if self.build_name else "")

    @property
    def companion_target(self) -> str:
        """The alias of the build's companion."""
        return f"{self.target}-files"

    @property
    def targets(self) -> str:
        """Both aliases, joined by a comma for the path of a request."""
        return f"{self.target},{self.companion_target}"


@dataclass(frozen=True, slots=True)
class Listing:
    """All indexes of generations with their aliases, at one moment."""

    name: str
    aliases: dict[str, frozenset[str]]

    @property
    def serving(self) -> str:
        """The serving generation, or "" if none serves."""
        return next((index for index, aliases in self.aliases.items() if self.name in aliases), "")

    @property
    def places(self) -> dict[str, Place]:
        """All builds, running or interrupted, by the names of their indexes."""
        builds = {}
        for index, aliases in self.aliases.items():
            for alias in aliases:
                parts = re.fullmatch(rf"{re.escape(index)}-building-([0-9a-f]+)(?:-([0-9A-Za-z]+))?", alias)
                if parts and not index.endswith("-files"):
                    builds[index] = Place(index, parts[1], parts[2] or "", started=True)
        return builds

    @property
    def kept(self) -> tuple[str, ...]:
        """All complete generations, oldest first."""
        with_companion = (index for index in self.aliases if f"{index}-files" in self.aliases)
        return tuple(sorted(index for index in with_companion if index not in self.places))

    def resumable(self, build_name: str) -> Place | None:
        """Return the interrupted build with this name, or None. A build without a companion cannot be resumed."""
        named = (place for place in self.places.values() if build_name and place.build_name == build_name)
        return next((place for place in named if place.companion in self.aliases), None)

    def leftovers(self, build_name: str) -> list[str]:
        """Return the indexes that killed writers left, except those of the build named `build_name`."""
        place = self.resumable(build_name)
        needed = {*self.kept, place.index} if place else set(self.kept)
        return sorted(index for index in self.aliases if index.removesuffix("-files") not in needed)
