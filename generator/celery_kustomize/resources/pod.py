"""The pod of every component: one place for what all of them have in common."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s import strategic_merge
from celery_kustomize.k8s.references import references
from celery_kustomize.model import defaults
from celery_kustomize.resources import security
from celery_kustomize.resources.metadata import labels
from celery_kustomize.resources.service_account import service_account_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from celery_kustomize.k8s.kustomization import Object
    from celery_kustomize.model.component import Component
    from celery_kustomize.resources.context import Context

__all__ = ["Workload", "pod_template"]

_HOSTS_AND_ZONES = ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
_LONGEST_KEY = 63  # of an annotation's name, after the prefix (Kubernetes)
_PROBES = ("startupProbe", "livenessProbe", "readinessProbe")


@dataclass(frozen=True)
class Workload:
    """What one component adds to the common pod.

    ``container`` is the main container's name, ``identity`` the selector labels. ``env`` comes
    before the user's variables, ``late_env`` after them (it refers to them). ``command`` holds
    the keys ``command`` and ``args``. ``inherits``: the component runs the application.
    """

    container: str
    name: str
    identity: Mapping[str, str]
    model: Component
    image: str | None
    command: Object = field(default_factory=dict)
    env: list[Object] = field(default_factory=list)
    late_env: list[Object] = field(default_factory=list)
    volumes: list[Object] = field(default_factory=list)
    mounts: list[Object] = field(default_factory=list)
    ports: list[Object] = field(default_factory=list)
    probes: Mapping[str, Object] = field(default_factory=dict)
    working_dir: str | None = None
    grace_period: int | None = None
    restart_policy: str | None = None
    spread: bool = False
    inherits: bool = True
    python: bool = True


def pod_template(context: Context, workload: Workload) -> Object:
    """The complete pod template, the user's ``podTemplate`` merged in."""
    model = workload.model
    metadata: Object = {"labels": labels(workload.identity, model)}
    annotations = {**model.annotations, **_checksums(context, workload)}
    if annotations:
        metadata["annotations"] = annotations
    template: Object = {"metadata": metadata, "spec": _pod_spec(context, workload)}
    if model.pod_template:
        merged = strategic_merge.merge("PodTemplateSpec", template, model.pod_template)
        return _secured(merged, security.container_context(defaults.security(context.spec, model)))
    return template


def _secured(template: Object, context: Object) -> Object:
    """Containers that the user adds keep to the pod's profile, unless they say otherwise."""
    spec = template["spec"]
    for kind in ("initContainers", "containers"):
        for container in spec.get(kind, []) if context else []:
            container.setdefault("securityContext", dict(context))
    return template


def _pod_spec(context: Context, workload: Workload) -> Object:
    spec, model = context.spec, workload.model
    settings = defaults.security(spec, model)
    volumes = [*workload.volumes, *security.writable(settings)[0]]
    own = defaults.volumes(spec, model) if workload.inherits else model.volumes
    fields: Object = {
        "serviceAccountName": service_account_name(context, workload.name, model)
        if workload.inherits or model.service_account
        else None,
        "automountServiceAccountToken": _token(context, workload),
        "enableServiceLinks": False,
        "imagePullSecrets": spec.image_pull_secrets,
        "terminationGracePeriodSeconds": workload.grace_period,
        "restartPolicy": workload.restart_policy,
        "nodeSelector": model.node_selector,
        "tolerations": model.tolerations,
        "affinity": model.affinity,
        "topologySpreadConstraints": _spread(workload),
        "priorityClassName": model.priority_class_name,
        "securityContext": security.pod_context(settings),
        "containers": [_container(context, workload)],
        "volumes": _replacing("name", volumes, own),
    }
    return _present(fields)


def _container(context: Context, workload: Workload) -> Object:
    spec, model = context.spec, workload.model
    settings = defaults.security(spec, model)
    inherits = workload.inherits
    mounts = [*workload.mounts, *security.writable(settings)[1]]
    own_mounts = defaults.volume_mounts(spec, model) if inherits else model.volume_mounts
    fields: Object = {
        "name": workload.container,
        "image": workload.image,
        "imagePullPolicy": spec.image_pull_policy,
        **workload.command,
        "workingDir": model.working_dir or workload.working_dir,
        "env": _env(context, workload),
        "envFrom": defaults.env_from(spec, model) if inherits else model.env_from,
        "ports": workload.ports,
        "resources": model.resources,
        **_probes(workload),
        "securityContext": security.container_context(settings),
        "volumeMounts": _replacing("mountPath", mounts, own_mounts),
    }
    return _present(fields)


def _present(fields: Object) -> Object:
    """``fields`` without those that say nothing: None, and empty lists and maps."""
    return {k: v for k, v in fields.items() if v is not None and v not in ({}, [])}


def _replacing(key: str, generated: list[Object], own: list[Object]) -> list[Object]:
    """Generated items, then the user's; the user's wins where both have the same key."""
    names = {item.get(key) for item in own}
    return [*(item for item in generated if item.get(key) not in names), *own]


def _env(context: Context, workload: Workload) -> list[Object]:
    """Generated variables, the user's, then those that refer to the user's; the user's win."""
    spec, model = context.spec, workload.model
    own = defaults.env(spec, model) if workload.inherits else model.env
    python = security.environment(defaults.security(spec, model)) if workload.python else []
    names = {item["name"] for item in own}
    late = [item for item in workload.late_env if item["name"] not in names]
    return [*_replacing("name", [*workload.env, *python], own), *late]


def _token(context: Context, workload: Workload) -> bool:
    account = workload.model.service_account
    if account is None and workload.inherits:
        account = context.spec.service_account
    return account is not None and account.automount_token


def _spread(workload: Workload) -> list[Object]:
    given = workload.model.topology_spread_constraints
    if given is not None:
        return given
    if not workload.spread:
        return []
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(workload.identity)},
        }
        for key in _HOSTS_AND_ZONES
    ]


def _probes(workload: Workload) -> Object:
    """Generated probes, each replaced by the user's (null: switched off)."""
    model = workload.model
    given = {
        "startupProbe": ("startup_probe", model.startup_probe),
        "livenessProbe": ("liveness_probe", model.liveness_probe),
        "readinessProbe": ("readiness_probe", model.readiness_probe),
    }
    return {
        key: given[key][1] if model.has(given[key][0]) else workload.probes.get(key)
        for key in _PROBES
    }


def _checksums(context: Context, workload: Workload) -> dict[str, str]:
    """Annotations that roll the pods when a ConfigMap or Secret of the spec changes."""
    if not context.checksums:
        return {}
    spec, model = context.spec, workload.model
    places: list[Any] = [
        workload.env,
        workload.volumes,
        defaults.env(spec, model) if workload.inherits else model.env,
        defaults.env_from(spec, model) if workload.inherits else model.env_from,
        defaults.volumes(spec, model) if workload.inherits else model.volumes,
        model.pod_template,
    ]
    found = sorted(set(references(places)) & set(context.checksums))
    return {_checksum_key(kind, name): context.checksums[kind, name] for kind, name in found}


def _checksum_key(kind: str, name: str) -> str:
    """An annotation for an object; one with a long name is known by a hash of it."""
    key = f"{kind.lower()}-{name}"
    if len(key) > _LONGEST_KEY:
        key = f"{kind.lower()}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    return f"checksum.celeryproject.org/{key}"
