"""Builds what is missing, two images at a time."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.images import buildah, rootfs, store, wheels
from tests.e2e.images.context import copy_context, state
from tests.e2e.images.table import BASES, IMAGES, ROOT, Image, image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.e2e.images.store import Built

__all__ = ["PACKAGES", "MissingError", "build", "check_host"]

PACKAGES = ("buildah", "mmdebstrap", "runc")
"""Debian's packages that building takes."""


class MissingError(Exception):
    """This machine cannot build images; the text says what it lacks."""


def check_host() -> None:
    """Look for what building takes.

    Raises:
        MissingError: something is not there.
    """
    if os.geteuid() != 0:
        raise MissingError("images are built as root: buildah and mmdebstrap mount file systems")
    missing = [name for name in PACKAGES if not shutil.which(name)]
    if missing:
        raise MissingError(f"install {', '.join(missing)}: apt-get install {' '.join(PACKAGES)}")
    if not importlib.util.find_spec("pip"):
        raise MissingError(f"{sys.executable} has no pip, which fetches the images' wheels")
    if not shutil.which("go"):
        raise MissingError("install Go, which builds some programs of the images")


def build(names: Iterable[str] = (), say: Callable[[str], None] = lambda _: None) -> list[Built]:
    """Build those of the images that are not built yet; give all that were asked for.

    Without names: all of ``IMAGES``. ``say`` is told what happens.

    Raises:
        MissingError: this machine cannot build images.
        BuildError: a build failed.
        KeyError: there is no image of that name.
    """
    wanted = [image(name) for name in names] or list(IMAGES)
    check_host()
    with store.locked():
        missing = {each.name for each in wanted if not store.find(each)}
        needed = {name for each in missing for name in _with_bases(each)}
        # Bases come first in the table, and the workers take images in its order, so that none
        # waits for a base that no worker is at.
        tasks: dict[str, Future[None]] = {}
        with ThreadPoolExecutor(max_workers=2) as pool:
            for each in (*BASES, *IMAGES):
                if each.name in needed:
                    bases = [tasks[base] for base in each.bases]
                    tasks[each.name] = pool.submit(_make, each, bases, each.name in missing, say)
        for name, task in tasks.items():
            try:
                task.result()
            except buildah.BuildError as error:
                raise buildah.BuildError(f"{name}: {error}") from error
        if missing:
            _remove_old()
        built = [store.find(each) for each in wanted]
    return [each for each in built if each]


def _with_bases(name: str) -> set[str]:
    return {name}.union(*(_with_bases(base) for base in image(name).bases))


def _make(
    made: Image, bases: list[Future[None]], exported: bool, say: Callable[[str], None]
) -> None:
    for base in bases:
        base.result()
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=store.folder(), prefix=".building-") as temporary:
        if not buildah.exists(made):
            say(f"{made.name}: building ...")
            context = Path(temporary) / "context"
            context.mkdir()
            _build(made, context)
        if exported:
            target = Path(temporary) / "exported"
            buildah.export(made, target)
            store.add(made, target)
        say(f"{made.name}: {time.monotonic() - started:.0f} s")


def _build(made: Image, context: Path) -> None:
    copy_context(made, context)
    if made.name == "debian":
        rootfs.make(context / "rootfs.tar")
    for lock in made.locks:
        wheels.fetch(ROOT / lock)
    buildah.name_bases(made)
    buildah.build(made, context, _volumes(made))


def _volumes(made: Image) -> list[str]:
    volumes = [f"{wheels.folder()}:/wheels:ro"] if made.locks else []
    if made.go:
        root, cache, modules = (_go_setting(name) for name in ("GOROOT", "GOCACHE", "GOMODCACHE"))
        volumes += [f"{root}:/usr/local/go:ro", f"{cache}:/root/.cache/go-build"]
        if made.go_modules:
            download = ["go", "mod", "download"]
            subprocess.run(download, cwd=ROOT / made.go_modules, check=True)
            volumes.append(f"{modules}/cache/download:/go-modules:ro")
    return volumes


def _go_setting(name: str) -> str:
    command = ["go", "env", name]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _remove_old() -> None:
    """Remove what is neither an image as it is now nor one of those used last."""
    kept = store.sweep() | {state(each) for each in (*BASES, *IMAGES)}
    for old in buildah.stored() - kept:
        buildah.remove(old)
