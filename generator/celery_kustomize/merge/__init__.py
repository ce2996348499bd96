"""Overlays, defaults and worker defaults merged as raw values with their marks. Pure."""

from celery_kustomize.merge.application import Environment, environments, overlay_names
from celery_kustomize.merge.target import Target
from celery_kustomize.merge.values import merge

__all__ = ["Environment", "Target", "environments", "merge", "overlay_names"]
