"""What enforces NetworkPolicies in this cluster."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.e2e.cluster.component import Component
from tests.e2e.cluster.http import answers
from tests.e2e.cluster.layout import NODE_ADDRESS, PODS
from tests.e2e.cluster.users import USERS
from tests.e2e.commands import run
from tests.e2e.network_policy.ruleset import TABLE

__all__ = ["NetworkPolicy"]

_ROOT = Path(__file__).parents[3]
_PORT = "18282"


class NetworkPolicy(Component):
    """A stand-in for the part of a CNI plugin that does this; see tests/e2e/network_policy."""

    name = "network-policy"

    def prepare(self) -> None:
        """Create its role."""
        self.apply_manifest("network-policy.yaml")

    def command(self) -> list[str]:
        """It is a Python program of this repository."""
        return [
            sys.executable,
            "-m",
            "tests.e2e.network_policy",
            f"--kubeconfig={USERS[self.name].kubeconfig}",
            f"--pods={PODS}",
            f"--dns={NODE_ADDRESS}",
            f"--port={_PORT}",
        ]

    def environment(self) -> dict[str, str]:
        """With the repository, which is not the working directory."""
        return super().environment() | {"PYTHONPATH": str(_ROOT)}

    def is_ready(self) -> bool:
        """Whether the rules are those for what the API server has."""
        return answers(f"http://127.0.0.1:{_PORT}")

    def clean_up(self) -> None:
        """Remove its rules, which outlive it."""
        run("nft", "delete", "table", "ip", TABLE, check=False)
