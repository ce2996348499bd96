"""What a pod refers to."""

from __future__ import annotations

from celery_kustomize.k8s.references import references


def test_every_way_to_refer() -> None:
    pod = [
        {"env": [{"valueFrom": {"secretKeyRef": {"name": "a", "key": "k"}}}]},
        {"envFrom": [{"configMapRef": {"name": "b"}}]},
        {
            "volumes": [
                {"secret": {"secretName": "c"}},
                {"persistentVolumeClaim": {"claimName": "d"}},
                {"projected": {"sources": [{"configMap": {"name": "e"}}]}},
            ]
        },
        {"secret": "text", "configMap": {"name": ["no", "name"]}},
    ]
    assert list(references(pod)) == [
        ("Secret", "a"),
        ("ConfigMap", "b"),
        ("Secret", "c"),
        ("PersistentVolumeClaim", "d"),
        ("ConfigMap", "e"),
    ]
