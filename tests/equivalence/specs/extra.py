"""Objects that come with a spec: in its file, and in those that ``extraResources`` names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.yaml_text import dump_all
from tests.equivalence.generated import mixed
from tests.equivalence.generated_objects import NAMES, WEIGHTED, whole

if TYPE_CHECKING:
    from random import Random

    from celery_kustomize.k8s.kustomization import Object
    from tests.equivalence.specs.choose import Choose, Fields

__all__ = ["files", "objects"]


def objects(random: Random, names: list[str], namespaces: list[Any]) -> list[Object]:
    """One to three, each with an identity of its own."""
    found = {}
    for _ in range(random.randint(1, 3)):
        kind, name, namespace = (random.choice(each) for each in (WEIGHTED, names, namespaces))
        found[kind[1], name] = whole(random, kind, name, namespace)
    return list(found.values())


def _variant(random: Random, item: Object) -> Object:
    """The same object in another environment."""
    metadata, kind = item["metadata"], (item["apiVersion"], item["kind"])
    other = whole(random, kind, metadata["name"], metadata.get("namespace"))
    found = {key: mixed(random, value, other.get(key, value)) for key, value in item.items()}
    fixed = {key: metadata[key] for key in ("name", "namespace") if key in metadata}
    return {**found, "metadata": {**found["metadata"], **fixed}}


def files(
    choose: Choose, random: Random, spec: Fields, overlays: list[Fields], namespaces: list[Any]
) -> dict[str, str]:
    """Files for ``extraResources``; overlays add one, or put one in the place of the base's."""
    found = {}
    extra: list[Object] = []
    if choose.chance(60):
        extra = objects(random, NAMES, namespaces)
        spec["extraResources"] = ["extra/base.yaml"]
        found["extra/base.yaml"] = dump_all(extra)
    for item in overlays:
        if choose.chance(50):
            path = f"extra/{item['name']}.yaml"
            replaced = bool(extra) and "from" not in item
            item["overrides"]["extraResources"] = [{"$patch": "replace"}] * replaced + [path]
            new = [_variant(random, each) for each in extra] if replaced else []
            found[path] = dump_all(new or objects(random, [f"new-{item['name']}"], namespaces))
    return found
