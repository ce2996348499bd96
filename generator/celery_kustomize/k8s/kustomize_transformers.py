"""What kustomize's ``labels``, ``images`` and ``replicas`` fields do to an object. Pure: no I/O.

Source: kustomize/api v0.21.2, ``internal/konfig/builtinpluginconsts`` (which fields of which
kinds) and ``filters/imagetag`` (what an image matches and becomes).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Image, Object, Replicas

__all__ = [
    "TEMPLATE_LABELS",
    "apply_images",
    "bears_images_field",
    "image_matches",
    "is_scalable",
    "label_paths",
    "new_image",
    "set_labels",
    "set_replicas",
    "split_image",
]

_Change = Callable[[tuple[str, ...], str], str]
_CONTAINER_LISTS = ("containers", "initContainers")
_TEMPLATE_SPEC = ("spec", "template", "spec")
_SCALABLE = frozenset({"Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"})


TEMPLATE_LABELS: Sequence[Mapping[str, str]] = tuple(
    {"kind": kind, "path": "spec/template/metadata/labels"}
    for kind in ("Deployment", "StatefulSet", "Job")
)
"""``fields`` of a ``labels`` entry that reaches the pods, too.

``includeTemplates: true`` says it shorter, but until v5.5 also labels ``volumeClaimTemplates``,
which nobody may change in a StatefulSet that runs.
"""


def set_labels(item: Object, labels: Mapping[str, str], *, pods: bool = True) -> Object:
    """A copy of ``item`` with kustomize's ``labels`` applied; ``pods``: with TEMPLATE_LABELS."""
    if not labels:
        return item
    own, *templates = label_paths(item["kind"])
    item = _merged(item, own, labels)
    for path in templates if pods else []:
        if _has_map(item, path):
            item = _merged(item, path, labels)
    return item


def label_paths(kind: str) -> Sequence[tuple[str, ...]]:
    """Where ``labels`` go in objects of a kind; in pod templates only to labels that exist."""
    templates = [field["path"] for field in TEMPLATE_LABELS if field["kind"] == kind]
    return (("metadata", "labels"), *(tuple(path.split("/")) for path in templates))


def _has_map(value: Any, path: Sequence[str]) -> bool:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return isinstance(value, dict)


def _merged(value: Any, path: Sequence[str], added: Mapping[str, str]) -> Any:
    """``value`` with ``added`` merged into the map at ``path``, whose missing maps are made."""
    if value is not None and not isinstance(value, dict):
        return value
    copy = dict(value or {})
    if path:
        copy[path[0]] = _merged(copy.get(path[0]), path[1:], added)
    else:
        copy.update(added)
    return copy


def is_scalable(item: Object) -> bool:
    """Whether kustomize's ``replicas`` field reaches objects of this kind (of any group)."""
    return item["kind"] in _SCALABLE


def set_replicas(item: Object, replicas: Iterable[Replicas]) -> Object:
    """A copy of ``item`` with kustomize's ``replicas`` applied."""
    for entry in replicas:
        if is_scalable(item) and item["metadata"]["name"] == entry.name:
            item = {**item, "spec": {**item.get("spec", {}), "replicas": entry.count}}
    return item


def split_image(image: str) -> tuple[str, str, str]:
    """Name, tag and digest of an image reference, as kustomize cuts them ("" when absent).

    >>> split_image("registry:5000/shop/app:1.4.2")
    ('registry:5000/shop/app', '1.4.2', '')
    """
    start = max(image.find("/"), 0)
    rest, _, digest = image[start:].partition("@")
    path, _, tag = rest.partition(":")
    return image[:start] + path, tag, digest


def image_matches(image: str, name: str) -> bool:
    """Whether the ``images`` entry ``name``, a regular expression, applies to ``image``."""
    return bool(re.fullmatch(_pattern(name), image))


