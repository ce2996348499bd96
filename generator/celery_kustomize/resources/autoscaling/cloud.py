"""Backlog on the clouds' own queues: Amazon SQS, Google Cloud Pub/Sub, Azure Service Bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.resources import queue_names

if TYPE_CHECKING:
    from celery_kustomize.model.broker import AzureServiceBus, PubSub, Sqs
    from celery_kustomize.resources.autoscaling.backlog import Backlog, Measured

__all__ = ["pubsub_triggers", "service_bus_triggers", "sqs_triggers"]


def sqs_triggers(backlog: Backlog, sqs: Sqs, measured: Measured) -> None:
    """KEDA's ``aws-sqs-queue`` scaler for each queue, named as kombu names it."""
    prefix = sqs.queue_name_prefix
    for queue in backlog.queues:
        predefined = sqs.predefined_queues.get(queue)
        metadata = {
            "queueURL": predefined.url if predefined else queue_names.sqs(prefix, queue),
            "awsRegion": sqs.region,
            "awsEndpoint": sqs.endpoint,
            "queueLength": backlog.target,
            "scaleOnInFlight": "true" if backlog.unacked else "false",
        }
        measured.add("aws-sqs-queue", queue, metadata)
    measured.secret("awsAccessKeyID", sqs.access_key_id_from)
    measured.secret("awsSecretAccessKey", sqs.secret_access_key_from)


def pubsub_triggers(backlog: Backlog, pubsub: PubSub, measured: Measured) -> None:
    """KEDA's ``gcp-pubsub`` scaler for each queue's subscription."""
    for queue in backlog.queues:
        metadata = {
            "subscriptionName": queue_names.pubsub(pubsub.queue_name_prefix, queue),
            "mode": "SubscriptionSize",
            "value": backlog.target,
        }
        measured.add("gcp-pubsub", queue, metadata)
    measured.secret("GoogleApplicationCredentials", pubsub.credentials_from)


def service_bus_triggers(backlog: Backlog, bus: AzureServiceBus, measured: Measured) -> None:
    """KEDA's ``azure-servicebus`` scaler for each queue."""
    for queue in backlog.queues:
        metadata = {
            "queueName": queue_names.service_bus(bus.queue_name_prefix, queue),
            "namespace": bus.namespace,
            "messageCount": backlog.target,
        }
        measured.add("azure-servicebus", queue, metadata)
