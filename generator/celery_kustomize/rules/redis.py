"""The managed Redis: its arguments, memory and eviction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.k8s import quantity
from celery_kustomize.rules.finding import Finding
from celery_kustomize.rules.subject import Subject, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES"]

_SECRETS = ("requirepass", "masterauth", "masteruser", "user")
_OWNED = {
    "appendonly": "appendOnly",
    "maxmemory": "maxMemory",
    "maxmemory-policy": "maxMemoryPolicy",
    "dir": "storage",
    "aclfile": "passwordFrom",
    "port": "spec.broker.redis with a server run elsewhere",
    "daemonize": "nothing: a container runs one process in the foreground",
}


def arguments(subject: Subject) -> Iterator[Finding]:
    """Redis takes every directive of its configuration as ``--directive value``."""
    redis = subject.spec.redis
    if redis is None or redis.command is not None:
        return
    for index, word in enumerate(redis.args):
        name = word.removeprefix("--").split(" ", 1)[0].lower()
        loc = ("spec", "redis", "args", index)
        if not word.startswith("--"):
            continue
        if name in _SECRETS:
            yield Finding(
                loc, f"--{name} would put a password into Git: use the field passwordFrom"
            )
        elif name in _OWNED:
            yield Finding(loc, f"--{name} is written by the generator: use {_OWNED[name]}")


def memory(subject: Subject) -> Iterator[Finding]:
    """Redis needs memory beside its data (copy on write while it saves)."""
    redis = subject.spec.redis
    limit = redis.resources.get("limits", {}).get("memory") if redis else None
    if redis is None or redis.max_memory is None or limit is None:
        return
    if quantity.parse(redis.max_memory) >= quantity.parse(str(limit)):
        yield warning(
            ("spec", "redis", "maxMemory"),
            f"{redis.max_memory} leaves nothing of the memory limit ({limit}) for Redis itself, so "
            "the kernel kills it when it is full: write at most three quarters of the limit",
        )


def eviction(subject: Subject) -> Iterator[Finding]:
    """Redis evicts queues like any other key."""
    redis, broker = subject.spec.redis, subject.spec.broker
    if redis is None or broker is None or broker.managed_redis is None:
        return
    if redis.max_memory_policy != "noeviction":
        yield warning(
            ("spec", "redis", "maxMemoryPolicy"),
            f"{redis.max_memory_policy} lets Redis delete queues when its memory is full, so tasks "
            "are lost: write noeviction",
        )


def version_and_image(subject: Subject) -> Iterator[Finding]:
    """``image`` names everything, its tag included."""
    redis = subject.spec.redis
    if redis is not None and redis.image is not None and redis.has("version"):
        yield warning(("spec", "redis", "version"), "has no effect beside image: remove one")


RULES = (arguments, memory, eviction, version_and_image)
