"""Patches of the user's own, in every form that Kustomize takes inline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.yaml_text import dump, dump_all
from tests.equivalence.generated_objects import TRICKY
from tests.equivalence.specs.choose import IMAGES, text

if TYPE_CHECKING:
    from tests.equivalence.specs.choose import Choose, Fields

__all__ = ["of_config_maps", "of_worker"]

_MANAGED = "app.kubernetes.io/managed-by=celery-kustomize"
_CONFIG_MAP_PATCHES: list[list[Fields]] = [
    [{"op": "add", "path": "/data/on", "value": "08"}],
    [{"op": "replace", "path": "/data", "value": {"on": "y"}}],
    [{"op": "add", "path": "/metadata/labels/patched", "value": "y"}],
]


def _identity(worker: str) -> Fields:
    name = f"shop-worker-{worker}"
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}}


def _pod(**fields: Any) -> Fields:
    return {"template": {"spec": fields}}


def _spec(choose: Choose) -> Fields:
    """A part of a Deployment: what overlays set as fields, lists with and without keys, nulls."""
    image = {"name": "worker", "image": choose.one(IMAGES)}
    variable = {"name": "worker", "env": [{"name": "PATCHED", "value": text(choose)}]}
    found: Fields = choose.one(
        [
            {"replicas": 7},
            {"replicas": None, "paused": True},
            {"strategy": None},
            _pod(containers=[image]),
            _pod(containers=[variable]),
            _pod(containers=[{"name": "patched", "image": choose.one(IMAGES)}]),
            _pod(tolerations=[{"key": key} for key in choose.some(["a", "on"])]),
            _pod(volumes=[{"name": "patched", "emptyDir": {}}]),
        ]
    )
    return found


def _operations(choose: Choose) -> list[Fields]:
    pod = "/spec/template/spec"
    found: list[Fields] = choose.one(
        [
            [{"op": "add", "path": f"{pod}/hostname", "value": choose.one(TRICKY)}],
            [{"op": "replace", "path": f"{pod}/containers/0/image", "value": choose.one(IMAGES)}],
            [{"op": "add", "path": "/metadata/annotations", "value": {"a/b~c": text(choose)}}],
            [
                {"op": "add", "path": "/spec/replicas", "value": 7},
                {"op": "add", "path": "/spec/paused", "value": True},
                {"op": "remove", "path": "/spec/paused"},
            ],
        ]
    )
    return found


def of_worker(choose: Choose, worker: str) -> Fields:
    """One to the Deployment of a worker set that is there."""
    exact = {
        "group": "apps",
        "version": "v1",
        "kind": "Deployment",
        "name": f"shop-worker-{worker}",
    }
    every = {"kind": "Deployment", "labelSelector": f"{_MANAGED},celeryproject.org/worker"}
    target = choose.one([exact, {**exact, "group": None, "version": None}, every])
    identity = _identity(worker)
    label = {"metadata": {"labels": {"patched": "y"}, "name": identity["metadata"]["name"]}}
    found: Fields = choose.one(
        [
            {"patch": dump({**identity, "spec": _spec(choose)})},
            {"patch": dump({**identity, "spec": _spec(choose)}), "target": target},
            {"patch": dump(_operations(choose)), "target": target},
            {"patch": dump_all([{**identity, "spec": _spec(choose)}, {**identity, **label}])},
        ]
    )
    return found


def of_config_maps(choose: Choose) -> list[Fields]:
    """Some to every generated ConfigMap."""
    return [
        {"patch": dump(each), "target": {"kind": "ConfigMap", "labelSelector": _MANAGED}}
        for each in choose.some(_CONFIG_MAP_PATCHES, 1)
    ]
