"""One environment of one application, changed by its caller."""

from __future__ import annotations

from typing import Any

import pytest

from celery_kustomize.errors import Problem
from celery_kustomize.load.yaml import parse
from celery_kustomize.located import Map, Mark, plain
from celery_kustomize.merge import Target, environments, overlay_names

SPEC = """\
metadata: {name: shop, namespace: shop, labels: {team: a}}
spec:
  image: shop:1
  workerDefaults: {replicas: 2}
  workers: [{name: a}]
  overlays:
  - {name: staging, namespace: shop-staging, labels: {stage: b}}
  - {name: production, from: staging, overrides: {image: 'shop:2'}}
"""


def document(text: str = SPEC) -> Map:
    ((found,), problems) = parse(text.encode(), "shop.yaml")
    assert problems == []
    return found


def located(value: Any, mark: Mark) -> Any:
    if isinstance(value, dict):
        marks = dict.fromkeys(value, mark)
        return Map({key: located(item, mark) for key, item in value.items()}, mark, marks)
    return value


def target(**values: Any) -> Target:
    result = Map()
    for name, value in values.items():
        mark = Mark(f"--{name}", 0)
        result.put(name, located(value, mark), mark)
    return Target(result)


def merged(wanted: Target, text: str = SPEC) -> tuple[list[Any], list[str]]:
    found, problems = environments(document(text), target=wanted)
    return [plain(item.document) for item in found], [str(problem) for problem in problems]


def test_the_base_alone() -> None:
    (base,), problems = merged(target())
    assert problems == []
    assert base["spec"] == plain(environments(document())[0][0].document)["spec"]


def test_an_overlay_and_its_base() -> None:
    found, problems = environments(document(), target=target(overlay="production"))
    assert problems == []
    assert [item.name for item in found] == [None, "production"]
    everything, _ = environments(document())
    assert found == [everything[0], everything[2]]


def test_changes_are_the_last_layer() -> None:
    wanted = target(
        overlay="production",
        image="3",
        namespace="x",
        labels={"stage": "c", "more": "d"},
        annotations={"e": "f"},
        overrides={"workerDefaults": {"replicas": 5}},
    )
    (base, changed), problems = merged(wanted)
    assert problems == []
    assert base == plain(environments(document())[0][0].document)
    assert changed["metadata"] == {
        "name": "shop",
        "namespace": "x",
        "labels": {"team": "a", "stage": "c", "more": "d"},
        "annotations": {"e": "f"},
    }
    assert changed["spec"]["image"] == "shop:3"
    assert changed["spec"]["workers"] == [{"name": "a", "replicas": 5}]
    assert "overlays" not in changed["spec"]


def test_changes_of_the_base_leave_its_overlays_to_be_checked() -> None:
    (base,), problems = merged(target(image="3", overrides={"beat": {}}))
    assert problems == []
    assert (base["spec"]["image"], base["spec"]["beat"]) == ("shop:3", {})
    assert len(base["spec"]["overlays"]) == 2


def test_marks_say_where_a_change_was_written() -> None:
    found, _ = environments(document(), target=target(image="3", namespace="x"))
    changed = found[0].document
    assert changed["spec"].mark_of("image") == Mark("--image", 0)
    assert changed["metadata"].mark_of("namespace") == Mark("--namespace", 0)


def test_an_overlay_that_is_not_there() -> None:
    _, problems = merged(target(overlay="prodction"))
    assert problems == [
        '--overlay: shop has no overlay "prodction" (it has: staging, production);'
        ' did you mean "production"?'
    ]
    _, problems = merged(target(overlay="x"), "metadata: {name: shop}\nspec: {}\n")
    assert problems == ['--overlay: shop has no overlay "x" (it has: none)']


@pytest.mark.parametrize("image", ["shop:", "5"])
def test_an_image_over_one_that_is_wrong_is_left_to_the_model(image: str) -> None:
    (base,), problems = merged(target(image="quay.io/x:1"), SPEC.replace("shop:1", f"'{image}'"))
    assert problems == []
    assert base["spec"]["image"] == (image if image == "shop:" else "quay.io/x:1")


def test_what_does_not_nest() -> None:
    wanted = target(overlay="staging", overrides={"overlays": [], "patches": []})
    _, problems = merged(wanted)
    assert problems == [
        "--overrides: overlays do not nest: use `from` to start from another overlay",
        "--overrides: write an overlay's patches beside `overrides`, not in it",
    ]


def test_choosing_an_application() -> None:
    assert target().choose(["a"]) == "a"
    assert target(application="b").choose(["a", "b"]) == "b"
    assert target().choose(["a", "b"]) == Problem(
        "--application", 0, "", "there are several applications (a, b): name one"
    )
    assert Target(origin="parameter {}").choose(["a", "b"]) == Problem(
        "parameter application", 0, "", "there are several applications (a, b): name one"
    )
    assert target(application="alpha").choose(["alpa", "b"]) == Problem(
        "--application",
        0,
        "",
        'there is no application "alpha" (found: alpa, b); did you mean "alpa"?',
    )


def test_names_of_overlays() -> None:
    (file,), _ = parse(b"metadata: {name: europe}\nspec: {}\n", "europe.yaml")
    (under,), _ = parse(b"spec: {overlays: [{name: test}]}\n", "defaults.yaml")
    assert overlay_names(document(), [file], [under]) == ["test", "staging", "production", "europe"]
    assert overlay_names(Map()) == []
