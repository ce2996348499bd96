"""What a rule finds: a place in the merged document and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from celery_kustomize.errors import Severity

__all__ = ["Finding", "Loc"]

Loc: TypeAlias = tuple[str | int, ...]
"""Keys as in YAML and list indexes, from the document's root: ``("spec", "workers", 1)``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not fit together.

    ``message`` is one line: what is wrong, why, and what to write. ``loc`` may name a field that
    was not written: its nearest written parent then gives the line.
    """

    loc: Loc
    message: str
    severity: Severity = Severity.ERROR
