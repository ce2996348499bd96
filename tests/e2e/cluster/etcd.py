"""etcd, where the API server keeps everything."""

from __future__ import annotations

from tests.e2e.cluster.component import Component
from tests.e2e.cluster.http import answers
from tests.e2e.cluster.layout import RUN
from tests.e2e.tools import tool

__all__ = ["ENDPOINT", "Etcd"]

ENDPOINT = "http://127.0.0.1:12379"
_PEERS = "http://127.0.0.1:12380"


class Etcd(Component):
    """One member; its data outlives its process, but not the cluster."""

    name = "etcd"

    def command(self) -> list[str]:
        """Without fsync: what a crash of the machine loses was a test's."""
        return [
            tool("etcd").path("server"),
            "--name=etcd",
            f"--data-dir={RUN / 'etcd'}",
            f"--listen-client-urls={ENDPOINT}",
            f"--advertise-client-urls={ENDPOINT}",
            f"--listen-peer-urls={_PEERS}",
            f"--initial-advertise-peer-urls={_PEERS}",
            f"--initial-cluster=etcd={_PEERS}",
            "--unsafe-no-fsync",
            "--log-level=warn",
        ]

    def is_ready(self) -> bool:
        """By its own health page."""
        return answers(f"{ENDPOINT}/health")
