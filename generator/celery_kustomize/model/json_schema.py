"""The JSON Schema of a specs file, for editors and for checks without this program.

It is as exact as a schema of one document can be: what needs a look at several fields or at other
files is left to ``celery-kustomize validate``.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s import schema as kubernetes_schema
from celery_kustomize.model.application import (
    API_VERSION,
    CeleryApplication,
    CeleryApplicationDefaults,
    CeleryApplicationOverlay,
)
from celery_kustomize.model.base import Model
from celery_kustomize.model.shape import (
    MERGED_LISTS,
    WHOLE_ITEMS,
    FieldShape,
    Kubernetes,
    ListOf,
    MapOf,
    Nested,
    Scalar,
    Shape,
    fields,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "json_schema", "json_schema_text"]

_Schema = dict[str, Any]

KINDS: tuple[type[Model], ...] = (
    CeleryApplication,
    CeleryApplicationOverlay,
    CeleryApplicationDefaults,
)
"""The kinds that specs are written in; each model has the name of its kind."""

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_OLDER_VERSION = "celeryproject.org/v1alpha1"
_MAP_OR_NULL = ["object", "null"]
_REPLACE: _Schema = {
    "type": "object",
    "required": ["$patch"],
    "additionalProperties": False,
    "properties": {"$patch": {"const": "replace"}},
}
_DIRECTIVE: _Schema = {
    "description": "delete: remove this item. replace, in an item of its own: the list below "
    "stands in place of the inherited one.",
    "enum": ["delete", "replace"],
}


def json_schema() -> _Schema:
    """The JSON Schema (draft 2020-12) of one document of a specs file.

    Documents of other kinds pass: a spec's file may hold ConfigMaps and the like.
    """
    builder = _Builder()
    kinds = [(model.__name__, builder.reference(Nested(model))) for model in KINDS]
    return {
        "$schema": _DRAFT,
        "title": "Specs of celery-kustomize",
        "description": "CeleryApplication, CeleryApplicationOverlay and CeleryApplicationDefaults "
        f"of {API_VERSION}. Rules across fields: `celery-kustomize validate`.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {
            "apiVersion": {"anyOf": [{"const": API_VERSION}, {"type": "string"}]},
            "kind": {"anyOf": [{"enum": [name for name, _ in kinds]}, {"type": "string"}]},
        },
        "allOf": [*_known_versions([name for name, _ in kinds]), *map(_kind_rule, kinds)],
        "$defs": builder.definitions(),
    }


def json_schema_text() -> str:
    """``json_schema`` as the text of a file: each property of each definition is one line."""
    return _text(json_schema(), 4) + "\n"


def _text(value: Any, depth: int, indent: str = "") -> str:
    """``value`` as JSON, its maps spread over lines down to ``depth``."""
    if depth == 0 or not value or not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    inner = indent + "  "
    lines = [f"{inner}{json.dumps(k)}: {_text(v, depth - 1, inner)}" for k, v in value.items()]
    return "{\n" + ",\n".join(lines) + f"\n{indent}}}"


def _known_versions(kinds: list[str]) -> list[_Schema]:
    """An apiVersion of this project's group exists, and has the kind."""
    ours = {"properties": {"apiVersion": {"pattern": r"^celeryproject\.org/"}}}
    return [
        {"if": ours, "then": _const("apiVersion", API_VERSION, _OLDER_VERSION)},
        {"if": _const("apiVersion", API_VERSION), "then": _const("kind", *kinds)},
        {"if": _const("apiVersion", _OLDER_VERSION), "then": _const("kind", "Celery")},
    ]


def _const(name: str, *values: str) -> _Schema:
    return {"properties": {name: {"enum": list(values)}}}


def _kind_rule(kind: tuple[str, _Schema]) -> _Schema:
    name, reference = kind
    this = {"apiVersion": {"const": API_VERSION}, "kind": {"const": name}}
    return {"if": {"required": list(this), "properties": this}, "then": reference}


