"""What scales a component: a HorizontalPodAutoscaler, or KEDA's objects."""

from celery_kustomize.resources.autoscaling.hpa import horizontal_pod_autoscaler
from celery_kustomize.resources.autoscaling.keda import scaler
from celery_kustomize.resources.autoscaling.queues import (
    keda_needs_namespace,
    scaler_environment,
)
from celery_kustomize.resources.autoscaling.redis import unacked_options

__all__ = [
    "horizontal_pod_autoscaler",
    "keda_needs_namespace",
    "scaler",
    "scaler_environment",
    "unacked_options",
]
