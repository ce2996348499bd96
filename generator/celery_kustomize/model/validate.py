"""From a raw document to a model, every problem with its place and what to write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from celery_kustomize.errors import Problem
from celery_kustomize.k8s.suggest import did_you_mean
from celery_kustomize.located import Map, Seq, copied, mark_at
from celery_kustomize.model.base import Model, described

__all__ = ["Validated", "validate"]

_M = TypeVar("_M", bound=Model)
_Loc = Sequence[str | int]

_ROUNDS = 8
_NAME = ("metadata", "name")

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


@dataclass(frozen=True, slots=True)
class Validated(Generic[_M]):
    """A document as a model, with everything that is wrong in it.

    Where there are problems, ``model`` is what remains when the wrong parts are left out, so that
    further checks can still find more; None when too little remains. ``document`` are the values
    and marks that ``model`` was made of, ``left_out`` the parts of ``spec`` that are gone from it.
    """

    model: _M | None
    problems: list[Problem]
    document: Map
    left_out: frozenset[str] = frozenset()


def validate(model: type[_M], document: Map) -> Validated[_M]:
    """``document`` as ``model``, with all problems.

    Where parts are wrong they are left out and the rest is looked at again: some checks run only
    on what is otherwise right.
    """
    problems: list[Problem] = []
    rest = document
    # What lost a field: that it now lacks something is no mistake of the user's.
    poorer: set[tuple[str | int, ...]] = set()
    for _ in range(_ROUNDS):
        try:
            found = model.model_validate(rest)
            return Validated(found, problems, rest, _gone(document, rest))
        except ValidationError as error:
            errors = error.errors(include_url=False)
        for item in errors:
            loc = item["loc"]
            if loc not in poorer and not (item["type"] == "missing" and loc[:-1] in poorer):
                mark = mark_at(rest, loc)
                message = _message(model, loc, item["type"], item["msg"], item)
                problems.append(Problem(mark.file, mark.line, mark.path, message))
        poorer |= {_wrong_part(item)[:-1] for item in errors}
        rest = copied(rest)
        if not _leave_out(rest, errors):
            break
    return Validated(None, problems, document)


def _wrong_part(error: ErrorDetails) -> tuple[str | int, ...]:
    """What to leave out: the value itself, or what lacks a required field."""
    return error["loc"][:-1] if error["type"] == "missing" else error["loc"]


def _gone(document: Map, rest: Map) -> frozenset[str]:
    before, after = document.get("spec"), rest.get("spec")
    if not isinstance(before, Map) or not isinstance(after, Map):
        return frozenset()
    return frozenset(set(before) - set(after))


def _leave_out(document: Map, errors: Iterable[ErrorDetails]) -> bool:
    """Remove what is wrong, and what lacks a required field; False when too much would go."""
    errors = list(errors)
    wrong = {_wrong_part(error) for error in errors}
    unknown = {e["loc"] for e in errors if e["type"] == "extra_forbidden"}
    # The last item of a list first: the others keep their places.
    for loc in sorted(wrong, key=lambda steps: [str(s).zfill(9) for s in steps], reverse=True):
        if loc == _NAME:
            document["metadata"]["name"] = "application"
        elif not _remove(document, loc, unknown=loc in unknown):
            return False
    return True


def _remove(document: Map, loc: tuple[str | int, ...], *, unknown: bool) -> bool:
    """Remove the value at ``loc``, or what should have had it; False for a whole document."""
    parent: Any = document
    for step in loc[:-1]:
        parent = _child(parent, step)
    last = loc[-1] if loc else ""
    if len(loc) <= 1 and not unknown:
        return False
    if isinstance(parent, Map) and last in parent:
        parent.pop(str(last))
    elif isinstance(parent, Seq) and isinstance(last, int) and last < len(parent):
        del parent[last], parent.marks[last]
    else:
        # Kubernetes' own types say where a field is missing, not what lacks it.
        return _remove(document, loc[:-1], unknown=False)
    return True


def _child(parent: Any, step: str | int) -> Any:
    if isinstance(parent, Map):
        return parent.get(str(step))
    if isinstance(parent, Seq) and isinstance(step, int) and step < len(parent):
        return parent[step]
    return None


def _message(model: type[Model], loc: _Loc, kind: str, text: str, item: Any) -> str:
    context = item.get("ctx", {})
    if kind == "extra_forbidden":
        return f"unknown field{did_you_mean(str(loc[-1]), _fields(model, loc[:-1]))}"
    if kind == "missing":
        return "is required"
    if kind in _EXPECTED:
        value = item["input"]
        return f"expected {_EXPECTED[kind]}, got {described(value)}{_advice(kind, value)}"
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


def _advice(kind: str, value: Any) -> str:
    if kind == "string_type" and isinstance(value, bool | int | float):
        return ": write it in quotes"
    number = kind in ("int_type", "int_from_float") and re.fullmatch(r"-?[0-9]{1,18}", str(value))
    word = kind == "bool_type" and value in ("true", "false")
    return ": write it without quotes" if isinstance(value, str) and (number or word) else ""


def _fields(model: type[BaseModel], loc: _Loc) -> list[str]:
    """The fields that are known at ``loc``; empty inside free content."""
    current: Any = model
    for step in loc:
        current = _at(current, step)
    found = _model(current)
    if found is None:
        return []
    return [field.alias or name for name, field in found.model_fields.items()]


def _at(annotation: Any, step: str | int) -> Any:
    """The annotation of what stands at ``step`` inside ``annotation``; None when unknown."""
    if _is_model(annotation):
        found = [f for n, f in annotation.model_fields.items() if step == (f.alias or n)]
        return found[0].annotation if found else None
    if get_origin(annotation) in (list, dict):
        return get_args(annotation)[-1]
    options = (_at(argument, step) for argument in get_args(annotation))
    return next((found for found in options if found is not None), None)


def _model(annotation: Any) -> type[BaseModel] | None:
    """The model inside ``X | None`` or ``Annotated[X, ...]``."""
    if _is_model(annotation):
        model: type[BaseModel] = annotation
        return model
    options = (_model(argument) for argument in get_args(annotation))
    return next((found for found in options if found is not None), None)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
