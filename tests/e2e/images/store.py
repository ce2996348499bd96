"""The folder of what is built: uncompressed layers by their digests, shared by all images.

``blobs`` is laid out as in an OCI image layout (image-spec 1.1). ``images`` has a file for each
image that was built, named by its state, with the digest of its manifest.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.e2e.images.context import state
from tools import go_programs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.e2e.images.table import Image

__all__ = ["Built", "add", "blob", "find", "folder", "locked", "sweep"]

_KEPT_STATES = 2


@dataclass(frozen=True)
class Built:
    """An image that is built, and the digest of its manifest."""

    image: Image
    digest: str

    @property
    def manifest(self) -> Mapping[str, Any]:
        """The OCI image manifest: it names the configuration and the layers."""
        return _manifest(self.digest)

    @property
    def blobs(self) -> list[str]:
        """The digests of all that it consists of."""
        return _blobs(self.digest)


def _manifest(digest: str) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(blob(digest).read_bytes())
    return manifest


def _blobs(digest: str) -> list[str]:
    manifest = _manifest(digest)
    return [digest, *(part["digest"] for part in (manifest["config"], *manifest["layers"]))]


def folder() -> Path:
    """Where all of this is, in the user's cache folder."""
    made = go_programs.cache_folder() / "images"
    made.mkdir(parents=True, exist_ok=True)
    return made


def blob(digest: str) -> Path:
    """The file of a digest such as ``sha256:01ab...``."""
    return folder() / "blobs" / digest.replace(":", "/", 1)


@contextlib.contextmanager
def locked() -> Iterator[None]:
    """Let one process at a time build, the others wait."""
    with (folder() / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _record(image: Image) -> Path:
    return folder() / "images" / state(image)


def find(image: Image) -> Built | None:
    """The image as it is now, if it was built before."""
    record = _record(image)
    if not record.exists():
        return None
    os.utime(record)
    return Built(image, record.read_text(encoding="ascii"))


def add(image: Image, exported: Path) -> None:
    """Take in an image that ``buildah push dir:`` wrote; its files are moved."""
    manifest = exported / "manifest.json"
    digest = f"sha256:{hashlib.sha256(manifest.read_bytes()).hexdigest()}"
    blob(digest).parent.mkdir(parents=True, exist_ok=True)
    manifest.replace(blob(digest))
    for each in _blobs(digest)[1:]:
        (exported / each.partition(":")[2]).replace(blob(each))
    record = _record(image)
    record.parent.mkdir(exist_ok=True)
    record.write_text(digest, encoding="ascii")


def sweep() -> set[str]:
    """Forget all but the last used states of each image; give those that are left."""
    records = sorted((folder() / "images").glob("*"), key=lambda each: each.stat().st_mtime)
    by_name: dict[str, list[Path]] = {}
    for record in records:
        by_name.setdefault(record.name.partition(":")[0], []).append(record)
    kept, needed = set(), set()
    for states in by_name.values():
        for record in states[:-_KEPT_STATES]:
            record.unlink()
        for record in states[-_KEPT_STATES:]:
            kept.add(record.name)
            needed |= set(_blobs(record.read_text(encoding="ascii")))
    for file in (folder() / "blobs" / "sha256").glob("*"):
        if f"sha256:{file.name}" not in needed:
            file.unlink()
    return kept
