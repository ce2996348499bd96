"""The overlay of an environment, in the order in which its parts are decided."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from celery_kustomize.errors import SpecError
from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Kustomization, Object, Patch
from celery_kustomize.k8s.kustomize_transformers import set_labels
from celery_kustomize.overlay.annotations import shared_annotations
from celery_kustomize.overlay.fields import Fields, with_images, with_replicas
from celery_kustomize.overlay.files import patch_files
from celery_kustomize.overlay.generators import after_generators, generators
from celery_kustomize.overlay.namespace import in_namespace
from celery_kustomize.overlay.pairing import Identity, Item, Matched, items, match, told_apart

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from celery_kustomize.located import Mark

__all__ = ["overlay"]

_WHOLES = ("", "/metadata", "/spec", "/spec/template", "/spec/template/metadata")


def overlay(
    base: Kustomization,
    wanted: Kustomization,
    *,
    header: str,
    base_path: str = "../../base",
    patched: Sequence[Patch] = (),
    marks: Mapping[Identity, Mark] | None = None,
) -> Kustomization:
    """The smallest overlay on ``base`` that kustomize builds to the same objects as ``wanted``.

    Args:
        base: the folder at ``base_path``, as rendered, with its patches in effect.
        wanted: the environment rendered directly; its patches are those that the environment
            adds, and come last in the overlay.
        header: the comment at the top of the overlay's files.
        base_path: the base's folder as the overlay refers to it.
        patched: those patches of the base.
        marks: the places of the objects that the user wrote, for messages.

    Raises:
        SpecError: what the environment wants cannot be said by any overlay.
    """
    entries = generators(base.config_maps, wanted.config_maps)
    old = [_with_data(item, entries) for item in items(base, marks)]
    matched = match(old, items(wanted, marks))
    _check_generated(matched)
    files = _files(matched.added)
    fields = _labels(base, wanted, matched)
    fields, moves, matched = in_namespace(base.namespace, wanted.namespace, matched, fields)
    matched = told_apart(matched)
    fields = _with_values(fields, wanted.patches, matched)
    shared, matched = shared_annotations(matched)
    return Kustomization(
        header=header,
        resources=files,
        bases=(base_path,),
        namespace=fields.namespace,
        namespace_unset_only=fields.namespace_unset_only,
        labels=fields.labels,
        labels_in_pods=fields.labels_in_pods,
        config_maps=entries,
        images=fields.images,
        replicas=fields.replicas,
        patches=[*shared, *patch_files(matched, fields, _texts(patched)), *moves, *wanted.patches],
    )


def _with_data(item: Item, entries: Sequence[ConfigMapGenerator]) -> Item:
    if item.file is not None:
        return item
    raw, built = after_generators(item.raw, entries), after_generators(item.built, entries)
    return replace(item, raw=raw, built=built)


def _files(added: Iterable[Item]) -> dict[str, list[Object]]:
    files: dict[str, list[Object]] = {}
    for item in added:
        if item.file is not None:
            files.setdefault(item.file, []).append(item.raw)
    return files


def _check_generated(matched: Matched) -> None:
    """A generated ConfigMap cannot take the place of a written one, nor the reverse."""
    problems = [
        pair.wanted.problem(
            "is generated in one of base and overlay and written out in the other; "
            "give one of them another name"
        )
        for pair in matched.pairs
        if (pair.base.file is None) != (pair.wanted.file is None)
    ]
    if problems:
        raise SpecError(problems)


def _labels(base: Kustomization, wanted: Kustomization, matched: Matched) -> Fields:
    """The labels that the overlay sets; the base's again only where something lacks them."""
    own = "labels" in _words(wanted.patches)
    labels = {
        key: value
        for key, value in wanted.labels.items()
        if matched.added or own or base.labels.get(key) != value
    }
    build = [*(pair.base.built for pair in matched.pairs), *(item.raw for item in matched.added)]
    in_pods = own or any(
        set_labels(item, labels) != set_labels(item, labels, pods=False) for item in build
    )
    return Fields(labels=labels, labels_in_pods=in_pods or not labels)


def _with_values(fields: Fields, patches: Sequence[Patch], matched: Matched) -> Fields:
    """``images`` and ``replicas`` too, but for what the environment's own patches touch.

    kustomize applies fields after all patches, so a field would undo what such a patch says.
    """
    own = _words(patches)
    if not own & {"image", "reference"}:
        fields = with_images(fields, matched.pairs, matched.added)
    if not own & {"replicas", "$patch"}:
        wanted = [*(pair.wanted for pair in matched.pairs), *matched.added]
        fields = with_replicas(fields, matched.pairs, wanted)
    return fields


def _texts(patches: Iterable[Patch]) -> set[str]:
    """The texts in strategic-merge patches, which take over the quotes of what they replace."""
    found: set[str] = set()
    queue: list[object] = [list(each.content) for each in patches if "op" not in each.content[0]]
    while queue:
        value = queue.pop()
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict | list):
            queue.extend(value.values() if isinstance(value, dict) else value)
    return found


def _words(patches: Iterable[Patch]) -> set[str]:
    """All keys and path steps that the patches name, and the fields' that they move or replace."""
    found: set[str] = set()
    queue: list[object] = [list(patch.content) for patch in patches]
    while queue:
        value = queue.pop()
        if isinstance(value, dict):
            found.update(value)
            if value.get("op") in ("copy", "move") or value.get("path") in _WHOLES:
                found |= {"image", "labels", "reference", "replicas"}
            for key in ("path", "from"):
                found.update(str(value.get(key, "")).split("/"))
            queue.extend(value.values())
        elif isinstance(value, list):
            queue.extend(value)
    return found
