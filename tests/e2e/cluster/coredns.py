"""CoreDNS: the names of Services and pods."""

from __future__ import annotations

from tests.e2e.cluster.component import Component
from tests.e2e.cluster.http import answers
from tests.e2e.cluster.layout import CLUSTER_DOMAIN, DNS_ADDRESS, NODE, NODE_ADDRESS, RUN
from tests.e2e.cluster.users import USERS
from tests.e2e.tools import tool

__all__ = ["CoreDNS"]

_COREFILE = RUN / "Corefile"


class CoreDNS(Component):
    """On the node's address, behind the Service kube-dns. It knows no names of outside."""

    name = "coredns"

    def prepare(self) -> None:
        """Write the Corefile, and create what it needs in the cluster."""
        text = f"""\
.:53 {{
    bind {NODE_ADDRESS}
    errors
    ready 127.0.0.1:18181
    kubernetes {CLUSTER_DOMAIN} in-addr.arpa {{
        kubeconfig {USERS[self.name].kubeconfig}
        ttl 5
    }}
}}
"""
        _COREFILE.write_text(text, encoding="utf-8")
        self.apply_manifest(
            "coredns.yaml", DNS_ADDRESS=DNS_ADDRESS, NODE_ADDRESS=NODE_ADDRESS, NODE=NODE
        )

    def command(self) -> list[str]:
        """The rest is in the Corefile."""
        return [tool("coredns").path("coredns"), f"-conf={_COREFILE}"]

    def is_ready(self) -> bool:
        """By its own readiness page."""
        return answers("http://127.0.0.1:18181/ready")
