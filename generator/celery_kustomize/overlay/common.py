"""One patch for several objects: for those that change alike, and for those that go together."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celery_kustomize.k8s.kustomization import Object, Patch
from celery_kustomize.k8s.kustomize_json_patch import JsonPatchError, apply_operations
from celery_kustomize.k8s.kustomize_merge_keys import merge_schema
from celery_kustomize.k8s.kustomize_strategic_merge import StrategicMergeError, merge_patch
from celery_kustomize.overlay.jsonpatch import is_exact
from celery_kustomize.overlay.strategic import DELETE, is_mergeable
from celery_kustomize.overlay.values import same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from celery_kustomize.overlay.pairing import Item
    from celery_kustomize.overlay.patches import Change

__all__ = ["Changed", "changed_together", "deleted_together"]

_LABELS = ("app.kubernetes.io/component", "celeryproject.org/worker")
_MANAGED = "app.kubernetes.io/managed-by"
_VALUE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")


@dataclass(frozen=True, slots=True)
class Changed:
    """An object of the base, what patches have to make of it, and how."""

    item: Item
    needed: Object
    change: Change


def deleted_together(
    deleted: Iterable[Item], others: Iterable[Object]
) -> list[tuple[Patch, list[Item]]]:
    """Patches that remove several objects, whole components and worker sets, by their label.

    Args:
        deleted: what has to go.
        others: what a patch must not select, before and after any change to it.
    """
    kept = {_selector(item, label) for item in others for label in _LABELS}
    patch = {"kind": "any", "metadata": {"name": "any"}, **DELETE}
    found: list[tuple[Patch, list[Item]]] = []
    left = list(deleted)
    for label in _LABELS:
        groups: dict[str | None, list[Item]] = {}
        for item in left:
            groups.setdefault(_selector(item.built, label), []).append(item)
        left = groups.pop(None, [])
        for selector, items in groups.items():
            if len(items) > 1 and selector not in kept:
                found.append((Patch([patch], target={"labelSelector": str(selector)}), items))
            else:
                left += items
    return found


def changed_together(
    changes: Sequence[Changed], others: Sequence[Object]
) -> Iterator[tuple[Patch, list[Changed]]]:
    """Patches that make the same change to several objects and leave all others as they are.

    They have to come after all other patches.

    Args:
        changes: what has to change.
        others: what has to stay.
    """
    groups: dict[str, list[Changed]] = {}
    for each in changes:
        api = each.item.built["apiVersion"], each.item.built["kind"]
        key = json.dumps([*api, each.change.body, [*each.change.operations]])
        groups.setdefault(key, []).append(each)
    for group in groups.values():
        # Under a target, kustomize copies a patch's metadata as texts: null becomes "null" (api
        # v0.21.2, ``CopyMergeMetaDataFieldsFrom``).
        if len(group) == 1 or "metadata" in (group[0].change.body or {}):
            continue
        members = {each.item.identity for each in group}
        rest = [each for each in changes if each.item.identity not in members]
        still = [*others, *(each.item.built for each in rest), *(each.needed for each in rest)]
        tried = [Patch(_content(group[0]), target=target) for target in _targets(group)]
        patch = next((patch for patch in tried if _keeps(patch, still)), None)
        if patch is not None:
            yield patch, group


def _content(changed: Changed) -> Sequence[Object]:
    if changed.change.body is None:
        return changed.change.operations
    kind = {"kind": changed.item.built["kind"]}
    return [{**kind, "metadata": {"name": "any"}, **changed.change.body}]


def _targets(group: Sequence[Changed]) -> Iterator[Mapping[str, str]]:
    """Selectors of the whole group, the shortest first."""
    kind = {"kind": group[0].item.built["kind"]}
    yield kind
    for label in (*_LABELS, _MANAGED):
        selectors = {_selector(each.item.built, label) for each in group}
        if len(selectors) == 1 and None not in selectors:
            yield {**kind, "labelSelector": str(selectors.pop())}


def _selector(item: Object, label: str) -> str | None:
    labels = item["metadata"].get("labels")
    value = labels.get(label) if isinstance(labels, dict) else None
    if isinstance(value, str) and _VALUE.fullmatch(value):
        return f"{label}={value}"
    return None


def _keeps(patch: Patch, objects: Iterable[Object]) -> bool:
    """Whether the patch selects none of the objects, or leaves them as they are."""
    return all(_leaves(patch, item) for item in objects if _selects(patch, item))


def _selects(patch: Patch, item: Object) -> bool:
    target = patch.target or {}
    selector = target.get("labelSelector", "")
    label = selector.partition("=")[0]
    return item["kind"] == target["kind"] and (not label or _selector(item, label) == selector)


def _leaves(patch: Patch, item: Object) -> bool:
    try:
        if "op" in patch.content[0]:
            return is_exact(item) and same(apply_operations(item, patch.content), item)
        schema = merge_schema(item["apiVersion"], item["kind"])
        return is_mergeable(item, schema) and same(merge_patch(item, patch.content[0]).item, item)
    except (JsonPatchError, StrategicMergeError):
        return False
