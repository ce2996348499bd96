"""Runs the helper modules with a real Celery: the development environment's, or another one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MODULES", "PYTHON", "environment", "evaluate"]

PYTHON = os.environ.get("CELERY_KUSTOMIZE_TEST_PYTHON", sys.executable)
"""The interpreter whose Celery the tests use; see ``celery_versions.py``."""

MODULES = Path(str(files("celery_kustomize.resources").joinpath("files")))


def environment(**variables: str) -> dict[str, str]:
    """An environment with the modules importable and nothing of the caller's but PATH."""
    fixed = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    return {**fixed, "PYTHONPATH": str(MODULES), **variables}


def evaluate(code: str, folder: Path, variables: Mapping[str, str] | None = None) -> Any:
    """What ``code`` leaves in ``result``, by way of JSON. Runs in ``folder``."""
    script = folder / "script.py"
    script.write_text(f"{code}\nimport json\nprint('RESULT', json.dumps(result))\n")
    done = subprocess.run(
        [PYTHON, str(script)],
        cwd=folder,
        env=environment(**(variables or {})),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.rpartition("RESULT ")[2])
