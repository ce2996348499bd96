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

_MAX_PAIRS = 100_000
"""Longer lists are compared by index: to align them would take too long."""

_Path = tuple[str | int, ...]

_Pair = tuple[int, int]
"""The index of an item in the base, and of what it becomes."""


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
    aligned = _aligned(base, wanted)
    by_index = _between((0, 0), (len(base), len(wanted)), base, wanted)
    # A pair has one path in both, so that no pair of values is ever compared twice.
    inner = {
        (old, new): _difference((*path, new), base[old], wanted[new])
        for old, new in dict.fromkeys(aligned + by_index)
    }
    found = [_edits(path, pairs, base, wanted, inner) for pairs in (aligned, by_index)]
    return min(found, key=cost)


def _edits(
    path: _Path,
    pairs: Sequence[_Pair],
    base: Sequence[Any],
    wanted: Sequence[Any],
    inner: Mapping[_Pair, list[Object]],
) -> list[Object]:
    """Remove what is in no pair, add what is in none, and change the pairs at their last index."""
    kept = {old for old, _ in pairs}
    had = {new for _, new in pairs}
    gone = [index for index in reversed(range(len(base))) if index not in kept]
    found = [_operation("remove", (*path, index)) for index in gone]
    for index, value in enumerate(wanted):
        if index not in had:
            found.append(_operation("add", (*path, index), value))
    for pair in pairs:
        found += inner[pair]
    return found


def _aligned(base: list[Any], wanted: list[Any]) -> list[_Pair]:
    """Which item became which, in order: the same ones, and by index what is between them."""
    found: list[_Pair] = []
    last = (0, 0)
    for old, new in [*_anchors(base, wanted), (len(base), len(wanted))]:
        found += _between(last, (old, new), base, wanted)
        if old < len(base):
            found.append((old, new))
        last = (old + 1, new + 1)
    return found


def _between(first: _Pair, end: _Pair, base: list[Any], wanted: list[Any]) -> list[_Pair]:
    """The items from ``first`` up to ``end``, paired by index but for a common end."""
    old, new = base[first[0] : end[0]], wanted[first[1] : end[1]]
    start = _common(old, new)
    tail = _common(old[start:][::-1], new[start:][::-1])
    shared = min(len(old), len(new))
    head = [(first[0] + index, first[1] + index) for index in range(shared - tail)]
    return head + [(end[0] - index, end[1] - index) for index in range(tail, 0, -1)]


def _anchors(base: list[Any], wanted: list[Any]) -> list[_Pair]:
    """The longest common subsequence: an equal item counts twice one of the same name."""
    start = _common(base, wanted)
    tail = _common(base[start:][::-1], wanted[start:][::-1])
    old, new = base[start : len(base) - tail], wanted[start : len(wanted) - tail]
    if len(old) * len(new) > _MAX_PAIRS:
        return []
    alike = [[_likeness(one, other) for other in new] for one in old]
    best = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    for row in reversed(range(len(old))):
        for column in reversed(range(len(new))):
            paired = alike[row][column] and alike[row][column] + best[row + 1][column + 1]
            best[row][column] = max(paired, best[row + 1][column], best[row][column + 1])
    found = []
    row = column = 0
    while row < len(old) and column < len(new):
        score, likeness = best[row][column], alike[row][column]
        if likeness and score == likeness + best[row + 1][column + 1]:
            found.append((start + row, start + column))
            row, column = row + 1, column + 1
        elif score == best[row + 1][column]:
            row += 1
        else:
            column += 1
    head = [(index, index) for index in range(start)]
    ends = [(len(base) - index, len(wanted) - index) for index in range(tail, 0, -1)]
    return head + found + ends


def _likeness(one: Any, other: Any) -> int:
    if same(one, other):
        return 2
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return 0
    named = isinstance(one.get("name"), str) and one["name"] == other.get("name")
    return int(named and same(one.get("type"), other.get("type")))


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
