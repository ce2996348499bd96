"""``plugin parameters``: the folder's applications and overlays, for Argo CD's user interface."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.unit.argocd.running import HEAD, SHOP, Done, assert_failed, call

OVERLAY = """\
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplicationOverlay
metadata: {name: NAME}
spec: {applicationRef: {name: shop}}
"""


def announced(done: Done) -> dict[str, Any]:
    return {item["name"]: item for item in json.loads(done.out)}


def test_one_application(shop: Path) -> None:
    done = call(shop, "plugin", "parameters")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.out) == [
        {
            "name": "application",
            "title": "Application",
            "tooltip": "Which application, where the folder has several. Here: shop.",
            "required": False,
            "collectionType": "string",
        },
        {
            "name": "overlay",
            "title": "Environment",
            "tooltip": "Which overlay of the spec. Empty: the base. Here: staging, production.",
            "required": False,
            "collectionType": "string",
        },
    ]


def test_several_applications_and_overlays_from_everywhere(shop: Path) -> None:
    (shop / "europe.yaml").write_text(OVERLAY.replace("NAME", "europe"))
    (shop / "old.yaml").write_text(
        "apiVersion: celeryproject.org/v1alpha1\nkind: Celery\nmetadata: {name: old}\n"
        "spec: {appName: old, image: 'old:1'}\n"
    )
    (shop / "zdefaults.yaml").write_text(
        "apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplicationDefaults\n"
        "spec: {overlays: [{name: test}]}\n"
    )
    found = announced(call(shop, "plugin", "parameters"))
    assert found["application"]["required"] is True
    assert found["application"]["tooltip"].endswith(" Here: old, shop.")
    assert found["overlay"]["tooltip"].endswith(
        " Here: old: test; shop: test, staging, production, europe."
    )


def test_no_overlays(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text(f"{HEAD}metadata: {{name: shop}}\n")
    assert announced(call(tmp_path, "plugin", "parameters"))["overlay"]["tooltip"] == (
        "Which overlay of the spec. Empty: the base. Here: none."
    )


def test_a_spec_with_mistakes_is_announced_as_far_as_it_goes(shop: Path) -> None:
    (shop / "shop.yaml").write_text(SHOP.replace("name: production", "name: [x]"))
    (shop / "broken.yaml").write_text(f"{HEAD}spec: [\n")
    done = call(shop, "plugin", "parameters")
    assert done.code == 0
    assert announced(done)["overlay"]["tooltip"].endswith(" Here: staging.")
    assert done.err.startswith("broken.yaml:3: ")


def test_nothing_to_announce(tmp_path: Path) -> None:
    done = call(tmp_path, "plugin", "parameters")
    assert_failed(done, ".: no CeleryApplication in its *.yaml and *.yml files")


def test_neither_kustomize_nor_parameters_are_needed(shop: Path) -> None:
    variables = {"CELERY_KUSTOMIZE_BIN": "/nowhere", "ARGOCD_APP_PARAMETERS": "{"}
    assert call(shop, "plugin", "parameters", **variables).code == 0
