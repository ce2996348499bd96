"""Finding kustomize, and building with the real one and with ones that misbehave."""

from __future__ import annotations

import logging
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from celery_kustomize.errors import KustomizeError
from celery_kustomize.kustomize import Kustomize, find

HOW = (
    "install kustomize (https://kubectl.docs.kubernetes.io/installation/kustomize/) or kubectl, or"
    " name the program in CELERY_KUSTOMIZE_BIN"
)
CONFIG_MAP = "apiVersion: v1\ndata:\n  a: b\nkind: ConfigMap\nmetadata:\n  name: c\n"
FILES = {
    "base/kustomization.yaml": "resources: [c.yaml]\n",
    "base/c.yaml": CONFIG_MAP,
    "overlays/production/kustomization.yaml": "resources: [../../base]\nnamespace: shop\n",
}
BUILT = CONFIG_MAP + "  namespace: shop\n"

Program = Callable[..., Path]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Makes an executable shell script: ``program(script, name=...)``."""

    def make(script: str, name: str = "kustomize", folder: str = "bin") -> Path:
        path = tmp_path / folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return make


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


# --- find ---------------------------------------------------------------------------------------


def test_the_variable_comes_first_then_kustomize_then_kubectl(program: Program) -> None:
    named = program("", "mine", "other")
    kubectl = program("", "kubectl")
    path = str(kubectl.parent)
    assert find({"PATH": path}) == Kustomize(str(kubectl))
    kustomize = program("", "kustomize")
    assert find({"PATH": path}) == Kustomize(str(kustomize))
    assert find({"PATH": path, "CELERY_KUSTOMIZE_BIN": ""}) == Kustomize(str(kustomize))
    assert find({"PATH": path, "CELERY_KUSTOMIZE_BIN": str(named)}) == Kustomize(str(named))
    assert find({"PATH": path, "CELERY_KUSTOMIZE_BIN": "kubectl"}) == Kustomize(str(kubectl))


def test_a_missing_program_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(KustomizeError) as raised:
        find({"PATH": str(tmp_path)})
    assert str(raised.value) == f"neither kustomize nor kubectl is on PATH: {HOW}"


def test_a_named_program_that_is_none_is_not_passed_over(program: Program) -> None:
    kustomize = program("")
    environment = {"PATH": str(kustomize.parent), "CELERY_KUSTOMIZE_BIN": "/nowhere/kustomize"}
    with pytest.raises(KustomizeError) as raised:
        find(environment)
    assert str(raised.value) == (
        "CELERY_KUSTOMIZE_BIN: '/nowhere/kustomize' is not a program that can be run"
    )


# --- version ------------------------------------------------------------------------------------


def test_the_version_of_the_real_one() -> None:
    assert re.fullmatch(r"v5\.\d+\.\d+", find().version())


def test_the_version_of_kubectls_kustomize(program: Program) -> None:
    script = """\
[ "$*" = "version --client -o json" ] || exit 1
echo '{"clientVersion": {"gitVersion": "v1.32.4"}, "kustomizeVersion": "v5.5.0"}'
"""
    assert Kustomize(str(program(script, "kubectl"))).version() == "v5.5.0"


@pytest.mark.parametrize("name", ["kustomize", "kubectl"])
@pytest.mark.parametrize("script", ["echo nothing", "exit 1", "echo '[]'", "echo v5.5.0; exit 1"])
def test_a_program_that_does_not_tell_its_version(program: Program, name: str, script: str) -> None:
    path = program(script, name)
    with pytest.raises(KustomizeError) as raised:
        Kustomize(str(path)).version()
    assert str(raised.value) == f"{path} does not tell its version; {HOW}"


# --- build --------------------------------------------------------------------------------------


def test_files_are_built() -> None:
    assert find().build_files(FILES, "overlays/production") == BUILT
    assert find().build_files(FILES, "base") == CONFIG_MAP


def test_kubectl_is_called_as_kubectl_kustomize(program: Program) -> None:
    kubectl = program('[ "$*" = "kustomize ." ] && cat ../../base/c.yaml', "kubectl")
    assert Kustomize(str(kubectl)).build_files(FILES, "overlays/production") == CONFIG_MAP


def test_a_folder_on_disk_is_built_with_its_base(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    assert find().build(tmp_path / "overlays/production") == BUILT
    assert find().build(tmp_path / "base") == CONFIG_MAP
    (tmp_path / "overlays").rename(tmp_path / "environments")
    production = tmp_path / "environments/production"
    assert find().build(production, root=tmp_path) == BUILT
    with pytest.raises(KustomizeError, match=r"\.\./base' is not a file or folder of this build"):
        find().build(production)


def test_a_folder_outside_the_root_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KustomizeError, match=re.escape(f"/a is not inside {tmp_path}/b")):
        find().build(tmp_path / "a", root=tmp_path / "b")


def test_links_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    outside = tmp_path / "secret.yaml"
    outside.write_text(CONFIG_MAP)
    (tmp_path / "base/c.yaml").unlink()
    (tmp_path / "base/c.yaml").symlink_to(outside)
    with pytest.raises(KustomizeError, match=r"\Ac.yaml: no such file in this build\Z"):
        find().build(tmp_path / "base")


def test_nothing_starts_when_something_remote_is_asked_for(
    program: Program, tmp_path: Path
) -> None:
    kustomize = Kustomize(str(program(f"touch {tmp_path}/started")))
    files = {"base/kustomization.yaml": "resources: ['https://example.com/x.yaml']"}
    with pytest.raises(KustomizeError) as raised:
        kustomize.build_files(files, "base")
    assert str(raised.value) == (
        "base/kustomization.yaml: 'https://example.com/x.yaml' is not a file or folder of this"
        " build; nothing was built"
    )
    assert not (tmp_path / "started").exists()


def test_an_error_is_short_and_names_our_files() -> None:
    files = {**FILES, "base/c.yaml": "a: [\n"}
    with pytest.raises(KustomizeError) as raised:
        find().build_files(files, "overlays/production")
    message = str(raised.value)
    assert message.startswith("kustomize failed on overlays/production: ")
    assert "'c.yaml'" in message
    assert tempfile.gettempdir() not in message
    assert "Error:" not in message[:60]
    assert "older" not in message


@pytest.mark.parametrize(
    ("stderr", "message"),
    [
        ("Error: no $PWD/x here", "no base/x here"),
        ("fatal error: x\n\ngoroutine 1 [running]:\nmain.main()", "fatal error: x"),
        ("fatal error: x\n\nruntime stack:\nmain.main()", "fatal error: x"),
        ("error: in $PWD", "in base"),
        ("", "no message"),
        (
            'E1121 09:09:33.684465 16976 run.go:72] "command failed" err="a \\\\"b\\\\": c"',
            'a "b": c',
        ),
        ('E1121 09:09:33.684465 16976 run.go:72] "command failed" err="\\\\z"', '"\\z"'),
    ],
)
def test_what_the_program_said(program: Program, stderr: str, message: str) -> None:
    script = f"""\
