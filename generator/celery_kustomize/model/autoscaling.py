"""How many replicas run: the `autoscaling` field of worker sets and web."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from celery_kustomize.k8s import cron
from celery_kustomize.model.base import (
    DnsSubdomain,
    Model,
    Quantity,
    Seconds,
    StringMap,
    Text,
    checked,
    problem,
)
from celery_kustomize.model.kubernetes import HpaBehavior

__all__ = [
    "AuthenticationRef",
    "Autoscaling",
    "Fallback",
    "QueueLength",
    "ResourceMetric",
    "Schedule",
    "Trigger",
    "WebAutoscaling",
]

_Count = Annotated[int, Field(ge=0)]
_Positive = Annotated[int, Field(ge=1)]
_Cron = Annotated[str, checked(cron.check_cron)]


class ResourceMetric(Model):
    """A target for cpu or memory: one of the two."""

    average_utilization: _Positive | None = None
    """Percent of the request, averaged over the pods, for example 70."""
    average_value: Quantity | None = None
    """Amount per pod, for example `500m` or `400Mi`."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.average_utilization is None) == (self.average_value is None):
            raise problem("write exactly one of averageUtilization and averageValue")
        return self


class AuthenticationRef(Model):
    """KEDA credentials that exist already."""

    name: DnsSubdomain
    """Name of the TriggerAuthentication."""
    kind: Literal["TriggerAuthentication", "ClusterTriggerAuthentication"] = "TriggerAuthentication"
    """TriggerAuthentication (default) or ClusterTriggerAuthentication."""


class QueueLength(Model):
    """Scale by waiting tasks. The sum over the set's queues counts."""

    target: _Positive | None = None
    """Tasks per replica. Default: the set's concurrency, so that waiting tasks start at once."""
    activation: _Count = 0
    """From zero replicas, start when more tasks than this wait. Default 0."""
    queues: list[Text] | None = None
    """Queues that count. Default: the set's."""
    priorities: list[Annotated[int, Field(ge=0, le=255)]] | None = None
    """Redis only: priority steps in use. Default: `priority_steps` of the transport options."""
    count_unacked: bool | None = None
    """Count running tasks too, so that a busy set is not scaled away. Default: true with
    `acksLate` where the broker shows them."""
    source: Literal["Broker", "Prometheus", "Flower"] = "Broker"
    """Where the number comes from. Default Broker."""
    server_address: Text | None = None
    """Prometheus only: its address, for example `http://prometheus.monitoring.svc:9090`."""
    query: Text | None = None
    """Prometheus only: the query. Default: the exporter's `celery_queue_length` of the queues."""
    authentication_ref: AuthenticationRef | None = None
    """KEDA credentials that exist already, in place of generated ones."""
    pod_identity: Text | None = None
    """KEDA's pod identity provider, for example `aws`, `azure-workload`, `gcp`."""


class Schedule(Model):
    """At least so many replicas between two points in time (KEDA's cron scaler)."""

    timezone: Annotated[str, checked(cron.check_time_zone)] = "Etc/UTC"
    """IANA time zone, for example `Asia/Tokyo`. Default Etc/UTC."""
    start: _Cron
    """Cron expression of five fields, for example `0 8 * * *`."""
    end: _Cron
    """Cron expression of five fields, for example `0 18 * * *`."""
    replicas: _Positive
    """Replicas from start to end."""

    @model_validator(mode="after")
    def _differ(self) -> Self:
        if self.start == self.end:
            raise problem("start and end are the same")
        return self


class Trigger(Model):
    """A KEDA trigger as KEDA has it; known scalers' metadata is checked."""

    type: Text
    """KEDA's scaler, for example `prometheus`."""
    name: Text | None = None
    """A name, unique in the set; formulas use it."""
    metadata: StringMap
    """The scaler's metadata; all values are strings."""
    metric_type: Literal["AverageValue", "Value", "Utilization"] | None = None
    """How the metric is compared. Default: KEDA's, AverageValue."""
    use_cached_metrics: bool | None = None
    """KEDA's useCachedMetrics."""
    authentication_ref: AuthenticationRef | None = None
    """KEDA credentials for this trigger."""


class Fallback(Model):
    """What to run when the metric cannot be read."""

    failure_threshold: _Positive
    """Failed readings in a row before the fallback counts."""
    replicas: _Count
    """Replicas to run then."""


class WebAutoscaling(Model):
    """A HorizontalPodAutoscaler by cpu and memory."""

    min_replicas: _Count = 1
    """Lowest number of replicas. Default 1."""
    max_replicas: _Positive
    """Highest number of replicas."""
    cpu: ResourceMetric | None = None
    """Target for cpu."""
    memory: ResourceMetric | None = None
    """Target for memory."""
    behavior: HpaBehavior | None = None
    """`behavior` of the HorizontalPodAutoscaler, in place of the generated one."""


class Autoscaling(WebAutoscaling):
    """How a worker set scales.

    Only cpu and memory: a HorizontalPodAutoscaler. Anything else: a KEDA ScaledObject. `replicas`
    is then left out of the Deployment.
    """

    queue_length: QueueLength | None = None
    """Scale by waiting tasks."""
    schedules: list[Schedule] = []
    """Minimum numbers of replicas by time of day."""
    triggers: list[Trigger] = []
    """More KEDA triggers, as KEDA has them."""
    polling_interval_seconds: _Positive | None = None
    """Seconds between readings. Default: KEDA's 30."""
    cooldown_period_seconds: Seconds | None = None
    """Seconds without work before the step to zero. Default: KEDA's 300, or the grace period when
    that is longer."""
    fallback: Fallback | None = None
    """What to run when the metric cannot be read."""
    paused: bool = False
    """Keep the present number of replicas. Default false."""

    def uses_keda(self) -> bool:
        """Whether a ScaledObject is needed, rather than a HorizontalPodAutoscaler."""
        return bool(self.queue_length or self.schedules or self.triggers)
