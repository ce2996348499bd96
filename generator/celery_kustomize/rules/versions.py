"""What ``celeryVersion`` allows: options and transports that came with a release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.model import defaults
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Subject, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES"]

_OLDEST = (5, 2)


def oldest(subject: Subject) -> Iterator[Finding]:
    """The composed command line is that of Celery 5."""
    if defaults.version_at_least(subject.spec, *_OLDEST) is False:
        yield warning(
            ("spec", "celeryVersion"),
            f"{subject.spec.celery_version} is older than 5.2, the oldest release that the "
            "generated command lines were made for",
        )


def fields(subject: Subject) -> Iterator[Finding]:
    """Fields whose option an older Celery does not know, so that it fails to start."""
    used: list[tuple[Loc, bool, tuple[int, int]]] = []
    for loc, worker in subject.workers:
        used.append(((*loc, "disablePrefetch"), worker.disable_prefetch, (5, 6)))
        used.append(((*loc, "shutdown", "mode"), worker.shutdown.mode == "Soft", (5, 5)))
    broker = subject.spec.broker
    if broker is not None:
        used.append((("spec", "broker", "kafka"), broker.kafka is not None, (5, 3)))
        used.append((("spec", "broker", "pubsub"), broker.pubsub is not None, (5, 5)))
    for loc, given, (major, minor) in used:
        if given and defaults.version_at_least(subject.spec, major, minor) is False:
            yield Finding(
                loc,
                f"needs Celery {major}.{minor}, but celeryVersion is "
                f"{subject.spec.celery_version}: remove it",
            )


RULES = (oldest, fields)
