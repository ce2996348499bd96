from __future__ import annotations

import pytest

from celery_kustomize.k8s.kustomize_selector import SelectorError, identity, selector

ITEM = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {
        "name": "shop-web",
        "namespace": "shop",
        "labels": {"app": "shop", "tier": "5"},
        "annotations": {"note": "x"},
    },
}
FIRST = ("apps", "v1", "Deployment", "default", "web")


def selects(target: dict[str, str]) -> bool:
    return selector(target).selects(ITEM, FIRST)


def test_identities() -> None:
    assert identity(ITEM) == ("apps", "v1", "Deployment", "shop", "shop-web")
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}}
    assert identity(node) == ("", "v1", "Node", "_non_namespaceable_", "a")


@pytest.mark.parametrize(
    ("target", "selected"),
    [
        ({}, True),
        ({"group": "", "name": ""}, True),
        ({"group": "apps", "version": "v1", "kind": "Deployment", "name": "shop-web"}, True),
        ({"group": "^$"}, False),
        ({"kind": "Deploy"}, False),
        ({"kind": "Deploy.*|StatefulSet", "name": "shop-.*"}, True),
        ({"name": "web"}, True),
        ({"namespace": "shop"}, True),
        ({"namespace": "default"}, True),
        ({"namespace": "prod"}, False),
    ],
)
def test_fields_are_expressions_on_the_present_and_the_first_identity(
    target: dict[str, str], selected: bool
) -> None:
    assert selects(target) is selected


@pytest.mark.parametrize(
    ("text", "selected"),
    [
        ("app", True),
        ("!app", False),
        ("!other", True),
        ("app=shop", True),
        (" app = shop , tier == 5 ", True),
        ("app=shop,tier=6", False),
        ("app!=shop", False),
        ("other!=shop", True),
        ("app in (a, shop)", True),
        ("app notin (a, shop)", False),
        ("other notin (a)", True),
        ("tier>4", True),
        ("tier<5", False),
        ("app>4", False),
        ("app=", False),
        ("", True),
    ],
)
def test_label_selectors(text: str, selected: bool) -> None:
    assert selects({"labelSelector": text}) is selected


def test_annotation_selectors() -> None:
    assert selects({"annotationSelector": "note=x"})
    assert not selects({"annotationSelector": "app=shop"})


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ({"name": "(a"}, 'target.name: "(a" is no expression: a ")" is missing'),
        (
            {"labelSelector": "a in (b"},
            'target.labelSelector: "a in (b" is no selector: write key=value, key!=value, '
            "key in (a, b), key notin (a, b), key or !key, with commas between",
        ),
        (
            {"annotationSelector": "a=b/c"},
            'target.annotationSelector: "b/c" must have only letters, digits, "-", "_" and ".", '
            'and start and end with a letter or digit; write "b-c"; text of any form belongs in '
            "an annotation",
        ),
    ],
)
def test_what_kustomize_refuses(target: dict[str, str], message: str) -> None:
    with pytest.raises(SelectorError) as caught:
        selector(target)
    assert str(caught.value) == message
