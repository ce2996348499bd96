"""Celery beat: one pod, never two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.model import defaults
from celery_kustomize.resources import settings
from celery_kustomize.resources.deployment import RECREATE, deployment
from celery_kustomize.resources.metadata import selector
from celery_kustomize.resources.pod import Workload
from celery_kustomize.resources.probes import beat_probes
from celery_kustomize.resources.service_account import component_service_account
from celery_kustomize.resources.storage import claim, volume

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.beat import Beat
    from celery_kustomize.resources.context import Context

__all__ = ["beat_objects"]

_DIRECTORY = "/var/lib/celery-beat"
_FILE_SCHEDULERS = frozenset({"celery.beat:PersistentScheduler", "celery.beat.PersistentScheduler"})


def beat_objects(context: Context, beat: Beat) -> list[Object]:
    """All objects of beat."""
    name = beat.name or f"{context.name}-beat"
    identity = selector(context, "beat")
    spec = context.spec
    composed = defaults.composed(spec, beat)
    file_schedule = composed and beat.scheduler in _FILE_SCHEDULERS
    watched = settings.SCHEDULER in settings.modules(context)
    modules = [settings.SCHEDULER] if watched else []
    env, volumes, mounts = settings.for_container(context, modules)
    if watched:
        env.append({"name": "CELERY_KUSTOMIZE_SCHEDULER", "value": beat.scheduler})
    if file_schedule or beat.storage:
        volumes.append(volume("schedule", name, beat.storage))
        mounts.append({"name": "schedule", "mountPath": _DIRECTORY})
    arguments = _arguments(context, beat, watched=watched, file_schedule=file_schedule)
    command = settings.command_line(
        context,
        spec.celery_command if composed else beat.command,
        arguments if composed else beat.args,
        modules,
    )
    workload = Workload(
        container="beat",
        name=name,
        identity=identity,
        model=beat,
        image=beat.image or spec.image,
        command=command,
        env=[*context.delivered.env, *env],
        late_env=list(context.delivered.late_env),
        working_dir=spec.working_dir,
        volumes=[*volumes, *context.delivered.volumes],
        mounts=[*mounts, *context.delivered.mounts],
        probes=beat_probes(beat) if watched else {},
    )
    return [
        *component_service_account(context, name, beat),
        *claim(context, name, identity, beat, beat.storage),
        deployment(context, workload, replicas=beat.replicas, rollout=RECREATE),
    ]


def _arguments(context: Context, beat: Beat, *, watched: bool, file_schedule: bool) -> list[str]:
    valued = {
        "--scheduler": f"{settings.SCHEDULER}:Scheduler" if watched else beat.scheduler,
        "--schedule": f"{_DIRECTORY}/celerybeat-schedule" if file_schedule else None,
        "--max-interval": defaults.beat_max_interval(beat),
        "--loglevel": beat.log_level,
    }
    return [
        *settings.application_options(context),
        "beat",
        *(f"{option}={value}" for option, value in valued.items() if value is not None),
        *beat.args,
        *settings.options(context, {}),
    ]
