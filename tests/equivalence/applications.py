"""Random specs with overlays, as the files that a user would write."""

from __future__ import annotations

import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from celery_kustomize.k8s.yaml_text import dump, dump_all
from celery_kustomize.load.yaml import parse
from celery_kustomize.located import plain
from celery_kustomize.merge import environments
from celery_kustomize.pipeline import Rendered, run
from tests.equivalence.specs import extra, patches
from tests.equivalence.specs.choose import Choose, annotation_map, label_map, secret
from tests.equivalence.specs.components import components, redis
from tests.equivalence.specs.connections import broker
from tests.equivalence.specs.older import older
from tests.equivalence.specs.overrides import SETS, overlay, shared
from tests.equivalence.specs.pods import volumes
from tests.equivalence.specs.shape import shape
from tests.equivalence.specs.workers import worker

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from tests.equivalence.specs.choose import Fields
    from tests.equivalence.specs.shape import Shape

__all__ = ["Specs", "older_specs", "specs"]

_API = "celeryproject.org/v1beta1"
_MOVABLE = (
    "image",
    "imagePullSecrets",
    "security",
    "config",
    "monitoring",
    "networkPolicy",
    "beat",
)


@dataclass(frozen=True, slots=True)
class Specs:
    """Files by name; ``shop.yaml`` holds the application. Shown as they are when a test fails."""

    files: dict[str, str]

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """What Hypothesis shows of a failing example."""
        shown = "".join(f"\n--- {name}\n{text}" for name, text in self.files.items())
        printer.text(f"Specs({shown})")

    def write(self, folder: Path) -> None:
        for name, text in self.files.items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode())

    def merged(self) -> dict[str, Specs]:
        """For each overlay, what a user would write who had no overlays: its merged spec."""
        documents = {
            name: parse(text.encode(), name)[0]
            for name, text in self.files.items()
            if not name.startswith("extra/")
        }
        (document, *objects) = documents.pop("shop.yaml")
        defaults = documents.pop("defaults.yaml", [])
        overlays = [each for found in documents.values() for each in found]
        _, *found = environments(document, overlays, defaults)[0]
        kept = {name: text for name, text in self.files.items() if name.startswith("extra/")}
        return {
            str(each.name): Specs(
                {"shop.yaml": dump_all([plain(item) for item in (each.document, *objects)]), **kept}
            )
            for each in found
        }

    def rendered(self) -> Rendered:
        """The application, read from standard input when it is all in one file."""
        if len(self.files) == 1:
            stdin = io.BytesIO(self.files["shop.yaml"].encode())
            return run(["-"], stdin=stdin).applications[0]
        with tempfile.TemporaryDirectory() as folder:
            self.write(Path(folder))
            return run([folder]).applications[0]


def _base(choose: Choose, shape: Shape) -> Fields:
    found: Fields = {"app": "shop.celery"} if shape.composed else {}
    found |= {"image": "app:1", **shared(choose, shape)}
    password = {"name": "PASSWORD", "valueFrom": secret()}
    found["env"] = [password, *found.get("env", [])]
    if len(shape.deliveries) == 1:
        found["config"] = {"delivery": shape.deliveries[0], **found.get("config", {})}
    if shape.volumes:
        found["volumes"] = volumes(choose)
    if shape.managed:
        found["redis"] = redis(choose)
    if shape.brokers != "none":
        found["broker"] = broker(choose, shape)
    names = choose.some(SETS) or SETS[:1]
    found["workers"] = [worker(choose, shape, name) for name in names]
    for name, make in components(shape).items():
        if (name == "flower" and shape.flower) or choose.chance(25):
            found[name] = make(choose, shape)
    return found


def _overlays(choose: Choose, spec: Fields, shape: Shape) -> list[Fields]:
    found: list[Fields] = []
    for name in ["staging", "production", "on"][: choose.number(1, 3)]:
        others = [each["name"] for each in found]
        found.append({"name": name, **overlay(choose, spec, shape, others)})
    return found


def _overlay_file(item: Fields) -> str:
    rest = {key: value for key, value in item.items() if key != "name"}
    return dump(
        {
            "apiVersion": _API,
            "kind": "CeleryApplicationOverlay",
            "metadata": {"name": item["name"]},
            "spec": {"applicationRef": {"name": "shop"}, **rest},
        }
    )


def _defaults_file(choose: Choose, spec: Fields, shape: Shape) -> str:
    """Defaults under the application: some fields of its own go there, others lie below them."""
    moved = {key: spec.pop(key) for key in choose.some(_MOVABLE) if key in spec}
    document = {
        "apiVersion": _API,
        "kind": "CeleryApplicationDefaults",
        "metadata": {"name": "platform"},
        "spec": {**shared(choose, shape), **moved},
    }
    return dump(document)


@st.composite
def specs(draw: st.DrawFn, *, own_patches: bool = False) -> Specs:
    """An application with one to three overlays; with ``own_patches`` the base has some too."""
    choose = Choose(draw)
    kept = shape(choose)
    spec = _base(choose, kept)
    if own_patches:
        names = [item["name"] for item in spec["workers"]]
        spec["patches"] = [
            patches.of_worker(choose, choose.one(names)) for _ in range(choose.number(1, 2))
        ]
        spec["patches"] += patches.of_config_maps(choose)
    overlays = _overlays(choose, spec, kept)
    documents: list[Object] = []
    files: dict[str, str] = {}
    if kept.foreign or choose.chance(30):
        random = draw(st.randoms(use_true_random=False))
        namespaces = [None, None, "infra"] if kept.foreign else [None]
        documents = extra.objects(random, ["own", "o.b"], namespaces)
        files = extra.files(choose, random, spec, overlays, namespaces)
    if choose.chance(15):
        files["defaults.yaml"] = _defaults_file(choose, spec, kept)
    inline = [item for item in overlays if not choose.chance(25)]
    if inline:
        spec["overlays"] = inline
    files |= {f"{o['name']}.yaml": _overlay_file(o) for o in overlays if o not in inline}
    named = {"namespace": kept.namespace} if kept.namespace else {}
    more = choose.fields(25, labels=label_map, annotations=annotation_map)
    document = {
        "apiVersion": _API,
        "kind": "CeleryApplication",
        "metadata": {"name": "shop", **named, **more},
        "spec": spec,
    }
    return Specs({"shop.yaml": dump_all([document, *documents]), **files})


@st.composite
def older_specs(draw: st.DrawFn) -> Specs:
    """An application of an older kind, with overlays in files of their own."""
    choose = Choose(draw)
    document, kept = older(choose)
    before = {"workers": [{"name": "default"}]}
    overlays = _overlays(choose, before, kept)
    files = {f"{item['name']}.yaml": _overlay_file(item) for item in overlays}
    return Specs({"shop.yaml": dump(document), **files})
