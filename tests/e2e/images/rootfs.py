"""The root file system of Debian 12, made by mmdebstrap."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.e2e.images.buildah import BuildError

__all__ = ["make"]

_LEFT_OUT = ("/usr/share/man/*", "/usr/share/locale/*", "/usr/share/doc/*", "/usr/share/info/*")
_OPTIONS = (
    "--variant=minbase",
    # Without it perl comes along, to move files that are in place already.
    "--include=usr-is-merged",
    "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
    *(f"--dpkgopt=path-exclude={path}" for path in _LEFT_OUT),
    # Nothing is lost when a build is cut off: it starts anew.
    "--dpkgopt=force-unsafe-io",
    # The host's name servers, which buildah puts there for each build.
    "--customize-hook=rm -f $1/etc/resolv.conf $1/etc/hostname",
)
_HOST_SOURCES = Path("/etc/apt/sources.list.d/debian.sources")


def make(target: Path) -> None:
    """Write the file system as a tar archive.

    The packages come from where the host's own do, if it is a Debian 12, else from the mirror that
    mmdebstrap knows.

    Raises:
        BuildError: it failed.
    """
    sources = _HOST_SOURCES.read_text("utf-8") if _HOST_SOURCES.exists() else ""
    known = "bookworm" in sources
    command = ["mmdebstrap", *_OPTIONS, "bookworm", str(target), *(["-"] if known else [])]
    ended = subprocess.run(command, input=sources, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise BuildError("mmdebstrap failed:\n" + "\n".join(ended.stderr.splitlines()[-20:]))
