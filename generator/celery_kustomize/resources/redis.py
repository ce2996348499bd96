"""The managed Redis: StatefulSet, Services and its configuration file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.k8s import image, quantity
from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Object
from celery_kustomize.resources.broker_url import REDIS_PORT
from celery_kustomize.resources.metadata import labels, metadata, selector
from celery_kustomize.resources.pod import Workload, pod_template
from celery_kustomize.resources.probes import probe
from celery_kustomize.resources.service_account import component_service_account
from celery_kustomize.resources.storage import claim_spec, volume

if TYPE_CHECKING:
    from celery_kustomize.model.redis import RedisServer
    from celery_kustomize.resources.context import Context

__all__ = ["redis_config_map", "redis_objects"]

_CONFIG = "/etc/redis/redis.conf"
_MEMORY_SHARE = 75

# The password comes through standard input: not in the arguments, not in a file, and the server
# is process 1. REDISCLI_AUTH is what redis-cli reads by itself.
_START = f"""exec redis-server - <<EOF
include {_CONFIG}
requirepass "$REDISCLI_AUTH"
EOF
"""


def redis_config_map(context: Context, redis: RedisServer) -> ConfigMapGenerator:
    """``redis.conf``, without the password."""
    identity = selector(context, "redis")
    memory = _max_memory(redis)
    lines = [
        f"port {REDIS_PORT}",
        "dir /data",
        f"appendonly {'yes' if redis.append_only else 'no'}",
        *(['save ""'] if redis.append_only else []),
        *([f"maxmemory {memory}"] if memory else []),
        f"maxmemory-policy {redis.max_memory_policy}",
    ]
    return ConfigMapGenerator(
        f"{context.redis_name}-config",
        {"redis.conf": "\n".join(lines) + "\n"},
        labels=labels(identity, redis),
        annotations={**context.application.metadata.annotations, **redis.annotations},
    )


def _max_memory(redis: RedisServer) -> str | None:
    """Given, or 75 % of the memory limit, which leaves room for copy-on-write."""
    limit = redis.resources.get("limits", {}).get("memory")
    if redis.max_memory is None and limit is None:
        return None
    share = 100 if redis.max_memory is not None else _MEMORY_SHARE
    size = int(quantity.parse(str(redis.max_memory or limit)) * share / 100)
    # Redis' "mb" is 1024 * 1024.
    return f"{size // 2**20}mb" if size % 2**20 == 0 else str(size)


def redis_objects(context: Context, redis: RedisServer) -> list[Object]:
    """All objects of the managed Redis."""
    name = context.redis_name
    identity = selector(context, "redis")
    workload = _workload(context, redis, name, identity)
    service = _service(context, redis, name, {"type": "ClusterIP"})
    headless = _service(context, redis, f"{name}-headless", {"clusterIP": "None"})
    return [
        *component_service_account(context, name, redis),
        _stateful_set(context, redis, workload),
        service,
        headless,
    ]


def _workload(
    context: Context, redis: RedisServer, name: str, identity: dict[str, str]
) -> Workload:
    reference = redis.password_from.secret_key_ref
    key = {"name": reference.name, "key": reference.key}
    given = redis.image or f"redis:{redis.version}"
    mirror = context.spec.registry_mirror
    config = {"name": "config", "configMap": {"name": f"{name}-config"}}
    return Workload(
        container="redis",
        name=name,
        identity=identity,
        model=redis,
        image=image.mirrored(given, mirror) if mirror and redis.image is None else given,
        command=_command(redis),
        env=[{"name": "REDISCLI_AUTH", "valueFrom": {"secretKeyRef": key}}],
        volumes=[config, *([] if _has_template(redis) else [volume("data", name, redis.storage)])],
        mounts=[
            {"name": "config", "mountPath": "/etc/redis", "readOnly": True},
            {"name": "data", "mountPath": "/data"},
        ],
        ports=[{"name": "redis", "containerPort": REDIS_PORT, "protocol": "TCP"}],
        probes=_probes(),
        inherits=False,
        python=False,
    )


def _command(redis: RedisServer) -> Object:
    if redis.command is not None:
        return {"command": redis.command, "args": redis.args}
    if redis.args:
        start = _START.replace("redis-server -", 'redis-server - "$@"', 1)
        return {"command": ["sh", "-c", start, "--"], "args": redis.args}
    return {"command": ["sh", "-c", _START]}


def _has_template(redis: RedisServer) -> bool:
    return redis.storage is not None and redis.storage.existing_claim is None


def _probes() -> Object:
    """``ping`` fails when nothing answers; while data is loaded it answers, but not PONG."""
    ping = {"exec": {"command": ["redis-cli", "ping"]}}
    pong = {"exec": {"command": ["sh", "-c", "redis-cli ping | grep -q PONG"]}}
    return {
        "startupProbe": probe(ping, period=2, failures=30),
        "livenessProbe": probe(ping, period=20, failures=3),
        "readinessProbe": probe(pong, period=5, failures=3),
    }


def _stateful_set(context: Context, redis: RedisServer, workload: Workload) -> Object:
    spec: Object = {
        "serviceName": f"{workload.name}-headless",
        "replicas": 1,
        "selector": {"matchLabels": dict(workload.identity)},
        "template": pod_template(context, workload),
    }
    if redis.storage is not None and _has_template(redis):
        # Argo CD compares what the API server completes: without these it is never in sync.
        kind = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
        template = {**kind, "metadata": {"name": "data"}, "spec": claim_spec(redis.storage)}
        spec["volumeClaimTemplates"] = [template]
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata(context, workload.name, workload.identity, redis),
        "spec": spec,
    }


def _service(context: Context, redis: RedisServer, name: str, kind: Object) -> Object:
    identity = selector(context, "redis")
    port = {"name": "redis", "port": REDIS_PORT, "targetPort": "redis", "protocol": "TCP"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(context, name, identity, redis),
        "spec": {**kind, "selector": identity, "ports": [port]},
    }
