"""Rules about the managed Redis."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "secrets as arguments": (
        """
        broker:
          managedRedis: {}
        redis:
          passwordFrom:
            secretKeyRef: {name: r, key: p}
          args: [--requirepass, hunter2, --masterauth hunter2]
        """,
        "[]",
        [
            "spec.redis.args.0: --requirepass would put a password into Git: use the field "
            "passwordFrom",
            "spec.redis.args.2: --masterauth would put a password into Git: use the field "
            "passwordFrom",
        ],
    ),
    "arguments that have a field": (
        """
        broker:
          managedRedis: {}
        redis:
          passwordFrom:
            secretKeyRef: {name: r, key: p}
          args: [--appendonly, 'no', --maxmemory, 1gb, --port, '1']
        """,
        "[]",
        [
            "spec.redis.args.0: --appendonly is written by the generator: use appendOnly",
            "spec.redis.args.2: --maxmemory is written by the generator: use maxMemory",
            "spec.redis.args.4: --port is written by the generator: use spec.broker.redis with a "
            "server run elsewhere",
        ],
    ),
    "no memory for itself": (
        """
        broker:
          managedRedis: {}
        redis:
          passwordFrom:
            secretKeyRef: {name: r, key: p}
          maxMemory: 1Gi
          resources:
            limits: {memory: 1Gi}
        """,
        "[]",
        [
            "warning: spec.redis.maxMemory: 1Gi leaves nothing of the memory limit (1Gi) for "
            "Redis itself, so the kernel kills it when it is full: write at most three quarters "
            "of the limit",
        ],
    ),
    "eviction": (
        """
        broker: {managedRedis: {}}
        redis: {passwordFrom: {secretKeyRef: {name: r, key: p}}, maxMemoryPolicy: allkeys-lru}
        """,
        "[]",
        [
            "warning: spec.redis.maxMemoryPolicy: allkeys-lru lets Redis delete queues when its "
            "memory is full, so tasks are lost: write noeviction",
        ],
    ),
    "version and image": (
        """
        broker:
          managedRedis: {}
        redis:
          passwordFrom:
            secretKeyRef: {name: r, key: p}
          version: '7.2'
          image: valkey/valkey:8
        """,
        "[]",
        [
            "warning: spec.redis.version: has no effect beside image: remove one",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "a cache for results": (
        """
        broker: {url: 'amqp://rabbit//'}
        resultBackend:
          managedRedis: {}
        redis:
          passwordFrom:
            secretKeyRef: {name: r, key: p}
          maxMemoryPolicy: allkeys-lru
          maxMemory: 700Mi
          resources:
            limits: {memory: 1Gi}
          args: [--hz, '20']
        workers:
        - {name: a}
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
