"""What a part of a pod refers to by name: ConfigMaps, Secrets and volume claims."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["references"]

_KINDS = {
    "secretKeyRef": "Secret",
    "secretRef": "Secret",
    "secret": "Secret",
    "configMapKeyRef": "ConfigMap",
    "configMapRef": "ConfigMap",
    "configMap": "ConfigMap",
    "persistentVolumeClaim": "PersistentVolumeClaim",
}


def references(value: Any) -> Iterator[tuple[str, str]]:
    """(kind, name) of every object that ``value``, at any depth, refers to."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in _KINDS and isinstance(item, dict):
                name = item.get("name") or item.get("secretName") or item.get("claimName")
                if isinstance(name, str):
                    yield _KINDS[key], name
            yield from references(item)
