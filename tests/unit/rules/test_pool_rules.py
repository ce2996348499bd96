"""Rules about what each pool supports."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "limits in the threads pool": (
        """
        workers: [{name: a, pool: threads, taskTimeLimit: 60, taskSoftTimeLimit: 30}]
        """,
        "[]",
        [
            "spec.workers.0.taskTimeLimit: the threads pool ignores it, only prefork and gevent "
            "honour it: remove it, or write pool: prefork",
            "spec.workers.0.taskSoftTimeLimit: the threads pool ignores it, only prefork honours "
            "it: remove it, or write pool: prefork",
        ],
    ),
    "children in gevent": (
        """
        workers:
        - {name: a, pool: gevent, taskTimeLimit: 60, maxTasksPerChild: 10, maxMemoryPerChild: 100Mi}
        """,
        "[]",
        [
            "spec.workers.0.maxTasksPerChild: the gevent pool ignores it, only prefork honours "
            "it: remove it, or write pool: prefork",
            "spec.workers.0.maxMemoryPerChild: the gevent pool ignores it, only prefork honours "
            "it: remove it, or write pool: prefork",
        ],
    ),
    "a setting that a pool ignores": (
        """
        config: {values: {task_time_limit: 60}}
        workers: [{name: a, pool: eventlet}]
        """,
        "[]",
        [
            "warning: spec.workers.0.pool: the eventlet pool ignores task_time_limit of "
            "spec.config.values: its tasks are not limited",
        ],
    ),
    "solo with concurrency": (
        """
        workers: [{name: a, pool: solo, concurrency: 4, healthCheck: {type: None}}]
        """,
        "[]",
        [
            "spec.workers.0.concurrency: 4 is not possible, since the solo pool runs one task at "
            "a time: write 1, or another pool",
        ],
    ),
    "soft limit above the hard one": (
        """
        workers: [{name: a, taskTimeLimit: 60, taskSoftTimeLimit: 60}]
        """,
        "[]",
        [
            "spec.workers.0.taskSoftTimeLimit: 60 is not below the hard time limit (60), so the "
            "task is killed before it is warned: write less",
        ],
    ),
    "hard limit below the configured soft one": (
        """
        config: {values: {task_soft_time_limit: 90}}
        workers: [{name: a, taskTimeLimit: 60}]
        """,
        "[]",
        [
            "spec.workers.0.taskTimeLimit: 60 is not above task_soft_time_limit (90), so the "
            "task is killed before it is warned: write more",
        ],
    ),
    "both limits configured": (
        """
        config: {values: {task_soft_time_limit: 90, task_time_limit: 60}}
        workers: [{name: a}, {name: b}]
        """,
        "[]",
        [
            "spec.config.values.task_soft_time_limit: 90 is not below the hard time limit (60), "
            "so the task is killed before it is warned: write less",
        ],
    ),
    "children above the memory limit": (
        """
        workers:
        - name: a
          concurrency: 8
          maxMemoryPerChild: 400Mi
          resources:
            limits: {memory: 2Gi}
        """,
        "[]",
        [
            "warning: spec.workers.0.maxMemoryPerChild: 400Mi for each of 8 processes is above "
            "the memory limit (2Gi), so the kernel kills the pod before Celery replaces a "
            "process: write at most 256Mi",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "prefork supports all": (
        """
        workers:
        - {name: a, taskTimeLimit: 60, taskSoftTimeLimit: 30, maxTasksPerChild: 10,
          maxMemoryPerChild: 100Mi}
        """,
        "[]",
    ),
    "gevent has a hard limit": (
        """
        workers: [{name: a, pool: gevent, taskTimeLimit: 60}]
        """,
        "[]",
    ),
    "solo with one": (
        """
        workers: [{name: a, pool: solo, concurrency: 1, healthCheck: {type: None}}]
        """,
        "[]",
    ),
    "children within the memory limit": (
        """
        workers:
        - name: a
          concurrency: 4
          maxMemoryPerChild: 400Mi
          resources:
            limits: {memory: 2Gi}
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
