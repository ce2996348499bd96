"""The items of lists with merge keys, as kustomize tells them apart. Pure: no I/O.

A port to plain values of kyaml v0.21.2, ``yaml/walk/associative_sequence.go`` and the matchers and
setters of ``yaml/fns.go``; ``kustomize_strategic_merge`` puts them together. A list of texts has
the one key "".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.yaml_text import dump

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "MISSING",
    "StrategicMergeError",
    "all_values",
    "append_items",
    "find_item",
    "set_items",
    "text_of",
    "used_keys",
]


class _Mark:
    """Stands where there is no value."""


MISSING: Any = _Mark()


class StrategicMergeError(ValueError):
    """kustomize fails on the patch; the text says where and why."""


def text_of(value: Any) -> str:
    """A scalar as it is written; "" for a map or list."""
    if isinstance(value, str):
        return value
    return "" if isinstance(value, dict | list) else dump(value).rstrip("\n")


def all_values(new: Iterable[Any], old: Iterable[Any], keys: Sequence[str]) -> list[list[str]]:
    """``elementValues``: what the keys are in each item, the patch's first, each once."""
    found: list[list[str]] = []
    for item in (*new, *old):
        values = [_key_text(item, key) for key in keys] if keys[0] else [text_of(item)]
        if values not in found:
            found.append(values)
    return _completed(found) if len(keys) > 1 else found


def _key_text(item: Any, key: str) -> str:
    value = item.get(key) if isinstance(item, dict) else None
    return "" if value is None else text_of(value)


def _completed(values: list[list[str]]) -> list[list[str]]:
    """``mergeValues``: a missing second key is taken from an item with the same first one.

    As there, ``one`` stays what it was while the items after it change.
    """
    for i, one in enumerate(values):
        for j, other in enumerate(values):
            pairs = list(zip(one, other, strict=True))
            shared = any(a == b for a, b in pairs)
            if shared and all(a == b or not a or not b for a, b in pairs):
                values[i] = values[j] = [a or b for a, b in pairs]
    return values


def used_keys(
    all_of: Iterable[Sequence[str]], values: Sequence[str], keys: Sequence[str]
) -> tuple[list[str], list[str]]:
    """``validateKeys``: the keys that any item has, and ``values`` of these."""
    used = [any(each) for each in zip(*all_of, strict=True)]
    if not any(used):
        return list(keys), list(values)
    return (
        [key for key, use in zip(keys, used, strict=True) if use],
        [value for value, use in zip(values, used, strict=True) if use],
    )


def find_item(items: Iterable[Any], keys: Sequence[str], values: Sequence[str]) -> Any:
    """``elementValueList``: the first item with these keys, ``MISSING`` without one."""
    keys, values = used_keys([values], values, keys)
    for item in items:
        if not keys[0]:
            if text_of(item) == values[0]:
                return item
        elif isinstance(item, dict) and all(
            key in item and text_of(item[key]) == value
            for key, value in zip(keys, values, strict=True)
        ):
            return item
    return MISSING


def set_items(items: list[Any], keys: Sequence[str], values: Sequence[str], new: Any) -> None:
    """``ElementSetter``: put ``new`` in the place of each item with these keys, or at the end.

    None removes them. An empty value is any value.
    """
    kept = []
    found = False
    for item in items:
        if item is None or item == {}:
            continue
        if not isinstance(item, dict) and keys[0] and values and values[0]:
            kept.append(item)
        elif not _matches(item, keys, values):
            if values:
                kept.append(item)
        else:
            found = True
            if new is not None:
                kept.append(new)
    if new is not None and not found:
        kept.append(new)
    items[:] = kept


def _matches(item: Any, keys: Sequence[str], values: Sequence[str]) -> bool:
    if not keys[0]:
        return bool(values) and text_of(item) == values[0]
    pairs = zip(keys, values, strict=False)
    return bool(values) and all(
        key in _checked(item) and (not value or text_of(item[key]) == value) for key, value in pairs
    )


def append_items(merged: list[Any], old: Iterable[Any], keys: Sequence[str]) -> None:
    """``appendListNode``: the object's items behind the patch's, each once."""
    for item in list(old):
        if not keys[0]:
            set_items(merged, keys, [text_of(item)], item)
            continue
        values = []
        for key in keys:
            if key in _checked(item):
                values.append(text_of(item[key]))
            else:
                merged.append(item)
        if len(keys) > 1:
            set_items(merged, keys, values, None)
        set_items(merged, keys, values, item)


def _checked(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise StrategicMergeError(
            f"{text_of(item) or 'a list'} stands in a list of maps, which kustomize refuses"
        )
    return item
