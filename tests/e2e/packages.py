"""Install Debian's packages that the tests lack: ``python -m tests.e2e.packages``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.e2e import images
from tests.e2e.cluster import requirements

__all__ = ["missing"]


def missing() -> list[str]:
    """The packages that are needed and not installed."""
    wanted = sorted({*requirements.PACKAGES, *images.PACKAGES})
    query = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *wanted]
    said = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    return [name for name in wanted if f"{name} installed\n" not in said]


def main() -> int:
    """Install what is missing; 2 when that is impossible."""
    if not shutil.which("apt-get"):
        print("error: there is no apt-get here: install containerd, runc and the others listed in"
              " tests/e2e/cluster/requirements.py by hand", file=sys.stderr)  # fmt: skip
        return 2
    names = missing()
    if not names:
        return 0
    if os.geteuid() != 0:
        print(f"error: as root: apt-get install {' '.join(names)}", file=sys.stderr)
        return 2
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *names]):
        ended = subprocess.run(["apt-get", "--quiet=2", *command], env=quiet, check=False)
        if ended.returncode:
            print(f"error: apt-get {command[0]} failed (above)", file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
