"""Parameters as Argo CD (v3.5) sends them: in environment variables, all of them untrusted.

``ARGOCD_APP_PARAMETERS`` is a JSON list of ``{name, string | array | map}``, ``null`` when the
Application has none, and absent when it does not have a ``plugin`` block. Argo CD also spells every
parameter out as ``PARAM_<NAME>``. Variables of ``plugin.env`` come as ``ARGOCD_ENV_<NAME>``, with
``$ARGOCD_APP_...`` in their values already replaced.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from celery_kustomize.argocd.parameters import PARAMETERS, Given, Parameter, find, target, unknown
from celery_kustomize.errors import Problem
from celery_kustomize.k8s.suggest import suggest
from celery_kustomize.model.base import described

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery_kustomize.merge import Target

__all__ = ["ORIGIN", "read_target"]

ORIGIN = "parameter {}"
"""How messages name a parameter."""

_ALL = "ARGOCD_APP_PARAMETERS"
_SINGLE = "PARAM_"
_CUSTOM = "ARGOCD_ENV_"
_KINDS = ("string", "array", "map")
_EMPTY: tuple[Any, ...] = (None, "", [], {})


def read_target(environment: Mapping[str, str]) -> Target:
    """What the Application asks for. A parameter counts more than a variable of its name.

    Raises:
        SpecError: with everything that is wrong.
    """
    problems: list[Problem] = []
    found = _variables(environment, problems)
    found |= {
        parameter.name: Given(parameter, value, ORIGIN.format(parameter.name))
        for parameter in PARAMETERS
        if (value := environment.get(_SINGLE + parameter.name.upper())) and not parameter.is_map
    }
    found |= _parameters(environment.get(_ALL, ""), problems)
    return target(found.values(), ORIGIN, problems)


def _parameters(text: str, problems: list[Problem]) -> dict[str, Given]:
    """The values in the JSON list, empty ones too."""
    result: dict[str, Given] = {}
    for item in _items(text, problems):
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str):
            problems.append(Problem(_ALL, 0, "", "every parameter must be a map with a name"))
            continue
        parameter, origin = find(name), ORIGIN.format(name)
        if parameter is None:
            problems.append(Problem(_ALL, 0, "", unknown(name)))
            continue
        if name in result:
            problems.append(Problem(origin, 0, "", "is given twice: remove one"))
        value, wrong = _value(parameter, item)
        if wrong:
            problems.append(Problem(origin, 0, "", wrong))
        result[name] = Given(parameter, value, origin)
    return result


def _items(text: str, problems: list[Problem]) -> list[Any]:
    """The items of the list in ``text``; none when there is no list."""
    try:
        items = json.loads(text or "null")
    except json.JSONDecodeError as error:
        # Not the text itself, which may hold anything.
        message = f"is not JSON: {error.msg} at character {error.pos + 1}"
    except (RecursionError, ValueError):
        message = "is not JSON that can be read"
    else:
        if isinstance(items, list) or items is None:
            return items or []
        message = f"must be a list of parameters, not {described(items)}"
    problems.append(Problem(_ALL, 0, "", message))
    return []


def _value(parameter: Parameter, item: Mapping[str, Any]) -> tuple[str | dict[str, str], str]:
    """The value of ``item``, and what is wrong with it, if anything."""
    given = {key: value for key, value in item.items() if key != "name"}
    values = {key: value for key, value in given.items() if value not in _EMPTY}
    if not values and not given.keys().isdisjoint(_KINDS):
        return "", ""
    kind = "map" if parameter.is_map else "string"
    if values.keys() == {kind} and _fits(parameter, values[kind]):
        return values[kind], ""
    if parameter.is_map:
        key, _, example = parameter.example.partition("=")
        return "", f"must have a map of strings, as in map: {{{key}: {example}}}"
    return "", f"must have a string, as in string: {json.dumps(parameter.example)}"


def _fits(parameter: Parameter, value: Any) -> bool:
    if not parameter.is_map:
        return isinstance(value, str)
    return isinstance(value, dict) and all(isinstance(entry, str) for entry in value.values())


def _variables(environment: Mapping[str, str], problems: list[Problem]) -> dict[str, Given]:
    """The values in variables of ``plugin.env``. An unknown one is a problem if nearly ours."""
    result: dict[str, Given] = {}
    for variable in sorted(environment):
        name = variable.removeprefix(_CUSTOM).lower()
        if not variable.startswith(_CUSTOM) or not environment[variable]:
            continue
        parameter = find(name)
        wrong = ""
        if parameter is None:
            near = suggest(name, [known.name for known in PARAMETERS])
            wrong = f"is not known; did you mean {_CUSTOM}{near.upper()}?" if near else ""
        elif parameter.is_map:
            wrong = f"holds a map: write it as the parameter {name}, not as a variable"
        elif name in result:
            wrong = f"is given as {result[name].origin} too: remove one"
        else:
            result[name] = Given(parameter, environment[variable], variable)
        if wrong:
            problems.append(Problem(variable, 0, "", wrong))
    return result
