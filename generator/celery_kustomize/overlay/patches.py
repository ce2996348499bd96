"""One patch for one object: strategic merge where it is exact, JSON 6902 where it is not."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.kustomize_merge_keys import MergeSchema, merge_schema
from celery_kustomize.k8s.kustomize_namespace import own_namespace
from celery_kustomize.k8s.kustomize_transformers import label_paths
from celery_kustomize.overlay.jsonpatch import cost, is_exact, operations
from celery_kustomize.overlay.strategic import (
    DELETE,
    NotMergeableError,
    is_mergeable,
    strategic_difference,
)
from celery_kustomize.overlay.values import size

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence, Set

    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.overlay.pairing import Item

__all__ = ["Change", "change", "deletion", "merge_patch", "target"]


@dataclass(frozen=True, slots=True)
class Change:
    """What turns one object of the base into what the fields need.

    ``body`` is a strategic-merge patch but for the identity; without it, ``operations`` are a JSON
    6902 patch.
    """

    body: Object | None = None
    operations: Sequence[Object] = ()


def change(base: Item, wanted: Object, quoted: Set[str] = frozenset()) -> Change | None:
    """The patch that makes ``wanted`` of the base's object as it is built.

    ``quoted`` are texts that may be in quotes although the writer would write them without.

    None when no patch is exact: the object breaks strategic merge, and its integers beyond 2^53
    break JSON 6902.
    """
    built = base.built
    schema = merge_schema(built["apiVersion"], built["kind"])
    body = _merge_body(base, wanted, schema)
    if body is not None and _retypes(built, body, quoted):
        body = None
    exact = is_exact(built) and is_exact(wanted)
    if body is None:
        return Change(operations=operations(built, wanted)) if exact else None
    if exact and _repeats_maps(body, schema):
        steps = operations(built, wanted)
        entered = [keyed for step in steps for keyed in _lists_entered(step, built, schema)]
        if entered and not any(entered) and cost(steps) < size(body):
            return Change(operations=steps)
    return Change(body)


def deletion(base: Item) -> Object:
    """The strategic-merge patch that removes the base's object."""
    return {**merge_patch(base, {}), **DELETE}


def merge_patch(base: Item, body: Object) -> Object:
    """The strategic-merge patch with ``body`` for the base's object."""
    raw = base.raw
    metadata = {"name": raw["metadata"]["name"]}
    if raw["metadata"].get("namespace"):
        metadata["namespace"] = raw["metadata"]["namespace"]
    identity = {"apiVersion": raw["apiVersion"], "kind": raw["kind"], "metadata": metadata}
    return {**identity, **body, "metadata": {**metadata, **body.get("metadata", {})}}


def _merge_body(base: Item, wanted: Object, schema: MergeSchema) -> Object | None:
    built = base.built
    if built["apiVersion"] != wanted["apiVersion"]:
        return None
    if not is_mergeable(built, schema) or not is_mergeable(wanted, schema):
        return None
    try:
        body: Object = strategic_difference(built, wanted, schema)
    except NotMergeableError:
        return None
    return None if _sets_shared_label(base, body) else body


def _retypes(base: Any, body: Any, quoted: Set[str]) -> bool:
    """Whether the patch may put a number or boolean in the place of one of the texts."""
    if isinstance(base, dict) and isinstance(body, dict):
        return any(_retypes(base.get(key), value, quoted) for key, value in body.items())
    if isinstance(base, list) and isinstance(body, list):
        return any(_retypes(old, new, quoted) for old in base for new in body)
    return isinstance(base, str) and base in quoted and isinstance(body, int | float)


def _sets_shared_label(base: Item, body: Object) -> bool:
    """Whether a strategic-merge patch would set a label in two places at once.

    A label that kustomize's ``labels`` added to an object and to its template is one YAML node in
    memory (kustomize/api v0.21.2, ``filtersutil.SetEntry``): setting either sets both.
    """
    paths = label_paths(base.raw["kind"])
    added = [_map_at(base.built, path).keys() - _map_at(base.raw, path).keys() for path in paths]
    count = Counter(key for keys in added for key in keys)
    return any(
        count[key] > 1 and value is not None
        for path in paths
        for key, value in _map_at(body, path).items()
    )


def _map_at(value: Any, path: Iterable[str]) -> Object:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _repeats_maps(body: Any, schema: MergeSchema) -> bool:
    """Whether the patch holds a whole list of maps: an index may say the change in less."""
    if isinstance(body, dict):
        return any(_repeats_maps(value, schema.at(key)) for key, value in body.items())
    if isinstance(body, list) and schema.keys is None:
        return any(isinstance(item, dict) for item in body)
    return False


def _lists_entered(step: Object, value: Any, schema: MergeSchema) -> Iterator[bool]:
    """Of each list of which the operation counts the items: whether it has names for them."""
    for key in step["path"].split("/")[1:]:
        if isinstance(value, list):
            yield schema.keys is not None
            value = value[int(key)] if int(key) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(key.replace("~1", "/").replace("~0", "~"))
        schema = schema.at(key)


def target(base: Item, build: Iterable[Item]) -> dict[str, str]:
    """The shortest selector that finds the base's object, and no other, in the build.

    kustomize reads the values as regular expressions and passes over a patch without a match.
    """
    raw = base.raw
    group, _, version = raw["apiVersion"].rpartition("/")
    name, kind = raw["metadata"]["name"], raw["kind"]
    plain = {"version": version, "kind": kind, "name": name}
    if group:
        plain = {"group": group, **plain}
    exact = {"group": re.escape(group).replace("\\-", "-") or "^$", **plain}
    exact["name"] = re.sub(r"([^A-Za-z0-9_:-])", r"\\\1", name)
    exact["namespace"] = _selected_namespace(base)
    build = list(build)
    shorter = {key: value for key, value in exact.items() if key != "namespace"}
    for selector in (plain, shorter):
        if sum(_selects(selector, item.raw) for item in build) == 1:
            return selector
    return exact


def _selected_namespace(base: Item) -> str:
    return own_namespace(base.raw) or "default"


def _selects(selector: dict[str, str], raw: Object) -> bool:
    group, _, version = raw["apiVersion"].rpartition("/")
    found = {
        "group": group,
        "version": version,
        "kind": raw["kind"],
        "name": raw["metadata"]["name"],
    }
    return all(re.fullmatch(pattern, found[key]) for key, pattern in selector.items())
