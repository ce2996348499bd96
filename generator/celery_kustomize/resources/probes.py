"""Probes of workers and beat, as Kubernetes objects.

The heartbeat probe looks at the age of a file with ``find``, which Debian's and Alpine's slim
images have, and costs no Python start; ``celery inspect ping`` costs about a second of CPU each
time (Celery 5.7).
"""

from __future__ import annotations

from celery_kustomize.k8s.kustomization import Object
from celery_kustomize.model.application import Spec
from celery_kustomize.model.beat import Beat
from celery_kustomize.model.worker import Worker

__all__ = ["beat_probes", "http_probe", "probe", "worker_heartbeat_probes", "worker_ping_probes"]

_WORKER_FILE = "/tmp/celery-worker-heartbeat"  # noqa: S108 - a path in the pod
_BEAT_FILE = "/tmp/celery-beat-heartbeat"  # noqa: S108


def _fresh(path: str, seconds: int) -> list[str]:
    return ["sh", "-c", f'test -n "$(find {path} -mmin -{seconds // 60})"']


def _heartbeat(path: str, stale: int, startup: int, period: int, timeout: int, failures: int) -> Object:  # noqa: PLR0913, PLR0917
    step = 5
    return {
        "startupProbe": {
            "exec": {"command": ["test", "-e", path]},
            "periodSeconds": step,
            "timeoutSeconds": timeout,
            "failureThreshold": -(-startup // step),
        },
        "livenessProbe": {
            "exec": {"command": _fresh(path, stale)},
            "periodSeconds": period,
            "timeoutSeconds": timeout,
            "failureThreshold": failures,
        },
    }


def worker_heartbeat_probes(worker: Worker) -> Object:
    """Probes for a worker that touches its heartbeat file."""
    check = worker.health_check
    return _heartbeat(
        _WORKER_FILE,
        check.stale_after_seconds,
        check.startup_seconds,
        check.period_seconds or 30,
        check.timeout_seconds or 5,
        check.failure_threshold,
    )


def worker_ping_probes(spec: Spec, worker: Worker) -> Object:
    """Probes that ask the worker itself. Only this node is asked, or every worker would answer."""
    check = worker.health_check
    app = f"--app={spec.app} " if spec.app and worker.command is None else ""
    ping = f'{" ".join(spec.celery_command)} {app}inspect ping --destination "celery@$HOSTNAME"'
    period, timeout = check.period_seconds or 60, check.timeout_seconds or 10
    command = ["sh", "-c", f"exec {ping}"]
    return {
        "startupProbe": {
            "exec": {"command": command},
            "initialDelaySeconds": 10,
            "periodSeconds": 15,
            "timeoutSeconds": timeout,
            "failureThreshold": -(-check.startup_seconds // 15),
        },
        "livenessProbe": {
            "exec": {"command": command},
            "periodSeconds": period,
            "timeoutSeconds": timeout,
            "failureThreshold": check.failure_threshold,
        },
    }


def beat_probes(beat: Beat) -> Object:
    """Probes for beat, whose scheduler touches a file at every tick."""
    return _heartbeat(_BEAT_FILE, beat.health_check.stale_after_seconds, 300, 30, 5, 3)


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
