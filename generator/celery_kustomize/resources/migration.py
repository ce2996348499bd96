"""The migration Job, an Argo CD hook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.resources import settings
from celery_kustomize.resources.metadata import SYNC_WAVE, metadata, selector
from celery_kustomize.resources.pod import Workload, pod_template
from celery_kustomize.resources.service_account import component_service_account

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.web import Migration
    from celery_kustomize.resources.context import Context

__all__ = ["migration_objects"]


def migration_objects(context: Context, migration: Migration) -> list[Object]:
    """The Job. It cannot be changed, so Argo CD deletes the old one before it creates the new."""
    name = migration.name or f"{context.name}-migrate"
    identity = selector(context, "migrate")
    env, volumes, mounts = settings.for_container(context)
    delivered = context.delivered
    workload = Workload(
        container="migrate",
        name=name,
        identity=identity,
        model=migration,
        image=migration.image or context.spec.image,
        command=settings.command_line(context, migration.command, migration.args),
        env=[*delivered.env, *env],
        late_env=list(delivered.late_env),
        working_dir=context.spec.working_dir,
        volumes=[*volumes, *delivered.volumes],
        mounts=[*mounts, *delivered.mounts],
        restart_policy="Never",
    )
    hook = {
        "argocd.argoproj.io/hook": migration.hook,
        "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
        SYNC_WAVE: "-1",
    }
    spec: Object = {
        "backoffLimit": migration.backoff_limit,
        "activeDeadlineSeconds": migration.active_deadline_seconds,
        "template": pod_template(context, workload),
    }
    return [
        *component_service_account(context, name, migration),
        {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": metadata(context, name, identity, migration, annotations=hook),
            "spec": {key: value for key, value in spec.items() if value is not None},
        },
    ]
