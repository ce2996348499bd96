from __future__ import annotations

from typing import Any

import pytest

from celery_kustomize.overlay.values import has_lines, same, size


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        ("1", 1, False),
        (None, "", False),
        ({}, [], False),
        ({"a": [1]}, {"a": [1]}, True),
        ({"a": [1]}, {"a": [True]}, False),
        ([1, 2], [1], False),
    ],
)
def test_values_are_compared_with_their_types(one: Any, other: Any, expected: bool) -> None:
    assert same(one, other) is expected
    assert same(other, one) is expected


@pytest.mark.parametrize(
    ("value", "lines"),
    [("a", 1), ({}, 1), ([], 1), ({"a": 1, "b": {}}, 2), ({"a": {"b": 1}}, 2), ([{"a": 1}, 2], 2)],
)
def test_size_is_about_lines(value: Any, lines: int) -> None:
    assert size(value) == lines


def test_texts_of_several_lines_are_found_at_any_depth() -> None:
    assert has_lines([{"a": ["b\nc"]}])
    assert not has_lines({"a\nb": ["c", 1]})
