"""Checks values against Kubernetes' schema of pods, and exports that schema as JSON Schema."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.pod_schema import (
    PATCH,
    SCALARS,
    Field,
    ObjectType,
    object_type,
    parse_type,
)
from celery_kustomize.k8s.quantity import check_quantity
from celery_kustomize.k8s.suggest import did_you_mean, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.k8s.kustomization import Object

__all__ = ["SchemaProblem", "check", "definition_name", "json_schema"]

_Loc = tuple[str | int, ...]
_DIRECTIVES = ("delete", "merge", "replace")
_INTEGER_BITS = {"int32": 32, "int64": 64}


@dataclass(frozen=True, slots=True)
class SchemaProblem:
    """One thing wrong with a value: ``loc`` are the keys and indexes to the place inside it."""

    loc: _Loc
    message: str


def check(type_name: str, value: Any, *, partial: bool = False) -> list[SchemaProblem]:
    """Everything in ``value`` that a Kubernetes 1.34 API server's schema would not take.

    Args:
        type_name: the type without its group (``PodTemplateSpec``, ``Probe``), or ``[]Toleration``
            for a list and ``{}string`` for a map.
        value: plain data, as read from YAML.
        partial: ``value`` is a strategic merge patch: required fields may be absent, null removes a
            field, ``$patch`` directives and merge keys are checked. Inside a list that is replaced
            whole (``tolerations``) the items are complete objects again.

    Returns:
        The problems in the order of the value; empty when there are none.

    Raises:
        KeyError: the schema has no type of this name.
    """
    if type_name.startswith(("[]", "{}")):
        return list(_check_field(parse_type(type_name), value, (), partial=partial))
    return list(_check_object(object_type(type_name), value, (), partial=partial))


def _check_field(field: Field, value: Any, loc: _Loc, *, partial: bool) -> Iterator[SchemaProblem]:
    if field.shape == "list":
        yield from _check_list(field, value, loc, partial=partial)
    elif field.shape == "map":
        yield from _check_map(field, value, loc, partial=partial)
    elif field.of in SCALARS:
        if message := _scalar_problem(field, value):
            yield SchemaProblem(loc, message)
    else:
        yield from _check_object(object_type(field.of), value, loc, partial=partial)


def _check_object(
    kind: ObjectType, value: Any, loc: _Loc, *, partial: bool
) -> Iterator[SchemaProblem]:
    if not isinstance(value, dict):
        yield SchemaProblem(loc, f"expected a map, got {_describe(value)}")
        return
    for key, item in value.items():
        yield from _check_member(kind, key, item, loc, partial=partial)
    if not partial:
        missing = [key for key in kind.required if key not in value]
        yield from (SchemaProblem((*loc, key), "is required") for key in missing)
    yield from _check_one_of(kind, value, loc, partial=partial)


def _check_member(
    kind: ObjectType, key: Any, value: Any, loc: _Loc, *, partial: bool
) -> Iterator[SchemaProblem]:
    if partial and key == PATCH:
        yield from _check_directive(value, loc)
    elif key not in kind.fields:
        name = str(key)
        message = f"unknown field {quote(name)}{did_you_mean(name, kind.fields)}"
        yield SchemaProblem((*loc, name), message)
    elif value is not None:
        yield from _check_field(kind.fields[key], value, (*loc, key), partial=partial)
    elif not partial:
        yield SchemaProblem((*loc, key), "must not be null: leave the field out")


def _check_one_of(
    kind: ObjectType, value: Object, loc: _Loc, *, partial: bool
) -> Iterator[SchemaProblem]:
    for group in kind.one_of:
        given = [key for key in value if key in group.members and value[key] is not None]
        if len(given) > 1:
            yield SchemaProblem(loc, f"only one of {_listed(given, 'and')} may be given")
        elif not given and group.required and not partial:
            yield SchemaProblem(loc, f"one of {_listed(group.members, 'or')} is required")


def _check_map(field: Field, value: Any, loc: _Loc, *, partial: bool) -> Iterator[SchemaProblem]:
    if not isinstance(value, dict):
        yield SchemaProblem(loc, f"expected a map, got {_describe(value)}")
        return
    for key, item in value.items():
        if partial and key == PATCH:
            yield from _check_directive(item, loc)
        elif not isinstance(key, str):
            yield SchemaProblem(loc, f"the key {key!r} must be a string: write it in quotes")
        elif item is not None or not partial:
            yield from _check_field(field.item, item, (*loc, key), partial=partial)


def _check_list(field: Field, value: Any, loc: _Loc, *, partial: bool) -> Iterator[SchemaProblem]:
    if not isinstance(value, list):
        yield SchemaProblem(loc, f"expected a list, got {_describe(value)}")
        return
    name = str(loc[-1]) if loc else "the list"
    for index, item in enumerate(value):
        place = (*loc, index)
        directive = item[PATCH] if partial and isinstance(item, dict) and PATCH in item else None
        if directive == "replace" and len(item) == 1:
            continue
        if partial and field.keys and isinstance(item, dict):
            yield from _check_keyed_item(field, item, name, place)
        elif directive is not None:
            message = f'{name} is replaced whole: write the list you want, without "{PATCH}"'
            yield SchemaProblem(place, message)
        else:
            yield from _check_field(field.item, item, place, partial=False)


def _check_keyed_item(field: Field, item: Object, name: str, loc: _Loc) -> Iterator[SchemaProblem]:
    """An item of a patch's list: its merge keys, its directive, its fields."""
    kind = object_type(field.of)
    defaults = kind.key_defaults(field.keys)
    for key in field.keys:
        if item.get(key) is None and key not in defaults:
            keys = _listed(field.keys, "and")
            yield SchemaProblem((*loc, key), f"is required: items of {name} are merged by {keys}")
    if PATCH in item:
        yield from _check_directive(item[PATCH], loc)
    fields = {key: value for key, value in item.items() if key != PATCH}
    yield from _check_object(kind, fields, loc, partial=True)


