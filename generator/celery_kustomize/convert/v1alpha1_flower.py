"""Flower of a ``Celery``: a Service on every node unless the file says otherwise."""

from __future__ import annotations

from typing import Any

from celery_kustomize.convert import shared
from celery_kustomize.convert.options import flower_options
from celery_kustomize.convert.reading import Fields, Given, Problems, fill, put
from celery_kustomize.k8s.suggest import did_you_mean, quote
from celery_kustomize.located import Map, Mark, Seq

__all__ = ["asks_for_login", "convert_flower"]

_TYPES = ("ClusterIP", "NodePort", "LoadBalancer")
_DEFAULT_TYPE = "NodePort"
_LOGIN_OPTIONS = ("basic_auth", "auth")
_LOGIN_VARIABLES = ("FLOWER_BASIC_AUTH", "FLOWER_AUTH")


def convert_flower(source: Fields, common: Fields, problems: Problems) -> Map:
    """The native ``flower`` of a ``flowerSpec``; the operator always ran one."""
    flower = Map(mark=source.mark)
    own, older = source.integer("replicas", 0), common.integer("flowerReplicas", 0)
    put(flower, "replicas", shared.flower_replicas(own or older, problems))
    moved, rest = flower_options(source.texts("args") or [])
    put(flower, "port", moved.pop("port", None))
    put(flower, "urlPrefix", moved.pop("url_prefix", None))
    if moved:
        options = Map(mark=source.mark_of("args"))
        for name, option in moved.items():
            put(options, name, option)
        flower.put("options", options, options.mark)
    if rest:
        items = Seq([item.value for item in rest], rest[0].mark, [item.mark for item in rest])
        flower.put("args", items, source.mark_of("args"))
    fill(flower, source, "resources", kind=Map)
    fill(flower, source, "env", kind=Seq)
    fill(flower, source, "nodeSelector", kind=Map)
    service = _service(source, problems)
    source.finish()
    service_type = service.get("type", "ClusterIP")
    if service_type in ("NodePort", "LoadBalancer") and not asks_for_login(flower):
        mark = service.marks.get("type", source.mark)
        message = (
            "Flower is reachable from outside the cluster without a log-in "
            f"(a Service of type {service_type}), as it was: flower.insecure is true. To close "
            "it, write flower.basicAuthFrom, or ClusterIP as the type of the Service"
        )
        problems.warning(mark, message)
        flower["insecure"] = True
    if service:
        flower["service"] = service
        if source.has("service"):
            flower.marks["service"] = source.mark_of("service")
    return flower


def asks_for_login(flower: Map) -> bool:
    """Whether a native ``flower`` that was converted asks its users to log in."""
    variables = [item.get("name") for item in flower.get("env", ()) if isinstance(item, Map)]
    logs_in = any(name in _LOGIN_VARIABLES for name in variables)
    return logs_in or any(name in _LOGIN_OPTIONS for name in flower.get("options", ()))


def _service(source: Fields, problems: Problems) -> Map:
    if source.has("service"):
        source.ignore(("serviceType", "servicePort"), "service says it")
        return _service_object(source.child("service"), problems)
    service = Map(mark=source.mark)
    given = source.text("serviceType")
    # "Default" is the enhancement proposal's word for what Kubernetes does without a type.
    if given is not None and given.value != "Default":
        put(service, "type", _type(given, problems))
    elif given is None:
        service["type"] = _DEFAULT_TYPE
    put(service, "port", source.integer("servicePort", 1))
    source.anything("service")
    return service


def _type(given: Given[str], problems: Problems) -> Given[str] | None:
    if given.value in _TYPES:
        return given
    hint = did_you_mean(given.value, _TYPES) or f": write {', '.join(_TYPES[:-1])} or {_TYPES[-1]}"
    problems.error(given.mark, f"{quote(given.value)} is not a type of Service{hint}")
    return None


def _service_object(source: Fields, problems: Problems) -> Map:
    """A whole Service, as in the operator's later CRD: its type, its port and its annotations."""
    service = Map(mark=source.mark)
    meta, spec = source.child("metadata"), source.child("spec")
    given = spec.text("type")
    put(service, "type", given and _type(given, problems))
    ports = spec.children("ports")
    if ports:
        put(service, "port", ports[0].integer("port", 1))
        put(service, "nodePort", ports[0].integer("nodePort", 1))
        # Its container has one port, Flower's, whatever these call it.
        for key in ("name", "protocol", "targetPort", "appProtocol"):
            ports[0].anything(key)
        ports[0].finish()
    for more in ports[1:]:
        problems.warning(more.mark, "is left out: Flower has one port")
    put(service, "annotations", meta.mapping("annotations"))
    spec.anything("selector")
    for key in ("name", "namespace"):
        meta.anything(key)
    labels = meta.anything("labels")
    if labels is not None:
        _left_out(labels.mark, "flower.labels gives labels to all of Flower's objects", problems)
    for fields in (meta, spec, source):
        _rest_left_out(fields, problems)
    return service


def _rest_left_out(fields: Fields, problems: Problems) -> None:
    """Fields of a Service that have no field here; a patch can set each."""
    for key in fields.unread():
        given: Given[Any] | None = fields.anything(key)
        if given is not None:
            _left_out(given.mark, "set it with a patch in spec.patches", problems)


def _left_out(mark: Mark, instead: str, problems: Problems) -> None:
    problems.warning(mark, f"is left out: {instead}")
