"""An application of the examples in a namespace of the cluster."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.e2e.brokers import MANIFESTS
from tests.e2e.commands import CommandError, wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.e2e.kubectl import Kubectl, Object

__all__ = ["Application", "Client"]

_CLIENT = "client"


class Application:
    """A namespace under Pod Security "restricted", with a folder of Kustomize applied to it."""

    def __init__(self, kubectl: Kubectl, namespace: str) -> None:
        """Make the namespace."""
        self._kubectl = kubectl
        self.namespace = namespace
        self._in_namespace = f"--namespace={namespace}"
        kubectl.create_namespace(namespace)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        """Run kubectl in the namespace.

        Raises:
            CommandError: it failed.
        """
        return self._kubectl(self._in_namespace, *arguments, stdin=stdin)

    def create_secret(self, name: str, **values: str) -> None:
        """Create a Secret with these keys and values; ``_`` in a key stands for ``-``."""
        data = {key.replace("_", "-"): value for key, value in values.items()}
        metadata = {"name": name, "namespace": self.namespace}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}
        self._kubectl.apply_objects([secret])

    def apply(self, folder: Path) -> None:
        """Apply a folder with a kustomization file.

        Raises:
            CommandError: the API server refuses an object.
        """
        self.kubectl("apply", "--server-side", "--force-conflicts", "-k", str(folder))

    def apply_manifest(self, name: str, **values: str) -> None:
        """Apply a file of ``tests/e2e/manifests``, with ``${NAME}`` replaced by the values."""
        self._kubectl.apply_file(MANIFESTS / name, values, self._in_namespace)

    def objects(self, kind: str, selector: str = "") -> list[Object]:
        """The namespace's objects of a kind."""
        return self._kubectl.list(kind, self._in_namespace, f"--selector={selector}")

    def worker_pods(self, worker: str = "") -> set[str]:
        """The names of the pods of a worker set, or of all."""
        selector = "app.kubernetes.io/component=worker"
        selector += f",celeryproject.org/worker={worker}" if worker else ""
        return {pod["metadata"]["name"] for pod in self.objects("pods", selector)}

    def wait_ready(self, *, seconds: float = 180) -> None:
        """Wait until every workload runs as its spec says and every Job is complete.

        Raises:
            CommandError: not in time; with the state of the pods, their logs and events.
        """
        try:
            wait_until(lambda: not self.not_ready(), "all to be ready", seconds=seconds, every=0.5)
        except CommandError as error:
            raise CommandError(f"{error}: {self.not_ready()}\n{self.diagnosis()}") from None

    def not_ready(self) -> list[str]:
        """The workloads, Jobs and pods that are not as they should be."""
        workloads = self.objects("deployments,statefulsets")
        names = [_name(each) for each in workloads if not _is_rolled_out(each)]
        names += [_name(each) for each in self.objects("jobs") if not _has(each, "Complete")]
        pods = [pod for pod in self.objects("pods") if pod["status"].get("phase") != "Succeeded"]
        return names + [_name(pod) for pod in pods if not _has(pod, "Ready")]

    def diagnosis(self) -> str:
        """What a person would look at: pods, warnings, and the end of each log."""
        parts = [
            self.kubectl("get", "pods", "-o=wide"),
            self.kubectl("get", "events", "--field-selector=type!=Normal"),
        ]
        for pod in self.objects("pods"):
            name = pod["metadata"]["name"]
            try:
                log = self.kubectl("logs", name, "--all-containers", "--tail=15")
            except CommandError as error:
                log = str(error)
            parts.append(f"--- {name}\n{log}")
        return "\n".join(parts)

    def restarts(self) -> dict[str, int]:
        """How often containers were started again, by pod, where that ever happened."""
        counts = {
            pod["metadata"]["name"]: sum(
                each["restartCount"] for each in pod["status"].get("containerStatuses", [])
            )
            for pod in self.objects("pods")
        }
        return {name: count for name, count in counts.items() if count}

    def client(self, worker: str) -> Client:
        """A pod that has the image and the settings of a worker Deployment, and does nothing.

        Raises:
            CommandError: it is not ready in time.
        """
        template = self._kubectl.get("deployment", worker, self._in_namespace)["spec"]["template"]
        arguments: list[str] = template["spec"]["containers"][0]["args"]
        app = next(each for each in arguments if each.startswith("--app=")).removeprefix("--app=")
        self._kubectl.apply_objects([self._client_pod(template)])
        self.kubectl("wait", "--for=condition=Ready", f"pod/{_CLIENT}", "--timeout=60s")
        return Client(self, app)

    def _client_pod(self, template: Object) -> Object:
        spec = template["spec"] | {"terminationGracePeriodSeconds": 0}
        spec.pop("topologySpreadConstraints", None)
        container = spec["containers"][0]
        dropped = {"startupProbe", "livenessProbe", "readinessProbe", "lifecycle", "resources"}
        kept = {key: value for key, value in container.items() if key not in dropped}
        spec["containers"] = [kept | {"name": _CLIENT, "command": ["sleep", "1d"], "args": []}]
        # The application's name lets it through its network policies; no component's label makes
        # it part of a Service.
        name = "app.kubernetes.io/name"
        labels = {name: template["metadata"]["labels"][name]}
        metadata = {"name": _CLIENT, "namespace": self.namespace, "labels": labels}
        return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}


