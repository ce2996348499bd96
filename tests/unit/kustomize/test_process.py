"""A program within bounds: time, output, environment."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from celery_kustomize.errors import KustomizeError
from celery_kustomize.kustomize.process import Result, run


def shell(script: str, folder: Path, timeout: float = 20, max_output: int = 1 << 20) -> Result:
    return run(
        ["/bin/sh", "-c", script],
        folder=folder,
        environment={"PATH": os.environ["PATH"], "ANY": "thing"},
        timeout=timeout,
        max_output=max_output,
    )


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_output_and_exit_code(tmp_path: Path) -> None:
    assert shell("echo out; echo err >&2; exit 3", tmp_path) == Result(3, "out\n", "err\n")


def test_only_the_environment_that_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("KUBECONFIG", "x")
    lines = set(shell("env", tmp_path).stdout.splitlines())
    # The shell sets these itself.
    own = {line for line in lines if line.partition("=")[0] in {"PWD", "OLDPWD", "SHLVL", "_"}}
    assert lines - own == {f"PATH={os.environ['PATH']}", "ANY=thing"}


def test_a_program_does_not_outlive_a_caller_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from celery_kustomize.kustomize.process import run\n"
        "folder = Path(sys.argv[1])\n"
        "run(['/bin/sh', '-c', 'echo $$ > pid; exec /bin/sleep 60'], folder=folder,"
        " environment={}, timeout=60)\n"
    )
    caller = subprocess.Popen([sys.executable, "-c", script, tmp_path])
    pid = tmp_path / "pid"
    wait_until(lambda: pid.is_file() and pid.read_text().endswith("\n"))
    program = int(pid.read_text())
    assert is_alive(program)
    caller.kill()
    caller.wait()
    wait_until(lambda: not is_alive(program))


def test_standard_input_is_empty(tmp_path: Path) -> None:
    assert shell("cat", tmp_path).stdout == ""


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(KustomizeError, match=r"\Ash took longer than 0.5 s and was stopped\Z"):
        shell("sleep 60 & echo $! > child; wait", tmp_path, timeout=0.5)
    assert time.monotonic() - started < 10
    child = int((tmp_path / "child").read_text())
    wait_until(lambda: not is_alive(child))


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
        run(["/nowhere/x"], folder=tmp_path, environment={}, timeout=1)
