"""Beat, Flower, web, the migration, Redis, the exporter, and who may reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.equivalence.specs import scaling
from tests.equivalence.specs.choose import absent, annotation_map, label_map, secret, text
from tests.equivalence.specs.pods import component, own_account, own_command, resources
from tests.equivalence.specs.workers import budget, rollout

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.equivalence.specs.choose import Choose, Fields
    from tests.equivalence.specs.shape import Shape

__all__ = ["components", "redis"]

_PEERS: list[Fields] = [
    {"podSelector": {}},
    {"namespaceSelector": {"matchLabels": {"on": "1"}}},
    {"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
]
_LOGIN = {
    "authRegex": ".*@example.com",
    "clientIdFrom": secret("oauth", "id"),
    "clientSecretFrom": secret("oauth", "secret"),
    "cookieSecretFrom": secret("oauth", "cookie"),
    "redirectUri": "https://flower.example.com/login",
}


def _storage(choose: Choose) -> Fields:
    sizes = [{"size": "1Gi"}, {"size": "2Gi", "storageClassName": "fast"}]
    found: Fields = choose.one([*sizes, {"existingClaim": "data", "storageClassName": None}])
    return found


def _service(choose: Choose) -> Fields:
    kind: Fields = choose.one(
        [
            {"type": "ClusterIP", "nodePort": None},
            {"type": "NodePort", "nodePort": 30080},
            {"type": "LoadBalancer", "nodePort": None},
        ]
    )
    return kind | choose.fields(30, port=lambda c: c.one([80, 81]), annotations=annotation_map)


def _exposure(choose: Choose, main: str) -> Fields:
    path = {"path": choose.one(["/on", "/08"])} if main == "web" and choose.chance(30) else {}
    parents = [{"name": "public"}, {"name": "public", "sectionName": "on"}, {"name": "private"}]
    return choose.fields(
        25,
        port=lambda c: c.one([8000, 8001]),
        service=_service,
        ingress=lambda c: c.one(
            [
                None,
                {"host": f"{main}.example.com", **path},
                {
                    "host": f"{main}.example.org",
                    "tlsSecretName": "tls",
                    "className": c.one(["nginx", "on"]),
                    "annotations": annotation_map(c),
                },
            ]
        ),
        httpRoute=lambda c: c.one(
            [
                None,
                {
                    "parentRefs": c.some(parents) or parents[:1],
                    "hostnames": c.some(["a.io", "b.io"]),
                    **path,
                },
            ]
        ),
    )


def _component(choose: Choose, shape: Shape, main: str) -> Fields:
    found = component(choose, main, volume_mounts=shape.volumes)
    return found | own_account(choose, f"shop-{main}")


def _beat(choose: Choose, shape: Shape) -> Fields:
    options = {
        "command": None,
        "scheduler": choose.one([None, "redbeat.RedBeatScheduler", "shop.beat:Own"]),
        "maxInterval": choose.one([None, 10, 60]),
        "logLevel": choose.one([None, "DEBUG"]),
        "healthCheck": choose.one([None, {"type": "None"}, {"staleAfterSeconds": 1200}]),
        "args": choose.one([None, [], ["--hostname=08"]]),
    }
    own = {**own_command("scheduler", "maxInterval", "logLevel"), "healthCheck": {"type": "None"}}
    more = choose.fields(25, storage=_storage, replicas=lambda c: c.number(0, 1))
    if not shape.composed:
        more |= own
    elif choose.chance(40):
        more |= options if shape.command_line else choose.one([options, own])
    return {**more, **_component(choose, shape, "beat")}


def _flower(choose: Choose, shape: Shape) -> Fields:
    """Always with a log-in: exposed without one it is refused."""
    more = choose.fields(
        20,
        storage=_storage,
        replicas=lambda c: c.number(0, 1),
        urlPrefix=lambda c: c.one(["flower", "/on/", None]),
        oauth=lambda c: c.one([{"provider": c.one(["github", "okta"]), **_LOGIN}, None]),
        insecure=lambda c: c.chance(50),
        args=lambda c: c.one([[], ["--xheaders=true"]]),
    )
    login = {"basicAuthFrom": secret("flower", choose.one(["password", "on"]))}
    if shape.flower or choose.chance(20):
        login["apiAuthFrom"] = secret("flower", "api")
    if choose.chance(20):
        numbers = choose.one([{}, {"max_tasks": 5, "xheaders": True}, {"max_workers": "08"}])
        options = {"command": None, "options": numbers}
        more |= choose.one([options, {**own_command("options")}])
    return {**login, **more, **_exposure(choose, "flower"), **_component(choose, shape, "flower")}


def _web(choose: Choose, shape: Shape) -> Fields:
    own = choose.fields(
        25,
        args=lambda c: [text(c) for _ in range(c.number(0, 3))],
        replicas=lambda c: c.number(0, 3),
        rollout=rollout,
        shutdown=lambda c: c.one([{"gracePeriodSeconds": 45}, None]),
        podDisruptionBudget=budget,
    )
    own["command"] = choose.one([["gunicorn"], ["gunicorn", "shop.wsgi:application"], ["08", "on"]])
    found = {**own, **_exposure(choose, "web"), **_component(choose, shape, "web")}
    if choose.chance(30):
        found |= {"autoscaling": scaling.of_web(choose), "resources": resources(choose)}
    return found


def _migration(choose: Choose, shape: Shape) -> Fields:
    own = choose.fields(
        25,
        args=lambda c: [text(c)],
        backoffLimit=lambda c: c.number(0, 3),
        activeDeadlineSeconds=lambda c: c.one([60, None]),
    )
    own["command"] = choose.one([["migrate"], ["sh", "-c", "a\nb\n"]])
    if shape.presync:
        own["hook"] = choose.one(["PreSync", "Sync", None])
        return {**own, **component(choose, "migrate", volume_mounts=shape.volumes)}
    return {**own, **_component(choose, shape, "migrate")}


def redis(choose: Choose) -> Fields:
    own = choose.fields(
        25,
        version=lambda c: c.one(["7.4", "8", "7.2.10"]),
        storage=_storage,
        maxMemory=lambda c: c.one(["100Mi", "1Gi"]),
        maxMemoryPolicy=lambda c: c.one(["noeviction", "allkeys-lru"]),
        appendOnly=lambda c: c.chance(50),
        args=lambda c: c.one([[], ["--save 60 1"], ["--loglevel", "debug"]]),
    )
    own["passwordFrom"] = secret("redis", choose.one(["password", "on"]))
    return {**own, **component(choose, "redis", own=True), **own_account(choose, "shop-redis")}


def _monitoring(choose: Choose, _: Shape) -> Fields:
    """The exporter; and what scrapes it, which is then written or taken away as well."""
    own = choose.fields(
        20,
        port=lambda c: c.number(9808, 9810),
        command=lambda c: c.one([["exporter", "08"], None]),
        args=lambda c: c.one([[], ["--retry-interval=5"], ["--purge-offline-worker-metrics", "8"]]),
    )
    exporter = {**own, **component(choose, "exporter", own=True)}
    exporter |= own_account(choose, "shop-exporter")
    scraped = choose.fields(
        40,
        labels=label_map,
        interval=lambda c: c.one(["15s", "1m"]),
        scrapeTimeout=lambda c: c.one(["5s", None]),
    )
    parts: Fields = choose.one(
        [
            {"exporter": exporter},
            {"exporter": exporter, "serviceMonitor": scraped},
            {"exporter": exporter, "serviceMonitor": None},
            absent("exporter", "serviceMonitor"),
        ]
    )
    return parts


def _network_policy(choose: Choose, _: Shape) -> Fields:
    return choose.fields(
        40,
        ingressFrom=lambda c: c.some(_PEERS),
        monitoringFrom=lambda c: c.some(_PEERS),
        kedaFrom=lambda c: c.some(_PEERS),
    )


def components(shape: Shape) -> dict[str, Callable[[Choose, Shape], Any]]:
    """What may come, change and go, by its field."""
    found: dict[str, Callable[[Choose, Shape], Any]] = {
        "beat": _beat,
        "web": _web,
        "migration": _migration,
        "networkPolicy": _network_policy,
    }
    return (
        found
        if shape.brokers == "none"
        else found
        | {
            "flower": _flower,
            "monitoring": _monitoring,
        }
    )
