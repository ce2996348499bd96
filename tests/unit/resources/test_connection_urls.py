"""Broker and result backend: composed URLs, certificates, transport options."""

from __future__ import annotations

import json
from typing import Any

import pytest
from kombu.utils.url import parse_url

from tests.unit.resources.rendering import Rendering, rendering

SECRET = "{secretKeyRef: {name: s, key: k}}"
REFERENCE = {"secretKeyRef": {"name": "s", "key": "k"}}


def of(connection: str, member: str = "broker", more: str = "") -> Rendering:
    return rendering(f"{member}: {connection}\nworkers: [{{name: a}}]\n{more}")


def env(found: Rendering) -> dict[str, Any]:
    generated = {"HOME", "CELERY_KUSTOMIZE_SETTINGS"}
    return {k: v for k, v in found.env("shop-worker-a").items() if k not in generated}


def settings(found: Rendering) -> dict[str, Any]:
    """Delivered settings, from the ConfigMap that the loader reads."""
    names = [item.name for item in found.folder.config_maps]
    if "shop-celery-config" not in names:
        return {}
    return {key: _read(text) for key, text in found.config_map("shop-celery-config").items()}


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


URLS: list[tuple[str, dict[str, Any]]] = [
    ("{url: 'amqp://h:5/v'}", {"CELERY_BROKER_URL": "amqp://h:5/v"}),
    (f"{{urlFrom: {SECRET}}}", {"CELERY_BROKER_URL": REFERENCE}),
    ("{redis: {host: h}}", {"CELERY_BROKER_URL": "redis://h:6379/0"}),
    (
        f"{{redis: {{host: h.x, port: 1, database: 2, username: 'u/1', passwordFrom: {SECRET}}}}}",
        {
            "BROKER_PASSWORD": REFERENCE,
            "CELERY_BROKER_URL": "redis://u%2F1:$(BROKER_PASSWORD)@h.x:1/2",
        },
    ),
    (
        f"{{redis: {{host: h, passwordFrom: {SECRET}}}}}",
        {"BROKER_PASSWORD": REFERENCE, "CELERY_BROKER_URL": "redis://:$(BROKER_PASSWORD)@h:6379/0"},
    ),
    (
        "{redis: {host: h, tls: {}}}",
        {"CELERY_BROKER_URL": "rediss://h:6379/0?ssl_cert_reqs=required&ssl_check_hostname=true"},
    ),
    (
        "{redis: {host: h, tls: {insecureSkipVerify: true}}}",
        {"CELERY_BROKER_URL": "rediss://h:6379/0?ssl_cert_reqs=none"},
    ),
    ("{rabbitmq: {host: h}}", {"CELERY_BROKER_URL": "amqp://h:5672//"}),
    (
        f"{{rabbitmq: {{host: h, port: 9, vhost: a/b, username: u@, passwordFrom: {SECRET}}}}}",
        {
            "BROKER_PASSWORD": REFERENCE,
            "CELERY_BROKER_URL": "amqp://u%40:$(BROKER_PASSWORD)@h:9/a%2Fb",
        },
    ),
    (
        f"{{rabbitmq: {{host: h, usernameFrom: {SECRET}, passwordFrom: {SECRET}, tls: {{}}}}}}",
        {
            "BROKER_USERNAME": REFERENCE,
            "BROKER_PASSWORD": REFERENCE,
            "CELERY_BROKER_URL": "amqps://$(BROKER_USERNAME):$(BROKER_PASSWORD)@h:5671//",
        },
    ),
    ("{sqs: {region: eu-west-1}}", {"CELERY_BROKER_URL": "sqs://"}),
    (
        f"{{sqs: {{region: r, endpoint: 'http://e:4566/', accessKeyIdFrom: {SECRET},"
        f" secretAccessKeyFrom: {SECRET}}}}}",
        {
            "AWS_ACCESS_KEY_ID": REFERENCE,
            "AWS_SECRET_ACCESS_KEY": REFERENCE,
            "CELERY_BROKER_URL": "sqs://e:4566",
        },
    ),
    (
        "{kafka: {hosts: [a, b], port: 9093}}",
        {"CELERY_BROKER_URL": "confluentkafka://a:9093;confluentkafka://b:9093"},
    ),
    (
        f"{{kafka: {{hosts: [a], username: u, passwordFrom: {SECRET}, sasl: scram_sha512}}}}",
        {
            "BROKER_PASSWORD": REFERENCE,
            "CELERY_BROKER_URL": "confluentkafka://u:$(BROKER_PASSWORD)@a:9092",
        },
    ),
    ("{pubsub: {projectId: p}}", {"CELERY_BROKER_URL": "gcpubsub://projects/p"}),
    (
        "{azureServiceBus: {namespace: n}}",
        {"CELERY_BROKER_URL": "azureservicebus://DefaultAzureCredential@n"},
    ),
    (
        f"{{azureServiceBus: {{namespace: n, sasPolicy: p/q, sasKeyFrom: {SECRET}}}}}",
        {
            "BROKER_PASSWORD": REFERENCE,
            "CELERY_BROKER_URL": "azureservicebus://p%2Fq:$(BROKER_PASSWORD)@n",
        },
    ),
    (
        "{sentinel: {hosts: [a, b], masterName: m, database: 3}}",
        {"CELERY_BROKER_URL": "sentinel://a:26379/3;sentinel://b:26379/3"},
    ),
    (
        f"{{sentinel: {{hosts: [a], masterName: m, username: u, passwordFrom: {SECRET},"
        f" sentinelPasswordFrom: {SECRET}}}}}",
        {
            "BROKER_PASSWORD": REFERENCE,
            "BROKER_SENTINEL_PASSWORD": REFERENCE,
            "CELERY_BROKER_URL": "sentinel://u:$(BROKER_PASSWORD)@a:26379/0",
        },
    ),
]


