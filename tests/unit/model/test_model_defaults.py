"""Defaults that follow from other fields: the table of the specification."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from celery_kustomize.model import defaults
from celery_kustomize.model.application import Spec
from celery_kustomize.model.worker import Worker

if TYPE_CHECKING:
    from celery_kustomize.model.component import Security


def spec_of(text: str) -> Spec:
    return Spec.model_validate(yaml.safe_load(dedent(text)) or {})


def of(worker: str = "{}", spec: str = "{}") -> tuple[Spec, Worker]:
    return spec_of(spec), Worker.model_validate({"name": "a", **yaml.safe_load(worker)})


@pytest.mark.parametrize(
    ("worker", "spec", "concurrency"),
    [
        ("{}", "{}", 2),
        ("{concurrency: 7, resources: {limits: {cpu: 1}}}", "{}", 7),
        ("{resources: {limits: {cpu: 4}}}", "{}", 4),
        ("{resources: {limits: {cpu: '3900m'}}}", "{}", 3),
        ("{resources: {limits: {cpu: 1.5}}}", "{}", 1),
        ("{resources: {limits: {cpu: 100m}}}", "{}", 1),
        ("{resources: {requests: {cpu: 8}, limits: {memory: 1Gi}}}", "{}", 2),
        ("{pool: threads, resources: {limits: {cpu: 4}}}", "{}", 4),
        ("{pool: gevent, resources: {limits: {cpu: 4}}}", "{}", 100),
        ("{pool: eventlet}", "{}", 100),
        ("{pool: solo, resources: {limits: {cpu: 4}}}", "{}", 1),
        ("{}", "{env: [{name: CELERY_WORKER_CONCURRENCY, value: '3'}]}", None),
        ("{env: [{name: CELERY_WORKER_CONCURRENCY, value: '3'}]}", "{}", None),
        ("{concurrency: 5}", "{env: [{name: CELERY_WORKER_CONCURRENCY, value: '3'}]}", 5),
        ("{}", "{config: {values: {worker_concurrency: 6}}}", 6),
        ("{concurrency: 5}", "{config: {values: {worker_concurrency: 6}}}", 5),
    ],
)
def test_concurrency(worker: str, spec: str, concurrency: int | None) -> None:
    assert defaults.concurrency(*of(worker, spec)) == concurrency


@pytest.mark.parametrize(
    ("worker", "spec", "seconds"),
    [
        ("{}", "{}", 600),
        ("{taskTimeLimit: 300}", "{}", 330),
        ("{}", "{config: {values: {task_time_limit: 1000}}}", 1030),
        ("{taskTimeLimit: 10}", "{config: {values: {task_time_limit: 1000}}}", 40),
        ("{}", "{config: {values: {task_time_limit: 20.7}}}", 50),
        ("{}", "{config: {values: {task_time_limit: true}}}", 600),
        ("{taskSoftTimeLimit: 900}", "{}", 600),
        ("{taskTimeLimit: 300, shutdown: {gracePeriodSeconds: 5}}", "{}", 5),
    ],
)
def test_grace_period(worker: str, spec: str, seconds: int) -> None:
    assert defaults.grace_period(*of(worker, spec)) == seconds


@pytest.mark.parametrize(
    ("worker", "spec", "late"),
    [
        ("{}", "{}", False),
        ("{acksLate: true}", "{}", True),
        ("{}", "{config: {values: {task_acks_late: true}}}", True),
        ("{acksLate: false}", "{config: {values: {task_acks_late: true}}}", False),
        ("{}", "{config: {values: {task_acks_late: 'yes'}}}", False),
    ],
)
def test_acks_late(worker: str, spec: str, late: bool) -> None:
    assert defaults.acks_late(*of(worker, spec)) is late


@pytest.mark.parametrize(
    ("worker", "spec", "sent"),
    [
        ("{}", "{}", False),
        ("{}", "{flower: {}}", True),
        ("{}", "{monitoring: {exporter: {}}}", True),
        ("{taskEvents: false}", "{flower: {}}", False),
        ("{taskEvents: true}", "{}", True),
    ],
)
def test_task_events(worker: str, spec: str, sent: bool) -> None:
    assert defaults.task_events(*of(worker, spec)) is sent


@pytest.mark.parametrize(
    ("worker", "spec", "multiplier"),
    [
        ("{}", "{}", 1),
        ("{prefetchMultiplier: 4}", "{}", 4),
        ("{}", "{config: {values: {worker_prefetch_multiplier: 8}}}", 8),
        ("{prefetchMultiplier: 1}", "{config: {values: {worker_prefetch_multiplier: 8}}}", 1),
        ("{prefetchMultiplier: null}", "{config: {values: {worker_prefetch_multiplier: 8}}}", 8),
    ],
)
def test_prefetch_multiplier(worker: str, spec: str, multiplier: int) -> None:
    assert defaults.prefetch_multiplier(*of(worker, spec)) == multiplier


@pytest.mark.parametrize(
    ("worker", "spec", "kind"),
    [
        ("{}", "{app: a}", "Heartbeat"),
        ("{heartbeat: false}", "{app: a}", "Heartbeat"),
        ("{healthCheck: {type: Ping}}", "{app: a}", "Ping"),
        ("{command: [x]}", "{app: a, broker: {redis: {host: h}}}", "Ping"),
        ("{}", "{broker: {redis: {host: h}}}", "Ping"),
        ("{}", "{}", "None"),
        ("{}", "{broker: {sqs: {region: r}}}", "None"),
    ],
)
def test_health_check(worker: str, spec: str, kind: str) -> None:
    assert defaults.health_check_type(*of(worker, spec)) == kind


@pytest.mark.parametrize(
    ("spec", "known"),
    [
        ("{}", None),
        ("{celeryVersion: '5.5'}", True),
        ("{celeryVersion: '5.10.1'}", True),
        ("{celeryVersion: '6.0'}", True),
        ("{celeryVersion: '5.4.9'}", False),
        ("{celeryVersion: '4.9'}", False),
    ],
)
def test_version_at_least(spec: str, known: bool | None) -> None:
    assert defaults.version_at_least(spec_of(spec), 5, 5) is known


def test_transport_options_of_a_set_come_over_the_brokers() -> None:
    spec, worker = of(
        "{transportOptions: {b: 3}}",
        "{broker: {redis: {host: h}, transportOptions: {a: 1, b: 2}}}",
    )
    assert defaults.transport_options(spec, worker) == {"a": 1, "b": 3}


def test_env_and_volumes_are_inherited_by_name_mounts_by_path_and_env_from_appended() -> None:
    spec, worker = of(
        """
        env: [{name: B, value: own}, {name: C, value: own}]
        volumes: [{name: v, emptyDir: {medium: Memory}}]
        volumeMounts: [{name: w, mountPath: /v}]
        envFrom: [{secretRef: {name: own}}]
        """,
        """
        env: [{name: A, value: x}, {name: B, value: x}]
        volumes: [{name: v, emptyDir: {}}, {name: w, emptyDir: {}}]
        volumeMounts: [{name: v, mountPath: /v}]
        envFrom: [{configMapRef: {name: shared}}]
        """,
    )
    assert defaults.env(spec, worker) == [
        {"name": "A", "value": "x"},
        {"name": "B", "value": "own"},
        {"name": "C", "value": "own"},
    ]
    assert defaults.volumes(spec, worker) == [
        {"name": "v", "emptyDir": {"medium": "Memory"}},
        {"name": "w", "emptyDir": {}},
    ]
    assert defaults.volume_mounts(spec, worker) == [{"name": "w", "mountPath": "/v"}]
    assert defaults.env_from(spec, worker) == [
        {"configMapRef": {"name": "shared"}},
        {"secretRef": {"name": "own"}},
    ]


def ids(security: Security) -> tuple[Any, ...]:
    return security.run_as_user, security.run_as_group, security.fs_group


def test_security_is_inherited_field_by_field() -> None:
    spec, worker = of(
        "{security: {runAsUser: 5, readOnlyRootFilesystem: false}}",
        "{security: {profile: Baseline, runAsGroup: 7, readOnlyRootFilesystem: true}}",
    )
    found = defaults.security(spec, worker)
    assert ids(found) == (5, 7, 1000)
    assert found.profile == "Baseline"
    assert found.read_only_root_filesystem is False


def test_a_component_can_give_the_ids_back_to_the_cluster() -> None:
    spec, worker = of("{security: {runAsUser: null}}")
    assert ids(defaults.security(spec, worker)) == (None, 1000, 1000)


REDIS = "redis: {passwordFrom: {secretKeyRef: {name: s, key: k}}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{REDIS}}}", (999, 999, 999)),
        (f"{REDIS}}}\nsecurity: {{runAsUser: 2000}}", (999, 999, 999)),
        (f"{REDIS}}}\nsecurity: {{runAsUser: null, fsGroup: null}}", (None, None, None)),
        (f"{REDIS}, security: {{runAsUser: 5}}}}", (5, 999, 999)),
    ],
)
def test_redis_has_its_own_user(text: str, expected: tuple[int | None, ...]) -> None:
    spec = spec_of(text)
    assert spec.redis is not None
    assert ids(defaults.security(spec, spec.redis)) == expected


def test_redis_root_is_read_only_where_the_applications_is() -> None:
    shared = spec_of(f"{REDIS}}}\nsecurity: {{readOnlyRootFilesystem: true}}")
    own = spec_of(
        f"{REDIS}, security: {{readOnlyRootFilesystem: false}}}}\n"
        "security: {readOnlyRootFilesystem: true}"
    )
    assert shared.redis is not None
    assert own.redis is not None
    assert defaults.security(shared, shared.redis).read_only_root_filesystem is True
    assert defaults.security(own, own.redis).read_only_root_filesystem is False
