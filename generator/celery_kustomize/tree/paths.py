"""Which paths may be written and removed, and what stands in their way on disk."""

from __future__ import annotations

import re
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

__all__ = ["is_folder_name", "is_path", "is_segment", "obstacle"]

_SEGMENT = r"(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._-]{1,253}"
_PATH = re.compile(rf"{_SEGMENT}(?:/{_SEGMENT})*")
_FOLDER_NAME = re.compile(rf"base|overlays/{_SEGMENT}")


def is_segment(name: str) -> bool:
    """Whether ``name`` is one plain folder or file name."""
    return "/" not in name and is_path(name)


def is_path(path: str) -> bool:
    """Whether ``path`` is relative, of plain names, and stays below where it starts."""
    return _PATH.fullmatch(path) is not None


def is_folder_name(name: str) -> bool:
    """Whether ``name`` is where a Kustomize folder of an application is: base, overlays/<name>."""
    return _FOLDER_NAME.fullmatch(name) is not None


def obstacle(out: Path, path: str, removed: Collection[str] = ()) -> tuple[Path, str] | None:
    """What on disk keeps a file from being written or removed at ``path`` below ``out``.

    A symbolic link is never followed: it may lead out of the folder.

    Args:
        out: the folder to write to; it may itself be a link.
        path: of the file, relative to ``out``.
        removed: paths that are removed before anything is written.

    Returns:
        The place and what is wrong there, or None.

    Raises:
        OSError: a place cannot be looked at.
    """
    parts = path.split("/")
    for count in range(len(parts) + 1):
        place = out.joinpath(*parts[:count])
        try:
            mode = place.lstat().st_mode if count else place.stat().st_mode
        except FileNotFoundError:
            return None
        if stat.S_ISLNK(mode):
            return place, "is a symbolic link, which is never followed; remove it"
        if count == len(parts):
            return None if stat.S_ISREG(mode) else (place, "is not a file; move it away")
        if not stat.S_ISDIR(mode):
            gone = "/".join(parts[:count]) in removed
            return None if gone else (place, "is not a folder; move it away")
    return None
