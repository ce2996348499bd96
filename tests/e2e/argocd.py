"""Argo CD in pods, from the manifests of its own module, with the sidecar of ``deploy/``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.e2e.commands import CommandError, wait_until
from tests.e2e.tools import tool

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.e2e.git import Repository
    from tests.e2e.kubectl import Kubectl, Object

__all__ = ["ArgoCD"]

_NAMESPACE = "argocd"
_WITHIN = f"--namespace={_NAMESPACE}"
_COMPONENT = Path("deploy/component").absolute()
_APPLICATIONS = "applications.argoproj.io"
# A test waits for what takes minutes by default.
_QUICK = {
    "argocd-cm": {"timeout.reconciliation": "10s", "timeout.reconciliation.jitter": "0s"},
    "argocd-cmd-params-cm": {
        "controller.self.heal.timeout.seconds": "1",
        "controller.self.heal.backoff.timeout.seconds": "1",
        "controller.self.heal.backoff.factor": "1",
        "controller.self.heal.backoff.cap.seconds": "1",
    },
}


class ArgoCD:
    """Argo CD, ready when it is made."""

    def __init__(self, kubectl: Kubectl, folder: Path) -> None:
        """Install it; ``folder`` is for the kustomization that a platform engineer would have."""
        self._kubectl = kubectl
        core = Path(tool("argocd").path("manifests/core-install"))
        kustomization = {
            "resources": [os.path.relpath(core, folder)],
            "components": [os.path.relpath(_COMPONENT, folder)],
            "namespace": _NAMESPACE,
            # The only Redis that there is here.
            "images": [
                {
                    "name": "public.ecr.aws/docker/library/redis",
                    "newName": "docker.io/library/redis",
                    "newTag": "7.4",
                }
            ],
        }
        (folder / "kustomization.yaml").write_text(yaml.safe_dump(kustomization), encoding="utf-8")
        objects = list(yaml.safe_load_all(kubectl("kustomize", str(folder))))
        kubectl.create_namespace(_NAMESPACE)
        definitions = [each for each in objects if each["kind"] == "CustomResourceDefinition"]
        kubectl.apply_objects(definitions)
        kubectl.wait_for_kinds()
        others = [_adapted(each) for each in objects if each not in definitions]
        kubectl.apply_objects(others + _SETTINGS)
        for each in _WORKLOADS:
            self.kubectl("rollout", "status", each, "--timeout=120s")

    def kubectl(self, *arguments: str) -> str:
        """Run kubectl in the namespace of Argo CD.

        Raises:
            CommandError: it failed.
        """
        return self._kubectl(_WITHIN, *arguments)

    def create(
        self,
        name: str,
        repository: Repository,
        *,
        namespace: str,
        path: str = ".",
        native: bool = False,
        **parameters: str,
    ) -> None:
        """Create an Application that syncs by itself.

        Parameters are the plugin's; a ``native`` one goes without it, by Argo CD's own Kustomize.
        """
        strings = [{"name": key, "string": value} for key, value in parameters.items()]
        plugin = {"plugin": {"name": "celery-kustomize", "parameters": strings}}
        spec = {
            "project": "default",
            "source": {"repoURL": repository.url, "targetRevision": "main", "path": path}
            | ({} if native else plugin),
            "destination": {"server": "https://kubernetes.default.svc", "namespace": namespace},
            "syncPolicy": {
                "automated": {"prune": True, "selfHeal": True},
                "syncOptions": ["CreateNamespace=true"],
                "retry": {"limit": 3, "backoff": {"duration": "1s", "maxDuration": "2s"}},
                "managedNamespaceMetadata": {
                    "labels": {"pod-security.kubernetes.io/enforce": "restricted"}
                },
            },
        }
        metadata = {
            "name": name,
            "namespace": _NAMESPACE,
            "finalizers": ["resources-finalizer.argocd.argoproj.io"],
        }
        application = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"}
        self._kubectl.apply_objects([application | {"metadata": metadata, "spec": spec}])

    def get(self, name: str) -> Object:
        """The Application."""
        return self._kubectl.get(_APPLICATIONS, name, _WITHIN)

    def refresh(self, name: str, how: str = "normal") -> None:
        """Let Argo CD look for a new commit now, as a webhook would; ``hard``: past its caches."""
        annotation = f"argocd.argoproj.io/refresh={how}"
        self.kubectl("annotate", "--overwrite", _APPLICATIONS, name, annotation)

    def wait_synced(self, name: str, revision: str, *, health: str = "Healthy") -> None:
        """Wait until the commit is what runs.

        Raises:
            CommandError: not in time; with the state of the Application.
        """
        self.refresh(name)

        def is_synced() -> bool:
            status = self.get(name).get("status", {})
            operation = status.get("operationState", {})
            return (
                status.get("sync", {}).get("status") == "Synced"
                and status["sync"].get("revision") == revision
                and operation.get("phase") == "Succeeded"
                and operation.get("syncResult", {}).get("revision") == revision
                and status.get("health", {}).get("status") in {health, ""}
            )

        self._wait(name, is_synced, f"{name} to be synced and {health}")

    def wait_condition(self, name: str, kind: str) -> str:
        """Wait until the Application has a condition of that type; give its message.

        Raises:
            CommandError: not in time.
        """
        self.refresh(name)

        def message() -> str:
            conditions = self.get(name).get("status", {}).get("conditions", [])
            return next((str(each["message"]) for each in conditions if each["type"] == kind), "")

        self._wait(name, message, f"the condition {kind} of {name}")
        return message()

    def wait_repo_server(self) -> None:
        """Wait until the repo-server and its sidecar are ready, as many as there should be.

        Raises:
            CommandError: not in time.
        """
        self.kubectl("rollout", "status", "deployment/argocd-repo-server", "--timeout=120s")

    def delete(self, name: str) -> None:
        """Delete an Application and, by its finalizer, what it made."""
        self.kubectl("delete", _APPLICATIONS, name, "--timeout=120s")

    def _wait(self, name: str, condition: Any, what: str) -> None:
        try:
            wait_until(condition, what, seconds=180, every=0.5)
        except CommandError as error:
            status = self.get(name).get("status", {})
            kept = ("conditions", "health", "operationState", "sync")
            state = json.dumps({key: status.get(key) for key in kept}, indent=1)
            raise CommandError(f"{error}:\n{state[:6000]}") from None


def _adapted(each: Object) -> Object:
    """Images are in the cluster and in no registry; the password of its Redis is below."""
    template = each.get("spec", {}).get("template", {}).get("spec", {})
    for container in template.get("containers", []) + template.get("initContainers", []):
        container["imagePullPolicy"] = "IfNotPresent"
    if each["metadata"]["name"] == "argocd-redis":
        template.pop("initContainers", None)
    settings = _QUICK.get(each["metadata"]["name"])
    if each["kind"] == "ConfigMap" and settings:
        each["data"] = {**each.get("data", {}), **settings}
    return each


def _object(api_version: str, kind: str, name: str, **rest: Mapping[str, Any]) -> Object:
    metadata = {"name": name, "namespace": _NAMESPACE}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


_SETTINGS = [
    # What Argo CD's command line, and its API server, would have made.
    _object("v1", "Secret", "argocd-redis", stringData={"auth": "redis"}),
    _object(
        "argoproj.io/v1alpha1",
        "AppProject",
        "default",
        spec={
            "sourceRepos": ["*"],
            "destinations": [{"server": "*", "namespace": "*"}],
            "clusterResourceWhitelist": [{"group": "*", "kind": "*"}],
        },
    ),
]
_WORKLOADS = (
    "deployment/argocd-redis",
    "deployment/argocd-repo-server",
    "deployment/argocd-applicationset-controller",
    "statefulset/argocd-application-controller",
)
