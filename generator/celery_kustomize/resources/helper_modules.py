"""The files that containers mount: small Python modules, and the script that makes them found.

They run in the user's image with the user's Celery, so they are data here and never imported.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

__all__ = ["helper_text"]


@cache
def helper_text(name: str) -> str:
    """The text of ``name`` in ``resources/files``, for example ``celery_kustomize_loader.py``."""
    folder = resources.files("celery_kustomize.resources") / "files"
    return (folder / name).read_text(encoding="utf-8")
