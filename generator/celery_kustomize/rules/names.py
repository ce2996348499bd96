"""Names of objects: too long, or taken; and labels that belong to selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.k8s.kinds import api_group
from celery_kustomize.k8s.names import check_service_name
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Place, Subject, part, warning

if TYPE_CHECKING:
    from collections.abc import Iterator


__all__ = ["IDENTITY_LABELS", "RULES"]

_LIMITS: tuple[tuple[str, int, str], ...] = (
    ("worker", 63, "pods' host names are made of it, and have at most 63"),
    ("beat", 63, "pods' host names are made of it, and have at most 63"),
    ("flower", 63, "a Service's name has at most 63 characters"),
    ("web", 63, "a Service's name has at most 63 characters"),
    ("exporter", 63, "a Service's name has at most 63 characters"),
    ("migrate", 63, "a Job's name is a label of its pods, at most 63 characters"),
    ("redis", 52, "a StatefulSet's name and a hash are a label of its pods, at most 63 characters"),
)
_SCALED_LIMIT = 54

IDENTITY_LABELS = (
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "app.kubernetes.io/managed-by",
    "celeryproject.org/worker",
)
_INSTANCE = "app.kubernetes.io/instance"

_KINDS = {
    "worker": (
        ("apps", "Deployment"),
        ("policy", "PodDisruptionBudget"),
        ("autoscaling", "HorizontalPodAutoscaler"),
        ("keda.sh", "ScaledObject"),
        ("keda.sh", "TriggerAuthentication"),
    ),
    "beat": (("apps", "Deployment"), ("", "PersistentVolumeClaim")),
    "flower": (
        ("apps", "Deployment"),
        ("", "Service"),
        ("networking.k8s.io", "Ingress"),
        ("gateway.networking.k8s.io", "HTTPRoute"),
        ("", "PersistentVolumeClaim"),
    ),
    "web": (
        ("apps", "Deployment"),
        ("", "Service"),
        ("networking.k8s.io", "Ingress"),
        ("gateway.networking.k8s.io", "HTTPRoute"),
        ("policy", "PodDisruptionBudget"),
        ("autoscaling", "HorizontalPodAutoscaler"),
    ),
    "migrate": (("batch", "Job"),),
    "redis": (("apps", "StatefulSet"), ("", "Service")),
    "exporter": (
        ("apps", "Deployment"),
        ("", "Service"),
        ("monitoring.coreos.com", "ServiceMonitor"),
    ),
}


def _name_loc(place: Place) -> Loc:
    given = place.role == "worker" or place.component.name is not None
    return (*place.loc, "name") if given else ("metadata", "name")


def lengths(subject: Subject) -> Iterator[Finding]:
    """Kubernetes' limits, and KEDA's: its HPA is called ``keda-hpa-<ScaledObject>``."""
    limits = {role: (most, why) for role, most, why in _LIMITS}
    for place in subject.places:
        name = subject.object_name(place)
        most, why = limits[place.role]
        scaling = getattr(place.component, "autoscaling", None)
        if place.role == "worker" and scaling is not None and scaling.uses_keda():
            most, why = _SCALED_LIMIT, "KEDA puts keda-hpa- before it and allows 63"
        if len(name) > most:
            yield Finding(
                _name_loc(place),
                f"the name {name} has {len(name)} characters, but {most} are possible, since "
                f"{why}: write a shorter one",
            )


def service_names(subject: Subject) -> Iterator[Finding]:
    """A Service's name starts with a letter (RFC 1035), an application's may not."""
    for place in subject.places:
        if place.role not in ("flower", "web", "redis", "exporter"):
            continue
        name = subject.object_name(place)
        if name[0].isdigit() and (problem := check_service_name(name)):
            yield Finding(_name_loc(place), f"the Service's name {problem}")


def collisions(subject: Subject) -> Iterator[Finding]:
    """Two components of one name would overwrite each other's objects."""
    taken: dict[str, Place] = {}
    for place in subject.places:
        name = subject.object_name(place)
        other = taken.get(name)
        same_set = other is not None and other.role == place.role == "worker"
        if other is not None and not same_set:
            yield Finding(
                _name_loc(place),
                f"{name} is also the name of the objects of {other.label}: write another one",
            )
        taken.setdefault(name, place)


