from __future__ import annotations

from typing import Any

import pytest

from celery_kustomize.k8s.kustomize_merge_keys import merge_schema
from celery_kustomize.k8s.yaml_text import Commented
from celery_kustomize.overlay.strategic import (
    NotMergeableError,
    is_mergeable,
    strategic_difference,
)

SCHEMA = merge_schema("v1", "Pod")


def pod(**spec: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}


def difference(base: dict[str, Any], wanted: dict[str, Any]) -> Any:
    """The patch of the spec of a pod."""
    return strategic_difference(pod(**base), pod(**wanted), SCHEMA)["spec"]


def volumes(*names: str, **fields: Any) -> dict[str, Any]:
    return {"volumes": [{"name": name, **fields} for name in names]}


def test_maps_name_only_what_differs_and_null_what_goes() -> None:
    base = {"a": {"same": 1, "changed": 1, "gone": 1}, "b": 1}
    assert difference(base, {"a": {"same": 1, "changed": 2, "new": 3}, "b": 1}) == {
        "a": {"changed": 2, "new": 3, "gone": None}
    }


def test_one_and_true_differ() -> None:
    assert difference({"a": 1}, {"a": True}) == {"a": True}


def test_a_map_with_nothing_in_common_is_replaced() -> None:
    base = {"a": {"b": {"x": 1, "z": 1}}}
    assert difference(base, {"a": {"b": {"y": 1}}}) == {"a": {"b": {"$patch": "replace", "y": 1}}}
    assert difference(base, {"a": {"b": {}}}) == {"a": {"b": {"$patch": "replace"}}}
    assert difference({"a": {"b": {}}}, {"a": {"b": {"y": 1}}}) == {"a": {"b": {"y": 1}}}


@pytest.mark.parametrize(
    ("wanted", "patch"),
    [
        ("abx", ["a", "b", "x"]),
        ("xab", ["x"]),
        ("a", ["-b"]),
        ("ba", ["b"]),
        ("axb", ["a", "x"]),
        ("xb", ["x", "-a"]),
    ],
)
def test_a_list_with_a_key_names_all_before_the_last_change(wanted: str, patch: list[str]) -> None:
    def item(name: str) -> dict[str, Any]:
        if name.startswith("-"):
            return {"name": name[1:], "$patch": "delete"}
        return {"name": name, "emptyDir": {}} if name == "x" else {"name": name}

    found = difference(volumes(*"ab", emptyDir={}), volumes(*wanted, emptyDir={}))
    assert found["volumes"] == list(map(item, patch))


def test_a_list_is_replaced_where_that_is_shorter() -> None:
    assert difference(volumes(*"abcd", secret={}), volumes("e")) == {
        "volumes": [{"$patch": "replace"}, {"name": "e"}]
    }
    assert difference(volumes("a"), {"volumes": []}) == {"volumes": [{"$patch": "replace"}]}


def test_the_only_field_of_a_map_is_removed_by_its_name() -> None:
    base = {"a": {"b": {"x": 1}}}
    assert difference(base, {"a": {"b": {"y": 1}}}) == {"a": {"b": {"y": 1, "x": None}}}
    assert difference(base, {"a": {"b": {}}}) == {"a": {"b": {"x": None}}}


def test_a_plain_text_may_become_a_number_or_a_boolean() -> None:
    base = {"a": {"surge": "25%", "on": "x", "kept": 1}}
    assert difference(base, {"a": {"surge": 2, "on": True, "kept": 1}}) == {
        "a": {"surge": 2, "on": True}
    }


def test_the_first_item_that_only_keeps_its_place_says_so() -> None:
    found = difference(volumes(*"abc", emptyDir={}), volumes(*"abcx", emptyDir={}))["volumes"]
    comments = [item.comment if isinstance(item, Commented) else None for item in found]
    assert comments == ["Bare items keep their place.", None, None, None]
    # An item may have nothing but a name of its own.
    found = difference(
        volumes("a", emptyDir={}), {"volumes": [{"name": "n"}, *volumes("a")["volumes"]]}
    )
    assert not any(isinstance(item, Commented) for item in found["volumes"])


def test_an_item_nulls_the_member_that_it_loses() -> None:
    base = {"volumes": [{"name": "a", "emptyDir": {}}, {"name": "b"}]}
    wanted = {"volumes": [{"name": "a", "configMap": {"name": "c"}}, {"name": "b"}]}
    assert difference(base, wanted) == {
        "volumes": [{"name": "a", "configMap": {"name": "c"}, "emptyDir": None}]
    }


