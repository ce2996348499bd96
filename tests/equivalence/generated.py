"""Random applications and the environments that they become, for the law of overlays.

Every function takes a source of randomness, so that Hypothesis can shrink what it draws.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Kustomization, Object, Patch
from celery_kustomize.k8s.kustomize_namespace import namespace_unset_only
from tests.equivalence.generated_objects import (
    IMAGES,
    MANAGED,
    NAMES,
    TRICKY,
    WEIGHTED,
    labels,
    some,
    text,
    whole,
)

if TYPE_CHECKING:
    from random import Random

__all__ = ["environment", "kustomization", "mixed", "pairs_of_folders"]

_NAMESPACES = [[None], [None, None, None, "infra"]]


@st.composite
def pairs_of_folders(draw: st.DrawFn) -> tuple[Kustomization, Kustomization]:
    """A base and an environment; some of the bases hold objects of another namespace."""
    random: Random = draw(st.randoms(use_true_random=False))
    namespaces: list[Any] = draw(st.sampled_from(_NAMESPACES))
    base = kustomization(random, namespaces)
    return base, environment(random, base, namespaces)


def mixed(random: Random, one: Any, other: Any) -> Any:
    """Something between two values of a kind: mostly ``one``, with changes here and there."""
    roll = random.random()
    if roll < 0.3:
        return copy.deepcopy(one)
    if roll < 0.4:
        return copy.deepcopy(other)
    if isinstance(one, dict) and isinstance(other, dict):
        found = {}
        for key in [*one, *[key for key in other if key not in one]]:
            if key in one and key in other:
                found[key] = mixed(random, one[key], other[key])
            elif random.random() < (0.8 if key in one else 0.2):
                found[key] = copy.deepcopy(one.get(key, other.get(key)))
        return found
    if isinstance(one, list) and isinstance(other, list):
        return mixed_list(random, one, other)
    return copy.deepcopy(other if roll < 0.7 else one)


def mixed_list(random: Random, one: list[Any], other: list[Any]) -> list[Any]:
    found = [item for item in copy.deepcopy(one) if random.random() < 0.85]
    if random.random() < 0.3:
        random.shuffle(found)
    if other and found and random.random() < 0.6:
        index = random.randrange(len(found))
        by_name = [each for each in other if _name(each) == _name(found[index])]
        found[index] = mixed(random, found[index], random.choice(by_name or other))
    names = [_name(item) for item in found]
    for item in other:
        if random.random() < 0.3 and _name(item) not in names:
            found.insert(random.randint(0, len(found)), copy.deepcopy(item))
    return found


def _name(item: Any) -> Any:
    return item.get("name") if isinstance(item, dict) else None


def objects(random: Random, namespaces: list[str | None]) -> dict[str, list[Object]]:
    """Objects by file; names repeat over kinds."""
    found: dict[str, list[Object]] = {}
    seen: set[tuple[Any, ...]] = set()
    for _ in range(random.randint(0, 5)):
        kind, name = random.choice(WEIGHTED), random.choice(NAMES)
        namespace = random.choice(namespaces)
        if (kind, name, namespace) not in seen:
            seen.add((kind, name, namespace))
            item = whole(random, kind, name, namespace)
            found.setdefault(f"{random.choice(['worker', 'other'])}-{name}.yaml", []).append(item)
    return found


def generators(random: Random) -> list[ConfigMapGenerator]:
    found = []
    for name in some(random, ["settings", "helpers"]):
        data = {key: random.choice(TRICKY) for key in random.sample(["a", "b.py", "c"], 2)}
        own = random.choice([{}, MANAGED, {**MANAGED, "a": "x"}])
        found.append(ConfigMapGenerator(name, data, own, random.choice([{}, {"k": "on"}])))
    return found


def kustomization(random: Random, namespaces: list[str | None]) -> Kustomization:
    """A base: any objects, some in ``namespaces`` of their own."""
    resources = objects(random, namespaces)
    namespace = random.choice([None, "shop"])
    return _rendered(resources, namespace, labels(random), generators(random))


def _rendered(
    resources: dict[str, list[Object]],
    namespace: str | None,
    common: dict[str, str],
    config_maps: list[ConfigMapGenerator],
) -> Kustomization:
    written = [item for items in resources.values() for item in items]
    return Kustomization(
        header="generated",
        resources=resources,
        namespace=namespace,
        namespace_unset_only=bool(namespace) and namespace_unset_only(written, namespace or ""),
        labels=common,
        config_maps=config_maps,
    )


def environment(random: Random, base: Kustomization, namespaces: list[str | None]) -> Kustomization:
    """What an overlay may make of ``base``."""
    resources = {}
    identities: set[tuple[Any, ...]] = set()
    for file, items in base.resources.items():
        kept = [_changed(random, item) for item in items if random.random() < 0.85]
        if kept:
            resources[file] = kept
            identities |= set(map(_identity, kept))
    for file, items in objects(random, namespaces).items():
        new = [item for item in items if _identity(item) not in identities]
        if new and random.random() < 0.4:
            resources.setdefault(file, []).extend(new)
    if random.random() < 0.2:
        _annotate(resources)
    if random.random() < 0.3:
        _retag(random, resources)
    namespace = base.namespace if random.random() < 0.6 else random.choice(["shop", "prod"])
    common = random.choice([dict(base.labels), {**base.labels, **labels(random)}, labels(random)])
    config_maps = [_merged(random, each) for each in base.config_maps if random.random() < 0.9]
    names = {each.name for each in config_maps}
    config_maps += [each for each in generators(random) if each.name not in names]
    wanted = _rendered(resources, namespace, common, config_maps)
    return replace(wanted, patches=own_patches(random, wanted.objects()))


def _identity(item: Object) -> tuple[str, str, str | None]:
    return item["kind"], item["metadata"]["name"], item["metadata"].get("namespace")


def own_patches(random: Random, items: list[Object]) -> list[Patch]:
    """What a user may add to an overlay, touching what the overlay's fields may set."""
    deployments = [item for item in items if item["kind"] == "Deployment"]
    return [_own_patch(random, item) for item in deployments if random.random() < 0.1]


