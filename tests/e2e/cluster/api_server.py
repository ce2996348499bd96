"""kube-apiserver."""

from __future__ import annotations

from tests.e2e.cluster import certificates, etcd, users
from tests.e2e.cluster.certificates import AUTHORITY
from tests.e2e.cluster.component import Component
from tests.e2e.cluster.http import answers
from tests.e2e.cluster.layout import API_SERVER, NODE_ADDRESS, PKI, SERVICES
from tests.e2e.tools import tool

__all__ = ["ApiServer"]


class ApiServer(Component):
    """On the bridge's address, which is also what pods find behind ``kubernetes.default``."""

    name = "kube-apiserver"

    def prepare(self) -> None:
        """Make the certificates and the users, unless this is a restart."""
        if not AUTHORITY.exists():
            certificates.create()
            users.create()

    def command(self) -> list[str]:
        """Pod Security admission is on by default; NodeRestriction is not."""
        key = PKI / "service-account.key"
        return [
            tool("kubernetes").path("kube-apiserver"),
            f"--etcd-servers={etcd.ENDPOINT}",
            f"--bind-address={NODE_ADDRESS}",
            f"--advertise-address={NODE_ADDRESS}",
            f"--secure-port={API_SERVER.rpartition(':')[2]}",
            f"--tls-cert-file={PKI / 'server.crt'}",
            f"--tls-private-key-file={PKI / 'server.key'}",
            f"--client-ca-file={AUTHORITY}",
            f"--token-auth-file={users.TOKENS}",
            "--anonymous-auth=false",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={key}",
            f"--service-account-signing-key-file={key}",
            f"--service-cluster-ip-range={SERVICES}",
            f"--kubelet-certificate-authority={AUTHORITY}",
            f"--kubelet-client-certificate={PKI / 'kubelet-client.crt'}",
            f"--kubelet-client-key={PKI / 'kubelet-client.key'}",
            "--kubelet-preferred-address-types=InternalIP",
            # How aggregated API servers know it.
            f"--requestheader-client-ca-file={AUTHORITY}",
            "--requestheader-allowed-names=front-proxy",
            "--requestheader-username-headers=X-Remote-User",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            f"--proxy-client-cert-file={PKI / 'front-proxy.crt'}",
            f"--proxy-client-key-file={PKI / 'front-proxy.key'}",
            "--enable-priority-and-fairness=false",
        ]

    def is_ready(self) -> bool:
        """By its own readiness page."""
        return answers(f"{API_SERVER}/readyz", users.ADMIN.token)
