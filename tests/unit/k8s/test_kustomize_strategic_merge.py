"""That kustomize does the same is held in tests/equivalence/test_patches.py."""

from __future__ import annotations

from typing import Any

import pytest

from celery_kustomize.k8s.kustomize_strategic_merge import (
    Merged,
    StrategicMergeError,
    merge_patch,
)

Fields = dict[str, Any]


def deployment(pod: Fields) -> Fields:
    metadata = {"name": "d"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"template": {"spec": pod}},
    }


def container(**fields: Any) -> Fields:
    return {"containers": [{"name": "c", **fields}]}


def merged(pod: Fields, patch: Fields) -> Merged:
    return merge_patch(deployment(pod), deployment(patch))


def pod_after(pod: Fields, patch: Fields) -> Fields:
    found = merged(pod, patch)
    assert found.lost == []
    assert found.item is not None
    result: Fields = found.item["spec"]["template"]["spec"]
    return result


A, B, C = ({"name": name, "value": "x"} for name in "ABC")


@pytest.mark.parametrize(
    ("pod", "patch", "wanted"),
    [
        ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": {"b": 1}}, {"a": {"b": None, "c": None}}, {"a": {}}),
        ({"a": {"b": 1}}, {"a": {"$patch": "replace", "c": 2}}, {"a": {"c": 2}}),
        ({"a": {"b": 1}}, {"a": {"$patch": "delete"}}, {}),
        ({}, {"a": {"$patch": "replace", "b": {"c": None}}}, {"a": {"b": {}}}),
        ({"tolerations": [1, 2]}, {"tolerations": [3]}, {"tolerations": [3]}),
        ({"a": "plain"}, {"a": 1}, {"a": 1}),
        ({"a": "1"}, {"a": 2}, {"a": "2"}),
        ({"a": 1}, {"a": "2"}, {"a": "2"}),
    ],
)
def test_maps_and_values(pod: Fields, patch: Fields, wanted: Fields) -> None:
    assert pod_after(pod, patch) == wanted


@pytest.mark.parametrize(
    ("env", "patch", "wanted"),
    [
        ([A, B, C], [{"name": "B", "value": "y"}], [{"name": "B", "value": "y"}, A, C]),
        ([A, B], [{"name": "A"}, {"name": "B"}, C], [A, B, C]),
        ([A, B], [{"name": "A", "$patch": "delete"}], [B]),
        ([A, B], [{"$patch": "replace"}, C], [C]),
        ([A], [{"name": "A", "$patch": "delete"}], []),
        ([A, B], [], [A, B]),
    ],
)
def test_lists_with_a_key(env: list[Fields], patch: list[Fields], wanted: list[Fields]) -> None:
    found = pod_after(container(env=env), container(env=patch))
    assert found["containers"][0]["env"] == wanted


def test_two_keys() -> None:
    tcp, udp = ({"containerPort": 53, "protocol": each} for each in ("TCP", "UDP"))
    found = pod_after(container(ports=[tcp, udp]), container(ports=[{**udp, "name": "dns"}]))
    assert found["containers"][0]["ports"] == [tcp, {**udp, "name": "dns"}]


def test_texts_with_merge_strategy() -> None:
    item, patch = deployment({}), deployment({})
    item["metadata"] = {"name": "d", "finalizers": ["x", "y"]}
    patch["metadata"] = {"name": "d", "finalizers": ["y", "z"]}
    found = merge_patch(item, patch).item
    assert found is not None
    assert found["metadata"]["finalizers"] == ["y", "z", "x"]


def test_what_a_patch_cannot_change() -> None:
    item = deployment({})
    patch = {
        "apiVersion": "v9",
        "kind": "any",
        "metadata": {"name": "any", "namespace": "x", "annotations": {}},
    }
    assert merge_patch(item, patch) == Merged(item)


def test_a_deletion() -> None:
    item = deployment({})
    assert merge_patch(item, {**item, "$patch": "delete"}) == Merged(None)


ENV = "items of spec.template.spec.containers[c].env are merged by name, and kustomize "
PORTS = (
    "items of spec.template.spec.containers[c].ports are merged by containerPort and protocol, "
    "and kustomize "
)


@pytest.mark.parametrize(
    ("pod", "patch", "message"),
    [
        (
            container(),
            {"containers": [{"image": "z"}]},
            "items of spec.template.spec.containers are merged by name, and kustomize passes over "
            "{image: z}: give name in every item, each item once",
        ),
        (
            container(env=[A]),
            container(env=[B, B]),
            ENV + "passes over {name: B, value: x}: give name in every item, each item once",
        ),
        (
            container(env=[A]),
            container(env=["A"]),
            ENV + "would drop {name: A, value: x} of the object: use JSON 6902 operations",
        ),
        (
            container(env=[A]),
            container(env=[{"name": "A", "$patch": "replace"}]),
            ENV + "ignores `$patch: replace` for {name: A, value: x}: write nulls instead",
        ),
        (
            container(env=[A, {"name": "A", "value": "y"}]),
            container(image="i"),
            ENV + "would drop {name: A, value: x} of the object: use JSON 6902 operations",
        ),
        (
            container(ports=[{"containerPort": 53}, {"containerPort": 80, "protocol": "TCP"}]),
            container(ports=[{"containerPort": 53, "$patch": "delete"}]),
            PORTS
            + "does not delete {containerPort: 53}: give containerPort and protocol in every item",
        ),
        (
            container(ports=[{"containerPort": 53, "protocol": "UDP"}]),
            container(ports=[{"containerPort": 53, "name": "dns"}]),
            PORTS
            + "passes over {containerPort: 53, name: dns}: give containerPort and protocol in "
            "every item, each item once",
        ),
        (
            container(),
            container(**{"$setElementOrder/env": []}),
            "kustomize does not know spec.template.spec.containers[c][$setElementOrder/env] and "
            "would leave it in the object: remove it",
        ),
        (
            {},
            {"tolerations": [{"key": "a", "$patch": "delete"}]},
            "kustomize does not know spec.template.spec.tolerations[0][$patch] and would leave it "
            "in the object: remove it",
        ),
    ],
)
def test_what_is_lost(pod: Fields, patch: Fields, message: str) -> None:
    assert merged(pod, patch).lost == [message]


def test_a_directive_on_the_whole_object_is_ignored() -> None:
    item = deployment({"a": 1})
    found = merge_patch(item, {**deployment({"b": 2}), "$patch": "replace"})
    assert found == Merged(
        item,
        [
            "kustomize ignores a patch with `$patch: replace` for the whole object: leave the "
            "directive out, or use JSON 6902 operations"
        ],
    )


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (
            {"containers": "x"},
            "spec.template.spec.containers is a list in the object and a value in the patch, which "
            "kustomize refuses: replace it with JSON 6902 operations",
        ),
        (
            container(resources=[]),
            "spec.template.spec.containers[c].resources is a map in the object and a list in the "
            "patch, which kustomize refuses: replace it with JSON 6902 operations",
        ),
        (
            container(resources={"$patch": "remove"}),
            "spec.template.spec.containers[c].resources[$patch] must be delete, replace or merge",
        ),
    ],
)
def test_what_kustomize_refuses(patch: Fields, message: str) -> None:
    with pytest.raises(StrategicMergeError) as caught:
        merged(container(resources={"limits": {"cpu": 1}}), patch)
    assert str(caught.value) == message


def test_a_text_among_maps() -> None:
    with pytest.raises(StrategicMergeError) as caught:
        merged(container(env=["A"]), container(image="i"))
    assert str(caught.value) == "A stands in a list of maps, which kustomize refuses"
