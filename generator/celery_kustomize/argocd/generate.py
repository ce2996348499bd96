"""``plugin generate``: the objects that an Application asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.argocd.deadline import seconds
from celery_kustomize.argocd.environment import read_target
from celery_kustomize.build import build
from celery_kustomize.kustomize import find

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from celery_kustomize.errors import Problem

__all__ = ["generate"]


def generate(
    folder: str, environment: Mapping[str, str], defaults: str | None
) -> tuple[str, Sequence[Problem]]:
    """What ``build`` gives for the same folder and values, and the warnings.

    Args:
        folder: the Application's.
        environment: variables as Argo CD sets them. kustomize sees none of them.
        defaults: the administrator's file of CeleryApplicationDefaults.

    Raises:
        CeleryKustomizeError: anything is wrong, or there is no object.
    """
    target = read_target(environment)
    kustomize = find(environment, isolated=True)
    return build(folder, target, kustomize, defaults=defaults, timeout=seconds(environment))