[ "$1" = version ] && echo v5.8.2 && exit
printf '%s\\n' "{stderr.replace('"', chr(92) + '"')}" >&2
exit 1
"""
    with pytest.raises(KustomizeError) as raised:
        Kustomize(str(program(script))).build_files(FILES, "base")
    assert str(raised.value) == f"kustomize failed on base: {message}"


def test_a_long_message_keeps_its_ends(program: Program) -> None:
    script = """\
[ "$1" = version ] && echo v5.8.2 && exit
printf 'start %05000d end' 0 >&2; exit 1
"""
    with pytest.raises(KustomizeError) as raised:
        Kustomize(str(program(script))).build_files(FILES, "base")
    message = str(raised.value)
    assert message.startswith("kustomize failed on base: start 000")
    assert message.endswith("000 end")
    assert len(message) < 2100


def test_an_old_program_that_fails_is_named_as_old(program: Program) -> None:
    path = program('[ "$1" = version ] && echo v4.5.7 && exit; echo "unknown field" >&2; exit 1')
    with pytest.raises(KustomizeError) as raised:
        Kustomize(str(path)).build_files(FILES, "base")
    assert str(raised.value) == (
        f"kustomize failed on base: unknown field ({path} is kustomize v4.5.7, older than v5.5.0;"
        f" {HOW})"
    )


@pytest.mark.parametrize("signal", ["9 (Killed", "11 (Segmentation fault"])
def test_a_program_that_is_killed(program: Program, signal: str) -> None:
    number, name = signal.split(" (")
    path = program(f"echo 'kind: ConfigMap'; kill -{number} $$")
    with pytest.raises(KustomizeError) as raised:
        Kustomize(str(path)).build_files(FILES, "base")
    assert str(raised.value) == (
        f"kustomize was killed on base: {name} (signal {number}); there may be too little memory"
    )


@pytest.mark.parametrize("isolated", [True, False])
def test_what_the_program_gets_to_see(
    program: Program, isolated: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "x")
    path = program("/usr/bin/tr '\\0' '\\n' < /proc/self/environ; ls ../..")
    lines = Kustomize(str(path), isolated).build_files(FILES, "base").split()
    names = {line.partition("=")[0] for line in lines if "=" in line}
    # The shell sets these itself.
    names -= {"PWD", "OLDPWD", "SHLVL", "_"}
    assert names == (set() if isolated else {"PATH", "HOME"})
    assert "files" in lines
    assert ("home" in lines) is not isolated


def test_an_isolated_program_builds_the_same() -> None:
    isolated = find(isolated=True)
    assert isolated == Kustomize(find().path, isolated=True)
    assert isolated.build_files(FILES, "overlays/production") == BUILT
    assert re.fullmatch(r"v5\.\d+\.\d+", isolated.version())


def test_a_warning_of_kustomize_is_passed_on(
    program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    path = program("echo \"# Warning: 'x' is deprecated\" >&2; echo built")
    with caplog.at_level(logging.WARNING):
        assert Kustomize(str(path)).build_files(FILES, "base") == "built\n"
    assert caplog.messages == ["kustomize on base: # Warning: 'x' is deprecated"]


def test_a_slow_program_is_stopped(program: Program) -> None:
    path = program("exec sleep 60")
    with pytest.raises(
        KustomizeError, match=r"\Akustomize took longer than 0.2 s and was stopped\Z"
    ):
        Kustomize(str(path)).build_files(FILES, "base", timeout=0.2)


def test_no_temporary_folder_is_left(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    find().build_files(FILES, "base")
    with pytest.raises(KustomizeError):
        Kustomize(str(program("exit 1"))).build_files(FILES, "base")
    assert list(temporary.iterdir()) == []


def test_a_full_disk_is_an_error_for_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(KustomizeError) as raised:
        find().build_files(FILES, "base")
    assert str(raised.value) == (
        "no copy for kustomize can be made: [Errno 28] No space left on device"
    )


def test_the_real_kubectl_agrees_where_there_is_one() -> None:
    # Not every machine has kubectl; CELERY_KUSTOMIZE_BIN or PATH then names kustomize itself.
    programs = filter(None, [os.environ.get("CELERY_KUSTOMIZE_BIN"), shutil.which("kubectl")])
    assert {Kustomize(path).build_files(FILES, "overlays/production") for path in programs} <= {
        BUILT
    }
