"""Containers, mounts and control groups of the cluster, found in the kernel.

By what the kernel says rather than by what was written down: after a crash, that is what is left.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests.e2e.cluster.layout import CONTAINERD_SOCKET
from tests.e2e.commands import run, wait_until

__all__ = ["CONTROL_GROUP", "end_containers", "make_control_groups", "unmount_below"]

# Everything that pods run is in it.
CONTROL_GROUP = "ck-cluster"
_HIERARCHIES = Path("/sys/fs/cgroup")


def make_control_groups() -> None:
    """Make the control group in every hierarchy: the kubelet wants it to be there."""
    for hierarchy in _hierarchies():
        (hierarchy / CONTROL_GROUP).mkdir(exist_ok=True)


def end_containers() -> None:
    """Kill what runs in pods, and the shims that would start nothing again; remove their groups."""
    for shim in _shims():
        _kill(shim)
    groups = [hierarchy / CONTROL_GROUP for hierarchy in _hierarchies()]
    for group in groups:
        for pid in _processes(group):
            _kill(pid)
    wait_until(lambda: not any(map(_processes, groups)), "the end of all containers", seconds=20)
    for group in groups:
        for folder, _, _ in os.walk(group, topdown=False):
            Path(folder).rmdir()


def unmount_below(folder: Path) -> None:
    """Unmount everything mounted at or below ``folder``, the last mounted first."""
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    for line in reversed(mounts):
        # Field 5 is the mount point, with blanks as \040 (proc(5)).
        point = Path(line.split()[4].replace("\\040", " "))
        if point.is_relative_to(folder):
            run("umount", "--lazy", str(point), check=False)


def _hierarchies() -> list[Path]:
    """One folder a controller with cgroup v1; one in all with v2."""
    if (_HIERARCHIES / "cgroup.procs").exists():
        return [_HIERARCHIES]
    return [each for each in _HIERARCHIES.iterdir() if (each / "cgroup.procs").exists()]


def _processes(group: Path) -> list[int]:
    """The processes in a control group and in all below it."""
    pids: list[int] = []
    for folder, _, _ in os.walk(group):
        # A group may go, and a process end, while one looks.
        with suppress(OSError):
            pids += map(int, Path(folder, "cgroup.procs").read_text("ascii").split())
    return pids


def _shims() -> list[int]:
    """containerd's shims, one a pod, which know their containerd by its socket's path."""
    address = os.fsencode(CONTAINERD_SOCKET)
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (folder / "cmdline").read_bytes().split(b"\0")
            if b"containerd-shim" in command[0] and address in command:
                found.append(int(folder.name))
    return found


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
