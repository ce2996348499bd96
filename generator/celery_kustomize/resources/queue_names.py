"""Names that queues have on the broker, where kombu changes them (kombu 5.7's transports)."""

from __future__ import annotations

import string

__all__ = ["pubsub", "service_bus", "sqs"]

_UNDERSCORES = {ord(char): "_" for char in string.punctuation if char not in "-_."}
_DASHES = {**_UNDERSCORES, ord("."): "-"}


def sqs(prefix: str, queue: str) -> str:
    """On Amazon SQS; the suffix of a first-in-first-out queue stays.

    >>> sqs("shop-", "mail.high.fifo")
    'shop-mail-high.fifo'
    """
    name = prefix + queue
    suffix = ".fifo" if name.endswith(".fifo") else ""
    return name.removesuffix(suffix).translate(_DASHES) + suffix


def pubsub(prefix: str, queue: str) -> str:
    """On Google Cloud Pub/Sub; a name that has the prefix gets no second one."""
    name = queue if queue.startswith(prefix) else prefix + queue
    return name.translate(_DASHES)


def service_bus(prefix: str, queue: str) -> str:
    """On Azure Service Bus."""
    return (prefix + queue).translate(_UNDERSCORES)