def _pattern(name: str) -> str:
    tag = r"(:[a-zA-Z0-9_.{}-]*)?"
    digest = r"(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?"
    return name + tag + digest


def new_image(image: str, entries: Iterable[Image]) -> str:
    """What ``image`` becomes under the ``images`` entries, applied in their order."""
    for entry in entries:
        if image_matches(image, entry.name):
            name, tag, digest = split_image(image)
            if entry.new_tag or entry.digest:
                tag, digest = entry.new_tag or "", entry.digest or ""
            image = entry.new_name or name
            image += (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    return image


def apply_images(item: Object, change: _Change) -> Object:
    """A copy of ``item`` with ``change`` applied to every image that the ``images`` field reaches.

    Those are the images of all lists called containers or initContainers, at any depth of any
    kind, and of image volumes; CustomResourceDefinitions are left alone. ``change`` is given the
    path of the container, list items by their name, and the image.
    """
    if item["kind"] == "CustomResourceDefinition":
        return item
    changed = {key: _containers(value, (key,), change) for key, value in item.items()}
    for path in _POD_PATHS:
        _update_volumes(changed, path, change)
    return changed


_POD_PATHS = (("spec",), _TEMPLATE_SPEC, ("spec", "jobTemplate", *_TEMPLATE_SPEC))


def _containers(value: Any, path: tuple[str, ...], change: _Change) -> Any:
    if isinstance(value, dict):
        return {key: _containers(item, (*path, key), change) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    items = []
    for index, item in enumerate(value):
        step = (*path, _step(item, index))
        inner = _containers(item, step, change)
        if path[-1] in _CONTAINER_LISTS:
            inner = _changed(inner, "image", step, change)
        items.append(inner)
    return items


def _update_volumes(item: Object, path: tuple[str, ...], change: _Change) -> None:
    """Change the image volumes of the pod at ``path``, in ``item``, which is ours to change."""
    pod: Any = item
    for key in path:
        pod = pod.get(key) if isinstance(pod, dict) else None
    if not isinstance(pod, dict) or not isinstance(pod.get("volumes"), list):
        return
    for index, volume in enumerate(pod["volumes"]):
        if isinstance(volume, dict) and "image" in volume:
            step = (*path, "volumes", _step(volume, index))
            volume["image"] = _changed(volume["image"], "reference", step, change)


def _step(item: Any, index: int) -> str:
    name = item.get("name") if isinstance(item, dict) else None
    return name if isinstance(name, str) else str(index)


def _changed(value: Any, key: str, path: tuple[str, ...], change: _Change) -> Any:
    if isinstance(value, dict) and isinstance(value.get(key), str):
        return {**value, key: change(path, value[key])}
    return value


def bears_images_field(item: Object) -> bool:
    """Whether kustomize can go through ``item`` for ``images``: it fails on unforeseen shapes.

    Such are a custom resource whose ``spec`` is a text, or an ``image`` that is a map.
    """
    if item["kind"] == "CustomResourceDefinition":
        return True
    paths = [(*path, key, "image") for path in _POD_PATHS for key in _CONTAINER_LISTS]
    paths += [(*path, "volumes", "image", "reference") for path in _POD_PATHS]
    return all(_is_passable(item, path) for path in paths) and _has_plain_images(item)


def _is_passable(value: Any, path: Sequence[str]) -> bool:
    if isinstance(value, list):
        return bool(path) and all(_is_passable(item, path) for item in value)
    if isinstance(value, dict):
        return bool(path) and (path[0] not in value or _is_passable(value[path[0]], path[1:]))
    return not path or value is None


def _has_plain_images(value: Any, key: str = "") -> bool:
    if isinstance(value, dict):
        return all(_has_plain_images(item, name) for name, item in value.items())
    if not isinstance(value, list):
        return True
    if key in _CONTAINER_LISTS and not all(_is_passable(item, ("image",)) for item in value):
        return False
    return all(_has_plain_images(item) for item in value)
