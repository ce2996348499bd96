"""Strategic-merge patches: the shortest body after which kustomize gives exactly the wanted value.

The rules, each observed on kustomize (api and kyaml v0.21.2):

- Maps merge; a key is removed by null; ``$patch: replace`` inside a map replaces it.
- Of a list with merge keys, the patch's items come first, in the patch's order, then the base's
  other items. So a patch names everything up to the last change, unchanged items by their key
  only (stubs), and the unchanged rest of the list keeps its place.
- With two merge keys, new items come first and the base's stay in their order, stubs or not.
- ``$patch: replace`` works as an item of a list and as a key of a map that is no list item.
- A scalar that a patch puts in a string's place gets that string's style: quotes make a string of
  a number (plain strings such as 25% do not), and a literal block that would begin with a tab makes
  the build fail. A replaced map or list is taken as it stands.
- Every patch walks the whole object, and damages lists that break their own merge key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.kustomize_merge_keys import UNKEYED, MergeSchema
from celery_kustomize.k8s.yaml_text import Commented, is_plain
from celery_kustomize.overlay.values import same, size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "DELETE",
    "REPLACE",
    "NotMergeableError",
    "is_mergeable",
    "key_of",
    "strategic_difference",
    "used_keys",
]

REPLACE = {"$patch": "replace"}
DELETE = {"$patch": "delete"}


class NotMergeableError(Exception):
    """No strategic-merge patch can say this difference."""


def is_mergeable(value: Any, schema: MergeSchema) -> bool:
    """Whether a strategic-merge patch to something else leaves ``value`` as it is."""
    if isinstance(value, dict):
        return all(
            not key.startswith("$") and is_mergeable(item, schema.at(key))
            for key, item in value.items()
        )
    if isinstance(value, list):
        if schema.keys is not None and not _has_good_keys(value, schema.keys):
            return False
        return all(is_mergeable(item, MergeSchema(None, schema.fields)) for item in value)
    return value is not None


def _has_good_keys(items: Sequence[Any], keys: tuple[str, ...]) -> bool:
    if not keys:
        return all(isinstance(item, str) for item in items) and len(set(items)) == len(items)
    if not all(isinstance(item, dict) for item in items):
        return False
    used = used_keys(items, keys)
    if used is None:
        return False
    found = [key_of(item, used) for item in items]
    return None not in found and len(set(found)) == len(found)


def used_keys(items: Sequence[Any], keys: tuple[str, ...]) -> tuple[str, ...] | None:
    """The keys that all items have: all of ``keys``, or the first one when no item has more."""
    having = {key: sum(key in item for item in items) for key in keys[1:]}
    if all(count == len(items) for count in having.values()):
        return keys
    return keys[:1] if not any(having.values()) else None


def key_of(item: Mapping[str, Any], keys: tuple[str, ...]) -> tuple[str, ...] | None:
    """The item's place in its list; kustomize compares the texts of the keys."""
    values = [item.get(key) for key in keys]
    if all(type(value) in (str, int) and value != "" for value in values):
        return tuple(map(str, values))
    return None


def strategic_difference(base: Mapping[str, Any], wanted: Any, schema: MergeSchema) -> Any:
    """What a strategic-merge patch has to hold, below the identity, to turn base into wanted.

    Both are objects of one identity, mergeable, and differ. Keys stand in the wanted order,
    removed ones last.

    Raises:
        NotMergeableError: a difference that such a patch cannot make.
    """
    metadata = _metadata(base["metadata"], wanted["metadata"], schema.at("metadata"))
    body = _fields(_without("metadata", base), _without("metadata", wanted), schema, nested=False)
    return {**({"metadata": metadata} if metadata else {}), **body}


def _metadata(base: Mapping[str, Any], wanted: Mapping[str, Any], schema: MergeSchema) -> Any:
    """Annotations go one by one: kustomize keeps its own among them, which must not be lost."""
    old, new = base.get("annotations", {}), wanted.get("annotations", {})
    if not isinstance(old, dict) or not isinstance(new, dict):
        raise NotMergeableError
    if any(base.get(key) != wanted.get(key) for key in ("name", "namespace")):
        raise NotMergeableError
    others = _without("annotations", base), _without("annotations", wanted)
    annotations = _fields(old, new, UNKEYED, nested=False)
    patch = _fields(*others, schema, nested=True)
    return {**patch, **({"annotations": annotations} if annotations else {})}


