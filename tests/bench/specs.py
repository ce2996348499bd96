"""Specs of a given size for the benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.yaml_text import dump

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["write_fleet", "write_large"]

_ENVIRONMENTS = ("development", "staging", "production")


def write_fleet(folder: Path, applications: int) -> None:
    """So many ordinary applications, each with three overlays and in a file of its own."""
    for number in range(applications):
        name = f"shop-{number:04d}"
        overlays = [_overlay(name, each, place) for place, each in enumerate(_ENVIRONMENTS)]
        document = _application(name, [_worker("default"), _worker("reports")], overlays)
        (folder / f"{name}.yaml").write_text(dump(document), encoding="utf-8")


def write_large(folder: Path, worker_sets: int, overlays: int) -> None:
    """One application with so many worker sets, and overlays that change every one of them."""
    sets = [f"set-{number:02d}" for number in range(worker_sets)]
    changed = [
        {
            "name": f"region-{number:02d}",
            "namespace": f"shop-region-{number:02d}",
            "overrides": {
                "workers": [
                    {
                        "name": name,
                        "replicas": 3 + number,
                        "resources": {"limits": {"memory": f"{1 + number}Gi"}},
                        "env": [{"name": "REGION", "value": f"region-{number:02d}"}],
                    }
                    for name in sets
                ],
            },
        }
        for number in range(overlays)
    ]
    document = _application("shop", list(map(_worker, sets)), changed)
    (folder / "shop.yaml").write_text(dump(document), encoding="utf-8")


def _application(
    name: str, workers: list[dict[str, Any]], overlays: list[dict[str, Any]]
) -> dict[str, Any]:
    secret = {"secretKeyRef": {"name": f"{name}-redis", "key": "password"}}
    return {
        "apiVersion": "celeryproject.org/v1beta1",
        "kind": "CeleryApplication",
        "metadata": {"name": name, "namespace": name, "labels": {"team": "checkout"}},
        "spec": {
            "app": "shop.celery",
            "image": f"registry.example.com/{name}:1.4.2",
            "env": [{"name": "DJANGO_SETTINGS_MODULE", "value": "shop.settings"}],
            "config": {"values": {"task_acks_late": True, "task_time_limit": 300}},
            "redis": {"passwordFrom": secret},
            "broker": {
                "managedRedis": {"database": 0},
                "transportOptions": {"visibility_timeout": 7200},
            },
            "workers": workers,
            "beat": {},
            "web": {"command": ["gunicorn", "shop.wsgi:application"]},
            "overlays": overlays,
        },
    }


def _worker(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "queues": [name],
        "replicas": 2,
        "concurrency": 4,
        "resources": {"requests": {"cpu": "200m", "memory": "512Mi"}, "limits": {"memory": "2Gi"}},
    }


def _overlay(name: str, environment: str, place: int) -> dict[str, Any]:
    return {
        "name": environment,
        "namespace": f"{name}-{environment}",
        "labels": {"tier": environment},
        "overrides": {
            "image": f"registry.example.com/{name}:1.4.{place + 3}",
            "config": {"values": {"task_time_limit": 300 + place}},
            "workers": [
                {"name": "default", "replicas": place + 3},
                {"name": "reports", "resources": {"limits": {"memory": f"{place + 4}Gi"}}},
            ],
        },
    }
