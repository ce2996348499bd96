"""The rules that follow from policies, pods and namespaces; whether they hold: test_network_policy.

What nft makes of them is seen there, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.network_policy.ruleset import Network, ruleset

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.e2e.network_policy.ruleset import Object

_NETWORK = Network(pods="10.244.0.0/24", dns="10.244.0.1")
_NAMESPACES = [
    {"metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name, "team": team}}}
    for name, team in (("shop", "checkout"), ("other", "billing"), ("kube-system", "platform"))
]


def pod(name: str, address: str, **labels: str) -> Object:
    """NAMESPACE/NAME, with a port of the name http, which is 8000 and the address's last number."""
    namespace, _, name = name.partition("/")
    port = {"name": "http", "containerPort": 8000 + int(address.rpartition(".")[2])}
    return {
        "metadata": {
            "namespace": namespace,
            "name": name,
            "labels": labels,
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {"containers": [{"ports": [port]}, {}]},
        "status": {"phase": "Running", "podIP": address},
    }


_WEB = pod("shop/web", "10.244.0.2", app="web")
_WORKER = pod("shop/worker", "10.244.0.3", app="worker", tier="back")
_OTHER = pod("other/worker", "10.244.0.4", app="worker")
_PODS = [_WEB, _WORKER, _OTHER]


def policy(*types: str, name: str = "policy", **spec: Any) -> Object:
    """A policy about the pod web."""
    web = {"matchLabels": {"app": "web"}}
    metadata = {"namespace": "shop", "name": name}
    return {"metadata": metadata, "spec": {"podSelector": web, "policyTypes": list(types), **spec}}


def chain(name: str, text: str) -> list[str] | None:
    """The rules of a chain without their comments; None if there is no such chain."""
    _, found, rest = text.partition(f"  chain {name} {{\n")
    lines = rest.partition("  }\n")[0].splitlines()
    return [line.partition(" comment ")[0].strip() for line in lines] if found else None


def allowed(direction: str, *rules: Object, pods: Sequence[Object] = _PODS) -> list[str]:
    """What the pod web may receive or send by the rules of one policy."""
    made = policy(direction.capitalize())
    made["spec"][direction] = list(rules)
    lines = chain(f"{direction}-10.244.0.2", ruleset(pods, _NAMESPACES, [made], _NETWORK))
    assert lines
    itself, *others, rejects = lines
    assert itself == f"ip {'saddr' if direction == 'ingress' else 'daddr'} 10.244.0.2 return"
    assert rejects == "reject with icmp admin-prohibited"
    return others


def test_whole() -> None:
    """One policy: everything from the worker, nothing to anybody."""
    worker = {"podSelector": {"matchLabels": {"app": "worker"}}}
    made = policy("Ingress", "Egress", ingress=[{"from": [worker]}])
    assert ruleset(_PODS, _NAMESPACES, [made], _NETWORK) == (
        """\
table ip ck-network-policy
delete table ip ck-network-policy
table ip ck-network-policy {
  set pods {
    type ipv4_addr
    elements = { 10.244.0.2, 10.244.0.3, 10.244.0.4 }
  }
  map egress {
    type ipv4_addr : verdict
    elements = { 10.244.0.2 : jump egress-10.244.0.2 }
  }
  map ingress {
    type ipv4_addr : verdict
    elements = { 10.244.0.2 : jump ingress-10.244.0.2 }
  }
  chain egress-10.244.0.2 {
    ip daddr 10.244.0.2 return
    reject with icmp admin-prohibited
  }
  chain ingress-10.244.0.2 {
    ip saddr 10.244.0.2 return
    ip saddr { 10.244.0.3 } return comment "shop/policy"
    reject with icmp admin-prohibited
  }
  chain forward {
    type filter hook forward priority filter
    ct state established,related accept
    ip saddr 10.244.0.0/24 ip saddr != @pods drop
    ip daddr 10.244.0.0/24 ip daddr != @pods drop
    ip saddr vmap @egress
    ip daddr vmap @ingress
  }
  chain input {
    type filter hook input priority filter
    ct state established,related accept
    ip daddr 10.244.0.1 meta l4proto { tcp, udp } th dport 53 ip saddr vmap @egress
  }
}
"""
    )


def test_without_a_policy_nothing_is_dropped() -> None:
    text = ruleset(_PODS, _NAMESPACES, [], _NETWORK)
    assert "drop" not in text
    assert "reject" not in text


def test_a_policy_isolates_for_its_types_alone() -> None:
    text = ruleset(_PODS, _NAMESPACES, [policy("Egress", ingress=[{}])], _NETWORK)
    assert chain("egress-10.244.0.2", text)
    assert chain("ingress-10.244.0.2", text) is None
    assert chain("egress-10.244.0.3", text) is None  # its selector does not mean the worker
    assert chain("egress-10.244.0.4", text) is None  # and it is not about another namespace


def test_policies_add_up() -> None:
    one = policy("Ingress", name="a", ingress=[{"ports": [{"port": 1}]}])
    two = policy("Ingress", name="b", ingress=[{"ports": [{"port": 2}]}])
    text = ruleset(_PODS, _NAMESPACES, [two, one], _NETWORK)
    lines = chain("ingress-10.244.0.2", text)
    assert lines
    assert lines[1:-1] == ["tcp dport 1 return", "tcp dport 2 return"]


def test_the_order_of_what_comes_in_does_not_matter() -> None:
    policies = [policy("Ingress", name=name, ingress=[{}]) for name in "ab"]
    assert ruleset(_PODS, _NAMESPACES, policies, _NETWORK) == ruleset(
        _PODS[::-1], _NAMESPACES[::-1], policies[::-1], _NETWORK
    )


@pytest.mark.parametrize(
    "rule",
    [{}, {"from": [], "ports": []}, {"from": None}, {"from": [{"ipBlock": {"cidr": "::/0"}}]}],
)
def test_an_empty_rule_allows_everything_but_one_of_ipv6_nothing(rule: Object) -> None:
    expected = ["return"] if not rule.get("from") else []
    assert allowed("ingress", rule) == expected


@pytest.mark.parametrize(
    ("peer", "sources"),
    [
        ({"podSelector": {}}, "10.244.0.2, 10.244.0.3"),
        ({"podSelector": {"matchLabels": {"app": "worker"}}}, "10.244.0.3"),
        ({"namespaceSelector": {"matchLabels": {"team": "billing"}}}, "10.244.0.4"),
        ({"namespaceSelector": {}}, "10.244.0.2, 10.244.0.3, 10.244.0.4, 10.244.0.1"),
        (
            {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": "worker"}}},
            "10.244.0.3, 10.244.0.4",
        ),
        (
            {
                "namespaceSelector": {"matchLabels": {"team": "checkout"}},
                "podSelector": {"matchLabels": {"app": "worker"}},
            },
            "10.244.0.3",
        ),
        (
            {
                "namespaceSelector": {
                    "matchLabels": {"kubernetes.io/metadata.name": "kube-system"}
                },
                "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
            },
            "10.244.0.1",
        ),
        ({"podSelector": {"matchLabels": {"app": "nobody"}}}, ""),
    ],
)
def test_peers(peer: Object, sources: str) -> None:
    expected = [f"ip saddr {{ {sources} }} return"] if sources else []
    assert allowed("ingress", {"from": [peer]}) == expected


@pytest.mark.parametrize(
    ("operator", "key", "values", "sources"),
    [
        ("In", "app", ["worker", "beat"], "10.244.0.3"),
        ("NotIn", "app", ["worker"], "10.244.0.2"),
        ("NotIn", "tier", ["front"], "10.244.0.2, 10.244.0.3"),  # also without the label
        ("Exists", "tier", None, "10.244.0.3"),
        ("DoesNotExist", "tier", None, "10.244.0.2"),
    ],
)
def test_expressions(operator: str, key: str, values: list[str] | None, sources: str) -> None:
    expression: Object = {"operator": operator, "key": key}
    if values:
        expression["values"] = values
    peer = {"podSelector": {"matchExpressions": [expression]}}
    assert allowed("ingress", {"from": [peer]}) == [f"ip saddr {{ {sources} }} return"]


@pytest.mark.parametrize(
    ("port", "match"),
    [
        ({"port": 80}, "tcp dport 80"),
        ({"port": 80, "endPort": 90, "protocol": "UDP"}, "udp dport 80-90"),
        ({"port": 80, "protocol": "SCTP"}, "sctp dport 80"),
        ({"protocol": "UDP"}, "meta l4proto udp"),
        ({"port": "http"}, "tcp dport 8002"),  # of the pod that receives
    ],
)
def test_ports(port: Object, match: str) -> None:
    assert allowed("ingress", {"ports": [port]}) == [f"{match} return"]


def test_a_name_that_no_port_has_allows_nothing() -> None:
    for port in ({"port": "nothing"}, {"port": "http", "protocol": "UDP"}):
        assert allowed("ingress", {"ports": [port]}) == []


def test_every_peer_with_every_port() -> None:
    block = {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16", "10.2.3.4/16"]}}
    rule = {"from": [{"podSelector": {}}, block], "ports": [{"port": 1}, {"port": 2}]}
    outside = "ip saddr 10.0.0.0/8 ip saddr != 10.1.0.0/16 ip saddr != 10.2.0.0/16"
    assert allowed("ingress", rule) == [
        f"{outside} tcp dport 1 return",
        "ip saddr { 10.244.0.2, 10.244.0.3 } tcp dport 1 return",
        f"{outside} tcp dport 2 return",
        "ip saddr { 10.244.0.2, 10.244.0.3 } tcp dport 2 return",
    ]


def test_with_egress_a_port_s_name_is_each_peer_s_own() -> None:
    block = {"ipBlock": {"cidr": "10.0.0.0/8"}}  # who is there has no names
    rule = {"to": [{"namespaceSelector": {}}, block], "ports": [{"port": "http"}]}
    assert allowed("egress", rule) == [
        "ip daddr { 10.244.0.2 } tcp dport 8002 return",
        "ip daddr { 10.244.0.3 } tcp dport 8003 return",
        "ip daddr { 10.244.0.4 } tcp dport 8004 return",
    ]


def test_a_sidecar_s_port_counts() -> None:
    web = pod("shop/web", "10.244.0.2", app="web")
    port = {"name": "metrics", "containerPort": 9000}
    web["spec"]["initContainers"] = [{"restartPolicy": "Always", "ports": [port]}]
    rule = {"ports": [{"port": "metrics"}]}
    assert allowed("ingress", rule, pods=[web]) == ["tcp dport 9000 return"]
    del web["spec"]["initContainers"][0]["restartPolicy"]
    assert allowed("ingress", rule, pods=[web]) == []


def test_only_pods_with_an_address_of_their_own_count() -> None:
    ended = pod("shop/ended", "10.244.0.5")
    ended["status"]["phase"] = "Succeeded"
    of_the_host = pod("shop/host", "10.244.0.1")
    of_the_host["spec"]["hostNetwork"] = True
    starting = pod("shop/starting", "10.244.0.6")
    del starting["status"]["podIP"]
    older = pod("shop/older", "10.244.0.3", app="web")
    older["metadata"]["creationTimestamp"] = "2025-01-01T00:00:00Z"
    pods = [*_PODS, ended, of_the_host, starting, older]
    made = [policy("Ingress")]
    assert ruleset(pods, _NAMESPACES, made, _NETWORK) == ruleset(_PODS, _NAMESPACES, made, _NETWORK)
