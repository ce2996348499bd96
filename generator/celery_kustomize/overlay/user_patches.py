"""The user's own patches: text to values, and what is wrong with them by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem
from celery_kustomize.k8s.kustomization import Object, Patch
from celery_kustomize.k8s.kustomize_json_patch import operation_problems
from celery_kustomize.k8s.kustomize_selector import SelectorError, selector
from celery_kustomize.load.patches import parse_patch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from celery_kustomize.located import Mark
    from celery_kustomize.model.application import Patch as PatchModel

__all__ = ["read_patch"]


def read_patch(model: PatchModel, mark: Mark) -> tuple[Patch | None, list[Problem]]:
    """A patch of the spec as Kustomize has it; ``mark`` is its place."""
    target = model.target.model_dump(by_alias=True, exclude_none=True) if model.target else None
    content, operations, messages = parse_patch(model.patch)
    if not messages:
        check = _operation_problems if operations else _object_problems
        messages = [*_target_problems(target), *check(content, target)]
    problems = [Problem(mark.file, mark.line, mark.path, message) for message in messages]
    return (None if problems else Patch(content, target=target)), problems


def _target_problems(target: Mapping[str, str] | None) -> list[str]:
    if target is not None and not any(target.values()):
        return ["`target` selects nothing in particular: write at least a kind or a name"]
    try:
        selector(target or {})
    except SelectorError as error:
        return [str(error)]
    return []


def _operation_problems(
    operations: Sequence[Object], target: Mapping[str, str] | None
) -> list[str]:
    if target is None:
        return ["a list of JSON 6902 operations needs `target`"]
    return operation_problems(operations)


def _object_problems(items: Sequence[Object], target: Mapping[str, str] | None) -> list[str]:
    if target is not None and len(items) > 1:
        return [
            "a patch with `target` must be one object, or a list of JSON 6902 operations: write an "
            "item of `patches` for each"
        ]
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
