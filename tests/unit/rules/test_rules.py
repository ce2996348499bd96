"""All rules together, and the laws that hold for each of them."""

from __future__ import annotations

import importlib
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from celery_kustomize.rules import RULES, check
from celery_kustomize.rules.arguments import Option, parse_options
from celery_kustomize.rules.config import settings
from celery_kustomize.rules.environment import references
from celery_kustomize.rules.secrets import has_password
from tests.unit.rules.rule_cases import application, findings

TABLE = {
    "-c": Option("--concurrency", takes_value=True),
    "--concurrency": Option("--concurrency", takes_value=True),
    "-E": Option("--task-events", takes_value=False),
    "-B": Option("--beat", takes_value=False),
    "--": Option("--", takes_value=False),
}

FULL = """
redis:
  passwordFrom: {secretKeyRef: {name: shop-redis, key: redis-password}}
  storage: {size: 10Gi}
  resources: {limits: {memory: 1Gi}}
broker: {managedRedis: {}, transportOptions: {visibility_timeout: 7200}}
resultBackend: {managedRedis: {database: 1}}
celeryVersion: "5.5"
config: {values: {task_acks_late: true, task_time_limit: 300}}
env: [{name: DJANGO_SETTINGS_MODULE, value: shop.settings}]
envFrom: [{configMapRef: {name: shop-env}}]
workers:
- {name: default, queues: [default, emails], replicas: 2, concurrency: 4}
- name: reports
  queues: [reports]
  concurrency: 2
  maxTasksPerChild: 100
  shutdown: {gracePeriodSeconds: 900}
  autoscaling:
    minReplicas: 0
    maxReplicas: 20
    queueLength: {target: 4}
    schedules: [{timezone: Asia/Tokyo, start: 0 8 * * *, end: 0 18 * * *, replicas: 2}]
beat: {scheduler: "celery.beat:PersistentScheduler"}
flower:
  basicAuthFrom: {secretKeyRef: {name: shop-flower, key: basic-auth}}
  service: {type: ClusterIP, port: 80}
  ingress: {className: nginx, host: flower.shop.example.com, tlsSecretName: flower-tls}
web:
  command: [gunicorn, "shop.wsgi:application"]
  replicas: 2
  readinessProbe: {httpGet: {path: /healthz, port: 8000}}
migration: {command: [python, manage.py, migrate]}
networkPolicy: {}
monitoring: {exporter: {}, serviceMonitor: {labels: {release: prometheus}}}
"""


def test_a_complete_specification_is_right() -> None:
    assert findings(FULL) == []


def test_each_finding_is_told_once() -> None:
    spec = """
    env: [{name: LOADER, value: x}]
    workers: [{name: a}, {name: b}]
    beat: {}
    """
    assert findings(spec) == [
        "spec.env.0: LOADER is read by the `celery` command as --loader, in place of the "
        "application's own loader: give it another name"
    ]


def test_rules_are_registered_once() -> None:
    assert len(set(RULES)) == len(RULES)


def test_every_rule_says_why_it_exists() -> None:
    assert [rule.__name__ for rule in RULES if not rule.__doc__] == []


def test_objects_of_any_shape_are_no_trouble() -> None:
    objects: list[dict[str, Any]] = [
        {},
        {"kind": 1, "metadata": [], "spec": "text"},
        {"kind": "ScaledObject", "metadata": None, "spec": {"scaleTargetRef": []}},
        {"kind": "ConfigMap", "metadata": {"name": {}, "annotations": "x"}},
    ]
    assert check(application(FULL), objects) == []


def test_options_are_read_as_click_does() -> None:
    args = ["-c", "-E", "-c4", "--concurrency", "8", "--concurrency=8", "-EB", "x", "--", "-c"]
    found = [(i, o.name if o else None, w) for i, o, w in parse_options(args, TABLE)]
    assert found == [
        (0, "--concurrency", "-c"),
        (2, "--concurrency", "-c"),
        (3, "--concurrency", "--concurrency"),
        (5, "--concurrency", "--concurrency"),
        (6, "--task-events", "-E"),
        (6, "--beat", "-B"),
        (7, None, "x"),
        (8, "--", "--"),
    ]


def test_references() -> None:
    assert references("$(A)$$(B)$$$(C) $(D-1.x)") == ["A", "C", "D-1.x"]


def test_settings_are_those_of_the_installed_celery() -> None:
    """After an update of Celery: run tools/celery-settings/make.py."""
    defaults = importlib.import_module("celery.app.defaults")
    known = {name for name, _ in defaults.flatten(defaults.NAMESPACES)}
    assert set(settings()) == known


def test_first_versions_of_settings() -> None:
    since = {name: setting.since for name, setting in settings().items()}
    assert since["task_acks_late"] == ""
    assert since["worker_soft_shutdown_timeout"] == "5.5"
    assert since["worker_disable_prefetch"] == "5.6"


PASSWORDS = st.from_regex(re.compile(r"[A-Za-z0-9!%_-]{4,30}", re.ASCII), fullmatch=True)


@given(
    password=PASSWORDS.filter(lambda text: not text.isdigit()),
    scheme=st.sampled_from(["redis", "amqp", "postgresql+psycopg", "sentinel", "http"]),
    user=st.sampled_from(["", "shop", "a.b"]),
)
def test_a_password_is_found_and_never_repeated(password: str, scheme: str, user: str) -> None:
    url = f"{scheme}://{user}:{password}-xyzzy@host.example.com:6379/0"
    found = findings(f"env: [{{name: URL, value: '{url}'}}]\nworkers: [{{name: a}}]")
    assert len(found) == 1
    assert "holds a password" in found[0]
    assert "xyzzy" not in found[0]


@given(st.text(alphabet=":/@?&$()=a1", max_size=200))
def test_any_text_can_be_searched_for_passwords(text: str) -> None:
    has_password(text)


def test_a_long_text_is_searched_in_bounded_time() -> None:
    assert not has_password("://a:" * 200_000)
    assert not has_password("://a" + "@" * 1_000_000)
    assert not has_password("://a:b c" + "@" * 1_000_000)
    assert not has_password("?password" * 100_000 + "://")
