"""Backlog as somebody else has measured it: Prometheus, or Flower's API."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from celery_kustomize.resources.autoscaling.backlog import Backlog, Measured

__all__ = ["flower_triggers", "prometheus_trigger"]


def prometheus_trigger(backlog: Backlog, measured: Measured) -> None:
    """KEDA's ``prometheus`` scaler; by default on celery-exporter's queue lengths."""
    # Twice escaped: for the regular expression and, where it says so, for PromQL's string.
    expression = "|".join(re.escape(queue) for queue in backlog.queues).replace("\\-", "-")
    names = expression.replace("\\", "\\\\").replace('"', '\\"')
    matchers = [*_scraped(backlog), f'queue_name=~"{names}"']
    query = backlog.length.query or f"sum(celery_queue_length{{{','.join(matchers)}}})"
    metadata = {
        "serverAddress": backlog.length.server_address,
        "query": query,
        "threshold": backlog.target,
    }
    measured.add("prometheus", "backlog", metadata)


def _scraped(backlog: Backlog) -> list[str]:
    """What tells this application's queues from those of others, in a Prometheus they share.

    The labels are those that a ServiceMonitor gives: the Service's name and namespace.
    """
    monitoring, namespace = backlog.spec.monitoring, backlog.context.namespace
    if monitoring.exporter is None or monitoring.service_monitor is None:
        return []
    name = monitoring.exporter.name or f"{backlog.context.name}-exporter"
    return [f'job="{name}"', *([f'namespace="{namespace}"'] if namespace else [])]


def flower_triggers(backlog: Backlog, measured: Measured) -> None:
    """Flower 2's ``/api/queues/length``; it knows only queues of workers that it has seen."""
    flower = backlog.spec.flower
    if flower is None:
        return
    name = flower.name or f"{backlog.context.name}-flower"
    prefix = f"/{(flower.url_prefix or '').strip('/')}".rstrip("/")
    port = flower.service.port or flower.port
    url = f"http://{backlog.host(name)}:{port}{prefix}/api/queues/length"
    for queue in backlog.queues:
        metadata = {
            "url": url,
            "valueLocation": f'active_queues.#(name=="{queue}").messages',
            "targetValue": backlog.target,
        }
        if flower.api_auth_from is not None:
            # The whole header is the "key": custom authentication would want its name as a secret.
            metadata |= {"authMode": "apiKey", "method": "header", "keyParamName": "Authorization"}
        measured.add("metrics-api", queue, metadata)
    measured.secret("apiKey", flower.api_auth_from)
