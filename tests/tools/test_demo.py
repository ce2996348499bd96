"""tools/demo.py: what it says of a rendered folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tools import demo

if TYPE_CHECKING:
    from pathlib import Path


def test_bases_come_before_overlays(tmp_path: Path) -> None:
    for folder in ("shop/overlays/production", "shop/overlays/a", "shop/base"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "kustomization.yaml").touch()
    found = [folder.relative_to(tmp_path).as_posix() for folder in demo.folders(tmp_path)]
    assert found == ["shop/base", "shop/overlays/a", "shop/overlays/production"]


def test_summary_counts_lines_and_kinds(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text("resources:\n- a.yaml\n")
    (tmp_path / "a.yaml").write_text("a: 1\n")
    objects = [{"kind": kind} for kind in ("Service", "Deployment", "Deployment")]
    assert demo.summary(tmp_path, objects) == [
        "  written  2 files, 3 lines",
        "  builds   3 objects: 2 Deployment, 1 Service",
    ]
    assert demo.summary(tmp_path, objects[:1])[1] == "  builds   1 object: 1 Service"
