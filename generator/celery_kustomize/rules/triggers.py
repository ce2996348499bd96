"""Raw KEDA triggers: what KEDA's webhook checks (it fails open), and misspelt metadata."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from celery_kustomize.k8s.suggest import did_you_mean, quote
from celery_kustomize.model import defaults
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.scalers import SCALER_TYPES, SCALERS
from celery_kustomize.rules.subject import Subject, duplicates, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.model.autoscaling import Autoscaling, Trigger
    from celery_kustomize.model.worker import Worker

__all__ = ["RESOURCE_TYPES", "RULES"]

RESOURCE_TYPES = ("cpu", "memory")


def _scaled(subject: Subject) -> Iterator[tuple[Loc, Worker, Autoscaling]]:
    for loc, worker in subject.workers:
        if worker.autoscaling is not None:
            yield (*loc, "autoscaling"), worker, worker.autoscaling


def known_types(subject: Subject) -> Iterator[Finding]:
    """KEDA fails on an unknown type only when it reads the ScaledObject."""
    for loc, _, scaling in _scaled(subject):
        for index, trigger in enumerate(scaling.triggers):
            if trigger.type not in SCALERS:
                known = trigger.type in SCALER_TYPES
                guess = "" if known else did_you_mean(trigger.type, SCALER_TYPES)
                what = "its metadata is not checked" if known else "is no scaler known here"
                yield warning(
                    (*loc, "triggers", index, "type"), f"{quote(trigger.type)}: {what}{guess}"
                )


def metadata(subject: Subject) -> Iterator[Finding]:
    """KEDA ignores unknown keys and fails later on missing ones (KEDA v2.20, pkg/scalers)."""
    for loc, _, scaling in _scaled(subject):
        for index, trigger in enumerate(scaling.triggers):
            place = (*loc, "triggers", index)
            yield from _unknown_keys(place, trigger)
            yield from _missing_keys(place, trigger)
            yield from _special_keys(place, trigger)


def _unknown_keys(loc: Loc, trigger: Trigger) -> Iterator[Finding]:
    scaler = SCALERS.get(trigger.type)
    if scaler is None:
        return
    for key in trigger.metadata:
        if key in scaler.keys() or _told_apart(trigger.type, key):  # noqa: SIM118 - a method
            continue
        guess = did_you_mean(key, scaler.keys())
        yield Finding(
            (*loc, "metadata", key),
            f"is no metadata of the {trigger.type} scaler, and KEDA would ignore it{guess}",
        )


def _told_apart(kind: str, key: str) -> bool:
    """Keys that ``_special_keys`` has a better message for."""
    return (kind == "gcp-pubsub" and key == "subscriptionSize") or (
        kind in RESOURCE_TYPES and key == "type"
    )


def _missing_keys(loc: Loc, trigger: Trigger) -> Iterator[Finding]:
    scaler = SCALERS.get(trigger.type)
    if scaler is None:
        return
    for alternatives in scaler.required:
        given = any(
            key in trigger.metadata or f"{key}FromEnv" in trigger.metadata for key in alternatives
        )
        by_authentication = trigger.authentication_ref is not None and any(
            key in scaler.authentication for key in alternatives
        )
        if not given and not by_authentication:
            yield Finding(
                (*loc, "metadata"),
                f"the {trigger.type} scaler needs {' or '.join(alternatives)}: write it",
            )


def _special_keys(loc: Loc, trigger: Trigger) -> Iterator[Finding]:
    data = trigger.metadata
    if trigger.type in RESOURCE_TYPES:
        if "type" in data:
            yield Finding(
                (*loc, "metadata", "type"),
                "is refused by KEDA: write metricType beside metadata instead",
            )
        if trigger.metric_type not in ("Utilization", "AverageValue"):
            yield Finding(
                (*loc, "metricType"),
                f"the {trigger.type} scaler needs Utilization or AverageValue: write one of them",
            )
    elif trigger.metric_type == "Utilization":
        yield Finding(
            (*loc, "metricType"),
            "Utilization exists for cpu and memory only: write AverageValue or Value",
        )
    if trigger.type == "gcp-pubsub" and "subscriptionSize" in data:
        yield Finding(
            (*loc, "metadata", "subscriptionSize"),
            "is an error since KEDA 2.20: write mode: SubscriptionSize and value",
        )
    if trigger.type == "rabbitmq" and ("mode" in data) != ("value" in data):
        yield Finding((*loc, "metadata"), "mode and value go together: write both or neither")
    if trigger.type == "rabbitmq" and data.get("host", "").startswith("pyamqp://"):
        yield Finding(
            (*loc, "metadata", "host"), "KEDA does not know pyamqp://: write amqp:// instead"
        )
    if trigger.use_cached_metrics and trigger.type in (*RESOURCE_TYPES, "cron"):
        yield Finding(
            (*loc, "useCachedMetrics"), f"is refused by KEDA for {trigger.type}: remove it"
        )


def names(subject: Subject) -> Iterator[Finding]:
    """Formulas and KEDA's webhook need names that are unique in a ScaledObject."""
    for loc, worker, scaling in _scaled(subject):
        generated = _generated_names(subject, worker)
        for index, trigger in enumerate(scaling.triggers):
            if trigger.name in generated:
                yield Finding(
                    (*loc, "triggers", index, "name"),
                    f"{quote(trigger.name)} is the name of a generated trigger: write another one",
                )
        given = [
            (index, trigger.name) for index, trigger in enumerate(scaling.triggers) if trigger.name
        ]
        for position, name in duplicates([name for _, name in given]):
            yield Finding(
                (*loc, "triggers", given[position][0], "name"),
                f"{quote(name)} is the name of another trigger of this set, and KEDA refuses that: "
                "write another one",
            )


def lost_in_the_formula(subject: Subject) -> Iterator[Finding]:
    """With ``scalingModifiers`` the HPA keeps the composite metric, and cpu and memory."""
    for loc, worker, scaling in _scaled(subject):
        length = scaling.queue_length
        if length is None:
            continue
        several = len(length.queues or subject.named_queues(worker)) > 1
        unacked = length.source == "Broker" and (
            defaults.acks_late(subject.spec, worker) or bool(length.count_unacked)
        )
        if not (several or unacked or scaling.schedules or length.activation or length.priorities):
            continue
        for index, trigger in enumerate(scaling.triggers):
            if trigger.type not in RESOURCE_TYPES:
                yield warning(
                    (*loc, "triggers", index),
                    "has no effect beside queueLength, whose parts are summed up by a formula "
                    "that is then KEDA's only metric: write a trigger for the queues too, or "
                    "remove it",
                )


def _generated_names(subject: Subject, worker: Worker) -> set[str]:
    """Names of the triggers that the generator writes: after queues, or numbered schedules."""
    scaling = worker.autoscaling
    if scaling is None:
        return set()
    names = {f"schedule_{number}" for number in range(1, len(scaling.schedules) + 1)}
    length = scaling.queue_length
    if length is not None:
        queues = ["backlog"] if length.source == "Prometheus" else length.queues
        for queue in queues or subject.named_queues(worker):
            names.add(re.sub(r"[^a-z0-9_]", "_", queue.lower()))
    return names


RULES = (known_types, metadata, names, lost_in_the_formula)
