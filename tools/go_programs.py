"""Go programs that a module of this repository pins, built once for each state of that module.

Needs nothing but the standard library: it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BuildError", "build", "cache_folder", "go_version", "programs"]


class BuildError(Exception):
    """The build failed; what Go said about it went to standard error."""


def cache_folder() -> Path:
    """This project's folder in the user's cache."""
    # The XDG Base Directory specification 0.8 ignores relative paths in its variables.
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (given if given.is_absolute() else Path.home() / ".cache") / "celery-kustomize"


def programs(module: Path, settings: str = "") -> Path:
    """Where the programs of ``module`` belong: one folder for each state of it.

    ``settings`` is whatever else decides what the folder holds.
    """
    sources = sorted([module / "go.mod", module / "go.sum", *module.rglob("*.go")])
    state = hashlib.sha256(settings.encode())
    for source in sources:
        state.update(source.read_bytes())
    return cache_folder() / "bin" / f"{module.name}-{state.hexdigest()[:16]}"


def go_version(module: Path) -> str:
    """The oldest Go that builds ``module``, by its go.mod."""
    lines = (module / "go.mod").read_text(encoding="utf-8").splitlines()
    return next(line.split()[1] for line in lines if line.startswith("go "))


def build(
    go: str,
    module: Path,
    target: Path,
    linker_flags: str = "",
    add_files: Callable[[Path], None] = lambda _: None,
) -> None:
    """Build the ``tool`` lines of go.mod, or the module's own main package, into a folder.

    ``add_files`` puts more into the folder before it counts as built.

    Raises:
        BuildError: Go could not build it.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    # Built beside its place and then renamed: a broken-off or second build leaves no half program.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".building-") as folder:
        built = Path(folder) / "programs"
        built.mkdir()
        if package := _package(module):
            flags = f"-ldflags=-s -w {linker_flags}".rstrip()
            command = [go, "build", "-trimpath", flags, "-o", f"{built}{os.sep}", package]
            # The installed Go or none: a toolchain is never fetched; a go.work further up is not
            # ours. Without cgo a program runs on any Linux.
            settings = {"GOTOOLCHAIN": "local", "GOWORK": "off", "CGO_ENABLED": "0"}
            ended = subprocess.run(command, cwd=module, env={**os.environ, **settings}, check=False)
            if ended.returncode:
                raise BuildError
        add_files(built)
        shutil.rmtree(target, ignore_errors=True)
        built.rename(target)


def _package(module: Path) -> str | None:
    """What to build: ``tool`` stands for all tool lines, ``.`` for the module's own program."""
    if "\ntool " in (module / "go.mod").read_text(encoding="utf-8"):
        return "tool"
    main = "package main\n"
    return "." if any(main in file.read_text("utf-8") for file in module.glob("*.go")) else None
