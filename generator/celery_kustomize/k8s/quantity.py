"""Kubernetes resource quantities: ``500m``, ``512Mi``, ``1e3``.

The grammar is apimachinery's (k8s.io/apimachinery v0.34.4, pkg/api/resource). A text without any
digit (``Gi``), which its scanner takes as 0 by accident, is refused here.
"""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, Inexact
from typing import Any

from celery_kustomize.k8s.suggest import quote

__all__ = ["check_quantity", "normalize", "parse", "to_bytes", "to_kib", "to_mib", "to_millicores"]

_SUFFIXES: dict[str, Decimal] = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("kMGTPE", 1)},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", 1)},
}
_QUANTITY = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))"
    r"(?:(?P<suffix>[numkMGTPE]|[KMGTPE]i|)|[eE](?P<exponent>[+-]?[0-9]{1,3}))"
)
_ALMOST = re.compile(r"\s*(?P<number>[+-]?[0-9]+(?:[.,][0-9]+)?)\s*(?P<unit>[A-Za-z]*)\s*")
_LONGEST = 64
_LARGEST = Decimal(2**63 - 1)
# Enough digits that nothing in bounds is ever rounded.
_EXACT = Context(prec=400, traps=[Inexact])


def parse(text: str) -> Decimal:
    """The exact value of a quantity: cores for CPU, bytes for memory and storage.

    Args:
        text: what stands in the manifest, for example ``250m`` or ``1.5Gi``.

    Raises:
        ValueError: it is no quantity, or its magnitude is above 2^63-1, the most that Kubernetes
            keeps. The message is for users and says what to write.
    """
    found = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise ValueError(_problem(text))
    number = Decimal(found["number"])
    if found["exponent"] is not None:
        value = _EXACT.scaleb(number, int(found["exponent"]))
    else:
        value = _EXACT.multiply(number, _SUFFIXES[found["suffix"]])
    if value.copy_abs() > _LARGEST:
        raise ValueError(f"{quote(text)} is too large: a quantity is at most 2^63-1")
    return value


def normalize(value: Any) -> str:
    """A quantity as text. YAML numbers (``cpu: 1``, ``cpu: 0.5``) are quantities too.

    Raises:
        ValueError: ``value`` is not a quantity.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("expected a quantity such as 500m or 512Mi")
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise ValueError("the number is too large: a quantity is at most 2^63-1")
    text = value if isinstance(value, str) else repr(value)
    parse(text)
    return text


def check_quantity(value: Any) -> str | None:
    """What is wrong with ``value`` as a quantity, and what to write; None when it is one."""
    try:
        normalize(value)
    except ValueError as error:
        return str(error)
    return None


def to_bytes(value: str | float) -> int:
    """Whole bytes, rounded up as Kubernetes does (``Quantity.Value``)."""
    return _whole(parse(normalize(value)), ROUND_CEILING)


def to_kib(value: str | float) -> int:
    """Whole KiB, rounded down: the unit of Celery's ``--max-memory-per-child``."""
    return _whole(_EXACT.divide(parse(normalize(value)), Decimal(1024)), ROUND_FLOOR)


def to_mib(value: str | float) -> int:
    """Whole MiB, rounded down."""
    return _whole(_EXACT.divide(parse(normalize(value)), Decimal(1024**2)), ROUND_FLOOR)


def to_millicores(value: str | float) -> int:
    """Whole thousandths of a core, rounded up as Kubernetes does (``Quantity.MilliValue``)."""
    return _whole(_EXACT.multiply(parse(normalize(value)), Decimal(1000)), ROUND_CEILING)


def _whole(value: Decimal, rounding: str) -> int:
    return int(value.to_integral_value(rounding=rounding))


def _problem(text: str) -> str:
    """What to say about a text that is no quantity: what it was probably meant to be."""
    problem = f"{quote(text)} is not a quantity"
    almost = _ALMOST.fullmatch(text) if len(text) <= _LONGEST else None
    if almost is None:
        return f"{problem}: write a number with a unit, such as 500m, 2, 512M or 1Gi"
    number, unit = almost["number"].replace(",", "."), almost["unit"]
    if unit in _SUFFIXES:
        return f"{problem}: write {number}{unit}"
    letter = unit[0].upper()
    rest = unit[1:].lower()
    if letter in "KMGTPE" and rest in ("", "b"):
        decimal = letter.replace("K", "k")
        return f"{problem}: write {number}{decimal} (decimal) or {number}{letter}i (binary)"
    if letter in "KMGTPE" and rest in ("i", "ib"):
        return f"{problem}: write {number}{letter}i"
    if unit.lower() in ("b", "byte", "bytes", "core", "cores", "cpu", "cpus"):
        return f"{problem}: write {number}"
    return f"{problem}: its unit is not one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei"
