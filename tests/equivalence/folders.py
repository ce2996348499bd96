"""Kustomizations as folders of one tree, and what kustomize builds of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from celery_kustomize.overlay import overlay
from celery_kustomize.tree import files

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Kustomization
    from tests.equivalence.kustomize_client import Builder

__all__ = ["built_directly", "built_over", "folder", "overlay_of", "typed"]


def folder(path: str, kustomization: Kustomization) -> dict[str, str]:
    """The files of ``kustomization`` by their path below a common root."""
    return {f"{path}/{name}": text for name, text in files(kustomization).items()}


def overlay_of(base: Kustomization, wanted: Kustomization) -> Kustomization:
    return overlay(base, wanted, header="overlay")


def built_directly(kustomize: Builder, kustomization: Kustomization) -> list[Any]:
    return kustomize.build(folder("base", kustomization), "base")


def built_over(kustomize: Builder, base: Kustomization, top: Kustomization) -> list[Any]:
    """The objects of the overlay ``top`` on ``base``."""
    both = {**folder("base", base), **folder("overlays/x", top)}
    return kustomize.build(both, "overlays/x")


def typed(objects: list[Any]) -> list[str]:
    """Objects as texts that differ as soon as a value or its type does."""
    return [json.dumps(item, sort_keys=True, ensure_ascii=False) for item in objects]
