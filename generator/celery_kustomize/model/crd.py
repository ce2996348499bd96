"""CustomResourceDefinitions of the kinds, for clusters that keep specs as objects.

Nothing acts on such objects: they make ``kubectl explain`` work and let API servers and manifest
checkers refuse misspelled specs. Schemas are structural (Kubernetes 1.34, apiextensions.k8s.io/v1):
no references, one type at each node. They carry no defaults: an API server would write those into
the object, where nobody could tell them from what the user wrote.
"""

from __future__ import annotations

from typing import Any

from celery_kustomize.k8s import yaml_text
from celery_kustomize.k8s.kustomization import Object
from celery_kustomize.model.application import (
    API_VERSION,
    CeleryApplication,
    CeleryApplicationDefaults,
    CeleryApplicationOverlay,
)
from celery_kustomize.model.base import Model
from celery_kustomize.model.shape import (
    FieldShape,
    Kubernetes,
    ListOf,
    MapOf,
    Nested,
    Scalar,
    Shape,
    fields,
)
from celery_kustomize.model.worker import Worker

__all__ = ["crds", "crds_text"]

_Schema = dict[str, Any]

_NO_CONTROLLER = (
    "No controller acts on it in the cluster: celery-kustomize reads such specs from Git and makes"
    " Kustomize bases and overlays of them."
)
_FREE: _Schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_INT_OR_STRING: _Schema = {"x-kubernetes-int-or-string": True}
_NAMED_ITEMS = ("overlays", "workers")
_COLUMNS: dict[type[Model], dict[str, str]] = {
    CeleryApplication: {"App": ".spec.app", "Image": ".spec.image"},
    CeleryApplicationOverlay: {"Application": ".spec.applicationRef.name"},
    CeleryApplicationDefaults: {},
}
# A kind that is a plural already is its own plural, as Endpoints are.
_PLURALS = {
    CeleryApplication: "celeryapplications",
    CeleryApplicationOverlay: "celeryapplicationoverlays",
    CeleryApplicationDefaults: "celeryapplicationdefaults",
}


def crds() -> list[Object]:
    """The three CustomResourceDefinitions."""
    return [_crd(model) for model in _COLUMNS]


def crds_text() -> str:
    """``crds`` as one stream of YAML documents."""
    return yaml_text.dump_all(crds())


def _crd(model: type[Model]) -> Object:
    group, version = API_VERSION.split("/")
    kind, plural = model.__name__, _PLURALS[model]
    names = {"kind": kind, "listKind": f"{kind}List", "plural": plural, "singular": kind.lower()}
    columns = [
        {"name": name, "type": "string", "jsonPath": path} for name, path in _COLUMNS[model].items()
    ]
    age = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "names": names,
            "scope": "Namespaced",
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "additionalPrinterColumns": [*columns, age],
                    "schema": {"openAPIV3Schema": _root(model)},
                }
            ],
        },
    }


def _root(model: type[Model]) -> _Schema:
    by_name = {field.name: field for field in fields(model)}
    spec = by_name["spec"]
    return {
        "type": "object",
        "description": f"{_text(model)} {_NO_CONTROLLER}",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": _metadata(by_name["metadata"].shape),
            "spec": {"description": spec.description, **_value(spec.shape, partial=False)},
        },
    }


def _metadata(shape: Shape) -> _Schema:
    """The one rule that a CRD may have for an object's metadata: what its name looks like."""
    if not isinstance(shape, Nested):
        return {"type": "object"}
    name = next(field.shape for field in fields(shape.model) if field.name == "name")
    return {"type": "object", "properties": {"name": _value(name, partial=False)}}


def _text(model: type[Model]) -> str:
    return " ".join((model.__doc__ or "").split())


def _value(shape: Shape, *, partial: bool) -> _Schema:
    match shape:
        case Scalar():
            return _scalar(shape)
        case ListOf():
            least = {"minItems": shape.at_least} if shape.at_least else {}
            return {"type": "array", **least, "items": _value(shape.item, partial=False)}
        case MapOf():
            return _map(shape, partial=partial)
        case Nested():
            return _nested(shape, partial=partial)
        case Kubernetes():
            return dict(_FREE)


def _scalar(shape: Scalar) -> _Schema:
    if isinstance(shape.schema["type"], list):
        return dict(_INT_OR_STRING)
    return dict(shape.schema)


def _map(shape: MapOf, *, partial: bool) -> _Schema:
    if shape.values is None:
        return dict(_FREE)
    values = {**_value(shape.values, partial=partial), "nullable": True}
    return {"type": "object", "additionalProperties": values}


def _nested(shape: Nested, *, partial: bool) -> _Schema:
    # An overlay's overrides would double the size; `spec` itself explains their fields.
    if shape.without:
        return dict(_FREE)
    partial = partial or shape.partial
    known = fields(shape.model)
    required = [field.name for field in known if field.required and not partial]
    return {
        "type": "object",
        **({"required": required} if required else {}),
        "properties": {field.name: _property(field, partial=partial) for field in known},
    }


def _property(field: FieldShape, *, partial: bool) -> _Schema:
    if field.name in _NAMED_ITEMS and isinstance(field.shape, ListOf):
        schema = _named_items(field.shape.item, partial=partial)
    else:
        schema = _value(field.shape, partial=partial)
    # API servers never take null for an enumeration, nullable or not.
    nullable = (partial or not field.required) and "enum" not in schema
    null = {"nullable": True} if nullable else {}
    description = field.description
    if isinstance(field.shape, Kubernetes):
        description = f"{description} (Kubernetes' {field.shape.type_name}.)"
    return {"description": description, **schema, **null}


def _named_items(shape: Shape, *, partial: bool) -> _Schema:
    """A list whose items have unique names.

    Worker sets need no more than the name: ``workerDefaults`` complete them. In a partial spec an
    item may be a bare ``$patch`` directive, so there the list is an ordinary one.
    """
    item = _value(shape, partial=partial or shape == Nested(Worker))
    directive = {"type": "string", "enum": ["delete", "replace"]}
    properties = {**item["properties"], "$patch": directive}
    if partial:
        return {"type": "array", "items": {**item, "properties": properties}}
    properties["name"] = {k: v for k, v in properties["name"].items() if k != "nullable"}
    return {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["name"],
        "items": {**item, "required": ["name"], "properties": properties},
    }
