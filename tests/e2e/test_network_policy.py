"""NetworkPolicies hold: what they forbid cannot be reached, what they allow can."""

from __future__ import annotations

import signal
import socket
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e import cluster
from tests.e2e.cluster import process
from tests.e2e.cluster.layout import DNS_ADDRESS
from tests.e2e.commands import wait_until
from tests.e2e.probe import Probe
from tests.e2e.tools import tool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.kubectl import Kubectl

pytestmark = pytest.mark.usefixtures("own_cluster")

_HERE, _THERE = "np-here", "np-there"
_ALL: dict[str, Any] = {}
_PORTS = {
    "http": "tcp:{}:8080",
    "admin": "tcp:{}:8081",
    "9001": "tcp:{}:9001",
    "9002": "tcp:{}:9002",
    "udp": "udp:{}:5300",
}


@dataclass(frozen=True)
class Pods:
    """``server``, ``friend`` and ``stranger`` are in one namespace, ``visitor`` is in another.

    The label ``app`` has these names, but that the visitor is labelled as the friend is.
    """

    kubectl: Kubectl
    server: Probe
    friend: Probe
    stranger: Probe
    visitor: Probe

    def clients(self) -> set[str]:
        """Which of the others reach the server's port 8080."""
        address = _PORTS["http"].format(self.server.address)
        names = ("friend", "stranger", "visitor")
        return {name for name in names if getattr(self, name).reached(address)}

    def ports(self, client: Probe) -> set[str]:
        """Which of the server's ports a client reaches, by their names in ``_PORTS``."""
        addresses = {text.format(self.server.address): name for name, text in _PORTS.items()}
        return {addresses[each] for each in client.reached(*addresses)}

    def apply(self, name: str = "policy", *, selector: object = _ALL, **spec: object) -> None:
        """Create or change a policy; ``selector`` is of the pods that it is about."""
        types = [each.capitalize() for each in ("ingress", "egress") if each in spec]
        policy = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"namespace": _HERE, "name": name},
            "spec": {"podSelector": selector, "policyTypes": types, **spec},
        }
        self.kubectl.apply_objects([policy])

    def wait_for_clients(self, *expected: str) -> None:
        """Wait until exactly these reach the server's port 8080."""
        wait_until(lambda: self.clients() == set(expected), f"clients {expected}", seconds=30)

    def wait_for_ports(self, *expected: str) -> None:
        """Wait until the friend reaches exactly these of the server's ports."""
        wait_until(lambda: self.ports(self.friend) == set(expected), f"ports {expected}")


@pytest.fixture(scope="module")
def all_pods(kubectl: Kubectl) -> Pods:
    kubectl("delete", "namespace", _HERE, _THERE, "--ignore-not-found")
    for name in (_HERE, _THERE):
        kubectl.create_namespace(name)
    pods = Pods(
        kubectl,
        server=Probe(kubectl, _HERE, "server", {"app": "server"}),
        friend=Probe(kubectl, _HERE, "friend", {"app": "friend"}),
        stranger=Probe(kubectl, _HERE, "stranger", {"app": "stranger"}),
        visitor=Probe(kubectl, _THERE, "visitor", {"app": "friend"}),
    )
    for each in (pods.server, pods.friend, pods.stranger, pods.visitor):
        each.wait()
    kubectl("create", "service", "clusterip", "server", "--tcp=80:8080", f"--namespace={_HERE}")
    return pods


@pytest.fixture
def pods(all_pods: Pods) -> Iterator[Pods]:
    """The pods, with no policies."""
    all_pods.wait_for_clients("friend", "stranger", "visitor")
    yield all_pods
    all_pods.kubectl("delete", "networkpolicies", "--all", f"--namespace={_HERE}")


def of(**labels: str) -> dict[str, object]:
    """A selector of these labels."""
    return {"matchLabels": labels}


_SERVER = of(app="server")
_FRIEND = of(app="friend")


