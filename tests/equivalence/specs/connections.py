"""Brokers, result backends and settings: every member of each, and every way to deliver."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.equivalence.generated_objects import TRICKY
from tests.equivalence.specs.choose import absent, secret

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.equivalence.specs.choose import Choose, Fields
    from tests.equivalence.specs.shape import Shape

__all__ = ["broker", "config", "result_backend", "transport_options"]

_HOST = "broker.data.svc.cluster.local"
_PAIR = {"certFrom": secret("client", "tls.crt"), "keyFrom": secret("client", "tls.key")}
_TLS: list[Any] = [
    None,
    {},
    {"caFrom": secret("ca", "ca.crt")},
    {"caFrom": {"configMapKeyRef": {"name": "ca", "key": "on"}}, **_PAIR},
    {"insecureSkipVerify": True},
]


def _host(choose: Choose, shape: Shape) -> str:
    found: str = choose.one([_HOST, "queue"] if shape.local else [_HOST])
    return found


def _login(choose: Choose) -> Fields:
    found: Fields = choose.one(
        [
            absent("username", "passwordFrom"),
            {"passwordFrom": secret()},
            {"username": "on", "passwordFrom": secret("shop", "on")},
        ]
    )
    return found


def _redis(choose: Choose, shape: Shape) -> Fields:
    more = choose.fields(30, port=lambda c: c.one([6379, 6380]), database=lambda c: c.number(0, 3))
    tls = {"tls": choose.one(_TLS)} if choose.chance(40) else {}
    return {"redis": {"host": _host(choose, shape), **more, **_login(choose), **tls}}


def _sentinel(choose: Choose, shape: Shape) -> Fields:
    tls = choose.one(_TLS)
    found = {
        "hosts": choose.one([[_HOST], [_HOST, f"a.{_HOST}"]]),
        "masterName": choose.one(["mymaster", "on"]),
        **choose.fields(30, port=lambda _: 26380, database=lambda c: c.number(0, 3)),
        **_login(choose),
        "tls": tls,
        "sentinelTls": tls and choose.one([{}, tls]),
    }
    if shape.loader and choose.chance(40):
        found["sentinelPasswordFrom"] = secret("sentinel")
        found["sentinelUsername"] = choose.one([None, "08"])
    return {"sentinel": found}


def _rabbitmq(choose: Choose, shape: Shape) -> Fields:
    login = choose.one(
        [
            {"username": "shop", "passwordFrom": secret()},
            {"usernameFrom": secret("shop", "user"), "passwordFrom": secret()},
        ]
    )
    more = choose.fields(
        30,
        port=lambda c: c.one([5672, 5673]),
        vhost=lambda c: c.one(["/", "on", "a/b"]),
        tls=lambda c: c.one(_TLS),
        managementPort=lambda c: c.one([15672, None]),
    )
    return {"rabbitmq": {"host": _host(choose, shape), **login, **more}}


def _kafka(choose: Choose, _: Shape) -> Fields:
    login = choose.one(
        [
            absent("username", "passwordFrom", "sasl"),
            {"username": "on", "passwordFrom": secret(), "sasl": "plaintext"},
            {
                "username": "on",
                "passwordFrom": secret(),
                "sasl": choose.one(["scram_sha256", "scram_sha512"]),
            },
        ]
    )
    found = {"hosts": choose.one([[_HOST], [f"a.{_HOST}", _HOST]]), **login}
    more = choose.fields(30, port=lambda _: 9093, tls=lambda c: c.one(_TLS))
    return {"kafka": {**found, **more}}


def _sqs(choose: Choose, shape: Shape) -> Fields:
    found = {
        "region": choose.one(["eu-west-1", "us-east-1"]),
        **choose.fields(
            30,
            queueNamePrefix=lambda c: c.one(["shop-", ""]),
            endpoint=lambda _: "https://sqs.example:8443",
            predefinedQueues=lambda c: {
                name: {"url": f"https://sqs.example/1/{name}"} for name in c.some(["default", "on"])
            },
        ),
    }
    if shape.brokers != "cloud":
        found["accessKeyIdFrom"] = secret("aws", "id")
        found["secretAccessKeyFrom"] = secret("aws", "key")
    return {"sqs": found}


def _pubsub(choose: Choose, shape: Shape) -> Fields:
    found = {"projectId": "shop", **choose.fields(30, queueNamePrefix=lambda _: "on-")}
    if shape.brokers != "cloud":
        found["credentialsFrom"] = secret("gcp", "key.json")
    return {"pubsub": found}


def _service_bus(choose: Choose, shape: Shape) -> Fields:
    found = {"namespace": "shop", **choose.fields(30, queueNamePrefix=lambda _: "on-")}
    if shape.brokers != "cloud":
        found |= {"sasPolicy": "all", "sasKeyFrom": secret("azure", "key")}
    return {"azureServiceBus": found}


def _url(choose: Choose, _: Shape) -> Fields:
    found: Fields = choose.one(
        [
            {"urlFrom": secret("broker", "url")},
            {"url": f"redis://:$(PASSWORD)@{_HOST}/0"},
            {"url": f"amqp://{_HOST}//"},
        ]
    )
    return found


_FAMILIES: dict[str, list[Callable[[Choose, Shape], Fields]]] = {
    "redis": [_redis, _redis, _sentinel],
    "typed": [_redis, _rabbitmq, _sentinel, _kafka, _sqs, _pubsub, _service_bus],
    "cloud": [_sqs, _pubsub, _service_bus],
    "untyped": [_url, _url, _redis],
}


def broker(choose: Choose, shape: Shape) -> Fields:
    family = _FAMILIES[shape.brokers]
    if shape.command_line:
        family = [make for make in family if make is not _sentinel]
    managed = {"managedRedis": {"database": choose.number(0, 1)}}
    use_managed = shape.managed and shape.brokers != "cloud" and choose.chance(50)
    found = managed if use_managed else choose.one(family)(choose, shape)
    if not {"url", "urlFrom", "managedRedis"} & set(found) and choose.chance(10):
        found = {**found, "urlFrom": secret("broker", "url")}
    if shape.command_line or not shape.composed:
        return found
    return {"transportOptions": choose.one([None, transport_options(choose)]), **found}


def transport_options(choose: Choose) -> Fields:
    return choose.fields(
        40,
        socket_timeout=lambda c: c.one([1, 2.5]),
        visibility_timeout=lambda c: c.one([3600, 7200]),
        retry_policy=lambda c: c.one([{}, {"max_retries": 3}, {"timeout": 1e3}]),
        global_keyprefix=lambda c: c.one(["on", "a:b", ""]),
    )


def result_backend(choose: Choose, shape: Shape) -> Any:
    if choose.chance(20):
        return None
    makers = [_redis] if shape.command_line else [_redis, _sentinel]
    urls = [{"urlFrom": secret("results", "url")}, {"url": f"redis://{_HOST}/1"}]
    managed = [{"managedRedis": {"database": 1}}] if shape.managed else []
    found: Fields = choose.one([*managed, choose.one(makers)(choose, shape), *urls])
    if shape.command_line or not shape.composed:
        return found
    options = {"socket_timeout": choose.number(1, 5)} if choose.chance(20) else None
    return {**found, "transportOptions": options}


_SETTINGS: dict[str, list[Any]] = {
    "task_acks_late": [True, False],
    "task_default_priority": [1, 2],
    "timezone": ["Asia/Tokyo", "UTC"],
    "task_serializer": ["json", "yaml"],
    "task_default_queue": ["on", "mail"],
    "on": TRICKY,
    "own_options": [{}, {"a": {"on": "08"}}, {"a": {}, "b": [1, "1", 1.5]}, {"b": []}],
    "own_list": [[], ["y", 8, True], [{"a": "~"}]],
    "own_number": [2**53 + 1, 1e3, -1, "1_000"],
}
_ON_COMMAND_LINES: dict[str, list[Any]] = {
    "task_acks_late": [True, False],
    "task_track_started": [True, False],
    "worker_lost_wait": [10, 2.5],
    "worker_log_format": TRICKY,
    "beat_sync_every": [0, 1],
}


def config(choose: Choose, shape: Shape) -> Fields:
    """Settings, and how they are delivered."""
    known = _ON_COMMAND_LINES if shape.command_line else _SETTINGS
    values = {key: choose.one(known[key]) for key in choose.some(list(known), 4)}
    if len(shape.deliveries) == 1 or choose.chance(30):
        return {"values": values, "delivery": choose.one(shape.deliveries)}
    return {"values": values}
