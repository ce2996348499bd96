"""``plugin parameters``: what the user interface of Argo CD offers for a folder."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from celery_kustomize.argocd.parameters import PARAMETERS, Parameter
from celery_kustomize.documents import documents
from celery_kustomize.errors import Problem, SpecError
from celery_kustomize.load.sources import read
from celery_kustomize.merge import overlay_names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["announced", "announcement"]


def announced(folder: str, defaults: str | None) -> tuple[str, Sequence[Problem]]:
    """The announcements as JSON, for the parameters whose values are in the folder.

    A spec with mistakes is announced as far as it can be read; they come as problems.

    Raises:
        SpecError: there is no application that could be announced.
    """
    sources = read([folder], stdin=None, defaults=defaults)
    problems = list(sources.problems)
    found = {
        item.name: overlay_names(item.document, item.overlays, item.defaults)
        for item in documents(sources, problems)
        if item.name is not None
    }
    if not found:
        raise SpecError(problems)
    told = {"application": _applications(found), "overlay": _overlays(found)}
    items = [
        announcement(
            parameter,
            f"{parameter.tooltip} {told[parameter.name]}",
            required=parameter.name == "application" and len(found) > 1,
        )
        for parameter in PARAMETERS
        if parameter.of_folder
    ]
    return f"{json.dumps(items)}\n", problems


def announcement(parameter: Parameter, tooltip: str, *, required: bool = False) -> dict[str, Any]:
    """A parameter as Argo CD announces it (ParameterAnnouncement in its repository.proto)."""
    return {
        "name": parameter.name,
        "title": parameter.title,
        "tooltip": tooltip,
        "required": required,
        "collectionType": "map" if parameter.is_map else "string",
    }


def _applications(found: Mapping[str, Sequence[str]]) -> str:
    return f"Here: {', '.join(found)}."


def _overlays(found: Mapping[str, Sequence[str]]) -> str:
    if len(found) == 1:
        (overlays,) = found.values()
        return f"Here: {', '.join(overlays) or 'none'}."
    each = (f"{name}: {', '.join(overlays) or 'none'}" for name, overlays in found.items())
    return f"Here: {'; '.join(each)}."
