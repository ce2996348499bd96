"""Kustomize folders as files: text of a kustomization, compare, write, prune."""