def test_nobody_reaches_an_isolated_pod_but_its_node(pods: Pods) -> None:
    pods.apply(ingress=[])
    pods.wait_for_clients()
    assert pods.ports(pods.friend) == set()
    assert pods.ports(pods.server) == set(_PORTS)  # itself
    socket.create_connection((pods.server.address, 8080), timeout=5).close()


def test_policies_add_up_change_and_go(pods: Pods) -> None:
    pods.apply("nobody", ingress=[])
    pods.wait_for_clients()
    pods.apply("some", selector=_SERVER, ingress=[{"from": [{"podSelector": _FRIEND}]}])
    pods.wait_for_clients("friend")
    stranger = {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["friend"]}]}
    pods.apply("some", selector=_SERVER, ingress=[{"from": [{"podSelector": stranger}]}])
    pods.wait_for_clients("stranger")
    pods.apply("more", selector=_SERVER, ingress=[{}])
    pods.wait_for_clients("friend", "stranger", "visitor")
    pods.kubectl("delete", "networkpolicies", "more", "some", f"--namespace={_HERE}")
    pods.wait_for_clients()
    pods.kubectl("delete", "networkpolicies", "nobody", f"--namespace={_HERE}")
    pods.wait_for_clients("friend", "stranger", "visitor")


def test_labels_of_pods_and_namespaces_change(pods: Pods) -> None:
    allowed = {"podSelector": _FRIEND, "namespaceSelector": of(team="friends")}
    pods.apply(selector=_SERVER, ingress=[{"from": [allowed]}])
    pods.wait_for_clients()
    pods.kubectl("label", "namespace", _THERE, "team=friends")
    pods.wait_for_clients("visitor")
    pods.kubectl("label", "namespace", _HERE, "team=friends")
    pods.wait_for_clients("friend", "visitor")
    pods.kubectl("label", "pod", "stranger", "app=friend", "--overwrite", f"--namespace={_HERE}")
    pods.wait_for_clients("friend", "stranger", "visitor")
    pods.kubectl("label", "pod", "stranger", "app=stranger", "--overwrite", f"--namespace={_HERE}")
    pods.kubectl("label", "namespace", _HERE, _THERE, "team-")
    pods.wait_for_clients()


def test_all_of_a_namespace(pods: Pods) -> None:
    there = of(**{"kubernetes.io/metadata.name": _THERE})
    pods.apply(selector=_SERVER, ingress=[{"from": [{"namespaceSelector": there}]}])
    pods.wait_for_clients("visitor")
    pods.apply(selector=_SERVER, ingress=[{"from": [{"podSelector": {}}]}])
    pods.wait_for_clients("friend", "stranger")


@pytest.mark.parametrize(
    ("port", "reached"),
    [
        ({"port": 8081}, {"admin"}),
        ({"port": "http"}, {"http"}),
        ({"port": 8081, "endPort": 9001}, {"admin", "9001"}),
        ({"port": 5300, "protocol": "UDP"}, {"udp"}),
        ({"port": 8080, "protocol": "SCTP"}, set()),
        ({"protocol": "TCP"}, {"http", "admin", "9001", "9002"}),
    ],
)
def test_ports(pods: Pods, port: dict[str, object], reached: set[str]) -> None:
    pods.apply(selector=_SERVER, ingress=[{"from": [{"podSelector": _FRIEND}], "ports": [port]}])
    pods.wait_for_ports(*reached)
    assert pods.ports(pods.stranger) == set()


def test_blocks_of_addresses(pods: Pods) -> None:
    block = {"cidr": "10.244.0.0/16", "except": [f"{pods.friend.address}/32"]}
    pods.apply(selector=_SERVER, ingress=[{"from": [{"ipBlock": block}]}])
    pods.wait_for_clients("stranger", "visitor")


