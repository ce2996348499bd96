"""Kustomize bases and overlays for Celery on Kubernetes, made from CeleryApplication specs."""
