"""Pods that find out what can be reached from where they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from tests.e2e.kubectl import Kubectl, Object

__all__ = ["Probe"]

_SCRIPT = (Path(__file__).with_name("scripts") / "probe.py").read_text(encoding="utf-8")


class Probe:
    """A pod that reaches for addresses such as ``tcp:HOST:80``, and is one to reach for.

    It answers on the TCP ports 8080 (named http), 8081 (admin), 9001, 9002 and the UDP port 5300.
    """

    def __init__(
        self,
        kubectl: Kubectl,
        namespace: str,
        name: str,
        labels: dict[str, str] | None = None,
        *,
        first: Collection[str] = (),
    ) -> None:
        """Start it, with attempts at the addresses ``first``; ``wait`` waits for it."""
        self._kubectl = kubectl
        self._within = f"--namespace={namespace}"
        self._name = name
        kubectl.apply_objects([_pod(namespace, name, labels or {}, first)])

    def wait(self) -> None:
        """Wait until it is ready.

        Raises:
            CommandError: not in time.
        """
        ready = "--for=condition=Ready"
        self._kubectl("wait", ready, f"pod/{self._name}", "--timeout=60s", self._within)

    @property
    def address(self) -> str:
        """The pod's."""
        pod = self._kubectl.get("pod", self._name, self._within)
        return str(pod["status"]["podIP"])

    def python(self, script: str, *arguments: str) -> str:
        """Run a Python script there and give its output.

        Raises:
            CommandError: it failed.
        """
        inside = ("exec", "--stdin", self._name, "--", "python", "-", *arguments)
        return self._kubectl(self._within, *inside, stdin=script)

    def reached(self, *addresses: str) -> set[str]:
        """Those of the addresses where somebody answers."""
        return _answering(self.python(_SCRIPT, "reach", *addresses))

    def reached_first(self) -> set[str]:
        """What it reached of ``first``; listening comes after it.

        Raises:
            CommandError: it is not ready in time.
        """
        self.wait()
        return _answering(self._kubectl("logs", self._name, self._within))


def _answering(said: str) -> set[str]:
    return {address for address, error in json.loads(said).items() if not error}


def _pod(namespace: str, name: str, labels: dict[str, str], first: Collection[str]) -> Object:
    """Python, as Pod Security "restricted" admits it."""
    container = {
        "name": "main",
        "image": "registry.example.com/tasks:1.0",
        "command": ["python", "-c", _SCRIPT, "listen", *first],
        "ports": [
            {"name": "http", "containerPort": 8080},
            {"name": "admin", "containerPort": 8081},
        ],
        "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1},
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    spec = {
        "terminationGracePeriodSeconds": 0,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
    }
    metadata = {"namespace": namespace, "name": name, "labels": labels}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
