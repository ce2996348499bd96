"""KEDA's scalers that Celery applications use: the metadata that each takes (KEDA v2.20/v2.21).

KEDA ignores unknown keys silently, so a misspelt one has no effect anybody would see.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SCALERS", "SCALER_TYPES", "Scaler"]


@dataclass(frozen=True, slots=True)
class Scaler:
    """``required``: each inner tuple holds alternatives. ``allowed``: every key of the metadata.

    ``from_env``: keys that also exist as ``<key>FromEnv``. ``authentication``: keys that may come
    from a TriggerAuthentication instead.
    """

    required: tuple[tuple[str, ...], ...]
    allowed: tuple[str, ...]
    from_env: tuple[str, ...] = ()
    authentication: tuple[str, ...] = ()

    def keys(self) -> list[str]:
        """All keys that may stand in the metadata."""
        return [*self.allowed, *(f"{name}FromEnv" for name in self.from_env)]


_REDIS_CONNECTION = (
    "address",
    "addresses",
    "host",
    "hosts",
    "port",
    "ports",
    "username",
    "password",
    "sentinelUsername",
    "sentinelPassword",
    "sentinelMaster",
)
_REDIS = Scaler(
    required=(("listName",), ("address", "addresses", "host", "hosts")),
    allowed=(
        "listName",
        "listLength",
        "activationListLength",
        "databaseIndex",
        "enableTLS",
        "unsafeSsl",
        *_REDIS_CONNECTION,
    ),
    from_env=_REDIS_CONNECTION,
    authentication=_REDIS_CONNECTION,
)
_RESOURCE = Scaler(required=(("value",),), allowed=("value", "containerName"))

SCALERS: dict[str, Scaler] = {
    "redis": _REDIS,
    "redis-sentinel": _REDIS,
    "redis-cluster": _REDIS,
    "rabbitmq": Scaler(
        required=(("queueName",), ("host",)),
        allowed=(
            "queueName",
            "mode",
            "value",
            "activationValue",
            "useRegex",
            "excludeUnacknowledged",
            "pageSize",
            "operation",
            "timeout",
            "unsafeSsl",
            "host",
            "protocol",
            "vhostName",
        ),
        from_env=("host", "username", "password"),
        authentication=("host", "protocol", "vhostName", "username", "password"),
    ),
    "aws-sqs-queue": Scaler(
        required=(("queueURL",), ("awsRegion",)),
        allowed=(
            "queueURL",
            "awsRegion",
            "queueLength",
            "activationQueueLength",
            "awsEndpoint",
            "scaleOnInFlight",
            "scaleOnDelayed",
            "identityOwner",
        ),
        from_env=("queueURL",),
        authentication=("awsRegion",),
    ),
    "gcp-pubsub": Scaler(
        required=(("subscriptionName", "topicName"),),
        allowed=(
            "subscriptionName",
            "topicName",
            "mode",
            "value",
            "activationValue",
            "aggregation",
            "timeHorizon",
            "valueIfNull",
            "credentialsFromEnv",
        ),
        from_env=("subscriptionName", "topicName"),
    ),
    "kafka": Scaler(
        required=(("bootstrapServers",), ("consumerGroup",)),
        allowed=(
            "bootstrapServers",
            "consumerGroup",
            "topic",
            "lagThreshold",
            "activationLagThreshold",
            "offsetResetPolicy",
            "allowIdleConsumers",
            "scaleToZeroOnInvalidOffset",
            "excludePersistentLag",
            "limitToPartitionsWithLag",
            "ensureEvenDistributionOfPartitions",
            "version",
            "partitionLimitation",
            "sasl",
            "tls",
            "unsafeSsl",
        ),
        from_env=("bootstrapServers", "consumerGroup", "topic"),
    ),
    "azure-servicebus": Scaler(
        required=(("queueName", "topicName"),),
        allowed=(
            "queueName",
            "topicName",
            "subscriptionName",
            "messageCount",
            "activationMessageCount",
            "namespace",
            "cloud",
            "endpointSuffix",
            "operation",
            "useRegex",
        ),
        from_env=("connection",),
    ),
    "cpu": _RESOURCE,
    "memory": _RESOURCE,
    "cron": Scaler(
        required=(("timezone",), ("start",), ("end",), ("desiredReplicas",)),
        allowed=("timezone", "start", "end", "desiredReplicas"),
    ),
    "metrics-api": Scaler(
        required=(("url",), ("valueLocation",), ("targetValue",)),
        allowed=(
            "url",
            "valueLocation",
            "targetValue",
            "activationTargetValue",
            "authMode",
            "format",
            "method",
            "keyParamName",
            "unsafeSsl",
            "aggregateFromKubeServiceEndpoints",
            "aggregationType",
            "timeout",
        ),
        authentication=("url",),
    ),
    "prometheus": Scaler(
        required=(("serverAddress",), ("query",), ("threshold",)),
        allowed=(
            "serverAddress",
            "query",
            "threshold",
            "activationThreshold",
            "namespace",
            "customHeaders",
            "ignoreNullValues",
            "queryParameters",
            "unsafeSsl",
            "authModes",
            "timeout",
            "identityOwner",
        ),
        authentication=("serverAddress",),
    ),
}

SCALER_TYPES = (
    *SCALERS,
    "activemq",
    "apache-kafka",
    "artemis-queue",
    "aws-cloudwatch",
    "aws-dynamodb",
    "aws-kinesis-stream",
    "azure-blob",
    "azure-eventhub",
    "azure-monitor",
    "azure-queue",
    "cassandra",
    "datadog",
    "elasticsearch",
    "external",
    "external-push",
    "gcp-stackdriver",
    "gcp-storage",
    "graphite",
    "influxdb",
    "kubernetes-workload",
    "loki",
    "mongodb",
    "mssql",
    "mysql",
    "nats-jetstream",
    "new-relic",
    "postgresql",
    "pulsar",
    "redis-cluster-streams",
    "redis-sentinel-streams",
    "redis-streams",
    "solace-event-queue",
)
"""Types whose metadata is checked, and others that KEDA has."""
