"""Runs the tests of the helper modules with other versions of Celery than the lock's.

``python tests/runtime/celery_versions.py [VERSION...]``: each version is installed into an
environment of its own, with the kombu of its time.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

__all__ = ["main"]

_KOMBU = {
    "5.2.7": "5.2.4",
    "5.3.6": "5.3.4",
    "5.4.0": "5.4.2",
    "5.5.3": "5.5.4",
    "5.6.0": "5.6.0",
    "5.7.0": "5.7.0",
}
_ROOT = Path(__file__).resolve().parents[2]


def _tested(version: str, folder: Path) -> bool:
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    wanted = [f"celery=={version}", f"kombu=={_KOMBU[version]}", "setuptools<80"]
    subprocess.run([python, "-m", "pip", "install", "--quiet", *wanted], check=True)
    sys.stdout.write(f"Celery {version}\n")
    sys.stdout.flush()
    tests = sorted((_ROOT / "tests/unit/resources").glob("test_helper_modules*.py"))
    environment = {**os.environ, "CELERY_KUSTOMIZE_TEST_PYTHON": str(python)}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *tests], cwd=_ROOT, env=environment, check=False
    )
    return done.returncode == 0


def main() -> int:
    """Exit code: 0 when every version passed."""
    versions = sys.argv[1:] or list(_KOMBU)
    with tempfile.TemporaryDirectory() as folder:
        passed = [_tested(version, Path(folder, version)) for version in versions]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
