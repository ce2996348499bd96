"""Kustomize folders as files: text of a kustomization, compare, write, prune."""

from celery_kustomize.tree.output import Changes, compare, write
from celery_kustomize.tree.plan import Folder
from celery_kustomize.tree.text import files

__all__ = ["Changes", "Folder", "compare", "files", "write"]
