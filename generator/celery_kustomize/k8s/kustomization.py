"""A Kustomize folder as a value: what ``resources`` and ``overlay`` make and ``tree`` writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ConfigMapGenerator", "Image", "Kustomization", "Object", "Patch", "Replicas"]

Object: TypeAlias = dict[str, Any]
"""A Kubernetes object (or a part of one) as plain data, its keys in the order to be written."""


@dataclass(frozen=True, slots=True)
class ConfigMapGenerator:
    """One entry of ``configMapGenerator``; kustomize appends a hash of the content to the name.

    ``data`` maps a key to its text; with behavior "merge" only what is added or changed.
    """

    name: str
    data: Mapping[str, str]
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    behavior: Literal["create", "merge", "replace"] = "create"


@dataclass(frozen=True, slots=True)
class Image:
    """One entry of ``images``: every container image called ``name`` gets this tag or digest."""

    name: str
    new_name: str | None = None
    new_tag: str | None = None
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Replicas:
    """One entry of ``replicas``: the Deployment or StatefulSet ``name`` runs ``count`` pods."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Patch:
    """One entry of ``patches``.

    ``content`` is a list of objects (strategic merge) or of operations (JSON 6902). ``file`` is
    the file it is written to, beside the kustomization; None: it stands inline. Strategic-merge
    patches with the same ``file`` share it, one document each, and are listed once.
    ``target`` is Kustomize's selector (group, version, kind, name, namespace, labelSelector, ...).
    """

    content: Sequence[Object]
    file: str | None = None
    target: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Kustomization:
    """One folder: ``resources`` maps a file name to its objects, in the order to be listed.

    ``bases`` are folders to start from ("../../base"). ``header`` is the comment line at the top.
    ``labels`` go to every object and, with ``labels_in_pods``, to the pods of Deployments,
    StatefulSets and Jobs.
    ``namespace_unset_only``: objects with a namespace of their own keep it (a builtin
    NamespaceTransformer is written instead of the ``namespace`` field).
    """

    header: str
    resources: Mapping[str, Sequence[Object]] = field(default_factory=dict)
    bases: Sequence[str] = ()
    namespace: str | None = None
    namespace_unset_only: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    labels_in_pods: bool = True
    config_maps: Sequence[ConfigMapGenerator] = ()
    images: Sequence[Image] = ()
    replicas: Sequence[Replicas] = ()
    patches: Sequence[Patch] = ()

    def objects(self) -> list[Object]:
        """All objects of ``resources``, in order; without the bases' and the generated ones."""
        return [item for items in self.resources.values() for item in items]
