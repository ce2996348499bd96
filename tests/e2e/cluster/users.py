"""Who talks to the API server: a token and a kubeconfig each."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.e2e.cluster.certificates import AUTHORITY
from tests.e2e.cluster.layout import ADMIN_KUBECONFIG, API_SERVER, NODE, PKI, RUN

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["ADMIN", "TOKENS", "USERS", "User", "create"]

TOKENS = PKI / "tokens.csv"


@dataclass(frozen=True)
class User:
    """A user of the API server; Kubernetes binds roles to the names that start with ``system:``."""

    name: str
    group: str = ""
    file: str = ""

    @property
    def kubeconfig(self) -> Path:
        """Its kubeconfig."""
        return RUN / f"{self.file}.kubeconfig" if self.file else ADMIN_KUBECONFIG

    @property
    def token(self) -> str:
        """Its token, for requests that go without a kubeconfig."""
        content = json.loads(self.kubeconfig.read_text(encoding="utf-8"))
        return str(content["users"][0]["user"]["token"])


ADMIN = User("admin", "system:masters")
USERS = {
    user.file: user
    for user in (
        User("system:kube-controller-manager", file="kube-controller-manager"),
        User("system:kube-scheduler", file="kube-scheduler"),
        User(f"system:node:{NODE}", "system:nodes", file="kubelet"),
        User("system:kube-proxy", file="kube-proxy"),
        User("system:coredns", file="coredns"),
        User("system:metrics-server", file="metrics-server"),
        User("system:local-provisioner", file="local-provisioner"),
        User("system:network-policy", file="network-policy"),
    )
}


def create() -> None:
    """Write a kubeconfig for each user, and the token file that the API server reads at start."""
    lines = []
    for user in (ADMIN, *USERS.values()):
        token = secrets.token_hex(16)
        lines.append(f'{token},{user.name},{user.name},"{user.group}"\n')
        _write_private(user.kubeconfig, json.dumps(_kubeconfig(user.name, token), indent=2))
    _write_private(TOKENS, "".join(lines))


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")


def _kubeconfig(user: str, token: str) -> dict[str, object]:
    """A kubeconfig in JSON, which is YAML."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": "ck-cluster",
                "cluster": {"server": API_SERVER, "certificate-authority": str(AUTHORITY)},
            }
        ],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": "ck-cluster", "context": {"cluster": "ck-cluster", "user": user}}],
        "current-context": "ck-cluster",
    }
