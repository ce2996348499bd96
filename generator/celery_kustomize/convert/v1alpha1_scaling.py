"""``scaleTargetRef`` of a ``Celery``: the workers' autoscaling.

The operator read queue lengths from Flower's API and patched ``replicas`` to
``min(max(ceil(current * length / average), minReplicas), maxReplicas)``.
"""

from __future__ import annotations

from celery_kustomize.convert.reading import Fields, Given, Problems, duplicate, put
from celery_kustomize.convert.shared import add_variable
from celery_kustomize.convert.v1alpha1_flower import asks_for_login
from celery_kustomize.k8s.suggest import did_you_mean, quote
from celery_kustomize.located import Map, Mark, Seq

__all__ = ["convert_scaling"]

_QUEUE_METRICS = ("task_queue_length", "message_queue")
_METRICS = ("cpu", "memory", *_QUEUE_METRICS)
_OPEN_API = "FLOWER_UNAUTHENTICATED_API"
_VALUE_TYPES = {"utilization": "averageUtilization", "averagevalue": "averageValue"}


def convert_scaling(source: Fields, worker: Map, flower: Map, problems: Problems) -> None:
    """Add ``autoscaling`` to ``worker`` where ``source.scaleTargetRef`` scales workers."""
    target = None
    for each in source.children("scaleTargetRef"):
        kind = each.text("kind", "kind: worker")
        if kind is None:
            continue
        if kind.value == "worker":
            if target is not None:
                problems.warning(target.mark, "is left out: a later one scales the workers, too")
            target = each
        elif kind.value == "flower":
            problems.warning(each.mark, "is left out: Flower runs as one")
        else:
            hint = did_you_mean(kind.value, ("worker", "flower")) or ": write worker"
            problems.error(kind.mark, f"{quote(kind.value)} is not scaled{hint}")
    if target is not None:
        worker["autoscaling"] = _autoscaling(target, worker, problems)
        worker.marks["autoscaling"] = source.mark_of("scaleTargetRef")
        worker.pop("replicas", None)
        worker.marks.pop("replicas", None)
        if "queueLength" in worker["autoscaling"]:
            _open_api(worker, flower, problems)


def _autoscaling(source: Fields, worker: Map, problems: Problems) -> Map:
    result = Map(mark=source.mark)
    highest = source.integer("maxReplicas", 1)
    if highest is None and not source.has("maxReplicas"):
        problems.error(source.mark_of("maxReplicas"), "is missing: write the most workers to run")
    lowest = source.integer("minReplicas", 0)
    if lowest is None and "replicas" in worker:
        lowest = Given(worker["replicas"], worker.mark_of("replicas"))
    put(result, "minReplicas", _lowest(lowest, highest, problems))
    put(result, "maxReplicas", highest)
    metrics = source.children("metrics")
    if not metrics and not source.has("metrics"):
        message = "is missing: write cpu, memory or task_queue_length with a target"
        problems.error(source.mark_of("metrics"), message)
    for metric in metrics:
        _metric(result, metric, problems)
    source.finish()
    return result


def _lowest(
    lowest: Given[int] | None, highest: Given[int] | None, problems: Problems
) -> Given[int] | None:
    if lowest is None:
        return None
    if lowest.value == 0:
        message = "is 1 now: what is measured here cannot start the first worker"
        problems.warning(lowest.mark, message)
        return Given(1, lowest.mark)
    if highest is not None and lowest.value > highest.value:
        message = f"is {highest.value} now: maxReplicas is lower, and it decided"
        problems.warning(lowest.mark, message)
        return Given(highest.value, lowest.mark)
    return lowest


def _metric(result: Map, source: Fields, problems: Problems) -> None:
    name = source.text("name", "cpu, memory or task_queue_length")
    target = source.child("target", "type and averageValue or averageUtilization")
    field = None
    if name is not None and name.value in _QUEUE_METRICS:
        field, value = "queueLength", _queue_length(target, problems)
    elif name is not None and name.value in _METRICS:
        field, value = name.value, _resource(target, problems)
    elif name is not None:
        hint = did_you_mean(name.value, _METRICS) or ": write cpu, memory or task_queue_length"
        problems.error(name.mark, f"{quote(name.value)} is not a metric{hint}")
    if field is not None and name is not None:
        if field in result:
            problems.error(name.mark, "is given twice: remove one")
        result.put(field, value, source.mark)
        target.finish()
    source.finish()


def _type(target: Fields, allowed: tuple[str, ...], problems: Problems) -> str | None:
    """The target's type, in small letters and without spaces ("Average Value" is one)."""
    given = target.text("type")
    if given is None:
        return None
    text = given.value.replace(" ", "").lower()
    if text in {name.lower() for name in allowed}:
        return text
    hint = did_you_mean(given.value, allowed) or f": write {' or '.join(allowed)}"
    problems.error(given.mark, f"{quote(given.value)} is not a type of this metric{hint}")
    return None


def _queue_length(target: Fields, problems: Problems) -> Map:
    _type(target, ("length", "AverageValue"), problems)
    result = Map(mark=target.mark)
    tasks = target.integer("averageValue", 1)
    if tasks is None and not target.has("averageValue"):
        problems.error(target.mark_of("averageValue"), "is missing: write the tasks per worker")
    put(result, "target", tasks)
    result["source"] = "Flower"
    return result


def _resource(target: Fields, problems: Problems) -> Map:
    """A target for cpu or memory. Its type says what a number is, whichever field it stands in."""
    result = Map(mark=target.mark)
    kind = _type(target, ("Utilization", "AverageValue"), problems)
    fields = [name for name in ("averageUtilization", "averageValue") if target.anything(name)]
    if not fields:
        message = "is missing: write a percentage of the request, for example 70"
        problems.error(target.mark_of("averageUtilization"), message)
        return result
    wanted = _VALUE_TYPES.get(kind or "", fields[0])
    field = wanted if wanted in fields else fields[0]
    if wanted == "averageUtilization":
        put(result, wanted, target.integer(field, 1))
    else:
        put(result, wanted, target.anything(field))
    return result


def _open_api(worker: Map, flower: Map, problems: Problems) -> None:
    """Let the scaler read Flower's API, as the operator could."""
    mark = worker.mark_of("autoscaling")
    if asks_for_login(flower):
        _log_in(flower, mark, problems)
        return
    env = flower.get("env")
    if isinstance(env, Seq) and any(isinstance(v, Map) and v.get("name") == _OPEN_API for v in env):
        return
    message = (
        "the queue length comes from Flower's API, which is open to the scaler and to whoever "
        f"reaches Flower ({_OPEN_API}): they can stop workers and run tasks. To close it, write "
        "flower.basicAuthFrom and flower.apiAuthFrom and remove the variable; or write "
        "spec.broker and remove source: Flower"
    )
    problems.warning(mark, message)
    add_variable(flower, _OPEN_API, "true")


def _log_in(flower: Map, mark: Mark, problems: Problems) -> None:
    """Let the scaler log in as a user of Flower does."""
    if "basicAuthFrom" in flower:
        flower["apiAuthFrom"] = duplicate(flower["basicAuthFrom"])
        message = (
            "the queue length comes from Flower, where the scaler logs in by the Secret of "
            "flower.basicAuthFrom: if it holds several users, name a Secret with one of them in "
            "flower.apiAuthFrom"
        )
    else:
        message = (
            "the queue length comes from Flower, which asks for a log-in: put user:password into "
            "a Secret and name it in flower.apiAuthFrom"
        )
    problems.warning(mark, message)
