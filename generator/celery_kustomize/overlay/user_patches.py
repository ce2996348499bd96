"""The user's own patches: text to values, and a check that they hit something."""

from __future__ import annotations

import re
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem
from celery_kustomize.k8s.kustomization import Object, Patch
from celery_kustomize.load.patches import parse_patch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from celery_kustomize.located import Mark
    from celery_kustomize.model.application import Patch as PatchModel

__all__ = ["hitting", "read_patch", "untargeted"]

_TOKEN = re.compile(r"\.\*|\\.|[\w./-]")
_PLAIN = re.compile(r"(?:[\w/-]|\\\.|\.\*?)*")
_GLOB = {".*": "*", ".": "?", "\\.": "."}


def read_patch(model: PatchModel, mark: Mark) -> tuple[Patch | None, list[Problem]]:
    """A patch of the spec as Kustomize has it; ``mark`` is its place."""
    target = model.target.model_dump(by_alias=True, exclude_none=True) if model.target else None
    content, operations, messages = parse_patch(model.patch)
    if not messages:
        check = _operation_problems if operations else _object_problems
        messages = check(content, target)
    problems = [Problem(mark.file, mark.line, mark.path, message) for message in messages]
    return (None if problems else Patch(content, target=target)), problems


def _operation_problems(
    operations: Sequence[Object], target: Mapping[str, str] | None
) -> list[str]:
    if target is None:
        return ["a list of JSON 6902 operations needs `target`"]
    if all({"op", "path"} <= set(operation) for operation in operations):
        return []
    return ["every JSON 6902 operation needs `op` and `path`"]


def _object_problems(items: Sequence[Object], target: Mapping[str, str] | None) -> list[str]:
    for item in items:
        metadata = item.get("metadata")
        named = isinstance(metadata, dict) and isinstance(metadata.get("name"), str)
        if target is not None and not (named and isinstance(item.get("kind"), str)):
            return [
                "a patch needs kind and metadata.name even beside `target`, which then decides: "
                "write any"
            ]
        text = all(isinstance(item.get(key), str) for key in ("apiVersion", "kind"))
        if target is None and not (named and text):
            return [
                "a patch without `target` needs apiVersion, kind and metadata.name of its object"
            ]
    return []


def untargeted(patch: Patch, objects: Sequence[Object]) -> str | None:
    """Why the patch changes nothing; Kustomize itself would pass over it silently or fail late."""
    if patch.target is not None:
        if any(_selected(patch.target, item) for item in objects):
            return None
        wanted = ", ".join(f"{key} {value}" for key, value in patch.target.items())
        return f"the patch hits no object: none has {wanted}"
    known = {(item["apiVersion"], item["kind"], item["metadata"]["name"]) for item in objects}
    for item in patch.content:
        identity = (item["apiVersion"], item["kind"], item["metadata"]["name"])
        if identity not in known:
            return f'the patch hits no object: there is no {identity[1]} "{identity[2]}"'
    return None


def hitting(patch: Patch, objects: Sequence[Object]) -> list[Patch]:
    """The part of ``patch`` that changes one of ``objects``: all of it, some of it, or none."""
    if patch.target is not None:
        return [] if untargeted(patch, objects) else [patch]
    content = [
        item for item in patch.content if not untargeted(replace(patch, content=[item]), objects)
    ]
    return [replace(patch, content=content)] if content else []


def _selected(target: Mapping[str, str], item: Object) -> bool:
    group, _, version = item["apiVersion"].rpartition("/")
    metadata = item["metadata"]
    values = {
        "group": group,
        "version": version,
        "kind": item["kind"],
        "name": metadata["name"],
        "namespace": metadata.get("namespace", "default"),
    }
    for key, value in values.items():
        pattern = target.get(key)
        if pattern and not _matches(pattern, value):
            return False
    return _labelled(target.get("labelSelector"), metadata.get("labels")) and _labelled(
        target.get("annotationSelector"), metadata.get("annotations")
    )


def _matches(pattern: str, value: str) -> bool:
    """Whether Kustomize selects ``value``; expressions beyond ``.`` and ``.*`` are left to it.

    Go's regular expressions take linear time; Python's may take for ever, and the pattern is the
    user's.
    """
    if not _PLAIN.fullmatch(pattern):
        return True
    glob = "".join(_GLOB.get(token, token) for token in _TOKEN.findall(pattern))
    return fnmatchcase(value, glob)


def _labelled(wanted: str | None, labels: Mapping[str, str] | None) -> bool:
    """Equality only; other operators are left to Kustomize."""
    if not wanted:
        return True
    for part in wanted.split(","):
        key, found, value = part.partition("=")
        if not found or "!" in key:
            continue
        if (labels or {}).get(key.strip()) != value.lstrip("=").strip():
            return False
    return True