def _own_patch(random: Random, item: Object) -> Patch:
    metadata = {
        key: item["metadata"][key] for key in ("name", "namespace") if key in item["metadata"]
    }
    identity = {"apiVersion": item["apiVersion"], "kind": item["kind"], "metadata": metadata}
    target = {"kind": item["kind"], "name": metadata["name"].replace(".", "\\.")}
    image = [{"name": "main", "image": random.choice(IMAGES)}]
    return random.choice(
        [
            Patch([{**identity, "spec": {"replicas": 7}}]),
            Patch([{"op": "add", "path": "/spec/replicas", "value": 7}], target=target),
            Patch([{**identity, "spec": {"template": {"spec": {"containers": image}}}}]),
            Patch([{**identity, "metadata": {**metadata, "labels": {"a": "user"}}}]),
            Patch([{**identity, "$patch": "delete"}]),
        ]
    )


def _changed(random: Random, item: Object) -> Object:
    if random.random() < 0.3:
        return copy.deepcopy(item)
    metadata = item["metadata"]
    kind = (item["apiVersion"], item["kind"])
    other = whole(random, kind, metadata["name"], metadata.get("namespace"))
    found = {key: mixed(random, value, other.get(key, value)) for key, value in item.items()}
    found["metadata"].update(
        {key: metadata[key] for key in ("name", "namespace") if key in metadata}
    )
    if item["kind"] == "Widget" and random.random() < 0.05:
        found["apiVersion"] = "example.com/v2"
    return found


def _merged(random: Random, generator: ConfigMapGenerator) -> ConfigMapGenerator:
    data = {**generator.data, "d": text(random)}
    kept = random.sample(sorted(data), random.randint(1, len(data)))
    own = random.choice([generator.labels, MANAGED])
    changed = {key: data[key] if random.random() < 0.7 else text(random) for key in kept}
    return ConfigMapGenerator(generator.name, changed, own, random.choice([{}, {"k": "off"}]))


def _annotate(resources: dict[str, list[Object]]) -> None:
    for items in resources.values():
        for item in items:
            item["metadata"].setdefault("annotations", {})["example.com/owner"] = "checkout"


def _retag(random: Random, resources: dict[str, list[Object]]) -> None:
    """A release: one image becomes another in all pods."""
    holders: list[Object] = []

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            if isinstance(value.get("image"), str):
                holders.append(value)
            for item in value.values():
                collect(item)
        elif isinstance(value, list):
            for item in value:
                collect(item)

    collect(list(resources.values()))
    if holders:
        before, after = random.choice(holders)["image"], random.choice(IMAGES)
        for holder in holders:
            holder["image"] = after if holder["image"] == before else holder["image"]
