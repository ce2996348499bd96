"""The commands as a person and a pipeline call them: output, files, exit codes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from celery_kustomize.__main__ import main

HEAD = "apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplication\n"
SHOP = f"""{HEAD}metadata: {{name: shop}}
spec:
  app: shop.celery
  image: shop:1
  workers: [{{name: a}}]
  overlays:
  - {{name: prod, overrides: {{image: 'shop:2'}}}}
"""
BROKEN = SHOP.replace("workers: [{name: a}]", "workers: [{name: a, replicas: x}]")
PROBLEM = "spec.workers[a].replicas: expected a whole number, got a string"
OLDER = """\
# a comment
apiVersion: celery.k8s.io/v1beta1
kind: CeleryApplication
metadata:
  name: old
spec:
  image: old:1
  celeryVersion: "5.5.0"
  celeryConfig:
    broker_url: redis://redis:6379/0
"""


@dataclass(frozen=True)
class Call:
    """What a command did: its exit code, standard output and standard error."""

    code: int
    out: str
    err: str


def call(*arguments: str, folder: Path, text: str = "", **env: str) -> Call:
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["celery-kustomize", *arguments])
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        for name, value in env.items():
            patch.setenv(name, value)
        with redirect_stdout(out), redirect_stderr(err):
            try:
                main()
            except SystemExit as stop:
                code = stop.code
    assert isinstance(code, int | None)
    return Call(code or 0, out.getvalue(), err.getvalue())


def test_as_a_module(shop: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "celery_kustomize", "validate", "shop.yaml"],
        cwd=shop,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "generator")},
    )
    assert (done.returncode, done.stdout) == (0, "1 application(s) valid: shop\n")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop.yaml").write_text(SHOP)
    return tmp_path


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


# --- render --------------------------------------------------------------------------------------


def test_render_writes_base_and_overlays(shop: Path) -> None:
    done = call("render", "shop.yaml", "-o", "out", folder=shop)
    assert (done.code, done.out) == (0, "")
    written = tree(shop / "out")
    assert "shop/base/kustomization.yaml" in written
    assert "shop/overlays/prod/kustomization.yaml" in written
    count = sum(name.startswith("shop/") for name in written)
    assert done.err == f"shop: {count} file(s) written, 0 removed\n"


def test_render_flat(shop: Path) -> None:
    assert call("render", "shop.yaml", "-o", "out", "--flat", folder=shop).code == 0
    assert "base/kustomization.yaml" in tree(shop / "out")


def test_render_writes_here_by_default(shop: Path) -> None:
    assert call("render", "shop.yaml", folder=shop).code == 0
    assert (shop / "shop" / "base" / "kustomization.yaml").is_file()


def test_render_again_changes_nothing(shop: Path) -> None:
    call("render", "shop.yaml", "-o", "out", folder=shop)
    before = tree(shop / "out")
    done = call("render", "shop.yaml", "-o", "out", folder=shop)
    assert done.err == "shop: 0 file(s) written, 0 removed\n"
    assert tree(shop / "out") == before


def test_render_removes_what_it_no_longer_writes_and_nothing_else(shop: Path) -> None:
    call("render", "shop.yaml", "-o", "out", folder=shop)
    own = shop / "out" / "shop" / "base" / "mine.yaml"
    own.write_text("mine: true\n")
    (shop / "shop.yaml").write_text(SHOP.replace("{name: a}", "{name: b}"))
    assert call("render", "shop.yaml", "-o", "out", folder=shop).code == 0
    base = tree(shop / "out" / "shop" / "base")
    assert "worker-a.yaml" not in base
    assert "worker-b.yaml" in base
    assert own.read_text() == "mine: true\n"


def test_check_shows_the_difference_and_writes_nothing(shop: Path) -> None:
    call("render", "shop.yaml", "-o", "out", folder=shop)
    before = tree(shop / "out")
    same = call("render", "shop.yaml", "-o", "out", "--check", folder=shop)
    assert (same.code, same.out) == (0, "")
    (shop / "shop.yaml").write_text(SHOP.replace("{name: a}", "{name: a, replicas: 3}"))
    other = call("render", "shop.yaml", "-o", "out", "--check", folder=shop)
    assert other.code == 1
    assert "-  replicas: 1\n+  replicas: 3\n" in other.out
    assert tree(shop / "out") == before


def test_check_before_the_first_render(shop: Path) -> None:
    done = call("render", "shop.yaml", "-o", "out", "--check", folder=shop)
    assert done.code == 1
    assert "kustomization.yaml" in done.out
    assert not (shop / "out").exists()


def test_errors_write_nothing(shop: Path) -> None:
    (shop / "broken.yaml").write_text(BROKEN.replace("name: shop", "name: broken"))
    for more in ([], ["--check"]):
        done = call("render", "shop.yaml", "broken.yaml", "-o", "out", *more, folder=shop)
        assert (done.code, done.out) == (2, "")
        assert done.err == f"broken.yaml:7: {PROBLEM}\n"
        assert not (shop / "out").exists()


def test_flat_takes_one_application(shop: Path) -> None:
    (shop / "other.yaml").write_text(SHOP.replace("name: shop", "name: other"))
    done = call("render", ".", "-o", "out", "--flat", folder=shop)
    assert done.code == 2
    assert "--flat takes one application, here are several: other, shop" in done.err
    assert not (shop / "out").exists()


def test_standard_input(shop: Path) -> None:
    done = call("render", "-", "-o", "out", folder=shop, text=SHOP)
    assert done.code == 0
    text = (shop / "out" / "shop" / "base" / "kustomization.yaml").read_text()
    assert text.startswith("# Generated by celery-kustomize from standard input.")


def test_defaults(shop: Path) -> None:
    (shop / "defaults.yml").write_text(
        "apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplicationDefaults\n"
        "spec: {workerDefaults: {logLevel: DEBUG}}\n"
    )
    done = call("render", "shop.yaml", "--defaults", "defaults.yml", "-o", "out", folder=shop)
    assert done.code == 0
    assert "--loglevel=DEBUG" in (shop / "out/shop/base/worker-a.yaml").read_text()


def test_warnings_go_to_standard_error(shop: Path) -> None:
    (shop / "shop.yaml").write_text(f"{HEAD}metadata: {{name: shop}}\nspec: {{app: a, image: b}}\n")
    done = call("render", "shop.yaml", "-o", "out", folder=shop)
    assert done.code == 0
    assert done.err.startswith("warning: shop.yaml:4: spec: runs nothing")


# --- build ---------------------------------------------------------------------------------------


def objects(text: str) -> dict[tuple[str, str], Any]:
    return {(o["kind"], o["metadata"]["name"]): o for o in yaml.safe_load_all(text)}


def image(done: Call, name: str = "shop-worker-a") -> str:
    template = objects(done.out)["Deployment", name]["spec"]["template"]
    return str(template["spec"]["containers"][0]["image"])


def test_build_prints_what_a_cluster_would_get(shop: Path) -> None:
    base = call("build", "shop.yaml", folder=shop)
    assert (base.code, image(base)) == (0, "shop:1")
    overlay = call("build", "shop.yaml", "--overlay", "prod", folder=shop)
    assert (overlay.code, image(overlay)) == (0, "shop:2")
    assert tree(shop) == {"shop.yaml": SHOP.encode()}


def test_build_of_one_of_several_applications(shop: Path) -> None:
    (shop / "other.yaml").write_text(SHOP.replace("name: shop", "name: other"))
    several = call("build", ".", folder=shop)
    assert several.code == 2
    assert several.err == (
        "--application: there are several applications (other, shop): name one\n"
    )
    done = call("build", ".", "--application", "other", folder=shop)
    assert ("Deployment", "other-worker-a") in objects(done.out)
    missing = call("build", ".", "--application", "none", folder=shop)
    assert missing.code == 2
    assert missing.err == ('--application: there is no application "none" (found: other, shop)\n')


def test_build_of_an_overlay_that_is_not_there(shop: Path) -> None:
    done = call("build", "shop.yaml", "--overlay", "none", folder=shop)
    assert done.code == 2
    assert done.err == '--overlay: shop has no overlay "none" (it has: prod)\n'


def test_build_changes_what_its_options_say(shop: Path) -> None:
    done = call(
        *("build", "shop.yaml", "--overlay", "prod", "--image", "3", "--namespace", "x"),
        *("--labels", "a=b", "--labels", "c=", "--annotations", "d=e=f"),
        *("--overrides", "workers: [{name: a, replicas: 5}]"),
        folder=shop,
    )
    assert (done.code, image(done)) == (0, "shop:3")
    found = objects(done.out)["Deployment", "shop-worker-a"]
    assert found["spec"]["replicas"] == 5
    assert found["metadata"]["namespace"] == "x"
    assert {"a": "b", "c": ""}.items() <= found["metadata"]["labels"].items()
    assert found["metadata"]["annotations"]["d"] == "e=f"


def test_build_with_options_that_are_wrong(shop: Path) -> None:
    done = call(
        *("build", "shop.yaml", "--overlay", "prod", "--image", "a b", "--namespace", "A"),
        *("--labels", "a=b c", "--overrides", "workers: [{name: a, replica: 5}]"),
        folder=shop,
    )
    assert (done.code, done.out) == (2, "")
    assert [line.split(": ")[0] for line in done.err.splitlines()] == [
        *("--image", "--labels", "--namespace", "--overrides:1")
    ]
    done = call("build", "shop.yaml", "--labels", "a", folder=shop)
    assert 'Error: --labels: "a" is not KEY=VALUE' in done.err
    assert done.code == 2


def test_build_of_nothing_at_all(shop: Path) -> None:
    (shop / "shop.yaml").write_text(
        f"{HEAD}metadata: {{name: shop}}\n"
        "spec: {app: a, image: b, serviceAccount: {create: false}}\n"
    )
    done = call("build", "shop.yaml", folder=shop)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("shop.yaml: gives no Kubernetes object at all\n")


def test_the_defaults_file_may_be_named_by_a_variable(shop: Path) -> None:
    (shop / "defaults.yml").write_text(
        "apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplicationDefaults\n"
        "spec: {workerDefaults: {logLevel: DEBUG}}\n"
    )
    for command in ("build", "validate", "render"):
        variable = {"CELERY_KUSTOMIZE_DEFAULTS": "missing.yaml"}
        assert call(command, "shop.yaml", folder=shop, **variable).err.startswith("missing.yaml: ")
    done = call("build", "shop.yaml", folder=shop, CELERY_KUSTOMIZE_DEFAULTS="defaults.yml")
    assert "--loglevel=DEBUG" in done.out


def test_build_without_kustomize(shop: Path) -> None:
    done = call("build", "shop.yaml", folder=shop, CELERY_KUSTOMIZE_BIN="/nonexistent/kustomize")
    assert done.code == 2
    assert "kustomize" in done.err
    assert done.out == ""


# --- validate ------------------------------------------------------------------------------------


def test_validate_text(shop: Path) -> None:
    done = call("validate", "shop.yaml", folder=shop)
    assert (done.code, done.out, done.err) == (0, "1 application(s) valid: shop\n", "")
    (shop / "shop.yaml").write_text(BROKEN)
    done = call("validate", "shop.yaml", folder=shop)
    assert (done.code, done.out, done.err) == (2, "", f"shop.yaml:7: {PROBLEM}\n")


def test_validate_json(shop: Path) -> None:
    assert call("validate", "shop.yaml", "--format", "json", folder=shop).out == "[]\n"
    (shop / "shop.yaml").write_text(BROKEN)
    done = call("validate", "shop.yaml", "--format", "json", folder=shop)
    assert done.code == 2
    path, message = PROBLEM.split(": ", 1)
    assert json.loads(done.out) == [
        {
            "file": "shop.yaml",
            "line": 7,
            "path": path,
            "message": message,
            "severity": "error",
        }
    ]


def test_validate_github(tmp_path: Path) -> None:
    folder = tmp_path / "a,b:c%"
    folder.mkdir()
    (folder / "shop.yaml").write_text(BROKEN)
    done = call("validate", "a,b:c%", "--format", "github", folder=tmp_path)
    assert done.code == 2
    assert done.out == f"::error file=a%2Cb%3Ac%25/shop.yaml,line=7::{PROBLEM}\n"


def test_validate_sarif(shop: Path) -> None:
    (shop / "shop.yaml").write_text(BROKEN)
    done = call("validate", "shop.yaml", "--format", "sarif", folder=shop)
    assert done.code == 2
    document = json.loads(done.out)
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    assert only["tool"]["driver"]["name"] == "celery-kustomize"
    assert only["results"] == [
        {
            "ruleId": "spec",
            "level": "error",
            "message": {"text": PROBLEM},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": "shop.yaml"},
                        "region": {"startLine": 7},
                    }
                }
            ],
        }
    ]


def test_strict_makes_warnings_errors(shop: Path) -> None:
    (shop / "shop.yaml").write_text(f"{HEAD}metadata: {{name: shop}}\nspec: {{app: a, image: b}}\n")
    assert call("validate", "shop.yaml", folder=shop).code == 0
    strict = call("validate", "shop.yaml", "--strict", folder=shop)
    assert (strict.code, strict.out) == (2, "")


def test_validate_needs_no_kustomize(shop: Path) -> None:
    done = call("validate", "shop.yaml", folder=shop, CELERY_KUSTOMIZE_BIN="/nonexistent")
    assert done.code == 0


# --- convert -------------------------------------------------------------------------------------


def test_convert_prints_and_leaves_the_file(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(OLDER)
    done = call("convert", "old.yaml", folder=tmp_path)
    assert done.code == 0
    assert "apiVersion: celeryproject.org/v1beta1" in done.out
    assert "# a comment" in done.out
    assert (tmp_path / "old.yaml").read_text() == OLDER


def test_convert_rewrites_the_file(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(OLDER)
    printed = call("convert", "old.yaml", folder=tmp_path).out
    done = call("convert", "-w", "old.yaml", folder=tmp_path)
    assert (done.code, done.out) == (0, "")
    assert "converted" in done.err
    assert (tmp_path / "old.yaml").read_text() == printed
    again = call("convert", "-w", "old.yaml", folder=tmp_path)
    assert again.code == 0
    assert "converted" not in again.err
    assert call("render", "old.yaml", "-o", "out", folder=tmp_path).code == 0


def test_convert_standard_input(tmp_path: Path) -> None:
    done = call("convert", "-", folder=tmp_path, text=OLDER)
    assert done.code == 0
    assert "kind: CeleryApplication" in done.out


def test_convert_what_is_native_already(shop: Path) -> None:
    done = call("convert", "shop.yaml", folder=shop)
    assert (done.code, done.out) == (0, SHOP)


def test_convert_writes_nothing_when_a_file_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text(OLDER)
    (tmp_path / "bad.yaml").write_text("apiVersion: celery.k8s.io/v1beta1\nkind: [\n")
    done = call("convert", "-w", "old.yaml", "bad.yaml", folder=tmp_path)
    assert done.code == 2
    assert (tmp_path / "old.yaml").read_text() == OLDER
    assert done.err.startswith("bad.yaml:")


def test_convert_what_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_bytes(b"\xff\xfe\x00")
    done = call("convert", "old.yaml", folder=tmp_path)
    assert done.code == 2
    assert done.err == "old.yaml: is not UTF-8 text\n"


# --- all commands --------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["render", "build", "validate", "convert"])
def test_a_path_that_is_not_there(command: str, tmp_path: Path) -> None:
    done = call(command, "missing.yaml", folder=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("missing.yaml: ")


@pytest.mark.parametrize("command", ["render", "build", "validate"])
@pytest.mark.parametrize(
    "text", ["", "a: b\n", "[]", "- x", "kind: [", "\x00", "kind: CeleryApplication\n"]
)
def test_what_is_no_spec(command: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(text)
    done = call(command, "spec.yaml", folder=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("spec.yaml")


@pytest.mark.parametrize(
    "arguments",
    [["nothing"], ["render"], ["render", "x", "--wrong"], ["validate", "--format", "x", "."]],
)
def test_wrong_usage(arguments: list[str], tmp_path: Path) -> None:
    done = call(*arguments, folder=tmp_path)
    assert done.code == 2
    assert "Usage: celery-kustomize" in done.err


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["render", "--help"], ["--version"]])
def test_help(arguments: list[str], tmp_path: Path) -> None:
    done = call(*arguments, folder=tmp_path)
    assert done.code == 0
    assert "celery-kustomize" in done.out


def test_help_lists_the_commands(tmp_path: Path) -> None:
    text = call("--help", folder=tmp_path).out
    for name in ("build", "convert", "plugin", "render", "schema", "validate"):
        assert f"  {name} " in text


def test_an_empty_folder(tmp_path: Path) -> None:
    done = call("render", ".", folder=tmp_path)
    assert done.code == 2
    assert done.err == ".: no CeleryApplication in its *.yaml and *.yml files\n"


def test_no_input_at_all_is_no_traceback(tmp_path: Path) -> None:
    assert call("build", "-", folder=tmp_path, text="").code == 2


def test_output_that_cannot_be_written(shop: Path) -> None:
    (shop / "out").write_text("a file\n")
    done = call("render", "shop.yaml", "-o", "out/deep", folder=shop)
    assert done.code == 2
    assert done.err.strip()
