"""``plugin discover``: yes to what ``generate`` would read, no to all else, and never a failure."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from celery_kustomize.argocd.discover import discover
from tests.unit.argocd.running import HEAD, SHOP, Done, call, finish, start

ROOT = Path(__file__).resolve().parents[3]
V1ALPHA1 = "apiVersion: celeryproject.org/v1alpha1\nkind: Celery\n"
V1BETA1 = "apiVersion: celery.k8s.io/v1beta1\nkind: CeleryApplication\n"

SPECS = {
    "native": SHOP,
    "the operator architecture": V1ALPHA1,
    "the CeleryApplication operator": V1BETA1,
    "second document": f"kind: ConfigMap\napiVersion: v1\nmetadata: {{name: a}}\n---\n{HEAD}",
    "JSON": '{"apiVersion": "celeryproject.org/v1beta1", "kind": "CeleryApplication"}',
    "in a list": "apiVersion: v1\nkind: List\nitems:\n"
    "- {apiVersion: celeryproject.org/v1beta1, kind: CeleryApplication}\n",
    "Windows": SHOP.replace("\n", "\r\n"),
    "not a valid spec": f"{HEAD}spec: 5\n",
    "not valid YAML": f"{HEAD}spec: [\n",
    "a key given twice": f"{HEAD}spec: {{}}\nspec: {{}}\n",
    "other document not valid": f"{HEAD}---\na: [\n",
}


@pytest.mark.parametrize("name", SPECS)
def test_a_folder_with_an_application(name: str, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("kind: ConfigMap\n")
    (tmp_path / "spec.yml").write_text(SPECS[name])
    assert call(tmp_path, "plugin", "discover") == Done(0, "spec.yml\n", "")


def test_a_spec_in_utf_16_is_one_whose_mistake_generate_tells(tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_bytes(SHOP.encode("utf-16"))
    assert call(tmp_path, "plugin", "discover").out == "spec.yaml\n"
    done = call(tmp_path, "plugin", "generate")
    assert done.err == "spec.yaml: is UTF-16 text: save it as UTF-8\n"


OTHERS = {
    "nothing": "",
    "a comment": f"# {HEAD.splitlines()[0]}\n# kind: CeleryApplication\nkind: ConfigMap\n",
    "a string": "apiVersion: v1\nkind: ConfigMap\ndata:\n  spec.yaml: |\n"
    "    apiVersion: celeryproject.org/v1beta1\n    kind: CeleryApplication\n",
    "a CustomResourceDefinition": "apiVersion: apiextensions.k8s.io/v1\n"
    "kind: CustomResourceDefinition\nmetadata: {name: celeries.celeryproject.org}\n"
    "spec: {group: celeryproject.org/, names: {kind: Celery}}\n",
    "only an overlay": "apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplicationOverlay\n",
    "only defaults": "apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplicationDefaults\n",
    "a kind of someone else": "apiVersion: celery.example.com/v1\nkind: CeleryApplication\n",
    "a Helm template": "kind: {{ .Values.kind }}\n{{ if .x }}celeryproject.org/v1{{ end }}\n",
    "Argo CD's own": "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n"
    "  name: celeryproject.org/v1beta1\n",
    "binary": "celeryproject.org/\x00\x01\x02\xff",
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_folder_of_something_else(name: str, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_bytes(OTHERS[name].encode("latin-1"))
    (tmp_path / "README.md").write_text(SHOP)
    (tmp_path / "kustomization.yaml").write_text(SHOP)
    (tmp_path / ".hidden.yaml").write_text(SHOP)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "shop.yaml").write_text(SHOP)
    assert call(tmp_path, "plugin", "discover") == Done(0, "", "")


def test_odd_folders(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").symlink_to("/etc/passwd")
    (tmp_path / "circle.yaml").symlink_to("circle.yaml")
    (tmp_path / "gone.yaml").symlink_to("gone")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "secret.yaml").write_text(SHOP)
    os.mkfifo(tmp_path / "fifo.yaml")
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "outside.yaml").symlink_to("../secret.yaml")
    assert call(folder, "plugin", "discover") == Done(0, "", "")
    (tmp_path / "secret.yaml").unlink()
    assert call(tmp_path, "plugin", "discover") == Done(0, "", "")
    assert discover(str(tmp_path / "nowhere")) is None


def test_a_bomb_costs_little(tmp_path: Path) -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
    (tmp_path / "bomb.yaml").write_text(f"x: celeryproject.org/\na0: &a0 [x]\n{levels}\n")
    (tmp_path / "deep.yaml").write_text("x: celeryproject.org/\ny: " + "[" * 100_000)
    assert call(tmp_path, "plugin", "discover") == Done(0, "", "")


@pytest.mark.parametrize("folder", ["base", "overlays/production", "deploy/applications", "docs"])
def test_this_repository_s_other_folders_are_not_for_the_plugin(folder: str) -> None:
    assert discover(str(ROOT / folder)) is None


def test_it_needs_neither_models_nor_kustomize(tmp_path: Path) -> None:
    """It runs for every Application of an Argo CD: what it imports is what it costs."""
    (tmp_path / "spec.yaml").write_text(SHOP)
    variables = {"CELERY_KUSTOMIZE_BIN": "/nowhere", "PYTHONVERBOSE": "1"}
    done = finish(start(tmp_path, "plugin", "discover", **variables))
    assert (done.code, done.out) == (0, "spec.yaml\n")
    assert "import 'celery_kustomize.load.yaml'" in done.err
    assert "import 'pydantic" not in done.err
