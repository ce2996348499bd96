"""Broker and result backend: what their parts need of each other, and the visibility time-out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.model import defaults
from celery_kustomize.model.broker import Broker, Connection
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Subject, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.model.worker import Worker

__all__ = ["RULES"]

_REDIS_VISIBILITY = 3600
_SQS_VISIBILITY = 1800
_RABBITMQ_CONSUMER_TIMEOUT = 1800


def _connections(subject: Subject) -> list[tuple[str, Connection]]:
    pairs = (("broker", subject.spec.broker), ("resultBackend", subject.spec.result_backend))
    return [(key, connection) for key, connection in pairs if connection is not None]


def managed_redis(subject: Subject) -> Iterator[Finding]:
    """``managedRedis`` names the server that ``spec.redis`` runs."""
    used = False
    for key, connection in _connections(subject):
        if connection.managed_redis is None:
            continue
        used = True
        if subject.spec.redis is None:
            yield Finding(
                ("spec", key, "managedRedis"),
                "there is no spec.redis to run it: write spec.redis with passwordFrom, or redis "
                "with the host of a server run elsewhere",
            )
    if subject.spec.redis is not None and not used:
        yield warning(
            ("spec", "redis"),
            "nothing uses this Redis: write broker: {managedRedis: {}} or resultBackend: "
            "{managedRedis: {}}",
        )


def url_form(subject: Subject) -> Iterator[Finding]:
    """A URL names its transport; TLS to Redis needs to be told to verify (redis-py)."""
    for key, connection in _connections(subject):
        url = connection.url
        loc = ("spec", key, "url")
        if url is None or url.startswith("$("):
            continue
        if "://" not in url and key == "broker":
            yield Finding(loc, "has no transport: write it as in redis://host:6379/0")
        elif url.startswith("rediss://") and "ssl_cert_reqs=" not in url:
            if key == "resultBackend":
                yield Finding(
                    loc,
                    "rediss:// without ssl_cert_reqs is refused by Celery's result backend: append "
                    "?ssl_cert_reqs=required",
                )
            else:
                yield warning(
                    loc,
                    "rediss:// without ssl_cert_reqs does not verify the server's certificate: "
                    "append ?ssl_cert_reqs=required",
                )


def credentials(subject: Subject) -> Iterator[Finding]:
    """A user name without a password is no log-in, and SASL needs both."""
    for key, connection in _connections(subject):
        for loc, user, password in _logins(("spec", key), connection):
            if user and not password:
                yield Finding(
                    loc,
                    "a user name needs passwordFrom: {secretKeyRef: {name: ..., key: ...}} beside "
                    "it",
                )
    broker = subject.spec.broker
    kafka = broker.kafka if broker else None
    if kafka is not None and kafka.sasl is not None and not kafka.username:
        yield Finding(
            ("spec", "broker", "kafka", "sasl"), "SASL needs username and passwordFrom: write them"
        )
    if kafka is not None and kafka.password_from is not None and not kafka.username:
        yield Finding(
            ("spec", "broker", "kafka", "passwordFrom"), "a password needs username beside it"
        )


def _logins(prefix: Loc, connection: Connection) -> list[tuple[Loc, Any, Any]]:
    found: list[tuple[Loc, Any, Any]] = []
    if connection.redis is not None:
        item = connection.redis
        found.append(((*prefix, "redis", "username"), item.username, item.password_from))
    if connection.sentinel is not None:
        part = connection.sentinel
        loc = (*prefix, "sentinel")
        found.append(((*loc, "username"), part.username, part.password_from))
        found.append(
            ((*loc, "sentinelUsername"), part.sentinel_username, part.sentinel_password_from)
        )
    if isinstance(connection, Broker) and connection.kafka is not None:
        kafka = connection.kafka
        found.append(((*prefix, "kafka", "username"), kafka.username, kafka.password_from))
    return found


def sentinel_password(subject: Subject) -> Iterator[Finding]:
    """A sentinel's own password is no part of the URL, and only our loader fills in a setting."""
    delivery = subject.spec.config.delivery
    for key, connection in _connections(subject):
        sentinel = connection.sentinel
        if sentinel is not None and sentinel.sentinel_password_from and delivery != "Loader":
            yield Finding(
                ("spec", key, "sentinel", "sentinelPasswordFrom"),
                f"delivery {delivery} would write the password into a file or the arguments: "
                "remove config.delivery",
            )


