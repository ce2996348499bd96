"""``celeryproject.org/v1alpha1 Celery``, of the Celery Kubernetes Operator.

Three shapes share the version: the operator's first CustomResourceDefinition (``spec.common``, one
field an option), the enhancement proposal (celery/ceps, draft/celery-kubernetes-operator.rst: the
same with ``args``), and the operator's later one (everything of ``common`` in ``spec`` itself).
Defaults are those of the operator's deployment templates.
"""

from __future__ import annotations

from typing import Any

from celery_kustomize.convert import shared
from celery_kustomize.convert.options import log_level, split_queues, worker_options
from celery_kustomize.convert.reading import Fields, Given, Problems, duplicate, fill, put
from celery_kustomize.convert.v1alpha1_flower import convert_flower
from celery_kustomize.convert.v1alpha1_scaling import convert_scaling
from celery_kustomize.k8s.suggest import did_you_mean, quote
from celery_kustomize.located import Map, Seq

__all__ = ["convert_celery"]

_COMMON = ("appName", "celeryApp", "image")
_ONLY_PREFORK = ("taskSoftTimeLimit", "maxTasksPerChild", "maxMemoryPerChild")
_IGNORED = {
    "gevent": _ONLY_PREFORK,
    "eventlet": ("taskTimeLimit", *_ONLY_PREFORK),
    "threads": ("taskTimeLimit", *_ONLY_PREFORK),
    "solo": ("taskTimeLimit", *_ONLY_PREFORK, "concurrency"),
}
_STRATEGIES = ("RollingUpdate", "Recreate")
_LOG_LEVELS = "DEBUG, INFO, WARNING, ERROR, CRITICAL or FATAL"


def convert_celery(document: Fields, problems: Problems) -> Map:
    """The native document of a ``Celery``."""
    source = document.child("spec", "spec.common and spec.workerSpec")
    common = source if _is_flat(source) else source.child("common")
    source.anything("common")
    name = common.text("appName", "the application's name")
    meta = document.child("metadata")
    given_name = meta.text("name")
    if name is not None and given_name is not None:
        name = _name(name, given_name, common, problems)
    spec = Map(mark=source.mark)
    put(spec, "app", common.text("celeryApp", "the Celery application, as for celery --app"))
    shared.images(spec, common)
    put(spec, "celeryVersion", shared.celery_version(common.anything("celeryVersion"), problems))
    spec["security"] = shared.security()
    fill(spec, common, "volumes", "volumeMounts", kind=Seq)
    pods = _pods(common)
    worker = _worker(source.child("workerSpec"), common, problems)
    flower = convert_flower(source.child("flowerSpec"), common, problems)
    convert_scaling(source, worker, flower, problems)
    for component in (worker, flower):
        for key, pod_field in pods.items():
            put(component, key, Given(duplicate(pod_field.value), pod_field.mark))
    shared.components(spec, worker, flower, source, ("workerSpec", "flowerSpec"))
    common.finish()
    if source is not common:
        source.finish()
    return shared.native_document(document, shared.metadata(meta, name, problems), spec)


def _is_flat(source: Fields) -> bool:
    """Whether the fields of ``common`` stand in ``spec`` itself, as in the operator's later CRD."""
    return not source.has("common") and source.has(*_COMMON)


def _name(app_name: Given[str], name: Given[str], common: Fields, problems: Problems) -> Given[str]:
    if app_name.value == name.value:
        return name
    place = common.mark_of("appName").path
    message = (
        f"is not kept: the application is called {quote(app_name.value)} after {place}, from which "
        "its objects have their names"
    )
    problems.warning(name.mark, message)
    return app_name


def _pods(common: Fields) -> dict[str, Given[Any]]:
    """What the later CRD says once for the pods of workers and Flower."""
    result: dict[str, Given[Any]] = {}
    for key in ("livenessProbe", "readinessProbe"):
        if probe := common.mapping(key):
            result[key] = probe
    if containers := common.sequence("initContainers"):
        spec = Map(mark=containers.mark)
        put(spec, "initContainers", containers)
        template = Map(mark=containers.mark)
        template["spec"] = spec
        result["podTemplate"] = Given(template, containers.mark)
    return result


