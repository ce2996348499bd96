"""kubectl on one cluster."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.e2e.commands import CommandError, run, wait_until
from tests.e2e.tools import tool

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Kubectl", "Object"]

Object = dict[str, Any]


class Kubectl:
    """Runs the kubectl of ``tests/e2e/tools`` with a kubeconfig, as whoever that names."""

    def __init__(self, kubeconfig: Path) -> None:
        """Nothing is asked yet: the file may come later."""
        self.kubeconfig = kubeconfig

    def __call__(self, *arguments: str, stdin: str | None = None) -> str:
        """Run it and give its standard output.

        Raises:
            CommandError: it failed; with what it said.
        """
        program = tool("kubernetes").path("kubectl")
        return run(program, f"--kubeconfig={self.kubeconfig}", *arguments, stdin=stdin)

    def succeeds(self, *arguments: str) -> bool:
        """Whether it ends with exit code 0."""
        try:
            self(*arguments)
        except CommandError:
            return False
        return True

    def apply(self, manifest: str, *arguments: str) -> None:
        """Apply YAML or JSON, on the server's side; fields of other owners are overwritten.

        Raises:
            CommandError: the API server refuses something.
        """
        self("apply", "--server-side", "--force-conflicts", *arguments, "-f=-", stdin=manifest)

    def apply_objects(self, objects: Iterable[Object]) -> None:
        """Apply objects that name their namespace themselves.

        Raises:
            CommandError: the API server refuses something.
        """
        self.apply(json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)}))

    def apply_file(self, file: Path, values: Mapping[str, str], *arguments: str) -> None:
        """Apply a file in which ``${NAME}`` stands for the values.

        Raises:
            CommandError: the API server refuses something.
        """
        text = file.read_text(encoding="utf-8")
        for name, value in values.items():
            text = text.replace(f"${{{name}}}", value)
        self.apply(text, *arguments)

    def create_namespace(self, name: str) -> None:
        """Make a namespace that admits only pods which are "restricted" by the newest rules."""
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        metadata = {"name": name, "labels": labels}
        self.apply_objects([{"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}])
        # Pods need it, and a controller makes it a moment later.
        wait_until(
            lambda: self.succeeds("get", "serviceaccount", "default", f"--namespace={name}"),
            f"the default ServiceAccount of {name}",
        )

    def wait_for_kinds(self) -> None:
        """Wait until the API server serves all custom resources that are defined.

        Not by ``kubectl wait``, which fails on a definition that has no conditions yet.

        Raises:
            CommandError: not in time.
        """

        def served() -> bool:
            conditions = [each.get("status", {}).get("conditions") for each in self.list("crd")]
            return all(
                any(one["type"] == "Established" and one["status"] == "True" for one in each or [])
                for each in conditions
            )

        wait_until(served, "all custom resources to be served")

    def get(self, kind: str, name: str, *arguments: str) -> Object:
        """An object.

        Raises:
            CommandError: there is none of that name.
        """
        found: Object = json.loads(self("get", kind, name, "-o=json", *arguments))
        return found

    def list(self, kind: str, *arguments: str) -> list[Object]:
        """The objects of a kind, in the namespace or by the selector that the arguments say."""
        found: list[Object] = json.loads(self("get", kind, "-o=json", *arguments))["items"]
        return found

    def condition(self, kind: str, name: str, condition: str, *arguments: str) -> str:
        """The status of a condition of an object, such as ``True``; empty without it."""
        try:
            status = self.get(kind, name, *arguments).get("status", {})
        except CommandError:
            return ""
        conditions = status.get("conditions", [])
        return next((str(each["status"]) for each in conditions if each["type"] == condition), "")
