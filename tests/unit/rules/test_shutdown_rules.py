"""Rules about how workers stop and what they reserve."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "a short grace period": (
        """
        workers:
        - name: a
          taskTimeLimit: 300
          shutdown: {gracePeriodSeconds: 60}
        - name: b
          taskTimeLimit: 300
          acksLate: true
          shutdown: {gracePeriodSeconds: 60}
        """,
        "[]",
        [
            "warning: spec.workers.0.shutdown.gracePeriodSeconds: 60 is below the hard time "
            "limit (300), so a task that runs when its pod stops can be killed and is lost: "
            "write 330",
            "warning: spec.workers.1.shutdown.gracePeriodSeconds: 60 is below the hard time "
            "limit (300), so a task that runs when its pod stops can be killed and runs again "
            "later: write 330",
        ],
    ),
    "a grace period in the pod template": (
        """
        workers: [{name: a, podTemplate: {spec: {terminationGracePeriodSeconds: 5}}}]
        """,
        "[]",
        [
            "spec.workers.0.podTemplate.spec.terminationGracePeriodSeconds: is written by the "
            "generator: use shutdown.gracePeriodSeconds",
        ],
    ),
    "a soft time-out without soft shutdown": (
        """
        workers: [{name: a, shutdown: {softTimeoutSeconds: 30}}]
        """,
        "[]",
        [
            "spec.workers.0.shutdown.softTimeoutSeconds: belongs to soft shutdown: write mode: "
            "Soft beside it, or remove it",
        ],
    ),
    "soft shutdown without what it needs": (
        """
        workers: [{name: a, pool: gevent, shutdown: {mode: Soft}}]
        """,
        "[]",
        [
            "spec.workers.0.shutdown.mode: Soft works with the prefork pool only, not with "
            "gevent, which loses the running tasks or outlasts the time-out: write Warm",
            "spec.workers.0.shutdown.mode: Soft gives unfinished tasks back to the queue, which "
            "only tasks acknowledged late can be: write acksLate: true, or Warm",
        ],
    ),
    "soft shutdown of an own command": (
        """
        config: {values: {task_acks_late: true}}
        workers: [{name: a, command: [run], shutdown: {mode: Soft}}]
        """,
        "[]",
        [
            "spec.workers.0.shutdown.mode: Soft needs a composed command line: write spec.app "
            "and no command, or Warm",
        ],
    ),
    "a soft time-out near the grace period": (
        """
        workers:
        - name: a
          acksLate: true
          shutdown: {mode: Soft, gracePeriodSeconds: 60, softTimeoutSeconds: 50}
        """,
        "[]",
        [
            "spec.workers.0.shutdown.softTimeoutSeconds: 50 is too near to the grace period "
            "(60), since the worker needs 15 seconds to give tasks back: write "
            "gracePeriodSeconds: 65 or more",
        ],
    ),
    "no time for soft shutdown": (
        """
        workers: [{name: a, acksLate: true, shutdown: {mode: Soft, gracePeriodSeconds: 10}}]
        """,
        "[]",
        [
            "spec.workers.0.shutdown.gracePeriodSeconds: 10 leaves nothing for soft shutdown, "
            "which needs 15 seconds after its time-out: write more",
        ],
    ),
    "unlimited prefetch": (
        """
        workers: [{name: a, prefetchMultiplier: 0}]
        """,
        "[]",
        [
            "warning: spec.workers.0.prefetchMultiplier: 0 lets one worker reserve the whole "
            "queue, so other pods have nothing to do: write 1",
        ],
    ),
    "prefetch that hides the backlog": (
        """
        broker:
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [x]
          prefetchMultiplier: 4
          autoscaling:
            maxReplicas: 3
            queueLength: {}
        """,
        "[]",
        [
            "warning: spec.workers.0.prefetchMultiplier: with 4 a worker reserves tasks that the "
            "queue's length no longer shows, so too few pods run: write 1, or acksLate: true",
        ],
    ),
    "configured prefetch": (
        """
        config: {values: {worker_prefetch_multiplier: 0}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "warning: spec.config.values.worker_prefetch_multiplier: 0 lets one worker reserve "
            "the whole queue, so other pods have nothing to do: write 1",
        ],
    ),
    "prefetch that is disabled": (
        """
        broker: {redis: {host: redis.data.svc}}
        workers: [{name: a, prefetchMultiplier: 4, disablePrefetch: true}]
        """,
        "[]",
        [
            "warning: spec.workers.0.prefetchMultiplier: has no effect beside disablePrefetch: "
            "true: remove one",
        ],
    ),
    "no prefetch without Redis": (
        """
        broker: {rabbitmq: {host: rabbit.data.svc}}
        workers: [{name: a, disablePrefetch: true}]
        """,
        "[]",
        [
            "spec.workers.0.disablePrefetch: works with Redis only, and the broker is another: "
            "remove it",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "a long grace period": (
        """
        workers: [{name: a, taskTimeLimit: 300, shutdown: {gracePeriodSeconds: 330}}]
        """,
        "[]",
    ),
    "soft shutdown": (
        """
        workers:
        - name: a
          taskTimeLimit: 300
          acksLate: true
          shutdown: {mode: Soft, gracePeriodSeconds: 60, softTimeoutSeconds: 45}
        """,
        "[]",
    ),
    "late acknowledgement shows the backlog": (
        """
        broker:
          redis: {host: redis.data.svc}
        workers:
        - name: a
          queues: [x]
          acksLate: true
          prefetchMultiplier: 4
          autoscaling:
            maxReplicas: 3
            queueLength: {}
        """,
        "[]",
    ),
    "no prefetch with Redis": (
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
