"""Checks across fields, each a small function that says why. Pure.

To add one: a function from ``Subject`` to ``Finding``s in the module of its subject, its name in
that module's ``RULES``, a failing and a passing case in its test.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.rules import (
    arguments,
    autoscaling,
    beat,
    broker,
    config,
    environment,
    flower,
    names,
    pools,
    queue_length,
    redis,
    resources,
    secrets,
    security,
    service_accounts,
    shutdown,
    triggers,
    versions,
    volumes,
    web,
    workers,
)
from celery_kustomize.rules.finding import Finding
from celery_kustomize.rules.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.application import CeleryApplication

__all__ = ["RULES", "Finding", "check"]

RULES: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    *workers.RULES,
    *pools.RULES,
    *arguments.RULES,
    *environment.RULES,
    *volumes.RULES,
    *secrets.RULES,
    *config.RULES,
    *versions.RULES,
    *broker.RULES,
    *redis.RULES,
    *resources.RULES,
    *shutdown.RULES,
    *autoscaling.RULES,
    *queue_length.RULES,
    *triggers.RULES,
    *beat.RULES,
    *flower.RULES,
    *web.RULES,
    *names.RULES,
    *service_accounts.RULES,
    *security.RULES,
)


def check(application: CeleryApplication, objects: Sequence[Object] = ()) -> list[Finding]:
    """Run every rule on the merged application of one environment (or the base).

    Args:
        application: validated, with ``workerDefaults`` and the overlay merged in.
        objects: Kubernetes objects that pass through unchanged: those of the spec's own file and
            of its extraResources.

    Returns:
        What was found, each once, in the order of the rules.
    """
    subject = Subject(application, objects)
    return list(dict.fromkeys(finding for rule in RULES for finding in rule(subject)))
