"""Flower: Deployment, Service, and how it is reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from celery_kustomize.resources import settings
from celery_kustomize.resources.deployment import RECREATE, deployment
from celery_kustomize.resources.exposure import Exposed, exposure_objects
from celery_kustomize.resources.metadata import selector
from celery_kustomize.resources.pod import Workload
from celery_kustomize.resources.probes import http_probe
from celery_kustomize.resources.service_account import component_service_account
from celery_kustomize.resources.storage import claim, volume

if TYPE_CHECKING:
    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.flower import Flower
    from celery_kustomize.model.secrets import SecretSource
    from celery_kustomize.resources.context import Context

__all__ = ["flower_objects"]

_DATA = "/data"
_HANDLERS = {
    "google": "flower.views.auth.GoogleAuth2LoginHandler",
    "github": "flower.views.auth.GithubLoginHandler",
    "gitlab": "flower.views.auth.GitLabLoginHandler",
    "okta": "flower.views.auth.OktaLoginHandler",
}


def flower_objects(context: Context, flower: Flower) -> list[Object]:
    """All objects of Flower."""
    spec = context.spec
    name = flower.name or f"{context.name}-flower"
    identity = selector(context, "flower")
    path = f"/{(flower.url_prefix or '').strip('/')}"
    env, volumes, mounts = settings.for_container(context)
    if flower.storage:
        volumes.append(volume("data", name, flower.storage))
        mounts.append({"name": "data", "mountPath": _DATA})
    delivered = context.delivered
    workload = Workload(
        container="flower",
        name=name,
        identity=identity,
        model=flower,
        image=flower.image or spec.image,
        command=_command(context, flower),
        env=[*delivered.env, *env, *_variables(context, flower)],
        late_env=list(delivered.late_env),
        volumes=[*volumes, *delivered.volumes],
        mounts=[*mounts, *delivered.mounts],
        ports=[{"name": "http", "containerPort": flower.port, "protocol": "TCP"}],
        probes=_probes(path),
        working_dir=None if flower.image is not None else spec.working_dir,
    )
    exposed = Exposed(
        name=name,
        identity=identity,
        model=flower,
        port=flower.port,
        service=flower.service,
        ingress=flower.ingress,
        http_route=flower.http_route,
        path=path,
    )
    return [
        *component_service_account(context, name, flower),
        *claim(context, name, identity, flower, flower.storage),
        deployment(context, workload, replicas=flower.replicas, rollout=RECREATE),
        *exposure_objects(context, exposed),
    ]


def _own_image(context: Context, flower: Flower) -> bool:
    """Whether the application's code is not in the image: Flower then runs without ``--app``."""
    return context.spec.app is None or flower.image is not None


def _command(context: Context, flower: Flower) -> Object:
    if flower.command is not None:
        return settings.command_line(context, flower.command, flower.args)
    spec = context.spec
    options: dict[str, Any] = {}
    if flower.url_prefix:
        options["url_prefix"] = flower.url_prefix.strip("/")
    if flower.storage:
        options |= {"persistent": True, "db": f"{_DATA}/flower"}
    if flower.oauth:
        options |= {
            "auth_provider": _HANDLERS[flower.oauth.provider],
            "auth": flower.oauth.auth_regex,
            "oauth2_redirect_uri": flower.oauth.redirect_uri,
        }
    options |= flower.options
    args = [
        *settings.application_options(context, own_image=_own_image(context, flower)),
        "flower",
        *(f"--{name}={_option(value)}" for name, value in options.items()),
        *flower.args,
    ]
    launcher = ["celery"] if flower.image is not None else spec.celery_command
    return settings.command_line(context, launcher, args)


def _option(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)


def _variables(context: Context, flower: Flower) -> list[Object]:
    """Flower's own variables.

    FLOWER_PORT is always said: Kubernetes would set it to ``tcp://...`` for a Service called
    ``flower``, and Flower would exit (Flower 2.2).
    """
    result: list[Object] = [{"name": "FLOWER_PORT", "value": str(flower.port)}]
    secrets: list[tuple[str, SecretSource | None]] = [("FLOWER_BASIC_AUTH", flower.basic_auth_from)]
    if flower.oauth:
        secrets += [
            ("FLOWER_OAUTH2_KEY", flower.oauth.client_id_from),
            ("FLOWER_OAUTH2_SECRET", flower.oauth.client_secret_from),
            ("FLOWER_COOKIE_SECRET", flower.oauth.cookie_secret_from),
        ]
    return [*result, *_from_secrets(secrets), *_broker_api(context)]


def _from_secrets(secrets: list[tuple[str, SecretSource | None]]) -> list[Object]:
    result: list[Object] = []
    for name, source in secrets:
        if source is not None:
            reference = source.secret_key_ref
            key = {"name": reference.name, "key": reference.key}
            result.append({"name": name, "valueFrom": {"secretKeyRef": key}})
    return result


def _broker_api(context: Context) -> list[Object]:
    """RabbitMQ's management API, from which Flower reads queue lengths."""
    broker = context.spec.broker
    rabbitmq = broker.rabbitmq if broker else None
    if rabbitmq is None or rabbitmq.management_port is None or rabbitmq.password_from is None:
        return []
    user = quote(rabbitmq.username, safe="") if rabbitmq.username else "$(BROKER_USERNAME)"
    scheme = "https" if rabbitmq.tls is not None else "http"
    place = f"{rabbitmq.host}:{rabbitmq.management_port}"
    url = f"{scheme}://{user}:$(BROKER_PASSWORD)@{place}/api/"
    # Where the broker's own URL is not composed, nothing else declares its parts.
    parts: list[Object] = []
    if broker is not None and broker.url_from is not None:
        parts = _from_secrets(
            [
                ("BROKER_USERNAME", rabbitmq.username_from),
                ("BROKER_PASSWORD", rabbitmq.password_from),
            ]
        )
    return [*parts, {"name": "FLOWER_BROKER_API", "value": url}]


def _probes(path: str) -> Object:
    """``/healthcheck`` answers without a log-in, and below the URL prefix."""
    health = f"{path.rstrip('/')}/healthcheck"
    return {
        "startupProbe": http_probe(health, "http", period=5, failures=30),
        "livenessProbe": http_probe(health, "http", period=30, failures=3),
        "readinessProbe": http_probe(health, "http", period=10, failures=3),
    }
