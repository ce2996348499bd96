"""JSON 6902 patches: what strategic merge cannot say, or only by repeating a whole list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.overlay.values import same, size

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from celery_kustomize.k8s.kustomization import Object

__all__ = ["cost", "is_exact", "operations"]

_FLOAT_EXACT = 2**53
"""kustomize passes every number of a patched object through a float64."""

_ANNOTATIONS = ("metadata", "annotations")

_Path = tuple[str | int, ...]


def is_exact(value: Any) -> bool:
    """Whether a JSON 6902 patch to something else leaves all numbers in ``value`` as they are."""
    if isinstance(value, dict):
        return all(map(is_exact, value.values()))
    if isinstance(value, list):
        return all(map(is_exact, value))
    return not isinstance(value, int) or abs(value) <= _FLOAT_EXACT


def operations(base: Object, wanted: Object) -> list[Object]:
    """The operations that turn ``base`` into ``wanted``, in an order that may be applied.

    A value is replaced whole where that is shorter than its parts.
    """
    return _difference((), base, wanted)


def cost(patch: Sequence[Object]) -> int:
    """About how many lines the operations take as YAML."""
    return sum(2 + (size(each["value"]) if "value" in each else 0) for each in patch)


def _difference(path: _Path, base: Any, wanted: Any) -> list[Object]:
    if same(base, wanted):
        return []
    whole = [_operation("replace", path, wanted)]
    if isinstance(base, dict) and isinstance(wanted, dict):
        parts = _map(path, base, wanted)
        # kustomize keeps annotations of its own among them while it builds.
        keep = path in ((), _ANNOTATIONS[:1], _ANNOTATIONS)
    elif isinstance(base, list) and isinstance(wanted, list):
        parts = _list(path, base, wanted)
        keep = False
    else:
        return whole
    return parts if keep or cost(parts) <= cost(whole) else whole


def _map(path: _Path, base: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Object]:
    found = []
    for key, value in wanted.items():
        if key in base:
            found += _difference((*path, key), base[key], value)
        else:
            found.append(_operation("add", (*path, key), value))
    for key, value in base.items():
        if key in wanted:
            continue
        if (*path, key) == _ANNOTATIONS and isinstance(value, dict):
            found += _map(_ANNOTATIONS, value, {})
        else:
            found.append(_operation("remove", (*path, key)))
    return found


def _list(path: _Path, base: list[Any], wanted: list[Any]) -> list[Object]:
    start = _common(base, wanted)
    end = _common(base[start:][::-1], wanted[start:][::-1])
    old = base[start : len(base) - end]
    new = wanted[start : len(wanted) - end]
    shared = min(len(old), len(new))
    found = []
    for index in range(shared):
        found += _difference((*path, start + index), old[index], new[index])
    for index in range(shared, len(new)):
        found.append(_operation("add", (*path, start + index), new[index]))
    for index in reversed(range(shared, len(old))):
        found.append(_operation("remove", (*path, start + index)))
    return found


def _common(one: Sequence[Any], other: Sequence[Any]) -> int:
    count = 0
    for first, second in zip(one, other, strict=False):
        if not same(first, second):
            break
        count += 1
    return count


def _operation(name: str, path: _Path, *value: Any) -> Object:
    pointer = "".join(f"/{_escape(step)}" for step in path)
    found: Object = {"op": name, "path": pointer}
    if value:
        found["value"] = value[0]
    return found


def _escape(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")
