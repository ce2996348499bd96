"""ConfigMap generators of an overlay: created, merged into the base's, or replacing its data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["after_generators", "generators"]


def generators(
    base: Sequence[ConfigMapGenerator], wanted: Sequence[ConfigMapGenerator]
) -> list[ConfigMapGenerator]:
    """The overlay's entries, in the wanted order; kustomize compares them by their plain names.

    An entry says what is added or changed. Removed keys, labels and annotations are left to
    patches, which see the merged ConfigMap, unless most of the data goes: then it is replaced.
    """
    old = {generator.name: generator for generator in base}
    found = []
    for generator in wanted:
        if generator.name not in old:
            found.append(generator)
            continue
        data = _changed(old[generator.name].data, generator.data)
        if _is_replaced(old[generator.name].data, generator.data):
            found.append(ConfigMapGenerator(generator.name, generator.data, behavior="replace"))
        elif data:
            found.append(ConfigMapGenerator(generator.name, data, behavior="merge"))
    return found


def _changed(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    return {key: text for key, text in new.items() if old.get(key) != text}


def _is_replaced(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    removed = [key for key in old if key not in new]
    kept = [key for key in new if old.get(key) == new[key]]
    return bool(new) and bool(removed) and len(kept) < len(removed)


def after_generators(item: Object, entries: Sequence[ConfigMapGenerator]) -> Object:
    """A copy of the base's generated ConfigMap ``item`` as patches of the overlay see it."""
    for entry in entries:
        if entry.name == item["metadata"]["name"]:
            kept = {} if entry.behavior == "replace" else item.get("data", {})
            return {**item, "data": {**kept, **entry.data}}
    return item
