"""Rules about passwords in plain text."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "in the broker": (
        """
        broker: {url: "amqp://shop:hunter2@rabbit//"}
        resultBackend: {url: "redis://:hunter2@redis/0"}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.broker.url: holds a password, which would lie in Git: write broker.urlFrom "
            "with a secretKeyRef, or a typed member with passwordFrom",
            "spec.resultBackend.url: holds a password, which would lie in Git: write "
            "resultBackend.urlFrom with a secretKeyRef, or redis with passwordFrom",
        ],
    ),
    "in several sentinels": (
        """
        broker:
          url: sentinel://a:26379;sentinel://:hunter2@b:26379
          transportOptions: {master_name: m}
        workers:
        - {name: a}
        """,
        "[]",
        [
            "spec.broker.url: holds a password, which would lie in Git: write broker.urlFrom "
            "with a secretKeyRef, or a typed member with passwordFrom",
        ],
    ),
    "as a parameter": (
        """
        resultBackend: {url: "redis://redis/0?password=hunter2"}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.resultBackend.url: holds a password, which would lie in Git: write "
            "resultBackend.urlFrom with a secretKeyRef, or redis with passwordFrom",
        ],
    ),
    "in variables": (
        """
        env: [{name: DATABASE_URL, value: "postgres://shop:hunter2@db/shop"}]
        workers: [{name: a, env: [{name: X, value: "redis://:hunter2@redis/0"}]}]
        """,
        "[]",
        [
            "spec.env.0.value: holds a password, which would lie in Git: write valueFrom with a "
            "secretKeyRef, or broker.urlFrom or passwordFrom where it is the broker's",
            "spec.workers.0.env.0.value: holds a password, which would lie in Git: write "
            "valueFrom with a secretKeyRef, or broker.urlFrom or passwordFrom where it is the "
            "broker's",
        ],
    ),
    "in settings": (
        """
        config: {values: {result_backend_transport_options: {x: ["redis://:hunter2@redis/0"]}}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.config.values.result_backend_transport_options.x.0: holds a password, which "
            "would lie in Git: keep it in a Secret, and refer to it with urlFrom, passwordFrom "
            "or valueFrom",
        ],
    ),
    "in a command": (
        """
        migration: {command: [wait, "redis://:hunter2@redis/0"]}
        """,
        "[]",
        [
            "spec.migration.command.1: holds a password, which would lie in Git: keep it in a "
            "Secret, and refer to it with urlFrom, passwordFrom or valueFrom",
        ],
    ),
    "in a trigger": (
        """
        workers:
        - name: a
          autoscaling:
            maxReplicas: 2
            triggers:
            - type: rabbitmq
              metadata: {host: 'amqp://u:hunter2@rabbit/', queueName: x}
        """,
        "[]",
        [
            "spec.workers.0.autoscaling.triggers.0.metadata.host: holds a password, which would "
            "lie in Git: keep it in a Secret, and refer to it with urlFrom, passwordFrom or "
            "valueFrom",
        ],
    ),
    "secret settings": (
        """
        config:
          values:
            redis_password: hunter2
            broker_transport_options:
              sentinel_kwargs: {password: hunter2}
        workers:
        - name: a
          transportOptions:
            sentinel_kwargs: {password: hunter2}
        """,
        "[]",
        [
            "spec.config.values.redis_password: holds a secret, which would lie in Git: let the "
            "application read it from an environment variable with a secretKeyRef",
            "spec.config.values.broker_transport_options.sentinel_kwargs.password: holds a "
            "secret, which would lie in Git: use a typed member with its passwordFrom",
            "spec.workers.0.transportOptions.sentinel_kwargs.password: holds a secret, which "
            "would lie in Git: use a typed member with its passwordFrom",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "references": (
        """
        broker: {url: "amqp://shop:$(PW)@rabbit//"}
        env: [{name: PW, valueFrom: {secretKeyRef: {name: r, key: p}}}]
        workers: [{name: a}]
        """,
        "[]",
    ),
    "URLs without a password": (
        """
        env:
        - {name: A, value: 'http://host:8080/path@x'}
        - {name: B, value: 'https://user@host/'}
        - {name: C, value: 'git@host:x'}
        - {name: D, value: 'postgres://$USER:${PW}@db/'}
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