def _check_directive(directive: Any, loc: _Loc) -> Iterator[SchemaProblem]:
    if directive not in _DIRECTIVES:
        yield SchemaProblem((*loc, PATCH), "must be delete, replace or merge")
    elif directive == "delete" and not loc:
        yield SchemaProblem((PATCH,), "must not delete everything")


def _scalar_problem(field: Field, value: Any) -> str | None:
    problem: str | None = None
    match field.of:
        case "string":
            problem = _string_problem(field, value)
        case "quantity":
            problem = check_quantity(value)
        case "boolean" if not isinstance(value, bool):
            problem = _boolean_problem(value)
        case "int32" | "int64":
            problem = _integer_problem(value, _INTEGER_BITS[field.of])
        case "int-or-string" if not isinstance(value, str) and _integer_problem(value, 32):
            problem = f"expected an integer or a string, got {_describe(value)}"
    return problem


def _string_problem(field: Field, value: Any) -> str | None:
    if isinstance(value, bool | int | float):
        return f"expected a string, got {_describe(value)}: write {_in_quotes(value)}"
    if not isinstance(value, str):
        return f"expected a string, got {_describe(value)}"
    if not field.enum or value in field.enum or not value:
        return None
    return f"{quote(value)} is not one of {', '.join(field.enum)}{did_you_mean(value, field.enum)}"


def _boolean_problem(value: Any) -> str:
    hint = f": write {value} without quotes" if value in ("true", "false") else ""
    return f"expected a boolean, got {_describe(value)}{hint}"


def _integer_problem(value: Any, bits: int) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        in_range = -(2 ** (bits - 1)) <= value < 2 ** (bits - 1)
        return None if in_range else f"the number does not fit in {bits} bits"
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return f"expected an integer, got a string: write {value} without quotes"
    return f"expected an integer, got {_describe(value)}"


def _describe(value: Any) -> str:
    """``a list``, ``the number 5``, ``the boolean true``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"the boolean {json.dumps(value)}"
    if isinstance(value, int | float):
        # str() of a huge integer is refused by Python and would be no help to anyone.
        return f"the number {value}" if -1e18 < value < 1e18 else "a number"
    names = {str: "a string", dict: "a map", list: "a list"}
    found = [name for kind, name in names.items() if isinstance(value, kind)]
    return found[0] if found else "a value of another type"


def _in_quotes(value: bool | float) -> str:
    # A float is not written as it was read (1.10 is 1.1), a huge integer helps nobody.
    exact = isinstance(value, int) and abs(value) < 1e18
    return f'"{json.dumps(value)}" in quotes' if exact else "it in quotes"


def _listed(names: list[str] | tuple[str, ...], word: str) -> str:
    """``a, b and c``."""
    return f" {word} ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def definition_name(type_name: str, *, partial: bool = False) -> str:
    """The name of a type's definition in ``json_schema``'s answer, to refer to it."""
    return f"k8s.partial.{type_name}" if partial else f"k8s.{type_name}"


def json_schema(type_name: str, *, partial: bool = False) -> dict[str, Object]:
    """JSON Schema definitions of a type and all it refers to, to be put under ``$defs``.

    Args:
        type_name: the type without its group; refer to it as ``#/$defs/`` + ``definition_name()``.
        partial: as in ``check``: no required fields, null and ``$patch`` allowed.
    """
    definitions: dict[str, Object] = {}
    waiting = [(type_name, partial)]
    while waiting:
        name, is_partial = waiting.pop()
        key = definition_name(name, partial=is_partial)
        if key in definitions:
            continue
        kind = object_type(name)
        definitions[key] = _definition(kind, partial=is_partial)
        waiting += [
            (field.of, is_partial and not _is_atomic(field))
            for field in kind.fields.values()
            if field.of not in SCALARS
        ]
    return dict(sorted(definitions.items()))


def _is_atomic(field: Field) -> bool:
    return field.shape == "list" and not field.keys


def _definition(kind: ObjectType, *, partial: bool) -> Object:
    properties = {name: _property(field, partial=partial) for name, field in kind.fields.items()}
    if partial:
        properties[PATCH] = {"enum": list(_DIRECTIVES)}
    definition: Object = {"type": "object", "description": kind.description}
    if kind.required and not partial:
        definition["required"] = list(kind.required)
    return {**definition, "additionalProperties": False, "properties": properties}


def _property(field: Field, *, partial: bool) -> Object:
    schema = _value_schema(field, partial=partial and not _is_atomic(field))
    if field.shape == "list":
        schema = {"type": "array", "items": schema}
    elif field.shape == "map":
        values = {"anyOf": [schema, {"type": "null"}]} if partial else schema
        schema = {"type": "object", "additionalProperties": values}
    if partial:
        schema = {"anyOf": [schema, {"type": "null"}]}
    return {"description": field.description, **schema} if field.description else schema


def _value_schema(field: Field, *, partial: bool) -> Object:
    if field.of not in SCALARS:
        return {"$ref": f"#/$defs/{definition_name(field.of, partial=partial)}"}
    schemas: dict[str, Object] = {
        "any": {},
        "boolean": {"type": "boolean"},
        "int-or-string": {"type": ["integer", "string"]},
        "int32": {"type": "integer"},
        "int64": {"type": "integer"},
        "quantity": {"type": ["string", "number"]},
        "string": {"type": "string"},
    }
    return {**schemas[field.of], "enum": list(field.enum)} if field.enum else schemas[field.of]
