"""Autoscaling of worker sets and web: HorizontalPodAutoscalers and KEDA, from every source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.equivalence.specs.choose import absent

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.equivalence.specs.choose import Choose, Fields
    from tests.equivalence.specs.shape import Shape

__all__ = ["of_web", "of_workers"]

_PROMETHEUS = "http://prometheus.monitoring.svc:9090"
_AUTHENTICATION = {"name": "keda", "kind": "ClusterTriggerAuthentication"}
_BEHAVIORS: list[Fields] = [
    {"scaleDown": {"selectPolicy": "Max"}},
    {"scaleUp": {"policies": [{"type": "Pods", "value": 1, "periodSeconds": 60}]}},
]
_KEDA_FIELDS = (
    "queueLength",
    "schedules",
    "triggers",
    "fallback",
    "pollingIntervalSeconds",
    "cooldownPeriodSeconds",
    "paused",
)
_QUEUE_FIELDS = (
    "source",
    "target",
    "activation",
    "queues",
    "priorities",
    "countUnacked",
    "serverAddress",
    "query",
    "authenticationRef",
    "podIdentity",
)


def _metrics(choose: Choose) -> Fields:
    metric = choose.one(["cpu", "memory", "both"])
    targets = {
        "cpu": [{"averageUtilization": 70}, {"averageValue": "500m"}],
        "memory": [{"averageValue": "1Gi"}, {"averageUtilization": 80}],
    }
    return {
        name: choose.one(values) if metric in (name, "both") else None
        for name, values in targets.items()
    }


def of_web(choose: Choose) -> Any:
    if choose.chance(30):
        return None
    more = choose.fields(30, behavior=lambda c: c.one([None, *_BEHAVIORS]))
    return {
        "minReplicas": choose.number(1, 2),
        "maxReplicas": choose.number(3, 5),
        **_metrics(choose),
        **more,
    }


def _trigger(choose: Choose, name: str) -> Fields:
    metadata = {"serverAddress": _PROMETHEUS, "query": f"sum({name})", "threshold": "5"}
    found: Fields = {"type": "prometheus", "name": name, "metadata": metadata}
    return found | choose.fields(
        20,
        metricType=lambda c: c.one(["AverageValue", "Value"]),
        useCachedMetrics=lambda c: c.chance(50),
        authenticationRef=lambda c: c.one([{"name": "keda"}, _AUTHENTICATION]),
    )


def _triggers(choose: Choose, _: Shape) -> Fields:
    return {"triggers": [_trigger(choose, name) for name in choose.some("abc") or "a"]}


def _schedules(choose: Choose, _: Shape) -> Fields:
    day = {"timezone": "Asia/Tokyo", "start": "0 8 * * *", "end": "0 18 * * *", "replicas": 2}
    week = {"start": "0 6 * * 1-5", "end": "0 22 * * 1-5", "replicas": 3}
    return {"schedules": choose.some([day, week]) or [day]}


def _by_prometheus(choose: Choose, _: Shape) -> Fields:
    found = {"target": choose.number(2, 4), "source": "Prometheus", "serverAddress": _PROMETHEUS}
    return {"queueLength": {**found, "query": "sum(celery_queue_length)"}}


def _by_broker(choose: Choose, shape: Shape) -> Fields:
    found = choose.fields(
        25,
        target=lambda c: c.number(1, 4),
        activation=lambda c: c.number(0, 3),
        queues=lambda c: c.some(["default", "on", "08"]) or ["on"],
        source=lambda _: "Broker",
    )
    if not shape.composed:
        found["target"] = 3
    if shape.brokers == "redis" and choose.chance(40):
        found |= {"priorities": choose.one([[0, 3, 6, 9], [0]]), "countUnacked": choose.chance(50)}
    if shape.brokers == "cloud":
        found |= choose.one([{"podIdentity": "aws"}, {"authenticationRef": _AUTHENTICATION}])
    elif choose.chance(20):
        found["authenticationRef"] = choose.one([{"name": "keda"}, _AUTHENTICATION])
    return {"queueLength": found}


def _by_flower(choose: Choose, _: Shape) -> Fields:
    found = {"source": "Flower", "target": choose.number(1, 4)}
    return {"queueLength": found, "minReplicas": 1}


def _sources(shape: Shape) -> list[Callable[[Choose, Shape], Fields]]:
    found: list[Callable[[Choose, Shape], Fields]] = [_schedules, _by_prometheus, _triggers]
    if shape.brokers in ("redis", "typed", "cloud"):
        found += [_by_broker] * 3
    return [*found, _by_flower] if shape.flower else found


def of_workers(choose: Choose, shape: Shape) -> Any:
    """All that another one may have given is null, so that kinds of scalers replace each other."""
    if choose.chance(25):
        return None
    found: Fields = {
        "minReplicas": 1,
        "maxReplicas": choose.number(3, 5),
        **absent("cpu", "memory", "behavior", *_KEDA_FIELDS),
        **choose.fields(20, behavior=lambda c: c.one(_BEHAVIORS)),
    }
    if choose.chance(30):
        return {**found, **_metrics(choose)}
    found["minReplicas"] = choose.number(0, 1)
    found |= choose.one(_sources(shape))(choose, shape)
    found |= choose.fields(
        20,
        pollingIntervalSeconds=lambda c: c.number(5, 10),
        cooldownPeriodSeconds=lambda c: c.one([60, 600]),
        fallback=lambda c: {"failureThreshold": 3, "replicas": c.number(1, 2)},
        paused=lambda c: c.chance(50),
        cpu=lambda _: {"averageUtilization": 60},
    )
    if found["queueLength"] is not None:
        found["queueLength"] = {**absent(*_QUEUE_FIELDS), **found["queueLength"]}
    return found
