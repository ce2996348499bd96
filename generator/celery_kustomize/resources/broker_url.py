"""URLs of brokers and backends, with the variables, settings and files that they need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from celery_kustomize.model.broker import (
    AzureServiceBus,
    Broker,
    Connection,
    Kafka,
    ManagedRedis,
    PubSub,
    RabbitMQ,
    Redis,
    Sentinel,
    Sqs,
    Tls,
)
from celery_kustomize.resources import queue_names

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.application import Spec
    from celery_kustomize.model.secrets import SecretSource

__all__ = ["REDIS_PORT", "Url", "compose", "secret_env"]

REDIS_PORT = 6379

_CERTIFICATES = "/etc/celery-kustomize"
_SASL_MECHANISMS = {
    "plaintext": "PLAIN",
    "scram_sha256": "SCRAM-SHA-256",
    "scram_sha512": "SCRAM-SHA-512",
}


def compose(
    url: Url,
    item: Connection,
    spec: Spec,
    redis_service: str,
    settings: dict[str, Any],
    extra: dict[str, Any],
) -> str:
    """The URL of ``item``.

    ``url`` collects the variables and certificates it refers to, ``settings`` its transport
    options (those that the user gives stay), ``extra`` other Celery settings.
    """
    match item:
        case Connection(managed_redis=ManagedRedis() as managed) if spec.redis:
            password = url.secret("REDIS_PASSWORD", spec.redis.password_from)
            return f"redis://:{password}@{redis_service}:{REDIS_PORT}/{managed.database}"
        case Connection(redis=Redis() as redis):
            return _redis(url, redis)
        case Connection(sentinel=Sentinel() as sentinel):
            return _sentinel(url, sentinel, settings)
        case Broker(rabbitmq=RabbitMQ() as rabbitmq):
            return _rabbitmq(url, rabbitmq, extra)
        case Broker(sqs=Sqs() as sqs):
            return _sqs(url, sqs, settings)
        case Broker(kafka=Kafka() as kafka):
            return _kafka(url, kafka, settings)
        case Broker(pubsub=PubSub() as pubsub):
            return _pubsub(url, pubsub, settings)
        case Broker(azure_service_bus=AzureServiceBus() as bus):
            return _service_bus(url, bus, settings)
        case _:
            return item.url or ""


def secret_env(name: str, source: SecretSource) -> Object:
    """A variable whose value comes from a Secret."""
    reference = source.secret_key_ref
    return {
        "name": name,
        "valueFrom": {"secretKeyRef": {"name": reference.name, "key": reference.key}},
    }


class Url:
    """Collects the variables and certificates that one URL refers to."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.env: list[Object] = []
        self.volumes: list[Object] = []
        self.mounts: list[Object] = []

    def secret(self, name: str, source: SecretSource) -> str:
        """A variable from a Secret; gives the reference to it."""
        self.env.append(secret_env(name, source))
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


def _redis_tls(url: Url, tls: Tls) -> str:
    """URL parameters; without them kombu verifies nothing and the result backend refuses."""
    paths = url.certificates(tls)
    parameters = {
        "ssl_cert_reqs": "none" if tls.insecure_skip_verify else "required",
        # The default of redis-py 6; older ones would take any certificate that the CA signed.
        "ssl_check_hostname": None if tls.insecure_skip_verify else "true",
        "ssl_ca_certs": paths.get("ca"),
        "ssl_certfile": paths.get("cert"),
        "ssl_keyfile": paths.get("key"),
    }
    return "?" + "&".join(f"{key}={value}" for key, value in parameters.items() if value)


def _redis(url: Url, redis: Redis) -> str:
    scheme, parameters = "redis", ""
    if redis.tls is not None:
        scheme, parameters = "rediss", _redis_tls(url, redis.tls)
    who = url.credentials(redis.username, redis.password_from)
    return f"{scheme}://{who}{redis.host}:{redis.port}/{redis.database}{parameters}"


def _sentinel(url: Url, sentinel: Sentinel, settings: dict[str, Any]) -> str:
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


def _rabbitmq(url: Url, rabbitmq: RabbitMQ, extra: dict[str, Any]) -> str:
    scheme, port = "amqp", rabbitmq.port or 5672
    if rabbitmq.tls is not None:
        scheme, port = "amqps", rabbitmq.port or 5671
        paths = url.certificates(rabbitmq.tls)
        keys = {"ca": "ca_certs", "cert": "certfile", "key": "keyfile"}
        options: dict[str, Any] = {keys[part]: path for part, path in paths.items()}
        # ssl.CERT_NONE and ssl.CERT_REQUIRED: settings travel as JSON, which has no such names.
        options["cert_reqs"] = 0 if rabbitmq.tls.insecure_skip_verify else 2
        if not rabbitmq.tls.insecure_skip_verify:
            # Null: kombu fills in the URL's host. Without it no host name is verified (5.7).
            options["server_hostname"] = None
        extra["broker_use_ssl"] = options
    who = url.credentials(rabbitmq.username, rabbitmq.password_from, rabbitmq.username_from)
    vhost = "/" if rabbitmq.vhost == "/" else quote(rabbitmq.vhost, safe="")
    return f"{scheme}://{who}{rabbitmq.host}:{port}/{vhost}"


def _sqs(url: Url, sqs: Sqs, settings: dict[str, Any]) -> str:
    settings.setdefault("region", sqs.region)
    if sqs.queue_name_prefix:
        settings.setdefault("queue_name_prefix", sqs.queue_name_prefix)
    if sqs.predefined_queues:
        # kombu looks for the name that the queue has on SQS, prefix and all.
        queues = {
            queue_names.sqs(sqs.queue_name_prefix, name): {"url": queue.url}
            for name, queue in sorted(sqs.predefined_queues.items())
        }
        settings.setdefault("predefined_queues", queues)
    if sqs.access_key_id_from and sqs.secret_access_key_from:
        url.secret("AWS_ACCESS_KEY_ID", sqs.access_key_id_from)
        url.secret("AWS_SECRET_ACCESS_KEY", sqs.secret_access_key_from)
    endpoint = sqs.endpoint.split("://", 1)[-1].rstrip("/") if sqs.endpoint else ""
    if endpoint:
        settings.setdefault("is_secure", not str(sqs.endpoint).startswith("http://"))
    return f"sqs://{endpoint}"


def _pubsub(url: Url, pubsub: PubSub, settings: dict[str, Any]) -> str:
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


def _service_bus(url: Url, bus: AzureServiceBus, settings: dict[str, Any]) -> str:
    if bus.queue_name_prefix:
        settings.setdefault("queue_name_prefix", bus.queue_name_prefix)
    if bus.sas_policy and bus.sas_key_from:
        key = url.secret("BROKER_PASSWORD", bus.sas_key_from)
        return f"azureservicebus://{quote(bus.sas_policy, safe='')}:{key}@{bus.namespace}"
    return f"azureservicebus://DefaultAzureCredential@{bus.namespace}"


def _kafka(url: Url, kafka: Kafka, settings: dict[str, Any]) -> str:
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
