"""Brokers that are not the application's own, each in a namespace of its own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.certificates import Authority

if TYPE_CHECKING:
    from tests.e2e.kubectl import Kubectl

__all__ = ["MANIFESTS", "external_rabbitmq", "external_redis"]

MANIFESTS = Path(__file__).with_name("manifests")


def external_redis(kubectl: Kubectl, namespace: str, password: str) -> None:
    """A Redis behind the Service ``redis``, ready when this returns."""
    kubectl.create_namespace(namespace)
    within = f"--namespace={namespace}"
    kubectl.apply_file(MANIFESTS / "redis.yaml", {"PASSWORD": password}, within)
    kubectl("rollout", "status", "deployment/redis", "--timeout=60s", within)


def external_rabbitmq(kubectl: Kubectl, namespace: str, folder: Path, password: str) -> Path:
    """A RabbitMQ behind the Service ``rabbitmq``, with TLS alone, and a user and virtual host
    ``orders``, ready when this returns; gives the certificate of its authority.
    """
    authority = Authority(folder)
    authority.create(namespace)
    host = f"rabbitmq.{namespace}.svc.cluster.local"
    certificate, key = authority.sign("rabbitmq", f"/CN={host}", [host])
    values = {
        "AUTHORITY": json.dumps(authority.certificate.read_text("ascii")),
        "CERTIFICATE": json.dumps(certificate.read_text("ascii")),
        "KEY": json.dumps(key.read_text("ascii")),
        "PASSWORD": password,
    }
    kubectl.create_namespace(namespace)
    within = f"--namespace={namespace}"
    kubectl.apply_file(MANIFESTS / "rabbitmq.yaml", values, within)
    kubectl("rollout", "status", "deployment/rabbitmq", "--timeout=120s", within)
    return authority.certificate
