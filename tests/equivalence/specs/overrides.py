"""Overlays: whatever an environment may change of a spec."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from tests.equivalence.specs import patches
from tests.equivalence.specs.choose import IMAGES, annotation_map, label_map
from tests.equivalence.specs.components import components, redis
from tests.equivalence.specs.connections import broker, config, result_backend
from tests.equivalence.specs.pods import env_from, mounts, security, variables, volumes
from tests.equivalence.specs.workers import defaults, worker

if TYPE_CHECKING:
    from tests.equivalence.specs.choose import Choose, Fields
    from tests.equivalence.specs.shape import Shape

__all__ = ["SETS", "overlay", "shared"]

SETS = ["default", "reports", "mail", "slow"]
# Without them a component would not be valid, or another one of its fields would not.
_KEPT = {
    "acksLate",
    "apiAuthFrom",
    "basicAuthFrom",
    "command",
    "healthCheck",
    "name",
    "passwordFrom",
    "podTemplate",
    "resources",
    "volumes",
}
_KEYS = {"env": "name", "imagePullSecrets": "name", "volumeMounts": "mountPath"}
_REMOVABLE = (
    "workingDir",
    "imagePullSecrets",
    "resultBackend",
    "envFrom",
    "security",
    "volumeMounts",
)


def shared(choose: Choose, shape: Shape) -> Fields:
    """What components inherit: for the base, for defaults, and for overlays to change."""
    found = choose.fields(
        15,
        image=lambda c: c.one(IMAGES),
        imagePullPolicy=lambda c: c.one(["Always", "Never", "IfNotPresent"]),
        imagePullSecrets=lambda c: [{"name": name} for name in c.some(["a", "b", "c"])],
        registryMirror=lambda c: c.one(["mirror.example:5000", "mirror.example/on", None]),
        celeryVersion=lambda c: c.one(["5.6", "5.7.0", None]),
        celeryCommand=lambda c: c.one([["ddtrace-run", "celery"], ["celery"]]),
        workingDir=lambda c: c.one(["/srv", "/on"]),
        env=variables,
        envFrom=env_from,
        security=security,
        resultBackend=lambda c: result_backend(c, shape),
        workerDefaults=lambda c: defaults(c, shape),
        config=lambda c: config(c, shape),
    )
    if shape.presync:
        found["serviceAccount"] = choose.one(
            [{"create": False}, {"create": False, "name": "given"}]
        )
    elif choose.chance(15):
        found["serviceAccount"] = choose.one(
            [
                {"annotations": annotation_map(choose)},
                {"create": False},
                {"name": "own", "automountToken": True},
                {},
            ]
        )
    if shape.volumes:
        found |= choose.fields(20, volumes=volumes, volumeMounts=mounts)
    return found


def _changed(choose: Choose, before: Fields, new: Fields) -> Fields:
    """``new`` as a change of ``before``: some of what is not in it goes away."""
    gone = [key for key in before if key not in new and key not in _KEPT and choose.chance(15)]
    found = {**new, **dict.fromkeys(gone)}
    for field, key in _KEYS.items():
        if before.get(field) and field not in gone and choose.chance(15):
            last = before[field][-1][key]
            others = [each for each in found.get(field, []) if each[key] != last]
            deletion = {key: last, "$patch": "delete"}
            found[field] = choose.one([[*others, deletion], [{"$patch": "replace"}, *others]])
    return found


def _workers(choose: Choose, before: list[Fields], shape: Shape, *, first: bool) -> list[Fields]:
    """Worker sets changed, added, removed and renamed (which is both)."""
    found: list[Fields] = []
    names = [item["name"] for item in before]
    for item in before:
        if choose.chance(50):
            new = worker(choose, shape, item["name"])
            found.append(_changed(choose, item, new) if first else new)
    if first and choose.chance(20):
        gone = choose.one(names)
        found = [item for item in found if item["name"] != gone]
        found.append({"name": gone, "$patch": "delete"})
        if choose.chance(50):
            same = before[names.index(gone)]
            found.append({**copy.deepcopy(same), "name": f"{gone}-2"})
    others = [name for name in SETS if name not in names]
    if others and choose.chance(25):
        found.append(worker(choose, shape, choose.one(others)))
    if choose.chance(5):
        found = [item for item in found if "$patch" not in item]
        return [{"$patch": "replace"}, *found, worker(choose, shape, "only")]
    return found


def _overrides(choose: Choose, before: Fields, shape: Shape, *, first: bool) -> Fields:
    """A partial spec over ``before``; deletions only where ``first``, over the base itself."""
    found = shared(choose, shape)
    if first:
        inherited = {key: before[key] for key in _REMOVABLE if key in before}
        found = _changed(choose, inherited, found)
    if shape.composed and choose.chance(10):
        found["app"] = choose.one(["shop.celery", "shop.other", "08"])
    if shape.brokers != "none" and choose.chance(20):
        found["broker"] = broker(choose, shape)
    if "redis" in before and choose.chance(30):
        found["redis"] = _changed(choose, before["redis"], redis(choose))
    if choose.chance(70) and (workers := _workers(choose, before["workers"], shape, first=first)):
        found["workers"] = workers
    for name, make in components(shape).items():
        if choose.chance(25):
            kept = name == "flower" and shape.flower
            gone = name in before and not kept and choose.chance(30)
            new = _changed(choose, before.get(name) or {}, make(choose, shape))
            found[name] = None if gone else new
    return found


def _left(before: list[Fields], changes: list[Fields]) -> list[str]:
    """The worker sets of the base that are still there."""
    if {"$patch": "replace"} in changes:
        return []
    gone = {item["name"] for item in changes if item.get("$patch") == "delete"}
    return [item["name"] for item in before if item["name"] not in gone]


def overlay(choose: Choose, spec: Fields, shape: Shape, others: list[str]) -> Fields:
    """One environment but for its name; it may start from one of ``others``."""
    found: Fields = choose.fields(25, labels=label_map, annotations=annotation_map)
    start: Any = choose.one(others) if others and choose.chance(30) else None
    if start:
        found["from"] = start
    if shape.namespace is None or (not shape.foreign and choose.chance(40)):
        found["namespace"] = choose.one(["prod", "shop"])
    found["overrides"] = _overrides(choose, spec, shape, first=start is None)
    names = _left(spec["workers"], found["overrides"].get("workers", []))
    if names and start is None and choose.chance(15):
        found["patches"] = [
            patches.of_worker(choose, choose.one(names)) for _ in range(choose.number(1, 2))
        ]
    return found
