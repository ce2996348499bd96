"""What an Application can set: the table that plugin.yaml, its documentation and ``build`` share.

Values come from whoever may write an Application, or a ``.argocd-source.yaml`` in the repository.
None of them is trusted: they are merged and validated as one more overlay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem, SpecError
from celery_kustomize.k8s.suggest import did_you_mean, quote
from celery_kustomize.k8s.yaml_text import is_writable
from celery_kustomize.load.yaml import parse
from celery_kustomize.located import Map, Mark
from celery_kustomize.merge import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["PARAMETERS", "Given", "Parameter", "find", "target", "unknown"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter. ``title`` and ``tooltip`` are shown in Argo CD's user interface.

    ``metavar`` stands for a value in help texts, ``example`` is one. ``of_folder``: the dynamic
    command announces it, with what is in the folder.
    """

    name: str
    title: str
    tooltip: str
    metavar: str
    example: str
    is_map: bool = False
    of_folder: bool = False


PARAMETERS = (
    Parameter(
        "application",
        "Application",
        "Which application, where the folder has several.",
        "NAME",
        "shop",
        of_folder=True,
    ),
    Parameter(
        "overlay",
        "Environment",
        "Which overlay of the spec. Empty: the base.",
        "NAME",
        "production",
        of_folder=True,
    ),
    Parameter(
        "image",
        "Image",
        "A tag, a digest or a whole reference for the spec's image; images that components have of"
        " their own stay.",
        "IMAGE",
        "1.4.3",
    ),
    Parameter(
        "namespace",
        "Namespace",
        "Namespace of the generated objects, instead of the spec's or the overlay's.",
        "NAME",
        "shop-preview",
    ),
    Parameter(
        "labels",
        "Labels",
        "Labels for every object and pod, added to the spec's.",
        "KEY=VALUE",
        "preview=pr-7",
        is_map=True,
    ),
    Parameter(
        "annotations",
        "Annotations",
        "Annotations for every generated object, added to the spec's.",
        "KEY=VALUE",
        "example.com/owner=checkout",
        is_map=True,
    ),
    Parameter(
        "overrides",
        "Overrides",
        "A partial spec as YAML text, merged like an overlay's overrides.",
        "YAML",
        "{workers: [{name: default, replicas: 1}]}",
    ),
)
_BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}
_UNWRITABLE = "has a character that YAML cannot keep: remove it"


@dataclass(frozen=True, slots=True)
class Given:
    """The value of a parameter, of its type, and where it was given: ``--image``."""

    parameter: Parameter
    value: str | Mapping[str, str]
    origin: str


def find(name: str) -> Parameter | None:
    """The parameter called ``name``."""
    return _BY_NAME.get(name)


def unknown(name: str) -> str:
    """What to say about a name that is no parameter's."""
    hint = did_you_mean(name, _BY_NAME) or f" (there are: {', '.join(_BY_NAME)})"
    return f"unknown parameter {quote(name)}{hint}"


def target(values: Iterable[Given], origin: str, problems: Iterable[Problem] = ()) -> Target:
    """What ``values`` ask for. Empty ones are as good as absent.

    Args:
        values: each parameter once.
        origin: how a parameter is named that was not given, as in ``parameter {}``.
        problems: what is known to be wrong already.

    Raises:
        SpecError: with ``problems`` and every value that cannot be used.
    """
    found = list(problems)
    result = Map()
    for given in values:
        if value := _value(given, found):
            result.put(given.parameter.name, value, Mark(given.origin, 0))
    if found:
        raise SpecError(found)
    return Target(result, origin)


def _value(given: Given, problems: list[Problem]) -> str | Map | None:
    if not isinstance(given.value, str):
        return _map(given.value, given.origin, problems)
    if not is_writable(given.value):
        problems.append(Problem(given.origin, 0, "", _UNWRITABLE))
        return None
    if given.parameter.name == "overrides":
        return _yaml(given.value, given.origin, problems)
    return given.value.strip()


def _yaml(text: str, origin: str, problems: list[Problem]) -> Map | None:
    if not text.strip():
        return None
    documents, found = parse(text.encode(), origin)
    # The reader expects whole objects, and would ask for apiVersion and kind.
    told = [problem for problem in found if "instead of an object" not in problem.message]
    problems += told
    if len(documents) == 1 and not found:
        return documents[0]
    if not told:
        problems.append(Problem(origin, 0, "", "must be one YAML map, a partial spec"))
    return None


def _map(values: Mapping[str, str], origin: str, problems: list[Problem]) -> Map:
    result = Map(mark=Mark(origin, 0))
    for key, value in values.items():
        if not (is_writable(key) and is_writable(value)):
            problems.append(Problem(origin, 0, key, _UNWRITABLE))
        result.put(key, value, Mark(origin, 0, key))
    return result
