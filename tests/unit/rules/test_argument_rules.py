"""Rules about extra arguments."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "options that have a field": (
        """
        workers: [{name: a, args: ["-c", "4", "--queues=x", "-Px", "-E"]}]
        """,
        "[]",
        [
            "spec.workers.0.args.0: -c is written by the generator: use the field concurrency",
            "spec.workers.0.args.2: --queues is written by the generator: use the field queues",
            "spec.workers.0.args.3: -P is written by the generator: use the field pool",
            "spec.workers.0.args.4: -E is written by the generator: use the field taskEvents",
        ],
    ),
    "options that do harm": (
        """
        workers:
        - name: a
          args: [--purge, -B, --pidfile=/x, --detach, -f, log, --uid=0, -EB]
        """,
        "[]",
        [
            "spec.workers.0.args.0: --purge deletes all waiting tasks whenever a pod starts: "
            "remove it",
            "spec.workers.0.args.1: -B runs a scheduler in every replica, so tasks are sent "
            "several times: use spec.beat",
            "spec.workers.0.args.2: --pidfile leaves a stale file behind that stops the next "
            "start: remove it, pods need none",
            "spec.workers.0.args.3: --detach takes the process away from the container, which "
            "then ends: remove it",
            "spec.workers.0.args.4: -f hides the logs from `kubectl logs`: remove it, Celery "
            "logs to the container's output",
            "spec.workers.0.args.6: --uid needs root to change users: use the field security",
            "spec.workers.0.args.7: -E is written by the generator: use the field taskEvents",
            "spec.workers.0.args.7: -B runs a scheduler in every replica, so tasks are sent "
            "several times: use spec.beat",
        ],
    ),
    "options of the group": (
        """
        workers: [{name: a, args: [-A, shop, --broker=redis://x]}]
        """,
        "[]",
        [
            "spec.workers.0.args.0: -A belongs before the sub-command, where Celery reads it: "
            "use spec.app",
            "spec.workers.0.args.2: --broker belongs before the sub-command, where Celery reads "
            "it: use spec.broker",
        ],
    ),
    "node names": (
        """
        workers: [{name: a, args: ["-n", "w1@%h"]}]
        """,
        "[]",
        [
            "spec.workers.0.args.0: -n names the node, but probes ask for celery@<pod>, and "
            "names must differ by pod: remove it",
        ],
    ),
    "modules beside the health check": (
        """
        workers: [{name: a, args: ["-I", tasks]}]
        """,
        "[]",
        [
            "spec.workers.0.args.0: -I would replace the module that feeds the health check, "
            "since Celery takes the last one: write `imports` in spec.config.values",
        ],
    ),
    "settings as arguments": (
        """
        workers: [{name: a, args: ["task.acks_late=true", "--", "worker.x=1"]}]
        """,
        "[]",
        [
            "spec.workers.0.args.0: is a setting, not an option: write it in spec.config.values",
            "spec.workers.0.args.1: -- separates settings from options: write them in "
            "spec.config.values",
        ],
    ),
    "the same for beat": (
        """
        beat: {args: [--detach, "-s", /x, -lINFO, -S, x, --max-interval=5]}
        """,
        "[]",
        [
            "spec.beat.args.0: --detach takes the process away from the container, which then "
            "ends: remove it",
            "spec.beat.args.1: -s is written by the generator: use the field storage",
            "spec.beat.args.3: -l is written by the generator: use the field logLevel",
            "spec.beat.args.4: -S is written by the generator: use the field scheduler",
            "spec.beat.args.6: --max-interval is written by the generator: use the field "
            "maxInterval",
        ],
    ),
    "autoscale and a scaler": (
        """
        workers:
        - name: a
          resources:
            requests: {cpu: 1}
          args: ['--autoscale=10,1']
          autoscaling:
            maxReplicas: 3
            cpu: {averageUtilization: 70}
        """,
        "[]",
        [
            "spec.workers.0.args.0: --autoscale and the field autoscaling work against each "
            "other, one by processes and one by pods: remove one of the two",
        ],
    ),
    "autoscale in a pool that cannot": (
        """
        workers: [{name: a, pool: threads, args: ["--autoscale", "10,1"]}]
        """,
        "[]",
        [
            "spec.workers.0.args.0: --autoscale does not work with the threads pool, only with "
            "prefork, gevent and eventlet: remove it, or write another pool",
        ],
    ),
    "options of a later Celery": (
        """
        celeryVersion: "5.6"
        workers: [{name: a, args: [--pool-start-method=spawn]}]
        beat: {args: [--enable-remote-control]}
        """,
        "[]",
        [
            "spec.workers.0.args.0: --pool-start-method needs Celery 5.7, but celeryVersion is "
            "5.6: remove it",
            "spec.beat.args.0: --enable-remote-control needs Celery 5.7, but celeryVersion is "
            "5.6: remove it",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "options without a field": (
        """
        workers:
        - name: a
          args: [-O, fair, --statedb=/tmp/x, -X, -c, --heartbeat-interval, '5',
            --my-option=1]
        """,
        "[]",
    ),
    "autoscale alone": (
        """
        workers: [{name: a, args: ["--autoscale=10,1"]}]
        """,
        "[]",
    ),
    "any argument of an own command": (
        """
        workers: [{name: a, command: [run], args: ["-c", "4", --detach]}]
        beat: {command: [run], args: [--detach]}
        """,
        "[]",
    ),
    "modules without a heartbeat": (
        """
        workers: [{name: a, healthCheck: {type: None}, args: ["-I", tasks]}]
        """,
        "[]",
    ),
    "options of the newest Celery": (
        """
        celeryVersion: "5.7"
        workers: [{name: a, args: [--pool-start-method, spawn]}]
        beat: {args: [--enable-remote-control, -n, x]}
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
