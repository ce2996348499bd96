from __future__ import annotations

from typing import Any

import pytest

from celery_kustomize.overlay.jsonpatch import is_exact, operations


def steps(base: Any, wanted: Any) -> list[tuple[Any, ...]]:
    same = dict.fromkeys("pqrstuvwxyz", 1)
    found = operations({"spec": same | base}, {"spec": same | wanted})
    return [tuple(step.values()) for step in found]


def test_keys_are_escaped() -> None:
    assert steps({"a/b": 1}, {"a/b": 2, "c~d": 3}) == [
        ("replace", "/spec/a~1b", 2),
        ("add", "/spec/c~0d", 3),
    ]


def test_verbs() -> None:
    assert steps({"a": 1, "b": 1}, {"a": "1", "c": None}) == [
        ("replace", "/spec/a", "1"),
        ("add", "/spec/c", None),
        ("remove", "/spec/b"),
    ]


@pytest.mark.parametrize(
    ("base", "wanted", "expected"),
    [
        ([1, 2, 3, 4, 5], [1, 2, 9, 4, 5], [("replace", "/spec/l/2", 9)]),
        ([1, 2, 3, 4], [1, 2, 9, 3, 4], [("add", "/spec/l/2", 9)]),
        ([1, 2, 3, 4], [1, 2], [("remove", "/spec/l/3"), ("remove", "/spec/l/2")]),
        ([1], [2, 3, 4], [("replace", "/spec/l", [2, 3, 4])]),
        ([1, 2], [1, 2, 3], [("add", "/spec/l/2", 3)]),
    ],
)
def test_lists(base: list[int], wanted: list[int], expected: list[Any]) -> None:
    assert steps({"l": base}, {"l": wanted}) == expected


def test_a_map_is_replaced_where_that_is_shorter() -> None:
    assert steps({"m": {"a": 1, "b": 2}}, {"m": {"c": 3}}) == [("replace", "/spec/m", {"c": 3})]


def test_annotations_are_never_removed_or_replaced_together() -> None:
    base = {"metadata": {"name": "x", "annotations": {"a": "1", "b": "2"}}}
    assert [step["path"] for step in operations(base, {"metadata": {"name": "x"}})] == [
        "/metadata/annotations/a",
        "/metadata/annotations/b",
    ]
    other = {"metadata": {"name": "x", "annotations": {"c": "3"}}}
    assert [step["op"] for step in operations(base, other)] == ["add", "remove", "remove"]


def test_integers_that_a_float_holds() -> None:
    assert is_exact({"a": [2**53, -(2**53), True, "9007199254740993", 0.1]})
    assert not is_exact({"a": [2**53 + 1]})
