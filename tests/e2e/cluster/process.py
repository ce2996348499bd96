"""Long-running processes, remembered in the state folder, so that a later command finds them.

A record holds the process id and when that process started, by the kernel's clock: an id that has
meanwhile gone to another process is never signalled.
"""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.e2e.cluster.layout import LOGS, RUN
from tests.e2e.commands import CommandError, wait_until

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["is_running", "kill", "last_words", "start", "stop"]

# Those that this process has started, which it has to reap when they end.
_children: dict[str, subprocess.Popen[bytes]] = {}


def start(name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
    """Start a process of its own session, with its output in the log folder."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with (LOGS / f"{name}.log").open("ab") as log:
        process = _children[name] = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
        )
    _record(name).parent.mkdir(parents=True, exist_ok=True)
    _record(name).write_text(f"{process.pid} {_started(process.pid)}\n", encoding="ascii")


def is_running(name: str) -> bool:
    """Whether the process that was started under this name still runs."""
    return _pid(name) is not None


def stop(name: str, *, seconds: float = 10) -> None:
    """End a process: SIGTERM, and SIGKILL if that does not end it in time. Harmless if it ended."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not kill(name, number):
            break
        try:
            wait_until(lambda: not is_running(name), f"the end of {name}", seconds=seconds)
        except CommandError:
            continue
        break
    _record(name).unlink(missing_ok=True)
    if child := _children.pop(name, None):
        child.wait()


def kill(name: str, number: signal.Signals) -> bool:
    """Send a signal; False if the process has ended."""
    pid = _pid(name)
    if pid is None:
        return False
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def last_words(name: str, lines: int = 15) -> str:
    """The end of its log, for error messages."""
    log = LOGS / f"{name}.log"
    if not log.exists():
        return ""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _record(name: str) -> Path:
    return RUN / f"{name}.pid"


def _pid(name: str) -> int | None:
    try:
        pid, started = _record(name).read_text(encoding="ascii").split()
    except (FileNotFoundError, ValueError):
        return None
    return int(pid) if _started(int(pid)) == started else None


def _started(pid: int) -> str:
    """When a process started, in clock ticks since boot; empty for one that has ended.

    Field 22 of /proc/PID/stat (proc(5)); field 3 is Z for a process that only waits to be reaped.
    The second field, the name, may hold spaces and brackets.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return "" if fields[0] == "Z" else fields[19]
