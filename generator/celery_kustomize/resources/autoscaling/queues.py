"""Queue lengths: the triggers that measure a worker set's backlog on its broker.

Field names are KEDA 2.21's. Numbers are tasks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from celery_kustomize.k8s.kustomization import Object
from celery_kustomize.model import defaults
from celery_kustomize.model.application import CeleryApplication, Spec
from celery_kustomize.model.autoscaling import QueueLength
from celery_kustomize.model.broker import Broker, RabbitMQ, Redis, Sentinel, Tls
from celery_kustomize.model.secrets import SecretOrConfigMapSource, SecretSource
from celery_kustomize.model.worker import Worker
from celery_kustomize.resources.connection import REDIS_PORT
from celery_kustomize.resources.context import Context

__all__ = [
    "Measured",
    "counts_unacked",
    "keda_needs_namespace",
    "queue_triggers",
    "scaler_environment",
    "unacked_options",
]

_SEPARATOR = "\x06\x16"
_USERNAME = "BROKER_USERNAME"
_TLS = "BROKER_TLS"
# Words of KEDA's formula language (expr 1.17) that are no names of variables.
_RESERVED = frozenset(
    "and contains else endswith false if in let matches nil not or startswith true".split()
)


@dataclass(slots=True)
class Measured:
    """Triggers whose values add up to the backlog, and the credentials that they need.

    ``secrets`` are ``secretTargetRef`` items, ``config_maps`` ``configMapTargetRef`` items and
    ``variables`` ``env`` items of a TriggerAuthentication: variables of the worker's container.
    """

    triggers: list[Object] = field(default_factory=list)
    secrets: list[Object] = field(default_factory=list)
    config_maps: list[Object] = field(default_factory=list)
    variables: list[Object] = field(default_factory=list)

    def secret(self, parameter: str, source: SecretSource | None) -> None:
        if source is not None:
            reference = source.secret_key_ref
            item = {"parameter": parameter, "name": reference.name, "key": reference.key}
            self.secrets.append(item)

    def certificates(self, tls: Tls) -> None:
        self._any("ca", tls.ca_from)
        self.secret("cert", tls.cert_from)
        self.secret("key", tls.key_from)

    def _any(self, parameter: str, source: SecretOrConfigMapSource | None) -> None:
        if source is None:
            return
        if source.config_map_key_ref is not None:
            reference = source.config_map_key_ref
            item = {"parameter": parameter, "name": reference.name, "key": reference.key}
            self.config_maps.append(item)
        elif source.secret_key_ref is not None:
            self.secret(parameter, SecretSource.model_construct(secret_key_ref=source.secret_key_ref))


def counts_unacked(spec: Spec, worker: Worker) -> bool:
    """Whether running tasks count: they are seen only with late acknowledgement."""
    length = worker.autoscaling.queue_length if worker.autoscaling else None
    if length is None:
        return False
    if length.count_unacked is not None:
        return length.count_unacked
    return defaults.acks_late(spec, worker)


def _redis_like(broker: Broker | None) -> bool:
    return broker is not None and broker.member() in ("managed_redis", "redis", "sentinel")


def unacked_options(spec: Spec, worker: Worker) -> dict[str, str]:
    """Transport options that give a scaled set its own ``unacked`` hash in Redis.

    Otherwise one hash holds the running tasks of all sets of the database, and a busy set would
    keep an idle one up. Options that the user sets stay.
    """
    if not (_redis_like(spec.broker) and counts_unacked(spec, worker)):
        return {}
    given = defaults.transport_options(spec, worker)
    names = ("unacked_key", "unacked_index_key", "unacked_mutex_key")
    if any(name in given for name in names):
        return {}
    prefix = f"unacked:{worker.name}"
    return dict(zip(names, (prefix, f"{prefix}:index", f"{prefix}:mutex"), strict=True))


def scaler_environment(spec: Spec, worker: Worker) -> list[Object]:
    """Literals that KEDA 2.21 takes from the environment of the scaled container only."""
    length = worker.autoscaling.queue_length if worker.autoscaling else None
    broker = spec.broker
    if broker is None or length is None or length.source != "Broker" or length.authentication_ref:
        return []
    username, encrypted = None, False
    if broker.rabbitmq is not None:
        username, encrypted = broker.rabbitmq.username, broker.rabbitmq.tls is not None
    elif broker.kafka is not None and broker.kafka.sasl is not None:
        username = broker.kafka.username
    return [
        *([{"name": _USERNAME, "value": username}] if username else []),
        *([{"name": _TLS, "value": "enable"}] if encrypted else []),
    ]


def queue_triggers(context: Context, worker: Worker, length: QueueLength, target: int) -> Measured:
    """The triggers for a set's backlog; ``target`` is tasks per replica."""
    measured = Measured()
    queues = length.queues or defaults.queues(context.spec, worker)
    if length.source == "Prometheus":
        _prometheus(measured, length, queues, target)
    elif length.source == "Flower":
        _flower(context, measured, queues, target)
    elif context.spec.broker is not None:
        _broker(context, worker, length, queues, target, measured)
    if length.authentication_ref is not None:
        measured.secrets.clear()
        measured.config_maps.clear()
        measured.variables.clear()
    return measured