@pytest.mark.parametrize(("broker", "variables"), URLS, ids=[case[0][:60] for case in URLS])
def test_broker_urls(broker: str, variables: dict[str, Any]) -> None:
    found = env(of(broker))
    assert found == variables
    # $(VAR) stands only for a variable that was declared before.
    assert list(found) == list(variables)


def test_managed_redis() -> None:
    found = of(
        "{managedRedis: {database: 3}}",
        more="redis: {passwordFrom: {secretKeyRef: {name: r, key: p}}}\n"
        "resultBackend: {managedRedis: {database: 4}}",
    )
    assert env(found) == {
        "REDIS_PASSWORD": {"secretKeyRef": {"name": "r", "key": "p"}},
        "CELERY_BROKER_URL": "redis://:$(REDIS_PASSWORD)@shop-redis:6379/3",
        "CELERY_RESULT_BACKEND": "redis://:$(REDIS_PASSWORD)@shop-redis:6379/4",
    }


def test_managed_redis_with_a_name_of_its_own() -> None:
    found = of("{managedRedis: {}}", more=f"redis: {{name: cache, passwordFrom: {SECRET}}}")
    assert env(found)["CELERY_BROKER_URL"] == "redis://:$(REDIS_PASSWORD)@cache:6379/0"


def test_result_backends_have_variables_of_their_own() -> None:
    found = rendering(
        f"""
        broker: {{redis: {{host: b, passwordFrom: {{secretKeyRef: {{name: b, key: k}}}}}}}}
        resultBackend: {{redis: {{host: r, passwordFrom: {SECRET}, tls: {{}}}}}}
        workers: [{{name: a}}]
        """
    )
    assert env(found) == {
        "BROKER_PASSWORD": {"secretKeyRef": {"name": "b", "key": "k"}},
        "CELERY_BROKER_URL": "redis://:$(BROKER_PASSWORD)@b:6379/0",
        "RESULT_BACKEND_PASSWORD": REFERENCE,
        "CELERY_RESULT_BACKEND": (
            "rediss://:$(RESULT_BACKEND_PASSWORD)@r:6379/0?ssl_cert_reqs=required&ssl_check_hostname=true"
        ),
    }


def test_a_whole_url_from_a_secret_beside_a_typed_member() -> None:
    """Celery reads the URL; the member tells the scaler where the queues are."""
    found = of(f"{{urlFrom: {SECRET}, redis: {{host: h, passwordFrom: {SECRET}}}}}")
    assert env(found) == {"CELERY_BROKER_URL": REFERENCE}


