"""The overlay of an environment, in the order in which its parts are decided."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem, SpecError
from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Kustomization, Object, Patch
from celery_kustomize.overlay.annotations import shared_annotations
from celery_kustomize.overlay.fields import Fields, with_images, with_replicas
from celery_kustomize.overlay.files import patch_files
from celery_kustomize.overlay.generators import after_generators, generators
from celery_kustomize.overlay.namespace import check_fit, namespace_fields
from celery_kustomize.overlay.pairing import Identity, Item, Pair, items, pairs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

__all__ = ["overlay"]


def overlay(
    base: Kustomization, wanted: Kustomization, *, header: str, base_path: str = "../../base"
) -> Kustomization:
    """The smallest overlay on ``base`` that kustomize builds to the same objects as ``wanted``.

    Args:
        base: the folder at ``base_path``, as rendered. Its patches are taken to be in effect in
            its ``resources`` already.
        wanted: the environment rendered directly; its patches are those that the environment
            adds, and come last in the overlay.
        header: the comment at the top of the overlay's kustomization.
        base_path: the base's folder as the overlay refers to it.

    Raises:
        SpecError: what the environment wants cannot be said by any overlay.
    """
    entries = generators(base.config_maps, wanted.config_maps)
    old = {key: _with_data(item, entries) for key, item in items(base).items()}
    new = items(wanted)
    _check_generated(old, new)
    matched = pairs(old, new)
    deleted = [item for key, item in old.items() if key not in new]
    added = [item for key, item in new.items() if key not in old]
    fields = _fields(base, wanted, matched, added)
    shared, matched = shared_annotations(matched, deleted, added)
    return Kustomization(
        header=header,
        resources=_files(added),
        bases=(base_path,),
        namespace=fields.namespace,
        namespace_unset_only=fields.namespace_unset_only,
        labels=fields.labels,
        config_maps=entries,
        images=fields.images,
        replicas=fields.replicas,
        patches=[*shared, *patch_files(old, matched, added, fields), *wanted.patches],
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


def _check_generated(old: Mapping[Identity, Item], new: Mapping[Identity, Item]) -> None:
    """A generated ConfigMap cannot take the place of a written one, nor the reverse."""
    problems = [
        Problem(
            "",
            0,
            "",
            f"{item} is generated in one of base and overlay and written out in the other; "
            "give one of them another name",
        )
        for key, item in new.items()
        if key in old and (old[key].file is None) != (item.file is None)
    ]
    if problems:
        raise SpecError(problems)


def _fields(
    base: Kustomization, wanted: Kustomization, matched: Sequence[Pair], added: Collection[Item]
) -> Fields:
    """The fields to use. Those that the environment's own patches touch are left to patches.

    kustomize applies fields after all patches, so a field would undo what such a patch says.
    """
    own = _words(wanted.patches)
    labels = {
        key: value
        for key, value in wanted.labels.items()
        if added or "labels" in own or base.labels.get(key) != value
    }
    fields = replace(namespace_fields(base, wanted, added), labels=labels)
    check_fit(base, wanted, fields, matched, list(added))
    if not own & {"image", "reference"}:
        fields = with_images(fields, matched, added)
    if not own & {"replicas", "$patch"}:
        fields = with_replicas(fields, matched, [pair.wanted for pair in matched] + list(added))
    return fields


def _words(patches: Iterable[Patch]) -> set[str]:
    """All keys and path steps that the patches name."""
    found: set[str] = set()
    queue: list[object] = [list(patch.content) for patch in patches]
    while queue:
        value = queue.pop()
        if isinstance(value, dict):
            found.update(value)
            for key in ("path", "from"):
                found.update(str(value.get(key, "")).split("/"))
            queue.extend(value.values())
        elif isinstance(value, list):
            queue.extend(value)
    return found
