"""The fields of an overlay's kustomization that stand in for patches.

A field is used only where simulating it gives what the environment wants for every object of the
build: it also reaches objects that nobody meant.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.kustomization import Image, Object, Replicas
from celery_kustomize.k8s.kustomize_merge_keys import MergeSchema, merge_schema
from celery_kustomize.k8s.kustomize_namespace import set_namespace
from celery_kustomize.k8s.kustomize_transformers import (
    apply_images,
    bears_images_field,
    is_scalable,
    new_image,
    set_labels,
    set_replicas,
)
from celery_kustomize.overlay.images import candidates, reaching
from celery_kustomize.overlay.strategic import key_of, used_keys
from celery_kustomize.overlay.values import same

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from celery_kustomize.overlay.pairing import Item, Pair

__all__ = ["Fields", "with_images", "with_replicas"]


@dataclass(frozen=True, slots=True)
class Fields:
    """Fields of a kustomization, which kustomize applies after the patches."""

    namespace: str | None = None
    namespace_unset_only: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    labels_in_pods: bool = True
    images: Sequence[Image] = ()
    replicas: Sequence[Replicas] = ()

    def apply(self, item: Object) -> Object:
        """A copy of ``item`` with the fields applied."""
        if self.namespace:
            item = set_namespace(item, self.namespace, unset_only=self.namespace_unset_only)
        item = set_labels(item, self.labels, pods=self.labels_in_pods)
        item = set_replicas(item, self.replicas)
        if not self.images:
            return item
        return apply_images(item, lambda _, image: new_image(image, self.images))

    def before(self, pair: Pair) -> Object:
        """What patches must make of the base's object so that the fields make it the wanted one.

        What the fields set by themselves stays as the base has it.
        """
        base, wanted = pair.base.built, pair.wanted.built
        schema = merge_schema(wanted["apiVersion"], wanted["kind"])
        found: Object = _before(base, self.apply(base), wanted, schema)
        return found

    def fit(self, pair: Pair) -> bool:
        """Whether patches and then the fields can give the wanted object.

        No patch but one for the namespace alone (``namespace``) moves an object.
        """
        before = self.before(pair)
        moved = before["metadata"].get("namespace") != pair.base.built["metadata"].get("namespace")
        return not moved and same(self.apply(before), pair.wanted.built)

    def fit_added(self, item: Item) -> bool:
        """Whether the fields give the wanted object when the overlay adds it as it is written."""
        return same(self.apply(item.raw), item.built)


def _before(base: Any, moved: Any, wanted: Any, schema: MergeSchema) -> Any:
    if same(moved, wanted):
        return base
    if all(isinstance(value, dict) for value in (base, moved, wanted)):
        return _map_before(base, moved, wanted, schema)
    if all(isinstance(value, list) for value in (base, moved, wanted)) and schema.keys:
        return _list_before(base, moved, wanted, schema)
    return wanted


def _map_before(
    base: Mapping[str, Any],
    moved: Mapping[str, Any],
    wanted: Mapping[str, Any],
    schema: MergeSchema,
) -> Object:
    found: Object = {}
    for key, value in wanted.items():
        if key in moved and same(moved[key], value):
            if key in base:
                found[key] = base[key]
        elif key in moved and (key in base or isinstance(moved[key], dict)):
            found[key] = _before(base.get(key, {}), moved[key], value, schema.at(key))
        else:
            found[key] = value
    return found


def _list_before(
    base: Sequence[Any], moved: Sequence[Any], wanted: Sequence[Any], schema: MergeSchema
) -> list[Any]:
    keys = schema.keys or ()
    if any(used_keys(items, keys) != used_keys(wanted, keys) for items in (base, moved)):
        return list(wanted)
    items = MergeSchema(None, schema.fields)
    places = {key_of(item, keys): place for place, item in enumerate(base)}
    found = []
    for item in wanted:
        place = places.get(key_of(item, keys), -1)
        found.append(item if place < 0 else _before(base[place], moved[place], item, items))
    return found


def with_images(fields: Fields, pairs: Sequence[Pair], added: Iterable[Item]) -> Fields:
    """``fields`` with as many ``images`` entries as hit nothing but what they should."""
    added = list(added)
    build = [tried.built for pair in pairs for tried in (pair.base, pair.wanted)]
    build += [item.built for item in added]
    entries = candidates(pairs) if all(map(bears_images_field, build)) else []
    while entries:
        tried = replace(fields, images=entries)
        missed = [tried.before(pair) for pair in pairs if not tried.fit(pair)]
        missed += [item.raw for item in added if not tried.fit_added(item)]
        if not missed:
            return tried
        guilty = set().union(*(reaching(item, entries) for item in missed))
        entries = [entry for entry in entries if guilty and entry.name not in guilty]
    return fields


def with_replicas(fields: Fields, pairs: Sequence[Pair], wanted: Collection[Item]) -> Fields:
    """``fields`` with a ``replicas`` entry for each name whose objects all want one number."""
    counts: dict[str, set[Any]] = {}
    for item in wanted:
        if is_scalable(item.raw):
            count = _replicas(item.built)
            good = type(count) is int and count >= 0
            counts.setdefault(item.raw["metadata"]["name"], set()).add(count if good else None)
    changed = [
        pair.wanted.raw["metadata"]["name"]
        for pair in pairs
        if is_scalable(pair.wanted.raw)
        and _replicas(pair.base.built) != _replicas(pair.wanted.built)
    ]
    entries = [
        Replicas(name, next(iter(counts[name])))
        for name in dict.fromkeys(changed)
        if len(counts[name]) == 1 and None not in counts[name]
    ]
    return replace(fields, replicas=entries)


def _replicas(item: Object) -> Any:
    spec = item.get("spec")
    return spec.get("replicas") if isinstance(spec, dict) else None
