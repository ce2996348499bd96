"""Celery beat's scheduler of choice, which also touches a file that shows that it lives.

Given to beat with ``-S celery_kustomize_beat:Scheduler``. The scheduler itself is named by
``CELERY_KUSTOMIZE_SCHEDULER`` (a class, or an alias such as ``django``), default
``celery.beat:PersistentScheduler``.

The file ``celery-alive`` (see ``celery_kustomize_heartbeat``) is touched at every tick, so it gets
as old as the scheduler's max interval (300 seconds unless ``--max-interval`` or the scheduler says
less), and whenever beat logs something: each failed attempt to reach the broker too.

Seen with Celery 5.3.6, 5.5.3 and 5.7.0, django-celery-beat and celery-redbeat.
"""

# mypy: disable-error-code="import-untyped, import-not-found, misc"

from __future__ import annotations

import logging
import os
from typing import Any

from celery.utils.imports import load_extension_class_names, symbol_by_name
from celery_kustomize_heartbeat import ALIVE, SignOfLife, touch

__all__ = ["Scheduler"]

_NAME = os.environ.get("CELERY_KUSTOMIZE_SCHEDULER") or "celery.beat:PersistentScheduler"
_ALIASES = dict(load_extension_class_names("celery.beat_schedulers"))


class Scheduler(symbol_by_name(_NAME, aliases=_ALIASES)):
    """The named scheduler, touching the file at every tick."""

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        """Do what is due: seconds until the next tick."""
        touch(ALIVE)
        return super().tick(*args, **kwargs)


logging.getLogger("celery.beat").addFilter(SignOfLife())
