"""The managed Redis: the `redis` field."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from celery_kustomize.model.base import DnsSubdomain, Model, Quantity, problem
from celery_kustomize.model.component import Component
from celery_kustomize.model.secrets import SecretSource

__all__ = ["RedisServer", "Storage"]


class Storage(Model):
    """A persistent volume."""

    size: Quantity | None = None
    """Size of the volume, for example `10Gi`."""
    storage_class_name: DnsSubdomain | None = None
    """StorageClass. Default: the cluster's default class."""
    existing_claim: DnsSubdomain | None = None
    """A PersistentVolumeClaim that exists already, in place of a new one."""

    @model_validator(mode="after")
    def _size_or_claim(self) -> Self:
        if (self.size is None) == (self.existing_claim is None):
            raise problem("write size (a new volume) or existingClaim, one of the two")
        return self


class RedisServer(Component):
    """One Redis instance as broker or result backend.

    It is a single pod: while it restarts, the broker is away. Its volume claim is never deleted
    with the application.
    """

    version: Annotated[str, Field(pattern=r"^\d+(\.\d+){0,2}(-[a-z0-9.]+)?$")] = "7.4"
    """Tag of the official `redis` image. Default "7.4". `image` names another image."""
    password_from: SecretSource
    """The password, required. It becomes part of URLs: use URL-safe characters."""
    storage: Storage | None = None
    """Where data is kept. Default: an emptyDir, lost with the pod."""
    max_memory: Quantity | None = None
    """Redis' `maxmemory`. Default: 75 % of the memory limit; without a limit, none."""
    max_memory_policy: Literal[
        "noeviction",
        "allkeys-lru",
        "allkeys-lfu",
        "allkeys-random",
        "volatile-lru",
        "volatile-lfu",
        "volatile-random",
        "volatile-ttl",
    ] = "noeviction"
    """What happens when memory is full. Default noeviction: anything else loses messages."""
    append_only: bool = True
    """Write every change to disk (AOF). Default true."""
