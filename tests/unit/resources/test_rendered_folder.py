"""The folder of an application: files, their order, labels, namespace, ConfigMaps."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.resources.rendering import rendering

EVERYTHING = """
redis: {passwordFrom: {secretKeyRef: {name: s, key: k}}}
broker: {managedRedis: {}}
workers: [{name: b}, {name: a}]
beat: {}
flower: {}
web: {command: [x]}
migration: {command: [x]}
networkPolicy: {}
monitoring: {exporter: {}}
"""


def secret(name: str, **metadata: Any) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name, **metadata}}


def test_one_file_a_component_in_the_readers_order() -> None:
    found = rendering(EVERYTHING, extra={"extra-x.yaml": [secret("x")]})
    assert list(found.folder.resources) == [
        "service-account.yaml",
        "redis.yaml",
        "migration.yaml",
        "worker-b.yaml",
        "worker-a.yaml",
        "beat.yaml",
        "flower.yaml",
        "web.yaml",
        "exporter.yaml",
        "network-policies.yaml",
        "extra-x.yaml",
    ]


def test_components_that_are_not_there_have_no_file() -> None:
    found = rendering("serviceAccount: {create: false}\nworkers: [{name: a}]")
    assert list(found.folder.resources) == ["worker-a.yaml"]


@given(st.permutations(EVERYTHING.strip().splitlines()))
def test_the_order_of_the_spec_changes_nothing(lines: list[str]) -> None:
    assert rendering("\n".join(lines)).folder == rendering(EVERYTHING).folder


def test_no_object_has_the_namespace_itself() -> None:
    found = rendering(EVERYTHING, "{name: shop, namespace: shop}")
    assert found.folder.namespace == "shop"
    assert all("namespace" not in item["metadata"] for item in found.objects.values())
    assert not found.folder.namespace_unset_only


def test_objects_with_a_namespace_of_their_own_keep_it() -> None:
    extra = {"extra-x.yaml": [secret("x", namespace="other")]}
    found = rendering(EVERYTHING, "{name: shop, namespace: shop}", extra)
    assert found("Secret", "x")["metadata"]["namespace"] == "other"
    assert found.folder.namespace_unset_only
    assert not rendering(EVERYTHING, extra=extra).folder.namespace_unset_only


def test_names_of_components() -> None:
    found = rendering(
        """
        redis: {name: r, passwordFrom: {secretKeyRef: {name: s, key: k}}}
        workers: [{name: a}]
        beat: {name: b}
        flower: {name: f}
        web: {name: w, command: [x]}
        migration: {name: m, command: [x]}
        monitoring: {exporter: {name: e}}
        networkPolicy: {}
        """
    )
    names = {name for _, name in found.objects}
    assert names == {
        "shop",
        "r",
        "r-headless",
        "shop-worker-a",
        "b",
        "f",
        "w",
        "m",
        "e",
        "shop-deny-ingress",
    }


def test_two_objects_never_share_kind_and_name() -> None:
    found = rendering(EVERYTHING)
    assert len(found.objects) == len(found.folder.objects())


def test_rendering_again_gives_the_same() -> None:
    first, second = rendering(EVERYTHING).folder, rendering(EVERYTHING).folder
    assert repr(first) == repr(second)
