"""Volumes and mounts of a component."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.names import check_dns_label
from celery_kustomize.k8s.suggest import quote
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Place, Subject, duplicates, item_loc

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES"]

_GENERATED_VOLUMES = ("celery-config", "celery-modules", "config", "data", "schedule", "tmp")
_OWNED_VOLUMES = ("celery-config", "celery-modules")
_OWNED_PATH = "/etc/celery-kustomize"


def volumes(subject: Subject) -> Iterator[Finding]:
    """A mount needs its volume, and a path can be mounted once (Kubernetes' own validation)."""
    for key, names in (
        ("volumes", [str(v.get("name")) for v in subject.spec.volumes]),
        ("volumeMounts", [str(v.get("mountPath")) for v in subject.spec.volume_mounts]),
    ):
        yield from _twice(("spec", key), names)
    yield from _named(("spec",), subject.spec.volumes)
    for place in subject.places:
        component = place.component
        yield from _named(place.loc, component.volumes)
        yield from _twice((*place.loc, "volumes"), [str(v.get("name")) for v in component.volumes])
        yield from _twice(
            (*place.loc, "volumeMounts"), [str(v.get("mountPath")) for v in component.volume_mounts]
        )
        yield from _mounts(subject, place)
        yield from _reserved(subject, place)


def _named(loc: Loc, items: list[dict[str, Any]]) -> Iterator[Finding]:
    for index, item in enumerate(items):
        if problem := check_dns_label(str(item.get("name"))):
            yield Finding((*loc, "volumes", index, "name"), problem)


def _twice(loc: Loc, names: list[str]) -> Iterator[Finding]:
    for index, name in duplicates(names):
        yield Finding(
            (*loc, index), f"{quote(name)} is given twice, which Kubernetes refuses: remove one"
        )


def _mounts(subject: Subject, place: Place) -> Iterator[Finding]:
    extra = place.component.pod_template.get("spec") or {}
    known = {v.get("name") for v in [*subject.volumes(place), *(extra.get("volumes") or [])]}
    inherited = subject.spec.volume_mounts if place.runs_application else []
    for mount in subject.volume_mounts(place):
        name = mount.get("name")
        if name not in known and name not in _GENERATED_VOLUMES:
            yield Finding(
                item_loc(
                    place.loc,
                    place.component.volume_mounts,
                    inherited,
                    "volumeMounts",
                    "mountPath",
                    mount.get("mountPath"),
                ),
                f"there is no volume {quote(str(name))} in {place.label}: add it to volumes",
            )


def _reserved(subject: Subject, place: Place) -> Iterator[Finding]:
    """Volumes and paths of the generator's own modules and settings."""
    spec, component = subject.spec, place.component
    shared_volumes = spec.volumes if place.runs_application else []
    shared_mounts = spec.volume_mounts if place.runs_application else []
    for volume in subject.volumes(place):
        name = volume.get("name")
        if name in _OWNED_VOLUMES or (place.role == "redis" and name == "config"):
            yield Finding(
                item_loc(place.loc, component.volumes, shared_volumes, "volumes", "name", name),
                f'"{name}" is the name of a volume that the generator writes: write another name',
            )
    for mount in subject.volume_mounts(place):
        path = str(mount.get("mountPath"))
        if path == _OWNED_PATH or path.startswith(f"{_OWNED_PATH}/"):
            yield Finding(
                item_loc(
                    place.loc,
                    component.volume_mounts,
                    shared_mounts,
                    "volumeMounts",
                    "mountPath",
                    path,
                ),
                f"{_OWNED_PATH} holds the generator's own files: write another path",
            )


RULES = (volumes,)