class Client:
    """Sends tasks and asks Services, from inside the cluster."""

    def __init__(self, application: Application, app: str) -> None:
        """The pod is there; ``app`` is Celery's ``--app``."""
        self._application = application
        self._app = app

    def run(self, *command: str, stdin: str | None = None) -> str:
        """Run a command with the application's settings and give its output.

        Raises:
            CommandError: it failed.
        """
        inside = ("sh", "/etc/celery-kustomize/modules/run.sh", *command)
        options = () if stdin is None else ("--stdin",)
        return self._application.kubectl("exec", _CLIENT, *options, "--", *inside, stdin=stdin)

    def python(self, script: str) -> str:
        """Run a Python script and give its output.

        Raises:
            CommandError: it failed.
        """
        return self.run("python", "-", stdin=script)

    def send(self, task: str, *arguments: Any, count: int = 1, queue: str = "") -> None:
        """Send a task ``count`` times; ``{i}`` in an argument is the number of the message."""
        self._send(task, arguments, count, queue)

    def call(
        self, task: str, *arguments: Any, count: int = 1, queue: str = "", seconds: float = 60
    ) -> list[Any]:
        """Send a task ``count`` times, wait for the results, and give them.

        Raises:
            CommandError: a task failed, or its result did not come in time.
        """
        said = self._send(task, arguments, count, queue, f"--wait={seconds}")
        return [json.loads(line) for line in said.splitlines()]

    def _send(
        self, task: str, arguments: Sequence[Any], count: int, queue: str, *options: str
    ) -> str:
        command = ["python", "-m", "send", f"--app={self._app}", task, *options]
        command += [f"--arguments={json.dumps(arguments)}", f"--count={count}"]
        return self.run(*command, *([f"--queue={queue}"] if queue else []))

    def get(self, url: str, user: str = "") -> Any:
        """The JSON that a GET gives; ``user`` is ``NAME:PASSWORD`` for basic authentication.

        Raises:
            CommandError: no connection, or a status other than 200.
        """
        script = (
            "import base64, urllib.request\n"
            f"request = urllib.request.Request({url!r})\n"
            f"user = base64.b64encode({user!r}.encode()).decode()\n"
            "if user: request.add_header('Authorization', f'Basic {user}')\n"
            "print(urllib.request.urlopen(request, timeout=10).read().decode())\n"
        )
        return json.loads(self.python(script))


def _name(each: Object) -> str:
    return f"{each['kind']}/{each['metadata']['name']}"


def _has(each: Object, condition: str) -> bool:
    conditions = each.get("status", {}).get("conditions", [])
    return any(one["type"] == condition and one["status"] == "True" for one in conditions)


def _is_rolled_out(workload: Object) -> bool:
    """As ``kubectl rollout status`` has it."""
    status = workload.get("status", {})
    wanted = workload["spec"].get("replicas", 1)
    counts = {status.get(f"{each}Replicas", 0) for each in ("updated", "ready", "available")}
    seen = status.get("observedGeneration") == workload["metadata"]["generation"]
    return seen and counts | {status.get("replicas", 0)} == {wanted}
