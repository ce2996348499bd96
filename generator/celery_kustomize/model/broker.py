"""Where messages and results live: the `broker` and `resultBackend` fields."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from celery_kustomize.model.base import FreeMap, Host, Model, Port, Text, problem
from celery_kustomize.model.secrets import SecretOrConfigMapSource, SecretSource

__all__ = [
    "AzureServiceBus",
    "Broker",
    "Connection",
    "Kafka",
    "ManagedRedis",
    "PubSub",
    "RabbitMQ",
    "Redis",
    "ResultBackend",
    "Sentinel",
    "Sqs",
    "Tls",
]

_Database = Annotated[int, Field(ge=0)]


class Tls(Model):
    """An encrypted connection. Without `caFrom` the image's own certificate authorities count."""

    ca_from: SecretOrConfigMapSource | None = None
    """Certificate authority (PEM) that signed the server's certificate."""
    cert_from: SecretSource | None = None
    """Client certificate (PEM), for mutual TLS; needs `keyFrom`."""
    key_from: SecretSource | None = None
    """Key (PEM) of the client certificate."""
    insecure_skip_verify: bool = False
    """Do not verify the server's certificate. Default false."""

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.cert_from is None) != (self.key_from is None):
            raise problem("certFrom and keyFrom go together: write both or neither")
        return self


class ManagedRedis(Model):
    """The Redis that `spec.redis` runs."""

    database: _Database = 0
    """Number of the Redis database. Default 0."""


class Redis(Model):
    """A Redis (or Valkey) server run elsewhere."""

    host: Host
    """Host name, for example `redis.data.svc.cluster.local`."""
    port: Port = 6379
    """TCP port. Default 6379."""
    database: _Database = 0
    """Number of the Redis database. Default 0."""
    username: Text | None = None
    """ACL user. Default: Redis' default user."""
    password_from: SecretSource | None = None
    """The password. It becomes part of a URL: use URL-safe characters."""
    tls: Tls | None = None
    """Encrypt the connection (`rediss://`); `{}` is enough."""


class Sentinel(Model):
    """A Redis behind Redis Sentinel."""

    hosts: Annotated[list[Host], Field(min_length=1)]
    """Host names of the sentinels."""
    port: Port = 26379
    """TCP port of the sentinels. Default 26379."""
    master_name: Text
    """Name of the monitored master, for example `mymaster`."""
    database: _Database = 0
    """Number of the Redis database. Default 0."""
    username: Text | None = None
    """ACL user of the Redis servers."""
    password_from: SecretSource | None = None
    """Password of the Redis servers; URL-safe characters."""
    sentinel_username: Text | None = None
    """ACL user of the sentinels themselves."""
    sentinel_password_from: SecretSource | None = None
    """Password of the sentinels themselves."""
    tls: Tls | None = None
    """Encrypt the connections to the Redis servers."""
    sentinel_tls: Tls | None = None
    """Encrypt the connections to the sentinels."""


class RabbitMQ(Model):
    """A RabbitMQ server run elsewhere."""

    host: Host
    """Host name, for example `rabbitmq.messaging.svc.cluster.local`."""
    port: Port | None = None
    """AMQP port. Default 5672, with `tls` 5671."""
    vhost: Text = "/"
    """Virtual host. Default `/`."""
    username: Text | None = None
    """User name; or `usernameFrom`."""
    username_from: SecretSource | None = None
    """User name from a Secret."""
    password_from: SecretSource | None = None
    """The password. It becomes part of a URL: use URL-safe characters."""
    tls: Tls | None = None
    """Encrypt the connection (`amqps://`); `{}` is enough."""
    management_port: Port | None = None
    """Port of the management API, for scalers that count unacknowledged messages (usually 15672,
    with TLS 15671). Default: it is not used."""

    @model_validator(mode="after")
    def _credentials(self) -> Self:
        if self.username is not None and self.username_from is not None:
            raise problem("write username or usernameFrom, not both")
        if (self.username or self.username_from) and self.password_from is None:
            raise problem("a user name needs passwordFrom: {secretKeyRef: {name: ..., key: ...}}")
        if self.password_from and not (self.username or self.username_from):
            raise problem("passwordFrom needs username or usernameFrom")
        return self


class PredefinedQueue(Model):
    """An SQS queue that exists already."""

    url: Text
    """The queue's URL."""


