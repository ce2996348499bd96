"""``python -m celery_kustomize`` and the ``celery-kustomize`` command."""

from __future__ import annotations

from celery_kustomize.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
