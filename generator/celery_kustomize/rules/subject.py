"""What rules look at: the merged application of one environment, and where its parts stand."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from celery_kustomize.errors import Severity
from celery_kustomize.model import defaults
from celery_kustomize.model.worker import Worker
from celery_kustomize.rules.finding import Finding, Loc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.application import CeleryApplication, Spec
    from celery_kustomize.model.component import Component

__all__ = ["Place", "Subject", "alias", "duplicates", "item_loc", "part", "several", "warning"]

_Items = list[dict[str, Any]]


@dataclass(frozen=True)
class Place:
    """A component and where it stands.

    ``role`` is ``worker``, ``beat``, ``flower``, ``web``, ``migrate``, ``redis`` or ``exporter``:
    also the main container's name. ``label`` is what messages call it.
    """

    loc: Loc
    role: str
    label: str
    component: Component

    @property
    def runs_application(self) -> bool:
        """Whether it runs the application's image and inherits from the application."""
        return self.role not in ("redis", "exporter")


@dataclass(frozen=True)
class Subject:
    """One merged application; ``objects`` are those passed through unchanged."""

    application: CeleryApplication
    objects: Sequence[Object] = ()

    @property
    def spec(self) -> Spec:
        """The application's specification."""
        return self.application.spec

    @property
    def name(self) -> str:
        """The application's name."""
        return self.application.metadata.name

    @cached_property
    def workers(self) -> list[tuple[Loc, Worker]]:
        """Worker sets with their places."""
        return [(("spec", "workers", i), w) for i, w in enumerate(self.spec.workers)]

    @cached_property
    def places(self) -> list[Place]:
        """Every component, in the order of the spec."""
        spec = self.spec
        found = [Place(loc, "worker", f'worker set "{w.name}"', w) for loc, w in self.workers]
        single: list[tuple[Loc, str, Component | None]] = [
            (("spec", "beat"), "beat", spec.beat),
            (("spec", "flower"), "flower", spec.flower),
            (("spec", "web"), "web", spec.web),
            (("spec", "migration"), "migrate", spec.migration),
            (("spec", "redis"), "redis", spec.redis),
            (("spec", "monitoring", "exporter"), "exporter", spec.monitoring.exporter),
        ]
        found += [
            Place(loc, role, str(loc[-1]), component)
            for loc, role, component in single
            if component is not None
        ]
        return found

    @cached_property
    def application_places(self) -> list[Place]:
        """The components that run the application."""
        return [place for place in self.places if place.runs_application]

    @cached_property
    def _envs(self) -> dict[Loc, _Items]:
        return {
            place.loc: defaults.env(self.spec, place.component)
            if place.runs_application
            else place.component.env
            for place in self.places
        }

    def env(self, place: Place) -> _Items:
        """The user's variables of a component, inherited ones among them."""
        return self._envs[place.loc]

    def env_from(self, place: Place) -> _Items:
        """The ConfigMaps and Secrets that are a component's environment."""
        if place.runs_application:
            return defaults.env_from(self.spec, place.component)
        return place.component.env_from

    def volumes(self, place: Place) -> _Items:
        """The user's volumes of a component, inherited ones among them."""
        if place.runs_application:
            return defaults.volumes(self.spec, place.component)
        return place.component.volumes

    def volume_mounts(self, place: Place) -> _Items:
        """The user's mounts of a component, inherited ones among them."""
        if place.runs_application:
            return defaults.volume_mounts(self.spec, place.component)
        return place.component.volume_mounts

    def env_loc(self, place: Place, name: str) -> Loc:
        """Where the variable ``name`` of a component was written."""
        return item_loc(place.loc, place.component.env, self.spec.env, "env", "name", name)

    def named_queues(self, worker: Worker) -> list[str]:
        """The queues of a set: given, else Celery's default queue."""
        return worker.queues or [str(self.spec.config.values.get("task_default_queue", "celery"))]

    def object_name(self, place: Place) -> str:
        """Name of a component's objects."""
        if isinstance(place.component, Worker):
            return defaults.worker_object_name(self.name, place.component)
        return place.component.name or f"{self.name}-{place.role}"

    def uses_loader(self) -> bool:
        """Whether settings are delivered by the generated loader."""
        spec = self.spec
        if spec.config.delivery != "Loader":
            return False
        connections = [c for c in (spec.broker, spec.result_backend) if c is not None]
        plain = (None, "url", "url_from", "managed_redis", "redis", "rabbitmq")
        return bool(spec.config.values) or any(
            c.transport_options or c.member() not in plain for c in connections
        )

    def redis_broker(self) -> bool | None:
        """Whether the broker is Redis, directly or behind Sentinel; None when it is not known."""
        broker = self.spec.broker
        member = broker.member() if broker else None
        if broker is None or member in (None, "url_from"):
            return None
        if member == "url":
            scheme = (broker.url or "").partition("://")[0]
            return scheme in ("redis", "rediss", "sentinel", "redis+socket", "socket")
        return member in ("managed_redis", "redis", "sentinel")


def item_loc(loc: Loc, own: _Items, shared: _Items, field: str, key: str, value: Any) -> Loc:
    """The place of the item whose ``key`` is ``value``: the component's own, else the shared one.

    >>> item_loc(("spec", "beat"), [], [{"name": "A"}], "env", "name", "A")
    ('spec', 'env', 0)
    """
    for prefix, items in ((loc, own), (("spec",), shared)):
        for index, item in enumerate(items):
            if item.get(key) == value:
                return (*prefix, field, index)
    return (*loc, field)


def alias(component: Component | type[Component], name: str) -> str:
    """A field's name as in YAML: ``max_tasks_per_child`` -> ``maxTasksPerChild``."""
    kind = component if isinstance(component, type) else type(component)
    return kind.model_fields[name].alias or name


def several(names: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def warning(loc: Loc, message: str) -> Finding:
    """A finding that stops nothing."""
    return Finding(loc, message, Severity.WARNING)


def duplicates(values: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Index and value of every item that stood before."""
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield index, value
        seen.add(value)


def part(item: Any, *keys: str) -> Any:
    """The value at ``keys`` inside an object that was not checked; None when it is not there.

    >>> part({"metadata": {"name": "shop"}}, "metadata", "name"), part({"spec": "x"}, "spec", "a")
    ('shop', None)
    """
    for key in keys:
        item = item.get(key) if isinstance(item, dict) else None
    return item
