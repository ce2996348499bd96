"""Backlog on Redis, directly or behind Sentinel: one list a queue and priority, and ``unacked``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.model import defaults
from celery_kustomize.model.broker import Broker, Redis, Sentinel
from celery_kustomize.resources.autoscaling.backlog import Backlog, Measured, counts_unacked
from celery_kustomize.resources.broker_url import REDIS_PORT

if TYPE_CHECKING:
    from celery_kustomize.model.worker import Worker
    from celery_kustomize.resources.context import Context

__all__ = ["is_redis", "redis_triggers", "unacked_options"]

# Between a queue's name and its priority (kombu 5.7, ``transport/redis``).
_SEPARATOR = "\x06\x16"


def is_redis(broker: Broker | None) -> bool:
    """Whether queues are lists in Redis."""
    return broker is not None and broker.member() in ("managed_redis", "redis", "sentinel")


def unacked_options(context: Context, worker: Worker) -> dict[str, str]:
    """Transport options that give a scaled set its own ``unacked`` hash in Redis.

    Otherwise one hash holds the running tasks of all sets of the database, and a busy set would
    keep an idle one up. Options that the user sets stay.
    """
    spec = context.spec
    if not (is_redis(spec.broker) and counts_unacked(spec, worker)):
        return {}
    given = defaults.transport_options(spec, worker)
    names = ("unacked_key", "unacked_index_key", "unacked_mutex_key")
    if any(name in given for name in names):
        return {}
    prefix = f"unacked:{context.name}:{worker.name}"
    return dict(zip(names, (prefix, f"{prefix}:index", f"{prefix}:mutex"), strict=True))


def redis_triggers(backlog: Backlog, measured: Measured) -> None:
    """KEDA's ``redis`` or ``redis-sentinel`` scaler for each list."""
    spec, broker = backlog.spec, backlog.spec.broker
    kind, common = "redis", {}
    server: Redis | Sentinel | None = broker.redis or broker.sentinel if broker else None
    if broker and broker.managed_redis is not None and spec.redis is not None:
        address = f"{backlog.host(backlog.context.redis_name)}:{REDIS_PORT}"
        common = {"address": address, "databaseIndex": broker.managed_redis.database}
        measured.secret("password", spec.redis.password_from)
    elif isinstance(server, Redis):
        address = f"{backlog.host(server.host)}:{server.port}"
        common = {"address": address, "databaseIndex": server.database}
    elif isinstance(server, Sentinel):
        kind = "redis-sentinel"
        hosts = [f"{backlog.host(host)}:{server.port}" for host in server.hosts]
        common = {
            "addresses": ",".join(hosts),
            "sentinelMaster": server.master_name,
            "sentinelUsername": server.sentinel_username,
            "databaseIndex": server.database,
        }
        measured.secret("sentinelPassword", server.sentinel_password_from)
    if server is not None:
        measured.secret("password", server.password_from)
        common["username"] = server.username
        if server.tls is not None:
            measured.certificates(server.tls)
            common["enableTLS"] = "true"
            if server.tls.insecure_skip_verify:
                common["unsafeSsl"] = "true"
    for key in _lists(backlog):
        metadata = {**common, "listName": key, "listLength": backlog.target}
        measured.add(kind, key, metadata)


def _lists(backlog: Backlog) -> list[str]:
    """The Redis keys that hold the backlog: one a queue and priority, and the running tasks."""
    options = defaults.transport_options(backlog.spec, backlog.worker)
    prefix = str(options.get("global_keyprefix", ""))
    steps = backlog.length.priorities
    if steps is None:
        given = options.get("priority_steps")
        steps = [s for s in given if isinstance(s, int)] if isinstance(given, list) else [0]
    separator = str(options.get("sep", _SEPARATOR))
    result = [
        f"{prefix}{queue}" if step == 0 else f"{prefix}{queue}{separator}{step}"
        for queue in backlog.queues
        for step in steps
    ]
    if backlog.unacked:
        own = unacked_options(backlog.context, backlog.worker)
        key = own.get("unacked_key") or str(options.get("unacked_key", "unacked"))
        result.append(f"{prefix}{key}")
    return result
