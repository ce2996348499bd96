from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.argocd.running import SHOP

Program = Callable[[str], str]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with one application and two overlays."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "shop.yaml").write_text(SHOP)
    return folder


@pytest.fixture
def kustomize(tmp_path: Path) -> Program:
    """Makes a shell script that stands in for kustomize; returns its path."""

    def make(script: str) -> str:
        path = tmp_path / "kustomize"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return str(path)

    return make
