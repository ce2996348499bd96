"""Rules about broker and result backend."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "a sentinel's password in a file": (
        """
        config: {delivery: File}
        broker:
          sentinel:
            hosts: [s.data]
            masterName: m
            sentinelPasswordFrom: {secretKeyRef: {name: s, key: p}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.broker.sentinel.sentinelPasswordFrom: delivery File would write the password "
            "into a file or the arguments: remove config.delivery",
        ],
    ),
    "no managed Redis": (
        """
        broker: {managedRedis: {}}
        resultBackend: {managedRedis: {database: 1}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.broker.managedRedis: there is no spec.redis to run it: write spec.redis with "
            "passwordFrom, or redis with the host of a server run elsewhere",
            "spec.resultBackend.managedRedis: there is no spec.redis to run it: write spec.redis "
            "with passwordFrom, or redis with the host of a server run elsewhere",
        ],
    ),
    "a Redis that nothing uses": (
        """
        redis: {passwordFrom: {secretKeyRef: {name: r, key: p}}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "warning: spec.redis: nothing uses this Redis: write broker: {managedRedis: {}} or "
            "resultBackend: {managedRedis: {}}",
        ],
    ),
    "no transport": (
        """
        broker: {url: "rabbit.data.svc:5672"}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.broker.url: has no transport: write it as in redis://host:6379/0",
        ],
    ),
    "TLS that verifies nothing": (
        """
        broker: {url: "rediss://redis:6379/0"}
        resultBackend: {url: "rediss://redis:6379/1"}
        workers: [{name: a}]
        """,
        "[]",
        [
            "warning: spec.broker.url: rediss:// without ssl_cert_reqs does not verify the "
            "server's certificate: append ?ssl_cert_reqs=required",
            "spec.resultBackend.url: rediss:// without ssl_cert_reqs is refused by Celery's "
            "result backend: append ?ssl_cert_reqs=required",
        ],
    ),
    "users without a password": (
        """
        broker:
          sentinel:
            hosts: [a.data.svc]
            masterName: m
            username: u
            sentinelUsername: s
        resultBackend:
          redis: {host: redis.data.svc, username: u}
        workers:
        - {name: a}
        """,
        "[]",
        [
            "spec.broker.sentinel.username: a user name needs passwordFrom: {secretKeyRef: "
            "{name: ..., key: ...}} beside it",
            "spec.broker.sentinel.sentinelUsername: a user name needs passwordFrom: "
            "{secretKeyRef: {name: ..., key: ...}} beside it",
            "spec.resultBackend.redis.username: a user name needs passwordFrom: {secretKeyRef: "
            "{name: ..., key: ...}} beside it",
        ],
    ),
    "SASL without a user": (
        """
        broker:
          kafka:
            hosts: [k.data.svc]
            sasl: plaintext
            passwordFrom:
              secretKeyRef: {name: r, key: p}
        workers:
        - {name: a}
        """,
        "[]",
        [
            "spec.broker.kafka.sasl: SASL needs username and passwordFrom: write them",
            "spec.broker.kafka.passwordFrom: a password needs username beside it",
        ],
    ),
    "a Kafka user without a password": (
        """
        broker: {kafka: {hosts: [k.data.svc], username: u}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.broker.kafka.username: a user name needs passwordFrom: {secretKeyRef: {name: "
            "..., key: ...}} beside it",
        ],
    ),
    "transport options that a member writes": (
        """
        broker:
          sentinel:
            hosts: [a.data.svc]
            masterName: m
          transportOptions: {master_name: x}
        workers:
        - {name: a}
        """,
        "[]",
        [
            "spec.broker.transportOptions.master_name: sentinel.masterName says it already: "
            "remove it",
        ],
    ),
    "transport options of SQS": (
        """
        broker:
          sqs: {region: eu-west-1}
          transportOptions: {region: x, visibility_timeout: 7200, queue_name_prefix: y}
        workers:
        - {name: a}
        """,
        "[]",
        [
            "spec.broker.transportOptions.queue_name_prefix: sqs.queueNamePrefix says it "
            "already: remove it",
            "spec.broker.transportOptions.region: sqs.region says it already: remove it",
        ],
    ),
    "transport options of Pub/Sub": (
        """
        broker: {pubsub: {projectId: x}, transportOptions: {queue_name_prefix: y}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.broker.transportOptions.queue_name_prefix: pubsub.queueNamePrefix says it "
            "already: remove it",
        ],
    ),
    "transport options in two places": (
        """
        broker: {redis: {host: redis.data.svc}}
        config: {values: {broker_transport_options: {visibility_timeout: 10}}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.config.values.broker_transport_options: stands beside spec.broker: write "
            "spec.broker.transportOptions",
        ],
    ),
    "a visibility time-out below the time limit": (
        """
        broker: {redis: {host: redis.data.svc}}
        workers: [{name: a, taskTimeLimit: 7200}, {name: b}]
        """,
        "[]",
        [
            "warning: spec.broker.transportOptions: the visibility time-out (3600 s) is below "
            'the hard time limit of worker set "a" (7200 s), so the broker would deliver a task '
            "again that still runs: write transportOptions: {visibility_timeout: 7230} or more",
        ],
    ),
    "a visibility time-out below the grace period": (
        """
        broker:
          redis: {host: redis.data.svc}
          transportOptions: {visibility_timeout: 300}
        workers:
        - {name: a}
        - name: b
          transportOptions: {visibility_timeout: 60}
          shutdown: {gracePeriodSeconds: 90}
        """,
        "[]",
        [
            "warning: spec.broker.transportOptions.visibility_timeout: the visibility time-out "
            '(300 s) is below the grace period of worker set "a" (600 s), so the broker would '
            "deliver a task again that still runs: write transportOptions: {visibility_timeout: "
            "600} or more",
            "warning: spec.workers.1.transportOptions.visibility_timeout: the visibility "
            'time-out (60 s) is below the grace period of worker set "b" (90 s), so the broker '
            "would deliver a task again that still runs: write transportOptions: "
            "{visibility_timeout: 90} or more",
        ],
    ),
    "the visibility time-out of SQS": (
        """
        broker: {sqs: {region: eu-west-1}}
        workers: [{name: a, taskTimeLimit: 1800}]
        """,
        "[]",
        [
            "warning: spec.broker.transportOptions: the visibility time-out (1800 s) is below "
            'the grace period of worker set "a" (1830 s), so the broker would deliver a task '
            "again that still runs: write transportOptions: {visibility_timeout: 1830} or more",
        ],
    ),
    "a visibility time-out that is no number": (
        """
        broker: {redis: {host: redis.data.svc}, transportOptions: {visibility_timeout: 1h}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.broker.transportOptions.visibility_timeout: expected a number of seconds above 0",
        ],
    ),
    "RabbitMQ's consumer time-out": (
        """
        broker: {rabbitmq: {host: rabbit.data.svc}}
        workers: [{name: a, acksLate: true, taskTimeLimit: 3600}]
        """,
        "[]",
        [
            "warning: spec.workers.0.taskTimeLimit: tasks of up to 3600 s are acknowledged late, "
            "but RabbitMQ closes the channel after 1800 s by default: raise consumer_timeout in "
            "RabbitMQ",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "managed": (
        """
        redis: {passwordFrom: {secretKeyRef: {name: r, key: p}}}
        broker: {managedRedis: {}}
        resultBackend: {managedRedis: {}}
        workers: [{name: a}]
        """,
        "[]",
    ),
    "verified TLS": (
        """
        broker: {url: "rediss://redis:6379/0?ssl_cert_reqs=required"}
        resultBackend: {url: "rediss://redis:6379/1?ssl_cert_reqs=required"}
        workers: [{name: a}]
        """,
        "[]",
    ),
    "a backend of a plugin": (
        """
        resultBackend: {url: django-db}
        workers: [{name: a}]
        """,
        "[]",
    ),
    "users with passwords": (
        """
        broker:
          kafka:
            hosts: [k.data.svc]
            sasl: plaintext
            username: u
            passwordFrom:
              secretKeyRef: {name: r, key: p}
        resultBackend:
          redis:
            host: redis.data.svc
            username: u
            passwordFrom:
              secretKeyRef: {name: r, key: p}
        workers:
        - {name: a}
        """,
        "[]",
    ),
    "a long visibility time-out": (
        """
        broker: {redis: {host: redis.data.svc}, transportOptions: {visibility_timeout: 7230}}
        workers: [{name: a, taskTimeLimit: 7200}]
        """,
        "[]",
    ),
    "RabbitMQ with early acknowledgement": (
        """
        broker: {rabbitmq: {host: rabbit.data.svc}}
        workers: [{name: a, taskTimeLimit: 3600}]
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
