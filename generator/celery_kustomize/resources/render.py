"""One merged application as a Kustomize folder: a file a component, objects in a fixed order."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from celery_kustomize.k8s.kustomization import Kustomization, Object, Patch
from celery_kustomize.k8s.kustomize_namespace import namespace_unset_only
from celery_kustomize.resources.beat import beat_objects
from celery_kustomize.resources.context import Context
from celery_kustomize.resources.exporter import exporter_objects
from celery_kustomize.resources.flower import flower_objects
from celery_kustomize.resources.metadata import SYNC_WAVE
from celery_kustomize.resources.migration import migration_objects
from celery_kustomize.resources.network import network_policies
from celery_kustomize.resources.redis import redis_config_map, redis_objects
from celery_kustomize.resources.service_account import application_service_account, shared_once
from celery_kustomize.resources.settings import config_maps
from celery_kustomize.resources.web import web_objects
from celery_kustomize.resources.worker import worker_objects

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from celery_kustomize.model.application import CeleryApplication

__all__ = ["render"]


def render(
    application: CeleryApplication,
    *,
    header: str,
    extra: Mapping[str, Sequence[Object]] | None = None,
    patches: Sequence[Patch] = (),
) -> Kustomization:
    """The Kustomization of one merged application (the base, or an environment's direct render).

    ``extra`` maps file names to the objects that come with the spec (its own file's and its
    extraResources'); ``patches`` are the user's. Same input, same result, in the same order.
    """
    given = {name: [dict(item) for item in items] for name, items in (extra or {}).items()}
    context = Context(application, _checksums(given))
    components = shared_once(_components(context))
    files = {f"{name}.yaml": objects for name, objects in components.items() if objects}
    if context.has_waves():
        given = {name: [_first(item) for item in items] for name, items in given.items()}
    spec = application.spec
    generators = config_maps(context)
    if spec.redis is not None:
        generators.append(redis_config_map(context, spec.redis))
    resources = {**files, **given}
    namespace = application.metadata.namespace
    objects = [item for items in resources.values() for item in items]
    return Kustomization(
        header=header,
        resources=resources,
        namespace=namespace,
        namespace_unset_only=namespace is not None and namespace_unset_only(objects, namespace),
        labels=application.metadata.labels,
        config_maps=generators,
        patches=patches,
    )


def _components(context: Context) -> dict[str, list[Object]]:
    """Objects by file, in the order in which a reader wants them."""
    spec = context.spec
    result = {"service-account": application_service_account(context)}
    if spec.redis is not None:
        result["redis"] = redis_objects(context, spec.redis)
    if spec.migration is not None:
        result["migration"] = migration_objects(context, spec.migration)
    for worker in spec.workers:
        result[f"worker-{worker.name}"] = worker_objects(context, worker)
    if spec.beat is not None:
        result["beat"] = beat_objects(context, spec.beat)
    if spec.flower is not None:
        result["flower"] = flower_objects(context, spec.flower)
    if spec.web is not None:
        result["web"] = web_objects(context, spec.web)
    if spec.monitoring.exporter is not None:
        monitor = spec.monitoring.service_monitor
        result["exporter"] = exporter_objects(context, spec.monitoring.exporter, monitor)
    if spec.network_policy is not None:
        result["network-policies"] = network_policies(context, spec.network_policy)
    return result


def _first(item: Object) -> Object:
    """``item``, to be created before the migration Job, unless its author says another wave."""
    metadata = item.get("metadata", {})
    annotations = metadata.get("annotations") or {}
    if SYNC_WAVE in annotations or "argocd.argoproj.io/hook" in annotations:
        return item
    return {**item, "metadata": {**metadata, "annotations": {**annotations, SYNC_WAVE: "-2"}}}


def _checksums(extra: Mapping[str, Sequence[Object]]) -> dict[tuple[str, str], str]:
    """A short hash of the content of every ConfigMap and Secret that comes with the spec."""
    result = {}
    for items in extra.values():
        for item in items:
            kind, name = item.get("kind"), item.get("metadata", {}).get("name")
            if kind in ("ConfigMap", "Secret") and isinstance(name, str):
                content = {k: v for k, v in item.items() if k != "metadata"}
                text = json.dumps(content, sort_keys=True, ensure_ascii=False)
                digest = hashlib.sha256(text.encode()).hexdigest()[:16]
                result[str(kind), name] = digest
    return result
