"""What a patch must not do to an object, because the object would be spoilt or the patch undone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s import schema
from celery_kustomize.k8s.kinds import pod_template_path
from celery_kustomize.k8s.kustomize_annotations import key_problem, reserved_problem
from celery_kustomize.k8s.kustomize_transformers import label_paths
from celery_kustomize.k8s.suggest import quote
from celery_kustomize.located import item_label, join_path
from celery_kustomize.overlay.values import same

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from celery_kustomize.k8s.kustomization import Kustomization, Object

__all__ = ["damage", "rounded"]

_TEXTS = ("data", "stringData", "binaryData")
_OF_ITS_TIME = ("unknown field", "is not one of")
"""What a newer Kubernetes may take."""


def damage(before: Object, after: Object, folder: Kustomization) -> Iterator[str]:
    """Sentences about what is wrong with ``after``, which a patch of ``folder`` made of ``before``.

    Kubernetes refuses it, kustomize fails on it or drops it, or the folder's own labels and
    namespace, which kustomize sets after all patches, undo it.
    """
    for field in ("labels", "annotations"):
        old, new = (each["metadata"].get(field, {}) for each in (before, after))
        yield from _text_problems(f"metadata.{field}", old, new)
    yield from _annotation_problems(before["metadata"], after["metadata"])
    if after["kind"] in ("ConfigMap", "Secret"):
        for field in _TEXTS:
            yield from _text_problems(field, before.get(field, {}), after.get(field, {}))
    yield from _undone_labels(before, after, folder)
    yield from _undone_namespace(before, after, folder)
    yield from _refused_pods(before, after)
    yield from _refused_strategy(before, after)


def rounded(item: Object, operations: Sequence[Object]) -> Iterator[str]:
    """A sentence if ``item`` has a number that JSON 6902 operations on it would change."""
    for number in _integers([item, *operations]):
        if int(float(number)) != number:
            yield (
                f"kustomize would round the number {number} to {int(float(number))} in an object "
                "with JSON 6902 operations: use a partial object as the patch"
            )
            return


def _integers(value: Any) -> Iterator[int]:
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _integers(each)
    elif isinstance(value, int):
        yield value


def _text_problems(path: str, before: Any, after: Any) -> Iterator[str]:
    if not isinstance(after, dict):
        yield f"{path} must be a map of texts"
        return
    for key, value in after.items():
        old = before.get(key) if isinstance(before, dict) else None
        if not isinstance(value, str) and not same(old, value):
            yield f"{path}: {key} must be a text, not {json.dumps(value)[:40]}: quote it"


def _annotation_problems(before: Object, after: Object) -> Iterator[str]:
    old, new = (each.get("annotations") or {} for each in (before, after))
    if not isinstance(new, dict):
        return
    for key, value in new.items():
        if old.get(key) != value:
            problem = key_problem(key) or reserved_problem(key, value)
            if problem:
                yield f"the annotation {quote(key)}: {problem}"


def _undone_labels(before: Object, after: Object, folder: Kustomization) -> Iterator[str]:
    own, *templates = label_paths(after["kind"])
    for path in (own, *(each for each in templates if _at(after, each))):
        old, new = _at(before, path), _at(after, path)
        for key, value in folder.labels.items():
            if new.get(key) != old.get(key) and new.get(key) != value:
                yield (
                    f"the label {key} is one of the application's, which kustomize sets to "
                    f"{quote(value)} after all patches: change metadata.labels, or `labels` of "
                    "the overlay"
                )
                return


def _undone_namespace(before: Object, after: Object, folder: Kustomization) -> Iterator[str]:
    old, new = (each["metadata"].get("namespace") for each in (before, after))
    if folder.namespace and not folder.namespace_unset_only and new not in (old, folder.namespace):
        yield (
            f"kustomize puts the object into the application's namespace {folder.namespace} after "
            "all patches: change metadata.namespace, or `namespace` of the overlay"
        )


def _refused_pods(before: Object, after: Object) -> Iterator[str]:
    """What Kubernetes' schema of pods says now and did not say before.

    A partial object easily leaves two members of a union (a volume's sources, value and valueFrom),
    since kustomize knows nothing of ``patchStrategy: retainKeys``.
    """
    found = list(_pod_problems(after))
    known = {text for _, text in _pod_problems(before)} if found else set()
    for path, text in found:
        if text not in known and not any(part in text for part in _OF_ITS_TIME):
            hint = "; null removes the other" if text.startswith("only one of") else ""
            yield f"Kubernetes would refuse {path}: {text}{hint}"


def _pod_problems(item: Object) -> Iterator[tuple[str, str]]:
    steps = pod_template_path(item["apiVersion"], item["kind"])
    if steps is None:
        return
    template: Any = item
    for step in steps:
        template = template.get(step) if isinstance(template, dict) else None
    if template is None:
        yield ".".join(steps), "is required"
        return
    for problem in schema.check("PodTemplateSpec", template):
        yield _path((*steps, *problem.loc), item), problem.message


def _path(loc: Sequence[str | int], item: Any) -> str:
    path = ""
    for step in loc:
        inside = isinstance(item, list) and isinstance(step, int) and step < len(item)
        item = item[step] if inside else item.get(step) if isinstance(item, dict) else None
        path = join_path(path, step, item_label(item) if inside else None)
    return path


def _refused_strategy(before: Object, after: Object) -> Iterator[str]:
    """A Deployment whose type of strategy is changed alone keeps what belongs to the other type."""
    old, new = (_at(each, ("spec", "strategy")) for each in (before, after))
    recreated = new.get("type") == "Recreate" and new.get("rollingUpdate") is not None
    if after["kind"] == "Deployment" and recreated and not same(old, new):
        yield (
            "Kubernetes would refuse spec.strategy: type Recreate goes without rollingUpdate; null "
            "removes it"
        )


def _at(value: Any, path: Sequence[str]) -> Object:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
