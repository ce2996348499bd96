"""Kubernetes' and Kustomize's own facts as data and pure functions: no I/O, no environment."""
