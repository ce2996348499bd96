"""The difference between two Kustomizations as an idiomatic Kustomize overlay. Pure: no I/O."""

from __future__ import annotations

from celery_kustomize.overlay.engine import overlay

__all__ = ["overlay"]
