from __future__ import annotations

from typing import Any

import pytest

from celery_kustomize.k8s.kustomization import Image, Replicas
from celery_kustomize.k8s.kustomize_transformers import (
    apply_images,
    bears_images_field,
    image_matches,
    new_image,
    set_labels,
    set_replicas,
    split_image,
)


def one(kind: str, api: str, **fields: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": "x"}, **fields}


@pytest.mark.parametrize(
    ("kind", "api", "paths"),
    [
        ("Service", "v1", [""]),
        ("Pod", "v1", [""]),
        ("Deployment", "any/v2", ["", "spec.template"]),
        ("StatefulSet", "apps/v1", ["", "spec.template"]),
        ("Job", "batch/v1", ["", "spec.template"]),
        ("CronJob", "batch/v1", [""]),
        ("Rollout", "argoproj.io/v1alpha1", [""]),
    ],
)
def test_labels_reach_objects_and_templates(kind: str, api: str, paths: list[str]) -> None:
    template = {"metadata": {"labels": {"app": "a"}}}
    claim = {"metadata": {"name": "data"}}
    item = one(kind, api, spec={"template": template, "volumeClaimTemplates": [claim]})
    found = set_labels(item, {"team": "x"})
    for path in paths:
        place = found
        for key in filter(None, path.split(".")):
            place = place[key]
        assert place["metadata"]["labels"]["team"] == "x"
    assert str(found).count("team") == len(paths)


def test_labels_leave_templates_without_labels_alone() -> None:
    found = set_labels(one("Deployment", "apps/v1", spec={"template": {}}), {"team": "x"})
    assert found["spec"] == {"template": {}}


def test_labels_override_and_leave_their_input_alone() -> None:
    item = one("Service", "v1")
    item["metadata"]["labels"] = {"team": "a", "b": "c"}
    assert set_labels(item, {"team": "x"})["metadata"]["labels"] == {"team": "x", "b": "c"}
    assert item["metadata"]["labels"] == {"team": "a", "b": "c"}


@pytest.mark.parametrize(
    ("image", "parts"),
    [
        ("app", ("app", "", "")),
        ("app:1", ("app", "1", "")),
        ("reg:5000/app", ("reg:5000/app", "", "")),
        ("reg:5000/app:1@sha256:ab", ("reg:5000/app", "1", "sha256:ab")),
        ("app@sha256:ab", ("app", "", "sha256:ab")),
    ],
)
def test_parts_of_an_image(image: str, parts: tuple[str, str, str]) -> None:
    assert split_image(image) == parts


@pytest.mark.parametrize(
    ("image", "name", "expected"),
    [
        ("app:1", "app", True),
        ("app-x:1", "app", False),
        ("a/app:1", "app", False),
        ("jpxicr.io/a", "jp.icr.io/a", True),
        ("reg:5000/a:1@sha256:ab", "reg:5000/a", True),
    ],
)
def test_entries_match_as_regular_expressions(image: str, name: str, expected: bool) -> None:
    assert image_matches(image, name) is expected


@pytest.mark.parametrize(
    ("image", "entry", "expected"),
    [
        ("a:1@sha256:ab", Image("a", new_tag="2"), "a:2"),
        ("a:1", Image("a", digest="sha256:ab"), "a@sha256:ab"),
        ("a:1", Image("a", "b", "2", "sha256:ab"), "b:2@sha256:ab"),
        ("a:1@sha256:ab", Image("a", "b"), "b:1@sha256:ab"),
        ("c:1", Image("a", "b"), "c:1"),
    ],
)
def test_what_an_entry_makes(image: str, entry: Image, expected: str) -> None:
    assert new_image(image, [entry]) == expected


def test_results_match_later_entries() -> None:
    assert new_image("a:1", [Image("a", "b"), Image("b", "a")]) == "a:1"


def test_images_at_any_depth() -> None:
    pod = {
        "containers": [{"name": "main", "image": "a"}, {"name": "none"}],
        "volumes": [{"name": "v", "image": {"reference": "a"}}, {"name": "w"}],
    }
    item = one(
        "Any",
        "x/v1",
        spec={"template": {"spec": pod}, "deep": [{"initContainers": [{"image": "a"}]}]},
    )
    seen = []
    changed = apply_images(item, lambda path, image: seen.append(path) or f"{image}:2")  # type: ignore[func-returns-value]
    assert seen == [
        ("spec", "template", "spec", "containers", "main"),
        ("spec", "deep", "0", "initContainers", "0"),
        ("spec", "template", "spec", "volumes", "v"),
    ]
    assert str(changed).count("a:2") == 3
    assert "a:2" not in str(item)
    crd = {**item, "kind": "CustomResourceDefinition"}
    assert apply_images(crd, lambda _, image: f"{image}:2") == crd


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, True),
        ("text", False),
        (["text"], False),
        ([{"containers": []}], True),
        ({"containers": "text"}, False),
        ({"containers": [{"image": {"a": 1}}]}, False),
        ({"deep": {"containers": [{"image": {"a": 1}}]}}, False),
        ({"template": None}, True),
        ({"volumes": [{"image": "text"}]}, False),
    ],
)
def test_shapes_that_kustomize_can_go_through(spec: Any, expected: bool) -> None:
    assert bears_images_field(one("Any", "x/v1", spec=spec)) is expected


def test_replicas_are_set_or_made_on_scalable_kinds() -> None:
    entries = [Replicas("x", 3), Replicas("y", 4)]
    assert set_replicas(one("Deployment", "apps/v1"), entries)["spec"] == {"replicas": 3}
    assert set_replicas(one("Rollout", "a/v1"), entries) == one("Rollout", "a/v1")
