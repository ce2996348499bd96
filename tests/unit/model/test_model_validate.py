"""What is wrong in a spec is told with its line, its path and what to write instead."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING, Any

import pytest

from celery_kustomize.k8s import names
from celery_kustomize.load.yaml import parse
from celery_kustomize.model.application import (
    CeleryApplication,
    CeleryApplicationDefaults,
    CeleryApplicationOverlay,
)
from celery_kustomize.model.validate import validate

if TYPE_CHECKING:
    from celery_kustomize.located import Map
    from celery_kustomize.model.base import Model

HEAD = "apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplication\nmetadata: {name: shop}\n"


def located(text: str) -> Map:
    documents, problems = parse(text.encode(), "shop.yaml")
    assert problems == []
    return documents[0]


def application(spec: str) -> Map:
    body = indent(dedent(spec).strip("\n"), "  ")
    return located(f"{HEAD}spec:\n{body}\n" if body else f"{HEAD}spec: {{}}\n")


def told(document: Map, model: type[Model] = CeleryApplication) -> list[str]:
    return sorted(map(str, validate(model, document).problems))


def problems(spec: str) -> list[str]:
    return told(application(spec))


def model_of(spec: str) -> CeleryApplication:
    result = validate(CeleryApplication, application(spec))
    assert result.problems == []
    assert result.model is not None
    return result.model


PREFIX = "shop.yaml:5: spec."
UNKNOWN = [
    ("workes: []", 'workes: unknown field; did you mean "workers"?'),
    ("Workers: []", 'Workers: unknown field; did you mean "workers"?'),
    ("celery_command: [x]", 'celery_command: unknown field; did you mean "celeryCommand"?'),
    ("nothingLikeIt: 1", "nothingLikeIt: unknown field"),
    (
        "workers: [{name: a, concurency: 4}]",
        'workers[a].concurency: unknown field; did you mean "concurrency"?',
    ),
    (
        "workerDefaults: {shutdown: {gracePeriodSecs: 4}}",
        "workerDefaults.shutdown.gracePeriodSecs: unknown field; did you mean "
        '"gracePeriodSeconds"?',
    ),
    (
        "workers: [{name: a, autoscaling: {maxReplicas: 1, queueLength: {taget: 4}}}]",
        'workers[a].autoscaling.queueLength.taget: unknown field; did you mean "target"?',
    ),
    (
        "broker: {sqs: {region: r, predefinedQueues: {q: {url: u, ulr: u}}}}",
        'broker.sqs.predefinedQueues.q.ulr: unknown field; did you mean "url"?',
    ),
    (
        "flower: {oauth: {}, ingres: {}}",
        'flower.ingres: unknown field; did you mean "ingress"?',
    ),
    (
        "overlays: [{name: prod, overides: {}}]",
        'overlays[prod].overides: unknown field; did you mean "overrides"?',
    ),
    (
        "workers: [{name: a, resources: {limit: {cpu: 1}}}]",
        'workers[a].resources.limit: unknown field "limit"; did you mean "limits"?',
    ),
    (
        "env: [{name: A, valueFrom: {secretKeyRef: {nam: s, name: s, key: k}}}]",
        'env[A].valueFrom.secretKeyRef.nam: unknown field "nam"; did you mean "name"?',
    ),
    (
        "web: {podTemplate: {spec: {containers: [{name: web, imagePullPolicyy: x}]}}}",
        'web.podTemplate.spec.containers[web].imagePullPolicyy: unknown field "imagePullPolicyy"; '
        'did you mean "imagePullPolicy"?',
    ),
]


@pytest.mark.parametrize(("spec", "problem"), UNKNOWN, ids=[case[0] for case in UNKNOWN])
def test_unknown_fields_at_every_depth(spec: str, problem: str) -> None:
    assert f"{PREFIX}{problem}" in problems(spec)


WRONG = [
    ("app: 5", "app: expected a string, got the number 5: write it in quotes"),
    (
        "celeryVersion: 5.5",
        "celeryVersion: expected a string, got the number 5.5: write it in quotes",
    ),
    ("app: true", "app: expected a string, got true: write it in quotes"),
    ("app: [a]", "app: expected a string, got a list"),
    ("app: {a: b}", "app: expected a string, got a map"),
    ("app: ''", "app: must not be empty"),
    ("celeryCommand: []", "celeryCommand: must not be empty"),
    ("workers: {a: b}", "workers: expected a list, got a map"),
    ("workers: [5]", "workers[0]: expected a map, got the number 5"),
    ("beat: 5", "beat: expected a map, got the number 5"),
    ("config: {values: [a]}", "config.values: expected a map, got a list"),
    (
        "config: {values: {a.b: 1}}",
        "config.values[a.b]: is not the name of a setting: write letters, digits and underscores",
    ),
    (
        "workerDefaults: {replicas: 1.5}",
        "workerDefaults.replicas: expected a whole number, got the number 1.5",
    ),
    (
        "workerDefaults: {replicas: '2'}",
        "workerDefaults.replicas: expected a whole number, got a string: write it without quotes",
    ),
    (
        "workerDefaults: {replicas: many}",
        "workerDefaults.replicas: expected a whole number, got a string",
    ),
    (
        "workerDefaults: {replicas: true}",
        "workerDefaults.replicas: expected a whole number, got true",
    ),
    (
        "workerDefaults: {replicas: -1}",
        "workerDefaults.replicas: -1 must be at least 0",
    ),
    (
        "workerDefaults: {concurrency: 0}",
        "workerDefaults.concurrency: 0 must be at least 1",
    ),
    ("flower: {port: 65536}", "flower.port: 65536 must be at most 65535"),
    ("web: {service: {nodePort: 0}}", "web.service.nodePort: 0 must be at least 1"),
    (
        "workerDefaults: {heartbeat: 'false'}",
        "workerDefaults.heartbeat: expected true or false, got a string: write it without quotes",
    ),
    (
        "workerDefaults: {heartbeat: no}",
        "workerDefaults.heartbeat: expected true or false, got a string",
    ),
    (
        "workerDefaults: {heartbeat: 0}",
        "workerDefaults.heartbeat: expected true or false, got the number 0",
    ),
    (
        "workerDefaults: {pool: forks}",
        'workerDefaults.pool: "forks" is not one of prefork, gevent, eventlet, solo or threads',
    ),
    (
        "workerDefaults: {pool: 5}",
        "workerDefaults.pool: 5 is not one of prefork, gevent, eventlet, solo or threads",
    ),
    (
        "beat: {healthCheck: {staleAfterSeconds: 90}}",
        "beat.healthCheck.staleAfterSeconds: 90 must be a multiple of 60",
    ),
    (
        "celeryVersion: '5'",
        'celeryVersion: "5" does not have the form ^\\d+\\.\\d+(\\.\\d+)?$',
    ),
    (
        "workerDefaults: {labels: {a: 5}}",
        "workerDefaults.labels.a: expected a string, got the number 5: write it in quotes",
    ),
    (
        "workerDefaults: {labels: {a: [x]}}",
        "workerDefaults.labels.a: expected a string, got a list",
    ),
    ("workerDefaults: {labels: [a]}", "workerDefaults.labels: expected a map, got a list"),
    (
        "workerDefaults: {nodeSelector: {a: true}}",
        "workerDefaults.nodeSelector.a: expected a string, got true: write it in quotes",
    ),
    (
        "workerDefaults: {maxMemoryPerChild: [a]}",
        "workerDefaults.maxMemoryPerChild: expected a quantity such as 500m, 2, 512Mi or 10Gi",
    ),
    (
        "workerDefaults: {rollout: {maxSurge: half}}",
        "workerDefaults.rollout.maxSurge: expected a number of pods (2) or a percentage in quotes "
        '("25%")',
    ),
    (
        "broker: {}",
        "broker: write one of url, managedRedis, redis, sentinel, rabbitmq, sqs, kafka, pubsub, "
        "azureServiceBus, urlFrom",
    ),
    ("broker: {url: a, managedRedis: {}}", "broker: write exactly one of url, managedRedis"),
    (
        "broker: {url: a, urlFrom: {secretKeyRef: {name: s, key: k}}}",
        "broker: write exactly one of url, urlFrom",
    ),
    (
        "resultBackend: {redis: {host: h, tls: {certFrom: {secretKeyRef: {name: s, key: k}}}}}",
        "resultBackend.redis.tls: certFrom and keyFrom go together: write both or neither",
    ),
    (
        "broker: {rabbitmq: {host: h, username: u}}",
        "broker.rabbitmq: a user name needs passwordFrom: {secretKeyRef: {name: ..., key: ...}}",
    ),
    (
        "beat: {storage: {}}",
        "beat.storage: write size (a new volume) or existingClaim, one of the two",
    ),
    (
        "web: {autoscaling: {maxReplicas: 2, cpu: {}}}",
        "web.autoscaling.cpu: write exactly one of averageUtilization and averageValue",
    ),
    (
        "workerDefaults: {env: [{name: A, value: 5}]}",
        'workerDefaults.env[A].value: expected a string, got the number 5: write "5" in quotes',
    ),
    ("redis: {}", "redis.passwordFrom: is required"),
    ("workers: [{}]", "workers[0].name: is required"),
    (
        "broker: {redis: {host: h, passwordFrom: {secretKeyRef: {name: s}}}}",
        "broker.redis.passwordFrom.secretKeyRef.key: is required",
    ),
    ("env: [{value: x}]", "env[0].name: is required"),
]


@pytest.mark.parametrize(("spec", "problem"), WRONG, ids=[case[0] for case in WRONG])
def test_wrong_values(spec: str, problem: str) -> None:
    assert problems(spec) == [f"{PREFIX}{problem}"]


def test_every_problem_is_told_at_its_own_line() -> None:
    assert problems(
        """
        app: 5
        workers:
        - name: a
          replicas: x
          queues: 3
        - name: b
          pool: none
        beta: {}
        """
    ) == [
        'shop.yaml:11: spec.workers[b].pool: "none" is not one of prefork, gevent, eventlet, '
        "solo or threads",
        'shop.yaml:12: spec.beta: unknown field; did you mean "beat"?',
        "shop.yaml:5: spec.app: expected a string, got the number 5: write it in quotes",
        "shop.yaml:8: spec.workers[a].replicas: expected a whole number, got a string",
        "shop.yaml:9: spec.workers[a].queues: expected a list, got the number 3",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "apiVersion: v9\nkind: CeleryApplication\nmetadata: {name: a}\nspec: {}\n",
            'shop.yaml:1: apiVersion: "v9" is not one of celeryproject.org/v1beta1',
        ),
        (
            "apiVersion: celeryproject.org/v1beta1\nkind: CeleryApplication\nspec: {}\n",
            "shop.yaml:1: metadata: is required",
        ),
        (f"{HEAD}spec: []\n", "shop.yaml:4: spec: expected a map, got a list"),
        (f"{HEAD}spec:\n", "shop.yaml:4: spec: is required"),
        (
            HEAD.replace("shop", "Shop_1") + "spec: {}\n",
            "shop.yaml:3: metadata.name: " + str(names.check_dns_label("Shop_1")),
        ),
    ],
)
def test_the_document_itself(text: str, problem: str) -> None:
    assert told(located(text)) == [problem]


def test_overlay_files_and_defaults_have_models_of_their_own() -> None:
    overlay = located(
        """
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplicationOverlay
metadata: {name: prod}
spec: {aplicationRef: {name: shop}, namspace: x}
"""
    )
    assert told(overlay, CeleryApplicationOverlay) == [
        'shop.yaml:5: spec.aplicationRef: unknown field; did you mean "applicationRef"?',
        "shop.yaml:5: spec.applicationRef: is required",
        'shop.yaml:5: spec.namspace: unknown field; did you mean "namespace"?',
    ]
    defaults = located(
        """
