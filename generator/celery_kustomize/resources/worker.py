"""Worker sets: Deployment, PodDisruptionBudget, and what scales them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.k8s import quantity
from celery_kustomize.model import defaults
from celery_kustomize.resources import settings
from celery_kustomize.resources.autoscaling import scaler, scaler_environment, unacked_options
from celery_kustomize.resources.deployment import deployment, pod_disruption_budget
from celery_kustomize.resources.metadata import selector
from celery_kustomize.resources.pod import Workload
from celery_kustomize.resources.probes import worker_heartbeat_probes, worker_ping_probes
from celery_kustomize.resources.service_account import component_service_account

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.worker import Worker
    from celery_kustomize.resources.context import Context

__all__ = ["worker_objects"]

# What the heartbeat module takes by itself.
_STALE_AFTER = 600


def worker_objects(context: Context, worker: Worker) -> list[Object]:
    """All objects of one worker set."""
    name = defaults.worker_object_name(context.name, worker)
    identity = selector(context, "worker", worker.name)
    workload = _workload(context, worker, name, identity)
    replicas = None if worker.autoscaling else worker.replicas
    return [
        *component_service_account(context, name, worker),
        deployment(context, workload, replicas=replicas, rollout=worker.rollout),
        *pod_disruption_budget(context, workload, worker.pod_disruption_budget),
        *scaler(context, worker, workload),
    ]


def _workload(context: Context, worker: Worker, name: str, identity: dict[str, str]) -> Workload:
    spec = context.spec
    check = defaults.health_check_type(spec, worker)
    composed = defaults.composed(spec, worker)
    heartbeat = composed and check == "Heartbeat"
    modules = [settings.HEARTBEAT] if heartbeat else []
    env, volumes, mounts = settings.for_container(context, modules)
    command = settings.command_line(
        context,
        spec.celery_command if composed else worker.command,
        _arguments(context, worker, heartbeat) if composed else worker.args,
        modules,
    )
    stale = worker.health_check.stale_after_seconds
    if heartbeat and stale != _STALE_AFTER:
        env.append({"name": "CELERY_KUSTOMIZE_STALE_AFTER", "value": str(stale)})
    if worker.shutdown.mode == "Soft":
        env.append({"name": "REMAP_SIGTERM", "value": "SIGQUIT"})
    probes: Object = {}
    if heartbeat:
        probes = worker_heartbeat_probes(worker)
    elif check == "Ping":
        celery = settings.launcher(context, spec.celery_command)
        options = settings.application_options(context, own_image=not composed)
        probes = worker_ping_probes(worker, [*celery, *options])
    delivered = context.delivered
    return Workload(
        container="worker",
        name=name,
        identity=identity,
        model=worker,
        image=worker.image or spec.image,
        command=command,
        env=[*scaler_environment(spec, worker), *delivered.env, *env],
        late_env=list(delivered.late_env),
        working_dir=spec.working_dir,
        volumes=[*volumes, *delivered.volumes],
        mounts=[*mounts, *delivered.mounts],
        probes=probes,
        grace_period=defaults.grace_period(spec, worker),
        spread=True,
    )


def _arguments(context: Context, worker: Worker, heartbeat: bool) -> list[str]:
    """``celery worker`` options. The concurrency is always said: Celery would take the host's."""
    spec = context.spec
    concurrency = defaults.concurrency(spec, worker)
    memory = worker.max_memory_per_child
    valued = {
        "--queues": ",".join(worker.queues) if worker.queues else None,
        "--pool": worker.pool if worker.pool != "prefork" else None,
        "--concurrency": concurrency,
        "--prefetch-multiplier": defaults.prefetch_multiplier(spec, worker),
        "--time-limit": worker.task_time_limit,
        "--soft-time-limit": worker.task_soft_time_limit,
        "--max-tasks-per-child": worker.max_tasks_per_child,
        "--max-memory-per-child": int(quantity.parse(memory) / 1024) if memory else None,
        "--loglevel": worker.log_level,
        "--include": settings.HEARTBEAT if heartbeat else None,
    }
    switches = {
        "--disable-prefetch": worker.disable_prefetch,
        "--task-events": defaults.task_events(spec, worker),
        "--without-gossip": not worker.gossip,
        "--without-mingle": not worker.mingle,
        "--without-heartbeat": not worker.heartbeat,
    }
    own = settings.worker_settings(context, worker)
    if separate := unacked_options(context, worker):
        shared = own.get("broker_transport_options") or context.delivered.settings.get(
            "broker_transport_options", {}
        )
        own["broker_transport_options"] = {**shared, **separate}
    return [
        *settings.application_options(context),
        "worker",
        *(f"{option}={value}" for option, value in valued.items() if value is not None),
        *(switch for switch, on in switches.items() if on),
        *worker.args,
        *settings.options(context, own),
    ]
