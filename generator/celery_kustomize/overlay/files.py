"""The overlay's patches, one file for each file of the base that they change."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from celery_kustomize.errors import SpecError
from celery_kustomize.k8s.kustomization import Object, Patch
from celery_kustomize.overlay.common import Changed, changed_together, deleted_together
from celery_kustomize.overlay.patches import change, deletion, merge_patch, target
from celery_kustomize.overlay.values import has_lines, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence, Set

    from celery_kustomize.overlay.fields import Fields
    from celery_kustomize.overlay.pairing import Identity, Item, Matched

__all__ = ["patch_files"]

_GENERATED = "config-maps.yaml"

_UNPATCHABLE = (
    "cannot be patched: it has integers beyond 2^53 beside a list with duplicate or incomplete "
    "keys, a null, a key starting with $, or a value that changes its type; remove these, or give "
    "the object to each overlay (extraResources)"
)


def patch_files(matched: Matched, fields: Fields, quoted: Set[str]) -> list[Patch]:
    """Patches that give each pair its value before the fields, and remove what is not wanted.

    Strategic-merge patches stand in the base's order in a file named as the base's. JSON 6902
    patches, which have a target each, and deletions follow them inline, and at the end the patches
    of several objects; what has a text of several lines is in a file of its own. A deletion shares
    no file, because kustomize v5.5.0 (not v5.8.2) crashes on the next patch of that file.

    ``quoted`` are texts that may stand in quotes although they need none (``change``).

    Raises:
        SpecError: no patch can make an object what the environment wants.
    """
    changes, still = _changes(matched, fields, quoted)
    alike = list(changed_together(changes, still))
    in_common = {each.item.identity for _, group in alike for each in group}
    merges: dict[str, list[Object]] = {}
    single = _deletions(matched.deleted, changes, still)
    for each in changes:
        item, body = each.item, each.change.body
        if item.identity in in_common:
            continue
        if body is not None:
            merges.setdefault(item.file or _GENERATED, []).append(merge_patch(item, body))
            continue
        steps = each.change.operations
        file = _own_file(item) if has_lines(list(steps)) else None
        single[item.identity] = Patch(steps, file, target(item, matched.build))
    taken = {item.file for item in matched.added}
    found = _in_order(matched.base, merges, single, taken)
    for patch, group in alike:
        kind = group[0].item.built["kind"].lower()
        file = _free_name(f"{kind}s.yaml", taken) if has_lines(list(patch.content)) else None
        found.append(replace(patch, file=file))
    return found


def _deletions(
    deleted: Iterable[Item], changes: Iterable[Changed], still: Iterable[Object]
) -> dict[Identity, Patch]:
    """The patches by the first object that each removes."""
    found = {item.identity: Patch([deletion(item)]) for item in deleted}
    others = [*still, *(each.item.built for each in changes), *(each.needed for each in changes)]
    for patch, items in deleted_together(deleted, others):
        for item in items:
            del found[item.identity]
        found[items[0].identity] = patch
    return found


def _changes(
    matched: Matched, fields: Fields, quoted: Set[str]
) -> tuple[list[Changed], list[Object]]:
    """What has to change, and the objects that stay as they are."""
    changes = []
    still = [item.raw for item in matched.added]
    problems = []
    for pair in matched.pairs:
        needed = fields.before(pair)
        if same(pair.base.built, needed):
            still.append(needed)
            continue
        found = change(pair.base, needed, quoted)
        if found is None:
            problems.append(pair.base.problem(_UNPATCHABLE))
        else:
            changes.append(Changed(pair.base, needed, found))
    if problems:
        raise SpecError(problems)
    return changes, still


def _own_file(item: Item) -> str:
    name = f"{item.raw['metadata']['name']}-{item.raw['kind']}".lower()
    return re.sub("[^a-z0-9.-]", "-", name) + "-json6902.yaml"


def _in_order(
    base: Sequence[Item],
    merges: Mapping[str, list[Object]],
    single: Mapping[Identity, Patch],
    taken: set[str | None],
) -> list[Patch]:
    found: list[Patch] = []
    for file in dict.fromkeys(item.file or _GENERATED for item in base):
        if file in merges:
            found.append(Patch(merges[file], _free_name(file, taken)))
        for item in base:
            if (item.file or _GENERATED) == file and item.identity in single:
                patch = single[item.identity]
                own = patch.file and _free_name(patch.file, taken)
                found.append(replace(patch, file=own))
    return found


def _free_name(file: str, taken: set[str | None]) -> str:
    """``file``, or a name beside it when the overlay already has a file of that name."""
    stem, dot, suffix = file.rpartition(".")
    while file in taken:
        stem += "-patch"
        file = f"{stem}{dot}{suffix}"
    taken.add(file)
    return file
