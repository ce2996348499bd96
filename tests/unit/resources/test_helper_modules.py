"""The files that are mounted into the users' containers: that their images can use them."""

from __future__ import annotations

import ast
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from celery_kustomize.resources.helper_modules import NAMES, helper_text

if TYPE_CHECKING:
    from pathlib import Path

_MODULES = [name for name in NAMES if name.endswith(".py")]


def test_every_file_is_given() -> None:
    from tests.runtime.celery_python import MODULES

    assert {path.name for path in MODULES.iterdir() if path.is_file()} == set(NAMES)


@pytest.mark.parametrize("name", _MODULES)
def test_modules_are_python_3_8(name: str) -> None:
    ast.parse(helper_text(name), feature_version=(3, 8))


@pytest.mark.parametrize("name", _MODULES)
def test_modules_need_celery_alone(name: str) -> None:
    imported = set()
    for node in ast.walk(ast.parse(helper_text(name))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    top = {module.partition(".")[0] for module in imported}
    own = {name.removesuffix(".py") for name in _MODULES}
    assert top - set(sys.stdlib_module_names) - own == {"celery"}


def _run(tmp_path: Path, command: list[str], **env: str) -> str:
    script = tmp_path / "run.sh"
    script.write_text(helper_text("run.sh"))
    done = subprocess.run(
        ["/bin/sh", str(script), *command], env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_run_adds_to_the_path_of_the_image(tmp_path: Path) -> None:
    shown = _run(tmp_path, ["/bin/sh", "-c", "echo $PYTHONPATH"], PYTHONPATH="/srv/app")
    assert shown == f"{tmp_path}:/srv/app\n"


def test_run_without_a_path_adds_no_current_folder(tmp_path: Path) -> None:
    assert _run(tmp_path, ["/bin/sh", "-c", "echo $PYTHONPATH"]) == f"{tmp_path}\n"


def test_run_selects_the_loader_only_with_settings(tmp_path: Path) -> None:
    show = ["/bin/sh", "-c", "echo [$CELERY_LOADER]"]
    assert _run(tmp_path, show) == "[]\n"
    assert _run(tmp_path, show, CELERY_KUSTOMIZE_SETTINGS="/x") == (
        "[celery_kustomize_loader:Loader]\n"
    )


def test_run_keeps_arguments_and_process(tmp_path: Path) -> None:
    script = tmp_path / "run.sh"
    script.write_text(helper_text("run.sh"))
    show = 'printf "%s|" "$$" "$@"'
    process = subprocess.Popen(
        ["/bin/sh", str(script), "/bin/sh", "-c", show, "sh", "a  b", "$HOME", ""],
        stdout=subprocess.PIPE,
        text=True,
        env={},
    )
    shown, _ = process.communicate(timeout=10)
    assert shown == f"{process.pid}|a  b|$HOME||"
