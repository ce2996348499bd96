"""kube-controller-manager and kube-scheduler."""

from __future__ import annotations

import json

from tests.e2e.cluster.certificates import AUTHORITY
from tests.e2e.cluster.component import Component
from tests.e2e.cluster.http import answers
from tests.e2e.cluster.layout import PKI, RUN
from tests.e2e.cluster.users import USERS
from tests.e2e.tools import tool

__all__ = ["ControllerManager", "Scheduler"]

_WITHOUT = (
    "bootstrap-signer-controller",
    "certificatesigningrequest-signing-controller",
    "cloud-node-lifecycle-controller",
    "node-ipam-controller",
    "node-route-controller",
    "service-lb-controller",
    "token-cleaner-controller",
)


class ControllerManager(Component):
    """Deployments, Jobs, garbage collection, the HorizontalPodAutoscaler and so on."""

    name = "kube-controller-manager"

    def command(self) -> list[str]:
        """The autoscaler looks and acts within seconds: a test waits for it."""
        kubeconfig = USERS[self.name].kubeconfig
        return [
            tool("kubernetes").path(self.name),
            f"--kubeconfig={kubeconfig}",
            f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}",
            "--leader-elect=false",
            "--use-service-account-credentials=true",
            "--bind-address=127.0.0.1",
            "--secure-port=10257",
            f"--tls-cert-file={PKI / 'server.crt'}",
            f"--tls-private-key-file={PKI / 'server.key'}",
            f"--service-account-private-key-file={PKI / 'service-account.key'}",
            f"--root-ca-file={AUTHORITY}",
            f"--controllers=*,{','.join(f'-{each}' for each in _WITHOUT)}",
            "--horizontal-pod-autoscaler-sync-period=2s",
            "--horizontal-pod-autoscaler-downscale-stabilization=5s",
            "--horizontal-pod-autoscaler-cpu-initialization-period=10s",
            "--horizontal-pod-autoscaler-initial-readiness-delay=5s",
        ]

    def is_ready(self) -> bool:
        """By its own health page."""
        return answers("https://127.0.0.1:10257/healthz")


class Scheduler(Component):
    """Gives pods to the node."""

    name = "kube-scheduler"
    _configuration = RUN / "kube-scheduler.json"

    def prepare(self) -> None:
        """Write its configuration."""
        content = {
            "apiVersion": "kubescheduler.config.k8s.io/v1",
            "kind": "KubeSchedulerConfiguration",
            "leaderElection": {"leaderElect": False},
            "clientConnection": {"kubeconfig": str(USERS[self.name].kubeconfig)},
        }
        self._configuration.write_text(json.dumps(content), encoding="utf-8")

    def command(self) -> list[str]:
        """The rest is in its configuration file."""
        kubeconfig = USERS[self.name].kubeconfig
        return [
            tool("kubernetes").path(self.name),
            f"--config={self._configuration}",
            f"--authentication-kubeconfig={kubeconfig}",
            f"--authorization-kubeconfig={kubeconfig}",
            "--bind-address=127.0.0.1",
            "--secure-port=10259",
            f"--tls-cert-file={PKI / 'server.crt'}",
            f"--tls-private-key-file={PKI / 'server.key'}",
        ]

    def is_ready(self) -> bool:
        """By its own health page."""
        return answers("https://127.0.0.1:10259/healthz")