def test_a_url_that_refers_to_the_users_variables_comes_after_them() -> None:
    found = of(
        "{url: 'redis://:$(PASSWORD)@h/0'}",
        more="env: [{name: PASSWORD, value: x}, {name: Z, value: z}]",
    )
    assert list(env(found)) == ["PASSWORD", "Z", "CELERY_BROKER_URL"]


def test_a_broker_url_of_the_users_own_wins() -> None:
    found = of("{redis: {host: h}}", more="env: [{name: CELERY_BROKER_URL, value: memory://}]")
    assert env(found) == {"CELERY_BROKER_URL": "memory://"}


@pytest.mark.parametrize("component", ["worker-a", "beat", "flower", "web", "migrate"])
def test_everything_that_runs_the_application_reaches_the_broker(component: str) -> None:
    found = of(
        "{redis: {host: h}}",
        more="beat: {}\nflower: {}\nweb: {command: [x]}\nmigration: {command: [x]}",
    )
    assert found.env(f"shop-{component}")["CELERY_BROKER_URL"] == "redis://h:6379/0"


def test_without_a_broker_the_image_knows_it() -> None:
    assert env(rendering("workers: [{name: a}]")) == {}


CERTIFICATES = """
caFrom: {configMapKeyRef: {name: ca, key: ca.crt}}
certFrom: {secretKeyRef: {name: client, key: tls.crt}}
keyFrom: {secretKeyRef: {name: client, key: tls.key}}
"""
TLS = "{" + ", ".join(CERTIFICATES.strip().splitlines()) + "}"


def test_certificates_are_mounted_where_the_url_says() -> None:
    found = of(f"{{redis: {{host: h, tls: {TLS}}}}}")
    folder = "/etc/celery-kustomize/broker-tls"
    assert env(found)["CELERY_BROKER_URL"] == (
        f"rediss://h:6379/0?ssl_cert_reqs=required&ssl_check_hostname=true&ssl_ca_certs={folder}/ca.pem"
        f"&ssl_certfile={folder}/cert.pem&ssl_keyfile={folder}/key.pem"
    )
    mount = {"name": "broker-tls", "mountPath": folder, "readOnly": True}
    assert mount in found.container("shop-worker-a")["volumeMounts"]
    (volume,) = [v for v in found.pod("shop-worker-a")["volumes"] if v["name"] == "broker-tls"]
    assert volume["projected"]["sources"] == [
        {"configMap": {"name": "ca", "items": [{"key": "ca.crt", "path": "ca.pem"}]}},
        {"secret": {"name": "client", "items": [{"key": "tls.crt", "path": "cert.pem"}]}},
        {"secret": {"name": "client", "items": [{"key": "tls.key", "path": "key.pem"}]}},
    ]


def test_rabbitmq_certificates_are_a_setting() -> None:
    found = of(f"{{rabbitmq: {{host: h, tls: {TLS}}}}}")
    folder = "/etc/celery-kustomize/broker-tls"
    assert settings(found) == {
        "broker_use_ssl": {
            "ca_certs": f"{folder}/ca.pem",
            "certfile": f"{folder}/cert.pem",
            "keyfile": f"{folder}/key.pem",
            "cert_reqs": 2,
            "server_hostname": None,
        }
    }


def test_rabbitmq_without_verification() -> None:
    found = of("{rabbitmq: {host: h, tls: {insecureSkipVerify: true}}}")
    assert settings(found) == {"broker_use_ssl": {"cert_reqs": 0}}


