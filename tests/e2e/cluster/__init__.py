"""A real Kubernetes cluster of one node, as plain processes of this machine.

``COMPONENTS`` lists its parts in the order in which they start, a module each. Whatever they keep
is in one folder (``layout.STATE``), so that any command, of any clone, finds a running cluster or
what is left of one. Needs root; see ``requirements``.
"""

from __future__ import annotations

import fcntl
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.e2e.cluster import process, requirements
from tests.e2e.cluster.api_server import ApiServer
from tests.e2e.cluster.containerd import Containerd
from tests.e2e.cluster.controllers import ControllerManager, Scheduler
from tests.e2e.cluster.coredns import CoreDNS
from tests.e2e.cluster.etcd import Etcd
from tests.e2e.cluster.kube_proxy import KubeProxy
from tests.e2e.cluster.kubelet import Kubelet
from tests.e2e.cluster.layout import ADMIN_KUBECONFIG, LOGS, RUN, STATE
from tests.e2e.cluster.metrics_server import MetricsServer
from tests.e2e.cluster.network import Network
from tests.e2e.cluster.network_policy import NetworkPolicy
from tests.e2e.cluster.storage import LocalProvisioner
from tests.e2e.commands import CommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.cluster.component import Component

__all__ = ["COMPONENTS", "CommandError", "down", "is_up", "restart", "status", "up"]

COMPONENTS: tuple[Component, ...] = (
    Network(),
    Etcd(),
    ApiServer(),
    ControllerManager(),
    Scheduler(),
    Containerd(),
    Kubelet(),
    KubeProxy(),
    CoreDNS(),
    LocalProvisioner(),
    MetricsServer(),
    NetworkPolicy(),
)


def up(say: Callable[[str], None] = lambda _: None) -> None:
    """Start a cluster, after ending one that runs and clearing away what one left.

    ``say`` is told how long each component took.

    Raises:
        CommandError: it cannot run here, or a component does not start; then nothing is left.
    """
    requirements.check()
    with _alone():
        _down()
        shutil.rmtree(LOGS, ignore_errors=True)
        RUN.mkdir(parents=True)
        try:
            for component in COMPONENTS:
                started = time.monotonic()
                component.start()
                say(f"{component.name:24} {time.monotonic() - started:5.1f} s")
        except BaseException:
            _down()
            raise


def down() -> None:
    """End the cluster and remove what it left, but for logs and images. Harmless if none runs.

    Raises:
        CommandError: the kernel does not let go of something.
    """
    if not STATE.exists():
        return
    with _alone():
        _down()


def restart(name: str) -> None:
    """Stop a component, unless it has ended, and start it again; the others go on.

    Raises:
        CommandError: it does not start.
        StopIteration: there is no component of that name.
    """
    component = next(each for each in COMPONENTS if each.name == name)
    process.stop(name)
    component.start()


def status() -> dict[str, str]:
    """What each process of the cluster does, by the component's name."""
    said = {}
    for component in COMPONENTS:
        if component.command():
            running = process.is_running(component.name)
            ready = running and component.is_ready()
            said[component.name] = "ready" if ready else "not ready" if running else "not running"
    return said


def is_up() -> bool:
    """Whether every component is ready."""
    return ADMIN_KUBECONFIG.exists() and set(status().values()) == {"ready"}


def _down() -> None:
    for component in reversed(COMPONENTS):
        component.stop()
    shutil.rmtree(RUN, ignore_errors=True)
    ADMIN_KUBECONFIG.unlink(missing_ok=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Let no other command start or end a cluster meanwhile."""
    STATE.mkdir(parents=True, exist_ok=True)
    with (STATE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
