"""Rules about worker sets."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "nothing to run": (
        """
        {}
        """,
        "[]",
        [
            "warning: spec: runs nothing: write workers, or beat, flower, web, migration or redis",
        ],
    ),
    "no image": (
        """
        image: null
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.workers.0: has no image: write spec.image, or an image of its own",
        ],
    ),
    "two sets of one name": (
        """
        workers: [{name: a}, {name: a}]
        """,
        "[]",
        [
            'spec.workers.1.name: another worker set is called "a" already, and the name makes '
            "the Deployment's: write another one",
        ],
    ),
    "a name in workerDefaults": (
        """
        workerDefaults: {name: x}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.workerDefaults.name: means nothing here, since each worker set has a name of "
            "its own: remove it",
        ],
    ),
    "a comma in a queue": (
        """
        workers: [{name: a, queues: ["x,y", " z"]}]
        """,
        "[]",
        [
            "spec.workers.0.queues.0: has a comma or a space at an end, which Celery's -Q takes "
            "as part of the list or the name: write one queue an item",
            "spec.workers.0.queues.1: has a comma or a space at an end, which Celery's -Q takes "
            "as part of the list or the name: write one queue an item",
        ],
    ),
    "a queue twice": (
        """
        workers: [{name: a, queues: [x, y, x]}]
        """,
        "[]",
        [
            'spec.workers.0.queues.2: "x" stands in the list twice, and its length would count '
            "twice: remove one",
        ],
    ),
    "two sets scaled by one queue": (
        """
        redis: {passwordFrom: {secretKeyRef: {name: r, key: p}}}
        broker: {managedRedis: {}}
        workers:
        - {name: a, queues: [x, y], autoscaling: {maxReplicas: 3, queueLength: {}}}
        - {name: b, queues: [y], autoscaling: {maxReplicas: 3, queueLength: {}}}
        """,
        "[]",
        [
            'warning: spec.workers.1.autoscaling.queueLength: the queue "y" also scales worker '
            'set "a", so each adds pods for the same tasks: count it in one set '
            "(queueLength.queues)",
        ],
    ),
    "options without app": (
        """
        app: null
        workers: [{name: a, concurrency: 4, logLevel: INFO, healthCheck: {type: None}}]
        """,
        "[]",
        [
            "spec.workers.0.concurrency: has no command line to go to, since without spec.app "
            "the set runs the image's own command: write spec.app",
            "spec.workers.0.logLevel: has no command line to go to, since without spec.app the "
            "set runs the image's own command: write spec.app",
        ],
    ),
    "options and queues beside a command": (
        """
        workers:
        - name: a
          command: [run]
          queues: [x]
          pool: gevent
          acksLate: true
          transportOptions: {x: y}
        """,
        "[]",
        [
            "spec.workers.0.acksLate: has no command line to go to, since the set runs a command "
            "of its own: write task_acks_late in spec.config.values",
            "spec.workers.0.pool: has no command line to go to, since the set runs a command of "
            "its own: write the option in the command",
            "spec.workers.0.transportOptions: has no command line to go to, since the set runs a "
            "command of its own: write them in spec.broker",
            "warning: spec.workers.0.queues: has no effect, since the set runs a command of its "
            "own and nothing scales by their length: write the option in the command",
        ],
    ),
    "Ping on SQS": (
        """
        broker: {sqs: {region: eu-west-1}}
        workers: [{name: a, healthCheck: {type: Ping}}]
        """,
        "[]",
        [
            "spec.workers.0.healthCheck.type: Ping gets no answer, since SQS has no remote "
            "control: write Heartbeat or None",
        ],
    ),
    "Ping without remote control": (
        """
        config: {values: {worker_enable_remote_control: false}}
        workers: [{name: a, healthCheck: {type: Ping}}]
        """,
        "[]",
        [
            "spec.workers.0.healthCheck.type: Ping gets no answer, since "
            "worker_enable_remote_control is false: write Heartbeat or None",
        ],
    ),
    "Ping in the solo pool": (
        """
        workers: [{name: a, pool: solo, healthCheck: {type: Ping}}]
        """,
        "[]",
        [
            "warning: spec.workers.0.healthCheck.type: Ping gets no answer while a task runs in "
            "the solo pool, and the pod restarts: write Heartbeat or None",
        ],
    ),
    "Heartbeat of an own command": (
        """
        workers: [{name: a, command: [run], healthCheck: {type: Heartbeat}}]
        """,
        "[]",
        [
            "spec.workers.0.healthCheck.type: Heartbeat needs a module on the worker's command "
            "line, which is not composed here: write Ping or None",
        ],
    ),
    "Recreate with a surge": (
        """
        workers: [{name: a, rollout: {type: Recreate, maxSurge: 1}}]
        """,
        "[]",
        [
            "spec.workers.0.rollout.maxSurge: means nothing with type Recreate, which stops all "
            "pods first: remove it",
        ],
    ),
    "a roll-out that cannot move": (
        """
        web: {rollout: {maxSurge: 0, maxUnavailable: "0%"}}
        """,
        "[]",
        [
            "spec.web.rollout.maxSurge: is 0 and so is maxUnavailable, so no pod could ever be "
            "replaced: write 1 for one of the two",
        ],
    ),
    "a roll-out that always fails": (
        """
        workers: [{name: a, rollout: {minReadySeconds: 600}}]
        """,
        "[]",
        [
            "spec.workers.0.rollout.minReadySeconds: 600 is not below progressDeadlineSeconds "
            "(600), so every roll-out would fail: write less",
        ],
    ),
    "a budget with both members": (
        """
        workers: [{name: a, podDisruptionBudget: {maxUnavailable: 1, minAvailable: 1}}]
        """,
        "[]",
        [
            "spec.workers.0.podDisruptionBudget: has maxUnavailable and minAvailable, but "
            "Kubernetes takes exactly one: write maxUnavailable: 1, or null for no budget",
        ],
    ),
    "a budget with none": (
        """
        workers: [{name: a, podDisruptionBudget: {}}]
        """,
        "[]",
        [
            "spec.workers.0.podDisruptionBudget: has neither maxUnavailable nor minAvailable, "
            "but Kubernetes takes exactly one: write maxUnavailable: 1, or null for no budget",
        ],
    ),
    "a budget that blocks drains": (
        """
        web: {podDisruptionBudget: {maxUnavailable: 0}}
        workers: [{name: a, replicas: 2, podDisruptionBudget: {minAvailable: 2}}]
        """,
        "[]",
        [
            "warning: spec.workers.0.podDisruptionBudget.minAvailable: 2 of 2 pods must stay, so "
            "node drains wait for ever: write maxUnavailable: 1",
            "warning: spec.web.podDisruptionBudget: lets no pod go, so node drains wait for "
            "ever: write maxUnavailable: 1",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "a plain set": (
        """
        workers: [{name: a, queues: [x, y], concurrency: 4, pool: gevent}]
        """,
        "[]",
    ),
    "an image of its own": (
        """
        image: null
        workers: [{name: a, image: 'shop:2'}]
        """,
        "[]",
    ),
    "an own command and queues for the scaler": (
        """
        redis: {passwordFrom: {secretKeyRef: {name: r, key: p}}}
        broker: {managedRedis: {}}
        workers:
        - name: a
          command: [run]
          queues: [x]
          autoscaling: {maxReplicas: 3, queueLength: {target: 2}}
        """,
        "[]",
    ),
    "the same queue without scalers": (
        """
        workers: [{name: a, queues: [x]}, {name: b, queues: [x]}]
        """,
        "[]",
    ),
    "Heartbeat in the solo pool": (
        """
        workers: [{name: a, pool: solo}]
        """,
        "[]",
    ),
    "solo without a health check": (
        """
        workers: [{name: a, pool: solo, healthCheck: {type: None}}]
        """,
        "[]",
    ),
    "a probe of the user": (
        """
        workers: [{name: a, pool: solo, livenessProbe: {exec: {command: ['true']}}}]
        """,
        "[]",
    ),
    "Recreate": (
        """
        workers: [{name: a, rollout: {type: Recreate}}]
        """,
        "[]",
    ),
    "no budget": (
        """
        workers: [{name: a, podDisruptionBudget: null}]
        """,
        "[]",
    ),
    "a budget in percent": (
        """
        workers: [{name: a, replicas: 2, podDisruptionBudget: {minAvailable: "50%"}}]
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
