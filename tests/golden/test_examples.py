"""Every example renders to its golden folders, and what it renders is good Kubernetes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kubernetes_validate
import pytest
import yaml
from yamllint import linter
from yamllint.config import YamlLintConfig

from celery_kustomize.k8s.yaml_text import dump_all
from celery_kustomize.kustomize import find
from celery_kustomize.pipeline import Rendered, run
from celery_kustomize.tree import files

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
GOLDEN = Path(__file__).parent
MODULES = "celery_kustomize_"

# Their definitions come with their operators, not with Kubernetes.
CUSTOM = {
    "HTTPRoute",
    "ScaledObject",
    "SealedSecret",
    "ServiceMonitor",
    "TriggerAuthentication",
}


def _folders() -> Iterator[str]:
    for path in sorted(EXAMPLES.rglob("*.yaml")):
        folder = path.parent.relative_to(EXAMPLES)
        if "kind: Celery" in path.read_text():
            yield folder.as_posix()


FOLDERS = sorted(set(_folders()))


def _trees(application: Rendered) -> dict[str, dict[str, str]]:
    overlays = {f"overlays/{name}": files(o) for name, o in application.overlays.items()}
    return {"base": files(application.base), **overlays}


def _flat(application: Rendered) -> dict[str, str]:
    trees = _trees(application)
    return {
        f"{folder}/{path}": text for folder, tree in trees.items() for path, text in tree.items()
    }


@pytest.fixture(scope="module", params=FOLDERS)
def example(request: pytest.FixtureRequest) -> tuple[str, tuple[Rendered, ...]]:
    folder: str = request.param
    return folder, run([str(EXAMPLES / folder)]).applications


Example = tuple[str, tuple[Rendered, ...]]


def test_every_example_has_a_readme() -> None:
    for folder in EXAMPLES.iterdir():
        if folder.is_dir():
            assert (folder / "README.md").is_file(), folder.name


def test_golden(example: Example, golden: Any) -> None:
    folder, applications = example
    tree = {
        f"{application.name}/{path}": text
        for application in applications
        for path, text in _flat(application).items()
        if not Path(path).name.startswith(MODULES)
    }
    golden.check_tree(tree, GOLDEN / folder.replace("/", "-"))


def test_yamllint(example: Example) -> None:
    config = YamlLintConfig(file=str(ROOT / ".yamllint.yaml"))
    for application in example[1]:
        for path, text in _flat(application).items():
            if path.endswith(".yaml"):
                problems = list(linter.run(text, config, path))
                assert problems == [], path


def _objects(text: str) -> list[dict[str, Any]]:
    return [item for item in yaml.safe_load_all(text) if item]


def _built(application: Rendered, target: str) -> list[dict[str, Any]]:
    return _objects(find().build_files(_flat(application), target))


def test_kubernetes_accepts_every_object(example: Example) -> None:
    for application in example[1]:
        for target in _trees(application):
            for item in _built(application, target):
                if item["kind"] not in CUSTOM:
                    kubernetes_validate.validate(item, "1.34", strict=True)


def test_overlays_equal_the_merged_spec(example: Example, caplog: pytest.LogCaptureFixture) -> None:
    """The law: kustomize builds an overlay to what it builds from the merged spec itself."""
    for application in example[1]:
        for name, direct in application.direct.items():
            overlay = _built(application, f"overlays/{name}")
            merged = _objects(find().build_files(files(direct), "."))
            assert _typed(overlay) == _typed(merged)
    assert caplog.records == []


def _typed(value: Any) -> str:
    """JSON tells 1 from true and from 1.0; Python's == does not."""
    return json.dumps(value, sort_keys=True, indent=1)


def _shuffled(value: Any, order: random.Random) -> Any:
    if isinstance(value, dict):
        keys = list(value)
        order.shuffle(keys)
        return {key: _shuffled(value[key], order) for key in keys}
    if isinstance(value, list):
        return [_shuffled(item, order) for item in value]
    return value


def test_the_order_of_keys_does_not_matter(example: Example, tmp_path: Path) -> None:
    source = EXAMPLES / example[0]
    for path in source.rglob("*.y*ml"):
        target = tmp_path / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        documents = yaml.safe_load_all(path.read_text())
        order = random.Random(7)
        kinds = ("CeleryApplication", "CeleryApplicationOverlay", "CeleryApplicationDefaults")
        target.write_text(
            dump_all([_shuffled(d, order) if d.get("kind") in kinds else d for d in documents])
        )
    shuffled = run([str(tmp_path)]).applications
    assert [_flat(a) for a in shuffled] == [_flat(a) for a in example[1]]


def test_the_top_level_folders_are_the_shop() -> None:
    shop = run([str(EXAMPLES / "shop")]).applications[0]
    for folder in ("base", "overlays"):
        tree = {
            path.split("/", 1)[1]: text
            for path, text in _flat(shop).items()
            if path.startswith(f"{folder}/")
        }
        actual = {
            path.relative_to(ROOT / folder).as_posix(): path.read_text()
            for path in (ROOT / folder).rglob("*")
            if path.is_file()
        }
        assert actual == tree, "run: make render"
