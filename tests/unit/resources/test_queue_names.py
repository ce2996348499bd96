"""Queue names as kombu 5.7's ``entity_name`` gives them.

Its transports need their clouds' clients, so the names are written out here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from celery_kustomize.resources import queue_names

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("function", "queue", "name"),
    [
        (queue_names.sqs, "default", "p-default"),
        (queue_names.sqs, "a.b", "p-a-b"),
        (queue_names.sqs, "x:y_z", "p-x_y_z"),
        (queue_names.sqs, "mail.high.fifo", "p-mail-high.fifo"),
        (queue_names.pubsub, "a.b", "p-a-b"),
        (queue_names.pubsub, "p-known", "p-known"),
        (queue_names.pubsub, "x:y", "p-x_y"),
        (queue_names.service_bus, "a.b", "p-a.b"),
        (queue_names.service_bus, "a:b", "p-a_b"),
    ],
)
def test_names(function: Callable[[str, str], str], queue: str, name: str) -> None:
    assert function("p-", queue) == name
