"""Rules about what celeryVersion allows."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "too old": (
        """
        celeryVersion: "4.4.7"
        workers: [{name: a}]
        """,
        "[]",
        [
            "warning: spec.celeryVersion: 4.4.7 is older than 5.2, the oldest release that the "
            "generated command lines were made for",
        ],
    ),
    "fields of a later Celery": (
        """
        celeryVersion: "5.2"
        broker: {pubsub: {projectId: x}}
        workers: [{name: a, disablePrefetch: true, acksLate: true, shutdown: {mode: Soft}}]
        """,
        "[]",
        [
            "spec.workers.0.disablePrefetch: needs Celery 5.6, but celeryVersion is 5.2: remove it",
            "spec.workers.0.shutdown.mode: needs Celery 5.5, but celeryVersion is 5.2: remove it",
            "spec.broker.pubsub: needs Celery 5.5, but celeryVersion is 5.2: remove it",
            "spec.workers.0.disablePrefetch: works with Redis only, and the broker is another: "
            "remove it",
        ],
    ),
    "Kafka before 5.3": (
        """
        celeryVersion: "5.2"
        broker: {kafka: {hosts: [kafka.data.svc]}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.broker.kafka: needs Celery 5.3, but celeryVersion is 5.2: remove it",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "new enough": (
        """
        celeryVersion: "5.6"
        broker: {redis: {host: redis.data.svc}}
        workers: [{name: a, disablePrefetch: true, acksLate: true, shutdown: {mode: Soft}}]
        """,
        "[]",
    ),
    "not known": (
        """
        broker: {redis: {host: redis.data.svc}}
        workers: [{name: a, disablePrefetch: true}]
        """,
        "[]",
    ),
}


@pytest.mark.parametrize(("text", "objects", "expected"), BAD.values(), ids=BAD)
def test_tells_what_is_wrong(text: str, objects: str, expected: list[str]) -> None:
    assert findings(text, objects) == expected


@pytest.mark.parametrize(("text", "objects"), GOOD.values(), ids=GOOD)
def test_says_nothing_of_what_is_right(text: str, objects: str) -> None:
    assert findings(text, objects) == []
