"""Spec files by a name that is the same from wherever a run is started."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["STANDARD_INPUT", "Inputs", "relative_source"]

STANDARD_INPUT = "-"


def relative_source(root: Path, source: str) -> str:
    """A spec file's path from the folder ``root``, as it stands in a record ("../shop.yaml").

    Args:
        root: an application's folder; need not exist.
        source: as given by the user, relative to the working directory; "-" stays as it is.
    """
    if source == STANDARD_INPUT:
        return source
    path = Path(source)
    real = Path(os.path.realpath(path.parent), path.name)
    relative = os.path.relpath(real, os.path.realpath(root))
    return "".join(char if char.isprintable() else "?" for char in relative)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a run has read in full: spec files and folders of them, as paths from one folder."""

    files: frozenset[str]
    folders: frozenset[str]

    @classmethod
    def of(cls, root: Path, inputs: Collection[str]) -> Inputs:
        """``inputs`` as given by the user, seen from ``root``."""
        folders = {path for path in inputs if path != STANDARD_INPUT and Path(path).is_dir()}
        return cls(
            frozenset(relative_source(root, path) for path in inputs if path not in folders),
            # Named by way of a file in it, as sources are.
            frozenset(_parent(relative_source(root, f"{path}/_")) for path in folders),
        )

    def cover(self, source: str) -> bool:
        """Whether the run would have read ``source`` (of a record) if it still existed."""
        if source in self.files:
            return True
        return source != STANDARD_INPUT and _parent(source) in self.folders


def _parent(path: str) -> str:
    return str(PurePosixPath(path).parent)
