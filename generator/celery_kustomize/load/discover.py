"""Which files the user's paths stand for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem
from celery_kustomize.load.files import FileError, inside, reason
from celery_kustomize.load.limits import MAX_FILES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["STDIN", "Entry", "discover"]

STDIN = "-"
"""The path that stands for standard input."""

_KUSTOMIZATIONS = frozenset({"kustomization.yaml", "kustomization.yml", "Kustomization"})
_SUFFIXES = (".yaml", ".yml")


@dataclass(slots=True, eq=False)
class Entry:
    """A file to read.

    ``file`` is its name for the user, ``path`` where it really is (None: standard input),
    ``folder`` the folder that holds it and that its spec may not leave. ``named``: the user named
    the file itself. ``found``: it turned out to hold a spec, or a problem to tell.
    """

    file: str
    path: Path | None
    folder: Path
    named: bool
    found: bool = False


def discover(paths: Sequence[str]) -> tuple[list[tuple[str, list[Entry]]], list[Problem]]:
    """The files behind each of ``paths``, and the paths that cannot be read.

    Args:
        paths: files, folders or "-". Of a folder its ``*.yaml`` and ``*.yml`` files count, sorted
            by name, without hidden files, sub-folders and kustomizations.

    Returns:
        (path, its files) in the given order; a file reached twice is the same ``Entry`` twice.
    """
    problems: list[Problem] = []
    known: dict[Path | None, Entry] = {}
    groups: list[tuple[str, list[Entry]]] = []
    for path in dict.fromkeys(paths):
        try:
            entries = [known.setdefault(entry.path, entry) for entry in _entries(path, problems)]
        except FileError as error:
            problems.append(Problem(path, 0, "", str(error)))
            continue
        for entry in entries:
            entry.named |= not _is_folder(path)
        groups.append((path, entries))
    return groups, problems


def _is_folder(path: str) -> bool:
    return path != STDIN and os.path.isdir(path)  # noqa: PTH112 - Path("") would be the folder "."


def _entries(path: str, problems: list[Problem]) -> Iterator[Entry]:
    if path == STDIN:
        yield Entry(STDIN, None, Path(), named=True)
        return
    if not path:
        raise FileError("an empty path: name a file or a folder")
    if not _is_folder(path):
        folder = Path(path).parent
        yield Entry(path, inside(folder, Path(path)), folder, named=True)
        return
    try:
        names = _names(path)
    except OSError as error:
        raise FileError(f"cannot be read: {reason(error)}") from None
    folder = Path(path)
    for name in names:
        try:
            yield Entry(str(folder / name), inside(folder, folder / name), folder, named=False)
        except FileError as error:
            problems.append(Problem(str(folder / name), 0, "", str(error)))


def _names(folder: str) -> list[str]:
    with os.scandir(folder) as entries:
        names = sorted(
            entry.name
            for entry in entries
            if entry.name.endswith(_SUFFIXES)
            and not entry.name.startswith(".")
            and entry.name not in _KUSTOMIZATIONS
            and not os.path.isdir(entry.path)  # noqa: PTH112 - no object for each of many files
        )
    if len(names) > MAX_FILES:
        raise FileError(f"holds more than {MAX_FILES:,} YAML files: name the specs themselves")
    return names