def owned_transport_options(subject: Subject) -> Iterator[Finding]:
    """Transport options that a typed member writes: two places would disagree."""
    for key, connection in _connections(subject):
        owned = _owned_options(connection)
        for name in connection.transport_options:
            if name in owned:
                yield Finding(
                    ("spec", key, "transportOptions", name),
                    f"{owned[name]} says it already: remove it",
                )
        setting = f"{'broker' if key == 'broker' else 'result_backend'}_transport_options"
        if setting in subject.spec.config.values:
            yield Finding(
                ("spec", "config", "values", setting),
                f"stands beside spec.{key}: write spec.{key}.transportOptions",
            )


def _owned_options(connection: Connection) -> dict[str, str]:
    if connection.sentinel is not None:
        return {"master_name": "sentinel.masterName"}
    if isinstance(connection, Broker) and connection.sqs is not None:
        return {
            "region": "sqs.region",
            "queue_name_prefix": "sqs.queueNamePrefix",
            "predefined_queues": "sqs.predefinedQueues",
            "endpoint_url": "sqs.endpoint",
        }
    if isinstance(connection, Broker) and (connection.pubsub or connection.azure_service_bus):
        member = "pubsub" if connection.pubsub else "azureServiceBus"
        return {"queue_name_prefix": f"{member}.queueNamePrefix"}
    return {}


def visibility_timeout(subject: Subject) -> Iterator[Finding]:
    """Redis and SQS deliver a message again that is not acknowledged in time (kombu 5.7).

    Defaults: Redis 3600 s, SQS 1800 s. With late acknowledgement that is the running task, else
    what the worker has reserved.
    """
    sqs = subject.spec.broker is not None and subject.spec.broker.sqs is not None
    if not subject.redis_broker() and not sqs:
        return
    default = _SQS_VISIBILITY if sqs else _REDIS_VISIBILITY
    for loc, worker in subject.workers:
        timeout = defaults.transport_options(subject.spec, worker).get(
            "visibility_timeout", default
        )
        place = _visibility_loc(subject, loc, worker)
        if isinstance(timeout, bool) or not isinstance(timeout, int | float) or timeout <= 0:
            yield Finding(place, "expected a number of seconds above 0")
            continue
        limit = defaults.hard_time_limit(subject.spec, worker) or 0
        grace = defaults.grace_period(subject.spec, worker)
        longest = max(limit, grace)
        name, seconds = ("the hard time limit", limit)
        if timeout >= limit:
            name, seconds = ("the grace period", grace)
        if timeout < longest:
            yield warning(
                place,
                f"the visibility time-out ({timeout} s) is below {name} of worker set "
                f'"{worker.name}" ({seconds} s), so the broker would deliver a task again that '
                f"still runs: write transportOptions: {{visibility_timeout: {longest}}} or more",
            )


def _visibility_loc(subject: Subject, loc: Loc, worker: Worker) -> Loc:
    key = "visibility_timeout"
    if key in worker.transport_options:
        return (*loc, "transportOptions", key)
    broker = subject.spec.broker
    if broker is not None and key in broker.transport_options:
        return ("spec", "broker", "transportOptions", key)
    return ("spec", "broker", "transportOptions")


def consumer_timeout(subject: Subject) -> Iterator[Finding]:
    """RabbitMQ closes the channel of a consumer that acknowledges late (3.8.17 and newer)."""
    broker = subject.spec.broker
    if broker is None or broker.rabbitmq is None:
        return
    for loc, worker in subject.workers:
        limit = defaults.hard_time_limit(subject.spec, worker)
        late = defaults.acks_late(subject.spec, worker)
        if late and limit is not None and limit > _RABBITMQ_CONSUMER_TIMEOUT:
            place = (*loc, "taskTimeLimit") if worker.task_time_limit else loc
            yield warning(
                place,
                f"tasks of up to {limit} s are acknowledged late, but RabbitMQ closes the channel "
                f"after {_RABBITMQ_CONSUMER_TIMEOUT} s by default: raise consumer_timeout in "
                "RabbitMQ",
            )


RULES = (
    managed_redis,
    url_form,
    credentials,
    sentinel_password,
    owned_transport_options,
    visibility_timeout,
    consumer_timeout,
)