apiVersion: celeryproject.org/v1beta1
kind: CeleryApplicationDefaults
metadata: {name: all}
spec: 5
"""
    )
    assert told(defaults, CeleryApplicationDefaults) == [
        "shop.yaml:5: spec: expected a map, got the number 5"
    ]


# --- null -------------------------------------------------------------------------------------


def test_null_means_the_default() -> None:
    spec = model_of(
        """
        app: null
        celeryCommand: null
        config: null
        workerDefaults: null
        workers:
        - {name: a, replicas: null, pool: null, env: null, rollout: null, prefetchMultiplier: null}
        beat: null
        broker: null
        overlays: null
        """
    ).spec
    assert spec == model_of("workers: [{name: a}]").spec
    assert not spec.workers[0].has("prefetch_multiplier")


def test_null_switches_off() -> None:
    spec = model_of(
        """
        security: {runAsUser: null, fsGroup: null}
        workers: [{name: a, podDisruptionBudget: null, livenessProbe: null}, {name: b}]
        """
    ).spec
    security = spec.security
    assert (security.run_as_user, security.run_as_group, security.fs_group) == (None, 1000, None)
    first, second = spec.workers
    assert first.pod_disruption_budget is None
    assert second.pod_disruption_budget is not None
    assert second.pod_disruption_budget.max_unavailable == 1
    assert first.has("liveness_probe")
    assert not first.has("startup_probe")


def test_null_inside_kubernetes_types_is_left_out_but_stays_in_a_pod_template() -> None:
    worker = model_of(
        """
        workers:
        - name: a
          resources: {limits: {cpu: null, memory: 1Gi}, requests: null}
          podTemplate: {spec: {securityContext: null}}
        """
    ).spec.workers[0]
    assert worker.resources == {"limits": {"memory": "1Gi"}}
    assert worker.pod_template == {"spec": {"securityContext": None}}


def test_null_in_free_maps_is_left_out() -> None:
    spec = model_of("config: {values: {a: null, b: {c: null, d: 1}}}").spec
    assert spec.config.values == {"b": {"d": 1}}


# --- what the user's order and notation must not change -----------------------------------------


def test_quantities_are_normal_however_written() -> None:
    one, two = (
        model_of(f"workerDefaults: {{maxMemoryPerChild: {text}}}").spec.worker_defaults
        for text in ("1024Mi", "'1Gi'")
    )
    assert one.max_memory_per_child == "1024Mi"
    assert two.max_memory_per_child == "1Gi"


def test_maps_are_in_one_order_whatever_the_user_wrote() -> None:
    def order(text: str) -> Any:
        worker = model_of(f"workers: [{{name: a, resources: {text}}}]").spec.workers[0]
        return [list(worker.resources), list(worker.resources["limits"])]

    first = order("{limits: {memory: 1Gi, cpu: 1}, requests: {cpu: 1}}")
    assert first == order("{requests: {cpu: 1}, limits: {cpu: 1, memory: 1Gi}}")


# --- what is left of a wrong document ------------------------------------------------------------


def test_a_wrong_part_leaves_the_rest_to_be_checked() -> None:
    result = validate(
        CeleryApplication,
        application("{app: shop, workers: [{name: a, replicas: x}, {name: b, queues: [q]}]}"),
    )
    assert [p.path for p in result.problems] == ["spec.workers[a].replicas"]
    assert result.model is not None
    assert [worker.name for worker in result.model.spec.workers] == ["a", "b"]
    assert result.model.spec.workers[1].queues == ["q"]
