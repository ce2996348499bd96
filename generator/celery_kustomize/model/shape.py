"""The models' fields as data: what the JSON Schema, the CRDs and the reference page are made of."""

from __future__ import annotations

import types
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic.fields import FieldInfo

from celery_kustomize.k8s.names import DNS_LABEL_MAX, DNS_SUBDOMAIN_MAX
from celery_kustomize.k8s.schema import definition_name
from celery_kustomize.model import base
from celery_kustomize.model.application import CeleryApplicationDefaults, OverlaySpec, Spec
from celery_kustomize.model.base import K8s, Model

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "MERGED_LISTS",
    "WHOLE_ITEMS",
    "FieldShape",
    "Kubernetes",
    "ListOf",
    "MapOf",
    "Nested",
    "Scalar",
    "Shape",
    "fields",
]

MERGED_LISTS: Mapping[str, str] = {
    "env": "name",
    "extraResources": "",
    "imagePullSecrets": "name",
    "overlays": "name",
    "volumeMounts": "mountPath",
    "volumes": "name",
    "workers": "name",
}
"""Lists of a spec that are merged item by item, and by which key; "" for a list of texts."""

WHOLE_ITEMS = frozenset({"env", "volumes"})
"""Those of them whose items are replaced, not merged."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. ``name`` is what people call its type, ``schema`` its JSON Schema."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of at least ``at_least`` items."""

    item: Shape
    at_least: int = 0


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map whose keys are free; without ``values``, so are the values."""

    values: Shape | None = None


@dataclass(frozen=True, slots=True)
class Nested:
    """A map with the fields of ``model``.

    ``partial``: a piece that is merged over or under another one, so that nothing is required; it
    does not take the fields ``without``.
    """

    model: type[Model]
    partial: bool = False
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Kubernetes:
    """One of Kubernetes' own types; ``definition`` is its name in ``k8s.schema.json_schema``."""

    type_name: str
    partial: bool
    definition: str


Shape: TypeAlias = Scalar | ListOf | MapOf | Nested | Kubernetes


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field as users write it.

    ``default`` is plain data, None where nothing stands for an absent field or where it depends on
    other fields. ``own``: the model itself declares the field, no model that it extends.
    """

    name: str
    shape: Shape
    required: bool
    default: Any
    description: str
    own: bool


_DNS = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_DNS}(\.{_DNS})*"
_QUANTITY = r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]{1,3})?$"
_STRING = Scalar("string", {"type": "string"})

# The second argument of an Annotated type is the object that validates it.
_MARKERS: Mapping[Any, Shape] = {
    get_args(annotated)[1]: shape
    for annotated, shape in (
        (
            base.DnsLabel,
            Scalar(
                "DNS label",
                {"type": "string", "maxLength": DNS_LABEL_MAX, "pattern": f"^{_DNS}$"},
            ),
        ),
        (
            base.DnsSubdomain,
            Scalar(
                "object name",
                {"type": "string", "maxLength": DNS_SUBDOMAIN_MAX, "pattern": f"^{_SUBDOMAIN}$"},
            ),
        ),
        (
            base.Host,
            Scalar("host name", {"type": "string", "pattern": rf"^(\*\.)*{_SUBDOMAIN}$"}),
        ),
        (base.ImageReference, Scalar("image", {"type": "string", "minLength": 1})),
        (base.Quantity, Scalar("quantity", {"type": ["string", "number"], "pattern": _QUANTITY})),
        (
            base.IntOrPercent,
            Scalar(
                "integer or percentage",
                {"type": ["integer", "string"], "minimum": 0, "pattern": "^[0-9]+%$"},
            ),
        ),
        (base.LabelMap, MapOf(_STRING)),
        (base.AnnotationMap, MapOf(_STRING)),
        (base.StringMap, MapOf(_STRING)),
        (base.FreeMap, MapOf()),
    )
}

_PARTIAL_SPECS: Mapping[tuple[type[Model], str], Nested] = {
    (OverlaySpec, "overrides"): Nested(Spec, True, frozenset({"overlays", "patches"})),
    (CeleryApplicationDefaults, "spec"): Nested(Spec, True),
}
"""Free maps for the models, which see them only after the merge."""


@cache
def fields(model: type[Model]) -> tuple[FieldShape, ...]:
    """All fields of ``model`` in the order of its declaration, those of its parents first."""
    return tuple(_field(model, name, info) for name, info in model.model_fields.items())


def _field(model: type[Model], name: str, info: FieldInfo) -> FieldShape:
    return FieldShape(
        name=info.alias or name,
        shape=_partial_spec(model, name) or _shape(info.annotation, info.metadata),
        required=info.is_required(),
        default=None if info.is_required() else _plain_default(info.default),
        description=" ".join((info.description or "").split()),
        own=name in model.__annotations__,
    )


def _partial_spec(model: type[Model], name: str) -> Nested | None:
    found = [
        shape
        for (owner, field_name), shape in _PARTIAL_SPECS.items()
        if issubclass(model, owner) and field_name == name
    ]
    return found[0] if found else None


def _plain_default(value: Any) -> Any:
    if isinstance(value, Model):
        return value.model_dump(mode="json", by_alias=True, exclude_unset=True) or None
    return None if value in ([], {}) else value


@dataclass(slots=True)
class _Limits:
    """What the metadata of a type says about its values, in JSON Schema's words."""

    schema: dict[str, Any] = field(default_factory=dict)
    at_least: int = 0


