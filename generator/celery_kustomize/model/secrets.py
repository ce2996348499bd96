"""References to Secrets and ConfigMaps: a spec never holds a secret itself."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from celery_kustomize.model.base import DnsSubdomain, Model, Text, problem

__all__ = ["KeyReference", "SecretOrConfigMapSource", "SecretSource"]


class KeyReference(Model):
    """One key of a Secret or ConfigMap in the application's namespace."""

    name: DnsSubdomain
    """Name of the Secret or ConfigMap."""
    key: Text
    """The key in it, for example `redis-password`."""


class SecretSource(Model):
    """A value that comes from a Secret."""

    secret_key_ref: KeyReference
    """The Secret and its key."""


class SecretOrConfigMapSource(Model):
    """A value that comes from a Secret or a ConfigMap: exactly one of the two."""

    secret_key_ref: KeyReference | None = None
    """The Secret and its key."""
    config_map_key_ref: KeyReference | None = None
    """The ConfigMap and its key."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if (self.secret_key_ref is None) == (self.config_map_key_ref is None):
            raise problem("write exactly one of secretKeyRef and configMapKeyRef")
        return self
