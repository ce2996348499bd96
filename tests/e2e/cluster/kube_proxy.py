"""kube-proxy: the addresses of Services."""

from __future__ import annotations

import json

from tests.e2e.cluster.component import Component
from tests.e2e.cluster.http import answers
from tests.e2e.cluster.layout import NODE, NODE_ADDRESS, PODS, RUN
from tests.e2e.cluster.users import USERS
from tests.e2e.commands import run
from tests.e2e.tools import tool

__all__ = ["KubeProxy"]

_CONFIGURATION = RUN / "kube-proxy.json"


class KubeProxy(Component):
    """Writes a Service's address and its pods' into the kernel's tables (iptables)."""

    name = "kube-proxy"

    def prepare(self) -> None:
        """Write its configuration. The zeros leave the machine's conntrack settings alone."""
        content = {
            "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
            "kind": "KubeProxyConfiguration",
            "clientConnection": {"kubeconfig": str(USERS[self.name].kubeconfig)},
            "mode": "iptables",
            "clusterCIDR": PODS,
            "hostnameOverride": NODE,
            "bindAddress": NODE_ADDRESS,
            "healthzBindAddress": "127.0.0.1:10256",
            "metricsBindAddress": "127.0.0.1:10249",
            "iptables": {"minSyncPeriod": "0s"},
            "conntrack": {
                "maxPerCore": 0,
                "min": 0,
                "tcpEstablishedTimeout": "0s",
                "tcpCloseWaitTimeout": "0s",
            },
        }
        _CONFIGURATION.write_text(json.dumps(content), encoding="utf-8")

    def command(self) -> list[str]:
        """The rest is in its configuration file."""
        return [tool("kubernetes").path(self.name), f"--config={_CONFIGURATION}"]

    def is_ready(self) -> bool:
        """By its own health page."""
        return answers("http://127.0.0.1:10256/healthz")

    def clean_up(self) -> None:
        """Remove its chains, also those of a kube-proxy that is no longer built here."""
        for family in ("iptables", "ip6tables"):
            rules = run(f"{family}-save").splitlines(keepends=True)
            others = [line for line in rules if "KUBE-" not in line]
            if others != rules:
                run(f"{family}-restore", stdin="".join(others))
