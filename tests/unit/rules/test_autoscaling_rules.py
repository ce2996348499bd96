"""Rules about autoscaling."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "a minimum above the maximum": (
        """
        workers:
        - name: a
          resources:
            requests: {cpu: 1}
          autoscaling:
            minReplicas: 25
            maxReplicas: 20
            cpu: {averageUtilization: 70}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.minReplicas: 25 is above maxReplicas (20)",
        ],
    ),
    "the same for web": (
        """
        web:
          resources:
            requests: {cpu: 1}
          autoscaling:
            minReplicas: 3
            maxReplicas: 2
            cpu: {averageUtilization: 70}
        """,
        "[]",
        [
            "spec.web.autoscaling.minReplicas: 3 is above maxReplicas (2)",
        ],
    ),
    "schedules and fallback above the maximum": (
        """
        workers:
        - name: a
          autoscaling:
            maxReplicas: 3
            schedules: [{start: 0 8 * * *, end: 0 18 * * *, replicas: 4}]
            fallback: {failureThreshold: 3, replicas: 5}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.schedules.0.replicas: 4 is above maxReplicas (3)",
            "spec.workers.0.autoscaling.fallback.replicas: 5 is above maxReplicas (3)",
        ],
    ),
    "nothing to scale by": (
        """
        workers: [{name: a, autoscaling: {maxReplicas: 3}}]
        web: {autoscaling: {maxReplicas: 3}}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling: says nothing to scale by: write queueLength, cpu, "
            "memory, schedules or triggers",
            "spec.web.autoscaling: says nothing to scale by: write cpu or memory",
        ],
    ),
    "zero by cpu": (
        """
        workers:
        - name: a
          resources:
            requests: {cpu: 1}
          autoscaling:
            minReplicas: 0
            maxReplicas: 3
            cpu: {averageUtilization: 70}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.minReplicas: 0 is not possible with cpu and memory "
            "alone, which nobody can measure without a pod: write 1 or more",
        ],
    ),
    "zero for web": (
        """
        web:
          resources:
            requests: {cpu: 1}
          autoscaling:
            minReplicas: 0
            maxReplicas: 3
            cpu: {averageUtilization: 70}
        """,
        "[]",
        [
            "spec.web.autoscaling.minReplicas: 0 is not possible with cpu and memory alone, "
            "which nobody can measure without a pod: write 1 or more",
        ],
    ),
    "zero by a raw cpu trigger": (
        """
        workers:
        - name: a
          resources:
            requests: {cpu: 1}
          autoscaling:
            minReplicas: 0
            maxReplicas: 3
            triggers:
            - type: cpu
              metricType: Utilization
              metadata: {value: '70'}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.minReplicas: 0 is refused by KEDA for cpu and memory "
            "triggers alone, which nobody can measure without a pod: write 1 or more",
        ],
    ),
    "zero with early acknowledgement": (
        """
        broker:
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [x]
          autoscaling:
            minReplicas: 0
            maxReplicas: 3
            queueLength: {}
        """,
        "[]",
        [
            "warning: spec.workers.0.autoscaling.minReplicas: 0 without acksLate: running tasks "
            "do not count, so a busy set is scaled to zero and a task that outlasts the grace "
            "period is lost: write acksLate: true, or minReplicas: 1",
        ],
    ),
    "KEDA's fields without KEDA": (
        """
        workers:
        - name: a
          resources:
            requests: {cpu: 1}
          autoscaling:
            maxReplicas: 3
            paused: true
            pollingIntervalSeconds: 10
            cooldownPeriodSeconds: 10
            fallback: {failureThreshold: 1, replicas: 1}
            cpu: {averageUtilization: 70}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.fallback: is KEDA's, but cpu and memory alone make a "
            "HorizontalPodAutoscaler: remove it, or write queueLength, schedules or triggers",
            "spec.workers.0.autoscaling.pollingIntervalSeconds: is KEDA's, but cpu and memory "
            "alone make a HorizontalPodAutoscaler: remove it, or write queueLength, schedules or "
            "triggers",
            "spec.workers.0.autoscaling.cooldownPeriodSeconds: is KEDA's, but cpu and memory "
            "alone make a HorizontalPodAutoscaler: remove it, or write queueLength, schedules or "
            "triggers",
            "spec.workers.0.autoscaling.paused: is KEDA's, but cpu and memory alone make a "
            "HorizontalPodAutoscaler: remove it, or write queueLength, schedules or triggers",
        ],
    ),
    "fallback of cpu triggers": (
        """
        workers:
        - name: a
          resources:
            requests: {cpu: 1}
          autoscaling:
            maxReplicas: 3
            fallback: {failureThreshold: 1, replicas: 1}
            triggers:
            - type: cpu
              metricType: Utilization
              metadata: {value: '70'}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.fallback: is refused by KEDA for cpu and memory triggers "
            "alone: remove it",
        ],
    ),
    "fallback to zero": (
        """
        broker:
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [x]
          acksLate: true
          autoscaling:
            minReplicas: 0
            maxReplicas: 3
            queueLength: {}
            fallback: {failureThreshold: 1, replicas: 0}
        """,
        "[]",
        [
            'warning: spec.workers.0.autoscaling.fallback.replicas: 0 stops worker set "a" '
            "whenever the broker cannot be read: write 1 or more",
        ],
    ),
    "no request to compare with": (
        """
        workers:
        - name: a
          autoscaling:
            maxReplicas: 3
            cpu: {averageUtilization: 70}
            memory: {averageUtilization: 70}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.cpu: needs a cpu request to compare with: write "
            "resources: {requests: {cpu: ...}}",
            "spec.workers.0.autoscaling.memory: needs a memory request to compare with: write "
            "resources: {requests: {memory: ...}}",
        ],
    ),
    "no request for KEDA": (
        """
        broker:
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [x]
          autoscaling:
            maxReplicas: 3
            queueLength: {}
            memory: {averageValue: 1Gi}
            triggers:
            - type: cpu
              metricType: Utilization
              metadata: {value: '70'}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.memory: needs a memory request to compare with: write "
            "resources: {requests: {memory: ...}}",
            "spec.workers.0.autoscaling.triggers.0: needs a cpu request to compare with: write "
            "resources: {requests: {cpu: ...}}",
        ],
    ),
    "another autoscaler": (
        """
        workers:
        - name: a
          resources:
            requests: {cpu: 1}
          autoscaling:
            maxReplicas: 3
            cpu: {averageUtilization: 70}
        """,
        """
        - apiVersion: keda.sh/v1alpha1
          kind: ScaledObject
          metadata: {name: mine}
          spec: {scaleTargetRef: {name: shop-worker-a}}
        - apiVersion: autoscaling/v2
          kind: HorizontalPodAutoscaler
          spec: nothing
        """,
        [
            "spec.workers.0.autoscaling: ScaledObject mine scales shop-worker-a too, and the two "
            "would undo each other: remove one",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "cpu alone": (
        """
        workers:
        - name: a
          resources:
            limits: {cpu: 1}
          autoscaling:
            maxReplicas: 3
            cpu: {averageUtilization: 70}
        """,
        "[]",
    ),
    "an amount needs no request": (
        """
        workers: [{name: a, autoscaling: {maxReplicas: 3, memory: {averageValue: 1Gi}}}]
        """,
        "[]",
    ),
    "queues, schedules and fallback": (
        """
        broker: {redis: {host: redis.data.svc}}
        workers:
        - name: a
          queues: [x]
          acksLate: true
          autoscaling:
            minReplicas: 0
            maxReplicas: 3
            queueLength: {target: 4}
            schedules: [{start: 0 8 * * *, end: 0 18 * * *, replicas: 3}]
            fallback: {failureThreshold: 3, replicas: 3}
            paused: true
        """,
        "[]",
    ),
    "zero by schedules": (
        """
        workers:
        - name: a
          autoscaling:
            minReplicas: 0
            maxReplicas: 3
            schedules:
            - {start: 0 8 * * *, end: 0 18 * * *, replicas: 3}
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
