"""Broker and result backend as environment variables, Celery settings and mounted certificates.

URLs are composed by Kubernetes from earlier variables (``$(VAR)``), so no manifest holds a
password. Kubernetes does not encode what it inserts: passwords must be URL-safe.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from celery_kustomize.resources.broker_url import Url, compose, secret_env

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.application import Spec
    from celery_kustomize.model.broker import Connection

__all__ = ["Delivered", "broker_connection", "connections"]


@dataclass(frozen=True, slots=True)
class Delivered:
    """What a component needs to reach broker and result backend.

    ``env`` in the order that ``$(VAR)`` needs; ``late_env`` refers to the user's own variables and
    so comes after them; ``settings`` are Celery settings; volumes and mounts hold certificates.
    """

    env: tuple[Object, ...] = ()
    late_env: tuple[Object, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    volumes: tuple[Object, ...] = ()
    mounts: tuple[Object, ...] = ()


def connections(spec: Spec, redis_service: str) -> Delivered:
    """Everything that ``broker`` and ``resultBackend`` ask of a component.

    ``redis_service`` is the name of the managed Redis' Service.
    """
    parts = []
    if spec.broker is not None:
        parts.append(broker_connection(spec, redis_service, "CELERY_BROKER_URL"))
    if spec.result_backend is not None:
        purpose = _Purpose(
            "CELERY_RESULT_BACKEND", "RESULT_BACKEND", "result_backend_transport_options"
        )
        parts.append(_connection(spec.result_backend, purpose, spec, redis_service))
    env: dict[str, Object] = {}
    for part in parts:
        env.update({item["name"]: item for item in part.env})
    return Delivered(
        env=tuple(env.values()),
        late_env=tuple(item for part in parts for item in part.late_env),
        settings={key: value for part in parts for key, value in part.settings.items()},
        volumes=tuple(item for part in parts for item in part.volumes),
        mounts=tuple(item for part in parts for item in part.mounts),
    )


def broker_connection(spec: Spec, redis_service: str, variable: str) -> Delivered:
    """What ``broker`` alone asks of a component that reads its URL from ``variable``."""
    if spec.broker is None:
        return Delivered()
    purpose = _Purpose(variable, "BROKER", "broker_transport_options")
    return _connection(spec.broker, purpose, spec, redis_service)


@dataclass(frozen=True, slots=True)
class _Purpose:
    """The URL's variable, the prefix of the variables it is made of, and the options' setting."""

    variable: str
    prefix: str
    setting: str


def _connection(item: Connection, purpose: _Purpose, spec: Spec, redis_service: str) -> Delivered:
    url, variable = Url(purpose.prefix), purpose.variable
    settings: dict[str, Any] = dict(item.transport_options)
    extra: dict[str, Any] = {}
    text = compose(url, item, spec, redis_service, settings, extra)
    if settings:
        extra[purpose.setting] = settings
    if item.url_from is not None:
        # The typed member beside it is for scalers: Celery needs nothing of its credentials.
        found = secret_env(variable, item.url_from)
        return Delivered((found,), (), extra, tuple(url.volumes), tuple(url.mounts))
    found = {"name": variable, "value": text}
    late = item.url is not None and "$(" in item.url
    return Delivered(
        tuple(url.env) if late else (*url.env, found),
        (found,) if late else (),
        extra,
        tuple(url.volumes),
        tuple(url.mounts),
    )
