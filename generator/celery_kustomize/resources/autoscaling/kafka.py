"""Backlog on Kafka."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.resources.autoscaling.backlog import USERNAME_VARIABLE, Backlog, Measured

if TYPE_CHECKING:
    from celery_kustomize.model.broker import Kafka

__all__ = ["kafka_triggers"]


def kafka_triggers(backlog: Backlog, kafka: Kafka, measured: Measured) -> None:
    """KEDA's ``kafka`` scaler: the lag of the consumer group that kombu makes for each queue."""
    servers = ",".join(f"{backlog.host(host)}:{kafka.port}" for host in kafka.hosts)
    common: dict[str, Any] = {"bootstrapServers": servers, "sasl": kafka.sasl}
    if kafka.username is not None and kafka.sasl is not None:
        measured.variables.append({"parameter": "username", "name": USERNAME_VARIABLE})
        measured.secret("password", kafka.password_from)
    if kafka.tls is not None:
        common["tls"] = "enable"
        measured.certificates(kafka.tls)
        if kafka.tls.insecure_skip_verify:
            common["unsafeSsl"] = "true"
    for queue in backlog.queues:
        metadata = {
            **common,
            "topic": queue,
            "consumerGroup": f"{queue}-consumer-group",
            "lagThreshold": backlog.target,
        }
        measured.add("kafka", queue, metadata)
