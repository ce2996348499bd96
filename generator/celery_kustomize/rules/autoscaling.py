"""Autoscaling: limits, what a HorizontalPodAutoscaler and KEDA accept, and what a queue shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.model import defaults
from celery_kustomize.model.autoscaling import Autoscaling, WebAutoscaling
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Subject, part, warning
from celery_kustomize.rules.triggers import RESOURCE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.model.component import Component
    from celery_kustomize.model.worker import Worker

__all__ = ["RULES"]

_KEDA_ONLY = (
    ("fallback", "fallback"),
    ("polling_interval_seconds", "pollingIntervalSeconds"),
    ("cooldown_period_seconds", "cooldownPeriodSeconds"),
    ("paused", "paused"),
)


def _scaled(subject: Subject) -> Iterator[tuple[Loc, Worker, Autoscaling]]:
    for loc, worker in subject.workers:
        if worker.autoscaling is not None:
            yield (*loc, "autoscaling"), worker, worker.autoscaling


def _all_scaled(subject: Subject) -> Iterator[tuple[Loc, Component, WebAutoscaling]]:
    yield from _scaled(subject)
    web = subject.spec.web
    if web is not None and web.autoscaling is not None:
        yield ("spec", "web", "autoscaling"), web, web.autoscaling


def bounds(subject: Subject) -> Iterator[Finding]:
    """The API server and KEDA's webhook refuse a minimum above the maximum."""
    for loc, _, scaling in _all_scaled(subject):
        most = scaling.max_replicas
        if scaling.min_replicas > most:
            yield Finding(
                (*loc, "minReplicas"), f"{scaling.min_replicas} is above maxReplicas ({most})"
            )
        if not isinstance(scaling, Autoscaling):
            continue
        for index, schedule in enumerate(scaling.schedules):
            if schedule.replicas > most:
                yield Finding(
                    (*loc, "schedules", index, "replicas"),
                    f"{schedule.replicas} is above maxReplicas ({most})",
                )
        if scaling.fallback is not None and scaling.fallback.replicas > most:
            yield Finding(
                (*loc, "fallback", "replicas"),
                f"{scaling.fallback.replicas} is above maxReplicas ({most})",
            )


def something_to_scale_by(subject: Subject) -> Iterator[Finding]:
    """An autoscaler without a metric is refused."""
    for loc, _, scaling in _all_scaled(subject):
        if scaling.cpu or scaling.memory:
            continue
        if isinstance(scaling, Autoscaling):
            if not scaling.uses_keda():
                yield Finding(
                    loc,
                    "says nothing to scale by: write queueLength, cpu, memory, schedules or "
                    "triggers",
                )
        else:
            yield Finding(loc, "says nothing to scale by: write cpu or memory")


def zero_replicas(subject: Subject) -> Iterator[Finding]:
    """Zero needs KEDA and a metric that is there without pods (its webhook's check)."""
    for loc, _, scaling in _all_scaled(subject):
        place = (*loc, "minReplicas")
        if scaling.min_replicas > 0:
            continue
        if not isinstance(scaling, Autoscaling) or not scaling.uses_keda():
            yield Finding(
                place,
                "0 is not possible with cpu and memory alone, which nobody can measure without a "
                "pod: write 1 or more",
            )
        elif _only_resources(scaling):
            yield Finding(
                place,
                "0 is refused by KEDA for cpu and memory triggers alone, which nobody can measure "
                "without a pod: write 1 or more",
            )


def zero_and_early_acknowledgement(subject: Subject) -> Iterator[Finding]:
    """Redis shows a running task only while it is not acknowledged (observed, kombu 5.7)."""
    for loc, worker, scaling in _scaled(subject):
        if scaling.min_replicas > 0 or scaling.queue_length is None:
            continue
        if not defaults.acks_late(subject.spec, worker):
            yield warning(
                (*loc, "minReplicas"),
                "0 without acksLate: running tasks do not count, so a busy set is scaled to zero "
                "and a task that outlasts the grace period is lost: write acksLate: true, or "
                "minReplicas: 1",
            )


def _only_resources(scaling: Autoscaling) -> bool:
    """Whether nothing but cpu and memory scales the set, though KEDA does it."""
    others = [t for t in scaling.triggers if t.type not in RESOURCE_TYPES]
    return not others and scaling.queue_length is None and not scaling.schedules


def keda_fields(subject: Subject) -> Iterator[Finding]:
    """A plain HorizontalPodAutoscaler has none of KEDA's options."""
    for loc, _, scaling in _scaled(subject):
        if scaling.uses_keda():
            continue
        for name, key in _KEDA_ONLY:
            if scaling.has(name) and getattr(scaling, name) not in (None, False):
                yield Finding(
                    (*loc, key),
                    "is KEDA's, but cpu and memory alone make a HorizontalPodAutoscaler: remove "
                    "it, or write queueLength, schedules or triggers",
                )


def fallback(subject: Subject) -> Iterator[Finding]:
    """KEDA's webhook wants a metric of type AverageValue that is not cpu or memory."""
    for loc, worker, scaling in _scaled(subject):
        if scaling.fallback is None or not scaling.uses_keda():
            continue
        if _only_resources(scaling):
            yield Finding(
                (*loc, "fallback"),
                "is refused by KEDA for cpu and memory triggers alone: remove it",
            )
        elif scaling.fallback.replicas == 0 and scaling.min_replicas == 0:
            yield warning(
                (*loc, "fallback", "replicas"),
                f'0 stops worker set "{worker.name}" whenever the broker cannot be read: write 1 '
                "or more",
            )


def resource_requests(subject: Subject) -> Iterator[Finding]:
    """Utilization is a share of the request; KEDA's webhook wants one for any target.

    Kubernetes takes the limit as request where only the limit is given.
    """
    for loc, component, scaling in _all_scaled(subject):
        keda = isinstance(scaling, Autoscaling) and scaling.uses_keda()
        wanted: list[tuple[str, Loc]] = []
        for kind in RESOURCE_TYPES:
            metric = getattr(scaling, kind)
            if metric is not None and (keda or metric.average_utilization is not None):
                wanted.append((kind, (*loc, kind)))
        if isinstance(scaling, Autoscaling):
            wanted += [
                (trigger.type, (*loc, "triggers", index))
                for index, trigger in enumerate(scaling.triggers)
                if trigger.type in RESOURCE_TYPES
            ]
        for kind, place in wanted:
            if not _has_request(component, kind):
                yield Finding(
                    place,
                    f"needs a {kind} request to compare with: write resources: {{requests: "
                    f"{{{kind}: ...}}}}",
                )


def _has_request(component: Component, kind: str) -> bool:
    resources = component.resources
    return any(kind in (resources.get(part) or {}) for part in ("requests", "limits"))


def foreign_autoscaler(subject: Subject) -> Iterator[Finding]:
    """Two autoscalers on one Deployment undo each other; KEDA's webhook refuses it."""
    for place in subject.places:
        if getattr(place.component, "autoscaling", None) is None:
            continue
        name = subject.object_name(place)
        for item in subject.objects:
            kind = item.get("kind")
            target = part(item, "spec", "scaleTargetRef", "name")
            if kind in ("HorizontalPodAutoscaler", "ScaledObject") and target == name:
                yield Finding(
                    (*place.loc, "autoscaling"),
                    f"{kind} {part(item, 'metadata', 'name')} scales {name} too, and the "
                    "two would undo each other: remove one",
                )


RULES = (
    bounds,
    something_to_scale_by,
    zero_replicas,
    zero_and_early_acknowledgement,
    keda_fields,
    fallback,
    resource_requests,
    foreign_autoscaler,
)
