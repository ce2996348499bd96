"""Random patches of objects as users might write them: right, wrong, and to no effect."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.yaml_text import dump, dump_all
from tests.equivalence.generated_objects import TRICKY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from celery_kustomize.k8s.kustomization import Object

__all__ = ["expression", "label_selector", "operations", "partial", "user_patch"]

MERGE_KEYS = ("name", "mountPath", "containerPort", "port", "ip", "topologyKey", "protocol")
DIRECTIVES = ["delete", "delete", "replace", "merge"]
STEPS = ["a", "zz", "0", "1", "-", "-1", "+0", "7", "a~1b"]
VALUES: list[Any] = [*TRICKY, 0, 1, 1.5, True, {}, [], {"a": [1]}, [{"name": "n"}]]


def partial(random: Random, item: Object, other: Object) -> Object:
    """A partial object for ``item`` with parts of it and of ``other``, which is of its kind."""
    parts = {key: value for key, value in other.items() if key not in ("kind", "metadata")}
    own = {key: value for key, value in item.items() if key not in ("kind", "metadata")}
    metadata = {"name": item["metadata"]["name"]}
    labels: Object = {"metadata": {**metadata, "labels": {"patched": "x"}}}
    found = {"kind": item["kind"], "metadata": metadata, **_part_of_map(random, own, parts)}
    found |= labels if random.random() < 0.3 else {}
    found |= {"$patch": random.choice(DIRECTIVES)} if random.random() < 0.04 else {}
    return found | {"apiVersion": item["apiVersion"]}


def _part(random: Random, value: Any, other: Any) -> Any:
    if random.random() < 0.05:
        return copy.deepcopy(random.choice([None, {"$patch": "delete"}, *VALUES]))
    if isinstance(value, dict) and isinstance(other, dict):
        return _part_of_map(random, value, other)
    if isinstance(value, list) and isinstance(other, list):
        return _part_of_list(random, value, other)
    return copy.deepcopy(random.choice([value, other]))


def _part_of_map(random: Random, value: Object, other: Object) -> Object:
    found = {
        key: _part(random, value.get(key, other.get(key)), other.get(key, value.get(key)))
        for key in dict.fromkeys([*value, *other])
        if random.random() < 0.5
    }
    if random.random() < 0.03:
        found["$patch"] = random.choice([*DIRECTIVES, "wrong"])
    return found


def _part_of_list(random: Random, value: list[Any], other: list[Any]) -> list[Any]:
    found = []
    for each in [*value, *other]:
        if random.random() < 0.5:
            continue
        part = _part(random, each, each)
        if isinstance(each, dict) and isinstance(part, dict) and random.random() < 0.97:
            part |= {key: each[key] for key in MERGE_KEYS if key in each}
            if random.random() < 0.1:
                part["$patch"] = random.choice(DIRECTIVES)
        found.append(part)
    if random.random() < 0.08:
        found.insert(random.randint(0, len(found)), {"$patch": random.choice(DIRECTIVES)})
    return found


def operations(random: Random, item: Object) -> list[Object]:
    """JSON 6902 operations on what is in ``item``, or beside it."""
    places = list(_places({key: item[key] for key in item if key not in ("kind", "apiVersion")}))
    return [_operation(random, places) for _ in range(random.randint(1, 3))]


def _operation(random: Random, places: list[tuple[str, Any]]) -> Object:
    name = random.choice(["add", "remove", "replace", "test", "test", "move", "copy"])
    path, value = random.choice(places)
    if random.random() < 0.3:
        path = f"{path}/{random.choice(STEPS)}"
    elif random.random() < 0.2:
        path = f"{path.rpartition('/')[0]}/{random.choice(STEPS)}"
    found: Object = {"op": name, "path": path}
    if name in ("move", "copy"):
        found["from"] = random.choice(places)[0]
    elif name != "remove":
        found["value"] = value if random.random() < 0.5 else random.choice(VALUES)
    return copy.deepcopy(found)


def _places(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in parts:
        step = str(key).replace("~", "~0").replace("/", "~1")
        yield f"{path}/{step}", each
        if isinstance(each, dict | list):
            yield from _places(each, f"{path}/{step}")


def label_selector(random: Random) -> str:
    """Right and wrong selectors of labels called a to c."""
    if random.random() < 0.4:
        tokens = ["a", "b", "=", "==", "!=", "!", "in", "notin", "(", ")", ",", " ", ">", "5"]
        return "".join(random.choice(tokens) for _ in range(random.randint(1, 7)))
    parts = ["a", "!a", "c", "!c", "a=x", "a = x", "a!=x", "c!=x", "a in (x, y)", "a in ( y )"]
    parts += ["a notin (y)", "c notin ()", "b>4", "b<5", "b == 5", "a="]
    return ",".join(random.choice(parts) for _ in range(random.randint(1, 3)))


def expression(random: Random, name: str) -> str:
    """An expression that may match ``name``, or be wrong."""
    atoms = [*name, ".", r"\.", r"\w", r"\d", "[a-z]", "[^a-f]", "(", ")", "(?:", "|", "^", "$"]
    repeats = ["*", "+", "?", "*?", "{1}", "{0,2}", "{2,}", "**"]
    found = ""
    for character in name:
        kept = random.random() < 0.75
        found += character if kept else random.choice(atoms)
        found += random.choice(repeats) if random.random() < 0.15 else ""
    return found


def user_patch(random: Random, objects: list[Object]) -> Object:
    """An item of ``patches`` in a spec, for one of its ``objects`` or a few."""
    item = random.choice(objects)
    name, kind = item["metadata"]["name"], item["kind"]
    managed = "app.kubernetes.io/managed-by in (celery-kustomize)"
    targets: list[Object] = [
        {"kind": kind, "name": name},
        {"kind": kind, "name": f"{name[:-1]}(x|.)"},
        {"kind": kind, "labelSelector": managed},
        {"name": name, "namespace": "default"},
        {"annotationSelector": "patched"},
    ]
    target = {"target": random.choice(targets)}
    if random.random() < 0.5:
        return {"patch": dump(_gentle(random, item)), **target}
    if random.random() < 0.3:
        return {"patch": dump(partial(random, item, item)), **target}
    return {
        "patch": dump_all(
            partial(random, each, each) for each in [item, item][: random.randint(1, 2)]
        )
    }


def _gentle(random: Random, item: Object) -> list[Object]:
    """Operations of which most can be applied."""
    kinds: list[list[Object]] = [
        operations(random, item),
        [{"op": "add", "path": "/metadata/annotations/patched", "value": random.choice(TRICKY)}],
        [{"op": "add", "path": "/metadata/labels/patched", "value": "x"}],
        [{"op": "replace", "path": "/metadata/name", "value": f"{item['metadata']['name']}-x"}],
        [{"op": "add", "path": "/spec/patched", "value": random.choice(VALUES)}],
        [{"op": "copy", "from": "/spec", "path": "/patched"}],
    ]
    return random.choice(kinds)