def test_egress_with_names(pods: Pods) -> None:
    """DNS counts as the pods that serve it elsewhere; a Service's address, as its pods'."""
    service = f"tcp:server.{_HERE}.svc.cluster.local:80"
    others = [f"tcp:{each.address}:8080" for each in (pods.stranger, pods.visitor)]
    address = _PORTS["http"].format(pods.server.address)
    dns = f"tcp:{DNS_ADDRESS}:53"
    everything = (service, address, dns, *others)
    assert pods.friend.reached(*everything) == set(everything)

    to_server = {"to": [{"podSelector": _SERVER}], "ports": [{"port": "http"}]}
    pods.apply(selector=_FRIEND, egress=[to_server])
    wait_until(lambda: pods.friend.reached(*everything) == {address}, "only the server")

    to_dns = {
        "to": [{"namespaceSelector": {}, "podSelector": of(**{"k8s-app": "kube-dns"})}],
        "ports": [{"port": 53, "protocol": each} for each in ("UDP", "TCP")],
    }
    pods.apply(selector=_FRIEND, egress=[to_server, to_dns])
    allowed = {service, address, dns}
    wait_until(lambda: pods.friend.reached(*everything) == allowed, "the server by its name")
    # Others may still reach the friend, and it answers them.
    assert pods.stranger.reached(_PORTS["http"].format(pods.friend.address))


def test_both_ends_have_to_allow_it(pods: Pods) -> None:
    pods.apply("out", selector=_FRIEND, egress=[{}])
    pods.apply("in", selector=_SERVER, ingress=[{"from": [{"podSelector": of(app="stranger")}]}])
    pods.wait_for_clients("stranger")
    pods.apply("out", selector=of(app="stranger"), egress=[])
    pods.wait_for_clients()


def test_a_connection_that_was_made_lasts(pods: Pods) -> None:
    script = (
        "import socket, sys\n"
        f"made = socket.create_connection(({pods.server.address!r}, 8080)).makefile('rw')\n"
        "for line in sys.stdin:\n"
        "    made.write(line)\n"
        "    made.flush()\n"
        "    print(made.readline(), end='', flush=True)\n"
    )
    kubectl = (tool("kubernetes").path("kubectl"), f"--kubeconfig={pods.kubectl.kubeconfig}")
    inside = ("exec", "--stdin", "friend", f"--namespace={_HERE}", "--", "python", "-c", script)
    with subprocess.Popen(
        [*kubectl, *inside], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as held:
        assert held.stdin
        assert held.stdout
        held.stdin.write("before\n")
        assert held.stdout.readline() == "before\n"
        pods.apply(ingress=[], egress=[])
        pods.wait_for_clients()
        held.stdin.write("after\n")
        assert held.stdout.readline() == "after\n"


def test_a_new_pod_is_isolated_from_its_start(pods: Pods) -> None:
    address = _PORTS["http"].format(pods.server.address)
    pods.apply("out", selector=of(app="new"), egress=[])
    pods.apply("in", selector=_SERVER, ingress=[{"from": [{"podSelector": of(app="welcome")}]}])
    pods.wait_for_clients()
    new = Probe(pods.kubectl, _HERE, "new", {"app": "new"}, first=[address])
    welcome = Probe(pods.kubectl, _HERE, "welcome", {"app": "welcome"}, first=[address])
    assert welcome.reached_first() == {address}
    assert new.reached_first() == set()
    pods.kubectl("delete", "pod", "new", "welcome", f"--namespace={_HERE}")


def test_rules_outlive_the_controller_which_takes_over_again(pods: Pods) -> None:
    pods.apply(ingress=[])
    pods.wait_for_clients()
    process.kill("network-policy", signal.SIGKILL)
    wait_until(lambda: not process.is_running("network-policy"), "the end of the controller")
    pods.apply(selector=_SERVER, ingress=[{"from": [{"podSelector": _FRIEND}]}])
    assert pods.clients() == set()
    cluster.restart("network-policy")
    assert pods.clients() == {"friend"}
