"""Run one program within bounds: time, output, environment, and no process left behind."""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from celery_kustomize.errors import KustomizeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["MAX_OUTPUT", "Result", "run"]

MAX_OUTPUT = 64 * 1024 * 1024
"""Bytes of standard output taken from the program."""

_MAX_STDERR = 64 * 1024
_CHUNK = 64 * 1024
_PR_SET_PDEATHSIG = 1  # Linux, prctl(2)


@dataclass(frozen=True, slots=True)
class Result:
    """What a finished program left: its exit code and what it printed."""

    code: int
    stdout: str
    stderr: str


def run(
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    timeout: float,
    max_output: int = MAX_OUTPUT,
) -> Result:
    """Run ``command`` in ``folder`` with nothing of the caller's environment.

    On Linux the program is killed when this process dies, however it dies.

    Args:
        command: the program and its arguments; no shell is involved.
        folder: the working directory.
        environment: all that the program has as environment.
        timeout: seconds until the program, and all that it started, is killed.
        max_output: bytes of standard output at which it is killed as well.

    Raises:
        KustomizeError: it cannot be started, takes too long or prints too much.
    """
    deadline = time.monotonic() + timeout
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell; the program is the user's own choice
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_dying_with(os.getpid()),  # noqa: PLW1509 - this process has one thread
        )
    except OSError as error:
        raise KustomizeError(f"cannot run {command[0]}: {error.strerror}") from error
    with process:
        try:
            stdout, stderr = _read(process, deadline, max_output)
            code = process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _kill(process)
            raise KustomizeError(
                f"{Path(command[0]).name} took longer than {timeout:g} s and was stopped"
            ) from None
        except BaseException:
            _kill(process)
            raise
    return Result(code, stdout.decode(errors="replace"), stderr.decode(errors="replace"))


def _read(
    process: subprocess.Popen[bytes], deadline: float, max_output: int
) -> tuple[bytes, bytes]:
    """Both streams to their ends; of standard error only the first part is kept."""
    assert process.stdout is not None  # noqa: S101 - asked for above
    assert process.stderr is not None  # noqa: S101
    stdout, stderr = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ, stdout)
        selector.register(process.stderr, selectors.EVENT_READ, stderr)
        while selector.get_map():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise subprocess.TimeoutExpired(process.args, 0)
            for key, _ in selector.select(remaining):
                stream: IO[bytes] = key.fileobj  # type: ignore[assignment]
                chunk = os.read(stream.fileno(), _CHUNK)
                if not chunk:
                    selector.unregister(stream)
                elif key.data is stdout or len(stderr) < _MAX_STDERR:
                    key.data.extend(chunk)
            if len(stdout) > max_output:
                raise KustomizeError(
                    f"{Path(process.args[0]).name} printed more than {max_output >> 20} MiB"  # type: ignore[index,arg-type]
                    " and was stopped"
                )
    return bytes(stdout), bytes(stderr)


def _dying_with(parent: int) -> Callable[[], None] | None:
    """What a child does before it becomes the program, so that it does not outlive ``parent``.

    Argo CD kills a plugin's processes by their group, and the program has a group of its own.
    """
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def die_too() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before
            os._exit(1)

    return die_too


def _kill(process: subprocess.Popen[bytes]) -> None:
    # The whole group: kustomize may have started children, which would keep the pipes open.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
