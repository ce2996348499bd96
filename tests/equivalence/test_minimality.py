"""Nothing in an overlay is there in vain: without any leaf of its patches the law breaks."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Kustomization
from tests.equivalence.folders import built_directly, built_over, overlay_of, typed
from tests.equivalence.kustomize_client import BuildError
from tests.equivalence.objects import container, deployment, of, one

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.equivalence.kustomize_client import Builder


def variable(name: str, value: str = "1") -> dict[str, str]:
    return {"name": name, "value": value}


def worker(*env: dict[str, str], **fields: Any) -> Kustomization:
    volumes = [{"name": "v", **fields.pop("volume", {"emptyDir": {}})}]
    return of(deployment("worker", container(env=list(env), **fields), pod={"volumes": volumes}))


def service(**spec: Any) -> Kustomization:
    return of(one("Service", "web", spec=spec))


def scaler(*lengths: str, **spec: Any) -> Kustomization:
    triggers = [
        {"type": "redis", "metadata": {"address": "redis:6379", "listLength": length, "key": "q"}}
        for length in lengths
    ]
    return of(one("ScaledObject", "w", api="keda.sh/v1alpha1", spec={**spec, "triggers": triggers}))


def settings(**data: str) -> Kustomization:
    return Kustomization("", config_maps=[ConfigMapGenerator("settings", data)])


A, B, C, D = map(variable, "ABCD")
CASES = {
    "change in the middle": (worker(A, B, C), worker(A, variable("B", "2"), C)),
    "append": (worker(A, B), worker(A, B, C)),
    "prepend and delete": (worker(A, B, D), worker(C, A, D)),
    "reorder": (worker(A, B, C, D), worker(C, A, B, D)),
    "union": (worker(volume={"emptyDir": {}}), worker(volume={"configMap": {"name": "c"}})),
    "emptied": (worker(A, resources={"limits": {"cpu": "1"}}), worker(resources={"limits": {}})),
    "resources": (
        worker(resources={"limits": {"cpu": "1", "memory": "1Gi"}, "requests": {"cpu": "1"}}),
        worker(resources={"limits": {"memory": "2Gi"}, "requests": {"cpu": "1"}}),
    ),
    "two keys": (
        service(ports=[{"port": 1, "protocol": "TCP"}, {"port": 2, "protocol": "TCP"}]),
        service(
            ports=[{"port": 3, "protocol": "TCP"}, {"port": 2, "protocol": "TCP", "name": "x"}]
        ),
    ),
    "list without keys": (scaler("1", "2", maxReplicaCount=3), scaler("1", "4", maxReplicaCount=5)),
    "generated": (settings(a="1", b="2", c="3"), settings(a="1", b="x")),
}


def without_a_leaf(value: Any) -> Iterator[Any]:
    """``value`` with each of its leaves and stubs left out in turn."""
    if isinstance(value, dict):
        for key, item in value.items():
            smaller = list(without_a_leaf(item)) if isinstance(item, dict | list) and item else []
            for each in smaller:
                yield {**value, key: each}
            if not smaller:
                yield {other: value[other] for other in value if other != key}
    elif isinstance(value, list):
        for index, item in enumerate(value):
            for each in filter(None, without_a_leaf(item)):
                yield [*value[:index], each, *value[index + 1 :]]
            yield value[:index] + value[index + 1 :]


@pytest.mark.parametrize("name", CASES)
def test_no_leaf_can_be_left_out(kustomize: Builder, name: str) -> None:
    base, wanted = CASES[name]
    top = overlay_of(base, wanted)
    expected = typed(built_directly(kustomize, wanted))
    assert typed(built_over(kustomize, base, top)) == expected
    for index, patch in enumerate(top.patches):
        for content in without_a_leaf(list(patch.content)):
            if not content:
                continue
            patches = list(copy.copy(top.patches))
            patches[index] = replace(patch, content=content)
            try:
                built = typed(built_over(kustomize, base, replace(top, patches=patches)))
            except (BuildError, ValueError):
                continue
            assert built != expected, content