def _worker(source: Fields, common: Fields, problems: Problems) -> Map:
    worker = Map({"name": "default"}, source.mark)
    divided = worker_options(source.texts("args") or [])
    for gone in divided.gone:
        problems.warning(gone.mark, f"is left out: {gone.value}")
    own, older = source.integer("numOfWorkers", 0), common.integer("workerReplicas", 0)
    given: dict[str, Given[Any] | None] = {
        "queues": _queues(source, problems),
        "replicas": own or older,
        "concurrency": source.integer("concurrency", 1),
        "logLevel": _log_level(source, problems),
        "maxTasksPerChild": source.integer("maxTasksPerChild", 1),
    }
    for key, field in given.items():
        option = divided.fields.pop(key, None)
        if option is not None and field is not None and option.value != field.value:
            message = f"gives another {key} than {field.mark.path}: the option counts, as it did"
            problems.warning(option.mark, message)
        put(worker, key, _queue_list(option or field) if key == "queues" else option or field)
    for key, option in divided.fields.items():
        put(worker, key, option)
    if divided.rest:
        worker.put("args", _seq(divided.rest), source.mark_of("args"))
    _without_ignored(worker, problems)
    _without_health_check(worker, problems)
    fill(worker, source, "resources", kind=Map)
    fill(worker, source, "env", kind=Seq)
    fill(worker, source, "nodeSelector", kind=Map)
    _rollout(worker, source, problems)
    source.finish()
    return worker


def _without_ignored(worker: Map, problems: Problems) -> None:
    """Leave out what the pool ignores: the native format refuses it."""
    pool = worker.get("pool", "prefork")
    for key in _IGNORED.get(pool, ()):
        if key in worker and not (key == "concurrency" and worker[key] == 1):
            problems.warning(worker.mark_of(key), f"is left out: the {pool} pool ignores it")
            del worker[key]


def _without_health_check(worker: Map, problems: Problems) -> None:
    """``-I`` takes the place of the module by which a worker shows that it lives."""
    args = worker.get("args", Seq())
    for index, arg in enumerate(args):
        if arg.startswith("-I") or arg.partition("=")[0] == "--include":
            message = (
                "leaves no place for the module of the health check, so there is none: write "
                "imports in spec.config.values instead"
            )
            problems.warning(args.mark_of(index), message)
            worker["healthCheck"] = Map({"type": "None"}, args.mark_of(index))


def _seq(items: list[Given[str]]) -> Seq:
    mark = items[0].mark
    return Seq([item.value for item in items], mark, [item.mark for item in items])


def _queues(source: Fields, problems: Problems) -> Given[list[str]] | None:
    """Queues from a text with commas, or from a list."""
    given = source.anything("queues")
    if given is None:
        return None
    if isinstance(given.value, str):
        return Given(split_queues(given.value), given.mark)
    if isinstance(given.value, Seq):
        items = source.texts("queues") or []
        return Given([name for item in items for name in split_queues(item.value)], given.mark)
    problems.error(given.mark, 'expected queues with commas between them, as in "default, emails"')
    return None


def _queue_list(given: Given[list[str]] | None) -> Given[Seq] | None:
    if given is None or not given.value:
        return None
    names = list(dict.fromkeys(given.value))
    return Given(Seq(names, given.mark, [given.mark] * len(names)), given.mark)


def _log_level(source: Fields, problems: Problems) -> Given[str] | None:
    given = source.text("logLevel")
    if given is None:
        return None
    level = log_level(given.value)
    if level is None:
        problems.error(given.mark, f"{quote(given.value)} is not a log level: write {_LOG_LEVELS}")
        return None
    return Given(level, given.mark)


def _rollout(worker: Map, source: Fields, problems: Problems) -> None:
    """``rolloutStrategy``: a strategy's type, or a Deployment's ``strategy``."""
    given = source.anything("rolloutStrategy")
    rollout = Map(mark=source.mark)
    strategy = None
    if given is not None and isinstance(given.value, str):
        strategy = given
        put(rollout, "type", strategy)
    elif given is not None:
        fields = source.child("rolloutStrategy")
        rollout.mark = fields.mark
        strategy = fields.text("type")
        put(rollout, "type", strategy)
        rolling = fields.child("rollingUpdate")
        put(rollout, "maxSurge", rolling.anything("maxSurge"))
        put(rollout, "maxUnavailable", rolling.anything("maxUnavailable"))
        for each in (rolling, fields):
            each.finish()
    if strategy is not None and strategy.value not in _STRATEGIES:
        hint = did_you_mean(strategy.value, _STRATEGIES)
        message = f"{quote(strategy.value)} is not a strategy{hint or ': write RollingUpdate'}"
        problems.error(strategy.mark, message)
    if strategy is None or strategy.value != "Recreate":
        rollout.setdefault("maxSurge", "20%")
        rollout.setdefault("maxUnavailable", 0)
    rollout["minReadySeconds"] = 10
    worker["rollout"] = rollout
    if given is not None:
        worker.marks["rollout"] = given.mark
