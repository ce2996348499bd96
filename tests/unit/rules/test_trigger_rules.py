"""Rules about raw KEDA triggers."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "unknown types": (
        """
        workers:
        - name: a
          resources: {requests: {cpu: 1}}
          autoscaling:
            maxReplicas: 3
            triggers:
            - {type: promotheus, metadata: {}}
            - {type: postgresql, metadata: {}}
        """,
        "[]",
        [
            'warning: spec.workers.0.autoscaling.triggers.0.type: "promotheus": is no scaler '
            'known here; did you mean "prometheus"?',
            'warning: spec.workers.0.autoscaling.triggers.1.type: "postgresql": its metadata is '
            "not checked",
        ],
    ),
    "misspelt and missing metadata": (
        """
        workers:
        - name: a
          resources: {requests: {cpu: 1}}
          autoscaling:
            maxReplicas: 3
            triggers:
            - {type: redis, metadata: {listname: x, address: "redis.data.svc:6379"}}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.triggers.0.metadata.listname: is no metadata of the "
            'redis scaler, and KEDA would ignore it; did you mean "listName"?',
            "spec.workers.0.autoscaling.triggers.0.metadata: the redis scaler needs listName: "
            "write it",
        ],
    ),
    "missing metadata": (
        """
        workers:
        - name: a
          resources: {requests: {cpu: 1}}
          autoscaling:
            maxReplicas: 3
            triggers:
            - {type: aws-sqs-queue, metadata: {awsRegion: x}}
            - {type: prometheus, metadata: {serverAddress: x, query: y}}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.triggers.0.metadata: the aws-sqs-queue scaler needs "
            "queueURL: write it",
            "spec.workers.0.autoscaling.triggers.1.metadata: the prometheus scaler needs "
            "threshold: write it",
        ],
    ),
    "cpu as before KEDA 2.10": (
        """
        workers:
        - name: a
          resources: {requests: {cpu: 1}}
          autoscaling:
            maxReplicas: 3
            triggers:
            - {type: cpu, metadata: {type: Utilization, value: "70"}}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.triggers.0.metadata.type: is refused by KEDA: write "
            "metricType beside metadata instead",
            "spec.workers.0.autoscaling.triggers.0.metricType: the cpu scaler needs Utilization "
            "or AverageValue: write one of them",
        ],
    ),
    "Utilization of a queue": (
        """
        workers:
        - name: a
          resources:
            requests: {cpu: 1}
          autoscaling:
            maxReplicas: 3
            triggers:
            - type: cron
              metricType: Utilization
              metadata: {timezone: Etc/UTC, start: 0 8 * * *, end: 0 18 * *
                  *, desiredReplicas: '2'}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.triggers.0.metricType: Utilization exists for cpu and "
            "memory only: write AverageValue or Value",
        ],
    ),
    "the old Pub/Sub key": (
        """
        workers:
        - name: a
          resources: {requests: {cpu: 1}}
          autoscaling:
            maxReplicas: 3
            triggers:
            - {type: gcp-pubsub, metadata: {subscriptionName: x, subscriptionSize: "5"}}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.triggers.0.metadata.subscriptionSize: is an error since "
            "KEDA 2.20: write mode: SubscriptionSize and value",
        ],
    ),
    "half of a mode": (
        """
        workers:
        - name: a
          resources:
            requests: {cpu: 1}
          autoscaling:
            maxReplicas: 3
            triggers:
            - type: rabbitmq
              metadata: {queueName: x, host: 'pyamqp://rabbit/', mode: QueueLength}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.triggers.0.metadata: mode and value go together: write "
            "both or neither",
            "spec.workers.0.autoscaling.triggers.0.metadata.host: KEDA does not know pyamqp://: "
            "write amqp:// instead",
        ],
    ),
    "cached metrics of cron": (
        """
        workers:
        - name: a
          resources:
            requests: {cpu: 1}
          autoscaling:
            maxReplicas: 3
            triggers:
            - type: cron
              useCachedMetrics: true
              metadata: {timezone: Etc/UTC, start: 0 8 * * *, end: 0 18 * *
                  *, desiredReplicas: '2'}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.triggers.0.useCachedMetrics: is refused by KEDA for "
            "cron: remove it",
        ],
    ),
    "a name twice": (
        """
        workers:
        - name: a
          resources: {requests: {cpu: 1}}
          autoscaling:
            maxReplicas: 3
            triggers:
            - {type: postgresql, name: x, metadata: {}}
            - {type: postgresql, name: x, metadata: {}}
        """,
        "[]",
        [
            'warning: spec.workers.0.autoscaling.triggers.0.type: "postgresql": its metadata is '
            "not checked",
            'warning: spec.workers.0.autoscaling.triggers.1.type: "postgresql": its metadata is '
            "not checked",
            'spec.workers.0.autoscaling.triggers.1.name: "x" is the name of another trigger of '
            "this set, and KEDA refuses that: write another one",
        ],
    ),
    "a trigger beside a formula": (
        """
        broker:
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [x, y]
          autoscaling:
            maxReplicas: 3
            queueLength: {}
            triggers:
            - type: prometheus
              metadata: {serverAddress: 'http://p.m.svc', query: y, threshold: '1'}
        """,
        "[]",
        [
            "warning: spec.workers.0.autoscaling.triggers.0: has no effect beside queueLength, "
            "whose parts are summed up by a formula that is then KEDA's only metric: write a "
            "trigger for the queues too, or remove it",
        ],
    ),
    "the name of a generated trigger": (
        """
        broker:
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [My-Queue]
          autoscaling:
            maxReplicas: 3
            queueLength: {}
            schedules:
            - {start: 0 8 * * *, end: 0 18 * * *, replicas: 3}
            triggers:
            - type: redis
              name: schedule_1
              metadata: {listName: x, address: 'redis.data.svc:6379'}
            - type: redis
              name: my_queue
              metadata: {listName: x, address: 'redis.data.svc:6379'}
        """,
        "[]",
        [
            'spec.workers.0.autoscaling.triggers.0.name: "schedule_1" is the name of a generated '
            "trigger: write another one",
            'spec.workers.0.autoscaling.triggers.1.name: "my_queue" is the name of a generated '
            "trigger: write another one",
            "warning: spec.workers.0.autoscaling.triggers.0: has no effect beside queueLength, "
            "whose parts are summed up by a formula that is then KEDA's only metric: write a "
            "trigger for the queues too, or remove it",
            "warning: spec.workers.0.autoscaling.triggers.1: has no effect beside queueLength, "
            "whose parts are summed up by a formula that is then KEDA's only metric: write a "
            "trigger for the queues too, or remove it",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "a trigger beside one queue": (
        """
        broker:
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength: {}
            triggers:
            - type: prometheus
              metadata: {serverAddress: 'http://p.m.svc', query: y, threshold: '1'}
        """,
        "[]",
    ),
    "complete triggers": (
        """
        workers:
        - name: a
          resources:
            requests: {cpu: 1}
          autoscaling:
            maxReplicas: 3
            triggers:
            - type: redis
              name: x
              metadata: {listName: x, addressFromEnv: ADDRESS}
            - type: rabbitmq
              name: y
              authenticationRef: {name: r}
              metadata: {queueName: x}
            - type: cpu
              metricType: AverageValue
              metadata: {value: 500m}
            - type: prometheus
              metadata: {serverAddress: 'http://p.m.svc', query: y, threshold: '1'}
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
