"""Folders with the user's own patches in effect, as kustomize itself applies them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from celery_kustomize.errors import SpecError
from celery_kustomize.kustomize import find
from celery_kustomize.load.yaml import parse
from celery_kustomize.located import plain
from celery_kustomize.tree import files

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Kustomization, Object

__all__ = ["with_patches_applied"]


def with_patches_applied(folder: Kustomization) -> Kustomization:
    """``folder`` with its patches in effect in its resources, as kustomize itself applies them.

    Generated ConfigMaps keep their plain names meanwhile, so that references can be compared.
    """
    generated = {("v1", "ConfigMap", g.name) for g in folder.config_maps}
    kind = {"apiVersion": "v1", "kind": "ConfigMap"}
    maps: list[Object] = [
        {**kind, "metadata": {"name": g.name}, "data": dict(g.data)} for g in folder.config_maps
    ]
    plain_maps = {**folder.resources, "generated.yaml": maps} if maps else folder.resources
    text = find().build_files(files(replace(folder, resources=plain_maps, config_maps=())), ".")
    documents, problems = parse(text.encode(), "kustomize")
    if problems:
        raise SpecError(problems)
    places = {_identity(o): name for name, items in folder.resources.items() for o in items}
    result: dict[str, list[Object]] = {name: [] for name in folder.resources}
    for document in documents:
        item = plain(document)
        if _identity(item) not in generated:
            result.setdefault(places.get(_identity(item), "objects.yaml"), []).append(item)
    return replace(folder, resources={k: v for k, v in result.items() if v}, patches=())


def _identity(item: Object) -> tuple[str, str, str]:
    return item["apiVersion"], item["kind"], item["metadata"]["name"]
