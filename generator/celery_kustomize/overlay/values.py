"""Comparing and measuring plain values as kustomize prints them."""

from __future__ import annotations

from typing import Any

__all__ = ["has_lines", "same", "size"]


def same(one: Any, other: Any) -> bool:
    """Whether both are the same typed value: unlike ``==``, ``True`` is not ``1``.

    A float equals the integer of its value: kustomize prints both as ``1``.
    """
    # The two quick answers first: much is shared, and most leaves are texts.
    if one is other:
        return True
    if type(one) is str:
        return bool(one == other)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return False
    return bool(one == other)


def size(value: Any) -> int:
    """About how many lines ``value`` takes as YAML below its key; at least 1."""
    if isinstance(value, dict):
        return sum(1 + (size(item) if _nested(item) else 0) for item in value.values()) or 1
    if isinstance(value, list):
        return sum(map(size, value)) or 1
    return 1


def _nested(value: Any) -> bool:
    return isinstance(value, dict | list) and bool(value)


def has_lines(value: Any) -> bool:
    """Whether a text of several lines is in ``value``."""
    if isinstance(value, dict):
        return any(map(has_lines, value.values()))
    if isinstance(value, list):
        return any(map(has_lines, value))
    return isinstance(value, str) and "\n" in value
