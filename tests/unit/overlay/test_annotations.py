"""When one patch with a label selector stands for many."""

from __future__ import annotations

from typing import Any

import pytest

from celery_kustomize.k8s.kustomization import Kustomization, Object, Patch
from celery_kustomize.overlay import overlay

MANAGED = {"app.kubernetes.io/managed-by": "celery-kustomize"}


def one(name: str, *, managed: bool = True, spec: Any = None, **annotations: str) -> Object:
    metadata: Object = {"name": name}
    if managed:
        metadata["labels"] = MANAGED
    if annotations:
        metadata["annotations"] = annotations
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        **({"spec": spec} if spec else {}),
    }


def patches(base: list[Object], wanted: list[Object]) -> list[Patch]:
    folders = [Kustomization("", resources={"a.yaml": items}) for items in (base, wanted)]
    return list(overlay(*folders, header="").patches)


def test_what_all_gain_is_one_patch() -> None:
    base = [one("a", old="1"), one("b"), one("foreign", managed=False)]
    wanted = [one("a", old="1", new="2"), one("b", new="2"), one("foreign", managed=False)]
    assert patches(base, wanted) == [
        Patch(
            [{"kind": "any", "metadata": {"name": "any", "annotations": {"new": "2"}}}],
            target={"labelSelector": "app.kubernetes.io/managed-by=celery-kustomize"},
        )
    ]


BROKEN = {"volumes": [{"name": "v"}, {"name": "v"}]}


@pytest.mark.parametrize(
    ("base", "wanted"),
    [
        pytest.param([one("a")], [one("a", new="2")], id="one object"),
        pytest.param(
            [one("a"), one("b"), one("c")],
            [one("a", new="2"), one("b", new="2"), one("c")],
            id="one does not gain it",
        ),
        pytest.param(
            [one("a"), one("b")],
            [one("a", new="2"), one("b", new="2"), one("added")],
            id="an added one does not have it",
        ),
        pytest.param(
            [one("a"), one("b"), one("c", spec=BROKEN, new="2")],
            [one("a", new="2"), one("b", new="2"), one("c", spec=BROKEN, new="2")],
            id="it would damage one that has it already",
        ),
    ],
)
def test_otherwise_each_object_has_its_patch(base: list[Object], wanted: list[Object]) -> None:
    assert all(patch.target is None for patch in patches(base, wanted))


def test_the_rest_of_an_object_s_change_is_its_own_patch() -> None:
    base = [one("a"), one("b")]
    wanted = [one("a", spec={"x": 1}, new="2"), one("b", new="2")]
    shared, own = patches(base, wanted)
    assert shared.target
    assert own.content == [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"x": 1}}
    ]
