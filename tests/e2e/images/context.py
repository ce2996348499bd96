"""What goes into an image, and the name of its state, which changes with it."""

from __future__ import annotations

import functools
import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.images.table import ROOT, Image, image
from tests.e2e.tools import tool

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["copy_context", "state"]

# Change it when images have to be built anew although nothing of theirs changed.
_GENERATION = "1"


def _contents(folder: Path) -> Iterator[Path]:
    """The files of a context: all, or, where .dockerignore has ``*``, those of its ``!`` lines."""
    ignore = folder / ".dockerignore"
    lines = ignore.read_text(encoding="utf-8").splitlines() if ignore.exists() else []
    named = [line[1:].strip("/") for line in lines if line.startswith("!")]
    for path in sorted(folder / name for name in named) if "*" in lines else [folder]:
        files = [path] if path.is_file() else path.rglob("*")
        yield from sorted(each for each in files if each.is_file() and _counts(each))


def _counts(file: Path) -> bool:
    return "__pycache__" not in file.parts


def _executable(file: Path) -> bool:
    return bool(file.stat().st_mode & 0o100)


def _files(described: Image) -> list[Path]:
    folder = ROOT / described.folder
    return sorted({*_contents(folder), folder / described.containerfile})


@functools.cache
def _key(name: str) -> str:
    """Changes with everything that goes into the image, its bases' keys among it."""
    described = image(name)
    digest = hashlib.sha256()

    def add(*texts: str) -> None:
        for text in texts:
            digest.update(f"{len(text)}:{text}".encode())

    add(_GENERATION, described.containerfile, *map(_key, described.bases))
    add(*(f"{name}={value}" for name, value in sorted(described.arguments.items())))
    add(*(f"{tool(name).folder.name}/{file}" for name, file in described.tools))
    for file in _files(described):
        add(str(file.relative_to(ROOT)), str(_executable(file)))
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def state(described: Image) -> str:
    """The image as it is now: its name and its key."""
    return f"{described.name}:{_key(described.name)}"


def copy_context(described: Image, target: Path) -> None:
    """Copy what the key was made of, and nothing else, so that the key tells all."""
    folder = ROOT / described.folder
    for file in _files(described):
        copy = target / file.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)
        copy.chmod(0o755 if _executable(file) else 0o644)
    for name, path in described.tools:
        copy = target / "tools" / Path(path).name
        copy.parent.mkdir(exist_ok=True)
        shutil.copyfile(tool(name).path(path), copy)
        copy.chmod(0o755)
    # Whatever the umask: pods run as other users.
    for each in target.rglob("*/"):
        each.chmod(0o755)
