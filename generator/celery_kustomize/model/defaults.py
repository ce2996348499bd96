"""Values that follow from other fields: what a component inherits and what its defaults are.

Both ``rules`` and ``resources`` ask here, so that a check and the generated object agree.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from celery_kustomize.k8s import quantity
from celery_kustomize.model.application import Spec
from celery_kustomize.model.beat import Beat
from celery_kustomize.model.component import Component, Security
from celery_kustomize.model.redis import RedisServer
from celery_kustomize.model.worker import Worker, WorkerDefaults

__all__ = [
    "acks_late",
    "beat_max_interval",
    "composed",
    "concurrency",
    "env",
    "env_from",
    "grace_period",
    "hard_time_limit",
    "health_check_type",
    "prefetch_multiplier",
    "queues",
    "security",
    "soft_time_limit",
    "task_events",
    "transport_options",
    "version_at_least",
    "volume_mounts",
    "volumes",
    "worker_object_name",
]

_Items = list[dict[str, Any]]

_GREEN_CONCURRENCY = 100
_DEFAULT_CONCURRENCY = 2
_DEFAULT_GRACE = 600
_GRACE_MARGIN = 30
_REDBEAT_INTERVAL = 30
REDIS_USER = 999


def worker_object_name(application: str, worker: Worker) -> str:
    """Name of a worker set's objects: ``shop-worker-reports``."""
    return f"{application}-worker-{worker.name}"


def composed(spec: Spec, component: Component) -> bool:
    """Whether the component's command line is composed, rather than its own or the image's."""
    return spec.app is not None and component.command is None


def _by_key(key: str, inherited: _Items, own: _Items) -> _Items:
    replaced = {item[key]: item for item in own if key in item}
    kept = [replaced.pop(item.get(key), item) for item in inherited]
    return kept + [item for item in own if item.get(key) in replaced]


def env(spec: Spec, component: Component) -> _Items:
    """Environment of a component that runs the application: the application's, own by name."""
    return _by_key("name", spec.env, component.env)


def volumes(spec: Spec, component: Component) -> _Items:
    """Volumes of a component that runs the application: the application's, own by name."""
    return _by_key("name", spec.volumes, component.volumes)


def volume_mounts(spec: Spec, component: Component) -> _Items:
    """Mounts of a component that runs the application: the application's, own by path."""
    return _by_key("mountPath", spec.volume_mounts, component.volume_mounts)


def env_from(spec: Spec, component: Component) -> _Items:
    """The application's ``envFrom``, then the component's."""
    return [*spec.env_from, *component.env_from]


def security(spec: Spec, component: Component) -> Security:
    """Security settings: the application's (redis: user 999), then what the component sets."""
    inherited = spec.security
    if isinstance(component, RedisServer):
        inherited = inherited.model_copy(update=_redis_ids(inherited))
    own = component.security
    if own is None:
        return inherited
    return inherited.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})


def _redis_ids(given: Security) -> dict[str, int | None]:
    """Redis' own user, unless the application leaves the ids to the cluster (OpenShift)."""
    user = None if given.run_as_user is None else REDIS_USER
    return dict.fromkeys(("run_as_user", "run_as_group", "fs_group"), user)


def version_at_least(spec: Spec, major: int, minor: int) -> bool | None:
    """Whether ``celeryVersion`` is at least ``major.minor``; None when it is not given."""
    if spec.celery_version is None:
        return None
    parts = [int(part) for part in spec.celery_version.split(".")]
    return (parts[0], parts[1]) >= (major, minor)


