"""What both older kinds have in common: metadata, versions, security, Flower's one replica."""

from __future__ import annotations

import re
from typing import Any

from celery_kustomize.convert.reading import Fields, Given, Problems, put
from celery_kustomize.located import Map, Seq

__all__ = [
    "API_VERSION",
    "KEEP_STATE",
    "KIND",
    "add_variable",
    "celery_version",
    "components",
    "flower_replicas",
    "flower_variables",
    "images",
    "metadata",
    "native_document",
    "security",
]

API_VERSION = "celeryproject.org/v1beta1"
KIND = "CeleryApplication"

_OF_THE_CLUSTER = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
)
_ORDER = (
    "name",
    "queues",
    "replicas",
    "concurrency",
    "pool",
    "logLevel",
    "prefetchMultiplier",
    "disablePrefetch",
    "taskTimeLimit",
    "taskSoftTimeLimit",
    "maxTasksPerChild",
    "maxMemoryPerChild",
    "taskEvents",
    "gossip",
    "mingle",
    "heartbeat",
    "port",
    "urlPrefix",
    "options",
    "args",
    "resources",
    "env",
    "envFrom",
    "nodeSelector",
    "annotations",
    "basicAuthFrom",
    "apiAuthFrom",
    "insecure",
    "service",
    "rollout",
    "healthCheck",
    "livenessProbe",
    "readinessProbe",
    "autoscaling",
    "podTemplate",
)
"""Fields of worker sets and Flower that can come from an older kind, as they are written."""
_KOPF = "kopf.zalando.org/"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
KEEP_STATE = "is left out: to keep Flower's state over restarts, write flower.storage"
_PORT = re.compile("[1-9][0-9]{1,4}")
_VERSION = re.compile(r"v?([0-9]{1,9}\.[0-9]{1,9}(?:\.[0-9]{1,9})?)")


def native_document(document: Fields, meta: Map, spec: Map) -> Map:
    """A native document of ``meta`` and ``spec``, in the place of ``document``."""
    result = Map(mark=document.mark)
    result.put("apiVersion", API_VERSION, document.mark_of("apiVersion"))
    result.put("kind", KIND, document.mark_of("kind"))
    result.put("metadata", meta, document.mark_of("metadata"))
    result.put("spec", spec, document.mark_of("spec"))
    return result


def metadata(source: Fields, name: Given[str] | None, problems: Problems) -> Map:
    """Native metadata of an application called ``name``.

    What only the cluster sets (in a file that comes from ``kubectl get``) is left out.
    """
    result = Map(mark=source.mark)
    put(result, "name", name)
    put(result, "namespace", source.text("namespace"))
    put(result, "labels", source.mapping("labels"))
    annotations = source.mapping("annotations")
    if annotations is not None:
        annotations = _without_tools(annotations, problems)
    if annotations is not None and annotations.value:
        put(result, "annotations", annotations)
    source.ignore(_OF_THE_CLUSTER, "it belongs to the object in the cluster, not to the file")
    source.finish()
    return result


def _without_tools(annotations: Given[Map], problems: Problems) -> Given[Map]:
    """What kubectl and the operator's framework keep in an object is not the user's."""
    value = annotations.value
    kept = Map(mark=value.mark)
    for key, item in value.items():
        writer = "kubectl" if key == _LAST_APPLIED else "the operator" if _KOPF in key else None
        if writer is not None:
            problems.warning(value.mark_of(key), f"is left out: {writer} wrote it")
        else:
            kept.put(key, item, value.mark_of(key))
    return Given(kept, annotations.mark)


def images(spec: Map, source: Fields) -> None:
    """Image and its pull settings, the same in all formats."""
    put(spec, "image", source.text("image", "the image of the workers and of Flower"))
    put(spec, "imagePullPolicy", source.text("imagePullPolicy"))
    put(spec, "imagePullSecrets", source.sequence("imagePullSecrets"))


def celery_version(given: Given[Any] | None, problems: Problems) -> Given[str] | None:
    """Celery's version as the native format has it: digits; anything else is left out."""
    if given is None:
        return None
    value = given.value
    if isinstance(value, float):
        text = repr(value)
        problems.warning(given.mark, f'is read as {text}: write it in quotes, as "{text}"')
    elif isinstance(value, str):
        text = value.strip()
    else:
        text = ""
    found = _VERSION.fullmatch(text)
    if found:
        return Given(found[1], given.mark)
    message = "is left out, as it is not a version such as 5.5: options are not checked against it"
    problems.warning(given.mark, message)
    return None


def security() -> Map:
    """Security settings that let every image start that started under the older operators."""
    return Map({"profile": "Baseline", "runAsUser": None, "runAsGroup": None, "fsGroup": None})


def components(spec: Map, worker: Map, flower: Map, source: Fields, keys: tuple[str, str]) -> None:
    """Set ``spec.workers``, one worker set, and ``spec.flower``, in the places of ``keys``."""
    places = [source.mark_of(key) for key in keys]
    spec["workers"] = Seq([_arranged(worker)], places[0], [places[0]])
    spec["flower"] = _arranged(flower)
    for key, field, place in zip(("workers", "flower"), keys, places, strict=True):
        if source.has(field):
            spec.marks[key] = place


def _arranged(component: Map) -> Map:
    """The same with its fields in the order in which people write them."""
    items = [(key, component[key]) for key in _ORDER if key in component]
    return Map(items, component.mark, component.marks)


def flower_replicas(given: Given[int] | None, problems: Problems) -> Given[int] | None:
    """Flower's replicas, at most 1."""
    if given is None or given.value < 2:
        return given
    message = "is 1 now: every Flower keeps a state of its own, so that several disagree"
    problems.warning(given.mark, message)
    return Given(1, given.mark)


def add_variable(target: Map, name: str, value: str) -> None:
    """One more variable at the end of ``target.env``."""
    variable = Map({"name": name, "value": value}, target.mark)
    env = target.get("env", Seq(mark=target.mark))
    target["env"] = Seq([*env, variable], env.mark, env.marks)


def flower_variables(flower: Map, problems: Problems) -> None:
    """Options that stand in Flower's environment and have a field move to it."""
    env = flower.get("env", Seq())
    kept = Seq(mark=env.mark)
    for index, item in enumerate(env):
        mark = env.mark_of(index)
        name = item.get("name") if isinstance(item, Map) else None
        value = item.get("value") if isinstance(item, Map) else None
        if name == "FLOWER_PORT" and isinstance(value, str) and _PORT.fullmatch(value):
            flower.setdefault("port", int(value))
            flower.marks.setdefault("port", mark)
        elif name == "FLOWER_URL_PREFIX" and isinstance(value, str) and value:
            flower.setdefault("urlPrefix", value)
            flower.marks.setdefault("urlPrefix", mark)
        elif name == "FLOWER_DB":
            problems.warning(mark, KEEP_STATE)
        else:
            kept.append(item)
            kept.marks += env.marks[index : index + 1]
    if len(kept) < len(env):
        flower["env"] = kept
        if not kept:
            del flower["env"]
