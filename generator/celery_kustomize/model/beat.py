"""Celery beat, the scheduler: the `beat` field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from celery_kustomize.model.base import Model, Text, problem
from celery_kustomize.model.component import Component
from celery_kustomize.model.redis import Storage

__all__ = ["Beat", "BeatHealthCheck"]

_Positive = Annotated[int, Field(ge=1)]


def _at_most_one(replicas: int) -> int:
    if replicas not in (0, 1):
        raise problem(f"{replicas} schedulers would send every task {replicas} times: write 1")
    return replicas


class BeatHealthCheck(Model):
    """How Kubernetes sees whether beat lives."""

    type: Literal["Heartbeat", "None"] = "Heartbeat"
    """Heartbeat (default): the scheduler touches a file at every tick, the probe looks at its age.
    None: no probe."""
    stale_after_seconds: Annotated[int, Field(ge=60, multiple_of=60)] = 600
    """A file older than this restarts the pod, in whole minutes. Default 600."""


class Beat(Component):
    """Celery beat. Always one replica, replaced with Recreate: two would send every task twice."""

    replicas: Annotated[int, AfterValidator(_at_most_one)] = 1
    """0 switches it off for a while. Default 1; never more."""
    scheduler: Text = "celery.beat:PersistentScheduler"
    """Scheduler class, for example `django_celery_beat.schedulers:DatabaseScheduler` or
    `redbeat.RedBeatScheduler`. Default `celery.beat:PersistentScheduler`."""
    storage: Storage | None = None
    """Where the PersistentScheduler keeps its last runs. Default: an emptyDir, lost with the
    pod."""
    max_interval: _Positive | None = None
    """Longest sleep between looks at the schedule, in seconds. Default: the scheduler's own; for
    RedBeat 30, since its lock outlives a crash by five times as long."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "FATAL"] = "INFO"
    """Log level. Default INFO."""
    health_check: BeatHealthCheck = BeatHealthCheck()
    """How Kubernetes sees whether beat lives."""
