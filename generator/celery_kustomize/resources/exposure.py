"""Services, Ingresses and HTTPRoutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from celery_kustomize.resources.metadata import CUSTOM_RESOURCE, metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.component import Component
    from celery_kustomize.model.exposure import HTTPRoute, Ingress, Service
    from celery_kustomize.resources.context import Context

__all__ = ["Exposed", "exposure_objects"]

_PORT_NAME = "http"


@dataclass(frozen=True)
class Exposed:
    """A component that is reached over HTTP: its names, port and ways in."""

    name: str
    identity: Mapping[str, str]
    model: Component
    port: int
    service: Service
    ingress: Ingress | None = None
    http_route: HTTPRoute | None = None
    path: str = "/"


def exposure_objects(context: Context, exposed: Exposed) -> list[Object]:
    """The Service, and the Ingress and HTTPRoute that are asked for."""
    return [
        _service(context, exposed),
        *([_ingress(context, exposed, exposed.ingress)] if exposed.ingress else []),
        *([_http_route(context, exposed, exposed.http_route)] if exposed.http_route else []),
    ]


def _service_port(exposed: Exposed) -> int:
    return exposed.service.port or exposed.port


def _service(context: Context, exposed: Exposed) -> Object:
    port: Object = {
        "name": _PORT_NAME,
        "port": _service_port(exposed),
        "targetPort": _PORT_NAME,
        "protocol": "TCP",
    }
    if exposed.service.node_port is not None:
        port["nodePort"] = exposed.service.node_port
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(
            context,
            exposed.name,
            exposed.identity,
            exposed.model,
            annotations=exposed.service.annotations,
        ),
        "spec": {
            "type": exposed.service.type,
            "selector": dict(exposed.identity),
            "ports": [port],
        },
    }


def _ingress(context: Context, exposed: Exposed, ingress: Ingress) -> Object:
    backend = {"service": {"name": exposed.name, "port": {"name": _PORT_NAME}}}
    path = {"path": ingress.path or exposed.path, "pathType": "Prefix", "backend": backend}
    spec: Object = {}
    if ingress.class_name is not None:
        spec["ingressClassName"] = ingress.class_name
    if ingress.tls_secret_name is not None:
        spec["tls"] = [{"hosts": [ingress.host], "secretName": ingress.tls_secret_name}]
    spec["rules"] = [{"host": ingress.host, "http": {"paths": [path]}}]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": metadata(
            context,
            exposed.name,
            exposed.identity,
            exposed.model,
            annotations=ingress.annotations,
        ),
        "spec": spec,
    }


def _http_route(context: Context, exposed: Exposed, route: HTTPRoute) -> Object:
    match = {"path": {"type": "PathPrefix", "value": route.path or exposed.path}}
    backend = {"name": exposed.name, "port": _service_port(exposed)}
    spec: Object = {"parentRefs": route.parent_refs}
    if route.hostnames:
        spec["hostnames"] = route.hostnames
    spec["rules"] = [{"matches": [match], "backendRefs": [backend]}]
    return {
        "apiVersion": "gateway.networking.k8s.io/v1",
        "kind": "HTTPRoute",
        "metadata": metadata(
            context, exposed.name, exposed.identity, exposed.model, CUSTOM_RESOURCE
        ),
        "spec": spec,
    }
