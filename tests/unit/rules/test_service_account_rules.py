"""Rules about ServiceAccounts that components share."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "shared by sets that differ": (
        """
        workers:
        - {name: a, serviceAccount: {name: shared, annotations: {role: x}}}
        - {name: b, serviceAccount: {name: shared}}
        """,
        "[]",
        [
            'spec.workers.0.serviceAccount: ServiceAccount shared is also that of worker set "b", '
            "with other annotations or another automountToken: write the same in both, or another "
            "name, or create: false in one",
            'spec.workers.1.serviceAccount: ServiceAccount shared is also that of worker set "a", '
            "with other annotations or another automountToken: write the same in both, or another "
            "name, or create: false in one",
        ],
    ),
    "shared with the application, which differs": (
        """
        workers: [{name: a}]
        beat: {serviceAccount: {name: shop, automountToken: true}}
        """,
        "[]",
        [
            "spec.serviceAccount: ServiceAccount shop is also that of beat, with other annotations "
            "or another automountToken: write the same in both, or another name, or create: false "
            "in one",
            "spec.beat.serviceAccount: ServiceAccount shop is also that of the application, with "
            "other annotations or another automountToken: write the same in both, or another "
            "name, or create: false in one",
        ],
    ),
    "in the spec's file too": (
        "workers: [{name: a, serviceAccount: {name: own}}]",
        "[{apiVersion: v1, kind: ServiceAccount, metadata: {name: own}}]",
        [
            "spec.workers.0.serviceAccount: ServiceAccount own also stands in the spec's file or "
            "its extraResources: write create: false to use that one, or another name"
        ],
    ),
    "bound to a role by another namespace": (
        """
        metadata: {namespace: shop-staging}
        workers: [{name: a}]
        """,
        """
        - apiVersion: rbac.authorization.k8s.io/v1
          kind: RoleBinding
          metadata: {name: reader}
          subjects:
          - {kind: ServiceAccount, name: shop, namespace: shop}
          - {kind: ServiceAccount, name: prometheus, namespace: monitoring}
          - {kind: User, name: shop, namespace: shop}
        """,
        [
            "warning: spec: RoleBinding reader is for ServiceAccount shop in namespace shop, but "
            "the one of the application is in shop-staging: leave namespace out there, kustomize "
            "writes it"
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "shared, and the same": (
        """
        workers:
        - {name: a, serviceAccount: {name: shared, annotations: {role: x}}}
        - {name: b, serviceAccount: {name: shared, annotations: {role: x}}}
        beat: {serviceAccount: {name: shop}}
        """,
        "[]",
    ),
    "made once and used twice": (
        """
        workers:
        - {name: a, serviceAccount: {name: shared, annotations: {role: x}}}
        - {name: b, serviceAccount: {name: shared, create: false}}
        - {name: c, serviceAccount: {}}
        """,
        "[]",
    ),
    "of another namespace, or only used": (
        """
        metadata: {namespace: shop}
        workers:
        - {name: a, serviceAccount: {name: own}}
        - {name: b, serviceAccount: {name: given, create: false}}
        """,
        """
        - {apiVersion: v1, kind: ServiceAccount, metadata: {name: own, namespace: other}}
        - {apiVersion: v1, kind: ServiceAccount, metadata: {name: given}}
        """,
    ),
    "bound to a role": (
        """
        metadata: {namespace: shop}
        workers: [{name: a}]
        """,
        """
        - kind: RoleBinding
          metadata: {name: reader}
          subjects:
          - {kind: ServiceAccount, name: shop}
          - {kind: ServiceAccount, name: shop, namespace: shop}
        - {kind: RoleBinding, metadata: {name: odd}, subjects: x}
        """,
    ),
}


@pytest.mark.parametrize(("text", "objects", "expected"), BAD.values(), ids=BAD)
def test_tells_what_is_wrong(text: str, objects: str, expected: list[str]) -> None:
    assert findings(text, objects) == expected


@pytest.mark.parametrize(("text", "objects"), GOOD.values(), ids=GOOD)
def test_says_nothing_of_what_is_right(text: str, objects: str) -> None:
    assert findings(text, objects) == []