def _without(key: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name != key}


def _map(base: Mapping[str, Any], wanted: Mapping[str, Any], schema: MergeSchema) -> dict[str, Any]:
    """The patch of a map that may be replaced: no list item, and no field of the object itself."""
    whole = {**(REPLACE if base else {}), **wanted}
    if len(base) != 1 and not base.keys() & wanted.keys():
        return whole
    try:
        return _fields(base, wanted, schema, nested=True)
    except NotMergeableError:
        return whole


def _fields(
    base: Mapping[str, Any], wanted: Mapping[str, Any], schema: MergeSchema, *, nested: bool
) -> dict[str, Any]:
    """The patch of a map's fields; the maps among them may be replaced when ``nested``."""
    patch: dict[str, Any] = {}
    for key, value in wanted.items():
        if key not in base:
            patch[key] = value
        elif not same(base[key], value):
            patch[key] = _value(base[key], value, schema.at(key), replaceable=nested)
    return {**patch, **{key: None for key in base if key not in wanted}}


def _value(base: Any, wanted: Any, schema: MergeSchema, *, replaceable: bool) -> Any:
    if isinstance(base, dict) and isinstance(wanted, dict):
        if replaceable:
            return _map(base, wanted, schema)
        return _fields(base, wanted, schema, nested=True)
    if isinstance(base, list) and isinstance(wanted, list):
        return wanted if schema.keys is None else _keyed_list(base, wanted, schema)
    if isinstance(base, dict | list) or isinstance(wanted, dict | list):
        raise NotMergeableError
    if isinstance(base, str) and not _takes(base, wanted):
        raise NotMergeableError
    return wanted


def _takes(base: str, wanted: Any) -> bool:
    """Whether a scalar in the place of ``base``, in its style, is read as what it is."""
    return not wanted.startswith("\t") if isinstance(wanted, str) else is_plain(base)


def _keyed_list(base: list[Any], wanted: list[Any], schema: MergeSchema) -> list[Any]:
    whole = [dict(REPLACE), *wanted]
    if not schema.keys:
        raise NotMergeableError
    if not wanted:
        return whole
    keys = used_keys(base, schema.keys)
    if base and keys != used_keys(wanted, schema.keys):
        return whole
    items = MergeSchema(None, schema.fields)
    try:
        patch = _items(base, wanted, used_keys(wanted, schema.keys) or schema.keys, items)
    except NotMergeableError:
        return whole
    return whole if size(whole) < size(patch) else patch


def _items(
    base: list[Any], wanted: list[Any], keys: tuple[str, ...], schema: MergeSchema
) -> list[Any]:
    old = {key_of(item, keys): item for item in base}
    new = {key_of(item, keys): item for item in wanted}
    if len(keys) > 1:
        added = [key for key in new if key not in old]
        if list(new) != added + [key for key in old if key in new]:
            raise NotMergeableError
        listed = [key for key in new if key not in old or not same(old[key], new[key])]
    else:
        listed = list(new)[: len(new) - _untouched(old, new)]
    patch = [_item(old.get(key), new[key], keys, schema) for key in listed]
    for place, key in enumerate(listed):
        if key in old and len(patch[place]) == len(keys):
            patch[place] = Commented(patch[place], "Bare items keep their place.")
            break
    return patch + [
        {**_identity(item, keys), **DELETE} for key, item in old.items() if key not in new
    ]


def _untouched(old: Mapping[Any, Any], new: dict[Any, Any]) -> int:
    """How many of the last wanted items are the base's, unchanged and in the base's order."""
    places = {key: place for place, key in enumerate(old)}
    count = 0
    before = len(places)
    for key in reversed(new):
        if places.get(key, before) >= before or not same(old[key], new[key]):
            break
        before = places[key]
        count += 1
    return count


def _identity(item: Mapping[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    return {key: item[key] for key in keys}


def _item(base: Any, wanted: Any, keys: tuple[str, ...], schema: MergeSchema) -> Any:
    if base is None:
        return wanted
    if any(not same(base[key], wanted[key]) for key in keys):
        raise NotMergeableError
    return {**_identity(wanted, keys), **_fields(base, wanted, schema, nested=True)}
