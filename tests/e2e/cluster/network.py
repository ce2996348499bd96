"""The bridge that the pods and the node's own components are on, and how the kernel forwards."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.cluster.component import Component
from tests.e2e.cluster.layout import BRIDGE, NODE_ADDRESS, PODS, RUN, SERVICES, STATE
from tests.e2e.commands import run

__all__ = ["CNI_CONFIGURATION", "Network"]

CNI_CONFIGURATION = RUN / "cni"

_SYSCTLS = {
    "net.ipv4.ip_forward": "1",
    # Service addresses hold for pods on the same bridge, too.
    "net.bridge.bridge-nf-call-iptables": "1",
}
_NOWHERE = f"{BRIDGE}-services"
# No packet of a pod leaves the machine.
_STAY = ("FORWARD", "-i", BRIDGE, "!", "-o", BRIDGE, "-j", "REJECT")
_SYSCTLS_BEFORE = STATE / "sysctls-before.json"


class Network(Component):
    """A bridge with the node's address. Pods reach each other and the node, and nothing outside."""

    name = "network"

    def prepare(self) -> None:
        """Make the bridge, set the sysctls and write the CNI configuration."""
        if not _SYSCTLS_BEFORE.exists():
            before = {name: _sysctl(name).read_text("ascii").strip() for name in _SYSCTLS}
            _SYSCTLS_BEFORE.write_text(json.dumps(before), encoding="ascii")
        for name, value in _SYSCTLS.items():
            _sysctl(name).write_text(value, encoding="ascii")
        run("ip", "link", "add", BRIDGE, "type", "bridge")
        run("ip", "address", "add", f"{NODE_ADDRESS}/{PODS.partition('/')[2]}", "dev", BRIDGE)
        run("ip", "link", "set", BRIDGE, "up")
        # What kube-proxy does not know yet, or no longer, ends here: beyond the default route
        # something may answer, and a connection once made is kept. Not on the bridge: the kernel
        # would tell pods to look for Services on it (ICMP redirect).
        run("ip", "link", "add", _NOWHERE, "type", "bridge")
        run("ip", "link", "set", _NOWHERE, "up")
        run("ip", "route", "add", SERVICES, "dev", _NOWHERE, "src", NODE_ADDRESS)
        run("iptables", "--insert", *_STAY)
        CNI_CONFIGURATION.mkdir(parents=True, exist_ok=True)
        (CNI_CONFIGURATION / "10-bridge.conflist").write_text(json.dumps(_cni()), encoding="utf-8")

    def clean_up(self) -> None:
        """Remove the bridge and set the sysctls as they were."""
        run("iptables", "--delete", *_STAY, check=False)
        for name in (_NOWHERE, BRIDGE):
            run("ip", "link", "delete", name, check=False)
        if _SYSCTLS_BEFORE.exists():
            for name, value in json.loads(_SYSCTLS_BEFORE.read_text("ascii")).items():
                _sysctl(name).write_text(value, encoding="ascii")
            _SYSCTLS_BEFORE.unlink()


def _sysctl(name: str) -> Path:
    return Path("/proc/sys", *name.split("."))


def _cni() -> dict[str, object]:
    """The network of the pods, by the CNI plugins bridge, host-local and portmap."""
    return {
        "cniVersion": "0.4.0",
        "name": BRIDGE,
        "plugins": [
            {
                "type": "bridge",
                "bridge": BRIDGE,
                "isGateway": True,
                "hairpinMode": True,
                "ipMasq": False,
                "ipam": {
                    "type": "host-local",
                    "dataDir": str(RUN / "cni-addresses"),
                    "ranges": [[{"subnet": PODS, "gateway": NODE_ADDRESS}]],
                    "routes": [{"dst": "0.0.0.0/0"}],
                },
            },
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }
