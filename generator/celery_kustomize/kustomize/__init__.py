"""Find and run the kustomize program: builds of local folders only, never remote."""

from celery_kustomize.kustomize.program import VARIABLE, Kustomize, find

__all__ = ["VARIABLE", "Kustomize", "find"]
