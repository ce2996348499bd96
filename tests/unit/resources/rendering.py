"""Short specs in, objects out: what the tests of ``resources`` share."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

from celery_kustomize.load.yaml import parse
from celery_kustomize.merge import environments
from celery_kustomize.model.application import CeleryApplication
from celery_kustomize.resources import render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from celery_kustomize.k8s.kustomization import Kustomization

__all__ = ["Rendering", "rendering"]

HEAD = """\
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplication
metadata: {metadata}
spec:
  app: shop.celery
  image: shop:1
"""


class Rendering:
    """The objects of one application, by kind and name."""

    def __init__(self, folder: Kustomization) -> None:
        self.folder = folder
        self.objects = {(item["kind"], item["metadata"]["name"]): item for item in folder.objects()}

    def __call__(self, kind: str, name: str) -> dict[str, Any]:
        return self.objects[kind, name]

    def kinds(self, name: str) -> list[str]:
        """The kinds of the objects called ``name``, in order."""
        return [kind for kind, found in self.objects if found == name]

    def template(self, name: str) -> dict[str, Any]:
        """The pod template of the workload ``name``."""
        kinds = ("Deployment", "StatefulSet", "Job")
        item = next(self.objects[kind, name] for kind in kinds if (kind, name) in self.objects)
        template: dict[str, Any] = item["spec"]["template"]
        return template

    def pod(self, name: str) -> dict[str, Any]:
        """The pod's ``spec`` of the workload ``name``."""
        pod: dict[str, Any] = self.template(name)["spec"]
        return pod

    def container(self, name: str) -> dict[str, Any]:
        """The main container of the workload ``name``."""
        container: dict[str, Any] = self.pod(name)["containers"][0]
        return container

    def command_line(self, name: str) -> list[str]:
        """What the main container runs, without the script that adds the helper modules' path."""
        container = self.container(name)
        whole = [*container.get("command", []), *container.get("args", [])]
        return whole[2:] if whole[:1] == ["sh"] and whole[1].endswith("/run.sh") else whole

    def env(self, name: str) -> dict[str, Any]:
        """Environment of the main container, in its order: the value, or ``valueFrom``."""
        items = self.container(name).get("env", [])
        return {item["name"]: item.get("value", item.get("valueFrom")) for item in items}

    def config_map(self, name: str) -> Mapping[str, str]:
        """The data of a generated ConfigMap."""
        found = [item.data for item in self.folder.config_maps if item.name == name]
        return found[0]


def rendering(
    spec: str,
    metadata: str = "{name: shop}",
    extra: Mapping[str, Sequence[dict[str, Any]]] | None = None,
) -> Rendering:
    """The application "shop" with ``spec`` (``app`` and ``image`` are there), rendered."""
    own = dedent(spec).strip("\n")
    keys = [line.split(":")[0] for line in own.splitlines() if line[:1] not in ("", " ", "-")]
    head = [
        line
        for line in HEAD.replace("{metadata}", metadata).splitlines()
        if line.strip().split(":")[0] not in keys
    ]
    text = "\n".join([*head, indent(own, "  ")])
    documents, problems = parse(text.encode(), "shop.yaml")
    assert problems == []
    found, problems = environments(documents[0])
    assert problems == []
    application = CeleryApplication.model_validate(found[0].document)
    return Rendering(render(application, header="Generated.", extra=extra))
