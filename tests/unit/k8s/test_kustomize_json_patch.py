"""That kustomize does the same is held in tests/equivalence/test_patches.py."""

from __future__ import annotations

from typing import Any

import pytest

from celery_kustomize.k8s.kustomize_json_patch import (
    JsonPatchError,
    apply_operations,
    operation_problems,
)


def item(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "x/v1", "kind": "Thing", "metadata": {"name": "t"}, "spec": spec}


def op(name: str, path: str, *value: Any, **others: Any) -> dict[str, Any]:
    return {"op": name, "path": path, **({"value": value[0]} if value else {}), **others}


def after(spec: dict[str, Any], *operations: dict[str, Any]) -> Any:
    assert operation_problems(operations) == []
    return apply_operations(item(**spec), operations)["spec"]


@pytest.mark.parametrize(
    ("spec", "operation", "wanted"),
    [
        ({}, op("add", "/spec/a", 1), {"a": 1}),
        ({"a": 1}, op("add", "/spec/a", None), {"a": None}),
        ({"a/b": {"~": 1}}, op("replace", "/spec/a~1b/~0", 2), {"a/b": {"~": 2}}),
        ({}, op("replace", "/spec/a", 1), {"a": 1}),
        ({"a": [1, 2]}, op("add", "/spec/a/1", 9), {"a": [1, 9, 2]}),
        ({"a": [1, 2]}, op("add", "/spec/a/2", 9), {"a": [1, 2, 9]}),
        ({"a": [1, 2]}, op("add", "/spec/a/-", 9), {"a": [1, 2, 9]}),
        ({"a": [1, 2]}, op("add", "/spec/a/-1", 9), {"a": [1, 2, 9]}),
        ({"a": [1, 2]}, op("replace", "/spec/a/-1", 9), {"a": [1, 9]}),
        ({"a": [1, 2]}, op("remove", "/spec/a/+0"), {"a": [2]}),
        ({"a": 1}, op("move", "/spec/b", **{"from": "/spec/a"}), {"b": 1}),
        ({"a": [1]}, op("copy", "/spec/b", **{"from": "/spec/a"}), {"a": [1], "b": [1]}),
        ({"a": 1}, op("test", "/spec/a", 1.0), {"a": 1}),
        ({"a": {"b": [True]}}, op("test", "/spec", {"a": {"b": [True]}}), {"a": {"b": [True]}}),
        ({}, op("test", "/spec/a", None), {}),
    ],
)
def test_operations(spec: dict[str, Any], operation: dict[str, Any], wanted: Any) -> None:
    assert after(spec, operation) == wanted


def test_the_object_itself_stays_as_it_is() -> None:
    old = item(a=[1])
    value: dict[str, Any] = {"b": []}
    new = apply_operations(old, [op("add", "/spec/a/0", value), op("add", "/spec/a/0/b/-", 5)])
    assert (old, value) == (item(a=[1]), {"b": []})
    assert new["spec"] == {"a": [{"b": [5]}, 1]}


def test_annotations_are_always_there_and_go_when_empty() -> None:
    found = apply_operations(item(), [op("add", "/metadata/annotations/a", "b")])
    assert found["metadata"] == {"name": "t", "annotations": {"a": "b"}}
    found = apply_operations(found, [op("remove", "/metadata/annotations/a")])
    assert found["metadata"] == {"name": "t"}


def test_a_whole_object_can_be_replaced() -> None:
    assert apply_operations(item(a=1), [op("replace", "", item(b=2))])["spec"] == {"b": 2}


