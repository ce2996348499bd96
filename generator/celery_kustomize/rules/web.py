"""Web, the migration Job, and how components are reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.references import references
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Place, Subject, part, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.model.exposure import HTTPRoute, Ingress, Service

__all__ = ["RULES"]

_NODE_PORTS = range(30000, 32768)


def _exposed(subject: Subject) -> Iterator[tuple[Loc, Service, Ingress | None, HTTPRoute | None]]:
    for key, item in (("flower", subject.spec.flower), ("web", subject.spec.web)):
        if item is not None:
            yield ("spec", key), item.service, item.ingress, item.http_route


def node_port(subject: Subject) -> Iterator[Finding]:
    """Only Services of type NodePort and LoadBalancer have node ports (Kubernetes API)."""
    for loc, service, _, _ in _exposed(subject):
        place = (*loc, "service", "nodePort")
        if service.node_port is None:
            continue
        if service.type == "ClusterIP":
            yield Finding(place, "a ClusterIP Service has none: write type: NodePort, or remove it")
        elif service.node_port not in _NODE_PORTS:
            yield warning(
                place,
                f"{service.node_port} is outside 30000-32767, the range that clusters allow by "
                "default: write one of these, or remove it",
            )


def same_address(subject: Subject) -> Iterator[Finding]:
    """Two Ingress rules of one host and path: which one answers is not defined."""
    seen: dict[tuple[str, str], str] = {}
    for loc, _, ingress, _ in _exposed(subject):
        if ingress is None:
            continue
        key = (ingress.host, ingress.path or _default_path(subject, loc))
        if key in seen:
            yield Finding(
                (*loc, "ingress", "host"),
                f"{key[0]}{key[1]} is the address of {seen[key]} too: write another host or path",
            )
        seen[key] = str(loc[-1])


def _default_path(subject: Subject, loc: Loc) -> str:
    flower = subject.spec.flower
    if loc[-1] == "flower" and flower is not None and flower.url_prefix:
        return "/" + flower.url_prefix.strip("/")
    return "/"


def migration_command(subject: Subject) -> Iterator[Finding]:
    """A Job must end, and an image's own command usually serves for ever."""
    migration = subject.spec.migration
    if migration is not None and migration.command is None:
        yield Finding(
            ("spec", "migration"),
            "has no command, and with the image's own the Job might never end: write command: "
            "[python, manage.py, migrate]",
        )


def pre_sync(subject: Subject) -> Iterator[Finding]:
    """Argo CD runs PreSync hooks before it creates anything else of the application."""
    migration = subject.spec.migration
    if migration is None or migration.hook != "PreSync":
        return
    place = next(p for p in subject.places if p.role == "migrate")
    for what in dict.fromkeys(_created_later(subject, place)):
        yield Finding(
            ("spec", "migration", "hook"),
            f"PreSync runs before {what} of this spec exists, which the Job refers to: write Sync",
        )


def _created_later(subject: Subject, place: Place) -> Iterator[str]:
    spec = subject.spec
    account = place.component.service_account or spec.service_account
    if account.create:
        default = subject.name if place.component.service_account is None else None
        yield f"ServiceAccount {account.name or default or subject.object_name(place)}"
    if subject.uses_loader() or spec.config.delivery == "File":
        yield "the ConfigMap with the Celery settings"
    written = {
        (str(item.get("kind")), str(part(item, "metadata", "name")))
        for item in subject.objects
        if not _is_pre_sync(item)
    }
    parts: list[Any] = [
        subject.env(place),
        subject.env_from(place),
        subject.volumes(place),
        place.component.pod_template,
    ]
    for connection in (spec.broker, spec.result_backend):
        if connection is not None:
            parts.append(connection.model_dump(by_alias=True, exclude_none=True))
            if connection.managed_redis is not None and spec.redis is not None:
                parts.append(spec.redis.password_from.model_dump(by_alias=True))
    for kind, name in references(parts):
        if (kind, name) in written:
            yield f"{kind} {name}"


def _is_pre_sync(item: Any) -> bool:
    hook = part(item, "metadata", "annotations", "argocd.argoproj.io/hook")
    return "PreSync" in str(hook)


def service_monitor(subject: Subject) -> Iterator[Finding]:
    """A ServiceMonitor selects the exporter's Service."""
    monitoring = subject.spec.monitoring
    if monitoring.service_monitor is not None and monitoring.exporter is None:
        yield Finding(
            ("spec", "monitoring", "serviceMonitor"),
            "has nothing to scrape: write monitoring.exporter: {} beside it",
        )


def exporter_broker(subject: Subject) -> Iterator[Finding]:
    """The exporter is no part of the application: it must be told the broker."""
    exporter = subject.spec.monitoring.exporter
    if exporter is None or subject.spec.broker is not None or exporter.env_from:
        return
    names = {item.get("name") for item in exporter.env}
    if exporter.command is None and not names & {"CE_BROKER_URL", "CELERY_BROKER_URL"}:
        yield Finding(
            ("spec", "monitoring", "exporter"), "does not know the broker: write spec.broker"
        )


def probes_of_a_job(subject: Subject) -> Iterator[Finding]:
    """Kubernetes runs probes of a Job's pod too, and a failing liveness probe restarts it."""
    migration = subject.spec.migration
    for name, key in (("readiness_probe", "readinessProbe"), ("startup_probe", "startupProbe")):
        if migration is not None and getattr(migration, name) is not None:
            yield warning(
                ("spec", "migration", key), "has no effect on a Job, which serves nobody: remove it"
            )


RULES = (
    node_port,
    same_address,
    migration_command,
    pre_sync,
    service_monitor,
    exporter_broker,
    probes_of_a_job,
)
