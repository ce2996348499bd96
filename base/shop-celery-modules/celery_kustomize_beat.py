"""Celery beat's scheduler of choice, which also touches a file that shows that it lives.

Given to beat with ``-S celery_kustomize_beat:Scheduler``. The scheduler itself is named by
``CELERY_KUSTOMIZE_SCHEDULER`` (a class, or an alias such as ``django``), default
``celery.beat:PersistentScheduler``.

The file is ``celery-beat-heartbeat`` in ``CELERY_KUSTOMIZE_HEALTH_DIR`` (default ``/tmp``). It is
touched at every tick, so it gets as old as the scheduler's max interval (300 seconds, unless
``--max-interval`` or the scheduler says less), and whenever beat logs something: each failed
attempt to reach the broker too.

Seen with Celery 5.3.6, 5.5.3 and 5.7.0, with django-celery-beat 2.8 and celery-redbeat 2.4 too.
Needs ``celery_kustomize_heartbeat`` beside it.
"""

# mypy: disable-error-code="import-untyped, import-not-found, misc"

from __future__ import annotations

import logging
import os
from typing import Any

from celery.utils.imports import load_extension_class_names, symbol_by_name
from celery_kustomize_heartbeat import FOLDER, SignOfLife, touch

__all__ = ["Scheduler"]

_HEARTBEAT = FOLDER / "celery-beat-heartbeat"
_NAME = os.environ.get("CELERY_KUSTOMIZE_SCHEDULER") or "celery.beat:PersistentScheduler"
_ALIASES = dict(load_extension_class_names("celery.beat_schedulers"))


class Scheduler(symbol_by_name(_NAME, aliases=_ALIASES)):
    """The named scheduler, touching the file at every tick."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Do what is due: seconds until the next tick."""
        touch(_HEARTBEAT)
        return super().tick(*args, **kwargs)


logging.getLogger("celery.beat").addFilter(SignOfLife(_HEARTBEAT))
touch(_HEARTBEAT)
