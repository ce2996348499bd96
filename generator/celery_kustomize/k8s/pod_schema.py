"""The schema of pods and their parts as data: ``pod_schema.json``, read once when first needed.

tools/pod-schema makes the file from Kubernetes' own OpenAPI document.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "KUBERNETES",
    "PATCH",
    "SCALARS",
    "Discriminated",
    "Field",
    "ObjectType",
    "OneOf",
    "object_type",
    "object_types",
    "parse_type",
]

KUBERNETES = "1.34"
"""The release whose schema this is."""

PATCH = "$patch"
"""The key of a directive in a strategic merge patch."""

SCALARS = frozenset({"any", "boolean", "int-or-string", "int32", "int64", "quantity", "string"})
"""The types that are not objects."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``of`` is a scalar or the name of an object type, of the field or its items.

    ``keys`` are the merge keys of a list, ``is_set`` says that its values are merged as a set;
    a list with neither is replaced whole. ``default`` is only known for a part of a merge key.
    """

    of: str
    shape: Literal["one", "list", "map"] = "one"
    enum: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    is_set: bool = False
    default: str | None = None
    description: str = ""

    @property
    def item(self) -> Field:
        """The same field as one item of its list or map."""
        return Field(self.of, enum=self.enum)


@dataclass(frozen=True, slots=True)
class OneOf:
    """Fields of which at most one may be given, or exactly one (``required``)."""

    members: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class Discriminated:
    """Fields that belong to one value of the field ``by``: a ``type``."""

    by: str
    members: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ObjectType:
    """One object type, for example ``Container``."""

    name: str
    description: str
    fields: Mapping[str, Field]
    required: tuple[str, ...] = ()
    one_of: tuple[OneOf, ...] = ()
    discriminated: Discriminated | None = None

    def key_defaults(self, keys: tuple[str, ...]) -> dict[str, str]:
        """What stands for those of ``keys`` that an item leaves out: ``protocol`` is TCP."""
        fields = {key: self.fields[key].default for key in keys}
        return {key: default for key, default in fields.items() if default is not None}


def object_type(name: str) -> ObjectType:
    """The object type ``name``: a Kubernetes type without its group, such as ``PodSpec``.

    Raises:
        KeyError: there is no such type in the schema.
    """
    return object_types()[name]


@cache
def object_types() -> Mapping[str, ObjectType]:
    """All object types by name."""
    file = resources.files("celery_kustomize.k8s").joinpath("pod_schema.json")
    types: dict[str, Any] = json.loads(file.read_text("utf-8"))["types"]
    return {name: _object_type(name, entry) for name, entry in types.items()}


def _object_type(name: str, entry: dict[str, Any]) -> ObjectType:
    by = entry.get("discriminated")
    return ObjectType(
        name=name,
        description=entry["description"],
        fields={field: _field(written) for field, written in entry["fields"].items()},
        required=tuple(entry.get("required", ())),
        one_of=tuple(
            OneOf(tuple(group["members"]), group["required"]) for group in entry.get("oneOf", ())
        ),
        discriminated=Discriminated(by["by"], by["members"]) if by else None,
    )


def parse_type(text: str) -> Field:
    """A field of the type that is written ``string``, ``Probe``, ``[]EnvVar``, ``{}quantity``."""
    if text.startswith("[]"):
        return Field(text[2:], "list")
    if text.startswith("{}"):
        return Field(text[2:], "map")
    return Field(text)


def _field(written: dict[str, Any]) -> Field:
    return replace(
        parse_type(written["type"]),
        enum=tuple(written.get("enum", ())),
        keys=tuple(written.get("keys", ())),
        is_set=written.get("set", False),
        default=written.get("default"),
        description=written.get("description", ""),
    )
