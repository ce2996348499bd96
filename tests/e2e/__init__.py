"""Tests on real components: a Kubernetes cluster of plain processes, and what runs on it."""
