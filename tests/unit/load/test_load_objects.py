"""load.objects: what may go into a base as it is."""

from __future__ import annotations

from typing import Any

import pytest

from celery_kustomize.load.objects import checked_object, expand_lists
from celery_kustomize.load.yaml import parse
from celery_kustomize.located import Map, Mark


def documents(text: str) -> list[Map]:
    found, problems = parse(text.encode(), "shop.yaml")
    assert problems == []
    return found


def check(text: str) -> tuple[dict[str, Any], list[str]]:
    checked, problems = checked_object(documents(text)[0])
    return checked, [str(problem) for problem in problems]


HEAD = "apiVersion: v1\nkind: ConfigMap\n"


class TestLists:
    def test_items_in_order_with_their_marks(self) -> None:
        text = (
            "kind: Secret\n---\nkind: List\nitems:\n- {kind: A, metadata: {name: x}}\n"
            "- kind: ConfigMapList\n  items:\n  - kind: B\n- kind: C\n"
        )
        objects, problems = expand_lists(documents(text))
        assert problems == []
        assert [item["kind"] for item in objects] == ["Secret", "A", "B", "C"]
        assert objects[2].mark_of("kind") == Mark("shop.yaml", 8, "items[1].items[0].kind")

    def test_a_kind_that_only_sounds_like_a_list(self) -> None:
        (document,) = documents("kind: IPAllowList\nspec: {}\n")
        assert expand_lists([document]) == ([document], [])

    def test_without_items(self) -> None:
        assert expand_lists(documents("kind: List\nitems:\n")) == ([], [])

    def test_what_is_no_object(self) -> None:
        objects, problems = expand_lists(
            documents("kind: List\nitems:\n- 5\n- kind: A\n-\n---\nkind: List\nitems: {}\n")
        )
        assert objects == [{"kind": "A"}]
        assert [str(problem) for problem in problems] == [
            "shop.yaml:3: items[0]: must be an object with apiVersion, kind and metadata",
            "shop.yaml:5: items[2]: must be an object with apiVersion, kind and metadata",
            'shop.yaml:8: items: must be a list of objects, because the kind is "List"',
        ]


class TestChecks:
    @pytest.mark.parametrize(
        ("text", "problems"),
        [
            (
                "metadata: {name: a}",
                [
                    "1: a Kubernetes object needs apiVersion: add it",
                    "1: a Kubernetes object needs kind: add it",
                ],
            ),
            ("apiVersion: 1\nkind: A\nmetadata: {name: a}", ["1: apiVersion: must be a text"]),
            (HEAD, ["1: a Kubernetes object needs metadata with a name"]),
            (
                HEAD + "metadata: []",
                ["3: metadata: a Kubernetes object needs metadata with a name"],
            ),
            (HEAD + "metadata: {}", ["3: metadata: a Kubernetes object needs metadata.name"]),
            (
                HEAD + 'metadata:\n  name: ""',
                ["4: metadata.name: a Kubernetes object needs metadata.name"],
            ),
            (HEAD + "metadata:\n  name: 5", ["4: metadata.name: must be a text: quote it"]),
            (
                HEAD + "metadata: {name: a, namespace: 5}",
                ["3: metadata.namespace: must be a text: quote it"],
            ),
            (
                HEAD + "metadata: {generateName: a-}",
                [
                    "3: metadata.generateName: kustomize cannot name the object:"
                    " write metadata.name instead"
                ],
            ),
            (
                HEAD + "metadata:\n  name: a\n  labels: {n: 1}\n  annotations: [x]",
                [
                    "5: metadata.labels.n: must be a text: quote it",
                    "6: metadata.annotations: must be a map of texts",
                ],
            ),
            (
                HEAD + "metadata:\n  name: a\n  annotations:\n"
                '    config.kubernetes.io/local-config: "true"',
                [
                    "6: metadata.annotations[config.kubernetes.io/local-config]: kustomize leaves"
                    " objects with this annotation out: remove it, or the object"
                ],
            ),
            *(
                (
                    HEAD + f"metadata:\n  name: a\n  annotations:\n    {key}: x",
                    [
                        f"6: metadata.annotations[{key}]: kustomize keeps this annotation for"
                        " itself and removes it: remove it"
                    ],
                )
                for key in (
                    "config.kubernetes.io/index",
                    "config.kubernetes.io/path",
                    "config.kubernetes.io/origin",
                    "config.k8s.io/id",
                    "internal.config.kubernetes.io/annotations-migration-resource-id",
                )
            ),
            (
                "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Component\nmetadata: {name: a}",
                [
                    "1: apiVersion: a kustomization is no Kubernetes object: remove it,"
                    " its folder is generated"
                ],
            ),
            (
                HEAD + "metadata: {name: a}\ndata:\n  key:",
                ['5: data.key: has no value: write "" for an empty text, or remove the key'],
            ),
            (
                "apiVersion: v1\nkind: X\nmetadata: {name: a}\nspec:\n  args: [a, ~]",
                ["5: spec.args[1]: kustomize refuses an empty item: remove it"],
            ),
        ],
    )
    def test_messages(self, text: str, problems: list[str]) -> None:
        assert check(text)[1] == [f"shop.yaml:{problem}" for problem in problems]

    def test_the_other_value_of_local_config_keeps_the_object(self) -> None:
        annotations = '{config.kubernetes.io/local-config: "false", example.com/a: b}'
        _, problems = check(HEAD + f"metadata: {{name: a, annotations: {annotations}}}")
        assert problems == []

    def test_null_fields_are_left_out_and_marks_stay(self) -> None:
        text = (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\n"
            "  creationTimestamp: null\n  annotations:\nspec:\n  template:\n"
            "    spec:\n      volumes:\n"
            "      - name: tmp\n        emptyDir: {}\n        hostPath:\n"
            "status: {}\n"
        )
        checked, problems = check(text)
        assert problems == []
        assert checked == {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "a"},
            "spec": {"template": {"spec": {"volumes": [{"name": "tmp", "emptyDir": {}}]}}},
            "status": {},
        }
        volumes = checked["spec"]["template"]["spec"]["volumes"]
        path = "spec.template.spec.volumes[tmp]"
        assert volumes.mark_of(0) == Mark("shop.yaml", 11, path)
        assert volumes[0].mark_of("emptyDir") == Mark("shop.yaml", 12, f"{path}.emptyDir")
        assert list(volumes[0].marks) == ["name", "emptyDir"]
