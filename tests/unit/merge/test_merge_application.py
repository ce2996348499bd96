"""The documents of every environment: defaults, overlays, their chains, worker defaults."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import Any

import pytest

from celery_kustomize.load.yaml import parse
from celery_kustomize.located import Map, Mark, mark_at, plain
from celery_kustomize.merge import Environment, environments
from celery_kustomize.merge import application as merge_application


def located(text: str, file: str) -> Map:
    documents, problems = parse(dedent(text).encode(), file)
    assert problems == []
    return documents[0]


def application(spec: str, metadata: str = "{name: shop}") -> Map:
    head = f"kind: CeleryApplication\nmetadata: {metadata}\nspec:\n"
    return located(head + indent(dedent(spec).lstrip("\n"), "  "), "shop.yaml")


def overlay(spec: str, name: str = "file", file: str = "overlay.yaml") -> Map:
    return located(f"metadata: {{name: {name}}}\nspec: {spec}\n", file)


def defaults(spec: str, file: str = "defaults.yaml") -> Map:
    return located(f"kind: CeleryApplicationDefaults\nspec: {spec}\n", file)


def of(
    spec: str, *, metadata: str = "{name: shop}", overlays: Any = (), under: Any = ()
) -> tuple[dict[str | None, Environment], list[str]]:
    found, problems = environments(application(spec, metadata), overlays, under)
    return {item.name: item for item in found}, [str(problem) for problem in problems]


def specs(spec: str, **given: Any) -> dict[str | None, Any]:
    found, problems = of(spec, **given)
    assert problems == []
    return {name: plain(item.document["spec"]) for name, item in found.items()}


def test_an_application_without_overlays_is_its_base() -> None:
    found, problems = of("app: a")
    assert problems == []
    assert list(found) == [None]
    assert found[None].file == "shop.yaml"
    assert plain(found[None].document) == {
        "kind": "CeleryApplication",
        "metadata": {"name": "shop"},
        "spec": {"app": "a"},
    }


def test_overlays_change_the_base_and_not_each_other() -> None:
    found = specs(
        """
        image: a:1
        overlays:
        - {name: staging, overrides: {image: a:2}}
        - {name: production, overrides: {app: b}}
        """
    )
    assert list(found) == [None, "staging", "production"]
    assert found["staging"] == {"image": "a:2"}
    assert found["production"] == {"image": "a:1", "app": "b"}


def test_the_base_keeps_its_overlays_for_the_model_to_check() -> None:
    found = specs("overlays: [{name: prod, overides: {}}]")
    assert found[None] == {"overlays": [{"name": "prod", "overides": {}}]}
    assert found["prod"] == {}


def test_worker_defaults_come_under_every_worker_set() -> None:
    found = specs(
        """
        workerDefaults:
          replicas: 2
          env: [{name: A, value: x}, {name: B, value: y}]
          resources: {limits: {cpu: 1}}
        workers:
        - name: a
          env: [{name: B, value: z}, {name: A, $patch: delete}]
        - {name: b, replicas: 5, resources: null}
        overlays:
        - name: prod
          overrides: {workerDefaults: {replicas: 3}, workers: [{name: c}]}
        """
    )
    assert found[None]["workers"] == [
        {
            "name": "a",
            "replicas": 2,
            "env": [{"name": "B", "value": "z"}],
            "resources": {"limits": {"cpu": 1}},
        },
        {
            "name": "b",
            "replicas": 5,
            "resources": None,
            "env": [{"name": "A", "value": "x"}, {"name": "B", "value": "y"}],
        },
    ]
    assert [(w["name"], w["replicas"]) for w in found["prod"]["workers"]] == [
        ("a", 3),
        ("b", 5),
        ("c", 3),
    ]


def test_worker_defaults_give_way_in_one_of_groups() -> None:
    found = specs(
        """
        workerDefaults: {podDisruptionBudget: {minAvailable: 1}}
        workers: [{name: a, podDisruptionBudget: {maxUnavailable: 2}}, {name: b}]
        """
    )
    assert [w["podDisruptionBudget"] for w in found[None]["workers"]] == [
        {"maxUnavailable": 2},
        {"minAvailable": 1},
    ]


def test_defaults_come_under_the_application_the_first_lowest() -> None:
    found = specs(
        "{image: own, overlays: [{name: prod, overrides: {image: prod}}]}",
        under=[
            defaults("{image: low, app: low, redis: low, workers: [{name: d}]}"),
            defaults("{app: high, redis: high}"),
        ],
    )
    assert {k: v for k, v in found[None].items() if k != "overlays"} == {
        "image": "own",
        "app": "high",
        "redis": "high",
        "workers": [{"name": "d"}],
    }
    assert found["prod"]["image"] == "prod"


def test_overlays_of_defaults_merge_with_the_applications() -> None:
    found = specs(
        "overlays: [{name: prod, overrides: {workers: [{name: b}]}}]",
        under=[
            defaults(
                "{overlays: [{name: prod, overrides: {flower: {}, workers: [{name: a}]}},"
                " {name: test}]}"
            )
        ],
    )
    assert list(found) == [None, "prod", "test"]
    assert found["prod"] == {"flower": {}, "workers": [{"name": "a"}, {"name": "b"}]}


def test_overlays_start_from_others() -> None:
    found = specs(
        """
        replicas: 1
        overlays:
        - {name: tokyo, from: production, overrides: {region: tokyo}}
        - {name: production, from: hardened, overrides: {replicas: 9, level: 2}}
        - {name: hardened, overrides: {level: 1, security: {}}}
        """
    )
    assert found["tokyo"] == {"replicas": 9, "level": 2, "security": {}, "region": "tokyo"}
    assert found["hardened"] == {"replicas": 1, "level": 1, "security": {}}


def test_overlay_files_stand_beside_inline_ones() -> None:
    found, problems = of(
        "{image: a:1, overlays: [{name: inline, overrides: {image: a:2}}]}",
        overlays=[overlay("{applicationRef: {name: shop}, from: inline, overrides: {app: b}}")],
    )
    assert problems == []
    assert [(item.name, item.file) for item in found.values()] == [
        (None, "shop.yaml"),
        ("inline", "shop.yaml"),
        ("file", "overlay.yaml"),
    ]
    assert plain(found["file"].document["spec"]) == {"image": "a:2", "app": "b"}


def test_an_inline_overlay_starts_from_one_in_a_file() -> None:
    found = specs(
        "overlays: [{name: inline, from: file, overrides: {a: 1}}]",
        overlays=[overlay("{overrides: {b: 2}}")],
    )
    assert found["inline"] == {"a": 1, "b": 2}


def test_namespace_labels_annotations_and_patches_add_up() -> None:
    found, problems = of(
        """
        patches: [base]
        overlays:
        - name: prod
          namespace: prod
          labels: {tier: gold, a: prod}
          annotations: {x: prod}
          patches: [prod]
        - name: tokyo
          from: prod
          labels: {a: tokyo, team: null}
          patches: [tokyo]
        """,
        metadata="{name: shop, namespace: base, labels: {team: x}, annotations: {y: base}}",
    )
    assert problems == []
    assert plain(found["tokyo"].document["metadata"]) == {
        "name": "shop",
        "namespace": "prod",
        "labels": {"team": None, "tier": "gold", "a": "tokyo"},
        "annotations": {"y": "base", "x": "prod"},
    }
    assert [found[name].document["spec"]["patches"] for name in (None, "prod", "tokyo")] == [
        ["base"],
        ["base", "prod"],
        ["base", "prod", "tokyo"],
    ]
    assert plain(found[None].document["metadata"]) == {
        "name": "shop",
        "namespace": "base",
        "labels": {"team": "x"},
        "annotations": {"y": "base"},
    }


def test_an_overlay_without_a_namespace_has_the_applications() -> None:
    found, _ = of("overlays: [{name: prod}]", metadata="{name: shop, namespace: base}")
    assert found["prod"].document["metadata"]["namespace"] == "base"


def test_a_null_namespace_leaves_it_to_whatever_applies_the_objects() -> None:
    found, _ = of(
        "overlays: [{name: prod, namespace: null}]", metadata="{name: shop, namespace: base}"
    )
    assert found["prod"].document["metadata"]["namespace"] is None


@pytest.mark.parametrize(
    ("spec", "problems"),
    [
        pytest.param(
            """
            overlays:
            - {name: a, from: b}
            - {name: b, from: c}
            - {name: c, from: b}
            """,
            [
                "shop.yaml:7: spec.overlays[c].from: overlays start from each other in a circle: "
                "a -> b -> c -> b",
                "shop.yaml:7: spec.overlays[c].from: overlays start from each other in a circle: "
                "b -> c -> b",
                "shop.yaml:6: spec.overlays[b].from: overlays start from each other in a circle: "
                "c -> b -> c",
            ],
            id="a circle",
        ),
        pytest.param(
            "overlays: [{name: a, from: a}]",
            [
                "shop.yaml:4: spec.overlays[a].from: overlays start from each other in a circle: "
                "a -> a"
            ],
            id="from itself",
        ),
        pytest.param(
            "overlays: [{name: a, from: missing}]",
            ['shop.yaml:4: spec.overlays[a].from: there is no overlay "missing" to start from'],
            id="from nothing",
        ),
        pytest.param(
            "overlays: [{name: a}, {name: b}, {name: a}]",
            [
                'shop.yaml:4: spec.overlays[a].name: overlay "a" is declared twice: the first is '
                "at shop.yaml:4"
            ],
            id="twice inline",
        ),
        pytest.param(
            "overlays: [{name: a, overrides: {overlays: [], patches: [], app: b}}]",
            [
                "shop.yaml:4: spec.overlays[a].overrides.overlays: overlays do not nest: use "
                "`from` to start from another overlay",
                "shop.yaml:4: spec.overlays[a].overrides.patches: write an overlay's patches "
                "beside `overrides`, not in it",
            ],
            id="overlays in overrides",
        ),
        pytest.param(
            "overlays: [{name: a, overrides: {workers: [{name: z, $patch: delete}]}}]",
            [
                "shop.yaml:4: spec.overlays[a].overrides.workers[z]: no item of workers has name "
                '"z": there is nothing to delete'
            ],
            id="nothing to delete",
        ),
    ],
)
def test_problems(spec: str, problems: list[str]) -> None:
    assert of(spec)[1] == problems


def test_an_overlay_in_a_file_and_inline_is_declared_twice() -> None:
    _, problems = of("overlays: [{name: prod}]", overlays=[overlay("{}", "prod")])
    assert problems == [
        'overlay.yaml:1: metadata.name: overlay "prod" is declared twice: the first is at '
        "shop.yaml:4"
    ]


@pytest.mark.parametrize(
    "spec",
    [
        "overlays: {a: b}",
        "overlays: [5, x, {name: 3}, [y]]",
        "overlays: [{name: a, from: [x], labels: [y], annotations: 5, patches: 6, overrides: 7}]",
        "{workers: {a: b}, workerDefaults: [x]}",
        "{workers: [5, null, [x]], workerDefaults: {a: b}}",
        "{patches: 5, overlays: [{name: a, patches: [x]}]}",
    ],
)
def test_wrong_types_are_left_to_the_model(spec: str) -> None:
    assert of(spec)[1] == []


def test_marks_of_an_environment_point_to_the_overlay() -> None:
    document = application(
        """
        app: a
        workers:
        - name: w
          replicas: 1
        overlays:
        - name: prod
          namespace: Prod
          labels: {a: 1}
          overrides:
            workers:
            - name: w
              replicas: x
            beat: y
        """
    )
    merged = environments(document)[0][1].document
    prefix = "spec.overlays[prod]"
    assert mark_at(merged, ("spec", "workers", 0, "replicas")) == Mark(
        "shop.yaml", 15, f"{prefix}.overrides.workers[w].replicas"
    )
    assert mark_at(merged, ("spec", "workers", 0)) == Mark("shop.yaml", 6, "spec.workers[w]")
    assert mark_at(merged, ("spec", "beat")) == Mark("shop.yaml", 16, f"{prefix}.overrides.beat")
    assert mark_at(merged, ("metadata", "namespace")) == Mark(
        "shop.yaml", 10, f"{prefix}.namespace"
    )
    assert mark_at(merged, ("metadata", "labels", "a")) == Mark(
        "shop.yaml", 11, f"{prefix}.labels.a"
    )


def test_marks_of_inherited_worker_fields_point_to_the_worker_defaults() -> None:
    document = application("workerDefaults:\n  pool: x\nworkers:\n- name: w\n")
    merged = environments(document)[0][0].document
    assert mark_at(merged, ("spec", "workers", 0, "pool")) == Mark(
        "shop.yaml", 5, "spec.workerDefaults.pool"
    )
    assert mark_at(merged, ("spec", "workers", 0, "missing")) == Mark(
        "shop.yaml", 7, "spec.workers[w].missing"
    )


def test_the_documents_read_are_not_changed() -> None:
    document = application(
        """
        workerDefaults: {replicas: 2}
        workers: [{name: a}]
        patches: [x]
        overlays: [{name: prod, labels: {a: b}, patches: [y], overrides: {workers: [{name: a}]}}]
        """,
        "{name: shop, labels: {c: d}}",
    )
    before = plain(document)
    environments(document, [overlay("{labels: {e: f}, overrides: {app: z}}")], [defaults("{a: 1}")])
    assert plain(document) == before


def test_too_many_overlays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_application, "_MAX_OVERLAYS", 2)
    assert of("overlays: [{name: a}, {name: b}]")[1] == []
    assert of("overlays: [{name: a}, {name: b}, {name: c}]")[1] == [
        "shop.yaml:4: spec.overlays: 3 overlays are more than 2: make several applications"
    ]


def test_large_specs_are_not_multiplied_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merge_application, "_MAX_NODES", 50)
    assert of("{env: [a, b, c], overlays: [{name: a}]}")[1] == []
    found, problems = of("{env: [a, b, c, d, e, f, g, h], overlays: [{name: a}, {name: b}]}")
    assert list(found) == [None]
    assert problems == [
        "shop.yaml:4: spec.overlays: the spec and its 2 overlays, each merged, have more than 50 "
        "keys and values: make several applications"
    ]
