"""Scaling by the length of queues: where the number comes from, and what the broker shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.k8s.suggest import quote
from celery_kustomize.model import defaults
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Subject, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.model.autoscaling import QueueLength
    from celery_kustomize.model.worker import Worker

__all__ = ["RULES"]

_NO_UNACKED = {"kafka": "Kafka", "pubsub": "Pub/Sub", "azure_service_bus": "Service Bus"}


def _measured(subject: Subject) -> Iterator[tuple[Loc, Worker, QueueLength]]:
    for loc, worker in subject.workers:
        if worker.autoscaling is not None and worker.autoscaling.queue_length is not None:
            yield (*loc, "autoscaling", "queueLength"), worker, worker.autoscaling.queue_length


def source(subject: Subject) -> Iterator[Finding]:
    """KEDA reads the broker itself, so the scaler needs its address in parts."""
    broker = subject.spec.broker
    for loc, _, queue in _measured(subject):
        if queue.source != "Broker":
            continue
        if broker is None:
            yield Finding(
                loc,
                "needs to know the broker: write spec.broker, or source: Prometheus with "
                "serverAddress",
            )
        elif broker.member() in ("url", "url_from"):
            yield Finding(
                loc,
                "cannot take the broker's address apart from a URL: write a typed member (redis, "
                "rabbitmq, ...) in spec.broker, beside urlFrom or in place of url",
            )


def scaler_credentials(subject: Subject) -> Iterator[Finding]:
    """What Celery gets from the pod's ServiceAccount, KEDA needs for itself (2.21)."""
    broker = subject.spec.broker
    if broker is None:
        return
    wanted = None
    if broker.azure_service_bus is not None:
        wanted = "azure-workload"
    elif broker.sqs is not None and broker.sqs.access_key_id_from is None:
        wanted = "aws"
    elif broker.pubsub is not None and broker.pubsub.credentials_from is None:
        wanted = "gcp"
    for loc, _, queue in _measured(subject):
        given = queue.pod_identity or queue.authentication_ref
        if wanted and queue.source == "Broker" and not given:
            yield Finding(
                loc,
                f"KEDA has no credentials to read the queue with: write podIdentity: {wanted}, or "
                "authenticationRef: {name: ...} of a TriggerAuthentication that has them",
            )


def sentinel_tls(subject: Subject) -> Iterator[Finding]:
    """KEDA 2.21 has one TLS configuration for the sentinels and the servers behind them."""
    sentinel = subject.spec.broker.sentinel if subject.spec.broker else None
    if sentinel is None or (sentinel.tls is None) == (sentinel.sentinel_tls is None):
        return
    for loc, _, queue in _measured(subject):
        if queue.source == "Broker":
            yield Finding(
                loc,
                "KEDA encrypts its connections to the sentinels and to the servers, or neither: "
                "write both tls and sentinelTls, or source: Prometheus",
            )


def prometheus(subject: Subject) -> Iterator[Finding]:
    """The query needs a server, and the default query the exporter's metrics."""
    for loc, _, queue in _measured(subject):
        if queue.source == "Prometheus":
            if queue.server_address is None:
                yield Finding(
                    (*loc, "serverAddress"),
                    "source: Prometheus needs it: write http://prometheus.monitoring.svc:9090 or "
                    "alike",
                )
            if queue.query is None and subject.spec.monitoring.exporter is None:
                yield Finding(
                    (*loc, "query"),
                    "the default query reads the exporter's metrics, but there is no exporter: "
                    "write monitoring.exporter: {}, or a query",
                )
            continue
        for value, key in ((queue.server_address, "serverAddress"), (queue.query, "query")):
            if value is not None:
                yield Finding(
                    (*loc, key),
                    f"is for source: Prometheus, and the source is {queue.source}: remove it, or "
                    "write that source",
                )


