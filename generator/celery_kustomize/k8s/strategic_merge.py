"""Kubernetes' strategic merge of a partial object into a whole one.

The merge keys are those that a Kubernetes 1.34 API server declares for server-side apply
(``x-kubernetes-list-map-keys``): a container's ports are told apart by containerPort *and*
protocol (TCP when absent), topology spread constraints by topologyKey and whenUnsatisfiable. The
older key of client-side patches (``x-kubernetes-patch-merge-key``, containerPort alone) cannot
hold 53/TCP beside 53/UDP.

Further than the API server's own strategic merge, so that a partial pod template says only what
its author wants:

- A one-of group (a volume's source, a probe's handler, value and valueFrom) holds what the patch
  gives and drops the base's other member. kubectl apply reaches the same with ``$retainKeys``.
- A field that belongs to one ``type`` (rollingUpdate, localhostProfile) goes when the patch sets
  another type.
- ``$patch: replace`` on an item with its merge keys replaces that item in its place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from celery_kustomize.k8s.pod_schema import PATCH, SCALARS, Field, ObjectType, object_type
from celery_kustomize.k8s.suggest import quote
from celery_kustomize.located import plain

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object

__all__ = ["StrategicMergeError", "merge"]

_Loc = tuple[str | int, ...]
_Key = tuple[Any, ...]


class StrategicMergeError(ValueError):
    """The patch cannot be merged. ``loc`` is the place inside the patch, ``message`` for users."""

    def __init__(self, loc: _Loc, message: str) -> None:
        self.loc = loc
        self.message = message
        super().__init__(message)


def merge(type_name: str, base: Object, patch: Object) -> Object:
    """``base`` with ``patch`` merged in; neither is changed, nothing is shared with the result.

    Maps merge deeply; null removes a key. A list with merge keys merges item by item: the base's
    items keep their place, new ones follow in the patch's order. ``finalizers`` are merged as a
    set. Every other list is replaced. ``$patch`` in a map or item is ``replace``, ``delete`` or
    ``merge`` (the default); ``[{$patch: replace}, ...]`` replaces a list. A field that the schema
    does not know is merged as a plain map or replaced.

    Args:
        type_name: the type of both without its group: ``PodTemplateSpec``, ``Container``.
        base: a whole object.
        patch: a part of one; ``schema.check(..., partial=True)`` finds everything wrong with it.

    Raises:
        StrategicMergeError: an item lacks a merge key, or a directive is not known or has no
            meaning where it stands.
    """
    if patch.get(PATCH) == "delete":
        raise StrategicMergeError((PATCH,), "must not delete everything")
    return cast("Object", plain(_merge_object(object_type(type_name), base, patch, ())))


def _merge_object(kind: ObjectType | None, base: Object, patch: Object, loc: _Loc) -> Object:
    """A new map over shared parts; ``kind`` is None for a map of scalars and unknown fields."""
    result = {} if _directive(patch, loc) == "replace" else dict(base)
    if kind is not None:
        _drop_others(kind, result, patch)
    for key, value in patch.items():
        if key == PATCH:
            continue
        if value is None or _is_deletion(value, (*loc, key)):
            result.pop(key, None)
            continue
        field = kind.fields.get(key) if kind else None
        result[key] = _merge_value(field, result.get(key), value, (*loc, key))
    return result


def _drop_others(kind: ObjectType, result: Object, patch: Object) -> None:
    """Remove what cannot stand beside the patch: the other members of its one-of groups."""
    for group in kind.one_of:
        given = {key for key in group.members if patch.get(key) is not None}
        if given:
            for key in set(group.members) - given:
                result.pop(key, None)
    rule = kind.discriminated
    if rule is not None and patch.get(rule.by) is not None:
        for key, value in rule.members.items():
            if value != patch[rule.by]:
                result.pop(key, None)


def _merge_value(field: Field | None, base: Any, patch: Any, loc: _Loc) -> Any:
    if isinstance(patch, dict):
        kind = None
        if field is not None and field.shape == "one" and field.of not in SCALARS:
            kind = object_type(field.of)
        return _merge_object(kind, base if isinstance(base, dict) else {}, patch, loc)
    if isinstance(patch, list):
        return _merge_list(field, base if isinstance(base, list) else [], patch, loc)
    return patch


def _merge_list(field: Field | None, base: list[Any], patch: list[Any], loc: _Loc) -> list[Any]:
    places = [(index, item) for index, item in enumerate(patch) if not _replaces_list(item)]
    if len(places) < len(patch):
        base = []
    if field is not None and field.keys:
        return _merge_items(field, base, places, loc)
    if field is not None and field.is_set:
        return [*base, *_not_in(base, [item for _, item in places])]
    for index, item in places:
        if isinstance(item, dict) and PATCH in item:
            name = str(loc[-1])
            message = f'{name} is replaced whole: write the list you want, without "{PATCH}"'
            raise StrategicMergeError((*loc, index), message)
    return [item for _, item in places]


def _merge_items(
    field: Field, base: list[Any], places: list[tuple[int, Any]], loc: _Loc
) -> list[Any]:
    """Merge a list by its keys. Of several base items with one key the last counts, as for env."""
    kind = object_type(field.of)
    result = dict(enumerate(base))
    index_of: dict[_Key, list[int]] = {}
    for at, item in result.items():
        key = _soft_key(field, kind, item)
        if key is not None:
            index_of.setdefault(key, []).append(at)
    for index, item in places:
        place = (*loc, index)
        key = _key_of(field, kind, item, place)
        if _is_deletion(item, place):
            for at in index_of.pop(key, []):
                del result[at]
            continue
        found = index_of.setdefault(key, [len(base) + index])[-1]
        result[found] = _merge_object(kind, result.get(found, {}), item, place)
    return list(result.values())


def _soft_key(field: Field, kind: ObjectType, item: Any) -> _Key | None:
    """The values of an item's merge keys, or None when it has not all of them."""
    if not isinstance(item, dict):
        return None
    defaults = kind.key_defaults(field.keys)
    values = tuple(item.get(key) or defaults.get(key) for key in field.keys)
    return values if all(isinstance(value, str | int) for value in values) else None


