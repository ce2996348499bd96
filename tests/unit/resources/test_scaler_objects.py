"""What scales: a plain HorizontalPodAutoscaler, or KEDA's objects (field names of KEDA 2.21)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from celery_kustomize.model.application import CeleryApplication
from celery_kustomize.resources import keda_needs_namespace
from tests.unit.resources.rendering import Rendering, rendering

NAME = "shop-worker-a"
SECRET = "{secretKeyRef: {name: s, key: k}}"
REDIS = f"{{redis: {{host: redis, passwordFrom: {SECRET}}}}}"


def of(
    autoscaling: str, broker: str = REDIS, worker: str = "queues: [q]", more: str = ""
) -> Rendering:
    return rendering(
        f"""
broker: {broker}
workers: [{{name: a, {worker}, autoscaling: {autoscaling}}}]
{more}
""",
        "{name: shop, namespace: shop}",
    )


def spec(found: Rendering) -> dict[str, Any]:
    result: dict[str, Any] = found("ScaledObject", NAME)["spec"]
    return result


def triggers(found: Rendering) -> list[dict[str, Any]]:
    result: list[dict[str, Any]] = spec(found)["triggers"]
    return result


def authentication(found: Rendering) -> dict[str, Any] | None:
    item = found.objects.get(("TriggerAuthentication", NAME))
    return None if item is None else item["spec"]


QUEUE = "{maxReplicas: 5, queueLength: {target: 4}}"


def test_cpu_and_memory_alone_need_no_keda() -> None:
    found = of(
        "{minReplicas: 2, maxReplicas: 5, cpu: {averageUtilization: 70}, memory: "
        "{averageValue: 1Gi}, behavior: {scaleDown: {stabilizationWindowSeconds: 60}}}"
    )
    assert found.kinds(NAME) == ["Deployment", "PodDisruptionBudget", "HorizontalPodAutoscaler"]
    assert found("HorizontalPodAutoscaler", NAME)["spec"] == {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": NAME},
        "minReplicas": 2,
        "maxReplicas": 5,
        "metrics": [
            {
                "type": "Resource",
                "resource": {
                    "name": "cpu",
                    "target": {"type": "Utilization", "averageUtilization": 70},
                },
            },
            {
                "type": "Resource",
                "resource": {
                    "name": "memory",
                    "target": {"type": "AverageValue", "averageValue": "1Gi"},
                },
            },
        ],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}},
    }


@pytest.mark.parametrize("autoscaling", ["{maxReplicas: 2, cpu: {averageUtilization: 70}}", QUEUE])
def test_what_is_scaled_has_no_fixed_replicas(autoscaling: str) -> None:
    found = of(autoscaling, worker="queues: [q], replicas: 7")
    assert "replicas" not in found("Deployment", NAME)["spec"]


@pytest.mark.parametrize(
    "autoscaling",
    [
        QUEUE,
        "{maxReplicas: 2, schedules: [{start: 0 8 * * *, end: 0 9 * * *, replicas: 1}]}",
        "{maxReplicas: 2, triggers: [{type: x, metadata: {}}]}",
    ],
)
def test_anything_else_is_a_scaled_object(autoscaling: str) -> None:
    found = of(autoscaling)
    assert ("HorizontalPodAutoscaler", NAME) not in found.objects
    assert spec(found)["scaleTargetRef"] == {"name": NAME}


@pytest.mark.parametrize(("grace", "slow"), [(300, False), (301, True), (None, True)])
def test_pods_that_stop_slowly_go_one_at_a_time(grace: int | None, slow: bool) -> None:
    shutdown = "" if grace is None else f", shutdown: {{gracePeriodSeconds: {grace}}}"
    behavior = {"scaleDown": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}}
    keda = spec(of(QUEUE, worker=f"queues: [q]{shutdown}"))
    hpa = of("{maxReplicas: 2, cpu: {averageUtilization: 5}}", worker=f"queues: [q]{shutdown}")
    expected = behavior if slow else None
    advanced = keda.get("advanced", {}).get("horizontalPodAutoscalerConfig", {})
    assert advanced.get("behavior") == expected
    assert hpa("HorizontalPodAutoscaler", NAME)["spec"].get("behavior") == expected


def test_fields_of_the_scaled_object() -> None:
    found = spec(
        of(
            "{minReplicas: 0, maxReplicas: 9, queueLength: {target: 4}, pollingIntervalSeconds: 5,"
            " cooldownPeriodSeconds: 7, fallback: {failureThreshold: 3, replicas: 2}}",
            worker="queues: [q], shutdown: {gracePeriodSeconds: 10}",
        )
    )
    assert {key: value for key, value in found.items() if key != "triggers"} == {
        "scaleTargetRef": {"name": NAME},
        "pollingInterval": 5,
        "cooldownPeriod": 7,
        "minReplicaCount": 0,
        "maxReplicaCount": 9,
        "fallback": {"failureThreshold": 3, "replicas": 2},
    }


@pytest.mark.parametrize(
    ("least", "grace", "cooldown"), [(0, 900, 900), (0, 300, None), (1, 900, None)]
)
def test_the_step_to_zero_waits_as_long_as_a_task_may_run(
    least: int, grace: int, cooldown: int | None
) -> None:
    found = of(
        f"{{minReplicas: {least}, maxReplicas: 2, queueLength: {{target: 1}}}}",
        worker=f"queues: [q], shutdown: {{gracePeriodSeconds: {grace}}}",
    )
    assert spec(found).get("cooldownPeriod") == cooldown


def test_paused_and_unknown_to_argo_cds_dry_run() -> None:
    annotations = of("{maxReplicas: 2, paused: true, queueLength: {target: 1}}")(
        "ScaledObject", NAME
    )["metadata"]["annotations"]
    assert annotations == {
        "argocd.argoproj.io/sync-options": "SkipDryRunOnMissingResource=true",
        "autoscaling.keda.sh/paused": "true",
    }


# --- the backlog --------------------------------------------------------------------------------


def test_one_queue_needs_no_formula() -> None:
    found = of(QUEUE, worker="queues: [q], shutdown: {gracePeriodSeconds: 1}")
    assert "advanced" not in spec(found)
    assert triggers(found) == [
        {
            "type": "redis",
            "name": "q",
            "metadata": {
                "address": "redis.shop.svc:6379",
                "databaseIndex": "0",
                "listName": "q",
                "listLength": "4",
            },
            "authenticationRef": {"name": NAME},
        }
    ]
    assert authentication(found) == {
        "secretTargetRef": [{"parameter": "password", "name": "s", "key": "k"}]
    }


FORMULAS = [
    ("queues: [a, b]", "{target: 4}", "", "a + b"),
    ("queues: [q], acksLate: true", "{target: 4}", "", "q + unacked_shop_a"),
    ("queues: [q]", "{target: 4, countUnacked: true}", "", "q + unacked_shop_a"),
    ("queues: [q], acksLate: true", "{target: 4, countUnacked: false}", "", None),
    ("queues: [a, b]", "{target: 4, queues: [b]}", "", None),
    ("queues: [q]", "{target: 4, priorities: [0, 3]}", "", "q + q__3"),
    ("queues: [q]", "{target: 4}", "8", "max(q, schedule_1 * 4)"),
    (
        "queues: [a, b], acksLate: true",
        "{target: 4}",
        "8, 9",
        "max(a + b + unacked_shop_a, schedule_1 * 4, schedule_2 * 4)",
    ),
    ("queues: [Orders.EU, orders-eu]", "{target: 4}", "", "orders_eu + orders_eu_2"),
    ("queues: ['1st', _x]", "{target: 4}", "", "q_1st + q__x"),
    ("queues: [matches, in, 'true']", "{target: 4}", "", "q_matches + q_in + q_true"),
    ("queues: [schedule_1]", "{target: 4}", "8", "max(q_schedule_1, schedule_1 * 4)"),
    ("queues: [日本, q]", "{target: 4}", "", "q___ + q"),
]


@pytest.mark.parametrize(
    ("worker", "length", "hours", "formula"), FORMULAS, ids=[str(case[3]) for case in FORMULAS]
)
def test_formula(worker: str, length: str, hours: str, formula: str | None) -> None:
    schedules = ", ".join(
        f"{{start: 0 {hour} * * *, end: 0 20 * * *, replicas: 2}}"
        for hour in hours.split(", ")
        if hour
    )
    found = of(
        f"{{maxReplicas: 5, queueLength: {length}, schedules: [{schedules}]}}", worker=worker
    )
    modifiers = spec(found).get("advanced", {}).get("scalingModifiers")
    if formula is None:
        assert modifiers is None
        return
    assert modifiers == {"formula": formula, "target": "4"}
    names = [trigger["name"] for trigger in triggers(found)]
    assert len(names) == len(set(names))
    # The formula uses exactly the triggers' names, each a variable of KEDA's language.
    assert set(re.findall(r"[a-z_]\w*", formula)) - {"max"} == set(names)


def test_activation_alone_needs_a_formula() -> None:
    found = of("{maxReplicas: 5, queueLength: {target: 4, activation: 2}}")
    assert spec(found)["advanced"]["scalingModifiers"] == {
        "formula": "q",
        "target": "4",
        "activationTarget": "2",
    }


@pytest.mark.parametrize(
    ("worker", "target"), [("concurrency: 8", "8"), ("pool: gevent", "100"), ("queues: [q]", "2")]
)
def test_the_target_is_what_a_replica_runs_at_once(worker: str, target: str) -> None:
    found = of("{maxReplicas: 5, queueLength: {}}", worker=worker)
    assert triggers(found)[0]["metadata"]["listLength"] == target


def test_without_queues_the_default_one_counts() -> None:
    assert triggers(of(QUEUE, worker="pool: solo"))[0]["metadata"]["listName"] == "celery"


def lists(found: Rendering) -> list[str]:
    return [trigger["metadata"]["listName"] for trigger in triggers(found)]


def test_priorities_have_lists_of_their_own() -> None:
    assert lists(of("{maxReplicas: 5, queueLength: {priorities: [0, 3, 9]}}")) == [
        "q",
        "q\x06\x163",
        "q\x06\x169",
    ]


def test_transport_options_name_the_lists() -> None:
    broker = (
        "{redis: {host: r.x}, transportOptions: {priority_steps: [0, 5], sep: ':', "
        "global_keyprefix: 'p-'}}"
    )
    found = of("{maxReplicas: 5, queueLength: {countUnacked: true}}", broker)
    assert lists(found) == ["p-q", "p-q:5", "p-unacked:shop:a"]


def test_each_scaled_set_has_its_own_hash_of_running_tasks() -> None:
    found = of("{maxReplicas: 5, queueLength: {}}", worker="queues: [q], acksLate: true")
    assert lists(found) == ["q", "unacked:shop:a"]
    assert any(
        word.startswith("broker_transport_options=") and '"unacked_key": "unacked:shop:a"' in word
        for word in found.command_line(NAME)
    )


def test_a_hash_that_the_user_names_stays() -> None:
    broker = "{redis: {host: r.x}, transportOptions: {unacked_key: mine}}"
    found = of("{maxReplicas: 5, queueLength: {countUnacked: true}}", broker)
    assert lists(found) == ["q", "mine"]
    assert not any("unacked" in word for word in found.command_line(NAME))


def test_schedules_cpu_and_raw_triggers() -> None:
    found = of(
        """{maxReplicas: 5, cpu: {averageUtilization: 70}, memory: {averageValue: 1Gi},
schedules: [{timezone: Asia/Tokyo, start: 0 8 * * *, end: 0 18 * * *, replicas: 2}],
triggers: [{type: nats, name: n, metadata: {a: "1"}, metricType: Value, useCachedMetrics: true,
authenticationRef: {name: x, kind: ClusterTriggerAuthentication}}]}"""
    )
    assert triggers(found) == [
        {
            "type": "cron",
            "name": "schedule_1",
            "metadata": {
                "timezone": "Asia/Tokyo",
                "start": "0 8 * * *",
                "end": "0 18 * * *",
                "desiredReplicas": "2",
            },
        },
        {"type": "cpu", "metricType": "Utilization", "metadata": {"value": "70"}},
        {"type": "memory", "metricType": "AverageValue", "metadata": {"value": "1Gi"}},
        {
            "type": "nats",
            "name": "n",
            "metadata": {"a": "1"},
            "metricType": "Value",
            "useCachedMetrics": True,
            "authenticationRef": {"name": "x", "kind": "ClusterTriggerAuthentication"},
        },
    ]
    assert authentication(found) is None


# --- brokers ------------------------------------------------------------------------------------


def test_managed_redis() -> None:
    found = of(
        QUEUE,
        "{managedRedis: {database: 3}}",
        more="redis: {name: cache, passwordFrom: {secretKeyRef: {name: r, key: p}}}",
    )
    metadata = triggers(found)[0]["metadata"]
    assert metadata["address"] == "cache.shop.svc:6379"
    assert metadata["databaseIndex"] == "3"
    assert authentication(found) == {
        "secretTargetRef": [{"parameter": "password", "name": "r", "key": "p"}]
    }


def test_redis_with_tls_and_a_user() -> None:
    found = of(
        QUEUE,
        f"{{redis: {{host: r.data.svc, port: 1, username: u, passwordFrom: {SECRET}, tls: "
        "{caFrom: {configMapKeyRef: {name: ca, key: c}}, insecureSkipVerify: true}}}",
    )
    assert triggers(found)[0]["metadata"] == {
        "address": "r.data.svc:1",
        "databaseIndex": "0",
        "username": "u",
        "enableTLS": "true",
        "unsafeSsl": "true",
        "listName": "q",
        "listLength": "4",
    }
    assert authentication(found) == {
        "secretTargetRef": [{"parameter": "password", "name": "s", "key": "k"}],
        "configMapTargetRef": [{"parameter": "ca", "name": "ca", "key": "c"}],
    }


def test_sentinel() -> None:
    found = of(
        QUEUE,
        f"{{sentinel: {{hosts: [a, b.x], masterName: m, database: 2, passwordFrom: {SECRET},"
        f" sentinelUsername: su, sentinelPasswordFrom: {SECRET}}}}}",
    )
    assert triggers(found)[0]["type"] == "redis-sentinel"
    assert triggers(found)[0]["metadata"] == {
        "addresses": "a.shop.svc:26379,b.x:26379",
        "sentinelMaster": "m",
        "sentinelUsername": "su",
        "databaseIndex": "2",
        "listName": "q",
        "listLength": "4",
    }
    found_authentication = authentication(found)
    assert found_authentication is not None
    assert sorted(s["parameter"] for s in found_authentication["secretTargetRef"]) == [
        "password",
        "sentinelPassword",
    ]


def variables(found: Rendering) -> dict[str, Any]:
    return {
        name: value
        for name, value in found.env(NAME).items()
        if name in ("BROKER_USERNAME", "BROKER_TLS")
    }


def test_rabbitmq_by_amqp() -> None:
    found = of(QUEUE, f"{{rabbitmq: {{host: r, vhost: a/b, username: u, passwordFrom: {SECRET}}}}}")
    assert triggers(found)[0]["metadata"] == {
        "host": "amqp://r.shop.svc:5672/a%2Fb",
        "protocol": "amqp",
        "usernameFromEnv": "BROKER_USERNAME",
        "queueName": "q",
        "mode": "QueueLength",
        "value": "4",
    }
    # KEDA reads the name from the environment of the worker's container.
    assert variables(found) == {"BROKER_USERNAME": "u"}
    assert authentication(found) == {
        "secretTargetRef": [{"parameter": "password", "name": "s", "key": "k"}]
    }


@pytest.mark.parametrize(
    ("worker", "excluded"), [("queues: [q]", "true"), ("acksLate: true", None)]
)
def test_rabbitmqs_management_counts_running_tasks(worker: str, excluded: str | None) -> None:
    found = of(
        QUEUE,
        f"{{rabbitmq: {{host: r.x, usernameFrom: {SECRET}, passwordFrom: {SECRET},"
        " managementPort: 15672}}",
        worker,
    )
    metadata = triggers(found)[0]["metadata"]
    assert (metadata["host"], metadata["protocol"]) == ("http://r.x:15672//", "http")
    assert metadata.get("excludeUnacknowledged") == excluded
    assert "usernameFromEnv" not in metadata
    found_authentication = authentication(found)
    assert found_authentication is not None
    assert [s["parameter"] for s in found_authentication["secretTargetRef"]] == [
        "username",
        "password",
    ]


def test_rabbitmq_with_tls_tells_keda_by_a_variable() -> None:
    found = of(
        QUEUE,
        f"{{rabbitmq: {{host: r.x, username: u, passwordFrom: {SECRET},"
        f" tls: {{caFrom: {SECRET}}}}}}}",
    )
    assert triggers(found)[0]["metadata"]["host"] == "amqps://r.x:5671//"
    found_authentication = authentication(found)
    assert found_authentication is not None
    assert found_authentication["env"] == [{"parameter": "tls", "name": "BROKER_TLS"}]
    assert variables(found) == {"BROKER_USERNAME": "u", "BROKER_TLS": "enable"}


def test_a_url_from_a_secret_leaves_the_scaler_what_it_needs() -> None:
    found = of(
        QUEUE,
        f"{{urlFrom: {SECRET}, rabbitmq: {{host: r.x, username: u, passwordFrom: {SECRET}}}}}",
    )
    assert triggers(found)[0]["metadata"]["usernameFromEnv"] == "BROKER_USERNAME"
    assert variables(found) == {"BROKER_USERNAME": "u"}


@pytest.mark.parametrize(
    "autoscaling",
    [
        "{maxReplicas: 2, cpu: {averageUtilization: 5}}",
        "{maxReplicas: 2, queueLength: {authenticationRef: {name: x}}}",
        "{maxReplicas: 2, queueLength: {source: Prometheus}}",
    ],
)
def test_variables_for_keda_are_there_only_when_it_reads_them(autoscaling: str) -> None:
    broker = f"{{rabbitmq: {{host: r.x, username: u, passwordFrom: {SECRET}, tls: {{}}}}}}"
    assert variables(of(autoscaling, broker)) == {}


@pytest.mark.parametrize(
    ("queue", "url"),
    [
        ("jobs", "https://sqs/1/jobs"),
        ("a.b", "p-a-b"),
        ("x.y.fifo", "p-x-y.fifo"),
    ],
)
def test_sqs(queue: str, url: str) -> None:
    found = of(
        QUEUE,
        "{sqs: {region: eu, queueNamePrefix: p-, predefinedQueues: {jobs: {url: "
        f"'https://sqs/1/jobs'}}}}, accessKeyIdFrom: {SECRET}, secretAccessKeyFrom: {SECRET}}}}}",
        f"queues: [{queue}]",
    )
    assert triggers(found)[0]["metadata"] == {
        "queueURL": url,
        "awsRegion": "eu",
        "queueLength": "4",
        "scaleOnInFlight": "false",
    }
    found_authentication = authentication(found)
    assert found_authentication is not None
    assert [s["parameter"] for s in found_authentication["secretTargetRef"]] == [
        "awsAccessKeyID",
        "awsSecretAccessKey",
    ]


def test_pod_identity() -> None:
    found = of("{maxReplicas: 2, queueLength: {podIdentity: aws}}", "{sqs: {region: eu}}")
    assert authentication(found) == {"podIdentity": {"provider": "aws"}}
    assert triggers(found)[0]["authenticationRef"] == {"name": NAME}


def test_kafka() -> None:
    found = of(
        QUEUE,
        f"{{kafka: {{hosts: [a, b.x], username: u, passwordFrom: {SECRET}, sasl: plaintext,"
        f" tls: {{caFrom: {SECRET}, insecureSkipVerify: true}}}}}}",
    )
    assert triggers(found)[0]["metadata"] == {
        "bootstrapServers": "a.shop.svc:9092,b.x:9092",
        "sasl": "plaintext",
        "tls": "enable",
        "unsafeSsl": "true",
        "topic": "q",
        "consumerGroup": "q-consumer-group",
        "lagThreshold": "4",
    }
    found_authentication = authentication(found)
    assert found_authentication is not None
    # The scaler takes a user name from a TriggerAuthentication only.
    assert found_authentication["env"] == [{"parameter": "username", "name": "BROKER_USERNAME"}]
    assert variables(found) == {"BROKER_USERNAME": "u"}


def test_pubsub_and_service_bus() -> None:
    pubsub = of(QUEUE, f"{{pubsub: {{projectId: p, credentialsFrom: {SECRET}}}}}")
    assert triggers(pubsub)[0]["metadata"] == {
        "subscriptionName": "kombu-q",
        "mode": "SubscriptionSize",
        "value": "4",
    }
    assert authentication(pubsub) == {
        "secretTargetRef": [{"parameter": "GoogleApplicationCredentials", "name": "s", "key": "k"}]
    }
    bus = of(QUEUE, "{azureServiceBus: {namespace: n, queueNamePrefix: p-}}")
    assert triggers(bus)[0]["metadata"] == {
        "queueName": "p-q",
        "namespace": "n",
        "messageCount": "4",
    }


def test_prometheus() -> None:
    found = of(
        "{maxReplicas: 2, queueLength: {target: 4, source: Prometheus, serverAddress: 'http://p'}}",
        worker="queues: [a.b, c-d, 'e\"f']",
    )
    assert triggers(found) == [
        {
            "type": "prometheus",
            "name": "backlog",
            "metadata": {
                "serverAddress": "http://p",
                # A string of PromQL has escapes of its own, as Go's strings have.
                "query": r"""sum(celery_queue_length{queue_name=~"a\\.b|c-d|e\"f"})""",
                "threshold": "4",
            },
        }
    ]


def test_flower() -> None:
    found = of(
        "{maxReplicas: 2, queueLength: {target: 4, source: Flower}}",
        more=f"flower: {{urlPrefix: /f/, service: {{port: 80}}, apiAuthFrom: {SECRET}}}",
    )
    assert triggers(found)[0]["metadata"] == {
        "url": "http://shop-flower.shop.svc:80/f/api/queues/length",
        "valueLocation": 'active_queues.#(name=="q").messages',
        "targetValue": "4",
        "authMode": "apiKey",
        "method": "header",
        "keyParamName": "Authorization",
    }
    assert authentication(found) == {
        "secretTargetRef": [{"parameter": "apiKey", "name": "s", "key": "k"}]
    }


def test_credentials_that_exist_already() -> None:
    found = of(
        "{maxReplicas: 2, queueLength: {authenticationRef: {name: x, kind: "
        "ClusterTriggerAuthentication}}}"
    )
    reference = {"name": "x", "kind": "ClusterTriggerAuthentication"}
    assert triggers(found)[0]["authenticationRef"] == reference
    assert authentication(found) is None


def test_no_credentials_no_authentication() -> None:
    found = of(QUEUE, "{redis: {host: r}}")
    assert authentication(found) is None
    assert "authenticationRef" not in triggers(found)[0]


def test_every_value_of_a_trigger_is_a_string() -> None:
    found = of("{maxReplicas: 5, queueLength: {}, cpu: {averageUtilization: 5}}")
    for trigger in triggers(found):
        assert all(isinstance(value, str) for value in trigger["metadata"].values())


# --- namespaces ---------------------------------------------------------------------------------


def needed(broker: str, length: str = "{}", more: dict[str, Any] | None = None) -> Any:
    import yaml

    application = CeleryApplication.model_validate(
        {
            "apiVersion": "celeryproject.org/v1beta1",
            "kind": "CeleryApplication",
            "metadata": {"name": "shop"},
            "spec": {
                "broker": yaml.safe_load(broker),
                "workers": [
                    {"name": "z"},
                    {
                        "name": "a",
                        "autoscaling": {"maxReplicas": 2, "queueLength": yaml.safe_load(length)},
                    },
                ],
                **(more or {}),
            },
        }
    )
    return keda_needs_namespace(application)


PLACE = ("spec", "workers", 1, "autoscaling", "queueLength")


@pytest.mark.parametrize(
    ("broker", "length", "place"),
    [
        ("{managedRedis: {}}", "{}", PLACE),
        ("{redis: {host: r}}", "{}", PLACE),
        ("{redis: {host: r.data.svc}}", "{}", None),
        ("{sentinel: {hosts: [a.x, b], masterName: m}}", "{}", PLACE),
        ("{rabbitmq: {host: r}}", "{}", PLACE),
        ("{kafka: {hosts: [k]}}", "{}", PLACE),
        ("{sqs: {region: r}}", "{}", None),
        ("{pubsub: {projectId: p}}", "{}", None),
        ("{redis: {host: r}}", "{source: Prometheus}", None),
        ("{redis: {host: r.x}}", "{source: Flower}", PLACE),
    ],
)
def test_short_host_names_need_the_namespace(broker: str, length: str, place: Any) -> None:
    assert needed(broker, length) == place


def test_without_a_namespace_the_short_name_stays() -> None:
    found = rendering(f"broker: {REDIS}\nworkers: [{{name: a, autoscaling: {QUEUE}}}]")
    assert triggers(found)[0]["metadata"]["address"] == "redis:6379"


def test_web_scales_by_cpu() -> None:
    found = rendering(
        "web: {command: [x], autoscaling: {maxReplicas: 3, memory: {averageUtilization: 80}}}"
    )
    spec_found = found("HorizontalPodAutoscaler", "shop-web")["spec"]
    assert spec_found["minReplicas"] == 1
    assert "behavior" not in spec_found
