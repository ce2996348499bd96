"""What is measured of a worker set's backlog, and the triggers and credentials that it takes.

Field names are KEDA 2.21's. Numbers are tasks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from celery_kustomize.model import defaults

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.application import Spec
    from celery_kustomize.model.autoscaling import QueueLength
    from celery_kustomize.model.broker import Tls
    from celery_kustomize.model.secrets import KeyReference, SecretOrConfigMapSource, SecretSource
    from celery_kustomize.model.worker import Worker
    from celery_kustomize.resources.context import Context

__all__ = ["TLS_VARIABLE", "USERNAME_VARIABLE", "Backlog", "Measured", "counts_unacked"]

USERNAME_VARIABLE = "BROKER_USERNAME"
"""A literal user name, which KEDA reads from the scaled container only."""

TLS_VARIABLE = "BROKER_TLS"
"""Whether RabbitMQ's connection is encrypted, which KEDA reads from the scaled container only."""

# Words of KEDA's formula language (expr 1.17) that are no names of variables.
_RESERVED = frozenset(
    {
        "and",
        "contains",
        "else",
        "endswith",
        "false",
        "if",
        "in",
        "let",
        "matches",
        "nil",
        "not",
        "or",
        "startswith",
        "true",
    }
)


def counts_unacked(spec: Spec, worker: Worker) -> bool:
    """Whether running tasks count: they are seen only with late acknowledgement."""
    length = worker.autoscaling.queue_length if worker.autoscaling else None
    if length is None:
        return False
    if length.count_unacked is not None:
        return length.count_unacked
    return defaults.acks_late(spec, worker)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What is to be measured: the ``queues`` of ``worker``; ``target`` is tasks per replica."""

    context: Context
    worker: Worker
    length: QueueLength
    queues: list[str]
    target: int

    @property
    def spec(self) -> Spec:
        """The application's specification."""
        return self.context.spec

    @property
    def unacked(self) -> bool:
        """Whether running tasks count."""
        return counts_unacked(self.spec, self.worker)

    def host(self, host: str) -> str:
        """``host`` as KEDA can resolve it from its own namespace."""
        namespace = self.context.namespace
        return host if "." in host or namespace is None else f"{host}.{namespace}.svc"


@dataclass(slots=True)
class Measured:
    """Triggers whose values add up to the backlog, and the credentials that they need.

    ``secrets`` are ``secretTargetRef`` items, ``config_maps`` ``configMapTargetRef`` items and
    ``variables`` ``env`` items of a TriggerAuthentication: variables of the worker's container.
    """

    triggers: list[Object] = field(default_factory=list)
    secrets: list[Object] = field(default_factory=list)
    config_maps: list[Object] = field(default_factory=list)
    variables: list[Object] = field(default_factory=list)

    def secret(self, parameter: str, source: SecretSource | None) -> None:
        """A parameter that comes from a Secret, if it is given."""
        if source is not None:
            self._secret(parameter, source.secret_key_ref)

    def _secret(self, parameter: str, reference: KeyReference) -> None:
        item = {"parameter": parameter, "name": reference.name, "key": reference.key}
        self.secrets.append(item)

    def certificates(self, tls: Tls) -> None:
        """The certificates of an encrypted connection."""
        self._any("ca", tls.ca_from)
        self.secret("cert", tls.cert_from)
        self.secret("key", tls.key_from)

    def _any(self, parameter: str, source: SecretOrConfigMapSource | None) -> None:
        if source is None:
            return
        if source.config_map_key_ref is not None:
            reference = source.config_map_key_ref
            item = {"parameter": parameter, "name": reference.name, "key": reference.key}
            self.config_maps.append(item)
        elif source.secret_key_ref is not None:
            self._secret(parameter, source.secret_key_ref)

    def add(self, kind: str, name: str, metadata: Mapping[str, Any]) -> None:
        """A trigger of KEDA's scaler ``kind``; metadata are texts, None is left out."""
        text = {key: str(value) for key, value in metadata.items() if value is not None}
        taken = {trigger["name"] for trigger in self.triggers}
        self.triggers.append({"type": kind, "name": _variable(name, taken), "metadata": text})


def _variable(queue: str, taken: Collection[str]) -> str:
    """A name that KEDA's formula language accepts as a variable, unique in the set."""
    base = re.sub(r"[^a-z0-9_]", "_", queue.lower())
    if not base[:1].isalpha() or base in _RESERVED or base.startswith("schedule_"):
        base = f"q_{base}"
    name, number = base, 2
    while name in taken:
        name, number = f"{base}_{number}", number + 1
    return name
