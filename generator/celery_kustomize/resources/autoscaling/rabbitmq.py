"""Backlog on RabbitMQ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from celery_kustomize.resources.autoscaling.backlog import (
    TLS_VARIABLE,
    USERNAME_VARIABLE,
    Backlog,
    Measured,
)

if TYPE_CHECKING:
    from celery_kustomize.model.broker import RabbitMQ

__all__ = ["rabbitmq_triggers"]


def rabbitmq_triggers(backlog: Backlog, rabbitmq: RabbitMQ, measured: Measured) -> None:
    """``http`` counts unacknowledged messages too; ``amqp`` cannot."""
    management = rabbitmq.management_port
    secure = "s" if rabbitmq.tls is not None else ""
    host = backlog.host(rabbitmq.host)
    vhost = "/" if rabbitmq.vhost == "/" else quote(rabbitmq.vhost, safe="")
    common: dict[str, Any]
    if management is not None:
        common = {"host": f"http{secure}://{host}:{management}/{vhost}", "protocol": "http"}
        if not backlog.unacked:
            common["excludeUnacknowledged"] = "true"
    else:
        port = rabbitmq.port or (5671 if secure else 5672)
        common = {"host": f"amqp{secure}://{host}:{port}/{vhost}", "protocol": "amqp"}
    if rabbitmq.username is not None:
        common["usernameFromEnv"] = USERNAME_VARIABLE
    measured.secret("username", rabbitmq.username_from)
    measured.secret("password", rabbitmq.password_from)
    if rabbitmq.tls is not None:
        # KEDA takes ``tls`` from a TriggerAuthentication only, which has no literals.
        measured.variables.append({"parameter": "tls", "name": TLS_VARIABLE})
        measured.certificates(rabbitmq.tls)
        if rabbitmq.tls.insecure_skip_verify:
            common["unsafeSsl"] = "true"
    for queue in backlog.queues:
        metadata = {**common, "queueName": queue, "mode": "QueueLength", "value": backlog.target}
        measured.add("rabbitmq", queue, metadata)
