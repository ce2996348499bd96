"""Annotations that an environment puts on every generated object: one patch instead of many."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from celery_kustomize.k8s.kustomization import Object, Patch
from celery_kustomize.k8s.kustomize_merge_keys import merge_schema
from celery_kustomize.overlay.strategic import is_mergeable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from celery_kustomize.overlay.pairing import Item, Matched, Pair

__all__ = ["shared_annotations"]

_LABEL = ("app.kubernetes.io/managed-by", "celery-kustomize")


def shared_annotations(matched: Matched) -> tuple[list[Patch], Matched]:
    """The patch for what all objects with our label gain, and the objects with it applied.

    None is made unless it is exact (it walks every object that it selects) and saves patches.
    """
    selected = [pair for pair in matched.pairs if _is_selected(pair.base.built)]
    arriving = [item.raw for item in matched.added if _is_selected(item.raw)]
    gained = _gained(selected, arriving)
    gaining = [pair for pair in selected if _lacks(pair.base.built, gained)]
    walked = [pair.base.built for pair in selected]
    walked += [item.built for item in matched.deleted if _is_selected(item.built)] + arriving
    if not gained or len(gaining) < 2 or not all(map(_is_mergeable, walked)):
        return [], matched
    patch = Patch(
        content=[{"kind": "any", "metadata": {"name": "any", "annotations": gained}}],
        target={"labelSelector": "=".join(_LABEL)},
    )
    pairs = [
        replace(pair, base=_annotated(pair.base, gained)) if pair in selected else pair
        for pair in matched.pairs
    ]
    return [patch], replace(matched, pairs=pairs)


def _gained(selected: Sequence[Pair], arriving: Iterable[Object]) -> dict[str, str]:
    """The annotations that all of the environment's selected objects share, and some base lacks."""
    if not selected:
        return {}
    wanted = [pair.wanted.built for pair in selected] + list(arriving)
    first, *others = map(_annotations, wanted)
    shared = {
        key: value
        for key, value in first.items()
        if isinstance(value, str) and all(other.get(key) == value for other in others)
    }
    return {
        key: value
        for key, value in shared.items()
        if any(_annotations(pair.base.built).get(key) != value for pair in selected)
    }


def _is_selected(item: Object) -> bool:
    key, value = _LABEL
    labels = item["metadata"].get("labels")
    return isinstance(labels, dict) and labels.get(key) == value


def _lacks(item: Object, annotations: dict[str, str]) -> bool:
    own = _annotations(item)
    return any(own.get(key) != value for key, value in annotations.items())


def _annotations(item: Object) -> dict[str, str]:
    found = item["metadata"].get("annotations")
    return found if isinstance(found, dict) else {}


def _is_mergeable(item: Object) -> bool:
    return is_mergeable(item, merge_schema(item["apiVersion"], item["kind"]))


def _annotated(item: Item, annotations: dict[str, str]) -> Item:
    metadata = item.built["metadata"]
    merged = {**_annotations(item.built), **annotations}
    return replace(item, built={**item.built, "metadata": {**metadata, "annotations": merged}})