def trigger_name(queue: str, taken: set[str]) -> str:
    """A name that KEDA's formula language accepts as a variable, unique in the set."""
    base = re.sub(r"[^a-z0-9_]", "_", queue.lower())
    if not base[:1].isalpha() or base in _RESERVED or base.startswith("schedule_"):
        base = f"q_{base}"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    taken.add(name)
    return name


def _add(measured: Measured, kind: str, name: str, metadata: dict[str, Any]) -> None:
    text = {key: str(value) for key, value in metadata.items() if value is not None}
    taken = {trigger["name"] for trigger in measured.triggers}
    measured.triggers.append(
        {"type": kind, "name": trigger_name(name, taken), "metadata": text}
    )


def keda_host(context: Context, host: str) -> str:
    """``host`` as KEDA can resolve it from its own namespace."""
    if "." in host or context.namespace is None:
        return host
    return f"{host}.{context.namespace}.svc"


def keda_needs_namespace(application: CeleryApplication) -> tuple[str | int, ...] | None:
    """Where a worker set asks KEDA to reach a host of the application's namespace; None: nowhere."""
    spec = application.spec
    for index, worker in enumerate(spec.workers):
        length = worker.autoscaling.queue_length if worker.autoscaling else None
        if length is None or length.source == "Prometheus":
            continue
        hosts = [f"{application.name}-flower"]
        if length.source == "Broker":
            hosts = _broker_hosts(spec, application.name)
        if any("." not in host for host in hosts):
            return ("spec", "workers", index, "autoscaling", "queueLength")
    return None


def _broker_hosts(spec: Spec, name: str) -> list[str]:
    broker = spec.broker
    if broker is None:
        return []
    if broker.managed_redis is not None:
        return [(spec.redis.name if spec.redis else None) or f"{name}-redis"]
    if broker.redis is not None:
        return [broker.redis.host]
    if broker.sentinel is not None:
        return list(broker.sentinel.hosts)
    if broker.rabbitmq is not None:
        return [broker.rabbitmq.host]
    return list(broker.kafka.hosts) if broker.kafka is not None else []


def _broker(  # noqa: PLR0913, PLR0917
    context: Context,
    worker: Worker,
    length: QueueLength,
    queues: list[str],
    target: int,
    measured: Measured,
) -> None:
    broker = context.spec.broker
    if broker is None:
        return
    if _redis_like(broker):
        _redis(context, worker, length, queues, target, measured)
    elif broker.rabbitmq is not None:
        _rabbitmq(context, worker, broker.rabbitmq, queues, target, measured)
    elif broker.sqs is not None:
        _sqs(context, worker, queues, target, measured)
    elif broker.kafka is not None:
        _kafka(context, queues, target, measured)
    elif broker.pubsub is not None:
        for queue in queues:
            metadata = {
                "subscriptionName": f"{broker.pubsub.queue_name_prefix}{queue}",
                "mode": "SubscriptionSize",
                "value": target,
            }
            _add(measured, "gcp-pubsub", queue, metadata)
        measured.secret("GoogleApplicationCredentials", broker.pubsub.credentials_from)
    elif broker.azure_service_bus is not None:
        bus = broker.azure_service_bus
        for queue in queues:
            metadata = {
                "queueName": f"{bus.queue_name_prefix}{queue}",
                "namespace": bus.namespace,
                "messageCount": target,
            }
            _add(measured, "azure-servicebus", queue, metadata)


