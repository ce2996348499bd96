"""docs/reference.md, and all else that `make docs` writes, is what the code says now."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from celery_kustomize.model.json_schema import KINDS, json_schema
from celery_kustomize.model.shape import ListOf, MapOf, Nested, Shape, fields
from tools import reference

if TYPE_CHECKING:
    from pathlib import Path

    from celery_kustomize.model.base import Model

FILES = reference.files()
PAGE = reference.page()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_committed_file_is_current(path: Path) -> None:
    current = path.exists() and path.read_text(encoding="utf-8") == FILES[path]
    assert current, f"{path.name} is not what the code says now: run make docs"


def test_every_link_leads_to_one_heading() -> None:
    anchors = Counter(reference.slug(text) for text in re.findall(r"(?m)^#+ (.+)$", PAGE))
    assert [anchor for anchor, count in anchors.items() if count > 1] == []
    assert set(re.findall(r"\]\(#([^)]*)\)", PAGE)) <= anchors.keys()


def models(shape: Shape) -> set[type[Model]]:
    if isinstance(shape, Nested):
        return {shape.model}
    if isinstance(shape, ListOf):
        return models(shape.item)
    return models(shape.values) if isinstance(shape, MapOf) and shape.values else set()


def test_every_field_of_every_model_is_on_the_page() -> None:
    seen: set[type[Model]] = set()
    waiting: set[type[Model]] = set(KINDS)
    while waiting:
        seen |= waiting
        waiting = {m for s in waiting for f in fields(s) for m in models(f.shape)} - seen
    rows = set(re.findall(r"(?m)^\| `(\w+)` \|", PAGE))
    assert {field.name for model in seen for field in fields(model)} == rows


def test_every_row_has_four_cells() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert [row for row in rows if len(re.findall(r"(?<!\\)\|", row)) != 5] == []


def row(section: str, field: str) -> str:
    found = re.search(rf"(?ms)^### {section}$.*?^(\| `{field}` \|.*?)$", PAGE)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("section", "field", "expected"),
    [
        ("workers", "name", "DNS label | *required* | Name of the set"),
        ("workerDefaults", "pool", "`solo`, `threads` | `prefork` | Celery's pool. |"),
        ("workerDefaults", "replicas", "integer ≥ 0 | `1` | Pods. Left out when"),
        ("metadata", "labels", "map of strings |  | Labels on every object"),
        ("Every component", "image", "image | the application's | Container image. |"),
        ("Every component", "tolerations", "list of Kubernetes `Toleration` |  | Taints"),
        ("rollout", "maxSurge", "integer or percentage | `25%` | Pods"),
        ("redis", "version", 'string | `"7.4"` | Tag of'),
        ("overlays", "overrides", "partial [spec](#spec) |  | A partial"),
    ],
)
def test_a_row_tells_type_default_and_meaning(section: str, field: str, expected: str) -> None:
    assert f"| `{field}` | " in row(section, field)
    assert expected in row(section, field)


def examples() -> list[dict[str, Any]]:
    blocks = re.findall(r"(?ms)^```yaml\n(.*?)^```", PAGE)
    return [yaml.safe_load(block) for block in blocks if "kind:" in block or "overlays:" in block]


def test_the_page_s_examples_are_good() -> None:
    whole, part = examples()
    whole["spec"].update(part)
    assert list(Draft202012Validator(json_schema()).iter_errors(whole)) == []