def test_two_keys_change_in_place_and_put_new_items_first() -> None:
    def ports(*ports: tuple[int, str]) -> list[dict[str, Any]]:
        return [{"containerPort": number, "protocol": protocol} for number, protocol in ports]

    def container(*given: tuple[int, str], **last: str) -> dict[str, Any]:
        found = ports(*given)
        found[-1].update(last)
        return {"containers": [{"name": "c", "ports": found}]}

    base = container((1, "TCP"), (1, "UDP"), (2, "TCP"))
    assert difference(base, container((9, "TCP"), (1, "TCP"), (2, "TCP"), name="x")) == {
        "containers": [
            {
                "name": "c",
                "ports": [
                    *ports((9, "TCP")),
                    {"containerPort": 2, "protocol": "TCP", "name": "x"},
                    {"containerPort": 1, "protocol": "UDP", "$patch": "delete"},
                ],
            }
        ]
    }
    reordered = difference(base, container((2, "TCP"), (1, "UDP"), (1, "TCP")))
    assert reordered["containers"][0]["ports"][0] == {"$patch": "replace"}


@pytest.mark.parametrize(
    ("base", "wanted"),
    [("1", 1), ("on", True), ("x", "\ty"), ({}, []), ([], {}), ({"a": 1}, "a")],
)
def test_a_change_of_type_needs_the_map_around_it_or_another_patch(base: Any, wanted: Any) -> None:
    with pytest.raises(NotMergeableError):
        difference({"a": base}, {"a": wanted})
    assert difference({"m": {"k": {"a": base, "b": 1}}}, {"m": {"k": {"a": wanted, "b": 1}}}) == {
        "m": {"k": {"$patch": "replace", "a": wanted, "b": 1}}
    }
    assert difference(
        {"volumes": [{"name": "v", "a": base}]}, {"volumes": [{"name": "v", "a": wanted}]}
    ) == {"volumes": [{"$patch": "replace"}, {"name": "v", "a": wanted}]}


def test_finalizers_are_left_to_another_patch() -> None:
    base, wanted = pod(), pod()
    base["metadata"]["finalizers"], wanted["metadata"]["finalizers"] = ["a"], ["b"]
    with pytest.raises(NotMergeableError):
        strategic_difference(base, wanted, SCHEMA)


def test_annotations_go_one_by_one() -> None:
    base, wanted = pod(), pod()
    base["metadata"]["annotations"] = {"a": "1", "b": "2"}
    assert strategic_difference(base, wanted, SCHEMA)["metadata"] == {
        "annotations": {"a": None, "b": None}
    }
    wanted["metadata"]["annotations"] = {"c": "3"}
    assert strategic_difference(base, wanted, SCHEMA)["metadata"] == {
        "annotations": {"c": "3", "a": None, "b": None}
    }


def test_an_annotation_that_a_literal_block_cannot_hold() -> None:
    base, wanted = pod(), pod()
    base["metadata"]["annotations"] = {"a": "two\nlines"}
    wanted["metadata"]["annotations"] = {"a": "\ttab"}
    with pytest.raises(NotMergeableError):
        strategic_difference(base, wanted, SCHEMA)


@pytest.mark.parametrize(
    "spec",
    [
        {"a": None},
        {"a": [None]},
        {"$patch": "x"},
        {"volumes": [{"name": "a"}, {"name": "a"}]},
        {"volumes": [{"emptyDir": {}}]},
        {"volumes": ["a"]},
        {"volumes": [{"name": ""}]},
        {"containers": [{"name": "c", "ports": [{"containerPort": 1}, {"containerPort": 1}]}]},
        {
            "containers": [
                {
                    "name": "c",
                    "ports": [{"containerPort": 1, "protocol": "UDP"}, {"containerPort": 2}],
                }
            ]
        },
        {"containers": [{"name": "c", "ports": [{"containerPort": 1}, {"containerPort": "1"}]}]},
    ],
)
def test_what_any_strategic_merge_patch_would_damage(spec: dict[str, Any]) -> None:
    assert not is_mergeable(pod(**spec), SCHEMA)


def test_the_same_is_harmless_in_lists_without_keys() -> None:
    assert is_mergeable(pod(tolerations=[{"key": "a"}, {"key": "a"}, {}]), SCHEMA)
