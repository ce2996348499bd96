"""Volumes for PersistentVolumeClaims."""

from __future__ import annotations

import shutil

from tests.e2e.cluster.component import Component
from tests.e2e.cluster.layout import RUN
from tests.e2e.cluster.users import USERS
from tests.e2e.tools import tool

__all__ = ["LocalProvisioner"]

_VOLUMES = RUN / "volumes"


class LocalProvisioner(Component):
    """Makes a directory of the node for every claim of the StorageClass ``local``, the default."""

    name = "local-provisioner"

    def prepare(self) -> None:
        """Create the StorageClass."""
        _VOLUMES.mkdir(parents=True, exist_ok=True)
        self.apply_manifest("local-provisioner.yaml")

    def command(self) -> list[str]:
        """See tests/e2e/tools/kubernetes/local-provisioner."""
        return [
            tool("kubernetes").path(self.name),
            f"--kubeconfig={USERS[self.name].kubeconfig}",
            f"--directory={_VOLUMES}",
        ]

    def clean_up(self) -> None:
        """Remove the volumes."""
        shutil.rmtree(_VOLUMES, ignore_errors=True)
