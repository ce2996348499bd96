"""Names, labels and annotations of the generated objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.component import Component
    from celery_kustomize.resources.context import Context

__all__ = [
    "CUSTOM_RESOURCE",
    "MANAGED_BY",
    "SYNC_WAVE",
    "labels",
    "metadata",
    "needed_first",
    "selector",
]

MANAGED_BY = {"app.kubernetes.io/managed-by": "celery-kustomize"}
SYNC_WAVE = "argocd.argoproj.io/sync-wave"

CUSTOM_RESOURCE = {"argocd.argoproj.io/sync-options": "SkipDryRunOnMissingResource=true"}
"""For kinds that the cluster may learn of only in the same sync: Argo CD's dry run would fail."""


def selector(context: Context, component: str, worker: str | None = None) -> dict[str, str]:
    """The labels by which a component's pods are found. Immutable: they must never change."""
    result = {
        "app.kubernetes.io/name": context.name,
        "app.kubernetes.io/component": component,
    }
    if worker is not None:
        result["celeryproject.org/worker"] = worker
    return result


def labels(identity: Mapping[str, str], model: Component | None = None) -> dict[str, str]:
    """Identity, who made the object, and the component's own labels."""
    return {**(model.labels if model else {}), **identity, **MANAGED_BY}


def metadata(
    context: Context,
    name: str,
    identity: Mapping[str, str],
    model: Component | None = None,
    annotations: Mapping[str, str] | None = None,
) -> Object:
    """``metadata`` with annotations of the application, the component and ``annotations``."""
    merged = {
        **context.application.metadata.annotations,
        **(model.annotations if model else {}),
        **(annotations or {}),
    }
    result: Object = {"name": name, "labels": labels(identity, model)}
    return {**result, "annotations": merged} if merged else result


def needed_first(context: Context) -> dict[str, str]:
    """Annotations of what the migration Job needs: it must exist before the Job runs."""
    return {SYNC_WAVE: "-2"} if context.has_waves() else {}
