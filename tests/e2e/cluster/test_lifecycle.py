"""A cluster comes, survives, and goes without a trace. Runs first: later tests use one cluster."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e import cluster
from tests.e2e.cluster import leftovers, process, requirements
from tests.e2e.cluster.layout import ADMIN_KUBECONFIG, BRIDGE, RUN, STATE
from tests.e2e.commands import CommandError, run, wait_until
from tests.e2e.kubectl import Kubectl
from tests.e2e.network_policy.ruleset import TABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROCESSES = [each.name for each in cluster.COMPONENTS if each.command()]
_POD = """
apiVersion: v1
kind: Pod
metadata: {name: NAME}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - name: main
    image: docker.io/library/redis:7.4
    command: [sleep, 1d]
"""


@pytest.fixture(scope="module", autouse=True)
def _own(request: pytest.FixtureRequest) -> Iterator[None]:
    for option in ("--kubeconfig", "--keep-cluster"):
        if request.config.getoption(option):
            pytest.skip(f"starts and ends clusters of its own, which {option} forbids")
    yield
    cluster.down()


@pytest.fixture(scope="module")
def kubectl(_own: None) -> Kubectl:
    cluster.up()
    kubectl = Kubectl(ADMIN_KUBECONFIG)
    wait_until(lambda: kubectl.succeeds("get", "serviceaccount", "default"), "a ServiceAccount")
    return kubectl


def start_pod(kubectl: Kubectl, name: str) -> None:
    kubectl.apply(_POD.replace("NAME", name))
    kubectl("wait", "--for=condition=Ready", f"pod/{name}", "--timeout=60s")


def traces() -> dict[str, object]:
    """All that a cluster leaves if nobody removes it, by kind; empty where there is nothing."""
    found: dict[str, object] = {
        "processes": [line for line in _command_lines() if bytes(STATE) in line],
        "mounts": [
            line
            for line in Path("/proc/self/mountinfo").read_text("utf-8").splitlines()
            if str(STATE) in line
        ],
        "links": [line for line in run("ip", "-oneline", "link").splitlines() if BRIDGE in line],
        "rules": [
            line
            for line in run("iptables-save").splitlines()
            if "KUBE-" in line or f" {BRIDGE} " in line
        ]
        + [line for line in run("nft", "list", "tables").splitlines() if TABLE in line],
        "control groups": list(Path("/sys/fs/cgroup").glob(f"**/{leftovers.CONTROL_GROUP}")),
        "files": [path for path in (RUN, ADMIN_KUBECONFIG) if path.exists()],
        "ip_forward": Path("/proc/sys/net/ipv4/ip_forward").read_text("ascii") == "1\n",
    }
    return {kind: what for kind, what in found.items() if what}


def _command_lines() -> list[bytes]:
    """Of all other processes."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            found.append((folder / "cmdline").read_bytes())
    return found


@pytest.mark.parametrize("name", _PROCESSES)
def test_survives_the_end_of_any_component(kubectl: Kubectl, name: str) -> None:
    if not kubectl.succeeds("get", "pod", "witness"):
        start_pod(kubectl, "witness")
    process.kill(name, signal.SIGKILL)
    wait_until(lambda: not process.is_running(name), f"the end of {name}")

    cluster.restart(name)

    wait_until(cluster.is_up, "all components")
    start_pod(kubectl, f"after-{name}")
    [container] = kubectl.get("pod", "witness")["status"]["containerStatuses"]
    assert (container["ready"], container["restartCount"]) == (True, 0)


@pytest.mark.usefixtures("kubectl")
def test_down_leaves_nothing() -> None:
    assert set(traces()) >= {"processes", "mounts", "links", "rules", "control groups", "files"}
    cluster.down()
    assert traces() == {}
    cluster.down()  # again, with nothing there
    assert traces() == {}


def test_up_after_a_crash_and_down_leaves_nothing() -> None:
    cluster.up()
    kubectl = Kubectl(ADMIN_KUBECONFIG)
    wait_until(lambda: kubectl.succeeds("get", "serviceaccount", "default"), "a ServiceAccount")
    start_pod(kubectl, "orphan")
    for name in _PROCESSES:
        process.kill(name, signal.SIGKILL)
    assert not cluster.is_up()

    cluster.up()

    assert cluster.is_up()
    assert kubectl.list("pods", "--all-namespaces") == []
    cluster.down()
    assert traces() == {}


def test_refuses_politely_where_it_cannot_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(CommandError) as caught:
        requirements.check()
    assert str(caught.value) == (
        "a cluster cannot run here:\n"
        "  - it has to be root\n"
        "  - Debian's containerd, iproute2, iptables, mount, nftables, openssl, runc: "
        "make e2e-packages\n"
        "To run the tests against another cluster: make e2e KUBECONFIG=FILE"
    )
