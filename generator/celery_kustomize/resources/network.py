"""NetworkPolicies: nothing reaches the application's pods but what is named here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.resources.broker_url import REDIS_PORT
from celery_kustomize.resources.metadata import metadata, selector

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.exposure import Service
    from celery_kustomize.model.monitoring import NetworkPolicy
    from celery_kustomize.resources.context import Context

__all__ = ["network_policies"]

_Peers = list[dict[str, Any]]

_EVERY_POD: dict[str, Any] = {"namespaceSelector": {}}
_ANYBODY: dict[str, Any] = {}


def network_policies(context: Context, policy: NetworkPolicy) -> list[Object]:
    """One policy that closes every pod of the application, one for each that is reached."""
    spec = context.spec
    application = {"app.kubernetes.io/name": context.name}
    result = [_policy(context, f"{context.name}-deny-ingress", application, None)]
    if spec.flower is not None:
        peers = [*_clients(policy, spec.flower.service), *policy.monitoring_from]
        if "Flower" in _queue_sources(context):
            peers += policy.keda_from
        name = spec.flower.name or f"{context.name}-flower"
        result.append(_allow(context, name, "flower", peers, spec.flower.port))
    if spec.web is not None:
        name, peers = spec.web.name or f"{context.name}-web", _clients(policy, spec.web.service)
        result.append(_allow(context, name, "web", peers, spec.web.port))
    if spec.redis is not None:
        peers = [{"podSelector": {"matchLabels": application}}]
        managed = spec.broker is not None and spec.broker.managed_redis is not None
        if managed and "Broker" in _queue_sources(context):
            peers += policy.keda_from
        result.append(_allow(context, context.redis_name, "redis", peers, REDIS_PORT))
    exporter = spec.monitoring.exporter
    if exporter is not None:
        name = exporter.name or f"{context.name}-exporter"
        peers = policy.monitoring_from
        result.append(_allow(context, name, "exporter", peers, exporter.port))
    return result


def _clients(policy: NetworkPolicy, service: Service) -> _Peers:
    """Who reaches a component: with a port on the nodes, by default anybody, pod or not."""
    if service.type == "ClusterIP" or policy.has("ingress_from"):
        return policy.ingress_from
    return [_ANYBODY]


def _queue_sources(context: Context) -> set[str]:
    """Where KEDA reads the lengths of this application's queues."""
    scaled = [worker.autoscaling for worker in context.spec.workers]
    return {item.queue_length.source for item in scaled if item and item.queue_length}


def _allow(context: Context, name: str, component: str, peers: _Peers, port: int) -> Object:
    rule: Object = {"from": _distinct(peers), "ports": [{"port": port, "protocol": "TCP"}]}
    if _ANYBODY in peers:
        del rule["from"]
    return _policy(context, name, selector(context, component), rule)


def _distinct(peers: _Peers) -> _Peers:
    """``peers`` once each; what the whole cluster may reach needs no pods named besides."""
    if _EVERY_POD in peers:
        return [_EVERY_POD, *(peer for peer in peers if "ipBlock" in peer)]
    result: _Peers = []
    for peer in peers:
        if peer not in result:
            result.append(peer)
    return result


def _policy(
    context: Context, name: str, pods: dict[str, str], rule: dict[str, Any] | None
) -> Object:
    spec: Object = {"podSelector": {"matchLabels": pods}, "policyTypes": ["Ingress"]}
    if rule is not None:
        spec["ingress"] = [rule]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": metadata(context, name, pods),
        "spec": spec,
    }
