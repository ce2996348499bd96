"""What is foreseen of the user's patches is what kustomize makes of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from celery_kustomize.k8s.kustomize_annotations import key_problem
from celery_kustomize.k8s.kustomize_json_patch import (
    JsonPatchError,
    apply_operations,
    operation_problems,
)
from celery_kustomize.k8s.kustomize_selector import SelectorError, identity, selector
from celery_kustomize.k8s.kustomize_strategic_merge import StrategicMergeError, merge_patch
from celery_kustomize.k8s.names import check_annotation_key
from celery_kustomize.k8s.yaml_text import dump
from celery_kustomize.overlay.damage import rounded
from celery_kustomize.overlay.pairing import generated
from tests.equivalence.applications import Specs
from tests.equivalence.folders import built_directly
from tests.equivalence.generated_objects import WEIGHTED, whole
from tests.equivalence.generated_patches import (
    expression,
    label_selector,
    operations,
    partial,
    user_patch,
)
from tests.equivalence.kustomize_client import BuildError
from tests.equivalence.laws import check_application, rendered
from tests.equivalence.test_applications import examples

if TYPE_CHECKING:
    from random import Random

    from celery_kustomize.k8s.kustomization import Object
    from tests.equivalence.kustomize_client import Builder

# kustomize panics on role bindings whose subjects are no maps.
KINDS = [kind for kind in WEIGHTED if not kind[1].endswith("Binding")]

randoms = st.randoms(use_true_random=False)


def patched(
    kustomize: Builder, item: Object, patch: Any = None, target: Object | None = None
) -> list[Object]:
    """What kustomize makes of ``item``; ``BuildError`` when it fails."""
    entry = {"path": "patch.yaml", **({"target": target} if target else {})}
    kustomization = {"resources": ["item.yaml"], "patches": [entry] if patch else []}
    files = {"kustomization": kustomization, "item": item, "patch": patch}
    return kustomize.build(
        {f"base/{name}.yaml": dump(each) for name, each in files.items()}, "base"
    )


def typed(value: Any) -> str:
    """``value`` as a text; 1.0 is 1, as kustomize prints it."""
    if isinstance(value, dict):
        parts = [f"{json.dumps(key)}: {typed(each)}" for key, each in sorted(value.items())]
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(typed, value)) + "]"
    return json.dumps(int(value) if isinstance(value, float) and value.is_integer() else value)


@examples(300)
@given(random=randoms)
def test_partial_objects(kustomize: Builder, random: Random) -> None:
    kind = random.choice(KINDS)
    item, other = (whole(random, kind, "thing", None) for _ in range(2))
    patch = partial(random, item, other)
    try:
        merged = merge_patch(item, patch)
        wanted = [merged.item] if merged.item is not None else []
    except StrategicMergeError:
        with pytest.raises(BuildError):
            patched(kustomize, item, patch)
        return
    try:
        found = patched(kustomize, item, patch)
    except BuildError as error:
        # Of a later step, which cannot follow a reference through what the patch put there.
        assume("updating name reference" not in str(error))
        raise
    assert typed(found) == typed(wanted)


@examples(300)
@given(random=randoms)
def test_operations(kustomize: Builder, random: Random) -> None:
    item = whole(random, random.choice(KINDS), "thing", None)
    item["metadata"].pop("annotations", None)
    steps = operations(random, item)
    assert operation_problems(steps) == []
    assume(not list(rounded(item, steps)))
    try:
        wanted = apply_operations(item, steps)
    except JsonPatchError:
        # Stricter than kustomize: it may not fail, but what it makes is not what was meant.
        return
    try:
        found = patched(kustomize, item, steps, {"name": "thing"})
    except BuildError as error:
        assume("updating name reference" not in str(error))
        raise
    assert typed(found) == typed([wanted])


STRICTER = ("copy", "it leaves", "kustomize has annotations")


@examples(150)
@given(random=randoms)
def test_operations_that_cannot_be_applied(kustomize: Builder, random: Random) -> None:
    item = whole(random, random.choice(KINDS), "thing", None)
    steps = operations(random, item)
    try:
        apply_operations(item, steps)
    except JsonPatchError as error:
        assume(not any(part in str(error) for part in STRICTER))
        with pytest.raises(BuildError):
            patched(kustomize, item, steps, {"name": "thing"})
    else:
        assume(False)


@examples(200)
@given(random=randoms)
def test_targets(kustomize: Builder, random: Random) -> None:
    item = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "ab-c.d", "labels": {"a": "x", "b": "5"}},
    }
    wanted = random.choice(["name", "labelSelector"])
    text = expression(random, "ab-c.d") if wanted == "name" else label_selector(random)
    try:
        foreseen: bool | None = selector({wanted: text}).selects(item, identity(item))
    except SelectorError as error:
        # kustomize puts "^(?:" and ")$" around, and may so make sense of "a)(b".
        assume("understood here" not in str(error) and 'no "("' not in str(error))
        foreseen = None
    steps = [{"op": "add", "path": "/data", "value": {"p": "q"}}]
    try:
        built = patched(kustomize, item, steps, {wanted: text})
        assert foreseen is ("data" in built[0])
    except BuildError:
        assert foreseen is None


KEYS = ["123", "1.5", "1e3", "0x1F", "014", "0b11", "1_0", "True", "null", "2024-1-2", "08", "1e+5"]
KEYS += [
    "a",
    "1-2",
    "1.2.3",
    "1e",
    "e1",
    "0x",
    "yes",
    "on",
    "nan",
    "1e400",
    "x/1",
    "0b12",
    "20240102",
]


@pytest.mark.parametrize("key", [key for key in KEYS if check_annotation_key(key) is None])
def test_keys_of_annotations(kustomize: Builder, key: str) -> None:
    item = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    item["metadata"] = {"name": "c", "annotations": {key: "x"}}
    if key_problem(key):
        with pytest.raises(BuildError):
            patched(kustomize, item)
    else:
        assert patched(kustomize, item) == [item]


SHOP: Object = {
    "app": "shop.celery",
    "image": "app:1",
    "broker": {"redis": {"host": "redis.data.svc"}},
    "config": {"values": {"task_acks_late": True}},
    "workers": [{"name": "a", "queues": ["q"], "replicas": 2}, {"name": "b", "queues": ["r"]}],
    "beat": {},
}
OVERLAYS: list[Object] = [
    {"name": "same"},
    {"name": "prod", "namespace": "prod", "overrides": {"image": "app:2"}},
    {"name": "labelled", "labels": {"own": "x"}, "overrides": {"beat": None}},
    {
        "name": "changed",
        "overrides": {
            "config": {"values": {"task_time_limit": 700}},
            "workers": [{"name": "b", "$patch": "delete"}, {"name": "c", "queues": ["s"]}],
        },
    },
]


def shop(namespace: str | None, labels: Object, **fields: Any) -> Specs:
    metadata = {"name": "shop", "labels": labels, **({"namespace": namespace} if namespace else {})}
    version = {"apiVersion": "celeryproject.org/v1beta1", "kind": "CeleryApplication"}
    return Specs({"shop.yaml": dump({**version, "metadata": metadata, "spec": {**SHOP, **fields}})})


@examples(60)
@given(random=randoms)
def test_patches_in_specs(kustomize: Builder, random: Random) -> None:
    """What is not refused can be built, and overlays give what the merged spec gives."""
    base = shop(None, {}).rendered().base
    objects = [*base.objects(), *map(generated, base.config_maps)]
    patches = [user_patch(random, objects) for _ in range(random.randint(0, 2))]
    last = user_patch(random, objects)
    first, second = random.sample(OVERLAYS, 2)
    overlays = [first, {**second, "patches": [last]}]
    # A patch of an overlay finds the base's labels in the base, where it may take them from.
    takes = any(f"op: {name}" in last["patch"] for name in ("copy", "move"))
    own: tuple[Any, Any] = random.choice([None, "shop"]), {} if takes else {"team": "x"}
    application = rendered(shop(*own, patches=patches, overlays=overlays))
    assert built_directly(kustomize, application.base)
    check_application(kustomize, application)
