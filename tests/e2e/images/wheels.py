"""The Python packages of the images: fetched by the host's pip, installed without a network."""

from __future__ import annotations

import hashlib
import platform
import re
import subprocess
import sys
from pathlib import Path

from tests.e2e.images import store
from tests.e2e.images.buildah import BuildError

__all__ = ["fetch", "folder"]

# Those of the base image: Debian 12 has Python 3.11 and glibc 2.36.
_PYTHON = "3.11"
_GLIBC_MINORS = range(36, 16, -1)


def folder() -> Path:
    """Where all wheels are. A build takes from them what its lock names."""
    return store.folder() / "wheels"


def fetch(lock: Path) -> None:
    """Make sure that every wheel of the lock is there.

    Raises:
        BuildError: pip could not fetch them.
    """
    stamp = folder() / f".{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}"
    if stamp.exists():
        return
    # Without markers, which pip would judge by the host's Python and not by the image's.
    text = re.sub(r" ;[^\n\\]*", "", lock.read_text(encoding="utf-8"))
    machine = platform.machine()
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in _GLIBC_MINORS]
    command = [
        *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
        *("--require-hashes", "--no-deps", "--only-binary=:all:", f"--python-version={_PYTHON}"),
        *(f"--platform={name}" for name in (*platforms, f"manylinux2014_{machine}")),
        *(f"--dest={folder()}", "--requirement=/dev/stdin"),
    ]
    ended = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise BuildError(f"pip could not fetch {lock}:\n{ended.stderr}")
    stamp.touch()
