"""Worker sets: names, queues, what needs a composed command line, health checks, roll-outs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.k8s.suggest import quote
from celery_kustomize.model import defaults
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Subject, alias, duplicates, several, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.model.component import PodDisruptionBudget, Rollout

__all__ = ["RULES"]

_COMMAND_LINE_FIELDS = (
    "acks_late",
    "concurrency",
    "disable_prefetch",
    "gossip",
    "heartbeat",
    "log_level",
    "max_memory_per_child",
    "max_tasks_per_child",
    "mingle",
    "pool",
    "prefetch_multiplier",
    "task_events",
    "task_soft_time_limit",
    "task_time_limit",
    "transport_options",
)
_ELSEWHERE = {
    "acks_late": "write task_acks_late in spec.config.values",
    "transport_options": "write them in spec.broker",
}


def something_to_run(subject: Subject) -> Iterator[Finding]:
    """A spec without any component renders nothing but a ServiceAccount."""
    if not subject.places:
        yield warning(
            ("spec",), "runs nothing: write workers, or beat, flower, web, migration or redis"
        )


def image(subject: Subject) -> Iterator[Finding]:
    """A container needs an image (Kubernetes API, Container.image)."""
    for place in subject.application_places:
        if subject.spec.image is None and place.component.image is None:
            yield Finding(place.loc, "has no image: write spec.image, or an image of its own")


def own_names(subject: Subject) -> Iterator[Finding]:
    """A set's name is its Deployment's name and a selector label: it must be unique."""
    names = [worker.name for _, worker in subject.workers]
    for index, name in duplicates(names):
        yield Finding(
            ("spec", "workers", index, "name"),
            f'another worker set is called "{name}" already, and the name makes the '
            "Deployment's: write another one",
        )


def defaults_fields(subject: Subject) -> Iterator[Finding]:
    """``workerDefaults`` is a component, but worker sets have names of their own."""
    if subject.spec.worker_defaults.name is not None:
        yield Finding(
            ("spec", "workerDefaults", "name"),
            "means nothing here, since each worker set has a name of its own: remove it",
        )


def queue_names(subject: Subject) -> Iterator[Finding]:
    """``-Q`` splits at commas and strips nothing (celery.utils.text.str_to_list, Celery 5.7)."""
    for loc, worker in subject.workers:
        for index, queue in enumerate(worker.queues or []):
            if "," in queue or queue != queue.strip():
                yield Finding(
                    (*loc, "queues", index),
                    "has a comma or a space at an end, which Celery's -Q takes as part of the "
                    "list or the name: write one queue an item",
                )
        for index, queue in duplicates(worker.queues or []):
            yield Finding(
                (*loc, "queues", index),
                f"{quote(queue)} stands in the list twice, and its length would count twice: "
                "remove one",
            )


def shared_queues(subject: Subject) -> Iterator[Finding]:
    """Two sets may consume a queue, but then each scales for all of its tasks."""
    measured: dict[str, str] = {}
    for loc, worker in subject.workers:
        scaling = worker.autoscaling
        if scaling is None or scaling.queue_length is None:
            continue
        for queue in dict.fromkeys(scaling.queue_length.queues or subject.named_queues(worker)):
            if queue in measured:
                yield warning(
                    (*loc, "autoscaling", "queueLength"),
                    f'the queue {quote(queue)} also scales worker set "{measured[queue]}", so each '
                    "adds pods for the same tasks: count it in one set (queueLength.queues)",
                )
            measured.setdefault(queue, worker.name)


def composed_command_line(subject: Subject) -> Iterator[Finding]:
    """Options can be added to a composed command line only (spec: ``app`` may be absent)."""
    for loc, worker in subject.workers:
        if defaults.composed(subject.spec, worker):
            continue
        why = (
            "the set runs a command of its own"
            if worker.command is not None
            else "without spec.app the set runs the image's own command"
        )
        advice = "write the option in the command" if worker.command else "write spec.app"
        for name in _COMMAND_LINE_FIELDS:
            if worker.has(name) and getattr(worker, name) is not None:
                yield Finding(
                    (*loc, alias(worker, name)),
                    f"has no command line to go to, since {why}: {_ELSEWHERE.get(name, advice)}",
                )
        scales = worker.autoscaling is not None and worker.autoscaling.queue_length is not None
        if worker.queues is not None and not scales:
            yield warning(
                (*loc, "queues"),
                f"has no effect, since {why} and nothing scales by their length: {advice}",
            )


def health_check(subject: Subject) -> Iterator[Finding]:
    """What each probe needs: a module, or remote control (Celery 5.7, observed)."""
    for loc, worker in subject.workers:
        if worker.has("liveness_probe"):
            continue
        kind = defaults.health_check_type(subject.spec, worker)
        place = (*loc, "healthCheck", "type")
        if kind == "Heartbeat" and not defaults.composed(subject.spec, worker):
            yield Finding(
                place,
                "Heartbeat needs a module on the worker's command line, which is not composed "
                "here: write Ping or None",
            )
        elif kind == "Ping" and subject.spec.broker and subject.spec.broker.sqs:
            yield Finding(
                place,
                "Ping gets no answer, since SQS has no remote control: write Heartbeat or None",
            )
        elif kind == "Ping" and (
            subject.spec.config.values.get("worker_enable_remote_control") is False
        ):
            yield Finding(
                place,
                "Ping gets no answer, since worker_enable_remote_control is false: write "
                "Heartbeat or None",
            )
        elif kind == "Ping" and worker.pool == "solo":
            yield warning(
                place,
                "Ping gets no answer while a task runs in the solo pool, and the pod restarts: "
                "write Heartbeat or None",
            )


def rollout(subject: Subject) -> Iterator[Finding]:
    """Kubernetes' own checks of a Deployment's strategy (pkg/apis/apps/validation)."""
    given: list[tuple[Loc, Rollout]] = [(loc, w.rollout) for loc, w in subject.workers]
    if subject.spec.web is not None:
        given.append((("spec", "web"), subject.spec.web.rollout))
    for loc, item in given:
        yield from _rollout((*loc, "rollout"), item)


def _rollout(loc: Loc, item: Rollout) -> Iterator[Finding]:
    if item.type == "Recreate":
        for name, key in (("max_surge", "maxSurge"), ("max_unavailable", "maxUnavailable")):
            if item.has(name):
                yield Finding(
                    (*loc, key),
                    "means nothing with type Recreate, which stops all pods first: remove it",
                )
    elif item.max_surge in (0, "0%") and item.max_unavailable in (0, "0%"):
        yield Finding(
            (*loc, "maxSurge"),
            "is 0 and so is maxUnavailable, so no pod could ever be replaced: write 1 for one of "
            "the two",
        )
    deadline = 600 if item.progress_deadline_seconds is None else item.progress_deadline_seconds
    if (item.min_ready_seconds or 0) >= deadline:
        yield Finding(
            (*loc, "minReadySeconds"),
            f"{item.min_ready_seconds} is not below progressDeadlineSeconds ({deadline}), so every "
            "roll-out would fail: write less",
        )


def disruption_budget(subject: Subject) -> Iterator[Finding]:
    """A budget has one of two members (Kubernetes policy/v1), and must let one pod go."""
    for loc, worker in subject.workers:
        scaling = worker.autoscaling
        pods = worker.replicas if scaling is None else scaling.min_replicas
        yield from _budget((*loc, "podDisruptionBudget"), worker.pod_disruption_budget, pods)
    web = subject.spec.web
    if web is not None:
        pods = web.replicas if web.autoscaling is None else web.autoscaling.min_replicas
        yield from _budget(("spec", "web", "podDisruptionBudget"), web.pod_disruption_budget, pods)


def _budget(loc: Loc, budget: PodDisruptionBudget | None, pods: int) -> Iterator[Finding]:
    if budget is None:
        return
    given = [
        name
        for name, value in (
            ("maxUnavailable", budget.max_unavailable),
            ("minAvailable", budget.min_available),
        )
        if value is not None
    ]
    if len(given) != 1:
        yield Finding(
            loc,
            f"has {several(given) or 'neither maxUnavailable nor minAvailable'}, but Kubernetes "
            "takes exactly one: write maxUnavailable: 1, or null for no budget",
        )
    elif budget.max_unavailable in (0, "0%") or budget.min_available == "100%":
        yield warning(loc, "lets no pod go, so node drains wait for ever: write maxUnavailable: 1")
    elif isinstance(budget.min_available, int) and budget.min_available >= max(pods, 1):
        yield warning(
            (*loc, "minAvailable"),
            f"{budget.min_available} of {pods} pods must stay, so node drains wait for ever: write "
            "maxUnavailable: 1",
        )


RULES = (
    something_to_run,
    image,
    own_names,
    defaults_fields,
    queue_names,
    shared_queues,
    composed_command_line,
    health_check,
    rollout,
    disruption_budget,
)
