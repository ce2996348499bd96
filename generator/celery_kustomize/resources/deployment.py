"""Deployments and their disruption budgets, as most components share them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.model.component import PodDisruptionBudget, Rollout
from celery_kustomize.resources.metadata import metadata
from celery_kustomize.resources.pod import Workload, pod_template

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.resources.context import Context

__all__ = ["RECREATE", "deployment", "pod_disruption_budget"]

RECREATE = Rollout.model_validate({"type": "Recreate"})
"""For what must never run twice at once."""


def deployment(
    context: Context, workload: Workload, *, replicas: int | None, rollout: Rollout
) -> Object:
    """A Deployment of ``workload``; without ``replicas`` a scaler decides."""
    strategy: Object = {"type": rollout.type}
    if rollout.type == "RollingUpdate":
        strategy["rollingUpdate"] = {
            "maxSurge": rollout.max_surge,
            "maxUnavailable": rollout.max_unavailable,
        }
    spec: Object = {
        "replicas": replicas,
        "selector": {"matchLabels": dict(workload.identity)},
        "strategy": strategy,
        "minReadySeconds": rollout.min_ready_seconds,
        "progressDeadlineSeconds": rollout.progress_deadline_seconds,
        "template": pod_template(context, workload),
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(context, workload.name, workload.identity, workload.model),
        "spec": {key: value for key, value in spec.items() if value is not None},
    }


def pod_disruption_budget(
    context: Context, workload: Workload, budget: PodDisruptionBudget | None
) -> list[Object]:
    """A PodDisruptionBudget; none when switched off. Unready pods never block a drain."""
    if budget is None:
        return []
    limits = {"maxUnavailable": budget.max_unavailable, "minAvailable": budget.min_available}
    return [
        {
            "apiVersion": "policy/v1",
            "kind": "PodDisruptionBudget",
            "metadata": metadata(context, workload.name, workload.identity, workload.model),
            "spec": {
                **{key: value for key, value in limits.items() if value is not None},
                "unhealthyPodEvictionPolicy": "AlwaysAllow",
                "selector": {"matchLabels": dict(workload.identity)},
            },
        }
    ]
