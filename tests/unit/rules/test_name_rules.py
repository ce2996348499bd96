"""Rules about names and labels of objects."""

from __future__ import annotations

import pytest

from tests.unit.rules.rule_cases import findings

BAD: dict[str, tuple[str, str, list[str]]] = {
    "a long application's name": (
        """
        metadata: {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}
        workers: [{name: emails-and-more}]
        flower: {}
        """,
        "[]",
        [
            "spec.workers.0.name: the name "
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-worker-emails-and-more has 73 "
            "characters, but 63 are possible, since pods' host names are made of it, and have at "
            "most 63: write a shorter one",
        ],
    ),
    "a long name for KEDA": (
        """
        workers:
        - name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
          autoscaling:
            maxReplicas: 3
            schedules:
            - {start: 0 8 * * *, end: 0 18 * * *, replicas: 3}
        """,
        "[]",
        [
            "spec.workers.0.name: the name "
            "shop-worker-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa has 55 characters, but 54 "
            "are possible, since KEDA puts keda-hpa- before it and allows 63: write a shorter one",
        ],
    ),
    "a long name of a StatefulSet": (
        """
        broker:
          managedRedis: {}
        redis:
          name: rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr
          passwordFrom:
            secretKeyRef: {name: r, key: p}
        """,
        "[]",
        [
            "spec.redis.name: the name rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr has "
            "53 characters, but 52 are possible, since a StatefulSet's name and a hash are a "
            "label of its pods, at most 63 characters: write a shorter one",
        ],
    ),
    "a Service that starts with a digit": (
        """
        metadata: {name: 3d}
        workers: [{name: a}]
        flower: {}
        """,
        "[]",
        [
            'metadata.name: the Service\'s name "3d-flower" must have only lower-case letters, '
            'digits and "-", start with a letter and end with a letter or digit; write "d-flower"',
        ],
    ),
    "the name of another component": (
        """
        workers: [{name: a}]
        beat: {name: shop-worker-a}
        flower: {name: shop-web}
        web: {}
        """,
        "[]",
        [
            'spec.beat.name: shop-worker-a is also the name of the objects of worker set "a": '
            "write another one",
            "metadata.name: shop-web is also the name of the objects of flower: write another one",
        ],
    ),
    "the name of an object": (
        """
        workers: [{name: a}]
        beat: {}
        """,
        """
        - {apiVersion: apps/v1, kind: Deployment, metadata: {name: shop-worker-a}}
        - {apiVersion: v1, kind: ServiceAccount, metadata: {name: shop}}
        """,
        [
            "spec.workers.0: Deployment shop-worker-a also stands in the spec's file or its "
            "extraResources, and two objects cannot share a name: remove it there, or write "
            "another name",
            "spec.serviceAccount: ServiceAccount shop also stands in the spec's file or its "
            "extraResources, and two objects cannot share a name: remove it there, or write "
            "another name",
        ],
    ),
    "identity labels": (
        """
        metadata: {labels: {app.kubernetes.io/name: x, app.kubernetes.io/instance: y}}
        workers:
        - name: a
          labels: {celeryproject.org/worker: x}
          podTemplate: {metadata: {labels: {app.kubernetes.io/component: x}}}
        """,
        "[]",
        [
            "warning: metadata.labels.app.kubernetes.io/instance: belongs to Argo CD, which "
            "tracks its objects by it: remove it",
            "metadata.labels.app.kubernetes.io/name: is written by the generator, and selectors "
            "find the pods by it: write another label",
            "spec.workers.0.labels.celeryproject.org/worker: is written by the generator, and "
            "selectors find the pods by it: write another label",
            "spec.workers.0.podTemplate.metadata.labels.app.kubernetes.io/component: is written "
            "by the generator, and selectors find the pods by it: write another label",
        ],
    ),
}

GOOD: dict[str, tuple[str, str]] = {
    "names at their limits": (
        """
        metadata: {name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}
        workers: [{name: bbbbbbbbb}]
        broker: {managedRedis: {}}
        redis: {passwordFrom: {secretKeyRef: {name: r, key: p}}}
        """,
        "[]",
    ),
    "objects of other kinds, namespaces and names": (
        """
        metadata: {namespace: shop}
        workers: [{name: a}]
        """,
        """
        - apiVersion: v1
          kind: Secret
          metadata: {name: shop-worker-a}
        - apiVersion: apps/v1
          kind: Deployment
          metadata: {name: shop-worker-a, namespace: other}
        - apiVersion: autoscaling/v2
          kind: HorizontalPodAutoscaler
          metadata: {name: shop-worker-a}
        - {apiVersion: v1, kind: ServiceAccount, metadata: none}
        """,
    ),
    "other labels": (
        """
        metadata: {labels: {team: checkout, app.kubernetes.io/part-of: shop}}
        workers: [{name: a}]
        """,
        "[]",
    ),
}


@pytest.mark.parametrize(("text", "objects", "expected"), BAD.values(), ids=BAD)
def test_tells_what_is_wrong(text: str, objects: str, expected: list[str]) -> None:
    assert findings(text, objects) == expected


@pytest.mark.parametrize(("text", "objects"), GOOD.values(), ids=GOOD)
def test_says_nothing_of_what_is_right(text: str, objects: str) -> None:
    assert findings(text, objects) == []
