"""JSON 6902 patches as kustomize applies them to an object. Pure: no I/O.

RFC 6902 with what kustomize adds to it (v5.8.2, gopkg.in/evanphx/json-patch v4.13.0): ``replace``
sets a key that is not there, an index may be negative or have a sign, ``test`` takes a missing key
for null, and an object always has annotations. What kustomize lets pass although it spoils the
object is refused: a path without its first ``/`` (the first step would be ignored), an unknown
escape, ``add`` without a value and ``copy`` of nothing (both would store null).
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.suggest import did_you_mean, quote
from celery_kustomize.located import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from celery_kustomize.k8s.kustomization import Object

__all__ = ["JsonPatchError", "apply_operations", "operation_problems"]

_NEEDS = {
    "add": ("path", "value"),
    "copy": ("from", "path"),
    "move": ("from", "path"),
    "remove": ("path",),
    "replace": ("path", "value"),
    "test": ("path", "value"),
}
_ON_THE_WHOLE = ("replace", "test")
_WITH_ANNOTATIONS = ("", "/metadata", "/metadata/annotations")
_ESCAPE = re.compile(r"~(?![01])")
_IDENTITY = {
    "apiVersion": re.compile(r"(?:[a-z0-9][-.a-z0-9]*/)?[a-z0-9]+"),
    "kind": re.compile(r"[A-Za-z][A-Za-z0-9]*"),
    "metadata.name": re.compile(r"[^/%\s]+"),
}
_INDEX = re.compile(r"[-+]?[0-9]+")
_SHOWN_KEYS = 12
_MAX_NODES = 200_000
_MAX_DEPTH = 100


class JsonPatchError(ValueError):
    """An operation cannot be applied; the text says which and why."""


def operation_problems(operations: Sequence[Object]) -> list[str]:
    """What is wrong with operations by themselves, whatever they are applied to."""
    return [
        f"operation {number}: {problem}"
        for number, operation in enumerate(operations, 1)
        for problem in _form_problems(operation)
    ]


def _form_problems(operation: Object) -> Iterator[str]:
    name = operation.get("op")
    if not isinstance(name, str) or name not in _NEEDS:
        shown = f"{quote(name)} is none" if isinstance(name, str) else "it has none"
        hint = did_you_mean(name, _NEEDS) if isinstance(name, str) else ""
        yield f"`op` must be one of {', '.join(_NEEDS)}; {shown}{hint}"
        return
    for field in _NEEDS[name]:
        if field not in operation:
            yield f"{name} needs `{field}`{did_you_mean(field, operation)}"
        elif field != "value" and (problem := _pointer_problem(name, operation[field])):
            yield f"`{field}` {problem}"


def _pointer_problem(name: str, pointer: Any) -> str | None:
    if not isinstance(pointer, str):
        return "must be a text such as /spec/replicas"
    if not pointer:
        return None if name in _ON_THE_WHOLE else "must not be empty"
    if not pointer.startswith("/"):
        return f'must begin with "/": write {quote("/" + pointer)}'
    if _ESCAPE.search(pointer):
        return f'{quote(pointer)} has a "~" that is no escape: write ~0 for "~" and ~1 for "/"'
    return None


def apply_operations(item: Object, operations: Sequence[Object]) -> Object:
    """A copy of ``item`` after ``operations``, which ``operation_problems`` has nothing against.

    Raises:
        JsonPatchError: one of them cannot be applied, or something is left that is no object.
    """
    document = _Document(item)
    for number, operation in enumerate(operations, 1):
        try:
            getattr(document, operation["op"])(operation)
        except JsonPatchError as error:
            step = f"operation {number} ({operation['op']} {operation['path']})"
            raise JsonPatchError(f"{step} cannot be applied: {error}") from None
    result = _checked(document.root)
    if not result["metadata"].get("annotations"):
        result["metadata"].pop("annotations", None)
    return result


def _checked(document: Any) -> Object:
    metadata = document.get("metadata") if isinstance(document, dict) else None
    if not isinstance(metadata, dict):
        raise JsonPatchError("it leaves no object with metadata")
    texts = {**document, "metadata.name": metadata.get("name")}
    for field, form in _IDENTITY.items():
        if not isinstance(texts.get(field), str) or not texts[field]:
            raise JsonPatchError(f"it leaves the object without {field}")
        if not form.fullmatch(texts[field]):
            raise JsonPatchError(f"{quote(texts[field])} is no {field}")
    if not isinstance(metadata.get("namespace", ""), str):
        raise JsonPatchError("metadata.namespace must be a text")
    return document  # type: ignore[no-any-return]


class _Document:
    """A document that is changed in place; the methods are named as the operations."""

    def __init__(self, item: Object) -> None:
        self.root: Any = plain(item)
        self.root["metadata"].setdefault("annotations", {})
        self._left = _MAX_NODES

    def add(self, operation: Object) -> None:
        self._put(operation["path"], operation["value"])

    def remove(self, operation: Object) -> None:
        self._take(operation["path"])

    def replace(self, operation: Object) -> None:
        value = self._copied(operation["value"], operation["path"])
        if not operation["path"]:
            self.root = value
            return
        container, key, path = self._parent(operation["path"])
        if isinstance(container, list):
            container[_index(container, key, path, len(container))] = value
        else:
            container[key] = value

    def move(self, operation: Object) -> None:
        self._put(operation["path"], self._take(_readable(operation["from"])))

    def copy(self, operation: Object) -> None:
        self._put(operation["path"], _child(*self._parent(_readable(operation["from"]))))

    def test(self, operation: Object) -> None:
        pointer, wanted = _readable(operation["path"]), operation["value"]
        container, key, path = self._parent(pointer)
        missing = isinstance(container, dict) and key not in container
        found = None if missing and wanted is None else _child(container, key, path)
        if not _equal(found, wanted):
            raise JsonPatchError(f"{pointer} is {_shown(found)}, not {_shown(wanted)}")

    def _put(self, pointer: str, value: Any) -> None:
        container, key, path = self._parent(pointer)
        value = self._copied(value, pointer)
        if isinstance(container, dict):
            container[key] = value
        elif key == "-":
            container.append(value)
        else:
            container.insert(_index(container, key, path, len(container) + 1), value)

    def _take(self, pointer: str) -> Any:
        container, key, path = self._parent(pointer)
        value = _child(container, key, path)
        if isinstance(container, dict):
            del container[key]
        else:
            del container[_index(container, key, path, len(container))]
        return value

    def _parent(self, pointer: str) -> tuple[Any, str, str]:
        """The map or list that ``pointer`` points into, the last step, and the path up to it."""
        *steps, last = pointer.split("/")[1:]
        value, path = self.root, ""
        for step in steps:
            value = _child(value, _unescaped(step), path)
            path = f"{path}/{step}"
        if not isinstance(value, dict | list):
            raise JsonPatchError(f"{path} is {_shown(value)}, with nothing below it")
        return value, _unescaped(last), path

    def _copied(self, value: Any, pointer: str) -> Any:
        """A copy of what goes to ``pointer``; a few operations could double an object for ever."""
        queue = [(value, pointer.count("/"))]
        while queue:
            inner, depth = queue.pop()
            self._left -= 1
            if depth > _MAX_DEPTH or self._left < 0:
                raise JsonPatchError("the object would become too large or too deep")
            if isinstance(inner, dict | list):
                below = inner.values() if isinstance(inner, dict) else inner
                queue += [(each, depth + 1) for each in below]
        return plain(value)


def _readable(pointer: str) -> str:
    if pointer in _WITH_ANNOTATIONS:
        where = pointer or "the object"
        raise JsonPatchError(f"kustomize has annotations of its own in {where}: name a field in it")
    return pointer


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def _child(container: Any, key: str, path: str) -> Any:
    if isinstance(container, list):
        return container[_index(container, key, path, len(container))]
    if not isinstance(container, dict):
        raise JsonPatchError(f"{path} is {_shown(container)}, with nothing below it")
    if key not in container:
        hint = did_you_mean(key, container) or f" ({_keys(container)})"
        raise JsonPatchError(f"there is no {quote(key)} in {path or 'the object'}{hint}")
    return container[key]


def _keys(container: Object) -> str:
    keys = sorted(container)
    if not keys:
        return "it is empty"
    more = f" and {len(keys) - _SHOWN_KEYS} more" if len(keys) > _SHOWN_KEYS else ""
    return f"it has {', '.join(keys[:_SHOWN_KEYS])}{more}"


def _index(items: list[Any], key: str, path: str, size: int) -> int:
    """The place that ``key`` is among ``size`` places; negative ones count from the end."""
    have = f"{path} is a list of {len(items)}"
    if not _INDEX.fullmatch(key):
        hint = ' ("-" is for add: the place after the last)' if key == "-" else ""
        raise JsonPatchError(f"{have}, and {quote(key)} is no index{hint}")
    # Python would refuse to read thousands of digits.
    index = int(key) if len(key) < 20 else size
    if not -size <= index < size:
        names = _names(items)
        raise JsonPatchError(f"{have}{names}, so that there is no index {key[:20]}")
    return index % size


def _names(items: list[Any]) -> str:
    names = [item.get("name") for item in items if isinstance(item, dict)]
    texts = [name for name in names if isinstance(name, str)]
    return f" ({', '.join(texts[:_SHOWN_KEYS])})" if texts else ""


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return f"a map of {len(value)}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return quote(value) if isinstance(value, str) else json.dumps(value)


def _equal(one: Any, other: Any) -> bool:
    """Equality of JSON values: 1 is 1.0, but ``true`` is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)
