"""Volumes that keep a component's data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.resources.metadata import metadata

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.component import Component
    from celery_kustomize.model.redis import Storage
    from celery_kustomize.resources.context import Context

__all__ = ["claim", "claim_spec", "volume"]


def claim_spec(storage: Storage) -> Object:
    """The ``spec`` of a PersistentVolumeClaim."""
    result: Object = {"accessModes": ["ReadWriteOnce"]}
    if storage.storage_class_name is not None:
        result["storageClassName"] = storage.storage_class_name
    return {**result, "resources": {"requests": {"storage": storage.size}}}


def claim(
    context: Context,
    name: str,
    identity: dict[str, str],
    model: Component,
    storage: Storage | None,
) -> list[Object]:
    """A PersistentVolumeClaim; none for an emptyDir or an existing claim."""
    if storage is None or storage.existing_claim is not None:
        return []
    return [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "metadata": metadata(context, name, identity, model),
            "spec": claim_spec(storage),
        }
    ]


def volume(name: str, claim_name: str, storage: Storage | None) -> Object:
    """A pod's volume: the claim, or an emptyDir when nothing is to be kept."""
    if storage is None:
        return {"name": name, "emptyDir": {}}
    return {
        "name": name,
        "persistentVolumeClaim": {"claimName": storage.existing_claim or claim_name},
    }