class Sqs(Model):
    """Amazon SQS. It has no remote control: no `celery inspect`, and Flower sees no workers."""

    region: Text
    """AWS region, for example `eu-west-1`."""
    queue_name_prefix: str = ""
    """Put before every queue's name, for example `shop-`. Default: none."""
    predefined_queues: dict[str, PredefinedQueue] = {}
    """Queues by name that Celery must not create or look up itself."""
    endpoint: Text | None = None
    """Another endpoint than AWS's own, `https://host:port`."""
    access_key_id_from: SecretSource | None = None
    """Access key. Default: the credentials of the ServiceAccount (IRSA, pod identity)."""
    secret_access_key_from: SecretSource | None = None
    """Secret key; goes with `accessKeyIdFrom`."""

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.access_key_id_from is None) != (self.secret_access_key_from is None):
            raise problem("accessKeyIdFrom and secretAccessKeyFrom go together")
        return self


class Kafka(Model):
    """Apache Kafka (`confluentkafka://`)."""

    hosts: Annotated[list[Host], Field(min_length=1)]
    """Host names of the brokers."""
    port: Port = 9092
    """TCP port. Default 9092."""
    username: Text | None = None
    """SASL user name."""
    password_from: SecretSource | None = None
    """SASL password; URL-safe characters."""
    sasl: Literal["plaintext", "scram_sha256", "scram_sha512"] | None = None
    """SASL mechanism, in KEDA's words; needs a user and a password."""
    tls: Tls | None = None
    """Encrypt the connection."""


class PubSub(Model):
    """Google Cloud Pub/Sub (`gcpubsub://`)."""

    project_id: Text
    """The Google Cloud project."""
    queue_name_prefix: str = "kombu-"
    """Put before every queue's name. Default `kombu-`, as kombu has it."""
    credentials_from: SecretSource | None = None
    """A service account's JSON key. Default: the workload identity of the ServiceAccount."""


class AzureServiceBus(Model):
    """Azure Service Bus (`azureservicebus://`)."""

    namespace: Text
    """The Service Bus namespace, without `.servicebus.windows.net`."""
    queue_name_prefix: str = ""
    """Put before every queue's name. Default: none."""
    sas_policy: Text | None = None
    """Name of the shared access policy; needs `sasKeyFrom`. Default: the ServiceAccount's
    workload identity."""
    sas_key_from: SecretSource | None = None
    """Key of the shared access policy; URL-safe characters."""

    @model_validator(mode="after")
    def _pair(self) -> Self:
        if (self.sas_policy is None) != (self.sas_key_from is None):
            raise problem("sasPolicy and sasKeyFrom go together")
        return self


class Connection(Model):
    """What a broker and a result backend share: exactly one member says where it is."""

    MEMBERS: ClassVar[tuple[str, ...]] = ("url", "managed_redis", "redis", "sentinel")

    url: Text | None = None
    """A literal URL without a password. `$(VAR)` stands for a variable declared in `env`."""
    url_from: SecretSource | None = None
    """The whole URL from a Secret. Beside a typed member: Celery reads this URL, and the typed
    member tells scalers where the queues are."""
    managed_redis: ManagedRedis | None = None
    """The Redis that `spec.redis` runs."""
    redis: Redis | None = None
    """A Redis server run elsewhere."""
    sentinel: Sentinel | None = None
    """A Redis behind Sentinel."""
    transport_options: FreeMap = {}
    """Celery's transport options, for example `{visibility_timeout: 7200}` (seconds)."""

    def member(self) -> str | None:
        """The Python name of the one member given (`url_from` only when it stands alone)."""
        given = [name for name in self.MEMBERS if getattr(self, name) is not None]
        return given[0] if given else ("url_from" if self.url_from else None)

    @model_validator(mode="after")
    def _one_member(self) -> Self:
        fields = type(self).model_fields
        given = [n for n in self.MEMBERS if getattr(self, n) is not None]
        names = [fields[n].alias or n for n in given]
        if len(given) > 1:
            raise problem(f"write exactly one of {', '.join(names)}")
        if not given and self.url_from is None:
            every = ", ".join(fields[n].alias or n for n in (*self.MEMBERS, "url_from"))
            raise problem(f"write one of {every}")
        if given == ["url"] and self.url_from is not None:
            raise problem("write exactly one of url, urlFrom")
        return self


class Broker(Connection):
    """The message broker: exactly one member."""

    MEMBERS: ClassVar[tuple[str, ...]] = (
        "url",
        "managed_redis",
        "redis",
        "sentinel",
        "rabbitmq",
        "sqs",
        "kafka",
        "pubsub",
        "azure_service_bus",
    )

    rabbitmq: RabbitMQ | None = None
    """A RabbitMQ server."""
    sqs: Sqs | None = None
    """Amazon SQS."""
    kafka: Kafka | None = None
    """Apache Kafka."""
    pubsub: PubSub | None = None
    """Google Cloud Pub/Sub."""
    azure_service_bus: AzureServiceBus | None = None
    """Azure Service Bus."""


class ResultBackend(Connection):
    """Where results are kept: exactly one member. Absent: no results."""
