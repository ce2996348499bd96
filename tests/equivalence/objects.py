"""Short ways to write the objects of explicit cases."""

from __future__ import annotations

from typing import Any

from celery_kustomize.k8s.kustomization import Kustomization, Object

__all__ = ["container", "deployment", "of", "one", "workload"]


def one(kind: str, name: str, *, api: str = "v1", namespace: str = "", **fields: Any) -> Object:
    """An object; ``metadata`` in ``fields`` comes on top of the name."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    metadata.update(fields.pop("metadata", {}))
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **fields}


def container(name: str = "main", image: str = "app:1", **fields: Any) -> Object:
    return {"name": name, "image": image, **fields}


def workload(kind: str, name: str, *containers: Object, **fields: Any) -> Object:
    """A Deployment or StatefulSet; ``pod`` in ``fields`` are further fields of its pod."""
    pod = fields.pop("pod", {})
    template = {"spec": {"containers": list(containers) or [container()], **pod}}
    return one(kind, name, api="apps/v1", spec={**fields, "template": template})


def deployment(name: str, *containers: Object, **fields: Any) -> Object:
    return workload("Deployment", name, *containers, **fields)


def of(*objects: Object, **fields: Any) -> Kustomization:
    """A folder with all objects in one file."""
    return Kustomization(header="", resources={"shop.yaml": list(objects)}, **fields)
