"""What only messages and shapes show; that overlays are right is for tests/equivalence."""

from __future__ import annotations

from typing import Any

import pytest

from celery_kustomize.errors import SpecError
from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Kustomization, Object, Patch
from celery_kustomize.located import Mark
from celery_kustomize.overlay import overlay


def one(kind: str = "Deployment", name: str = "worker", **fields: Any) -> Object:
    metadata = {"name": name, **fields.pop("metadata", {})}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": metadata, **fields}


def of(*objects: Object, file: str = "worker.yaml", **fields: Any) -> Kustomization:
    return Kustomization("", resources={file: list(objects)}, **fields)


def over(base: Kustomization, wanted: Kustomization) -> Kustomization:
    return overlay(base, wanted, header="shop: production", base_path="../base")


def test_an_equal_environment_needs_only_the_base() -> None:
    assert over(of(one()), of(one())) == Kustomization(
        "shop: production", bases=("../base",), config_maps=[], replicas=[], patches=[]
    )


def test_patches_are_one_file_a_component_in_the_base_s_order() -> None:
    base = Kustomization(
        "",
        resources={
            "b.yaml": [one(name="b"), one("StatefulSet", name="b")],
            "a.yaml": [one(name="a"), one(name="same")],
        },
    )
    wanted = Kustomization(
        "",
        resources={
            "a.yaml": [one(name="same"), one(name="a", spec={"paused": True})],
            "b.yaml": [one("StatefulSet", name="b", spec={"x": 1}), one(name="b", spec={"y": 1})],
        },
    )
    patches = over(base, wanted).patches
    assert [patch.file for patch in patches] == ["b.yaml", "a.yaml"]
    assert patches[0].content == [
        one(name="b", spec={"y": 1}),
        one("StatefulSet", name="b", spec={"x": 1}),
    ]


def test_a_patch_file_gives_way_to_added_resources_of_its_name() -> None:
    top = over(of(one()), of(one(spec={"paused": True}), one("StatefulSet")))
    assert list(top.resources) == ["worker.yaml"]
    assert [patch.file for patch in top.patches] == ["worker-patch.yaml"]


def test_a_patch_names_the_namespace_that_the_base_s_object_names() -> None:
    base = of(one(metadata={"namespace": "infra"}), namespace="shop", namespace_unset_only=True)
    wanted = of(
        one(metadata={"namespace": "infra"}, spec={"x": 1}),
        namespace="shop",
        namespace_unset_only=True,
    )
    assert over(base, wanted).patches[0].content == wanted.objects()


def test_an_operation_with_lines_has_a_file_of_its_own() -> None:
    base = of(one(spec={"env": "1", "a": None}))
    top = over(base, of(one(spec={"env": "two\nlines", "a": None})))
    assert [patch.file for patch in top.patches] == ["worker-deployment-json6902.yaml"]
    assert top.patches[0].target == {
        "group": "apps",
        "version": "v1",
        "kind": "Deployment",
        "name": "worker",
    }


def test_the_environment_s_own_patches_come_last() -> None:
    own = Patch([one(spec={"paused": None})])
    top = over(of(one()), of(one(spec={"x": 1}), patches=[own]))
    assert [patch.content[0] for patch in top.patches] == [one(spec={"x": 1}), own.content[0]]


@pytest.mark.parametrize(
    ("own", "kept"),
    [
        (Patch([one(spec={"paused": True})]), True),
        (Patch([one(spec={"replicas": 7})]), False),
        (Patch([one() | {"$patch": "delete"}]), False),
        (
            Patch([{"op": "add", "path": "/spec/replicas", "value": 7}], target={"kind": "x"}),
            False,
        ),
    ],
)
def test_a_field_would_undo_the_environment_s_own_patch(own: Patch, kept: bool) -> None:
    top = over(of(one(spec={"replicas": 1})), of(one(spec={"replicas": 2}), patches=[own]))
    assert bool(top.replicas) is kept
    assert len(top.patches) == (1 if kept else 2)


def test_labels_of_the_base_are_repeated_for_what_does_not_have_them() -> None:
    base = of(one(), labels={"team": "x"})
    assert over(base, of(one(), labels={"team": "x", "tier": "y"})).labels == {"tier": "y"}
    added = of(one(), one("StatefulSet"), labels={"team": "x"})
    assert over(base, added).labels == {"team": "x"}


def message(base: Kustomization, wanted: Kustomization) -> str:
    with pytest.raises(SpecError) as caught:
        over(base, wanted)
    return str(caught.value)


def test_two_objects_of_one_identity() -> None:
    assert message(of(one(), one()), of(one())) == (
        "Deployment worker is there twice; keep one of them"
    )


def test_a_config_map_generated_here_and_written_there() -> None:
    written = of({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}})
    generated = Kustomization("", config_maps=[ConfigMapGenerator("c", {"a": "b"})])
    assert message(written, generated) == (
        "ConfigMap c is generated in one of base and overlay and written out in the other; "
        "give one of them another name"
    )


def test_a_namespace_that_an_overlay_takes_away() -> None:
    assert message(of(one(), namespace="shop"), of(one())) == (
        "the base is in namespace shop, which an overlay cannot take away; "
        "give the overlay a namespace"
    )


def test_a_message_has_the_place_of_the_object() -> None:
    marks = {("apps", "Deployment", "", "worker"): Mark("extra.yaml", 7)}
    wanted = of(one(spec={"a": 2**53 + 1, "b": 1}))
    with pytest.raises(SpecError) as caught:
        overlay(of(one(spec={"a": 2**53 + 1, "b": "1"})), wanted, header="", marks=marks)
    assert str(caught.value) == (
        "extra.yaml:7: Deployment worker cannot be patched: it has integers beyond 2^53 beside a "
        "list with duplicate or incomplete keys, a null, a key starting with $, or a value that "
        "changes its type; remove these, or give the object to each overlay (extraResources)"
    )


def test_labels_reach_into_pods_only_where_these_lack_them() -> None:
    template = {"template": {"metadata": {"labels": {"a": "b"}}}}
    base, wanted = of(one(spec=template), labels={"team": "x"}), one(spec=template)
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "added"}}
    top = over(base, of(wanted, secret, labels={"team": "x"}))
    assert (top.labels, top.labels_in_pods) == ({"team": "x"}, False)
    top = over(base, of(wanted, labels={"team": "x", "tier": "y"}))
    assert (top.labels, top.labels_in_pods) == ({"tier": "y"}, True)


def test_a_text_that_a_patch_of_the_base_may_have_put_in_quotes() -> None:
    """A strategic-merge patch that makes ``http`` of ``"80"`` leaves it in quotes."""
    base, wanted = of(one(spec={"port": "http"})), of(one(spec={"port": 8080}))
    assert over(base, wanted).patches[0].content == [one(spec={"port": 8080})]
    patched = [Patch([one(spec={"port": "http"})])]
    top = overlay(base, wanted, header="", patched=patched)
    assert list(top.patches[0].content) == [{"op": "replace", "path": "/spec/port", "value": 8080}]
