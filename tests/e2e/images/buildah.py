"""Runs buildah on a storage of its own: it neither sees nor changes the user's images."""

from __future__ import annotations

import functools
import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.images import store
from tests.e2e.images.context import state
from tests.e2e.images.table import image as image_named

if TYPE_CHECKING:
    from tests.e2e.images.table import Image

__all__ = [
    "BuildError",
    "build",
    "exists",
    "export",
    "name_bases",
    "remove",
    "run",
    "stored",
    "tag",
]

_CONTAINERS = """\
[containers]
# Raising limits takes CAP_SYS_RESOURCE, which root need not have.
default_ulimits = []
pids_limit = 0
[engine]
runtime = "runc"
"""

_STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{folder}/storage"
runroot = "/run/celery-kustomize/images"
"""

# A name that is not here is an error, not a registry's.
_REGISTRIES = """\
unqualified-search-registries = []
short-name-mode = "disabled"
"""

_BUILT = "localhost/built/"


class BuildError(Exception):
    """buildah failed; the text has the end of what it said."""


@functools.cache
def _environment() -> dict[str, str]:
    folder = store.folder()
    files = {
        "CONTAINERS_CONF": ("containers.conf", _CONTAINERS),
        "CONTAINERS_STORAGE_CONF": ("storage.conf", _STORAGE.format(folder=folder)),
        "CONTAINERS_REGISTRIES_CONF": ("registries.conf", _REGISTRIES),
    }
    for name, text in files.values():
        # In one step: another process may be about to read it.
        with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".writing-", delete=False) as file:
            file.write(text)
        Path(file.name).replace(folder / name)
    return os.environ | {name: str(folder / file) for name, (file, _) in files.items()}


def run(*arguments: str) -> str:
    """Run one command of buildah and give what it printed.

    Raises:
        BuildError: it failed.
    """
    ended = subprocess.run(
        ["buildah", *arguments], env=_environment(), capture_output=True, text=True, check=False
    )
    if ended.returncode:
        said = "\n".join((ended.stdout + ended.stderr).splitlines()[-40:])
        raise BuildError(f"buildah {arguments[0]} failed:\n{said}")
    return ended.stdout


def tag(image: Image) -> str:
    """The name of the image in buildah's storage, one for each state of it."""
    return f"{_BUILT}{state(image)}"


def exists(image: Image) -> bool:
    """Whether it is in buildah's storage."""
    return state(image) in stored()


def build(image: Image, context: Path, volumes: list[str]) -> None:
    """Build ``image`` from ``context``, with folders of the host mounted (``host:inside:ro``).

    Raises:
        BuildError: it failed.
    """
    arguments = [f"--build-arg={name}={value}" for name, value in image.arguments.items()]
    run(
        "bud",
        "--pull-never",
        "--format=oci",
        f"--network={'host' if image.networked else 'none'}",
        *(f"--volume={volume}" for volume in volumes),
        *arguments,
        f"--tag={tag(image)}",
        f"--file={context / image.containerfile}",
        str(context),
    )


def name_bases(image: Image) -> None:
    """Let the names in the FROM lines of ``image`` mean its bases as they are now."""
    for base in image.bases:
        described = image_named(base)
        run("tag", tag(described), *described.references)


def export(image: Image, target: Path) -> None:
    """Write the image into a new folder, with its layers as they are: what is not compressed need
    not be unpacked."""
    run("push", "--disable-compression", "--format=oci", tag(image), f"dir:{target}")


def stored() -> set[str]:
    """The states of images that are in the storage."""
    lines = run("images", "--format={{.Name}}:{{.Tag}}").splitlines()
    return {line.removeprefix(_BUILT) for line in lines if line.startswith(_BUILT)}


def remove(image_state: str) -> None:
    """Remove an image by its state, and those layers of it that no other has."""
    run("rmi", "--force", f"{_BUILT}{image_state}")
