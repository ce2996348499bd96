"""What each of Celery's pools supports (Celery 5.7.0, observed; docs: domain of worker pools)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.k8s import quantity
from celery_kustomize.model import defaults
from celery_kustomize.rules.finding import Finding
from celery_kustomize.rules.subject import Subject, alias, several, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["AUTOSCALE_POOLS", "RULES"]

_SUPPORT: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("task_time_limit", ("prefork", "gevent"), "task_time_limit"),
    ("task_soft_time_limit", ("prefork",), "task_soft_time_limit"),
    ("max_tasks_per_child", ("prefork",), "worker_max_tasks_per_child"),
    ("max_memory_per_child", ("prefork",), "worker_max_memory_per_child"),
)
"""Field, the pools that honour it, and the setting that means the same."""

AUTOSCALE_POOLS = ("prefork", "gevent", "eventlet")
"""Pools that can grow and shrink: threads raises NotImplementedError, solo does nothing."""


def supported_options(subject: Subject) -> Iterator[Finding]:
    """Limits that a pool ignores silently are worse than none."""
    for loc, worker in subject.workers:
        for name, pools, setting in _SUPPORT:
            if worker.pool in pools:
                continue
            if getattr(worker, name) is not None:
                yield Finding(
                    (*loc, alias(worker, name)),
                    f"the {worker.pool} pool ignores it, only {several(pools)} "
                    f"{'honours' if len(pools) == 1 else 'honour'} it: remove it, or write "
                    "pool: prefork",
                )
            elif setting in subject.spec.config.values:
                yield warning(
                    (*loc, "pool"),
                    f"the {worker.pool} pool ignores {setting} of spec.config.values: its tasks "
                    "are not limited",
                )


def solo_concurrency(subject: Subject) -> Iterator[Finding]:
    """The solo pool runs tasks in the main process (celery.concurrency.solo)."""
    for loc, worker in subject.workers:
        if worker.pool == "solo" and worker.concurrency not in (None, 1):
            yield Finding(
                (*loc, "concurrency"),
                f"{worker.concurrency} is not possible, since the solo pool runs one task at a "
                "time: write 1, or another pool",
            )


def soft_below_hard(subject: Subject) -> Iterator[Finding]:
    """A soft limit at or after the hard one is never raised in the task."""
    for loc, worker in subject.workers:
        soft = defaults.soft_time_limit(subject.spec, worker)
        hard = defaults.hard_time_limit(subject.spec, worker)
        if soft is None or hard is None or soft < hard:
            continue
        if worker.task_soft_time_limit is not None:
            place = (*loc, "taskSoftTimeLimit")
        elif worker.task_time_limit is not None:
            yield Finding(
                (*loc, "taskTimeLimit"),
                f"{hard} is not above task_soft_time_limit ({soft}), so the task is killed before "
                "it is warned: write more",
            )
            continue
        else:
            place = ("spec", "config", "values", "task_soft_time_limit")
        yield Finding(
            place,
            f"{soft} is not below the hard time limit ({hard}), so the task is killed before it "
            "is warned: write less",
        )


def memory_per_child(subject: Subject) -> Iterator[Finding]:
    """Celery replaces a child after its task; the kernel does not wait that long."""
    for loc, worker in subject.workers:
        limit = worker.resources.get("limits", {}).get("memory")
        processes = defaults.concurrency(subject.spec, worker)
        if worker.max_memory_per_child is None or limit is None or processes is None:
            continue
        available = quantity.to_mib(str(limit))
        if quantity.parse(worker.max_memory_per_child) * processes > quantity.parse(str(limit)):
            yield warning(
                (*loc, "maxMemoryPerChild"),
                f"{worker.max_memory_per_child} for each of {processes} processes is above the "
                f"memory limit ({limit}), so the kernel kills the pod before Celery replaces a "
                f"process: write at most {available // processes}Mi",
            )


RULES = (supported_options, solo_concurrency, soft_below_hard, memory_per_child)
