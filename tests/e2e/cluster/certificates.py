"""The cluster's certificate authority, and what it signs; made anew at each start."""

from __future__ import annotations

from tests.e2e.certificates import Authority
from tests.e2e.cluster.layout import CLUSTER_DOMAIN, NODE, NODE_ADDRESS, PKI, SERVICE_ADDRESS
from tests.e2e.commands import run

__all__ = ["AUTHORITY", "create"]

_authority = Authority(PKI)
AUTHORITY = _authority.certificate


def create() -> None:
    """Make the authority and the certificates of the control plane and the node, in ``PKI``.

    ``server``: API server, kubelet and metrics-server; ``kubelet-client`` and ``front-proxy``: the
    API server towards the kubelet and towards aggregated API servers; ``service-account.key``:
    signs the tokens of service accounts.
    """
    _authority.create("ck-cluster")
    kubernetes = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"]
    names = [*kubernetes, f"kubernetes.default.svc.{CLUSTER_DOMAIN}", NODE, "localhost"]
    names.append("metrics-server.kube-system.svc")
    _authority.sign("server", "/CN=server", names, [NODE_ADDRESS, SERVICE_ADDRESS, "127.0.0.1"])
    _authority.sign("kubelet-client", "/O=system:masters/CN=kube-apiserver")
    _authority.sign("front-proxy", "/CN=front-proxy")
    key = str(PKI / "service-account.key")
    run("openssl", "ecparam", "-genkey", "-name", "prime256v1", "-noout", "-out", key)
