"""What every part of the cluster has: how it is prepared, started, asked, and cleaned up after."""

from __future__ import annotations

import os
from pathlib import Path

from tests.e2e.cluster import process
from tests.e2e.cluster.layout import ADMIN_KUBECONFIG
from tests.e2e.commands import CommandError, wait_until
from tests.e2e.kubectl import Kubectl

__all__ = ["Component"]

_MANIFESTS = Path(__file__).with_name("manifests")


class Component:
    """A process of the cluster, or, without a ``command``, something that the kernel keeps.

    ``name`` is also that of its log and its process record. ``patience`` is how long to wait, in
    seconds, for it to be ready and, for half as long, to end.
    """

    name: str
    patience: float = 40
    kubectl = Kubectl(ADMIN_KUBECONFIG)

    def prepare(self) -> None:
        """Write its configuration; set up what it needs. Called before each start."""

    def command(self) -> list[str]:
        """The program and its arguments; empty for a part that is no process."""
        return []

    def environment(self) -> dict[str, str]:
        """The environment of the process."""
        return {"PATH": os.environ["PATH"], "HOME": "/root"}

    def is_ready(self) -> bool:
        """Whether it serves."""
        return True

    def after_start(self) -> None:
        """Do what takes it running. Called when it is ready."""

    def clean_up(self) -> None:
        """Remove what it leaves in the kernel and on disk. Called once its process has ended.

        Harmless where there is nothing to remove: after a crash nobody knows what there is.
        """

    def start(self) -> None:
        """Prepare it, start it and wait until it is ready.

        Raises:
            CommandError: it ended or did not become ready in time; with the end of its log.
        """
        self.prepare()
        command = self.command()
        if command:
            process.start(self.name, command, self.environment())
        try:
            wait_until(lambda: self._has_ended() or self.is_ready(), "it", seconds=self.patience)
        except CommandError:
            raise self._failed(f"was not ready after {self.patience:g} s") from None
        if self._has_ended():
            raise self._failed("ended at once")
        self.after_start()

    def stop(self) -> None:
        """End the process and clean up after it."""
        process.stop(self.name, seconds=self.patience / 2)
        self.clean_up()

    def apply_manifest(self, name: str, **values: str) -> None:
        """Apply a file of the folder ``manifests``, with ``${NAME}`` replaced by the values."""
        self.kubectl.apply_file(_MANIFESTS / name, values)

    def _has_ended(self) -> bool:
        return bool(self.command()) and not process.is_running(self.name)

    def _failed(self, what: str) -> CommandError:
        return CommandError(f"{self.name} {what}; its log ends:\n{process.last_words(self.name)}")
