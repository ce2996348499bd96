"""Rules about Celery settings and their delivery."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "old names": (
        """
        config:
          values: {CELERY_ACKS_LATE: true, CELERY_TASK_TIME_LIMIT: 30, CELERYD_CONCURRENCY: 4}
        workers:
        - {name: a}
        """,
        "[]",
        [
            "spec.config.values.CELERYD_CONCURRENCY: is the old name, and Celery refuses a "
            "mixture with the new ones: write worker_concurrency",
            "spec.config.values.CELERY_ACKS_LATE: is the old name, and Celery refuses a mixture "
            "with the new ones: write task_acks_late",
            "spec.config.values.CELERY_TASK_TIME_LIMIT: is the old name, and Celery refuses a "
            "mixture with the new ones: write task_time_limit",
        ],
    ),
    "a time limit without end": (
        """
        config: {values: {task_time_limit: 1.0e+300, task_soft_time_limit: 3}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.config.values.task_time_limit: at most 2147483647 seconds; without a limit, "
            "leave it out"
        ],
    ),
    "upper case": (
        """
        config: {values: {MY_SETTING: 1}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.config.values.MY_SETTING: is not in lower case, as Celery's settings are: "
            'write "my_setting"',
        ],
    ),
    "a misspelt setting": (
        """
        config: {values: {task_ack_late: true, shop_option: 1}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "warning: spec.config.values.shop_option: is no setting of Celery 5.7",
            "warning: spec.config.values.task_ack_late: is no setting of Celery 5.7; did you "
            'mean "task_acks_late"?',
        ],
    ),
    "settings that have a field": (
        """
        config:
          values: {broker_url: 'redis://x', result_backend: 'rpc://', worker_pool: gevent,
            worker_disable_prefetch: true, beat_scheduler: x}
        workers:
        - {name: a}
        beat: {}
        """,
        "[]",
        [
            "spec.config.values.broker_url: has a field of its own: write spec.broker.url, or a "
            "typed member such as broker.redis",
            "spec.config.values.result_backend: has a field of its own: write spec.resultBackend",
            "spec.config.values.worker_pool: has a field of its own: write the worker set's "
            "pool, since gevent and eventlet are patched in by -P only",
            "spec.config.values.worker_disable_prefetch: has a field of its own: write the "
            "worker set's disablePrefetch",
            "spec.config.values.beat_scheduler: has a field of its own: write beat.scheduler",
        ],
    ),
    "wrong types": (
        """
        config:
          values: {task_acks_late: 'yes', task_time_limit: '300', task_publish_retry_policy: x}
        workers:
        - {name: a}
        """,
        "[]",
        [
            "spec.config.values.task_acks_late: expected true or false, without quotes",
            "spec.config.values.task_publish_retry_policy: expected a map",
            "spec.config.values.task_time_limit: expected a number, without quotes",
        ],
    ),
    "settings of a later Celery": (
        """
        celeryVersion: "5.5.3"
        config: {values: {worker_eta_task_limit: 10}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.config.values.worker_eta_task_limit: needs Celery 5.6, but celeryVersion is "
            "5.5.3: remove it",
        ],
    ),
    "settings that producers need, on the command line": (
        """
        config:
          delivery: CommandLine
          values: {task_serializer: json, broker_heartbeat: 10, timezone: UTC,
            my_own: 1}
        workers:
        - {name: a}
        """,
        "[]",
        [
            "warning: spec.config.values.my_own: is no setting of Celery 5.7",
            "spec.config.values.broker_heartbeat: is needed by whatever sends tasks and by "
            "Flower, which a command line of workers and beat does not reach: write delivery: "
            "Loader",
            "spec.config.values.my_own: cannot be set on Celery's command line, which takes "
            "Celery's own settings only: write delivery: Loader",
            "spec.config.values.task_serializer: is needed by whatever sends tasks and by "
            "Flower, which a command line of workers and beat does not reach: write delivery: "
            "Loader",
            "spec.config.values.timezone: cannot be set on Celery's command line: write "
            "delivery: Loader",
        ],
    ),
    "transport options on the command line": (
        """
        config: {delivery: CommandLine}
        broker: {redis: {host: redis.data.svc}, transportOptions: {health_check_interval: 10}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.config.delivery: CommandLine does not bring the transport options of "
            "spec.broker to whatever sends tasks: write Loader",
        ],
    ),
    "the command line of an own command": (
        """
        config: {delivery: CommandLine, values: {task_acks_late: true}}
        workers: [{name: a, command: [run]}]
        beat: {command: [run]}
        """,
        "[]",
        [
            'spec.config.delivery: CommandLine does not reach worker set "a", whose command line '
            "is not composed: write Loader",
            "spec.config.delivery: CommandLine does not reach beat, whose command line is not "
            "composed: write Loader",
        ],
    ),
    "the loader beside the image's own command": (
        """
        app: null
        config: {values: {task_acks_late: true}}
        workers: [{name: a}]
        web: {}
        flower: {}
        """,
        "[]",
        [
            "spec.workers.0.command: is needed, since Celery settings come by a loader that the "
            "image's own command would not find: write the image's command here",
            "spec.web.command: is needed, since Celery settings come by a loader that the "
            "image's own command would not find: write the image's command here",
        ],
    ),
    "quorum queues for the default queue only": (
        """
        config: {values: {task_default_queue_type: quorum}}
        workers: [{name: a, args: ["--autoscale=4,1"]}]
        """,
        "[]",
        [
            "warning: spec.config.values.task_default_queue_type: makes the default queue a "
            "quorum queue only, and other queues stay classic: write "
            "task_create_missing_queue_type: quorum beside it",
            "warning: spec.workers.0.args.0: --autoscale does nothing with quorum queues, which "
            "have no global prefetch: remove it",
        ],
    ),
    "quorum queues in Redis": (
        """
        broker: {redis: {host: redis.data.svc}}
        config: {values: {task_default_queue_type: quorum}}
        workers: [{name: a}]
        """,
        "[]",
        [
            "warning: spec.config.values.task_default_queue_type: quorum queues exist in "
            "RabbitMQ only: remove it",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "ordinary settings": (
        """
        celeryVersion: '5.7'
        config:
          values:
            task_acks_late: true
            task_time_limit: 300
            task_routes:
              x: {queue: y}
            broker_use_ssl: {x: y}
            worker_eta_task_limit: 5
        workers:
        - {name: a}
        """,
        "[]",
    ),
    "the command line": (
        """
        config:
          delivery: CommandLine
          values: {task_acks_late: true, worker_hijack_root_logger: false, beat_sync_every: 1}
        workers:
        - {name: a}
        beat: {}
        """,
        "[]",
    ),
    "the loader beside commands": (
        """
        app: null
        config: {values: {task_acks_late: true}}
        workers: [{name: a, command: [run]}]
        web: {command: [run]}
        """,
        "[]",
    ),
    "beat settings of an own command": (
        """
        config: {values: {beat_scheduler: x}}
        beat: {command: [run]}
        """,
        "[]",
    ),
    "quorum queues": (
        """
        config:
          values: {task_default_queue_type: quorum, task_create_missing_queue_type: quorum}
        broker:
          rabbitmq: {host: rabbit.data.svc}
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
