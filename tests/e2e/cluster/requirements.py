"""Whether a cluster can run on this machine, and what is missing if not."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from tests.e2e.commands import CommandError
from tests.e2e.tools import tool

__all__ = ["PACKAGES", "check"]

# Debian's packages, and a program of each by which its presence is seen.
PACKAGES = {
    "containerd": "containerd",
    "containernetworking-plugins": "/usr/lib/cni/bridge",
    "iproute2": "ip",
    "iptables": "iptables",
    "mount": "mount",
    "nftables": "nft",
    "openssl": "openssl",
    "runc": "runc",
}
_TOOLS = ("etcd", "kubernetes", "coredns", "metrics-server")


def check() -> None:
    """Refuse where the cluster cannot run.

    Raises:
        CommandError: with everything that is missing, and what to do about each.
    """
    missing = [] if platform.system() == "Linux" else ["this is not Linux"]
    if platform.system() == "Linux":
        if os.geteuid() != 0:
            missing.append("it has to be root")
        if not Path("/proc/sys/net/bridge").exists():
            missing.append("the kernel's module br_netfilter is not loaded: modprobe br_netfilter")
        absent = [name for name, program in PACKAGES.items() if not shutil.which(program)]
        if absent:
            missing.append(f"Debian's {', '.join(absent)}: make e2e-packages")
    unbuilt = [name for name in _TOOLS if not tool(name).folder.is_dir()]
    if unbuilt:
        missing.append(f"the programs of {', '.join(unbuilt)}: make e2e-tools")
    if missing:
        lines = "".join(f"\n  - {each}" for each in missing)
        raise CommandError(
            f"a cluster cannot run here:{lines}\n"
            "To run the tests against another cluster: make e2e KUBECONFIG=FILE"
        )