def flower(subject: Subject) -> Iterator[Finding]:
    """Flower lists queues of workers that it has seen, and asks for a log-in (Flower 2)."""
    for loc, worker, queue in _measured(subject):
        if queue.source != "Flower":
            continue
        item = subject.spec.flower
        if item is None:
            yield Finding((*loc, "source"), "there is no spec.flower to ask: write flower: {}")
            continue
        scaling = worker.autoscaling
        if scaling is not None and scaling.min_replicas < 1:
            yield Finding(
                (*loc, "source"),
                "Flower lists only queues of running workers, so it cannot start the first one: "
                "write minReplicas: 1, or source: Broker",
            )
        place = next(p for p in subject.places if p.role == "flower")
        opened = any(i.get("name") == "FLOWER_UNAUTHENTICATED_API" for i in subject.env(place))
        if item.api_auth_from is None and not opened and queue.authentication_ref is None:
            yield Finding(
                (*loc, "source"),
                "Flower's API wants a log-in: write flower.apiAuthFrom",
            )


def target(subject: Subject) -> Iterator[Finding]:
    """The default target is the set's concurrency, which must then be known."""
    for loc, worker, queue in _measured(subject):
        if queue.target is None and defaults.concurrency(subject.spec, worker) is None:
            yield Finding(
                (*loc, "target"),
                "the set's concurrency comes from CELERY_WORKER_CONCURRENCY, which is not known "
                "here: write target, or concurrency in place of the variable",
            )


def queues(subject: Subject) -> Iterator[Finding]:
    """Without names only Celery's default queue can be measured."""
    for loc, worker, queue in _measured(subject):
        if queue.queues is not None and not queue.queues:
            yield Finding(
                (*loc, "queues"), "is empty, so nothing counts: remove it, or name queues"
            )
        elif queue.queues is None and worker.queues is None and queue.query is None:
            name = subject.named_queues(worker)[0]
            yield warning(
                loc,
                f'worker set "{worker.name}" names no queues, so only the default one, '
                f"{quote(name)}, is measured: write queues",
            )
        elif queue.queues is not None and worker.queues is not None:
            own = set(worker.queues)
            for index, name in enumerate(queue.queues):
                if name not in own:
                    yield warning(
                        (*loc, "queues", index),
                        f"{quote(name)} is no queue of this set, so its tasks add pods that do not "
                        "run them: remove it, or add it to the set's queues",
                    )


def priorities(subject: Subject) -> Iterator[Finding]:
    """Kombu keeps one Redis list a priority step; other brokers have them inside the queue."""
    for loc, _, queue in _measured(subject):
        if queue.priorities is not None and subject.redis_broker() is False:
            yield Finding(
                (*loc, "priorities"),
                "are lists of their own on Redis only, and the broker is another: remove it",
            )


def unacked(subject: Subject) -> Iterator[Finding]:
    """Whether running tasks can be counted (see ``unacked`` in kombu's Redis transport)."""
    broker = subject.spec.broker
    for loc, worker, queue in _measured(subject):
        place = (*loc, "countUnacked")
        if not queue.count_unacked or queue.source != "Broker" or broker is None:
            continue
        member = broker.member()
        if member in _NO_UNACKED:
            yield Finding(place, f"{_NO_UNACKED[member]} does not show running tasks: remove it")
        elif broker.rabbitmq is not None and broker.rabbitmq.management_port is None:
            yield Finding(
                place,
                "RabbitMQ shows unacknowledged messages by its management API only: write "
                "broker.rabbitmq.managementPort",
            )
        elif not defaults.acks_late(subject.spec, worker):
            yield warning(
                place,
                "without acksLate a running task is acknowledged already, so only reserved ones "
                "are counted: write acksLate: true, or remove it",
            )


def authentication(subject: Subject) -> Iterator[Finding]:
    """A pod identity stands in the generated TriggerAuthentication."""
    for loc, _, queue in _measured(subject):
        if queue.authentication_ref is not None and queue.pod_identity is not None:
            yield Finding(
                (*loc, "podIdentity"),
                "belongs into the TriggerAuthentication that authenticationRef names: remove one",
            )


RULES = (
    source,
    scaler_credentials,
    sentinel_tls,
    prometheus,
    flower,
    target,
    queues,
    priorities,
    unacked,
    authentication,
)
