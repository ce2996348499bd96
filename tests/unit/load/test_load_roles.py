"""load.roles: whose document it is, and misspelled kinds."""

from __future__ import annotations

import pytest

from celery_kustomize.load.roles import Role, near_miss, role_of
from celery_kustomize.located import Map, Mark


def document(version: object, kind: object) -> Map:
    fields = {"apiVersion": version, "kind": kind}
    marks = {key: Mark("a.yaml", line, key) for line, key in enumerate(fields, 1)}
    return Map({k: v for k, v in fields.items() if v is not None}, Mark("a.yaml", 1), marks)


@pytest.mark.parametrize(
    ("version", "kind", "role"),
    [
        ("celeryproject.org/v1beta1", "CeleryApplication", Role.APPLICATION),
        ("celeryproject.org/v1alpha1", "Celery", Role.APPLICATION),
        ("celery.k8s.io/v1beta1", "CeleryApplication", Role.APPLICATION),
        ("celeryproject.org/v1beta1", "CeleryApplicationOverlay", Role.OVERLAY),
        ("celeryproject.org/v1beta1", "CeleryApplicationDefaults", Role.DEFAULTS),
        ("argoproj.io/v1alpha1", "Application", Role.ARGOCD),
        ("argoproj.io/v1alpha1", "ApplicationSet", Role.ARGOCD),
        ("argoproj.io/v1alpha1", "AppProject", Role.ARGOCD),
        ("argoproj.io/v1alpha1", "Rollout", Role.OBJECT),
        ("v1", "ConfigMap", Role.OBJECT),
        ("app.k8s.io/v1beta1", "Application", Role.OBJECT),
        ("core.oam.dev/v1beta1", "Application", Role.OBJECT),
        ("celery.example.com/v1", "CeleryWorker", Role.OBJECT),
        ("certificates.k8s.io/v1", "CertificateSigningRequest", Role.OBJECT),
        (None, None, Role.OBJECT),
        (["v1"], {"a": 1}, Role.OBJECT),
    ],
)
def test_roles_of_what_is_spelled_right(version: object, kind: object, role: Role) -> None:
    assert role_of(document(version, kind)) is role
    assert near_miss(document(version, kind)) is None


NATIVE = "celeryproject.org/v1beta1"


@pytest.mark.parametrize(
    ("version", "kind", "place", "right"),
    [
        (NATIVE, "CeleryApplicaton", "2: kind", f"{NATIVE} and CeleryApplication"),
        (NATIVE, "celeryapplication", "2: kind", f"{NATIVE} and CeleryApplication"),
        (NATIVE, "Celery", "2: kind", f"{NATIVE} and CeleryApplication"),
        (NATIVE, "CeleryApplicationOverlays", "2: kind", f"{NATIVE} and CeleryApplicationOverlay"),
        (NATIVE, "CeleryApplicationDefault", "2: kind", f"{NATIVE} and CeleryApplicationDefaults"),
        (
            "celeryproject.org/v1",
            "CeleryApplication",
            "1: apiVersion",
            f"{NATIVE} and CeleryApplication",
        ),
        ("v1beta1", "CeleryApplication", "1: apiVersion", f"{NATIVE} and CeleryApplication"),
        ("", "CeleryApplication", "1: apiVersion", f"{NATIVE} and CeleryApplication"),
        (
            "celeryprojet.org/v1beta1",
            "CeleryAplication",
            "1: apiVersion",
            f"{NATIVE} and CeleryApplication",
        ),
        (
            "celeryproject.org/v1alpha1",
            "CeleryWorker",
            "2: kind",
            "celeryproject.org/v1alpha1 and Celery",
        ),
        (
            "celery.k8s.io/v1",
            "CeleryApplication",
            "1: apiVersion",
            "celery.k8s.io/v1beta1 and CeleryApplication",
        ),
        (
            "celery.celeryproject.org/v4",
            "Celery",
            "1: apiVersion",
            f"{NATIVE} and CeleryApplication",
        ),
    ],
)
def test_near_misses(version: str, kind: str, place: str, right: str) -> None:
    assert str(near_miss(document(version, kind))) == (
        f'a.yaml:{place}: apiVersion "{version}" and kind "{kind}" are not known together:'
        f" write {right}"
    )


def test_a_missing_api_version_is_told_at_the_document() -> None:
    found = near_miss(Map({"kind": "CeleryApplication"}, Mark("a.yaml", 7)))
    assert str(found) == (
        'a.yaml:7: apiVersion "" and kind "CeleryApplication" are not known together:'
        f" write {NATIVE} and CeleryApplication"
    )
