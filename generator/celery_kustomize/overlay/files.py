"""The overlay's patches, one file for each file of the base that they change."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem, SpecError
from celery_kustomize.k8s.kustomization import Object, Patch
from celery_kustomize.overlay.patches import change, deletion, target
from celery_kustomize.overlay.values import has_lines, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from celery_kustomize.overlay.fields import Fields
    from celery_kustomize.overlay.pairing import Identity, Item, Pair

__all__ = ["patch_files"]

_GENERATED = "config-maps.yaml"


def patch_files(
    base: Mapping[Identity, Item],
    pairs: Iterable[Pair],
    added: Sequence[Item],
    fields: Fields,
) -> list[Patch]:
    """Patches that give each pair its value before the fields, and remove what is not wanted.

    Strategic-merge patches stand in the base's order in a file named as the base's. JSON 6902
    patches, which have a target each, and deletions follow them inline; operations with a text of
    several lines are in a file of their own. A deletion shares no file, because kustomize v5.5.0
    (not v5.8.2) crashes on the next patch of that file.

    Raises:
        SpecError: no patch can make an object what the environment wants.
    """
    wanted = {pair.base.identity: pair for pair in pairs}
    taken = {item.file for item in added}
    build = [*base.values(), *added]
    merges: dict[str, list[Object]] = {}
    single: dict[str, list[Patch]] = {}
    problems = []
    for identity, item in base.items():
        file = item.file or _GENERATED
        pair = wanted.get(identity)
        if pair is None:
            single.setdefault(file, []).append(Patch([deletion(item)]))
            continue
        needed = fields.before(pair)
        if same(pair.base.built, needed):
            continue
        found = change(pair.base, needed)
        if found is None:
            problems.append(_unpatchable(item))
        elif found.merge is not None:
            merges.setdefault(file, []).append(found.merge)
        else:
            own = _own_file(item) if has_lines(list(found.operations)) else None
            patch = Patch(found.operations, own, target(item, build))
            single.setdefault(file, []).append(patch)
    if problems:
        raise SpecError(problems)
    return _in_order(base.values(), merges, single, taken)


def _unpatchable(item: Item) -> Problem:
    return Problem(
        "",
        0,
        "",
        f"{item} cannot be patched: it has integers beyond 2^53 beside a list with duplicate or "
        "incomplete keys, a null, a key starting with $, or a value that changes its type; "
        "remove these, or give the object to each overlay (extraResources)",
    )


def _own_file(item: Item) -> str:
    name = f"{item.raw['metadata']['name']}-{item.raw['kind']}".lower()
    return re.sub("[^a-z0-9.-]", "-", name) + "-json6902.yaml"


def _in_order(
    base: Iterable[Item],
    merges: Mapping[str, list[Object]],
    single: Mapping[str, list[Patch]],
    taken: set[str | None],
) -> list[Patch]:
    found: list[Patch] = []
    for file in dict.fromkeys(item.file or _GENERATED for item in base):
        if file in merges:
            found.append(Patch(merges[file], _free_name(file, taken)))
        for patch in single.get(file, []):
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
