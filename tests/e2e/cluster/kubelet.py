"""kubelet: the node's agent, which runs the pods."""

from __future__ import annotations

import json

from tests.e2e.cluster import leftovers
from tests.e2e.cluster.certificates import AUTHORITY
from tests.e2e.cluster.component import Component
from tests.e2e.cluster.layout import (
    CLUSTER_DOMAIN,
    CONTAINERD_SOCKET,
    DNS_ADDRESS,
    LOGS,
    NODE,
    NODE_ADDRESS,
    PKI,
    RUN,
)
from tests.e2e.cluster.users import USERS
from tests.e2e.commands import run
from tests.e2e.tools import tool

__all__ = ["Kubelet"]

_ROOT = RUN / "kubelet"
_CONFIGURATION = RUN / "kubelet.json"


class Kubelet(Component):
    """The only node. Ready when the API server says that it is."""

    name = "kubelet"

    def prepare(self) -> None:
        """Write its configuration; make its root a mount that pods' mounts can spread from."""
        leftovers.make_control_groups()
        if not _ROOT.exists():
            _ROOT.mkdir(parents=True)
            run("mount", "--bind", str(_ROOT), str(_ROOT))
            run("mount", "--make-rshared", str(_ROOT))
        _CONFIGURATION.write_text(json.dumps(_configuration(), indent=2), encoding="utf-8")

    def command(self) -> list[str]:
        """The rest is in its configuration file."""
        return [
            tool("kubernetes").path(self.name),
            f"--config={_CONFIGURATION}",
            f"--kubeconfig={USERS[self.name].kubeconfig}",
            f"--root-dir={_ROOT}",
            f"--cert-dir={PKI / 'kubelet'}",
            f"--hostname-override={NODE}",
            f"--node-ip={NODE_ADDRESS}",
        ]

    def is_ready(self) -> bool:
        """By the condition of its Node object."""
        return self.kubectl.condition("node", NODE, "Ready") == "True"


def _configuration() -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": NODE_ADDRESS,
        "healthzPort": 0,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(AUTHORITY)},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(PKI / "server.crt"),
        "tlsPrivateKeyFile": str(PKI / "server.key"),
        "clusterDNS": [DNS_ADDRESS],
        "clusterDomain": CLUSTER_DOMAIN,
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "podLogsDir": str(LOGS / "pods"),
        "volumePluginDir": str(RUN / "kubelet-volume-plugins"),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{leftovers.CONTROL_GROUP}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "makeIPTablesUtilChains": False,
        "resolvConf": "",
        "nodeStatusUpdateFrequency": "4s",
        "syncFrequency": "10s",
        # A test machine's disk is nobody's business here.
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%"},
        "maxPods": 200,
    }
