"""Gives images to a containerd, or writes them to an archive for one."""

from __future__ import annotations

import io
import json
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.images import store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.e2e.images.store import Built

__all__ = ["load", "save"]


def load(built: Iterable[Built], ctr: Callable[[list[str]], str]) -> list[str]:
    """Import the images that containerd does not have as they are now, under all their references.

    ``ctr`` runs containerd's client with such arguments as ``["images", "ls"]``, on the socket and
    in the namespace that are meant, and gives what it printed. All goes into one archive, so that
    a layer of many images is read once. Gives the references that were missing.
    """
    present = _present(ctr)
    missing = [
        (each, reference)
        for each in built
        for reference in each.image.references
        if present.get(reference) != each.digest
    ]
    if missing:
        with tempfile.NamedTemporaryFile(dir=store.folder(), prefix=".loading-") as archive:
            _write(Path(archive.name), missing)
            ctr(["images", "import", archive.name])
    return [reference for _, reference in missing]


def save(built: Iterable[Built], archive: Path) -> None:
    """Write images, under all their references, to one archive that ``ctr images import`` reads."""
    _write(archive, [(each, reference) for each in built for reference in each.image.references])


def _present(ctr: Callable[[list[str]], str]) -> dict[str, str]:
    """Digests by reference, from the columns REF, TYPE, DIGEST, ..."""
    lines = ctr(["images", "ls"]).splitlines()[1:]
    return {columns[0]: columns[2] for columns in map(str.split, lines) if len(columns) > 2}


def _write(archive: Path, wanted: list[tuple[Built, str]]) -> None:
    """An OCI image layout (image-spec 1.1) as a tar archive."""
    manifests = [
        {
            "mediaType": built.manifest["mediaType"],
            "digest": built.digest,
            "size": store.blob(built.digest).stat().st_size,
            # containerd 1.6 takes the whole name from here; of OCI's own it would take only a tag.
            "annotations": {"io.containerd.image.name": reference},
        }
        for built, reference in wanted
    ]
    index = {"schemaVersion": 2, "manifests": manifests}
    with tarfile.open(archive, "w") as tar:
        for name, text in (
            ("oci-layout", json.dumps({"imageLayoutVersion": "1.0.0"})),
            ("index.json", json.dumps(index)),
        ):
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            tar.addfile(entry, io.BytesIO(text.encode()))
        for digest in dict.fromkeys(each for built, _ in wanted for each in built.blobs):
            tar.add(store.blob(digest), f"blobs/{digest.replace(':', '/', 1)}")
