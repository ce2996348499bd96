"""Nothing in an example's overlay is there in vain: without any single entry the law breaks.

Merge keys, stubs (items that only keep a list's order) and identities are entries like all others
here: kustomize fails without them, or builds something else. Only the ``target`` of a JSON 6902
patch is left alone, which names its object in full although fewer words would select it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from celery_kustomize.pipeline import run
from tests.equivalence.folders import built_directly, built_over, typed
from tests.equivalence.kustomize_client import (
    BuildError,
    Program,
    Server,
    find_program,
    server_binary,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Kustomization
    from celery_kustomize.pipeline import Rendered
    from tests.equivalence.kustomize_client import Builder

EXAMPLES = Path(__file__).parents[2] / "examples"


def overlays() -> Iterator[Any]:
    folders = {
        path.parent for path in EXAMPLES.rglob("*.yaml") if "kind: Celery" in path.read_text()
    }
    for folder in sorted(folders):
        for application in run([str(folder)]).applications:
            for name in application.overlays:
                label = f"{folder.relative_to(EXAMPLES)}-{application.name}-{name}"
                yield pytest.param(application, name, id=label.replace("/", "-"))


@pytest.fixture(scope="module")
def kustomize() -> Iterator[Builder]:
    binary = server_binary()
    if binary is None:
        yield Program(find_program() or ["kustomize", "build"])
        return
    server = Server(binary)
    yield server
    server.close()


Smaller = tuple[str, Any]
"""What was left out, and the rest."""


def without_one(items: Sequence[Any]) -> Iterator[Smaller]:
    for index, item in enumerate(items):
        yield str(item), [*items[:index], *items[index + 1 :]]


def without_key(items: Mapping[str, Any]) -> Iterator[Smaller]:
    for key in items:
        yield key, {other: value for other, value in items.items() if other != key}


def without_leaf(value: Any) -> Iterator[Smaller]:
    """``value`` with each leaf of its maps and lists left out in turn; an empty one is a leaf."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in entries:
        inner = list(without_leaf(item)) if isinstance(item, dict | list) else []
        kept = [(path, rest) for path, rest in inner if rest]
        for path, rest in kept:
            changed = dict(value) if isinstance(value, dict) else list(value)
            changed[key] = rest
            yield f"{key}.{path}", changed
        if not kept:
            others = value.items() if isinstance(value, dict) else enumerate(value)
            left = {other: each for other, each in others if other != key}
            yield str(key), left if isinstance(value, dict) else list(left.values())


def without_data(generator: ConfigMapGenerator) -> Iterator[tuple[str, ConfigMapGenerator]]:
    for field in ("data", "labels", "annotations"):
        for key, rest in without_key(getattr(generator, field)):
            yield f"{field}.{key}", replace(generator, **{field: rest})


def smaller(top: Kustomization) -> Iterator[tuple[str, Kustomization]]:
    """``top`` with each of its entries left out in turn, and what that entry was."""
    if top.namespace:
        yield "namespace", replace(top, namespace=None)
    for key, rest in without_key(top.labels):
        yield f"labels.{key}", replace(top, labels=rest)
    for field in ("images", "replicas", "config_maps", "patches"):
        for what, rest in without_one(getattr(top, field)):
            yield f"{field}: {what}", replace(top, **{field: rest})
    for name, objects in top.resources.items():
        for what, left in without_one(objects):
            yield f"{name}: {what}", replace(top, resources={**top.resources, name: left})
    yield from with_smaller_parts(top)


def with_smaller_parts(top: Kustomization) -> Iterator[tuple[str, Kustomization]]:
    """``top`` with each leaf of its generators and patches left out in turn."""
    for index, generator in enumerate(top.config_maps):
        for what, entry in without_data(generator):
            generators = [*top.config_maps[:index], entry, *top.config_maps[index + 1 :]]
            yield f"{generator.name}: {what}", replace(top, config_maps=generators)
    for index, patch in enumerate(top.patches):
        for what, content in without_leaf(list(patch.content)):
            if content:
                changed = replace(patch, content=content)
                patches = [*top.patches[:index], changed, *top.patches[index + 1 :]]
                yield f"{patch.file or index}: {what}", replace(top, patches=patches)


@pytest.mark.parametrize(("application", "name"), list(overlays()))
def test_no_entry_can_be_left_out(kustomize: Builder, application: Rendered, name: str) -> None:
    wanted = typed(built_directly(kustomize, application.direct[name]))
    superfluous = []
    for what, top in smaller(application.overlays[name]):
        try:
            built = typed(built_over(kustomize, application.base, top))
        except (BuildError, ValueError):
            continue
        if built == wanted:
            superfluous.append(what)
    assert superfluous == []