OPTIONS: list[tuple[str, dict[str, Any]]] = [
    ("{redis: {host: h}, transportOptions: {visibility_timeout: 5}}", {"visibility_timeout": 5}),
    ("{sentinel: {hosts: [a], masterName: m}}", {"master_name": "m"}),
    (
        f"{{sentinel: {{hosts: [a], masterName: m, sentinelUsername: u,"
        f" sentinelPasswordFrom: {SECRET}, sentinelTls: {{}}}}}}",
        {
            "master_name": "m",
            "sentinel_kwargs": {
                "username": "u",
                "password": "$(BROKER_SENTINEL_PASSWORD)",
                "ssl": True,
                "ssl_cert_reqs": "required",
            },
        },
    ),
    (
        "{sqs: {region: r, queueNamePrefix: p-, predefinedQueues: {q: {url: u}}}}",
        {"region": "r", "queue_name_prefix": "p-", "predefined_queues": {"p-q": {"url": "u"}}},
    ),
    ("{sqs: {region: r, endpoint: 'http://e'}}", {"region": "r", "is_secure": False}),
    ("{sqs: {region: r, endpoint: 'https://e'}}", {"region": "r", "is_secure": True}),
    ("{pubsub: {projectId: p}}", {"queue_name_prefix": "kombu-"}),
    ("{azureServiceBus: {namespace: n, queueNamePrefix: p}}", {"queue_name_prefix": "p"}),
    (
        f"{{kafka: {{hosts: [a], username: u, passwordFrom: {SECRET}, sasl: plaintext}}}}",
        {"security_protocol": "SASL_PLAINTEXT", "sasl_mechanism": "PLAIN"},
    ),
    (
        f"{{kafka: {{hosts: [a], username: u, passwordFrom: {SECRET}, sasl: scram_sha256,"
        " tls: {insecureSkipVerify: true}}}",
        {
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-256",
            "kafka_common_config": {"enable.ssl.certificate.verification": False},
        },
    ),
    (
        "{kafka: {hosts: [a], tls: {}}}",
        {"kafka_common_config": {"security.protocol": "SSL"}},
    ),
]


@pytest.mark.parametrize(("broker", "options"), OPTIONS, ids=[case[0][:60] for case in OPTIONS])
def test_transport_options(broker: str, options: dict[str, Any]) -> None:
    assert settings(of(broker)) == {"broker_transport_options": options}


def test_a_sentinel_result_backend_has_options_of_its_own() -> None:
    found = of(
        f"{{sentinel: {{hosts: [a], masterName: m, sentinelPasswordFrom: {SECRET}}}}}",
        "resultBackend",
    )
    assert settings(found) == {
        "result_backend_transport_options": {
            "master_name": "m",
            "sentinel_kwargs": {"password": "$(RESULT_BACKEND_SENTINEL_PASSWORD)"},
        }
    }
    assert env(found)["RESULT_BACKEND_SENTINEL_PASSWORD"] == REFERENCE


def test_google_credentials_are_a_file() -> None:
    found = of(f"{{pubsub: {{projectId: p, credentialsFrom: {SECRET}}}}}")
    path = "/etc/celery-kustomize/google"
    assert env(found)["GOOGLE_APPLICATION_CREDENTIALS"] == f"{path}/credentials.json"
    mount = {"name": "google-credentials", "mountPath": path, "readOnly": True}
    assert mount in found.container("shop-worker-a")["volumeMounts"]
    volume = {
        "name": "google-credentials",
        "secret": {"secretName": "s", "items": [{"key": "k", "path": "credentials.json"}]},
    }
    assert volume in found.pod("shop-worker-a")["volumes"]


@pytest.mark.parametrize(
    ("broker", "expected"),
    [
        ("{rabbitmq: {host: h, vhost: a/b}}", ("amqp", "h", 5672, "a/b")),
        ("{rabbitmq: {host: h}}", ("amqp", "h", 5672, "/")),
        ("{redis: {host: h, database: 2}}", ("redis", "h", 6379, "2")),
    ],
)
def test_kombu_reads_the_url_as_it_is_meant(broker: str, expected: tuple[Any, ...]) -> None:
    parts = parse_url(env(of(broker))["CELERY_BROKER_URL"])
    found = tuple(parts[name] for name in ("transport", "hostname", "port", "virtual_host"))
    assert found == expected


def test_no_password_is_in_any_object() -> None:
    """Secrets are named, never held: the only places of a password are references."""
    found = rendering(
        f"""
        redis: {{passwordFrom: {{secretKeyRef: {{name: the-secret, key: the-key}}}}}}
        broker: {{managedRedis: {{}}}}
        resultBackend: {{redis: {{host: h, passwordFrom: {SECRET}}}}}
        workers: [{{name: a}}]
        flower: {{basicAuthFrom: {SECRET}}}
        """
    )
    for generator in found.folder.config_maps:
        assert all("the-secret" not in text for text in generator.data.values())
    for name in ("shop-worker-a", "shop-flower", "shop-redis"):
        container = found.container(name)
        line = " ".join([*container.get("command", []), *container.get("args", [])])
        assert "PASSWORD)" not in line
        assert "the-key" not in line
