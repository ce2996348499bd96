"""Metrics and network access: the `monitoring` and `networkPolicy` fields."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from celery_kustomize.model.base import LabelMap, Model, Port
from celery_kustomize.model.component import Component
from celery_kustomize.model.kubernetes import NetworkPeer

__all__ = ["Exporter", "Monitoring", "NetworkPolicy", "ServiceMonitor"]

_Duration = Annotated[str, Field(pattern=r"^([0-9]+(ms|s|m|h))+$")]


class Exporter(Component):
    """celery-exporter: task, worker and queue metrics for Prometheus."""

    port: Port = 9808
    """TCP port of the container and the Service. Default 9808."""


class ServiceMonitor(Model):
    """A ServiceMonitor for the Prometheus operator."""

    labels: LabelMap = {}
    """Labels by which Prometheus selects it, for example `{release: prometheus}`."""
    interval: _Duration = "30s"
    """Time between scrapes. Default 30s."""
    scrape_timeout: _Duration | None = None
    """Time that a scrape may take. Default: Prometheus' own."""


class Monitoring(Model):
    """Metrics. Presence switches each part on."""

    exporter: Exporter | None = None
    """Run celery-exporter; `{}` is enough."""
    service_monitor: ServiceMonitor | None = None
    """Let the Prometheus operator scrape it; needs `exporter`."""


class NetworkPolicy(Model):
    """NetworkPolicies: nothing reaches workers and beat; the rest only what is named here."""

    ingress_from: list[NetworkPeer] = [{"namespaceSelector": {}}]
    """Who may reach Flower and web, as peers of a NetworkPolicy. Default: every pod of the
    cluster, the ingress controller among them; anybody where the Service is a NodePort or
    LoadBalancer. An ingress controller on the host's network needs an `ipBlock` of the nodes."""
    monitoring_from: list[NetworkPeer] = [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    ]
    """Who may scrape metrics. Default: the namespace `monitoring`."""
    keda_from: list[NetworkPeer] = [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "keda"}}}
    ]
    """Where KEDA runs, which reads the managed Redis. Default: the namespace `keda`."""
