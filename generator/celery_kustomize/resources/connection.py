"""Broker and result backend as environment variables, Celery settings and mounted certificates.

URLs are composed by Kubernetes from earlier variables (``$(VAR)``), so no manifest holds a
password. Kubernetes does not encode what it inserts: passwords must be URL-safe.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from celery_kustomize.k8s.kustomization import Object
from celery_kustomize.model.application import Spec
from celery_kustomize.model.broker import (
    Broker,
    Connection,
    Kafka,
    ManagedRedis,
    RabbitMQ,
    Redis,
    Sentinel,
    Tls,
)
from celery_kustomize.model.secrets import SecretSource

__all__ = [
    "REDIS_PORT",
    "Delivered",
    "broker_connection",
    "connections",
]

REDIS_PORT = 6379

_CERTIFICATES = "/etc/celery-kustomize"
_SASL_MECHANISMS = {
    "plaintext": "PLAIN",
    "scram_sha256": "SCRAM-SHA-256",
    "scram_sha512": "SCRAM-SHA-512",
}


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a component needs to reach broker and result backend.

    ``env`` in the order that ``$(VAR)`` needs; ``late_env`` refers to the user's own variables and
    so comes after them; ``settings`` are Celery settings; volumes and mounts hold certificates.
    """

    env: tuple[Object, ...] = ()
    late_env: tuple[Object, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    volumes: tuple[Object, ...] = ()
    mounts: tuple[Object, ...] = ()


def connections(spec: Spec, redis_service: str) -> Delivered:
    """Everything that ``broker`` and ``resultBackend`` ask of a component.

    ``redis_service`` is the name of the managed Redis' Service.
    """
    parts = []
    if spec.broker is not None:
        parts.append(broker_connection(spec, redis_service, "CELERY_BROKER_URL"))
    if spec.result_backend is not None:
        purpose = _Purpose(
            "CELERY_RESULT_BACKEND", "RESULT_BACKEND", "result_backend_transport_options"
        )
        parts.append(_connection(spec.result_backend, purpose, spec, redis_service))
    env: dict[str, Object] = {}
    for part in parts:
        env.update({item["name"]: item for item in part.env})
    return Delivered(
        env=tuple(env.values()),
        late_env=tuple(item for part in parts for item in part.late_env),
        settings={key: value for part in parts for key, value in part.settings.items()},
        volumes=tuple(item for part in parts for item in part.volumes),
        mounts=tuple(item for part in parts for item in part.mounts),
    )


def broker_connection(spec: Spec, redis_service: str, variable: str) -> Delivered:
    """What ``broker`` alone asks of a component that reads its URL from ``variable``."""
    if spec.broker is None:
        return Delivered()
    purpose = _Purpose(variable, "BROKER", "broker_transport_options")
    return _connection(spec.broker, purpose, spec, redis_service)


@dataclass(frozen=True, slots=True)
class _Purpose:
    """The URL's variable, the prefix of the variables it is made of, and the options' setting."""

    variable: str
    prefix: str
    setting: str


def _connection(
    item: Connection, purpose: _Purpose, spec: Spec, redis_service: str
) -> Delivered:
    url, variable = _Url(purpose.prefix), purpose.variable
    settings: dict[str, Any] = dict(item.transport_options)
    extra: dict[str, Any] = {}
    match item:
        case Connection(managed_redis=ManagedRedis() as managed) if spec.redis:
            password = url.secret("REDIS_PASSWORD", spec.redis.password_from)
            text = f"redis://:{password}@{redis_service}:{REDIS_PORT}/{managed.database}"
        case Connection(redis=Redis() as redis):
            text = _redis(url, redis)
        case Connection(sentinel=Sentinel() as sentinel):
            text = _sentinel(url, sentinel, settings)
        case Broker(rabbitmq=RabbitMQ() as rabbitmq):
            text = _rabbitmq(url, rabbitmq, extra)
        case Broker():
            text = _cloud(url, item, settings)
        case _:
            text = item.url or ""
    if settings:
        extra[purpose.setting] = settings
    if item.url_from is not None:
        # The typed member beside it is for scalers: Celery needs nothing of its credentials.
        found = _secret_env(variable, item.url_from)
        return Delivered((found,), (), extra, tuple(url.volumes), tuple(url.mounts))
    found = {"name": variable, "value": text}
    late = item.url is not None and "$(" in item.url
    return Delivered(
        tuple(url.env) if late else (*url.env, found),
        (found,) if late else (),
        extra,
        tuple(url.volumes),
        tuple(url.mounts),
    )


def _secret_env(name: str, source: SecretSource) -> Object:
    reference = source.secret_key_ref
    return {
        "name": name,
        "valueFrom": {"secretKeyRef": {"name": reference.name, "key": reference.key}},
    }


class _Url:
    """Collects the variables and certificates that one URL refers to."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.env: list[Object] = []
        self.volumes: list[Object] = []
        self.mounts: list[Object] = []

    def secret(self, name: str, source: SecretSource) -> str:
        self.env.append(_secret_env(name, source))
        return f"$({name})"

    def credentials(
        self,
        username: str | None,
        password: SecretSource | None,
        username_from: SecretSource | None = None,
    ) -> str:
        """``user:password@`` with what there is of it."""
        user = quote(username, safe="") if username else ""
        if username_from is not None:
            user = self.secret(f"{self.prefix}_USERNAME", username_from)
        if password is None:
            return f"{user}@" if user else ""
        return f"{user}:{self.secret(f'{self.prefix}_PASSWORD', password)}@"

    def certificates(self, tls: Tls, name: str = "tls") -> dict[str, str]:
        """Mount the certificates; gives their paths as ``ca``, ``cert`` and ``key``."""
        sources = []
        paths: dict[str, str] = {}
        directory = f"{_CERTIFICATES}/{self.prefix.lower().replace('_', '-')}-{name}"
        for part, source in (("ca", tls.ca_from), ("cert", tls.cert_from), ("key", tls.key_from)):
            if source is None:
                continue
            config_map = getattr(source, "config_map_key_ref", None)
            reference = config_map or source.secret_key_ref
            if reference is None:
                continue
            items = [{"key": reference.key, "path": f"{part}.pem"}]
            kind = "configMap" if config_map else "secret"
            sources.append({kind: {"name": reference.name, "items": items}})
            paths[part] = f"{directory}/{part}.pem"
        if sources:
            volume = directory.rsplit("/", 1)[1]
            self.volumes.append({"name": volume, "projected": {"sources": sources}})
            self.mounts.append({"name": volume, "mountPath": directory, "readOnly": True})
        return paths


def _redis_tls(url: _Url, tls: Tls) -> str:
    """URL parameters; without them kombu verifies nothing and the result backend refuses."""
    paths = url.certificates(tls)
    parameters = {
        "ssl_cert_reqs": "none" if tls.insecure_skip_verify else "required",
        "ssl_ca_certs": paths.get("ca"),
        "ssl_certfile": paths.get("cert"),
        "ssl_keyfile": paths.get("key"),
    }
    return "?" + "&".join(f"{key}={value}" for key, value in parameters.items() if value)


def _redis(url: _Url, redis: Redis) -> str:
    scheme, parameters = "redis", ""
    if redis.tls is not None:
        scheme, parameters = "rediss", _redis_tls(url, redis.tls)
    who = url.credentials(redis.username, redis.password_from)
    return f"{scheme}://{who}{redis.host}:{redis.port}/{redis.database}{parameters}"


def _sentinel(url: _Url, sentinel: Sentinel, settings: dict[str, Any]) -> str:
    settings.setdefault("master_name", sentinel.master_name)
    who = url.credentials(sentinel.username, sentinel.password_from)
    parameters = _redis_tls(url, sentinel.tls) if sentinel.tls is not None else ""
    arguments: dict[str, Any] = {}
    if sentinel.sentinel_username:
        arguments["username"] = sentinel.sentinel_username
    if sentinel.sentinel_password_from is not None:
        url.secret(f"{url.prefix}_SENTINEL_PASSWORD", sentinel.sentinel_password_from)
        arguments["password"] = f"$({url.prefix}_SENTINEL_PASSWORD)"
    if sentinel.sentinel_tls is not None:
        paths = url.certificates(sentinel.sentinel_tls, "sentinel-tls")
        verify = "none" if sentinel.sentinel_tls.insecure_skip_verify else "required"
        arguments |= {"ssl": True, "ssl_cert_reqs": verify}
        keys = {"ca": "ssl_ca_certs", "cert": "ssl_certfile", "key": "ssl_keyfile"}
        arguments |= {keys[part]: path for part, path in paths.items()}
    if arguments:
        settings.setdefault("sentinel_kwargs", arguments)
    return ";".join(
        f"sentinel://{who}{host}:{sentinel.port}/{sentinel.database}{parameters}"
        for host in sentinel.hosts
    )


def _rabbitmq(url: _Url, rabbitmq: RabbitMQ, extra: dict[str, Any]) -> str:
    scheme, port = "amqp", rabbitmq.port or 5672
    if rabbitmq.tls is not None:
        scheme, port = "amqps", rabbitmq.port or 5671
        paths = url.certificates(rabbitmq.tls)
        keys = {"ca": "ca_certs", "cert": "certfile", "key": "keyfile"}
        options: dict[str, Any] = {keys[part]: path for part, path in paths.items()}
        # ssl.CERT_NONE and ssl.CERT_REQUIRED: settings travel as JSON, which has no such names.
        options["cert_reqs"] = 0 if rabbitmq.tls.insecure_skip_verify else 2
        extra["broker_use_ssl"] = options
    who = url.credentials(rabbitmq.username, rabbitmq.password_from, rabbitmq.username_from)
    vhost = "/" if rabbitmq.vhost == "/" else quote(rabbitmq.vhost, safe="")
    return f"{scheme}://{who}{rabbitmq.host}:{port}/{vhost}"


def _cloud(url: _Url, broker: Broker, settings: dict[str, Any]) -> str:
    if broker.sqs is not None:
        sqs = broker.sqs
        settings.setdefault("region", sqs.region)
        if sqs.queue_name_prefix:
            settings.setdefault("queue_name_prefix", sqs.queue_name_prefix)
        if sqs.predefined_queues:
            queues = {name: {"url": queue.url} for name, queue in sqs.predefined_queues.items()}
            settings.setdefault("predefined_queues", queues)
        if sqs.access_key_id_from and sqs.secret_access_key_from:
            url.secret("AWS_ACCESS_KEY_ID", sqs.access_key_id_from)
            url.secret("AWS_SECRET_ACCESS_KEY", sqs.secret_access_key_from)
        endpoint = sqs.endpoint.split("://", 1)[-1].rstrip("/") if sqs.endpoint else ""
        if endpoint:
            settings.setdefault("is_secure", not str(sqs.endpoint).startswith("http://"))
        return f"sqs://{endpoint}"
    if broker.kafka is not None:
        return _kafka(url, broker.kafka, settings)
    if broker.pubsub is not None:
        pubsub = broker.pubsub
        settings.setdefault("queue_name_prefix", pubsub.queue_name_prefix)
        if pubsub.credentials_from is not None:
            reference = pubsub.credentials_from.secret_key_ref
            items = [{"key": reference.key, "path": "credentials.json"}]
            secret = {"secretName": reference.name, "items": items}
            directory = f"{_CERTIFICATES}/google"
            url.volumes.append({"name": "google-credentials", "secret": secret})
            mount = {"name": "google-credentials", "mountPath": directory, "readOnly": True}
            url.mounts.append(mount)
            path = f"{directory}/credentials.json"
            url.env.append({"name": "GOOGLE_APPLICATION_CREDENTIALS", "value": path})
        return f"gcpubsub://projects/{pubsub.project_id}"
    if broker.azure_service_bus is not None:
        bus = broker.azure_service_bus
        if bus.queue_name_prefix:
            settings.setdefault("queue_name_prefix", bus.queue_name_prefix)
        if bus.sas_policy and bus.sas_key_from:
            key = url.secret("BROKER_PASSWORD", bus.sas_key_from)
            return f"azureservicebus://{quote(bus.sas_policy, safe='')}:{key}@{bus.namespace}"
        return f"azureservicebus://DefaultAzureCredential@{bus.namespace}"
    return broker.url or ""


def _kafka(url: _Url, kafka: Kafka, settings: dict[str, Any]) -> str:
    """Kombu's names (5.7, ``transport/confluentkafka.py``); librdkafka's for certificates."""
    who = url.credentials(kafka.username, kafka.password_from)
    common: dict[str, Any] = {}
    if kafka.tls is not None:
        keys = {
            "ca": "ssl.ca.location",
            "cert": "ssl.certificate.location",
            "key": "ssl.key.location",
        }
        common |= {keys[part]: path for part, path in url.certificates(kafka.tls).items()}
        if kafka.tls.insecure_skip_verify:
            common["enable.ssl.certificate.verification"] = False
    if kafka.sasl is not None:
        settings.setdefault("security_protocol", "SASL_SSL" if kafka.tls else "SASL_PLAINTEXT")
        settings.setdefault("sasl_mechanism", _SASL_MECHANISMS[kafka.sasl])
    elif kafka.tls is not None:
        common["security.protocol"] = "SSL"
    if common:
        settings.setdefault("kafka_common_config", common)
    return ";".join(f"confluentkafka://{who}{host}:{kafka.port}" for host in kafka.hosts)
