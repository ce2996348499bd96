"""An end of our own, before Argo CD's: who waits shall read a reason, not "signal: killed"."""

from __future__ import annotations

import re
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

from celery_kustomize.errors import CeleryKustomizeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

__all__ = ["StoppedError", "bounded", "seconds"]

_VARIABLE = "ARGOCD_EXEC_TIMEOUT"
_DEFAULT = 60.0
"""What the controller and the API server wait for manifests (Argo CD v3.5)."""

_SHARE = 0.75
"""The rest is for what Argo CD does in its time: sending the repository's files, and waiting."""

_LONGEST = 24 * 3600.0

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(rf"(\d+(?:\.\d*)?|\.\d+)({'|'.join(_UNITS)})")


class StoppedError(CeleryKustomizeError):
    """The time is over, or someone asked us to stop."""


def seconds(environment: Mapping[str, str]) -> float:
    """How long a command may take: below what Argo CD waits.

    That is ARGOCD_EXEC_TIMEOUT, a Go duration, which administrators set on the sidecar when they
    raise the time; an Application cannot set it. What is no duration counts as not set.
    """
    text = environment.get(_VARIABLE, "")
    parts = _PART.findall(text)
    whole = "".join(number + unit for number, unit in parts) == text
    total = sum(float(number) * _UNITS[unit] for number, unit in parts) if whole else 0.0
    return min(total or _DEFAULT, _LONGEST) * _SHARE


@contextmanager
def bounded(limit: float) -> Iterator[None]:
    """Raise StoppedError in the body after ``limit`` seconds, and on SIGTERM; main thread only."""

    def stop(number: int, _: FrameType | None) -> None:
        if number == signal.SIGTERM:
            raise StoppedError("stopped by SIGTERM before the end")
        raise StoppedError(
            f"not done after {limit:g} s and stopped: make several folders of it, or let Argo CD"
            f" wait longer (its timeouts, and {_VARIABLE} of the sidecar)"
        )

    before = {number: signal.signal(number, stop) for number in (signal.SIGALRM, signal.SIGTERM)}
    signal.setitimer(signal.ITIMER_REAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in before.items():
            signal.signal(number, handler)
