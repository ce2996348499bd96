"""metrics-server: what pods use, for ``kubectl top`` and the HorizontalPodAutoscaler."""

from __future__ import annotations

import base64

from tests.e2e.cluster.certificates import AUTHORITY
from tests.e2e.cluster.component import Component
from tests.e2e.cluster.http import answers
from tests.e2e.cluster.layout import NODE, NODE_ADDRESS, PKI
from tests.e2e.cluster.users import USERS
from tests.e2e.commands import wait_until
from tests.e2e.tools import tool

__all__ = ["MetricsServer"]

_PORT = "14443"
_API = "v1beta1.metrics.k8s.io"


class MetricsServer(Component):
    """Serves metrics.k8s.io/v1beta1, from the kubelet's resource metrics, every 10 seconds."""

    name = "metrics-server"

    def prepare(self) -> None:
        """Create its role."""
        self.apply_manifest("metrics-server.yaml")

    def command(self) -> list[str]:
        """10 seconds is the shortest resolution that it takes."""
        kubeconfig = USERS[self.name].kubeconfig
        return [
            tool("metrics-server").path("metrics-server"),
            f"--kubeconfig={kubeconfig}",
            f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}",
            f"--bind-address={NODE_ADDRESS}",
            f"--secure-port={_PORT}",
            f"--tls-cert-file={PKI / 'server.crt'}",
            f"--tls-private-key-file={PKI / 'server.key'}",
            f"--kubelet-certificate-authority={AUTHORITY}",
            "--kubelet-preferred-address-types=InternalIP",
            "--metric-resolution=10s",
            "--kubelet-request-timeout=5s",
        ]

    def is_ready(self) -> bool:
        """By its own liveness page; it has figures when it has looked twice."""
        return answers(f"https://{NODE_ADDRESS}:{_PORT}/livez")

    def after_start(self) -> None:
        """Create the APIService: the API server asks at once, and then not for half a minute."""
        self.apply_manifest(
            "metrics-api.yaml",
            NODE_ADDRESS=NODE_ADDRESS,
            NODE=NODE,
            PORT=_PORT,
            AUTHORITY=base64.b64encode(AUTHORITY.read_bytes()).decode("ascii"),
        )
        wait_until(
            lambda: self.kubectl.condition("apiservice", _API, "Available") == "True",
            f"{_API} through the API server",
        )
