"""What the firewall is told, from the objects of the cluster."""

from __future__ import annotations

import ipaddress
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["TABLE", "Network", "Object", "ruleset"]

Object = dict[str, Any]

TABLE = "ck-network-policy"
# nft(8) takes at most 128 bytes.
_COMMENT = 127


@dataclass(frozen=True)
class Network:
    """The pods' network, and the address of the node where DNS is served."""

    pods: str
    dns: str


@dataclass(frozen=True)
class _Pod:
    namespace: str
    address: str
    labels: Mapping[str, str]
    ports: Mapping[tuple[str, str], int]  # by name and protocol


@dataclass(frozen=True)
class _Policy:
    namespace: str
    name: str
    spec: Object


@dataclass(frozen=True)
class _Direction:
    """Ingress or egress, in the words of the API and of nft."""

    name: str
    peers: str
    other: str

    @property
    def type(self) -> str:
        return self.name.capitalize()


_INGRESS = _Direction("ingress", "from", "ip saddr")
_EGRESS = _Direction("egress", "to", "ip daddr")


def ruleset(
    pods: Iterable[Object],
    namespaces: Iterable[Object],
    policies: Iterable[Object],
    network: Network,
) -> str:
    """What ``nft -f`` makes the one table from, in one transaction; sorted, so that equal is equal.

    Each pod that a policy isolates has a chain for that direction, which returns what is allowed
    and rejects the rest. What the forward hook sees are pods' addresses: kube-proxy has translated
    a Service's before it, and hides a sender, if ever, after it.

    DNS is served by a process of the node here. It counts as the pod that it is on other clusters,
    k8s-app=kube-dns in kube-system, so that an egress policy without it fails here, too.
    """
    known = _known(pods)
    labels = {each["metadata"]["name"]: _labels(each) for each in namespaces}
    chosen = sorted(map(_policy, policies), key=lambda each: (each.namespace, each.name))
    peers = [*known, _dns(network)]
    chains: dict[str, list[str]] = {}
    for direction in (_EGRESS, _INGRESS):
        for pod in known:
            selecting = [each for each in chosen if _selects(each, pod, direction)]
            if selecting:
                chains[f"{direction.name}-{pod.address}"] = [
                    f"{direction.other} {pod.address} return",
                    *_allowed(selecting, pod, direction, peers, labels),
                    "reject with icmp admin-prohibited",
                ]
    unknown = [
        f"{field} {network.pods} {field} != @pods drop"
        for field in ("ip saddr", "ip daddr")
        if chosen
    ]
    dns = f"ip daddr {network.dns} meta l4proto {{ tcp, udp }} th dport 53"
    return "\n".join(
        [
            f"table ip {TABLE}",
            f"delete table ip {TABLE}",
            f"table ip {TABLE} {{",
            *_elements("set pods", "ipv4_addr", [pod.address for pod in known]),
            *_jumps(_EGRESS, chains),
            *_jumps(_INGRESS, chains),
            *(line for name, rules in chains.items() for line in _chain(name, rules)),
            *_chain("forward", [_HOOK.format("forward"), *unknown, _BY_SENDER, _BY_RECEIVER]),
            *_chain("input", [_HOOK.format("input"), f"{dns} {_BY_SENDER}"]),
            "}\n",
        ]
    )


_HOOK = """\
type filter hook {} priority filter
    ct state established,related accept"""
_BY_SENDER = f"ip saddr vmap @{_EGRESS.name}"
_BY_RECEIVER = f"ip daddr vmap @{_INGRESS.name}"


def _elements(head: str, of: str, elements: Sequence[str]) -> list[str]:
    listed = [f"    elements = {{ {', '.join(elements)} }}"] if elements else []
    return [f"  {head} {{", f"    type {of}", *listed, "  }"]


def _jumps(direction: _Direction, chains: Iterable[str]) -> list[str]:
    start = f"{direction.name}-"
    jumps = [
        f"{name.removeprefix(start)} : jump {name}" for name in chains if name.startswith(start)
    ]
    return _elements(f"map {direction.name}", "ipv4_addr : verdict", jumps)


def _chain(name: str, rules: Iterable[str]) -> list[str]:
    return [f"  chain {name} {{", *(f"    {rule}" for rule in rules), "  }"]


def _known(pods: Iterable[Object]) -> list[_Pod]:
    """The pods that have an address of their own, by address; an old holder of it has ended."""
    held = {
        pod["status"]["podIP"]: pod
        for pod in sorted(pods, key=lambda each: str(each["metadata"]["creationTimestamp"]))
        if pod["status"].get("podIP")
        and not pod["spec"].get("hostNetwork")
        and pod["status"].get("phase") not in ("Succeeded", "Failed")
    }
    return [
        _Pod(pod["metadata"]["namespace"], address, _labels(pod), _ports(pod["spec"]))
        for address, pod in sorted(held.items(), key=lambda item: ipaddress.ip_address(item[0]))
    ]


