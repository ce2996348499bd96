"""NetworkPolicies: nothing reaches the pods but what is named."""

from __future__ import annotations

from typing import Any

from tests.unit.resources.rendering import Rendering, rendering

EVERYTHING = """
redis: {passwordFrom: {secretKeyRef: {name: s, key: k}}}
broker: {managedRedis: {}}
workers: [{name: a}]
beat: {}
flower: {port: 5000}
web: {command: [x], port: 8001}
monitoring: {exporter: {port: 9000}}
"""


def of(policy: str = "{}", more: str = EVERYTHING) -> Rendering:
    return rendering(f"{more}\nnetworkPolicy: {policy}")


def rule(found: Rendering, name: str) -> tuple[Any, Any]:
    (result,) = found("NetworkPolicy", name)["spec"]["ingress"]
    (port,) = result["ports"]
    return result["from"], port["port"]


def namespace(name: str) -> dict[str, Any]:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": name}}}


APPLICATION = {"podSelector": {"matchLabels": {"app.kubernetes.io/name": "shop"}}}
EVERYONE: dict[str, Any] = {"namespaceSelector": {}}


def test_without_the_field_there_is_none() -> None:
    assert not [kind for kind, _ in rendering(EVERYTHING).objects if kind == "NetworkPolicy"]


def test_every_pod_is_closed() -> None:
    spec = of()("NetworkPolicy", "shop-deny-ingress")["spec"]
    assert spec == {
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": "shop"}},
        "policyTypes": ["Ingress"],
    }


def test_what_is_reached_is_open_on_its_own_port() -> None:
    found = of()
    assert rule(found, "shop-flower") == ([EVERYONE], 5000)
    assert rule(found, "shop-web") == ([EVERYONE], 8001)
    assert rule(found, "shop-redis") == ([APPLICATION], 6379)
    assert rule(found, "shop-exporter") == ([namespace("monitoring")], 9000)
    names = [name for kind, name in found.objects if kind == "NetworkPolicy"]
    assert names == ["shop-deny-ingress", "shop-flower", "shop-web", "shop-redis", "shop-exporter"]


def test_a_policy_selects_the_pods_of_its_component() -> None:
    found = of()
    for name in ("shop-flower", "shop-web", "shop-exporter"):
        policy = found("NetworkPolicy", name)["spec"]["podSelector"]
        assert policy == found("Deployment", name)["spec"]["selector"]


def test_peers_of_the_users_own() -> None:
    found = of(
        "{ingressFrom: [{podSelector: {}}], monitoringFrom: [{ipBlock: {cidr: 10.0.0.0/8}}]}"
    )
    block = {"ipBlock": {"cidr": "10.0.0.0/8"}}
    assert rule(found, "shop-flower") == ([{"podSelector": {}}, block], 5000)
    assert rule(found, "shop-web") == ([{"podSelector": {}}], 8001)
    assert rule(found, "shop-exporter") == ([block], 9000)


SCALED = EVERYTHING.replace(
    "{name: a}", "{name: a, autoscaling: {maxReplicas: 2, queueLength: {source: SOURCE}}}"
)


def test_keda_reaches_what_it_reads() -> None:
    broker = of("{ingressFrom: [{podSelector: {}}]}", SCALED.replace("SOURCE", "Broker"))
    assert rule(broker, "shop-redis")[0] == [APPLICATION, namespace("keda")]
    assert namespace("keda") not in rule(broker, "shop-flower")[0]
    flower = of(
        "{ingressFrom: [{podSelector: {}}], kedaFrom: [{namespaceSelector: {}}]}",
        SCALED.replace("SOURCE", "Flower"),
    )
    assert rule(flower, "shop-flower")[0] == [EVERYONE]
    assert rule(flower, "shop-redis")[0] == [APPLICATION]


def test_a_redis_that_is_no_broker_is_closed_to_keda() -> None:
    spec = SCALED.replace("SOURCE", "Broker").replace(
        "broker: {managedRedis: {}}",
        "broker: {redis: {host: h}}\nresultBackend: {managedRedis: {}}",
    )
    assert rule(of(more=spec), "shop-redis")[0] == [APPLICATION]
