"""The web application and the migration Job that belong to the same image."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from celery_kustomize.model.autoscaling import WebAutoscaling
from celery_kustomize.model.base import Model, Port
from celery_kustomize.model.component import ONE_AT_A_TIME, Component, PodDisruptionBudget, Rollout
from celery_kustomize.model.exposure import HTTPRoute, Ingress, Service

__all__ = ["Migration", "Web"]

_Count = Annotated[int, Field(ge=0)]
_Positive = Annotated[int, Field(ge=1)]


class WebShutdown(Model):
    """How a web pod stops."""

    grace_period_seconds: _Positive = 30
    """Seconds between SIGTERM and SIGKILL. Default 30."""


class Web(Component):
    """A web application that sends tasks: a Deployment and a Service."""

    port: Port = 8000
    """TCP port of the container. Default 8000."""
    replicas: _Count = 1
    """Pods. Default 1. Left out when autoscaling is on."""
    service: Service = Service()
    """Its Service."""
    ingress: Ingress | None = None
    """An Ingress to it."""
    http_route: Annotated[HTTPRoute | None, Field(alias="httpRoute")] = None
    """A Gateway API route to it."""
    rollout: Rollout = Rollout()
    """How a change is rolled out."""
    shutdown: WebShutdown = WebShutdown()
    """How a pod stops."""
    pod_disruption_budget: PodDisruptionBudget | None = ONE_AT_A_TIME
    """Limits node drains. Default `maxUnavailable: 1`; `null`: none."""
    autoscaling: WebAutoscaling | None = None
    """A HorizontalPodAutoscaler by cpu and memory. Default: `replicas` is fixed."""


class Migration(Component):
    """A Job that runs at every sync before everything else, for example database migrations."""

    hook: Literal["Sync", "PreSync"] = "Sync"
    """Argo CD's hook. Sync (default) runs after the ServiceAccount and configuration of the same
    sync; PreSync before anything of it exists."""
    backoff_limit: _Count = 3
    """Retries before the sync fails. Default 3."""
    active_deadline_seconds: _Positive | None = None
    """Seconds after which the Job fails. Default: none."""
