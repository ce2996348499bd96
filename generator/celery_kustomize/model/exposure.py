"""How a component is reached: Service, Ingress, HTTPRoute."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from celery_kustomize.model.base import AnnotationMap, DnsSubdomain, Host, Model, Port
from celery_kustomize.model.kubernetes import ParentReference

__all__ = ["HTTPRoute", "Ingress", "Service"]

_Path = Annotated[str, Field(pattern=r"^/")]


class Service(Model):
    """The component's Service."""

    type: Literal["ClusterIP", "NodePort", "LoadBalancer"] = "ClusterIP"
    """Type of the Service. Default ClusterIP."""
    port: Port | None = None
    """Port of the Service. Default: the component's own port."""
    node_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Port on every node (NodePort and LoadBalancer). Default: the cluster chooses."""
    annotations: AnnotationMap = {}
    """Annotations, for example for a cloud load balancer."""


class Ingress(Model):
    """An Ingress to the component's Service."""

    class_name: DnsSubdomain | None = None
    """IngressClass, for example `nginx`. Default: the cluster's default class."""
    host: Host
    """Host name, for example `flower.shop.example.com`."""
    path: _Path | None = None
    """Path prefix. Default `/`, for Flower its urlPrefix."""
    tls_secret_name: DnsSubdomain | None = None
    """Secret with the TLS certificate. Default: plain HTTP."""
    annotations: AnnotationMap = {}
    """Annotations, for example `cert-manager.io/cluster-issuer`."""


class HTTPRoute(Model):
    """A Gateway API route to the component's Service."""

    parent_refs: Annotated[list[ParentReference], Field(min_length=1)]
    """Gateways to attach to, as in an HTTPRoute."""
    hostnames: list[Host] = []
    """Host names. Default: the Gateway's."""
    path: _Path | None = None
    """Path prefix. Default `/`, for Flower its urlPrefix."""
