"""Repositories, and variables, of people who mean no good."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.argocd.running import (
    SHOP,
    assert_failed,
    call,
    finish,
    generate,
    parameters,
    start,
)

Program = Callable[[str], str]


def test_kustomize_has_an_empty_environment_and_only_our_files(
    shop: Path, tmp_path: Path, kustomize: Program
) -> None:
    (shop / "production").mkdir()
    (shop / "production/extra.yaml").write_text(
        "kind: ConfigMap\napiVersion: v1\nmetadata: {name: x}\n"
    )
    (shop / "production/unused.yaml").write_text("secret\n")
    text = SHOP.replace("replicas: 8}]}", "replicas: 8}], extraResources: [production/extra.yaml]}")
    (shop / "shop.yaml").write_text(text)
    report = tmp_path / "report"
    script = f"""\
/usr/bin/tr '\\0' '\\n' < /proc/self/environ > {report}.env
/usr/bin/readlink /proc/self/cwd > {report}.cwd
cd ../../..
/usr/bin/find . > {report}.files
/bin/cat /proc/self/cmdline > /dev/null
echo 'kind: ConfigMap'
"""
    done = generate(
        shop,
        parameters(overlay="production"),
        CELERY_KUSTOMIZE_BIN=kustomize(script),
        HOME="/root",
        PATH="/usr/bin:/bin",
        AWS_SECRET_ACCESS_KEY="x",
        ARGOCD_ENV_KUSTOMIZE_PLUGIN_HOME="/evil",
        KUSTOMIZE_PLUGIN_HOME="/evil",
        XDG_CONFIG_HOME="/evil",
        GIT_ASKPASS="/evil",
    )
    assert (done.code, done.out) == (0, "kind: ConfigMap\n")
    # The shell sets these itself.
    lines = set(Path(f"{report}.env").read_text().split())
    assert {line.partition("=")[0] for line in lines} <= {"PWD", "OLDPWD", "SHLVL", "_"}
    assert Path(f"{report}.cwd").read_text().strip().endswith("/files/overlays/production")
    assert str(shop) not in Path(f"{report}.cwd").read_text()
    found = {path.removeprefix("./files/") for path in Path(f"{report}.files").read_text().split()}
    assert call(shop, "render", ".", "--flat", "-o", str(tmp_path / "out")).code == 0
    assert found == {".", "./files", "base", "overlays"} | {
        path.relative_to(tmp_path / "out").as_posix()
        for folder in ("base", "overlays/production")
        for path in [tmp_path / "out" / folder, *(tmp_path / "out" / folder).rglob("*")]
    }


CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"


@pytest.mark.parametrize(
    "path", ["../secret.yaml", "link.yaml", "folder/secret.yaml", "/etc/passwd"]
)
def test_extra_resources_outside_of_the_folder(path: str, shop: Path) -> None:
    (shop.parent / "secret.yaml").write_text(CONFIG_MAP)
    (shop / "link.yaml").symlink_to("../secret.yaml")
    (shop / "folder").symlink_to("..")
    (shop / "shop.yaml").write_text(f"{SHOP}  extraResources: [{path}]\n")
    done = generate(shop)
    assert (done.code, done.out) == (2, "")
    assert "shop.yaml:12: spec.extraResources[0]: " in done.err
    assert "kind" not in done.err


def test_a_spec_that_is_a_link_out_of_the_folder(shop: Path) -> None:
    (shop / "shop.yaml").rename(shop.parent / "outside.yaml")
    (shop / "shop.yaml").symlink_to("../outside.yaml")
    assert_failed(
        generate(shop),
        ".: no CeleryApplication in its *.yaml and *.yml files",
        "shop.yaml: leads out of its folder; only what lies in the folder is read",
    )


KUSTOMIZATIONS = {
    "remote": "resources: ['https://example.com/x.yaml', 'github.com/a/b?ref=$(touch x)']\n",
    "helm": "helmCharts: [{name: x, repo: 'https://example.com'}]\nhelmGlobals: {configHome: /}\n",
    "exec": "generators: [exec.yaml]\ntransformers: [exec.yaml]\n",
    "outside": "resources: [../..]\ncomponents: [../../other]\nopenapi: {path: /etc/passwd}\n",
}
EXEC = """\
apiVersion: someteam.example.com/v1
kind: ChartInflator
metadata:
  name: x
  annotations: {config.kubernetes.io/function: "exec: {path: ./evil.sh}"}
"""


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
@pytest.mark.parametrize("content", KUSTOMIZATIONS)
def test_kustomizations_of_the_folder_change_nothing(content: str, name: str, shop: Path) -> None:
    expected = generate(shop)
    (shop / name).write_text(KUSTOMIZATIONS[content])
    (shop / "exec.yaml").write_text(EXEC)
    (shop / "evil.sh").write_text("#!/bin/sh\ntouch evil\n")
    (shop / "evil.sh").chmod(0o755)
    assert generate(shop) == expected
    assert not (shop / "evil").exists()


@pytest.mark.parametrize("content", KUSTOMIZATIONS)
def test_kustomizations_as_extra_resources_are_refused(content: str, shop: Path) -> None:
    (shop / "extra").mkdir()
    kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
    (shop / "extra/k.yaml").write_text(kustomization + KUSTOMIZATIONS[content])
    (shop / "shop.yaml").write_text(f"{SHOP}  extraResources: [extra/k.yaml]\n")
    done = generate(shop)
    assert (done.code, done.out) == (2, "")
    assert "a kustomization is no Kubernetes object: remove it" in done.err


@pytest.mark.parametrize("name", ["click", "yaml", "celery_kustomize", "sitecustomize", "json"])
def test_python_modules_of_the_folder_are_not_imported(name: str, shop: Path) -> None:
    (shop / f"{name}.py").write_text("open('evil', 'w')\n")
    assert finish(start(shop, "plugin", "generate")).code == 0
    assert not (shop / "evil").exists()


def test_programs_of_the_folder_are_not_started(shop: Path) -> None:
    for name in ("kustomize", "kubectl", "git", "helm"):
        (shop / name).write_text("#!/bin/sh\ntouch evil\n")
        (shop / name).chmod(0o755)
    found = shutil.which(os.environ["CELERY_KUSTOMIZE_BIN"])
    done = generate(shop, CELERY_KUSTOMIZE_BIN=str(found), ARGOCD_ENV_PATH=str(shop))
    assert done.code == 0
    assert not (shop / "evil").exists()


def test_a_password_in_a_url_is_not_repeated(shop: Path) -> None:
    text = f"{SHOP}  broker: {{url: 'redis://:hunter2@redis:6379/0'}}\n"
    (shop / "shop.yaml").write_text(text)
    done = generate(shop)
    assert (done.code, done.out) == (2, "")
    assert "shop.yaml:12: spec.broker.url: " in done.err
    assert "hunter2" not in done.err
