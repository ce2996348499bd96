"""The base of all models and the scalar types that fields share."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from celery_kustomize.k8s import image as image_reference
from celery_kustomize.k8s import names, quantity, schema
from celery_kustomize.k8s.kustomize_annotations import key_problem

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = [
    "AnnotationMap",
    "DnsLabel",
    "DnsSubdomain",
    "FreeMap",
    "Host",
    "ImageReference",
    "IntOrPercent",
    "K8s",
    "LabelMap",
    "Model",
    "Percent",
    "Port",
    "Quantity",
    "Seconds",
    "SettingMap",
    "StringMap",
    "Text",
    "checked",
    "described",
    "in_order",
    "problem",
]


def problem(message: str) -> PydanticCustomError:
    """A validation error whose text is ``message``, without pydantic's prefix."""
    return PydanticCustomError("spec", "{message}", {"message": message})


_LONGEST_SETTING = 253  # a key of a ConfigMap (Kubernetes)
_FIRST = ("apiVersion", "kind", "name", "metadata", "spec", "type", "requests", "limits", "path")


def _order(key: str) -> tuple[int, str]:
    return _FIRST.index(key) if key in _FIRST else len(_FIRST), key


def in_order(value: Any, *, nulls: bool = False) -> Any:
    """``value`` as plain data with its maps in one order, however the user wrote them.

    What names a thing comes first, the rest by the alphabet. Null entries of maps are left out
    unless ``nulls``.
    """
    if isinstance(value, dict):
        kept = (key for key in value if nulls or value[key] is not None)
        return {key: in_order(value[key], nulls=nulls) for key in sorted(kept, key=_order)}
    if isinstance(value, list):
        return [in_order(item, nulls=nulls) for item in value]
    return value


class Model(BaseModel):
    """Strict, closed and frozen; camelCase in YAML.

    Null means the default or, where the field's type says so, "switched off".
    """

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=False,
        use_attribute_docstrings=True,
    )

    _never_null: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls._never_null = frozenset(
            field.alias or name
            for name, field in cls.model_fields.items()
            if type(None) not in get_args(field.annotation)
        )

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {k: v for k, v in data.items() if v is not None or k not in cls._never_null}

    def has(self, *fields: str) -> bool:
        """Whether the user wrote any of ``fields`` (Python names), rather than leaving defaults."""
        return any(name in self.model_fields_set for name in fields)


def checked(check: Callable[[str], str | None]) -> AfterValidator:
    """A validator of texts from a function that says what is wrong with one."""

    def validate(text: str) -> str:
        if message := check(text):
            raise problem(message)
        return text

    return AfterValidator(validate)


def _quantity(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise problem("expected a quantity such as 500m, 2, 512Mi or 10Gi")
    try:
        return quantity.normalize(value)
    except ValueError as error:
        raise problem(str(error)) from None


def _image(text: str) -> str:
    try:
        image_reference.parse(text)
    except ValueError as error:
        raise problem(str(error)) from None
    return text


def _int_or_percent(value: Any) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}%", value):
        return value
    raise problem('expected a number of pods (2) or a percentage in quotes ("25%")')


def _host(text: str) -> str:
    if text.startswith("*."):
        _host(text[2:])
    elif message := names.check_dns_subdomain(text):
        raise problem(message)
    return text


Text = Annotated[str, Field(min_length=1)]
DnsLabel = Annotated[str, checked(names.check_dns_label)]
DnsSubdomain = Annotated[str, checked(names.check_dns_subdomain)]
Host = Annotated[str, AfterValidator(_host)]
ImageReference = Annotated[str, AfterValidator(_image)]
Quantity = Annotated[
    str,
    BeforeValidator(_quantity),
]
Seconds = Annotated[int, Field(ge=0)]
Port = Annotated[int, Field(ge=1, le=65535)]
Percent = Annotated[int, Field(ge=1)]
IntOrPercent = Annotated[
    int | str,
    BeforeValidator(_int_or_percent),
]


def described(value: Any) -> str:
    """What a value is, for messages: ``the number 5``, ``a string``, ``nothing`` for null."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        # str() of a huge integer is refused by Python and would be no help to anyone.
        return f"the number {value}" if abs(value) < 1e18 else "a number"
    if isinstance(value, str):
        return "a string"
    return "a list" if isinstance(value, list) else "a map"


class _PlainMap:
    """A map of free content: nulls are left out; ``check`` gives each entry's problem."""

    def __init__(self, values: type | None, check: Callable[[str, Any], str | None]) -> None:
        self._values = values
        self._check = check

    def _validate(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise problem(f"expected a map, got {described(value)}")
        result: dict[str, Any] = in_order(value)
        errors: list[InitErrorDetails] = []
        for key, item in result.items():
            message = self._check(key, item)
            if self._values and not isinstance(item, self._values):
                scalar = isinstance(item, bool | int | float)
                advice = ": write it in quotes" if scalar else ""
                message = f"expected a string, got {described(item)}{advice}"
            if message:
                errors.append({"type": problem(message), "loc": (key,), "input": item})
        if errors:
            raise ValidationError.from_exception_data("map", errors)
        return result

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._validate)


def _label(key: str, value: Any) -> str | None:
    wrong_key = names.check_label_key(key) or key_problem(key)
    return wrong_key or (names.check_label_value(value) if isinstance(value, str) else None)


def _annotation(key: str, _: Any) -> str | None:
    return names.check_annotation_key(key) or key_problem(key)


def _setting(key: str, _: Any) -> str | None:
    if len(key) <= _LONGEST_SETTING and key.isascii() and key.isidentifier():
        return None
    return "is not the name of a setting: write letters, digits and underscores"


def _anything(_: str, __: Any) -> str | None:
    return None


LabelMap = Annotated[dict[str, str], _PlainMap(str, _label)]
AnnotationMap = Annotated[dict[str, str], _PlainMap(str, _annotation)]
StringMap = Annotated[dict[str, str], _PlainMap(str, _anything)]
FreeMap = Annotated[dict[str, Any], _PlainMap(None, _anything)]
SettingMap = Annotated[dict[str, Any], _PlainMap(None, _setting)]


class K8s:
    """A Kubernetes type, checked against Kubernetes' own schema: ``Annotated[..., K8s("Probe")]``.

    ``partial``: a piece to be merged into a generated object; nothing is required, and nulls and
    ``$patch`` directives stay.
    """

    def __init__(self, type_name: str, *, partial: bool = False) -> None:
        self.type_name = type_name
        self.partial = partial

    def _validate(self, value: Any) -> Any:
        result = in_order(value, nulls=self.partial)
        problems = schema.check(self.type_name, result, partial=self.partial)
        if problems:
            raise ValidationError.from_exception_data(
                self.type_name,
                [{"type": problem(p.message), "loc": p.loc, "input": None} for p in problems],
            )
        return result

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._validate)
