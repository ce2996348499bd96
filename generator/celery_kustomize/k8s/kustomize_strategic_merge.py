"""Strategic-merge patches as kustomize applies them, and what it ignores or loses without a word.

A port to plain values of kyaml v0.21.2, ``yaml/merge2`` and ``yaml/walk``, and of
``Resource.ApplySmPatch`` in kustomize/api v0.21.2. Pure: no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.kustomize_keyed_lists import (
    MISSING,
    StrategicMergeError,
    all_values,
    append_items,
    find_item,
    set_items,
    text_of,
    used_keys,
)
from celery_kustomize.k8s.kustomize_merge_keys import MergeSchema, merge_schema
from celery_kustomize.k8s.yaml_text import dump
from celery_kustomize.located import item_label, join_path, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from celery_kustomize.k8s.kustomization import Object

__all__ = ["Merged", "StrategicMergeError", "merge_patch"]

_PATCH = "$patch"
_DIRECTIVES = ("delete", "merge", "replace")
_KEPT_NULL: Any = object()
_WHOLE = (
    "kustomize ignores a patch with `$patch: replace` for the whole object: leave the directive "
    "out, or use JSON 6902 operations"
)


@dataclass(slots=True)
class Merged:
    """The object after the patch, None when the patch removes it.

    ``lost`` are sentences about what of the patch or of the object kustomize loses.
    """

    item: Object | None
    lost: list[str] = field(default_factory=list)


def merge_patch(item: Object, patch: Object) -> Merged:
    """What kustomize makes of ``item`` with ``patch``; neither is changed.

    Raises:
        StrategicMergeError: kustomize would fail.
    """
    merge = _Merge()
    result: Object = plain(item)
    new = {**plain(patch), "apiVersion": item["apiVersion"]}
    if merge.map(result, new, merge_schema(item["apiVersion"], item["kind"]), "") is MISSING:
        return Merged(None)
    _keep_identity(result, item)
    known = set(_dollars(item, ""))
    merge.lost += [
        f"kustomize does not know {path} and would leave it in the object: remove it"
        for path in _dollars(result, "")
        if path not in known
    ]
    return Merged(result, merge.lost)


def _keep_identity(result: Object, item: Object) -> None:
    """A patch without options changes no kind, name or namespace, and leaves no empty metadata."""
    result["kind"] = item["kind"]
    metadata = result.setdefault("metadata", {})
    for key in ("name", "namespace"):
        metadata.pop(key, None)
        if key in item["metadata"]:
            metadata[key] = item["metadata"][key]
    if not metadata.get("annotations", True):
        del metadata["annotations"]


def _dollars(value: Any, path: str) -> Iterator[str]:
    """The paths of all keys that begin with "$"."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.startswith("$"):
                yield join_path(path, key)
            else:
                yield from _dollars(inner, join_path(path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _dollars(inner, join_path(path, index, item_label(inner)))


class _Merge:
    """One walk over an object (``old``) and a patch (``new``), both of which it changes."""

    def __init__(self) -> None:
        self.lost: list[str] = []

    def value(self, old: Any, new: Any, schema: MergeSchema, path: str) -> Any:
        """``Walker.Walk``; the answers ``MISSING`` and None mean: remove it."""
        kinds = [_kind(each) for each in (old, new) if each is not MISSING and each is not None]
        if len(set(kinds)) > 1:
            raise StrategicMergeError(
                f"{path} is a {kinds[0]} in the object and a {kinds[1]} in the patch, which "
                "kustomize refuses: replace it with JSON 6902 operations"
            )
        kind = kinds[0] if kinds else "map"
        if kind == "map":
            return self.map(old, new, schema, path)
        if kind == "list" and schema.keys is not None:
            return self._list(old, new, schema, path)
        if new is MISSING:
            return old
        return _in_style(old, new) if kind == "value" else new

    def map(self, old: Any, new: Any, schema: MergeSchema, path: str) -> Any:
        """``Merger.VisitMap``, then ``Walker.walkMap``."""
        if old is MISSING or old is None:
            if old is None and new is MISSING:
                return _KEPT_NULL
            if new is MISSING or new is None or _take_directive(new) == "delete":
                return MISSING
            old = new
        elif new is not MISSING:
            directive = _known(_take_directive(new), path)
            if directive == "delete":
                return MISSING
            if directive == "replace":
                old = new
                self.lost += [] if path else [_WHOLE]
        other = new if isinstance(new, dict) else {}
        for key in sorted(old.keys() | other.keys()):
            pair = old.get(key, MISSING), other.get(key, MISSING)
            below = self.value(*pair, schema.at(key), join_path(path, key))
            if below is MISSING or below is None:
                old.pop(key, None)
            else:
                old[key] = None if below is _KEPT_NULL else below
        return old

    def _list(self, old: Any, new: Any, schema: MergeSchema, path: str) -> Any:
        """``Merger.VisitList``, then ``Walker.walkAssociativeSequence``."""
        if old is MISSING or old is None:
            old = new
        elif new is not MISSING:
            directive = _known(_take_list_directive(new), path)
            if directive == "delete":
                return MISSING
            if directive == "replace":
                old = new
        patched = new if isinstance(new, list) else []
        return self._items(old, patched, schema, path)

    def _items(self, old: list[Any], new: list[Any], schema: MergeSchema, path: str) -> list[Any]:
        """``Walker.setAssociativeSequenceElements``."""
        notes = _Notes([] if old is new else old, new)
        keys: Sequence[str] = schema.keys or ("",)
        items = MergeSchema(None, schema.fields)
        values = all_values(new, old, keys)
        merged: list[Any] = []
        used: list[str] = []
        for each in values:
            used, texts = used_keys(values, each, keys)
            target, patch = find_item(old, used, texts), find_item(new, used, texts)
            notes.take(target, patch)
            item = self.value(target, patch, items, join_path(path, 0, "/".join(texts)))
            if item is MISSING or item is None or item == {}:
                set_items(old, used, texts, None)
                continue
            if isinstance(item, dict):
                _complete(item, used, texts)
            set_items(merged, used, texts, item)
        if not values:
            return old
        append_items(merged, old, used)
        self.lost += [
            f"items of {path} are merged by {' and '.join(keys)}, and kustomize {note}"
            for note in notes.told(merged, " and ".join(keys))
        ]
        return merged


class _Notes:
    """What becomes of the items of one list."""

    def __init__(self, old: Iterable[Any], new: Iterable[Any]) -> None:
        self._old = [item for item in old if isinstance(item, dict) and item]
        self._new = [item for item in new if isinstance(item, dict) and item]
        self._found: list[Any] = []
        self._deleted: list[Any] = []
        self._kept: list[Any] = []

    def take(self, target: Any, patch: Any) -> None:
        """Remember which item of the object an item of the patch is about to be merged into."""
        self._found.append(patch)
        if isinstance(patch, dict) and isinstance(target, dict):
            if patch.get(_PATCH) == "delete":
                self._deleted.append(target)
            elif patch.get(_PATCH) == "replace":
                self._kept.append(target)

    def told(self, merged: Sequence[Any], keys: str) -> list[str]:
        """What is ignored or lost, as the end of a sentence each."""
        unfound = [item for item in self._new if not _among(item, self._found)]
        if unfound:
            return [f"passes over {_shown(unfound[0])}: give {keys} in every item, each item once"]
        notes = []
        for item in self._old:
            deleted, there = _among(item, self._deleted), _among(item, merged)
            if deleted and there:
                notes.append(f"does not delete {_shown(item)}: give {keys} in every item")
            elif not deleted and not there:
                notes.append(f"would drop {_shown(item)} of the object: use JSON 6902 operations")
            elif _among(item, self._kept):
                notes.append(f"ignores `$patch: replace` for {_shown(item)}: write nulls instead")
        return notes


def _among(item: Any, items: Iterable[Any]) -> bool:
    return any(each is item for each in items)


def _shown(item: Object) -> str:
    """The first texts and numbers of an item."""
    parts = [f"{key}: {value}" for key, value in item.items() if isinstance(value, str | int)]
    return "{" + ", ".join(parts[:3])[:80] + "}"


def _complete(item: Object, keys: Iterable[str], texts: Iterable[str]) -> None:
    for key, text in zip(keys, texts, strict=True):
        if text and key not in item:
            item[key] = int(text) if text.isdecimal() else text


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "map"
    return "list" if isinstance(value, list) else "value"


def _in_style(old: Any, new: Any) -> Any:
    """``FieldSetter`` keeps the old value's quotes: a number in their place becomes a text."""
    if isinstance(old, str) and isinstance(new, int | float) and dump(old) != f"{old}\n":
        return text_of(new)
    return new


def _take_directive(new: Any) -> str:
    """The directive of a map, which is taken out if kustomize knows it."""
    if new is None:
        return "delete"
    if _PATCH not in new:
        return "merge"
    directive = text_of(new[_PATCH])
    if directive in _DIRECTIVES:
        del new[_PATCH]
    return directive


def _take_list_directive(new: list[Any] | None) -> str:
    if new is None:
        return "delete"
    first = next((each for each in new if isinstance(each, dict) and _PATCH in each), {})
    if len(first) != 1:
        return "merge"
    directive = text_of(first[_PATCH])
    if directive in _DIRECTIVES:
        set_items(new, (_PATCH,), (directive,), None)
    return directive


def _known(directive: str, path: str) -> str:
    if directive not in _DIRECTIVES:
        raise StrategicMergeError(f"{join_path(path, _PATCH)} must be delete, replace or merge")
    return directive
