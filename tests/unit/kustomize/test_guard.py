"""Only what celery-kustomize itself writes ever reaches the kustomize program."""

from __future__ import annotations

import re

import pytest

from celery_kustomize.errors import KustomizeError
from celery_kustomize.kustomize.guard import collect

TRANSFORMER = """\
transformers:
- |
  apiVersion: builtin
  kind: NamespaceTransformer
  metadata: {name: namespace, namespace: shop}
  unsetOnly: true
"""


def test_everything_that_a_build_needs_and_nothing_else() -> None:
    files = {
        "base/kustomization.yaml": "resources: [a.yaml]\n"
        "configMapGenerator: [{name: c, files: [c/x, y=c/z], literals: [a=b]}]\n",
        "base/a.yaml": "a",
        "base/c/x": "x",
        "base/c/z": "z",
        "base/unused.yaml": "u",
        "overlays/staging/kustomization.yaml": "resources: [../../base]\n",
        "overlays/production/kustomization.yaml": "resources: [../staging, ../../base]\n"
        "patches: [{path: p.yaml}, {patch: inline, target: {kind: X}}]\n" + TRANSFORMER,
        "overlays/production/p.yaml": "p",
    }
    assert list(collect("overlays/production", files.get)) == [
        "overlays/production/kustomization.yaml",
        "overlays/production/p.yaml",
        "overlays/staging/kustomization.yaml",
        "base/kustomization.yaml",
        "base/a.yaml",
        "base/c/x",
        "base/c/z",
    ]


def test_folders_that_refer_to_each_other_are_read_once() -> None:
    files = {
        "a/kustomization.yaml": "resources: [../b]",
        "b/kustomization.yaml": "resources: [../a]",
    }
    assert collect("a", files.get) == files


@pytest.mark.parametrize(
    "entry",
    [
        "https://example.com/x.yaml",
        "github.com/org/repository?ref=v1",
        "git@github.com:org/repository.git",
        "git::https://example.com/x",
        "ssh://git@example.com/x",
        "/etc/passwd",
        "../../../etc/passwd",
        "a/../../../etc/passwd",
        "a b.yaml",
        "a\\nb",
        "",
    ],
)
@pytest.mark.parametrize(
    "field",
    [
        'resources: ["{}"]',
        'patches: [{{path: "{}"}}]',
        'configMapGenerator: [{{name: c, files: ["{}"]}}]',
        'configMapGenerator: [{{name: c, files: ["key={}"]}}]',
    ],
)
def test_paths_that_lead_elsewhere_are_refused(field: str, entry: str) -> None:
    def read(path: str) -> str:
        return field.format(entry) if path == "base/kustomization.yaml" else "x"

    with pytest.raises(
        KustomizeError,
        match=r"\Abase/kustomization.yaml: '.*' is not a file or folder of this build; nothing was"
        r" built\Z",
    ):
        collect("base", read)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("helmCharts: [{name: x}]", "unknown field helmCharts"),
        ("helmChartInflationGenerator: []\nbases: []", "unknown field bases, "),
        ("generators: [x.yaml]", "unknown field generators"),
        ("validators: [x.yaml]", "unknown field validators"),
        ("components: [../x]", "unknown field components"),
        ("openapi: {path: x}", "unknown field openapi"),
        ("crds: [x]", "unknown field crds"),
        ("replacements: [{path: x}]", "unknown field replacements"),
        ("secretGenerator: [{name: x, files: [/etc/passwd]}]", "unknown field secretGenerator"),
        ("configMapGenerator: [{name: x, envs: [/etc/passwd]}]", "unknown field envs"),
        ("patches: [{url: x}]", "unknown field url"),
        ("patches: [x]", "'x' is not a mapping"),
        ("resources: x", "resources is not a list"),
        ("resources: [1]", "1 is not a string"),
        ("transformers: [x.yaml]", "only the builtin NamespaceTransformer is a known transformer"),
        (
            "transformers: ['{apiVersion: example.com/v1, kind: Exec}']",
            "only the builtin NamespaceTransformer is a known transformer",
        ),
        (
            "transformers: ['{apiVersion: builtin, kind: HelmChartInflationGenerator}']",
            "only the builtin NamespaceTransformer is a known transformer",
        ),
        ("resources: []\nresources: []", "not YAML: a key is written twice"),
        ("resources: &a []\npatches: *a", "not YAML: an alias"),
        ("a: b: c", "not YAML: mapping values are not allowed"),
        ("- a", "not a kustomization"),
        ("", "not a kustomization"),
        ("[" * 100_000, "not YAML: too deep"),
    ],
)
def test_unknown_content_is_refused(text: str, reason: str) -> None:
    message = re.escape(f"base/kustomization.yaml: {reason}")
    with pytest.raises(KustomizeError, match=rf"(?s)\A{message}.*; nothing was built\Z"):
        collect("base", {"base/kustomization.yaml": text}.get)


@pytest.mark.parametrize("target", ["../x", "/etc", "nowhere", "."])
def test_a_target_outside_is_refused(target: str) -> None:
    with pytest.raises(KustomizeError, match=r"kustomization.yaml: no such file in this build\Z"):
        collect(target, {"base/kustomization.yaml": "resources: []"}.get)


def test_a_missing_file_is_named() -> None:
    files = {"base/kustomization.yaml": "resources: [a.yaml]"}
    with pytest.raises(KustomizeError, match=r"\Abase/a.yaml: no such file in this build\Z"):
        collect("base", files.get)


def test_the_amount_is_bounded() -> None:
    def read(path: str) -> str:
        return "resources: [a.yaml]" if path == "kustomization.yaml" else "x" * 70_000_000

    with pytest.raises(KustomizeError, match=r"\Akustomization.yaml: too many or too large files"):
        collect(".", read)
