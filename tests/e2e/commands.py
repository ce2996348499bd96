"""Run short commands, and wait for conditions."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CommandError", "run", "wait_until"]


class CommandError(Exception):
    """A command failed, or a condition did not come true; the text says which and why."""


def run(*command: str, stdin: str | None = None, check: bool = True) -> str:
    """Run a command and give its standard output.

    Raises:
        CommandError: it failed and ``check`` is set; with what it wrote to standard error.
    """
    ended = subprocess.run(
        command,
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    if check and ended.returncode:
        said = (ended.stderr or ended.stdout).strip()
        raise CommandError(f"{' '.join(command)}: exit code {ended.returncode}: {said}")
    return ended.stdout


def wait_until(
    condition: Callable[[], object], what: str, *, seconds: float = 60, every: float = 0.1
) -> None:
    """Ask ``condition`` again and again until it is true.

    Raises:
        CommandError: it did not become true in time; ``what`` says what was waited for.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise CommandError(f"waited {seconds:g} s for {what}, in vain")
        time.sleep(every)
