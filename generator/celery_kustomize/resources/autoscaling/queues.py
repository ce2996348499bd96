"""Queue lengths: which scaler measures a worker set's backlog, and what it needs of the spec."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.model import defaults
from celery_kustomize.resources.autoscaling.backlog import (
    TLS_VARIABLE,
    USERNAME_VARIABLE,
    Backlog,
    Measured,
)
from celery_kustomize.resources.autoscaling.cloud import (
    pubsub_triggers,
    service_bus_triggers,
    sqs_triggers,
)
from celery_kustomize.resources.autoscaling.kafka import kafka_triggers
from celery_kustomize.resources.autoscaling.metrics import flower_triggers, prometheus_trigger
from celery_kustomize.resources.autoscaling.rabbitmq import rabbitmq_triggers
from celery_kustomize.resources.autoscaling.redis import is_redis, redis_triggers

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.application import CeleryApplication, Spec
    from celery_kustomize.model.autoscaling import QueueLength
    from celery_kustomize.model.worker import Worker
    from celery_kustomize.resources.context import Context

__all__ = ["keda_needs_namespace", "queue_triggers", "scaler_environment"]


def queue_triggers(context: Context, worker: Worker, length: QueueLength, target: int) -> Measured:
    """The triggers for a set's backlog; ``target`` is tasks per replica."""
    measured = Measured()
    queues = length.queues or defaults.queues(context.spec, worker)
    backlog = Backlog(context, worker, length, queues, target)
    if length.source == "Prometheus":
        prometheus_trigger(backlog, measured)
    elif length.source == "Flower":
        flower_triggers(backlog, measured)
    else:
        _broker(backlog, measured)
    if length.authentication_ref is not None:
        return Measured(measured.triggers)
    return measured


def _broker(backlog: Backlog, measured: Measured) -> None:
    broker = backlog.spec.broker
    if broker is None:
        return
    if is_redis(broker):
        redis_triggers(backlog, measured)
    elif broker.rabbitmq is not None:
        rabbitmq_triggers(backlog, broker.rabbitmq, measured)
    elif broker.sqs is not None:
        sqs_triggers(backlog, broker.sqs, measured)
    elif broker.kafka is not None:
        kafka_triggers(backlog, broker.kafka, measured)
    elif broker.pubsub is not None:
        pubsub_triggers(backlog, broker.pubsub, measured)
    elif broker.azure_service_bus is not None:
        service_bus_triggers(backlog, broker.azure_service_bus, measured)


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
        *([{"name": USERNAME_VARIABLE, "value": username}] if username else []),
        *([{"name": TLS_VARIABLE, "value": "enable"}] if encrypted else []),
    ]


def keda_needs_namespace(application: CeleryApplication) -> tuple[str | int, ...] | None:
    """Where a set has KEDA reach a host of the application's namespace; None: nowhere."""
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
