"""How workers stop: the grace period against the time limits, and soft shutdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.model import defaults
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Subject, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.model.worker import Worker

__all__ = ["RULES"]

_SOFT_MARGIN = 15


def grace_period(subject: Subject) -> Iterator[Finding]:
    """SIGKILL ends a task that may still run (Celery's warm shutdown waits for it)."""
    for loc, worker in subject.workers:
        limit = defaults.hard_time_limit(subject.spec, worker)
        grace = worker.shutdown.grace_period_seconds
        if limit is None or grace is None or worker.shutdown.mode == "Soft" or grace >= limit:
            continue
        late = defaults.acks_late(subject.spec, worker)
        then = "runs again later" if late else "is lost"
        yield warning(
            (*loc, "shutdown", "gracePeriodSeconds"),
            f"{grace} is below the hard time limit ({limit}), so a task that runs when its pod "
            f"stops can be killed and {then}: write {limit + 30}",
        )


def pod_template_grace(subject: Subject) -> Iterator[Finding]:
    """``podTemplate`` would replace the grace period behind the other checks' back."""
    for loc, worker in subject.workers:
        pod = worker.pod_template.get("spec") or {}
        if "terminationGracePeriodSeconds" in pod:
            yield Finding(
                (*loc, "podTemplate", "spec", "terminationGracePeriodSeconds"),
                "is written by the generator: use shutdown.gracePeriodSeconds",
            )


def soft_shutdown(subject: Subject) -> Iterator[Finding]:
    """``worker_soft_shutdown_timeout`` with REMAP_SIGTERM (Celery 5.5 and newer, observed).

    Below 5.5 and in the solo pool the running task is lost; with gevent and threads the time-out
    does not hold; without late acknowledgement there is nothing to give back.
    """
    for loc, worker in subject.workers:
        shutdown = worker.shutdown
        if shutdown.mode == "Warm":
            if shutdown.soft_timeout_seconds is not None:
                yield Finding(
                    (*loc, "shutdown", "softTimeoutSeconds"),
                    "belongs to soft shutdown: write mode: Soft beside it, or remove it",
                )
            continue
        mode = (*loc, "shutdown", "mode")
        if not defaults.composed(subject.spec, worker):
            yield Finding(
                mode, "Soft needs a composed command line: write spec.app and no command, or Warm"
            )
        if worker.pool != "prefork":
            yield Finding(
                mode,
                f"Soft works with the prefork pool only, not with {worker.pool}, which loses the "
                "running tasks or outlasts the time-out: write Warm",
            )
        if not defaults.acks_late(subject.spec, worker):
            yield Finding(
                mode,
                "Soft gives unfinished tasks back to the queue, which only tasks acknowledged late "
                "can be: write acksLate: true, or Warm",
            )
        yield from _soft_timeout(subject, loc, worker)


def _soft_timeout(subject: Subject, loc: Loc, worker: Worker) -> Iterator[Finding]:
    grace = defaults.grace_period(subject.spec, worker)
    soft = worker.shutdown.soft_timeout_seconds
    if soft is None and grace <= _SOFT_MARGIN:
        yield Finding(
            (*loc, "shutdown", "gracePeriodSeconds"),
            f"{grace} leaves nothing for soft shutdown, which needs {_SOFT_MARGIN} seconds after "
            "its time-out: write more",
        )
    elif soft is not None and soft + _SOFT_MARGIN > grace:
        yield Finding(
            (*loc, "shutdown", "softTimeoutSeconds"),
            f"{soft} is too near to the grace period ({grace}), since the worker needs "
            f"{_SOFT_MARGIN} seconds to give tasks back: write gracePeriodSeconds: "
            f"{soft + _SOFT_MARGIN} or more",
        )


def prefetch(subject: Subject) -> Iterator[Finding]:
    """What a worker reserves (prefetch multiplier times processes) nobody else can run."""
    for loc, worker in subject.workers:
        multiplier = defaults.prefetch_multiplier(subject.spec, worker)
        place = (
            (*loc, "prefetchMultiplier")
            if worker.has("prefetch_multiplier")
            else ("spec", "config", "values", "worker_prefetch_multiplier")
        )
        scales = worker.autoscaling is not None and worker.autoscaling.queue_length is not None
        late = defaults.acks_late(subject.spec, worker)
        if multiplier == 0:
            yield warning(
                place,
                "0 lets one worker reserve the whole queue, so other pods have nothing to do: "
                "write 1",
            )
        elif worker.disable_prefetch and worker.has("prefetch_multiplier") and multiplier > 1:
            yield warning(place, "has no effect beside disablePrefetch: true: remove one")
        elif multiplier > 1 and scales and not late:
            yield warning(
                place,
                f"with {multiplier} a worker reserves tasks that the queue's length no longer "
                "shows, so too few pods run: write 1, or acksLate: true",
            )


def disable_prefetch(subject: Subject) -> Iterator[Finding]:
    """``--disable-prefetch`` works with Redis only (Celery 5.6, celery/bin/worker.py)."""
    for loc, worker in subject.workers:
        if worker.disable_prefetch and subject.redis_broker() is False:
            yield Finding(
                (*loc, "disablePrefetch"),
                "works with Redis only, and the broker is another: remove it",
            )


RULES = (
    grace_period,
    pod_template_grace,
    soft_shutdown,
    prefetch,
    disable_prefetch,
)
