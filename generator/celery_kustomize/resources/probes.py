"""Probes of workers and beat, as Kubernetes objects.

The heartbeat probe looks at the age of a file with ``find``, which Debian's and Alpine's slim
images have, and costs no Python start; ``celery inspect ping`` costs about a second of CPU each
time (Celery 5.7).
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.beat import Beat
    from celery_kustomize.model.worker import Worker

__all__ = ["beat_probes", "http_probe", "probe", "worker_heartbeat_probes", "worker_ping_probes"]

_WORKER_FILE = "/tmp/celery-worker-heartbeat"  # noqa: S108 - a path in the pod
_READY_FILE = "/tmp/celery-worker-ready"  # noqa: S108
_BEAT_FILE = "/tmp/celery-beat-heartbeat"  # noqa: S108

_START_PERIOD = 5
_PING_START_PERIOD = 15
_BEAT_STARTUP = 300


def _younger_than(path: str, minutes: int) -> Object:
    return {"exec": {"command": ["sh", "-c", f'test -n "$(find {path} -mmin -{minutes})"']}}


def _started(path: str, seconds: int) -> Object:
    handler = {"exec": {"command": ["test", "-e", path]}}
    return probe(handler, period=_START_PERIOD, failures=-(-seconds // _START_PERIOD))


def worker_heartbeat_probes(worker: Worker) -> Object:
    """Probes for a worker that touches its files: one while it lives, one while it consumes.

    A broker outage makes the worker unready, but does not restart it. Green threads that do not
    yield keep gevent and eventlet from touching the files, so readiness waits longer there.
    """
    check = worker.health_check
    timeout, failures = check.timeout_seconds or 5, check.failure_threshold
    green = worker.pool in ("gevent", "eventlet")
    alive = _younger_than(_WORKER_FILE, check.stale_after_seconds // 60)
    ready = _younger_than(_READY_FILE, 5 if green else 1)
    period = check.period_seconds or 10
    return {
        "startupProbe": _started(_WORKER_FILE, check.startup_seconds),
        "livenessProbe": probe(alive, period=period, failures=failures, timeout=timeout),
        "readinessProbe": probe(ready, period=10, failures=2, timeout=timeout),
    }


def worker_ping_probes(worker: Worker, celery: list[str]) -> Object:
    """Probes that ask the worker itself. Only this node is asked, or every worker would answer.

    ``celery`` is the command in this pod, with its options before the sub-command.
    """
    check = worker.health_check
    words = [*celery, "inspect", "ping", "--destination"]
    ping = {"exec": {"command": ["sh", "-c", f'exec {shlex.join(words)} "celery@$HOSTNAME"']}}
    timeout = check.timeout_seconds or 10
    start = -(-check.startup_seconds // _PING_START_PERIOD)
    return {
        "startupProbe": {
            **ping,
            "initialDelaySeconds": 10,
            "periodSeconds": _PING_START_PERIOD,
            "timeoutSeconds": timeout,
            "failureThreshold": start,
        },
        "livenessProbe": probe(
            ping,
            period=check.period_seconds or 60,
            failures=check.failure_threshold,
            timeout=timeout,
        ),
    }


def beat_probes(beat: Beat) -> Object:
    """Probes for beat, whose scheduler touches a file at every tick."""
    alive = _younger_than(_BEAT_FILE, beat.health_check.stale_after_seconds // 60)
    return {
        "startupProbe": _started(_BEAT_FILE, _BEAT_STARTUP),
        "livenessProbe": probe(alive, period=30, failures=3),
    }


def probe(handler: Object, *, period: int, failures: int, timeout: int = 5) -> Object:
    """A probe with ``handler`` every ``period`` seconds; ``failures`` in a row count."""
    return {
        **handler,
        "periodSeconds": period,
        "timeoutSeconds": timeout,
        "failureThreshold": failures,
    }


def http_probe(path: str, port: str | int, *, period: int, failures: int) -> Object:
    """A probe over HTTP."""
    return probe({"httpGet": {"path": path, "port": port}}, period=period, failures=failures)