def _redis_lists(context: Context, worker: Worker, length: QueueLength, queues: list[str]) -> list[str]:
    """The Redis keys that hold the backlog: one a queue and priority, and the running tasks."""
    options = defaults.transport_options(context.spec, worker)
    prefix = str(options.get("global_keyprefix", ""))
    steps = length.priorities
    if steps is None:
        given = options.get("priority_steps")
        steps = [s for s in given if isinstance(s, int)] if isinstance(given, list) else [0]
    separator = str(options.get("sep", _SEPARATOR))
    result = [
        f"{prefix}{queue}" if step == 0 else f"{prefix}{queue}{separator}{step}"
        for queue in queues
        for step in steps
    ]
    if counts_unacked(context.spec, worker):
        own = unacked_options(context.spec, worker)
        key = own.get("unacked_key") or str(options.get("unacked_key", "unacked"))
        result.append(f"{prefix}{key}")
    return result


def _redis(  # noqa: PLR0913, PLR0917
    context: Context,
    worker: Worker,
    length: QueueLength,
    queues: list[str],
    target: int,
    measured: Measured,
) -> None:
    spec, broker = context.spec, context.spec.broker
    kind, common = "redis", {}
    server: Redis | Sentinel | None = broker.redis or broker.sentinel if broker else None
    if broker and broker.managed_redis is not None and spec.redis is not None:
        address = f"{keda_host(context, context.redis_name)}:{REDIS_PORT}"
        common = {"address": address, "databaseIndex": broker.managed_redis.database}
        measured.secret("password", spec.redis.password_from)
    elif isinstance(server, Redis):
        address = f"{keda_host(context, server.host)}:{server.port}"
        common = {"address": address, "databaseIndex": server.database}
    elif isinstance(server, Sentinel):
        kind = "redis-sentinel"
        hosts = [f"{keda_host(context, host)}:{server.port}" for host in server.hosts]
        common = {
            "addresses": ",".join(hosts),
            "sentinelMaster": server.master_name,
            "sentinelUsername": server.sentinel_username,
            "databaseIndex": server.database,
        }
        measured.secret("sentinelPassword", server.sentinel_password_from)
    if server is not None:
        measured.secret("password", server.password_from)
        common["username"] = server.username
        if server.tls is not None:
            measured.certificates(server.tls)
            common["enableTLS"] = "true"
            if server.tls.insecure_skip_verify:
                common["unsafeSsl"] = "true"
    for key in _redis_lists(context, worker, length, queues):
        metadata = {**common, "listName": key, "listLength": target}
        _add(measured, kind, key, metadata)


def _rabbitmq(  # noqa: PLR0913, PLR0917
    context: Context,
    worker: Worker,
    rabbitmq: RabbitMQ,
    queues: list[str],
    target: int,
    measured: Measured,
) -> None:
    """``http`` counts unacknowledged messages too; ``amqp`` cannot."""
    management = rabbitmq.management_port
    secure = "s" if rabbitmq.tls is not None else ""
    host = keda_host(context, rabbitmq.host)
    vhost = "/" if rabbitmq.vhost == "/" else quote(rabbitmq.vhost, safe="")
    common: dict[str, Any]
    if management is not None:
        common = {"host": f"http{secure}://{host}:{management}/{vhost}", "protocol": "http"}
        if not counts_unacked(context.spec, worker):
            common["excludeUnacknowledged"] = "true"
    else:
        port = rabbitmq.port or (5671 if secure else 5672)
        common = {"host": f"amqp{secure}://{host}:{port}/{vhost}", "protocol": "amqp"}
    if rabbitmq.username is not None:
        common["usernameFromEnv"] = _USERNAME
    measured.secret("username", rabbitmq.username_from)
    measured.secret("password", rabbitmq.password_from)
    if rabbitmq.tls is not None:
        # KEDA takes ``tls`` from a TriggerAuthentication only, which has no literals.
        measured.variables.append({"parameter": "tls", "name": _TLS})
        measured.certificates(rabbitmq.tls)
        if rabbitmq.tls.insecure_skip_verify:
            common["unsafeSsl"] = "true"
    for queue in queues:
        metadata = {**common, "queueName": queue, "mode": "QueueLength", "value": target}
        _add(measured, "rabbitmq", queue, metadata)


