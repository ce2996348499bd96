"""The web application: Deployment, Service, and how it is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.resources import settings
from celery_kustomize.resources.autoscaling import horizontal_pod_autoscaler
from celery_kustomize.resources.deployment import deployment, pod_disruption_budget
from celery_kustomize.resources.exposure import Exposed, exposure_objects
from celery_kustomize.resources.metadata import selector
from celery_kustomize.resources.pod import Workload
from celery_kustomize.resources.probes import probe
from celery_kustomize.resources.service_account import component_service_account

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.web import Web
    from celery_kustomize.resources.context import Context

__all__ = ["web_objects"]


def web_objects(context: Context, web: Web) -> list[Object]:
    """All objects of the web application."""
    name = web.name or f"{context.name}-web"
    identity = selector(context, "web")
    env, volumes, mounts = settings.for_container(context)
    delivered = context.delivered
    workload = Workload(
        container="web",
        name=name,
        identity=identity,
        model=web,
        image=web.image or context.spec.image,
        command=settings.command_line(context, web.command, web.args),
        env=[*delivered.env, *env],
        late_env=list(delivered.late_env),
        working_dir=context.spec.working_dir,
        volumes=[*volumes, *delivered.volumes],
        mounts=[*mounts, *delivered.mounts],
        ports=[{"name": "http", "containerPort": web.port, "protocol": "TCP"}],
        probes=_probes(),
        grace_period=web.shutdown.grace_period_seconds,
        spread=True,
    )
    exposed = Exposed(
        name=name,
        identity=identity,
        model=web,
        port=web.port,
        service=web.service,
        ingress=web.ingress,
        http_route=web.http_route,
    )
    replicas = None if web.autoscaling else web.replicas
    scaler = web.autoscaling
    return [
        *component_service_account(context, name, web),
        deployment(context, workload, replicas=replicas, rollout=web.rollout),
        *exposure_objects(context, exposed),
        *pod_disruption_budget(context, workload, web.pod_disruption_budget),
        *([horizontal_pod_autoscaler(context, workload, scaler)] if scaler else []),
    ]


def _probes() -> Object:
    """An open port is all that is known of any web server: not a path that answers 200."""
    tcp = {"tcpSocket": {"port": "http"}}
    return {
        "startupProbe": probe(tcp, period=5, failures=30),
        "livenessProbe": probe(tcp, period=20, failures=3),
        "readinessProbe": probe(tcp, period=10, failures=3),
    }
