"""Objects from the model, one module per component and per concern. Pure: no I/O, no clock."""

from celery_kustomize.resources.autoscaling import keda_needs_namespace
from celery_kustomize.resources.render import render

__all__ = ["keda_needs_namespace", "render"]
