"""Worker sets: groups of Celery workers with queues of their own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from celery_kustomize.model.autoscaling import Autoscaling
from celery_kustomize.model.base import DnsLabel, FreeMap, Model, Quantity, Text
from celery_kustomize.model.component import ONE_AT_A_TIME, Component, PodDisruptionBudget, Rollout

__all__ = ["HealthCheck", "Shutdown", "Worker", "WorkerDefaults"]

_Count = Annotated[int, Field(ge=0)]
_Positive = Annotated[int, Field(ge=1)]


class Shutdown(Model):
    """How a worker stops."""

    mode: Literal["Warm", "Soft"] = "Warm"
    """Warm (default): finish the running tasks. Soft (Celery 5.5 or newer, prefork, acksLate):
    after a time-out give running tasks back to the queue."""
    grace_period_seconds: _Positive | None = None
    """Seconds between SIGTERM and SIGKILL. Default: the hard time limit + 30, else 600."""
    soft_timeout_seconds: _Positive | None = None
    """Soft only: seconds that running tasks get to finish. Default: the grace period - 15."""


class HealthCheck(Model):
    """How Kubernetes sees whether a worker lives."""

    type: Literal["Heartbeat", "Ping", "None"] | None = None
    """Heartbeat (default where the command line is composed): the worker touches a file, the
    probe looks at its age; the image needs `sh` and `find`. Ping: `celery inspect ping`, about a
    CPU second each; the default for an image's own command with a broker. None: no probe."""
    stale_after_seconds: Annotated[int, Field(ge=60, multiple_of=60)] = 600
    """Heartbeat only: a file older than this restarts the pod, in whole minutes. It should outlast
    a broker outage. Default 600."""
    period_seconds: _Positive | None = None
    """Seconds between liveness probes. Default: Heartbeat 10, Ping 60."""
    timeout_seconds: _Positive | None = None
    """Seconds that a probe may take. Default: Heartbeat 5, Ping 10."""
    failure_threshold: _Positive = 3
    """Failed probes before the pod restarts. Default 3."""
    startup_seconds: _Positive = 300
    """Seconds that the application may take to start. Default 300."""


class WorkerDefaults(Component):
    """What every worker set inherits."""

    queues: Annotated[list[Text], Field(min_length=1)] | None = None
    """Queues to consume. Default: the application's own (`task_queues`, else `celery`)."""
    replicas: _Count = 1
    """Pods. Default 1. Left out when autoscaling is on."""
    concurrency: _Positive | None = None
    """Tasks that run at once in a pod. Default: prefork and threads: whole CPUs of the cpu limit,
    without one 2; gevent and eventlet 100; solo 1."""
    pool: Literal["prefork", "gevent", "eventlet", "solo", "threads"] = "prefork"
    """Celery's pool. Default prefork."""
    prefetch_multiplier: _Count = 1
    """Messages reserved ahead per process. Default 1: long tasks do not block short ones."""
    disable_prefetch: bool = False
    """Reserve no message ahead (Celery 5.6 or newer, Redis). Default false."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "FATAL"] = "INFO"
    """Log level. Default INFO."""
    task_time_limit: _Positive | None = None
    """Hard time limit of a task in seconds (prefork, gevent)."""
    task_soft_time_limit: _Positive | None = None
    """Soft time limit of a task in seconds (prefork)."""
    max_tasks_per_child: _Positive | None = None
    """Tasks after which a child process is replaced (prefork)."""
    max_memory_per_child: Quantity | None = None
    """Memory after which a child process is replaced, for example `400Mi` (prefork)."""
    task_events: bool | None = None
    """Send task events. Default: true when Flower or the exporter is there."""
    acks_late: bool | None = None
    """Acknowledge after the task, not before: a killed worker's tasks run again. Default:
    `task_acks_late` of `config.values`, else Celery's false."""
    gossip: bool = True
    """Workers listen to each other's events. Default true."""
    mingle: bool = True
    """Workers synchronise at start. Default true."""
    heartbeat: bool = True
    """Workers send heartbeats to each other and to Flower. Default true; the Heartbeat health
    check does not need them."""
    transport_options: FreeMap = {}
    """Transport options of this set, merged over the broker's."""
    shutdown: Shutdown = Shutdown()
    """How a worker stops."""
    rollout: Rollout = Rollout()
    """How a change is rolled out."""
    health_check: HealthCheck = HealthCheck()
    """How Kubernetes sees whether a worker lives."""
    pod_disruption_budget: PodDisruptionBudget | None = ONE_AT_A_TIME
    """Limits node drains. Default `maxUnavailable: 1`; `null`: none."""
    autoscaling: Autoscaling | None = None
    """How the set scales. Default: `replicas` is fixed."""


class Worker(WorkerDefaults):
    """A worker set: a Deployment of workers that consume the same queues."""

    name: DnsLabel
    """Name of the set, for example `reports`. Objects are named `<application>-worker-<name>`."""
