"""What Argo CD's user interface shows of a failure: short, without places of this machine."""

from __future__ import annotations

import traceback
from pathlib import Path

from celery_kustomize.errors import CeleryKustomizeError, Problem

__all__ = ["message"]

_LINES = 50
_CHARACTERS = 8000


def message(error: Exception, folder: str, defaults: str | None) -> str:
    """Why a command failed.

    Args:
        error: what was raised. Of an unexpected one only kind and place are told: its text may be
            a value that nobody shall read.
        folder: the Application's, whose files are named as seen from there.
        defaults: the administrator's file, as given.
    """
    if isinstance(error, CeleryKustomizeError):
        text = str(error)
    elif isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        text = str(Problem(str(error.filename or "plugin"), 0, "", reason))
    else:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(frame.filename).name}:{frame.lineno}"
        text = f"internal error, please report it: {type(error).__name__} at {place}"
    if defaults:
        text = text.replace(defaults, "the plugin's defaults")
    return _short(text.replace(f"{folder}/", ""))


def _short(text: str) -> str:
    lines = text.splitlines()
    kept = "\n".join(lines[:_LINES])
    if len(kept) > _CHARACTERS:
        return f"{kept[:_CHARACTERS]} ..."
    if len(lines) > _LINES:
        more = len(lines) - _LINES
        return f"{kept}\n... and {more} more lines: `celery-kustomize validate` shows all"
    return kept