def collisions_with_objects(subject: Subject) -> Iterator[Finding]:
    """An object of the spec's own file or of extraResources may be one that is generated."""
    generated: dict[tuple[str, str, str], Place | None] = {}
    for place in subject.places:
        for group, kind in _KINDS[place.role]:
            generated[group, kind, subject.object_name(place)] = place
    account = subject.spec.service_account
    if account.create:
        generated["", "ServiceAccount", account.name or subject.name] = None
    redis = subject.spec.redis
    config = (redis.name if redis else None) or f"{subject.name}-redis"
    reserved = {f"{subject.name}-celery-modules", f"{subject.name}-celery-config"}
    reserved |= {f"{config}-config"} if redis else set()
    given: set[tuple[str, str, str]] = set()
    for item in subject.objects:
        if part(item, "metadata", "namespace") not in (
            None,
            subject.application.metadata.namespace,
        ):
            continue
        key = (
            api_group(str(item.get("apiVersion"))),
            str(item.get("kind")),
            str(part(item, "metadata", "name")),
        )
        if key in given:
            yield Finding(
                ("spec",),
                f"{key[1]} {key[2]} stands in the spec's file or its extraResources twice: remove "
                "one of the two",
            )
        given.add(key)
        if key[:2] == ("", "ConfigMap") and key[2] in reserved:
            yield Finding(
                ("spec",),
                f"ConfigMap {key[2]} is generated for the application: write another name",
            )
        if key in generated and _is_written(key[1], generated[key]):
            found = generated[key]
            loc: Loc = found.loc if found else ("spec", "serviceAccount")
            yield Finding(
                loc,
                f"{key[1]} {key[2]} also stands in the spec's file or its extraResources, and two "
                "objects cannot share a name: remove it there, or write another name",
            )


def _is_written(kind: str, place: Place | None) -> bool:
    """Whether the component has an object of this kind at all."""
    if place is None:
        return True
    component = place.component
    scaling = getattr(component, "autoscaling", None)
    keda = bool(getattr(scaling, "uses_keda", lambda: False)())
    return {
        "PodDisruptionBudget": getattr(component, "pod_disruption_budget", None) is not None,
        "HorizontalPodAutoscaler": scaling is not None and not keda,
        "ScaledObject": keda,
        "TriggerAuthentication": keda,
        "Ingress": getattr(component, "ingress", None) is not None,
        "HTTPRoute": getattr(component, "http_route", None) is not None,
        "PersistentVolumeClaim": getattr(getattr(component, "storage", None), "size", None)
        is not None,
    }.get(kind, True)


def identity_labels(subject: Subject) -> Iterator[Finding]:
    """Selectors are made of these and never change; Argo CD owns the instance label."""
    given: list[tuple[Loc, dict[str, str]]] = [
        (("metadata", "labels"), subject.application.metadata.labels)
    ]
    for place in subject.places:
        given.append(((*place.loc, "labels"), place.component.labels))
        template = (place.component.pod_template.get("metadata") or {}).get("labels") or {}
        given.append(((*place.loc, "podTemplate", "metadata", "labels"), template))
    for loc, labels in given:
        for name in labels:
            if name in IDENTITY_LABELS:
                yield Finding(
                    (*loc, name),
                    "is written by the generator, and selectors find the pods by it: write another "
                    "label",
                )
            elif name == _INSTANCE:
                yield warning(
                    (*loc, name), "belongs to Argo CD, which tracks its objects by it: remove it"
                )


RULES = (lengths, service_names, collisions, collisions_with_objects, identity_labels)
