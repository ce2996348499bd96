"""What a document is for this program: one of its kinds, an object to pass through, or neither."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING

from celery_kustomize.k8s.suggest import quote, suggest
from celery_kustomize.load.objects import problem_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from celery_kustomize.errors import Problem
    from celery_kustomize.located import Map

__all__ = ["NATIVE_VERSION", "OLDER_KINDS", "Role", "near_miss", "role_of"]

NATIVE_VERSION = "celeryproject.org/v1beta1"
"""``apiVersion`` of the kinds that this program defines."""

OLDER_KINDS = frozenset(
    {("celeryproject.org/v1alpha1", "Celery"), ("celery.k8s.io/v1beta1", "CeleryApplication")}
)
"""(apiVersion, kind) of the older operators, which ``convert`` turns into the native kind."""


class Role(Enum):
    """What a document is."""

    APPLICATION = auto()
    OVERLAY = auto()
    DEFAULTS = auto()
    ARGOCD = auto()
    """Belongs to Argo CD itself and is never picked up."""
    OBJECT = auto()
    """Any other Kubernetes object."""


_NATIVE = {
    "CeleryApplication": Role.APPLICATION,
    "CeleryApplicationOverlay": Role.OVERLAY,
    "CeleryApplicationDefaults": Role.DEFAULTS,
}
_ROLES: dict[tuple[str, str], Role] = {
    **{(NATIVE_VERSION, kind): role for kind, role in _NATIVE.items()},
    **dict.fromkeys(OLDER_KINDS, Role.APPLICATION),
    **{
        ("argoproj.io/v1alpha1", kind): Role.ARGOCD
        for kind in ("Application", "ApplicationSet", "AppProject")
    },
}
_GROUPS = ("celeryproject.org", "celery.k8s.io")


def role_of(document: Map) -> Role:
    """The role of ``document`` by its apiVersion and kind, spelled exactly."""
    version, kind = document.get("apiVersion"), document.get("kind")
    if isinstance(version, str) and isinstance(kind, str):
        return _ROLES.get((version, kind), Role.OBJECT)
    return Role.OBJECT


def near_miss(document: Map) -> Problem | None:
    """A problem when ``document`` was meant to be one of this program's kinds but is spelled wrong.

    It was when its API group is (nearly) one of theirs, or its kind (nearly) is a
    ``CeleryApplication``, whatever the group.
    """
    if role_of(document) is not Role.OBJECT:
        return None
    version, kind = (_text(document, field) for field in ("apiVersion", "kind"))
    group, wanted_kind = _nearest(version.partition("/")[0], _GROUPS), _nearest(kind, _NATIVE)
    if group is None and wanted_kind is None:
        return None
    right_version, right_kind = NATIVE_VERSION, wanted_kind or "CeleryApplication"
    if group == "celery.k8s.io":
        right_version, right_kind = "celery.k8s.io/v1beta1", "CeleryApplication"
    elif version == "celeryproject.org/v1alpha1" and wanted_kind is None:
        right_version, right_kind = version, "Celery"
    message = (
        f"apiVersion {quote(version)} and kind {quote(kind)} are not known together:"
        f" write {right_version} and {right_kind}"
    )
    field = "kind" if version == right_version else "apiVersion"
    return problem_at(document.mark_of(field), message)


def _nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is meant; names of others (``Application``) do not begin like ours."""
    return suggest(name, known) if name.lower().startswith("cel") else None


def _text(document: Map, field: str) -> str:
    value = document.get(field)
    return value if isinstance(value, str) else ""
