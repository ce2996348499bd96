"""What a plain (unquoted) YAML word means: the same as in a resource that kustomize reads. Pure.

Observed on kustomize v5.5.0 and v5.8.2 (goyaml.v3 ``resolve.go``): booleans and null as in YAML
1.2, numbers as in YAML 1.1 and 1.2 together. The one difference is dates: kustomize turns
``2024-01-02`` into the text ``2024-01-02T00:00:00Z``. Here it stays the text that was written, as
with ``kubectl apply``; it is quoted when written out, so kustomize then keeps it, too.
"""

from __future__ import annotations

import math
import re
from typing import TypeAlias

__all__ = ["Scalar", "ScalarError", "resolve_plain", "resolve_tagged"]

Scalar: TypeAlias = str | int | float | bool | None

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_BASED = re.compile(r"([-+]?)0(?:[xX]([0-9a-fA-F]+)|[oO]?([0-7]+)|[bB]([01]+))")
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_STRAY_UNDERSCORE = re.compile(r"(?<![0-9])_|_(?![0-9])")
_TAGS: dict[str, tuple[type, ...]] = {
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
    "null": (type(None),),
}
_LOWEST, _HIGHEST = -(2**63), 2**64 - 1
_LONGEST_INTEGER = 70  # "0b", a sign and 64 digits fit; int() of millions of digits is slow


class ScalarError(ValueError):
    """The word cannot be a value; the text says why and what to write."""


def resolve_plain(text: str) -> Scalar:
    """The value of an unquoted word, for example 12 for ``014`` and "yes" for ``yes``.

    Args:
        text: the word, without the spaces around it.

    Raises:
        ScalarError: JSON has no such value (``.inf``, ``.nan``), or an integer needs more than
            64 bits (kustomize would round it).
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _NOT_FINITE.fullmatch(text):
        raise ScalarError(
            f"{text} is not a number that Kubernetes can hold: quote it if it is a text"
        )
    if text[0] == "." and _STRAY_UNDERSCORE.search(text):
        return text
    digits = text.replace("_", "")
    integer = _integer(digits)
    if integer is not None:
        return integer
    if _FLOAT.fullmatch(digits) and math.isfinite(number := float(digits)):
        return number
    return text


def resolve_tagged(text: str, tag: str) -> Scalar:
    """The value of ``text`` under an explicit tag: ``!!str 5`` is "5", ``!!int "5"`` is 5.

    Args:
        text: the word, or the text in quotes: with a tag they mean the same.
        tag: the short name of a core tag ("str", "int", "float", "bool", "null").

    Raises:
        ScalarError: the text is not of that type, or the tag is not one of these.
    """
    if tag == "str":
        return text
    wanted = _TAGS.get(tag)
    if wanted is None:
        raise ScalarError(f"the tag !!{tag} is not supported: write the value without it")
    value = resolve_plain(text)
    if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
        raise ScalarError(f"the value is not what its tag !!{tag} says: write it without the tag")
    return float(value) if tag == "float" and isinstance(value, int) else value


def _integer(digits: str) -> int | None:
    """The integer written in base 2, 8, 10 or 16; None when it is not one."""
    if len(digits) <= _LONGEST_INTEGER and (match := _BASED.fullmatch(digits)):
        sign, hexadecimal, octal, binary = match.groups()
        base = 16 if hexadecimal else 2 if binary else 8
        value = int(sign + (hexadecimal or binary or octal), base)
        if _LOWEST <= value <= _HIGHEST:
            return value
    if not _DECIMAL.fullmatch(digits):
        return None
    if len(digits) > _LONGEST_INTEGER or not _LOWEST <= int(digits) <= _HIGHEST:
        raise ScalarError(
            "this integer needs more than 64 bits and would be rounded: quote it if it is a text"
        )
    return int(digits)
