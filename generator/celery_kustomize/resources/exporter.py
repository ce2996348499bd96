"""celery-exporter and its ServiceMonitor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s import image
from celery_kustomize.model.component import Rollout
from celery_kustomize.resources.connection import broker_connection
from celery_kustomize.resources.deployment import deployment
from celery_kustomize.resources.metadata import CUSTOM_RESOURCE, metadata, selector
from celery_kustomize.resources.pod import Workload
from celery_kustomize.resources.probes import http_probe
from celery_kustomize.resources.service_account import component_service_account

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.application import Spec
    from celery_kustomize.model.monitoring import Exporter, ServiceMonitor
    from celery_kustomize.resources.context import Context

__all__ = ["EXPORTER_IMAGE", "exporter_objects"]

_PORT = 9808
_REFERENCE = re.compile(r"\$\(([^()]+)\)")
# A lost broker is tried again after so many seconds instead of ending the process.
_RETRY: Object = {"name": "CE_RETRY_INTERVAL", "value": "5"}

EXPORTER_IMAGE = "ghcr.io/danihodovic/celery-exporter:0.12.2"


def exporter_objects(
    context: Context, exporter: Exporter, monitor: ServiceMonitor | None
) -> list[Object]:
    """The exporter's Deployment and Service, and the ServiceMonitor when asked for."""
    name = exporter.name or f"{context.name}-exporter"
    identity = selector(context, "exporter")
    mirror = context.spec.registry_mirror
    own = exporter.image or (image.mirrored(EXPORTER_IMAGE, mirror) if mirror else EXPORTER_IMAGE)
    delivered = broker_connection(context.spec, context.redis_name, "CE_BROKER_URL")
    command: Object = {"args": [*_arguments(context, exporter), *exporter.args]}
    if exporter.command is not None:
        command = {"command": exporter.command, "args": exporter.args}
    workload = Workload(
        container="exporter",
        name=name,
        identity=identity,
        model=exporter,
        image=own,
        command=command,
        env=[*_referred(context.spec), *delivered.env, _RETRY],
        late_env=list(delivered.late_env),
        volumes=list(delivered.volumes),
        mounts=list(delivered.mounts),
        ports=[{"name": "metrics", "containerPort": exporter.port, "protocol": "TCP"}],
        probes={
            "livenessProbe": http_probe("/health", "metrics", period=30, failures=5),
            "readinessProbe": http_probe("/health", "metrics", period=10, failures=3),
        },
        inherits=False,
    )
    return [
        *component_service_account(context, name, exporter),
        deployment(context, workload, replicas=1, rollout=Rollout()),
        _service(context, exporter, name, identity),
        *([_service_monitor(context, exporter, monitor, name)] if monitor else []),
    ]


def _referred(spec: Spec) -> list[Object]:
    """The application's variables that the broker's URL is composed of; it inherits no others."""
    needed = set(_REFERENCE.findall(spec.broker.url or "")) if spec.broker else set()
    found: list[Object] = []
    for item in reversed(spec.env):
        if item["name"] in needed:
            found.append(item)
            needed |= set(_REFERENCE.findall(item.get("value", "")))
    return found[::-1]


def _arguments(context: Context, exporter: Exporter) -> list[str]:
    """Transport options as the exporter takes them: ``key=value``, plain values only (0.12)."""
    queues = sorted({queue for worker in context.spec.workers for queue in worker.queues or []})
    options = context.delivered.settings.get("broker_transport_options", {})
    ssl = context.delivered.settings.get("broker_use_ssl", {})
    return [
        *([f"--port={exporter.port}"] if exporter.port != _PORT else []),
        *([f"--queues={','.join(queues)}"] if queues else []),
        *_pairs("--broker-transport-option", options),
        *_pairs("--broker-ssl-option", ssl),
    ]


def _pairs(option: str, values: Mapping[str, Any]) -> list[str]:
    plain = {
        k: v for k, v in sorted(values.items()) if v is not None and not isinstance(v, dict | list)
    }
    return [f"{option}={key}={value}" for key, value in plain.items() if "=" not in str(value)]


def _service(context: Context, exporter: Exporter, name: str, identity: dict[str, str]) -> Object:
    port = {
        "name": "metrics",
        "port": exporter.port,
        "targetPort": "metrics",
        "protocol": "TCP",
    }
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(context, name, identity, exporter),
        "spec": {"type": "ClusterIP", "selector": dict(identity), "ports": [port]},
    }


def _service_monitor(
    context: Context, exporter: Exporter, monitor: ServiceMonitor, name: str
) -> Object:
    identity = selector(context, "exporter")
    result = metadata(context, name, identity, exporter, CUSTOM_RESOURCE)
    result["labels"] = {**result["labels"], **monitor.labels}
    endpoint: Object = {"port": "metrics", "interval": monitor.interval}
    if monitor.scrape_timeout is not None:
        endpoint["scrapeTimeout"] = monitor.scrape_timeout
    return {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "ServiceMonitor",
        "metadata": result,
        "spec": {"selector": {"matchLabels": identity}, "endpoints": [endpoint]},
    }
