"""Flower of a ``Celery``: a Service on every node unless the file says otherwise."""

from __future__ import annotations

from typing import Any

from celery_kustomize.convert import shared
from celery_kustomize.convert.options import flower_options
from celery_kustomize.convert.reading import Fields, Given, Problems, duplicate, fill, put
from celery_kustomize.k8s.suggest import did_you_mean, quote
from celery_kustomize.located import Map, Mark, Seq

__all__ = ["asks_for_login", "convert_flower"]

_TYPES = ("ClusterIP", "NodePort", "LoadBalancer")
_DEFAULT_TYPE = "NodePort"
_LEFT_OUT = {
    "db": shared.KEEP_STATE,
    "persistent": shared.KEEP_STATE,
    "address": "is left out: Flower listens on its port",
    "unix_socket": "is left out: Flower listens on its port",
}
_VARIABLES = (
    "auth",
    "auth_provider",
    "cookie_secret",
    "oauth2_key",
    "oauth2_redirect_uri",
    "oauth2_secret",
)
"""Options that other fields write here: the files' own values go into FLOWER_<OPTION>."""
_LOGIN_VARIABLES = ("FLOWER_BASIC_AUTH", "FLOWER_AUTH")


def convert_flower(source: Fields, common: Fields, problems: Problems) -> Map:
    """The native ``flower`` of a ``flowerSpec``; the operator always ran one."""
    flower = Map(mark=source.mark)
    own, older = source.integer("replicas", 0), common.integer("flowerReplicas", 0)
    put(flower, "replicas", shared.flower_replicas(own or older, problems))
    fill(flower, source, "resources", kind=Map)
    fill(flower, source, "env", kind=Seq)
    fill(flower, source, "nodeSelector", kind=Map)
    _arguments(flower, source, problems)
    shared.flower_variables(flower, problems)
    service = _service(source, flower, problems)
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


def _arguments(flower: Map, source: Fields, problems: Problems) -> None:
    """Flower's command-line options: to fields, to ``options`` or to variables."""
    divided = flower_options(source.texts("args") or [])
    for arg in divided.gone:
        problems.warning(arg.mark, f"is left out: {arg.value}")
    options = Map(mark=source.mark_of("args"))
    for name, option in divided.fields.items():
        if name in _LEFT_OUT:
            problems.warning(option.mark, _LEFT_OUT[name])
        elif name == "port":
            put(flower, "port", option)
        elif name == "url_prefix":
            put(flower, "urlPrefix", option)
        elif name == "basic_auth":
            _basic_auth(flower, option, problems)
        elif name in _VARIABLES:
            shared.add_variable(flower, f"FLOWER_{name.upper()}", f"{option.value}")
        else:
            put(options, name, option)
    if options:
        flower.put("options", options, options.mark)


def _basic_auth(flower: Map, option: Given[Any], problems: Problems) -> None:
    """A log-in from a variable that comes from a Secret, or else as it stands."""
    for item in flower.get("env", ()):
        reference = _secret_key(item)
        if reference is not None and option.value == f"$({item.get('name')})":
            source = Map({"secretKeyRef": duplicate(reference)}, option.mark)
            flower.put("basicAuthFrom", source, option.mark)
            return
    shared.add_variable(flower, "FLOWER_BASIC_AUTH", f"{option.value}")
    if "$(" not in f"{option.value}":
        message = "lies in Git in plain text: put it into a Secret and write flower.basicAuthFrom"
        problems.warning(option.mark, message)


def _secret_key(item: Any) -> Map | None:
    """The name and key of the Secret that a variable comes from."""
    for key in ("valueFrom", "secretKeyRef"):
        item = item.get(key) if isinstance(item, Map) else None
    return item if isinstance(item, Map) and item.keys() == {"name", "key"} else None


def asks_for_login(flower: Map) -> bool:
    """Whether a native ``flower`` that was converted asks its users to log in."""
    variables = [item.get("name") for item in flower.get("env", ()) if isinstance(item, Map)]
    return "basicAuthFrom" in flower or any(name in _LOGIN_VARIABLES for name in variables)


def _service(source: Fields, flower: Map, problems: Problems) -> Map:
    if source.has("service"):
        source.ignore(("serviceType", "servicePort"), "service says it")
        return _service_object(source.child("service"), flower, problems)
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


def _service_object(source: Fields, flower: Map, problems: Problems) -> Map:
    """A whole Service, as in the operator's later CRD: its name, type, port and annotations."""
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
    put(flower, "name", meta.text("name"))
    namespace = meta.anything("namespace")
    if namespace is not None:
        _left_out(namespace.mark, "Flower runs in the application's namespace", problems)
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