def _key_of(field: Field, kind: ObjectType, item: Any, loc: _Loc) -> _Key:
    name = str(loc[-2])
    if not isinstance(item, dict):
        raise StrategicMergeError(loc, f"expected a map: items of {name} are merged by key")
    key = _soft_key(field, kind, item)
    if key is None:
        missing = next(
            k for k in field.keys if _soft_key(replace(field, keys=(k,)), kind, item) is None
        )
        message = f"is required: items of {name} are merged by {' and '.join(field.keys)}"
        raise StrategicMergeError((*loc, missing), message)
    return key


def _not_in(base: list[Any], added: list[Any]) -> list[Any]:
    """What ``added`` has besides ``base``, each once. Only texts are told apart."""
    seen = {item for item in base if isinstance(item, str)}
    new = dict.fromkeys(item for item in added if isinstance(item, str) and item not in seen)
    return [*new, *(item for item in added if not isinstance(item, str))]


def _replaces_list(item: Any) -> bool:
    return isinstance(item, dict) and item == {PATCH: "replace"}


def _is_deletion(value: Any, loc: _Loc) -> bool:
    return isinstance(value, dict) and _directive(value, loc) == "delete"


def _directive(patch: Object, loc: _Loc) -> str:
    """``merge``, ``replace`` or ``delete``; an error for directives that are not supported."""
    for key in patch:
        if isinstance(key, str) and key.startswith("$") and key != PATCH:
            message = f"{quote(key)} is not supported: use {PATCH}"
            raise StrategicMergeError((*loc, key), message)
    directive = patch.get(PATCH, "merge")
    if directive not in ("delete", "merge", "replace"):
        raise StrategicMergeError((*loc, PATCH), "must be delete, replace or merge")
    return str(directive)
