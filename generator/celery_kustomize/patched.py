"""Folders with the user's own patches in effect, as kustomize itself applies them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from celery_kustomize.errors import SpecError
from celery_kustomize.kustomize import find
from celery_kustomize.load.yaml import parse
from celery_kustomize.located import plain
from celery_kustomize.overlay.pairing import generated
from celery_kustomize.tree import files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Kustomization, Object

__all__ = ["with_patches_applied"]


def with_patches_applied(folder: Kustomization, *, last: int = 0) -> Kustomization:
    """``folder`` with its patches in effect in its resources, as kustomize itself applies them.

    The ``last`` ones stay patches. Generated ConfigMaps keep their plain names meanwhile, so that
    references can be compared.

    Raises:
        KustomizeError: kustomize is missing or failed.
    """
    count = len(folder.patches) - last
    applied, left = folder.patches[:count], folder.patches[count:]
    maps = [generated(generator) for generator in folder.config_maps]
    names = {_identity(item) for item in maps}
    plain_maps = {**folder.resources, "generated.yaml": maps} if maps else folder.resources
    plain_folder = replace(folder, resources=plain_maps, config_maps=(), patches=applied)
    text = find().build_files(files(plain_folder), ".")
    documents, problems = parse(text.encode(), "kustomize")
    if problems:
        raise SpecError(problems)
    places = {_identity(o): name for name, items in folder.resources.items() for o in items}
    result: dict[str, list[Object]] = {name: [] for name in folder.resources}
    patched: dict[str, Object] = {}
    for document in documents:
        item = plain(document)
        if _identity(item) in names:
            patched[item["metadata"]["name"]] = item
        else:
            result.setdefault(places.get(_identity(item), "objects.yaml"), []).append(item)
    return replace(
        folder,
        resources={k: v for k, v in result.items() if v},
        config_maps=[
            _patched(g, patched[g.name], folder.labels)
            for g in folder.config_maps
            if g.name in patched
        ],
        patches=left,
    )


def _patched(
    generator: ConfigMapGenerator, item: Object, common: Mapping[str, str]
) -> ConfigMapGenerator:
    """``generator`` so that it makes ``item``; the folder adds its ``common`` labels itself."""
    metadata = item["metadata"]
    labels = {
        key: value
        for key, value in metadata.get("labels", {}).items()
        if key in generator.labels or common.get(key) != value
    }
    annotations = metadata.get("annotations", {})
    return replace(generator, data=item.get("data", {}), labels=labels, annotations=annotations)


def _identity(item: Object) -> tuple[str, str, str]:
    return item["apiVersion"], item["kind"], item["metadata"]["name"]
