"""HorizontalPodAutoscalers for cpu and memory, without KEDA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.resources.metadata import metadata

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.autoscaling import ResourceMetric, WebAutoscaling
    from celery_kustomize.resources.context import Context
    from celery_kustomize.resources.pod import Workload

__all__ = ["horizontal_pod_autoscaler", "slow_scale_down"]

_LONG_GRACE = 300
_PERIOD = 60


def slow_scale_down(grace_period: int) -> Object:
    """``behavior`` for pods that take long to stop (above 300 s): one goes each minute.

    Kubernetes picks the pods that go without knowing which are busy.
    """
    if grace_period <= _LONG_GRACE:
        return {}
    policy = {"type": "Pods", "value": 1, "periodSeconds": _PERIOD}
    return {"scaleDown": {"policies": [policy]}}


def horizontal_pod_autoscaler(
    context: Context, workload: Workload, autoscaling: WebAutoscaling, grace_period: int = 0
) -> Object:
    """An ``autoscaling/v2`` object for the Deployment of ``workload``."""
    spec: Object = {
        "scaleTargetRef": {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "name": workload.name,
        },
        "minReplicas": autoscaling.min_replicas,
        "maxReplicas": autoscaling.max_replicas,
        "metrics": [
            {"type": "Resource", "resource": {"name": name, "target": _target(metric)}}
            for name, metric in (("cpu", autoscaling.cpu), ("memory", autoscaling.memory))
            if metric is not None
        ],
    }
    behavior = autoscaling.behavior or slow_scale_down(grace_period)
    if behavior:
        spec["behavior"] = behavior
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": metadata(context, workload.name, workload.identity, workload.model),
        "spec": spec,
    }


def _target(metric: ResourceMetric) -> Object:
    if metric.average_utilization is not None:
        return {"type": "Utilization", "averageUtilization": metric.average_utilization}
    return {"type": "AverageValue", "averageValue": metric.average_value}
