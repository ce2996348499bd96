"""Rules about scaling by the length of queues."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "no broker": (
        """
        workers: [{name: a, queues: [x], autoscaling: {maxReplicas: 3, queueLength: {}}}]
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.queueLength: needs to know the broker: write "
            "spec.broker, or source: Prometheus with serverAddress",
        ],
    ),
    "a URL": (
        """
        broker: {urlFrom: {secretKeyRef: {name: r, key: p}}}
        workers: [{name: a, queues: [x], autoscaling: {maxReplicas: 3, queueLength: {}}}]
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.queueLength: cannot take the broker's address apart from "
            "a URL: write a typed member (redis, rabbitmq, ...) in spec.broker, beside urlFrom "
            "or in place of url",
        ],
    ),
    "Prometheus without address and metrics": (
        """
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength: {source: Prometheus}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.queueLength.serverAddress: source: Prometheus needs it: "
            "write http://prometheus.monitoring.svc:9090 or alike",
            "spec.workers.0.autoscaling.queueLength.query: the default query reads the "
            "exporter's metrics, but there is no exporter: write monitoring.exporter: {}, or a "
            "query",
        ],
    ),
    "Prometheus' fields for the broker": (
        """
        broker:
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength: {serverAddress: 'http://x', query: y}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.queueLength.serverAddress: is for source: Prometheus, "
            "and the source is Broker: remove it, or write that source",
            "spec.workers.0.autoscaling.queueLength.query: is for source: Prometheus, and the "
            "source is Broker: remove it, or write that source",
        ],
    ),
    "no Flower": (
        """
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength: {source: Flower}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.queueLength.source: there is no spec.flower to ask: "
            "write flower: {}",
        ],
    ),
    "Flower from zero and without a log-in": (
        """
        flower: {}
        workers:
        - name: a
          queues: [x]
          acksLate: true
          autoscaling:
            minReplicas: 0
            maxReplicas: 3
            queueLength: {source: Flower}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.queueLength.source: Flower lists only queues of running "
            "workers, so it cannot start the first one: write minReplicas: 1, or source: Broker",
            "spec.workers.0.autoscaling.queueLength.source: Flower's API wants a log-in: write "
            "flower.apiAuthFrom",
        ],
    ),
    "a target that is not known": (
        """
        broker: {redis: {host: redis.data.svc}}
        env: [{name: CELERY_WORKER_CONCURRENCY, value: "8"}]
        workers: [{name: a, queues: [x], autoscaling: {maxReplicas: 3, queueLength: {}}}]
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.queueLength.target: the set's concurrency comes from "
            "CELERY_WORKER_CONCURRENCY, which is not known here: write target, or concurrency in "
            "place of the variable",
        ],
    ),
    "no queues": (
        """
        broker:
          redis: {host: redis.data.svc}
        config:
          values: {task_default_queue: main}
        workers:
        - name: a
          autoscaling:
            maxReplicas: 3
            queueLength: {}
        - name: b
          autoscaling:
            maxReplicas: 3
            queueLength:
              queues: []
        """,
        "[]",
        [
            'warning: spec.workers.1.autoscaling.queueLength: the queue "main" also scales '
            'worker set "a", so each adds pods for the same tasks: count it in one set '
            "(queueLength.queues)",
            'warning: spec.workers.0.autoscaling.queueLength: worker set "a" names no queues, so '
            'only the default one, "main", is measured: write queues',
            "spec.workers.1.autoscaling.queueLength.queues: is empty, so nothing counts: remove "
            "it, or name queues",
        ],
    ),
    "a queue of others": (
        """
        broker:
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength:
              queues: [x, y]
        """,
        "[]",
        [
            'warning: spec.workers.0.autoscaling.queueLength.queues.1: "y" is no queue of this '
            "set, so its tasks add pods that do not run them: remove it, or add it to the set's "
            "queues",
        ],
    ),
    "priorities in RabbitMQ": (
        """
        broker:
          rabbitmq: {host: rabbit.data.svc}
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength:
              priorities: [0, 3]
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.queueLength.priorities: are lists of their own on Redis "
            "only, and the broker is another: remove it",
        ],
    ),
    "running tasks in Kafka": (
        """
        broker:
          kafka:
            hosts: [k.data.svc]
        workers:
        - name: a
          queues: [x]
          acksLate: true
          autoscaling:
            maxReplicas: 3
            queueLength: {countUnacked: true}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.queueLength.countUnacked: Kafka does not show running "
            "tasks: remove it",
        ],
    ),
    "running tasks over AMQP": (
        """
        broker:
          rabbitmq: {host: rabbit.data.svc}
        workers:
        - name: a
          queues: [x]
          acksLate: true
          autoscaling:
            maxReplicas: 3
            queueLength: {countUnacked: true}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.queueLength.countUnacked: RabbitMQ shows unacknowledged "
            "messages by its management API only: write broker.rabbitmq.managementPort",
        ],
    ),
    "running tasks with early acknowledgement": (
        """
        broker:
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength: {countUnacked: true}
        """,
        "[]",
        [
            "warning: spec.workers.0.autoscaling.queueLength.countUnacked: without acksLate a "
            "running task is acknowledged already, so only reserved ones are counted: write "
            "acksLate: true, or remove it",
        ],
    ),
    "two sources of credentials": (
        """
        broker:
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength:
              podIdentity: aws
              authenticationRef: {name: x}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.queueLength.podIdentity: belongs into the "
            "TriggerAuthentication that authenticationRef names: remove one",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "a typed broker beside urlFrom": (
        """
        broker:
          urlFrom:
            secretKeyRef: {name: r, key: p}
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength:
              priorities: [0, 3]
        """,
        "[]",
    ),
    "Prometheus": (
        """
        broker: {url: 'amqp://rabbit//'}
        monitoring:
          exporter: {}
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength: {source: Prometheus, serverAddress: 'http://p.monitoring.svc:9090'}
        """,
        "[]",
    ),
    "Flower with a log-in": (
        """
        flower:
          basicAuthFrom:
            secretKeyRef: {name: r, key: p}
          apiAuthFrom:
            secretKeyRef: {name: r, key: p}
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength: {source: Flower}
        """,
        "[]",
    ),
    "Flower with an open API": (
        """
        flower:
          env:
          - {name: FLOWER_UNAUTHENTICATED_API, value: 'true'}
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength: {source: Flower}
        """,
        "[]",
    ),
    "running tasks in RabbitMQ": (
        """
        broker:
          rabbitmq: {host: rabbit.data.svc, managementPort: 15672}
        workers:
        - name: a
          queues: [x]
          acksLate: true
          autoscaling:
            maxReplicas: 3
            queueLength: {countUnacked: true}
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
