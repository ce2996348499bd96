"""Which object of the base is which of the environment, each as kustomize builds it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem, SpecError
from celery_kustomize.k8s.kinds import api_group
from celery_kustomize.k8s.kustomize_namespace import (
    own_namespace,
    set_namespace,
    with_namespace,
)
from celery_kustomize.k8s.kustomize_transformers import set_labels
from celery_kustomize.located import NOWHERE, Mark, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Kustomization, Object

__all__ = [
    "Identity",
    "Item",
    "Matched",
    "Pair",
    "generated",
    "identity",
    "items",
    "match",
    "told_apart",
]

Identity = tuple[str, str, str, str]
"""API group, kind, namespace and name: what makes two objects one.

The version is not part of it: the same object may be written in another version. The namespace is
"" for the application's own, and for kinds that have none.
"""


@dataclass(frozen=True, slots=True)
class Item:
    """An object of a build: ``raw`` as written, ``built`` with namespace and labels applied.

    ``file`` holds it; None for a generated ConfigMap, which ``raw`` shows without its hash.
    ``mark`` is where the user wrote it, if the user did.
    """

    identity: Identity
    file: str | None
    raw: Object
    built: Object
    mark: Mark = NOWHERE

    def __str__(self) -> str:
        """Kind and name, as in messages to users."""
        return f"{self.raw['kind']} {self.raw['metadata']['name']}"

    def problem(self, message: str) -> Problem:
        """What is wrong with the object, which the message names."""
        return Problem(self.mark.file, self.mark.line, "", f"{self} {message}")


@dataclass(frozen=True, slots=True)
class Pair:
    """An object of the base and what the environment wants it to be."""

    base: Item
    wanted: Item


@dataclass(frozen=True, slots=True)
class Matched:
    """All objects of the base, those of both, and those of the environment alone."""

    base: Sequence[Item]
    pairs: Sequence[Pair]
    added: Sequence[Item]

    @property
    def deleted(self) -> list[Item]:
        """The objects of the base alone."""
        kept = {pair.base.identity for pair in self.pairs}
        return [item for item in self.base if item.identity not in kept]

    @property
    def build(self) -> list[Item]:
        """All objects that the overlay's patches see."""
        return [*self.base, *self.added]


def items(kustomization: Kustomization, marks: Mapping[Identity, Mark] | None = None) -> list[Item]:
    """The objects that ``kustomization`` builds to, its patches left aside, in its order.

    Args:
        kustomization: the folder.
        marks: the places of the objects that the user wrote (``identity``).

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
        key = identity(raw, kustomization.namespace)
        mark = (marks or {}).get(key, NOWHERE)
        item = Item(key, file, raw, _built(raw, kustomization), mark)
        if key in found:
            problems.append(item.problem("is there twice; keep one of them"))
        found[key] = item
    if problems:
        raise SpecError(problems)
    return list(found.values())


def identity(raw: Object, namespace: str | None) -> Identity:
    """The identity of an object of an application in ``namespace``."""
    own = own_namespace(raw)
    if own == (namespace or "default"):
        own = ""
    return (api_group(raw["apiVersion"]), raw["kind"], own, raw["metadata"]["name"])


def match(base: Iterable[Item], wanted: Sequence[Item]) -> Matched:
    """Pair what stays in its namespace, then what moves with the application.

    Pairs are in the base's order, added objects in the environment's.
    """
    base = list(base)
    standing = {_place(item): item.identity for item in base}
    partners = {standing[_place(item)]: item for item in wanted if _place(item) in standing}
    paired = {item.identity for item in partners.values()}
    moving = standing.values() - partners.keys()
    for item in wanted:
        if item.identity in moving and item.identity not in paired:
            partners[item.identity] = item
    paired = {item.identity for item in partners.values()}
    added = [item for item in wanted if item.identity not in paired]
    pairs = [Pair(item, partners[item.identity]) for item in base if item.identity in partners]
    return Matched(base, pairs, added)


def _place(item: Item) -> Identity:
    """The identity with the namespace that the object really is in."""
    return _within(item.built["metadata"].get("namespace"), item)


def _within(namespace: str | None, item: Item) -> Identity:
    group, kind, _, name = item.identity
    return group, kind, namespace or "default", name


def told_apart(matched: Matched) -> Matched:
    """The same, with a namespace in ``raw`` of the base's objects that patches confuse without it.

    kustomize finds objects as they are and as they are written: here an object of the overlay.
    """
    names = {_as_written(item) for item in matched.added}

    def clear(item: Item) -> Item:
        if _as_written(item) not in names:
            return item
        return replace(item, raw=with_namespace(item.raw, item.built["metadata"].get("namespace")))

    pairs = [replace(pair, base=clear(pair.base)) for pair in matched.pairs]
    return replace(matched, base=[clear(item) for item in matched.base], pairs=pairs)


def _as_written(item: Item) -> Identity:
    return _within(own_namespace(item.raw), item)


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