class _Builder:
    """Collects the definitions that the kinds refer to."""

    def __init__(self) -> None:
        self._own: dict[str, _Schema] = {}
        self._kubernetes: dict[str, Kubernetes] = {}

    def definitions(self) -> dict[str, _Schema]:
        """All definitions referred to so far, by name: this project's, then Kubernetes'."""
        found: dict[str, _Schema] = {}
        for shape in self._kubernetes.values():
            found |= kubernetes_schema.json_schema(shape.type_name, partial=shape.partial)
        partial = kubernetes_schema.definition_name("", partial=True)
        tolerant = {
            name: _tolerant(entry, partial=name.startswith(partial))
            for name, entry in found.items()
        }
        return {**dict(sorted(self._own.items())), **dict(sorted(tolerant.items()))}

    def reference(self, shape: Nested, *, item: bool = False) -> _Schema:
        """A reference to the definition of a model; ``item``: of a list that is merged."""
        prefix = ("Overrides." if shape.without else "Partial.") if shape.partial else ""
        name = f"{prefix}{shape.model.__name__}"
        if name not in self._own:
            self._own[name] = {}  # holds the place while the definition is made
            self._own[name] = self._definition(shape, item=item)
        return _reference(name)

    def _definition(self, shape: Nested, *, item: bool) -> _Schema:
        known = [f for f in fields(shape.model) if f.name not in shape.without]
        required = [f.name for f in known if f.required and not shape.partial]
        properties = {f.name: self._property(shape, f) for f in known}
        if item:
            properties["$patch"] = _DIRECTIVE
        definition: _Schema = {
            "type": _MAP_OR_NULL,
            "description": " ".join((shape.model.__doc__ or "").split()),
        }
        if required:
            definition["required"] = required
        return {**definition, "additionalProperties": False, "properties": properties}

    def _property(self, owner: Nested, field: FieldShape) -> _Schema:
        schema = self._value(field.shape, field.name, partial=owner.partial)
        if owner.partial or not field.required:
            schema = _or_null(schema)
        if field.default is not None and not owner.partial:
            schema = {**schema, "default": field.default}
        constant = schema.get("enum", [])
        if len(constant) == 1:
            schema = {"const": constant[0]}
        return {"description": field.description, **schema}

    def _value(self, shape: Shape, name: str, *, partial: bool) -> _Schema:
        match shape:
            case Scalar():
                return dict(shape.schema)
            case ListOf():
                return self._list(shape, name, partial=partial)
            case MapOf():
                return self._map(shape, partial=partial)
            case Nested():
                return self.reference(
                    Nested(shape.model, True, shape.without) if partial else shape
                )
            case Kubernetes():
                return self._kubernetes_reference(shape, partial=partial)

    def _list(self, shape: ListOf, name: str, *, partial: bool) -> _Schema:
        # A worker set is completed from workerDefaults, wherever it stands.
        merged = name in MERGED_LISTS if partial else name == "workers"
        items = self._merged_item if merged else self._item
        least = {"minItems": shape.at_least} if shape.at_least else {}
        return {"type": "array", **least, "items": items(shape.item, name)}

    def _map(self, shape: MapOf, *, partial: bool) -> _Schema:
        if shape.values is None:
            return {"type": "object"}
        values = self._value(shape.values, "", partial=partial)
        return {"type": "object", "additionalProperties": _or_null(values)}

    def _item(self, shape: Shape, _: str) -> _Schema:
        return self._value(shape, "", partial=False)

    def _merged_item(self, shape: Shape, name: str) -> _Schema:
        """An item of a list that is merged by a key: partial, whole, or a directive."""
        key = MERGED_LISTS[name]
        if not key:
            return {"anyOf": [self._item(shape, name), _REPLACE]}
        if name in WHOLE_ITEMS:
            properties = {key: {"type": "string"}, "$patch": _DIRECTIVE}
            directive = {"additionalProperties": False, "properties": properties}
            return {
                "type": "object",
                "if": {"required": ["$patch"]},
                "then": directive,
                "else": self._item(shape, name),
            }
        if isinstance(shape, Nested):
            reference = self.reference(Nested(shape.model, True), item=True)
        else:
            reference = self._value(shape, "", partial=True)
        return {**reference, "if": {"not": {"required": ["$patch"]}}, "then": {"required": [key]}}

    def _kubernetes_reference(self, shape: Kubernetes, *, partial: bool) -> _Schema:
        if partial and not shape.partial:
            definition = kubernetes_schema.definition_name(shape.type_name, partial=True)
            shape = Kubernetes(shape.type_name, True, definition)
        self._kubernetes[shape.definition] = shape
        return _reference(shape.definition)


def _reference(name: str) -> _Schema:
    """A map as the definition says; definitions themselves take null too, for ``_or_null``."""
    return {"$ref": f"#/$defs/{name}", "type": "object"}


def _or_null(schema: Mapping[str, Any]) -> _Schema:
    """``schema`` that takes null too."""
    if "$ref" in schema:
        return {key: value for key, value in schema.items() if key != "type"}
    if "type" not in schema:
        return dict(schema)
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    result = {**schema, "type": [*types, "null"]}
    if "enum" in schema:
        result["enum"] = [*schema["enum"], None]
    return result


def _tolerant(definition: _Schema, *, partial: bool) -> _Schema:
    """A Kubernetes type in which null means an absent field, as the models read it."""
    required = definition.get("required", [])
    properties = {
        name: _adapted(entry, null=partial or name not in required)
        for name, entry in definition["properties"].items()
    }
    return {**definition, "type": _MAP_OR_NULL, "properties": properties}


def _adapted(entry: _Schema, *, null: bool) -> _Schema:
    """A property of a Kubernetes type with this schema's own way to take null, or not to."""
    if "anyOf" in entry:
        inner, _ = entry["anyOf"]  # null is the other one
        entry = {**{key: value for key, value in entry.items() if key != "anyOf"}, **inner}
    for keyword, inner_null in (("items", False), ("additionalProperties", True)):
        if keyword in entry:
            entry = {**entry, keyword: _adapted(entry[keyword], null=inner_null)}
    if "$ref" in entry:
        entry = {**entry, "type": "object"}
    return _or_null(entry) if null else entry
