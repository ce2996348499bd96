"""From a raw document to a model, every problem with its place and what to write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from celery_kustomize.errors import Problem
from celery_kustomize.k8s.suggest import did_you_mean
from celery_kustomize.located import Map, mark_at
from celery_kustomize.model.base import Model

__all__ = ["validate"]

_M = TypeVar("_M", bound=Model)
_Loc = Sequence[str | int]

_EXPECTED = {
    "string_type": "a string",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a map",
    "model_type": "a map",
    "model_attributes_type": "a map",
}


def validate(model: type[_M], document: Map) -> tuple[_M | None, list[Problem]]:
    """``document`` as ``model``; None and all problems when it does not fit."""
    try:
        return model.model_validate(document), []
    except ValidationError as error:
        problems = []
        for item in error.errors(include_url=False):
            loc = [step for step in item["loc"] if step != "[key]"]
            mark = mark_at(document, loc)
            message = _message(model, loc, item["type"], item["msg"], item)
            problems.append(Problem(mark.file, mark.line, mark.path, message))
        return None, problems


def _message(model: type[Model], loc: _Loc, kind: str, text: str, item: Any) -> str:
    context = item.get("ctx", {})
    if kind == "extra_forbidden":
        return f"unknown field{did_you_mean(str(loc[-1]), _fields(model, loc[:-1]))}"
    if kind == "missing":
        return "is required"
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, got {_got(item['input'])}{_advice(kind, item['input'])}"
    if kind == "literal_error":
        return f"{_quoted(item['input'])} is not one of {context['expected'].replace(chr(39), '')}"
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = context.get("ge", context.get("le"))
        return f"{item['input']} must be {'at least' if 'ge' in context else 'at most'} {bound}"
    if kind == "multiple_of":
        return f"{item['input']} must be a multiple of {context['multiple_of']}"
    if kind in ("too_short", "string_too_short"):
        return "must not be empty"
    if kind == "string_pattern_mismatch":
        return f"{_quoted(item['input'])} does not have the form {context['pattern']}"
    return text


def _quoted(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _got(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}" if abs(value) < 1e18 else "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "a map"


def _advice(kind: str, value: Any) -> str:
    if kind == "string_type" and isinstance(value, bool | int | float):
        return ": write it in quotes"
    if kind != "string_type" and isinstance(value, str):
        return ": write it without quotes" if kind in ("int_type", "bool_type") else ""
    return ""


def _fields(model: type[BaseModel], loc: _Loc) -> list[str]:
    """The fields that are known at ``loc``; empty inside free content."""
    current: Any = model
    for step in loc:
        if isinstance(current, type) and issubclass(current, BaseModel):
            found = [f for n, f in current.model_fields.items() if step in (f.alias, n)]
            current = found[0].annotation if found else None
        current = _unwrapped(current)
    if isinstance(current, type) and issubclass(current, BaseModel):
        return [field.alias or name for name, field in current.model_fields.items()]
    return []


def _unwrapped(annotation: Any) -> Any:
    """The model inside ``list[X]``, ``X | None`` or ``Annotated[X, ...]``."""
    if isinstance(annotation, type) and not get_args(annotation):
        return annotation
    for argument in get_args(annotation):
        inner = _unwrapped(argument)
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            return inner
    return None