def concurrency(spec: Spec, worker: WorkerDefaults) -> int | None:
    """Tasks that run at once in a pod; None when the environment decides.

    Celery itself would take the host's CPU count, whatever the pod's limit (Celery 5.7).
    """
    if worker.concurrency is not None:
        return worker.concurrency
    if any(item.get("name") == "CELERY_WORKER_CONCURRENCY" for item in env(spec, worker)):
        return None
    configured = spec.config.values.get("worker_concurrency")
    if isinstance(configured, int) and configured > 0:
        return configured
    if worker.pool == "solo":
        return 1
    if worker.pool in ("gevent", "eventlet"):
        return _GREEN_CONCURRENCY
    limit = worker.resources.get("limits", {}).get("cpu")
    if limit is None:
        return _DEFAULT_CONCURRENCY
    return max(1, int(quantity.parse(str(limit)).to_integral_value(rounding="ROUND_FLOOR")))


def prefetch_multiplier(spec: Spec, worker: WorkerDefaults) -> int:
    """Messages reserved ahead per process: the set's, the configuration's, else 1."""
    configured = spec.config.values.get("worker_prefetch_multiplier")
    if not worker.has("prefetch_multiplier") and isinstance(configured, int):
        return configured
    return worker.prefetch_multiplier


def _seconds(spec: Spec, own: int | None, setting: str) -> int | None:
    if own is not None:
        return own
    configured = spec.config.values.get(setting)
    if isinstance(configured, int | float | Decimal) and not isinstance(configured, bool):
        return int(configured)
    return None


def hard_time_limit(spec: Spec, worker: WorkerDefaults) -> int | None:
    """Hard time limit of a task in seconds: the set's, else ``task_time_limit``."""
    return _seconds(spec, worker.task_time_limit, "task_time_limit")


def soft_time_limit(spec: Spec, worker: WorkerDefaults) -> int | None:
    """Soft time limit of a task in seconds: the set's, else ``task_soft_time_limit``."""
    return _seconds(spec, worker.task_soft_time_limit, "task_soft_time_limit")


def grace_period(spec: Spec, worker: WorkerDefaults) -> int:
    """Seconds between SIGTERM and SIGKILL: given, or hard time limit + 30, or 600."""
    if worker.shutdown.grace_period_seconds is not None:
        return worker.shutdown.grace_period_seconds
    limit = hard_time_limit(spec, worker)
    return _DEFAULT_GRACE if limit is None else limit + _GRACE_MARGIN


def acks_late(spec: Spec, worker: WorkerDefaults) -> bool:
    """Whether tasks are acknowledged after they ran."""
    if worker.acks_late is not None:
        return worker.acks_late
    return spec.config.values.get("task_acks_late") is True


def task_events(spec: Spec, worker: WorkerDefaults) -> bool:
    """Whether workers send task events: given, or when Flower or the exporter is there."""
    if worker.task_events is not None:
        return worker.task_events
    return spec.flower is not None or spec.monitoring.exporter is not None


def transport_options(spec: Spec, worker: WorkerDefaults) -> dict[str, Any]:
    """Transport options of a worker set: the broker's, the set's own over them."""
    shared = spec.broker.transport_options if spec.broker else {}
    return {**shared, **worker.transport_options}


def queues(spec: Spec, worker: WorkerDefaults) -> list[str]:
    """Queues that a worker set consumes: its own, else the application's default queue."""
    configured = spec.config.values.get("task_default_queue")
    return worker.queues or [configured if isinstance(configured, str) else "celery"]


def beat_max_interval(beat: Beat) -> int | None:
    """Longest sleep of the scheduler in seconds, when it is to be said.

    RedBeat holds its lock for five such intervals, so after a crash nothing is sent that long; its
    own default of 300 s would be 25 minutes (celery-redbeat 2.3).
    """
    if beat.max_interval is None and "redbeat" in beat.scheduler.lower():
        return _REDBEAT_INTERVAL
    return beat.max_interval


def health_check_type(spec: Spec, worker: WorkerDefaults) -> str:
    """Heartbeat for a composed command line, else Ping where a broker is known, else None."""
    if worker.health_check.type is not None:
        return worker.health_check.type
    if composed(spec, worker):
        return "Heartbeat"
    return "Ping" if spec.broker is not None and spec.broker.sqs is None else "None"
