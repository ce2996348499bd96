"""What every component's module needs to know of the application."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from celery_kustomize.resources.connection import Delivered, connections

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery_kustomize.model.application import CeleryApplication, Spec

__all__ = ["Context"]


@dataclass(frozen=True)
class Context:
    """One merged application (the base, or one environment) about to be rendered.

    ``checksums`` maps (kind, name) of ConfigMaps and Secrets that stand in the spec's own file or
    in its extraResources to a short hash of their content.
    """

    application: CeleryApplication
    checksums: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @property
    def spec(self) -> Spec:
        """The application's specification."""
        return self.application.spec

    @property
    def name(self) -> str:
        """The application's name."""
        return self.application.metadata.name

    @property
    def namespace(self) -> str | None:
        """The namespace of the environment, when the spec says one."""
        return self.application.metadata.namespace

    @property
    def redis_name(self) -> str:
        """Name of the managed Redis' objects and Service."""
        redis = self.spec.redis
        return (redis.name if redis else None) or f"{self.name}-redis"

    @property
    def modules_name(self) -> str:
        """Name of the ConfigMap with the helper modules."""
        return f"{self.name}-celery-modules"

    @property
    def config_name(self) -> str:
        """Name of the ConfigMap with the Celery settings."""
        return f"{self.name}-celery-config"

    @cached_property
    def delivered(self) -> Delivered:
        """How components reach broker and result backend."""
        return connections(self.spec, self.redis_name)

    def has_waves(self) -> bool:
        """Whether Argo CD must create what the migration needs before the rest."""
        return self.spec.migration is not None
