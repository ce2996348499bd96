"""A program within bounds: time, output, environment."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from celery_kustomize.errors import KustomizeError
from celery_kustomize.kustomize.process import Result, run


def shell(script: str, folder: Path, timeout: float = 20, max_output: int = 1 << 20) -> Result:
    return run(
        ["/bin/sh", "-c", script],
        folder=folder,
        home=folder,
        timeout=timeout,
        max_output=max_output,
    )


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_output_and_exit_code(tmp_path: Path) -> None:
    assert shell("echo out; echo err >&2; exit 3", tmp_path) == Result(3, "out\n", "err\n")


def test_nothing_of_the_environment_but_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("KUBECONFIG", "x")
    lines = set(shell("env", tmp_path).stdout.splitlines())
    # The shell sets these itself.
    own = {line for line in lines if line.partition("=")[0] in {"PWD", "OLDPWD", "SHLVL", "_"}}
    assert lines - own == {f"PATH={os.environ['PATH']}", f"HOME={tmp_path}"}


def test_standard_input_is_empty(tmp_path: Path) -> None:
    assert shell("cat", tmp_path).stdout == ""


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(KustomizeError, match=r"\Ash took longer than 0.5 s and was stopped\Z"):
        shell("sleep 60 & echo $! > child; wait", tmp_path, timeout=0.5)
    assert time.monotonic() - started < 10
    child = int((tmp_path / "child").read_text())
    deadline = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(child)


def test_a_child_that_keeps_the_output_open_does_not_hang_us(tmp_path: Path) -> None:
    with pytest.raises(KustomizeError, match="took longer"):
        shell("sleep 60 & exit 0", tmp_path, timeout=0.5)


def test_closing_the_output_is_not_the_end(tmp_path: Path) -> None:
    with pytest.raises(KustomizeError, match="took longer"):
        shell("exec >&- 2>&-; sleep 60", tmp_path, timeout=0.5)


def test_too_much_output_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(KustomizeError, match=r"\Ash printed more than 1 MiB and was stopped\Z"):
        shell("cat /dev/zero", tmp_path)


def test_of_standard_error_only_the_first_part_is_kept(tmp_path: Path) -> None:
    result = shell("head -c 10000000 /dev/zero >&2; echo done", tmp_path)
    assert result.stdout == "done\n"
    assert 64 * 1024 <= len(result.stderr) <= 128 * 1024


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(
        KustomizeError, match=r"\Acannot run /nowhere/x: No such file or directory\Z"
    ):
        run(["/nowhere/x"], folder=tmp_path, home=tmp_path, timeout=1)
