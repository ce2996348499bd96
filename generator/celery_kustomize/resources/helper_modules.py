"""The Python modules and the script that are mounted into containers that run the application.

They run in the user's image, with the user's Celery: see the docstring of each in ``files``.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

__all__ = ["NAMES", "helper_text"]

NAMES = (
    "celery_kustomize_loader.py",
    "celery_kustomize_heartbeat.py",
    "celery_kustomize_beat.py",
    "run.sh",
)
"""Those that a container uses belong in one folder; beat's module needs the heartbeat's."""


@cache
def helper_text(name: str) -> str:
    """Text of one of `NAMES`, as it goes into the ConfigMap."""
    return files(__package__).joinpath("files", name).read_text(encoding="utf-8")
