"""Rules about environment variables."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "a wrong name": (
        """
        env: [{name: "A=B", value: x}]
        workers: [{name: a}]
        """,
        "[]",
        [
            'spec.env.0.name: "A=B" must have only printable ASCII characters without "="; write '
            '"A"',
        ],
    ),
    "a name twice": (
        """
        env: [{name: A, value: x}, {name: A, value: y}]
        workers: [{name: a}]
        """,
        "[]",
        [
            'spec.env.1: "A" is given twice, and the last one would win: remove one',
        ],
    ),
    "variables that are options of celery": (
        """
        env:
        - {name: CELERY_VERSION, value: '5.5'}
        - {name: LOADER, value: x}
        - {name: NO_COLOR, value: please}
        workers:
        - name: a
          env:
          - {name: REMAP_SIGTERM, value: SIGQUIT}
          - {name: CELERY_WORKER_POOL, value: gevent}
          - {name: CELERY_WORKER_BEAT, value: '1'}
          - {name: CELERY_WORKER_PURGE, value: '1'}
          - {name: CELERY_WORKER_DETACH, value: '1'}
          - {name: CELERY_WORKER_LOGFILE, value: /x}
          - {name: CELERY_WORKER_PIDFILE, value: /x}
          - {name: CELERY_WORKER_HOSTNAME, value: x}
        """,
        "[]",
        [
            "spec.env.0: CELERY_VERSION is read by the `celery` command as --version, and it "
            "prints a version or fails instead of starting: give it another name",
            "spec.env.1: LOADER is read by the `celery` command as --loader, in place of the "
            "application's own loader: give it another name",
            "spec.env.2: NO_COLOR is a flag of the `celery` command, which then fails to start: "
            'write "1" or remove it',
            "spec.workers.0.env.0: REMAP_SIGTERM changes what SIGTERM does to a worker, against "
            "the grace period: write shutdown: {mode: Soft}",
            "spec.workers.0.env.1: CELERY_WORKER_POOL selects gevent or eventlet without "
            "patching the standard library, and the generated -P beats it: write the field pool",
            "spec.workers.0.env.2: CELERY_WORKER_BEAT runs a scheduler in every replica, so "
            "tasks are sent several times: use spec.beat",
            "spec.workers.0.env.3: CELERY_WORKER_PURGE deletes all waiting tasks whenever a pod "
            "starts: remove it",
            "spec.workers.0.env.4: CELERY_WORKER_DETACH takes the process away from the "
            "container, which then ends: remove it",
            "spec.workers.0.env.5: CELERY_WORKER_LOGFILE hides the logs from `kubectl logs`: "
            "remove it",
            "spec.workers.0.env.6: CELERY_WORKER_PIDFILE leaves a stale file behind that stops "
            "the next start: remove it",
            "spec.workers.0.env.7: CELERY_WORKER_HOSTNAME gives every pod the same node name, "
            "and probes ask for celery@<pod>: remove it",
        ],
    ),
    "detached beat": (
        """
        beat: {env: [{name: CELERY_BEAT_DETACH, value: "1"}]}
        """,
        "[]",
        [
            "spec.beat.env.0: CELERY_BEAT_DETACH takes the process away from the container, "
            "which then ends: remove it",
        ],
    ),
    "APP with -A": (
        """
        env: [{name: APP, value: production}]
        workers: [{name: a}]
        beat: {}
        """,
        "[]",
        [
            "warning: spec.env.0: APP is read by the `celery` command as --app wherever -A is "
            "not written, as in a shell in the pod: give it another name",
        ],
    ),
    "APP without -A": (
        """
        broker: {url: "amqp://rabbit//"}
        env: [{name: APP, value: production}]
        workers: [{name: a, command: [run]}]
        flower: {image: "mher/flower:2"}
        """,
        "[]",
        [
            'spec.env.0: APP is read by the `celery` command as --app, and worker set "a" runs '
            "it without -A, so it would import this value: give it another name",
            "spec.env.0: APP is read by the `celery` command as --app, and flower runs it "
            "without -A, so it would import this value: give it another name",
        ],
    ),
    "modules of configuration": (
        """
        env: [{name: CONFIG_MODULE, value: x}, {name: CELERY_CONFIG, value: /x}]
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.env.0: CONFIG_MODULE is read by the `celery` command as --config, a Python "
            "module, and an application without config_from_object then fails to start: give it "
            "another name",
            "warning: spec.env.1: CELERY_CONFIG is read by the `celery` command as --config, a "
            "Python module, and an application without config_from_object then fails to start: "
            "give it another name",
        ],
    ),
    "the file of settings": (
        """
        config: {delivery: File, values: {task_acks_late: true}}
        env: [{name: CELERY_CONFIG, value: /x}]
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.env.0: CELERY_CONFIG is written by the generator (config.delivery: File): "
            "remove it",
        ],
    ),
    "variables that beat fields": (
        """
        config: {values: {task_acks_late: true}}
        broker: {url: "amqp://rabbit//"}
        resultBackend: {url: "rpc://"}
        env:
        - {name: BROKER_URL, value: "amqp://other//"}
        - {name: CELERY_RESULT_BACKEND, value: "rpc://"}
        - {name: CELERY_LOADER, value: x}
        workers: [{name: a, env: [{name: CELERY_BROKER_URL, value: "amqp://other//"}]}]
        """,
        "[]",
        [
            "spec.env.0: BROKER_URL beats what spec.broker says: remove one of the two",
            "spec.env.1: CELERY_RESULT_BACKEND beats what spec.resultBackend says: remove one of "
            "the two",
            "spec.env.2: CELERY_LOADER beats what spec.config (its delivery is Loader) says: "
            "remove one of the two",
            "spec.workers.0.env.0: CELERY_BROKER_URL beats what spec.broker says: remove one of "
            "the two",
        ],
    ),
    "the loader of transport options": (
        """
        broker: {url: "amqp://rabbit//", transportOptions: {confirm_publish: true}}
        env: [{name: CELERY_LOADER, value: x}]
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.env.0: CELERY_LOADER beats what spec.config (its delivery is Loader) says: "
            "remove one of the two",
        ],
    ),
    "concurrency twice": (
        """
        env: [{name: CELERY_WORKER_CONCURRENCY, value: "8"}]
        workers: [{name: a, concurrency: 4}, {name: b}]
        """,
        "[]",
        [
            'warning: spec.env.0: CELERY_WORKER_CONCURRENCY has no effect, since worker set "a" '
            "has concurrency: 4: remove one of the two",
        ],
    ),
    "a reference to a later variable": (
        """
        env: [{name: URL, value: "http://$(HOST)/"}, {name: HOST, value: x}]
        workers: [{name: a}]
        """,
        "[]",
        [
            "spec.env.0: $(HOST) is declared later in the list, so Kubernetes leaves it as text: "
            'move HOST before "URL"',
        ],
    ),
    "a URL with an unknown variable": (
        """
        broker: {url: "redis://:$(PW)@redis:6379/0"}
        resultBackend: {url: "redis://:$(PW)@redis:6379/1"}
        workers: [{name: a, env: [{name: PW, value: x}]}]
        beat: {}
        web: {}
        """,
        "[]",
        [
            "spec.broker.url: $(PW) is not declared for beat and web, where it would stay as "
            "text: declare PW in spec.env",
            "spec.resultBackend.url: $(PW) is not declared for beat and web, where it would stay "
            "as text: declare PW in spec.env",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "ordinary variables": (
        """
        env:
        - {name: DJANGO_SETTINGS_MODULE, value: shop.settings}
        - {name: HOST, value: x}
        - {name: URL, value: "http://$(HOST)/ $$(LATER)"}
        - {name: LATER, value: x}
        - {name: NO_COLOR, value: "1"}
        workers: [{name: a}]
        """,
        "[]",
    ),
    "APP and BROKER_URL of the web application alone": (
        """
        broker: {url: "amqp://rabbit//"}
        web: {env: [{name: APP, value: production}, {name: BROKER_URL, value: x}]}
        """,
        "[]",
    ),
    "the broker in variables only": (
        """
        env:
        - {name: REDIS_PASSWORD, valueFrom: {secretKeyRef: {name: r, key: p}}}
        - {name: CELERY_BROKER_URL, value: "redis://:$(REDIS_PASSWORD)@redis:6379/0"}
        workers: [{name: a}]
        flower: {}
        """,
        "[]",
    ),
    "a URL with variables from a Secret": (
        """
        broker: {url: "redis://:$(PW)@redis:6379/0"}
        envFrom: [{secretRef: {name: r}}]
        workers: [{name: a}]
        """,
        "[]",
    ),
    "a URL with a declared variable": (
        """
        broker: {url: "redis://:$(PW)@redis:6379/0"}
        env: [{name: PW, valueFrom: {secretKeyRef: {name: r, key: p}}}]
        workers: [{name: a}]
        """,
        "[]",
    ),
    "a loader of the application": (
        """
        env: [{name: CELERY_LOADER, value: shop.loader:Loader}]
        workers: [{name: a}]
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
