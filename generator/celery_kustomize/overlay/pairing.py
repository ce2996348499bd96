"""Which object of the base is which of the environment, each as kustomize builds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem, SpecError
from celery_kustomize.k8s.kinds import api_group
from celery_kustomize.k8s.kustomize_namespace import own_namespace, set_namespace
from celery_kustomize.k8s.kustomize_transformers import set_labels
from celery_kustomize.located import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Kustomization, Object

__all__ = ["Identity", "Item", "Pair", "generated", "items", "pairs"]

Identity = tuple[str, str, str, str]
"""API group, kind, namespace ("" for the application's own) and name: what makes two objects one.

The version is not part of it: the same object may be written in another version.
"""


@dataclass(frozen=True, slots=True)
class Item:
    """An object of a build: ``raw`` as written, ``built`` with namespace and labels applied.

    ``file`` holds it; None for a generated ConfigMap, which ``raw`` shows without its hash.
    """

    identity: Identity
    file: str | None
    raw: Object
    built: Object

    def __str__(self) -> str:
        """Kind and name, as in messages to users."""
        return f"{self.raw['kind']} {self.raw['metadata']['name']}"


@dataclass(frozen=True, slots=True)
class Pair:
    """An object of the base and what the environment wants it to be."""

    base: Item
    wanted: Item


def items(kustomization: Kustomization) -> dict[Identity, Item]:
    """The objects that ``kustomization`` builds to, its patches left aside, in its order.

    Raises:
        SpecError: two objects have one identity, which kustomize refuses.
    """
    found: dict[Identity, Item] = {}
    problems = []
    written: list[tuple[str | None, Object]] = [
        (file, _clean(item))
        for file, objects in kustomization.resources.items()
        for item in objects
    ]
    written += [(None, generated(generator)) for generator in kustomization.config_maps]
    for file, raw in written:
        item = Item(_identity(raw, kustomization.namespace), file, raw, _built(raw, kustomization))
        if item.identity in found:
            problems.append(Problem("", 0, "", f"{item} is there twice; keep one of them"))
        found[item.identity] = item
    if problems:
        raise SpecError(problems)
    return found


def pairs(base: Mapping[Identity, Item], wanted: Mapping[Identity, Item]) -> Sequence[Pair]:
    """The objects of both, in the base's order."""
    return [Pair(item, wanted[key]) for key, item in base.items() if key in wanted]


def _identity(raw: Object, namespace: str | None) -> Identity:
    own = own_namespace(raw)
    if own == (namespace or "default"):
        own = ""
    return (api_group(raw["apiVersion"]), raw["kind"], own, raw["metadata"]["name"])


def _clean(item: Object) -> Object:
    """A plain copy without empty annotations, which kustomize drops from every object."""
    copy: Object = plain(item)
    if not copy["metadata"].get("annotations", True):
        del copy["metadata"]["annotations"]
    return copy


def generated(generator: ConfigMapGenerator) -> Object:
    """The ConfigMap that ``generator`` makes, under its name without the hash."""
    metadata: Object = {"name": generator.name}
    for key, values in (("labels", generator.labels), ("annotations", generator.annotations)):
        if values:
            metadata[key] = dict(values)
    item: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}
    if generator.data:
        item["data"] = dict(generator.data)
    return item


def _built(raw: Object, kustomization: Kustomization) -> Object:
    if kustomization.namespace:
        unset_only = kustomization.namespace_unset_only
        raw = set_namespace(raw, kustomization.namespace, unset_only=unset_only)
    return set_labels(raw, kustomization.labels)