WHERE = "operation 1 ({}) cannot be applied: "


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (
            op("remove", "/spec/repliccas"),
            'there is no "repliccas" in /spec; did you mean "replicas"?',
        ),
        (op("remove", "/spec/x/y"), 'there is no "x" in /spec (it has list, map, replicas, text)'),
        (op("add", "/spec/map/x/y", 1), 'there is no "x" in /spec/map (it is empty)'),
        (op("add", "/spec/text/x", 1), '/spec/text is "some", with nothing below it'),
        (op("add", "/spec/text/x/y", 1), '/spec/text is "some", with nothing below it'),
        (op("add", "/spec/replicas/x", 1), "/spec/replicas is 1, with nothing below it"),
        (
            op("replace", "/spec/list/2", 1),
            "/spec/list is a list of 2 (a, b), so that there is no index 2",
        ),
        (
            op("add", "/spec/list/3", 1),
            "/spec/list is a list of 2 (a, b), so that there is no index 3",
        ),
        (
            op("remove", "/spec/list/-3"),
            "/spec/list is a list of 2 (a, b), so that there is no index -3",
        ),
        (op("remove", "/spec/list/a"), '/spec/list is a list of 2, and "a" is no index'),
        (
            op("remove", "/spec/list/-"),
            '/spec/list is a list of 2, and "-" is no index ("-" is for add: the place after '
            "the last)",
        ),
        (op("test", "/spec/replicas", "1"), '/spec/replicas is 1, not "1"'),
        (op("test", "/spec/replicas", True), "/spec/replicas is 1, not true"),
        (op("test", "/spec/list", []), "/spec/list is a list of 2, not a list of 0"),
        (
            op("copy", "/spec/x", **{"from": "/spec/y"}),
            'there is no "y" in /spec (it has list, map, replicas, text)',
        ),
        (
            op("move", "/spec/map/x", **{"from": "/spec/map"}),
            'there is no "map" in /spec (it has list, replicas, text)',
        ),
        (
            op("copy", "/spec/x", **{"from": "/metadata"}),
            "kustomize has annotations of its own in /metadata: name a field in it",
        ),
    ],
)
def test_what_cannot_be_applied(operation: dict[str, Any], message: str) -> None:
    spec = {"replicas": 1, "text": "some", "map": {}, "list": [{"name": "a"}, {"name": "b"}]}
    with pytest.raises(JsonPatchError) as caught:
        after(spec, operation)
    assert str(caught.value) == WHERE.format(f"{operation['op']} {operation['path']}") + message


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        (op("remove", "/metadata"), "it leaves no object with metadata"),
        (op("replace", "", []), "it leaves no object with metadata"),
        (op("remove", "/kind"), "it leaves the object without kind"),
        (op("remove", "/apiVersion"), "it leaves the object without apiVersion"),
        (op("replace", "/metadata/name", 5), "it leaves the object without metadata.name"),
        (op("replace", "/metadata/name", "a/b"), '"a/b" is no metadata.name'),
        (op("replace", "/kind", "a.b"), '"a.b" is no kind'),
        (op("replace", "/apiVersion", "v1/v2/v3"), '"v1/v2/v3" is no apiVersion'),
        (op("add", "/metadata/namespace", 5), "metadata.namespace must be a text"),
    ],
)
def test_what_is_no_object_any_more(operation: dict[str, Any], message: str) -> None:
    with pytest.raises(JsonPatchError) as caught:
        after({}, operation)
    assert str(caught.value) == message


def test_an_object_does_not_grow_for_ever() -> None:
    doubling = [op("copy", f"/spec/x{number}", **{"from": "/spec"}) for number in range(40)]
    with pytest.raises(JsonPatchError, match="the object would become too large or too deep"):
        after({"a": 1, "b": [2] * 50}, *doubling)


@pytest.mark.parametrize(
    ("operation", "problems"),
    [
        (
            {"op": "ad", "path": "/a"},
            [
                "`op` must be one of add, copy, move, remove, replace, test; "
                '"ad" is none; did you mean "add"?'
            ],
        ),
        (
            {"path": "/a"},
            ["`op` must be one of add, copy, move, remove, replace, test; it has none"],
        ),
        ({"op": "add"}, ["add needs `path`", "add needs `value`"]),
        (
            {"op": "add", "path": "/a", "valu": 1},
            ['add needs `value`; did you mean "valu"?'],
        ),
        ({"op": "move", "path": "/a"}, ["move needs `from`"]),
        ({"op": "remove", "path": 5}, ["`path` must be a text such as /spec/replicas"]),
        ({"op": "remove", "path": ""}, ["`path` must not be empty"]),
        ({"op": "remove", "path": "a/b"}, ['`path` must begin with "/": write "/a/b"']),
        (
            {"op": "remove", "path": "/a~2b"},
            ['`path` "/a~2b" has a "~" that is no escape: write ~0 for "~" and ~1 for "/"'],
        ),
    ],
)
def test_wrong_operations(operation: dict[str, Any], problems: list[str]) -> None:
    found = operation_problems([op("remove", "/a"), operation])
    assert found == [f"operation 2: {problem}" for problem in problems]
