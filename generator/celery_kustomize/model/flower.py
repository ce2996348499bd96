"""Flower, the monitor: the `flower` field."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from celery_kustomize.model.base import FreeMap, Model, Port, Text, problem
from celery_kustomize.model.component import Component
from celery_kustomize.model.exposure import HTTPRoute, Ingress, Service
from celery_kustomize.model.redis import Storage
from celery_kustomize.model.secrets import SecretSource

__all__ = ["FLOWER_OPTIONS", "Flower", "OAuth"]


FLOWER_OPTIONS = (
    "port",
    "address",
    "unix_socket",
    "url_prefix",
    "basic_auth",
    "auth",
    "auth_provider",
    "oauth2_key",
    "oauth2_secret",
    "oauth2_redirect_uri",
    "cookie_secret",
    "db",
    "persistent",
    "auto_refresh",
    "broker_api",
    "ca_certs",
    "certfile",
    "conf",
    "debug",
    "enable_events",
    "format_task",
    "inspect_timeout",
    "keyfile",
    "log_file_max_size",
    "log_file_num_backups",
    "log_file_prefix",
    "log_rotate_interval",
    "log_rotate_mode",
    "log_rotate_when",
    "log_to_stderr",
    "logging",
    "max_tasks",
    "max_workers",
    "natural_time",
    "purge_offline_workers",
    "read_only",
    "state_save_interval",
    "task_runtime_metric_buckets",
    "tasks_columns",
    "xheaders",
)
"""Flower's options and those of tornado.log, which its command line takes too.

Flower ignores every other (Flower 2.2, ``command.py``).
"""


def _at_most_one(replicas: int) -> int:
    if replicas not in (0, 1):
        raise problem(
            "Flower keeps its state in memory, so each replica would tell otherwise: write 1"
        )
    return replicas


class OAuth(Model):
    """Log-in through an OAuth 2 provider."""

    provider: Literal["google", "github", "gitlab", "okta"]
    """The provider."""
    auth_regex: Text
    """Who may enter: a regular expression over e-mail addresses, for example
    `.*@example.com`; Flower escapes the dots itself."""
    client_id_from: SecretSource
    """The OAuth client id."""
    client_secret_from: SecretSource
    """The OAuth client secret."""
    cookie_secret_from: SecretSource
    """Key that signs session cookies; fixed, so that sessions outlive the pod."""
    redirect_uri: Annotated[str, Field(pattern=r"^https?://")]
    """Where the provider sends users back to, `https://flower.example.com/login`."""


class Flower(Component):
    """Flower. One replica: its state is in memory or in one file."""

    replicas: Annotated[int, AfterValidator(_at_most_one)] = 1
    """0 switches it off for a while. Default 1; never more."""
    port: Port = 5555
    """TCP port of the container. Default 5555."""
    url_prefix: Annotated[str, Field(pattern=r"^/?[A-Za-z0-9._~/-]*$")] | None = None
    """Path under which Flower answers, for example `flower`. Default: none."""
    basic_auth_from: SecretSource | None = None
    """`user:password` pairs, separated by commas, for the pages."""
    api_auth_from: SecretSource | None = None
    """For scalers that read Flower's API: the whole `Authorization` header, `Basic` and the base64
    of `user:password`."""
    oauth: OAuth | None = None
    """Log-in through an OAuth provider."""
    insecure: bool = False
    """Allow exposure without any log-in. Default false."""
    storage: Storage | None = None
    """Keep Flower's state over restarts. Default: in memory."""
    service: Service = Service()
    """Its Service."""
    ingress: Ingress | None = None
    """An Ingress to it."""
    http_route: Annotated[HTTPRoute | None, Field(alias="httpRoute")] = None
    """A Gateway API route to it."""
    options: FreeMap = {}
    """Flower's other options by name without dashes, for example `{max_tasks: 5000}`."""

    def exposed(self) -> list[str]:
        """What makes Flower reachable from outside the cluster, in the words of the spec."""
        service = self.service.type
        return [
            *(["an Ingress"] if self.ingress else []),
            *(["an HTTPRoute"] if self.http_route else []),
            *([f"a Service of type {service}"] if service != "ClusterIP" else []),
        ]

    def authenticated(self, env: list[dict[str, Any]] | None = None) -> bool:
        """Whether anyone has to log in; ``env`` is the container's whole environment."""
        names = {item.get("name") for item in env or self.env}
        return bool(
            self.basic_auth_from
            or self.oauth
            or {"FLOWER_BASIC_AUTH", "FLOWER_AUTH"} & names
            or {"basic_auth", "auth"} & set(self.options)
        )