def _dns(network: Network) -> _Pod:
    ports = {("dns", "UDP"): 53, ("dns-tcp", "TCP"): 53}
    return _Pod("kube-system", network.dns, {"k8s-app": "kube-dns"}, ports)


def _ports(spec: Object) -> dict[tuple[str, str], int]:
    sidecars = [
        each for each in spec.get("initContainers", []) if each.get("restartPolicy") == "Always"
    ]
    return {
        (port["name"], port.get("protocol", "TCP")): port["containerPort"]
        for container in (*sidecars, *spec["containers"])
        for port in container.get("ports", [])
        if "name" in port
    }


def _labels(each: Object) -> Mapping[str, str]:
    labels: Mapping[str, str] = each["metadata"].get("labels") or {}
    return labels


def _policy(each: Object) -> _Policy:
    return _Policy(each["metadata"]["namespace"], each["metadata"]["name"], each["spec"])


def _selects(policy: _Policy, pod: _Pod, direction: _Direction) -> bool:
    return (
        policy.namespace == pod.namespace
        and direction.type in policy.spec["policyTypes"]
        and _matches(policy.spec.get("podSelector"), pod.labels)
    )


def _allowed(
    policies: Iterable[_Policy],
    pod: _Pod,
    direction: _Direction,
    everyone: Sequence[_Pod],
    namespaces: Mapping[str, Mapping[str, str]],
) -> Iterator[str]:
    """An nft rule for each kind of packet that a policy lets a pod receive or send."""
    for policy in policies:
        comment = f"{policy.namespace}/{policy.name}"[:_COMMENT]
        for rule in policy.spec.get(direction.name) or []:
            entries = rule.get(direction.peers) or []
            blocks = [
                match
                for each in entries
                if "ipBlock" in each and (match := _block(each["ipBlock"], direction))
            ]
            peers = [
                each
                for each in everyone
                if any(_is_peer(each, entry, policy, namespaces) for entry in entries)
            ]
            for match in _packets(rule, pod, direction, blocks if entries else [""], peers):
                yield " ".join([*match.split(), "return", f'comment "{comment}"'])


def _packets(
    rule: Object, pod: _Pod, direction: _Direction, blocks: Iterable[str], peers: Iterable[_Pod]
) -> Iterator[str]:
    """What a rule of a policy matches.

    A port's name is the receiver's: with egress, it may be another number with every peer, and it
    says nothing about an address that is no pod's.
    """
    for port in rule.get("ports") or [None]:
        ingress = direction is _INGRESS
        for block in blocks:
            if (match := _port(port, pod if ingress else None)) is not None:
                yield f"{block} {match}"
        addresses = defaultdict(list)
        for peer in peers:
            if (match := _port(port, pod if ingress else peer)) is not None:
                addresses[match].append(peer.address)
        for match, some in addresses.items():
            yield f"{direction.other} {{ {', '.join(some)} }} {match}"


def _port(port: Object | None, receiver: _Pod | None) -> str | None:
    """None if the receiver has no port of that name."""
    if port is None:
        return ""
    protocol = port.get("protocol", "TCP")
    number = port.get("port")
    if isinstance(number, str):
        number = receiver.ports.get((number, protocol)) if receiver else None
        if number is None:
            return None
    if number is None:
        return f"meta l4proto {protocol.lower()}"
    last = port.get("endPort")
    return f"{protocol.lower()} dport {number}{f'-{last}' if last else ''}"


def _block(block: Object, direction: _Direction) -> str:
    """Empty for IPv6, which pods here do not have."""
    first, *others = (
        ipaddress.ip_network(each, strict=False)
        for each in (block["cidr"], *(block.get("except") or []))
    )
    if first.version == 6:
        return ""
    field = direction.other
    return " ".join([f"{field} {first}", *(f"{field} != {each}" for each in others)])


def _is_peer(
    pod: _Pod, entry: Object, policy: _Policy, namespaces: Mapping[str, Mapping[str, str]]
) -> bool:
    """Whether an entry of ``from`` or ``to`` means the pod; both selectors have to match."""
    if "ipBlock" in entry:
        return False
    if "namespaceSelector" not in entry:
        return pod.namespace == policy.namespace and _matches(entry["podSelector"], pod.labels)
    return _matches(entry["namespaceSelector"], namespaces.get(pod.namespace, {})) and _matches(
        entry.get("podSelector"), pod.labels
    )


def _matches(selector: Object | None, labels: Mapping[str, str]) -> bool:
    """As a LabelSelector does (k8s.io/apimachinery v0.34.4, meta/v1): an empty one means all."""
    selector = selector or {}
    wanted = selector.get("matchLabels") or {}
    return all(labels.get(key) == value for key, value in wanted.items()) and all(
        _meets(labels.get(each["key"]), each) for each in selector.get("matchExpressions") or []
    )


def _meets(value: str | None, expression: Object) -> bool:
    match expression["operator"]:
        case "In":
            return value in expression["values"]
        case "NotIn":
            return value not in expression["values"]
        case "Exists":
            return value is not None
        case _:  # DoesNotExist
            return value is None