_KEYWORDS = {
    "ge": "minimum",
    "le": "maximum",
    "multiple_of": "multipleOf",
    "pattern": "pattern",
}


def _limits(metadata: Sequence[Any]) -> _Limits:
    limits = _Limits()
    for item in metadata:
        for attribute, keyword in _KEYWORDS.items():
            if (value := getattr(item, attribute, None)) is not None:
                limits.schema[keyword] = value
        limits.at_least = getattr(item, "min_length", None) or limits.at_least
    return limits


def _shape(annotation: Any, metadata: Sequence[Any] = ()) -> Shape:
    if get_origin(annotation) is Annotated:
        bare, *more = get_args(annotation)
        return _shape(bare, (*_flat(more), *metadata))
    if marked := _marked(metadata):
        return marked
    if get_origin(annotation) in (Union, types.UnionType):
        (present,) = [each for each in get_args(annotation) if each is not types.NoneType]
        return _shape(present, metadata)
    return _container(annotation, metadata) or _plain(annotation, metadata)


def _container(annotation: Any, metadata: Sequence[Any]) -> Shape | None:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is list:
        return ListOf(_shape(arguments[0]), _limits(metadata).at_least)
    if origin is dict:
        return MapOf(None if arguments[1] is Any else _shape(arguments[1]))
    return None


def _flat(metadata: Sequence[Any]) -> list[Any]:
    return [
        part
        for item in metadata
        for part in (item.metadata if isinstance(item, FieldInfo) else (item,))
    ]


def _marked(metadata: Sequence[Any]) -> Shape | None:
    for item in metadata:
        if isinstance(item, K8s):
            return _kubernetes(item)
        if item in _MARKERS:
            return _MARKERS[item]
    return None


def _kubernetes(marker: K8s) -> Kubernetes:
    name, partial = marker.type_name, marker.partial
    return Kubernetes(name, partial, definition_name(name, partial=partial))


def _plain(annotation: Any, metadata: Sequence[Any]) -> Shape:
    if get_origin(annotation) is Literal:
        return Scalar("string", {"type": "string", "enum": list(get_args(annotation))})
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return Nested(annotation)
    limits = _limits(metadata)
    if annotation is str:
        length = {"minLength": limits.at_least} if limits.at_least else {}
        return Scalar("string", {"type": "string", **length, **limits.schema})
    names: Mapping[Any, str] = {int: "integer", bool: "boolean"}
    return Scalar(names[annotation], {"type": names[annotation], **limits.schema})
