"""The difference between two lists of objects as idiomatic Kustomize. Pure: no I/O."""
