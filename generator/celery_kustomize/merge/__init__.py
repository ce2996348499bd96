"""Overlays, defaults and worker defaults merged as raw values with their marks. Pure."""

from celery_kustomize.merge.application import Environment, environments
from celery_kustomize.merge.values import merge

__all__ = ["Environment", "environments", "merge"]
