"""KEDA's ScaledObject and TriggerAuthentication for a worker set.

A set's backlog is the sum of its queues. Separate triggers would give the autoscaler a maximum,
so several become one formula (``scalingModifiers``); schedules stand in it as a floor, because
KEDA then keeps only the composite metric (KEDA 2.21).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.model import defaults
from celery_kustomize.resources.autoscaling.backlog import Measured
from celery_kustomize.resources.autoscaling.hpa import horizontal_pod_autoscaler, slow_scale_down
from celery_kustomize.resources.autoscaling.queues import queue_triggers
from celery_kustomize.resources.metadata import CUSTOM_RESOURCE, metadata

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.autoscaling import Autoscaling, ResourceMetric, Trigger
    from celery_kustomize.model.worker import Worker
    from celery_kustomize.resources.context import Context
    from celery_kustomize.resources.pod import Workload

__all__ = ["scaler"]

_COOLDOWN = 300


def scaler(context: Context, worker: Worker, workload: Workload) -> list[Object]:
    """What scales a worker set; nothing when ``replicas`` is fixed."""
    autoscaling = worker.autoscaling
    if autoscaling is None:
        return []
    grace = defaults.grace_period(context.spec, worker)
    if not autoscaling.uses_keda():
        return [horizontal_pod_autoscaler(context, workload, autoscaling, grace)]
    target = _target(context, worker)
    measured = Measured()
    if autoscaling.queue_length is not None:
        measured = queue_triggers(context, worker, autoscaling.queue_length, target)
    reference = _authentication_reference(autoscaling, measured, workload.name)
    if reference:
        measured.triggers = [{**t, "authenticationRef": reference} for t in measured.triggers]
    return [
        *_trigger_authentication(context, autoscaling, measured, workload),
        _scaled_object(context, worker, workload, measured, target),
    ]


def _target(context: Context, worker: Worker) -> int:
    """Tasks per replica: given, or as many as a replica runs at once."""
    length = worker.autoscaling.queue_length if worker.autoscaling else None
    if length is not None and length.target is not None:
        return length.target
    return defaults.concurrency(context.spec, worker) or 1


def _authentication_reference(
    autoscaling: Autoscaling, measured: Measured, name: str
) -> dict[str, str]:
    length = autoscaling.queue_length
    given = length.authentication_ref if length else None
    if given is not None:
        kind = {} if given.kind == "TriggerAuthentication" else {"kind": given.kind}
        return {"name": given.name, **kind}
    identity = length.pod_identity if length else None
    generated = measured.secrets or measured.config_maps or measured.variables or identity
    return {"name": name} if generated else {}


def _trigger_authentication(
    context: Context, autoscaling: Autoscaling, measured: Measured, workload: Workload
) -> list[Object]:
    length = autoscaling.queue_length
    identity = length.pod_identity if length else None
    spec: Object = {}
    if identity is not None:
        spec["podIdentity"] = {"provider": identity}
    if measured.secrets:
        spec["secretTargetRef"] = measured.secrets
    if measured.config_maps:
        spec["configMapTargetRef"] = measured.config_maps
    if measured.variables:
        spec["env"] = measured.variables
    if not spec or (length and length.authentication_ref):
        return []
    return [
        {
            "apiVersion": "keda.sh/v1alpha1",
            "kind": "TriggerAuthentication",
            "metadata": metadata(
                context,
                workload.name,
                workload.identity,
                workload.model,
                annotations=CUSTOM_RESOURCE,
            ),
            "spec": spec,
        }
    ]


def _scaled_object(
    context: Context, worker: Worker, workload: Workload, measured: Measured, target: int
) -> Object:
    autoscaling = worker.autoscaling
    if autoscaling is None:
        message = "a worker set without autoscaling has no ScaledObject"
        raise ValueError(message)
    grace = defaults.grace_period(context.spec, worker)
    schedules = _schedules(autoscaling)
    spec: Object = {
        "scaleTargetRef": {"name": workload.name},
        "pollingInterval": autoscaling.polling_interval_seconds,
        "cooldownPeriod": _cooldown(autoscaling, grace),
        "minReplicaCount": autoscaling.min_replicas,
        "maxReplicaCount": autoscaling.max_replicas,
    }
    if autoscaling.fallback is not None:
        spec["fallback"] = {
            "failureThreshold": autoscaling.fallback.failure_threshold,
            "replicas": autoscaling.fallback.replicas,
        }
    spec["advanced"] = _advanced(autoscaling, measured, schedules, target, grace)
    spec["triggers"] = [
        *measured.triggers,
        *schedules,
        *_resources(autoscaling),
        *(_raw(trigger) for trigger in autoscaling.triggers),
    ]
    annotations = dict(CUSTOM_RESOURCE)
    if autoscaling.paused:
        annotations["autoscaling.keda.sh/paused"] = "true"
    return {
        "apiVersion": "keda.sh/v1alpha1",
        "kind": "ScaledObject",
        "metadata": metadata(
            context, workload.name, workload.identity, workload.model, annotations=annotations
        ),
        "spec": {k: v for k, v in spec.items() if v is not None and v != {}},
    }


def _cooldown(autoscaling: Autoscaling, grace: int) -> int | None:
    """Seconds before the step to zero; never shorter than a running task may take."""
    if autoscaling.cooldown_period_seconds is not None:
        return autoscaling.cooldown_period_seconds
    return grace if grace > _COOLDOWN and autoscaling.min_replicas == 0 else None


def _advanced(
    autoscaling: Autoscaling,
    measured: Measured,
    schedules: list[Object],
    target: int,
    grace: int,
) -> Object:
    result: Object = {}
    behavior = autoscaling.behavior or slow_scale_down(grace)
    if behavior:
        result["horizontalPodAutoscalerConfig"] = {"behavior": behavior}
    length = autoscaling.queue_length
    if length is not None and (len(measured.triggers) + len(schedules) > 1 or length.activation):
        result["scalingModifiers"] = {
            "formula": _formula(measured.triggers, schedules, target),
            "target": str(target),
        }
        if length.activation:
            result["scalingModifiers"]["activationTarget"] = str(length.activation)
    return result


def _formula(queues: list[Object], schedules: list[Object], target: int) -> str:
    total = " + ".join(trigger["name"] for trigger in queues)
    if not schedules:
        return total
    floors = [f"{trigger['name']} * {target}" for trigger in schedules]
    return f"max({', '.join([total, *floors])})"


def _schedules(autoscaling: Autoscaling) -> list[Object]:
    return [
        {
            "type": "cron",
            "name": f"schedule_{number}",
            "metadata": {
                "timezone": schedule.timezone,
                "start": schedule.start,
                "end": schedule.end,
                "desiredReplicas": str(schedule.replicas),
            },
        }
        for number, schedule in enumerate(autoscaling.schedules, start=1)
    ]


def _resources(autoscaling: Autoscaling) -> list[Object]:
    result = []
    for name, metric in (("cpu", autoscaling.cpu), ("memory", autoscaling.memory)):
        if metric is not None:
            kind, value = _metric(metric)
            result.append({"type": name, "metricType": kind, "metadata": {"value": value}})
    return result


def _metric(metric: ResourceMetric) -> tuple[str, str]:
    if metric.average_utilization is not None:
        return "Utilization", str(metric.average_utilization)
    return "AverageValue", str(metric.average_value)


def _raw(trigger: Trigger) -> Object:
    reference = trigger.authentication_ref
    fields: dict[str, Any] = {
        "type": trigger.type,
        "name": trigger.name,
        "metadata": trigger.metadata,
        "metricType": trigger.metric_type,
        "useCachedMetrics": trigger.use_cached_metrics,
        "authenticationRef": {"name": reference.name, "kind": reference.kind}
        if reference
        else None,
    }
    return {key: value for key, value in fields.items() if value is not None}
