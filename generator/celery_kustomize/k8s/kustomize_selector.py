"""Which objects a ``target`` of kustomize's ``patches`` selects. Pure: no I/O.

Source: kustomize/api v0.21.2, ``types/selector.go`` and ``resWrangler.Select``; kyaml v0.21.2,
``RNode.MatchesLabelSelector`` (apimachinery's selectors).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celery_kustomize.k8s.go_expressions import Expression, ExpressionError, expression
from celery_kustomize.k8s.kustomize_namespace import effective_namespace
from celery_kustomize.k8s.names import check_label_key, check_label_value
from celery_kustomize.k8s.suggest import quote

if TYPE_CHECKING:
    from collections.abc import Sequence

    from celery_kustomize.k8s.kustomization import Object

__all__ = ["Identity", "Selector", "SelectorError", "identity", "selector"]

Identity = tuple[str, str, str, str, str]
"""Group, version, kind, namespace and name of an object, as kustomize compares them."""

_Labels = Mapping[str, str]
_Requirement = Callable[[_Labels], bool]

_CLUSTER_SCOPED = "_non_namespaceable_"
_EXPRESSIONS = ("group", "version", "kind", "namespace", "name")

_WORD = r"[^\s=!(),<>]+"
_REQUIREMENT = re.compile(
    rf"""\s*(?:
      !\s*(?P<absent>{_WORD})
    | (?P<key>{_WORD})\s*
      (?: (?P<operator>==?|!=)\s*(?P<value>{_WORD})?
        | (?P<order>[<>])\s*(?P<number>[-+]?[0-9]+)
        | (?<=\s)(?P<set>in|notin)\s*\((?P<values>(?:\s*{_WORD}|\s*,)*\s*)\)
      )?
    )\s*(?:,(?=\s*\S)|\Z)""",
    re.VERBOSE,
)


class SelectorError(ValueError):
    """kustomize refuses the target; the text names the field and says why."""


def identity(item: Object) -> Identity:
    """What kustomize knows ``item`` by."""
    group, _, version = item["apiVersion"].rpartition("/")
    namespace = effective_namespace(item) or _CLUSTER_SCOPED
    return group, version, item["kind"], namespace, item["metadata"]["name"]


@dataclass(frozen=True, slots=True)
class Selector:
    """The conditions of a target; an object has to fulfil them all."""

    expressions: Sequence[Expression | None]
    labels: Sequence[_Requirement]
    annotations: Sequence[_Requirement]

    def selects(self, item: Object, first: Identity) -> bool:
        """Whether ``item``, whose identity was ``first`` before all patches, is selected.

        Its former namespace and name count, too.
        """
        own = identity(item)
        former = (*own[:3], *first[3:])
        metadata = item["metadata"]
        return (
            all(
                expression is None or expression.matches(new) or expression.matches(old)
                for expression, new, old in zip(self.expressions, own, former, strict=True)
            )
            and all(wanted(metadata.get("labels") or {}) for wanted in self.labels)
            and all(wanted(metadata.get("annotations") or {}) for wanted in self.annotations)
        )


def selector(target: Mapping[str, str]) -> Selector:
    """The selector for ``target``.

    Raises:
        SelectorError: kustomize would refuse it, or an expression is not understood here.
    """
    return Selector(
        [_expression(name, target.get(name) or "") for name in _EXPRESSIONS],
        _requirements("labelSelector", target.get("labelSelector") or ""),
        _requirements("annotationSelector", target.get("annotationSelector") or ""),
    )


def _expression(name: str, text: str) -> Expression | None:
    try:
        return expression(text) if text else None
    except ExpressionError as error:
        raise SelectorError(f"target.{name}: {quote(text)} is no expression: {error}") from None


def _requirements(name: str, text: str) -> list[_Requirement]:
    found = []
    place = 0
    while text[place:].strip():
        match = _REQUIREMENT.match(text, place)
        if match is None:
            raise SelectorError(
                f"target.{name}: {quote(text)} is no selector: write key=value, key!=value, "
                "key in (a, b), key notin (a, b), key or !key, with commas between"
            )
        try:
            found.append(_requirement(match))
        except ValueError as error:
            raise SelectorError(f"target.{name}: {error}") from None
        place = match.end()
    return found


def _requirement(match: re.Match[str]) -> _Requirement:
    key = match["absent"] or match["key"]
    values = [match["value"] or ""]
    if match["set"]:
        values = [value.strip() for value in match["values"].split(",")]
    problem = check_label_key(key) or next(filter(None, map(check_label_value, values)), None)
    if problem:
        raise ValueError(problem)
    if match["absent"]:
        return lambda labels: key not in labels
    if match["order"]:
        number, above = int(match["number"]), match["order"] == ">"
        return lambda labels: _is_beyond(labels.get(key), number, above=above)
    if not match["operator"] and not match["set"]:
        return lambda labels: key in labels
    if match["operator"] == "!=" or match["set"] == "notin":
        return lambda labels: labels.get(key) not in values
    return lambda labels: key in labels and labels[key] in values


def _is_beyond(value: str | None, number: int, *, above: bool) -> bool:
    if value is None or not re.fullmatch(r"[-+]?[0-9]{1,18}", value):
        return False
    return int(value) > number if above else int(value) < number