def _sqs(
    context: Context, worker: Worker, queues: list[str], target: int, measured: Measured
) -> None:
    sqs = context.spec.broker.sqs if context.spec.broker else None
    if sqs is None:
        return
    for queue in queues:
        predefined = sqs.predefined_queues.get(queue)
        suffix = ".fifo" if queue.endswith(".fifo") else ""
        name = queue.removesuffix(".fifo").replace(".", "-") + suffix
        metadata = {
            "queueURL": predefined.url if predefined else f"{sqs.queue_name_prefix}{name}",
            "awsRegion": sqs.region,
            "awsEndpoint": sqs.endpoint,
            "queueLength": target,
            "scaleOnInFlight": "true" if counts_unacked(context.spec, worker) else "false",
        }
        _add(measured, "aws-sqs-queue", queue, metadata)
    measured.secret("awsAccessKeyID", sqs.access_key_id_from)
    measured.secret("awsSecretAccessKey", sqs.secret_access_key_from)


def _kafka(context: Context, queues: list[str], target: int, measured: Measured) -> None:
    kafka = context.spec.broker.kafka if context.spec.broker else None
    if kafka is None:
        return
    servers = ",".join(f"{keda_host(context, host)}:{kafka.port}" for host in kafka.hosts)
    common: dict[str, Any] = {"bootstrapServers": servers, "sasl": kafka.sasl}
    if kafka.username is not None and kafka.sasl is not None:
        measured.variables.append({"parameter": "username", "name": _USERNAME})
        measured.secret("password", kafka.password_from)
    if kafka.tls is not None:
        common["tls"] = "enable"
        measured.certificates(kafka.tls)
        if kafka.tls.insecure_skip_verify:
            common["unsafeSsl"] = "true"
    for queue in queues:
        metadata = {
            **common,
            "topic": queue,
            "consumerGroup": f"{queue}-consumer-group",
            "lagThreshold": target,
        }
        _add(measured, "kafka", queue, metadata)


def _prometheus(
    measured: Measured, length: QueueLength, queues: list[str], target: int
) -> None:
    names = "|".join(re.escape(queue) for queue in queues)
    query = length.query or f'sum(celery_queue_length{{queue_name=~"{names}"}})'
    metadata = {"serverAddress": length.server_address, "query": query, "threshold": target}
    _add(measured, "prometheus", "backlog", metadata)


def _flower(context: Context, measured: Measured, queues: list[str], target: int) -> None:
    """Flower 2's ``/api/queues/length``; it knows only queues of workers that it has seen."""
    flower = context.spec.flower
    if flower is None:
        return
    name = flower.name or f"{context.name}-flower"
    prefix = f"/{(flower.url_prefix or '').strip('/')}".rstrip("/")
    port = flower.service.port or flower.port
    url = f"http://{keda_host(context, name)}:{port}{prefix}/api/queues/length"
    for queue in queues:
        metadata = {
            "url": url,
            "valueLocation": f'active_queues.#(name=="{queue}").messages',
            "targetValue": target,
        }
        if flower.api_auth_from is not None:
            # The whole header is the "key": custom authentication would want its name as a secret.
            metadata |= {"authMode": "apiKey", "method": "header", "keyParamName": "Authorization"}
        _add(measured, "metrics-api", queue, metadata)
    measured.secret("apiKey", flower.api_auth_from)
