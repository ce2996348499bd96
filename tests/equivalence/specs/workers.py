"""Worker sets: how they run, stop, roll out, scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.equivalence.specs import scaling
from tests.equivalence.specs.choose import absent
from tests.equivalence.specs.connections import transport_options
from tests.equivalence.specs.pods import component, own_account, resources

if TYPE_CHECKING:
    from tests.equivalence.specs.choose import Choose, Fields
    from tests.equivalence.specs.shape import Shape

__all__ = ["budget", "defaults", "rollout", "worker"]

_COUNTS = [0, 1, 2, "0%", "25%", "100%"]
_LIMITS = ("taskTimeLimit", "taskSoftTimeLimit", "maxTasksPerChild", "maxMemoryPerChild")
_EXECUTIONS: list[Fields] = [
    {
        "pool": "prefork",
        "concurrency": 2,
        "taskTimeLimit": 300,
        "taskSoftTimeLimit": 200,
        "maxTasksPerChild": 50,
        "maxMemoryPerChild": "10Mi",
        "acksLate": True,
        "shutdown": {"mode": "Soft", "gracePeriodSeconds": 900, "softTimeoutSeconds": 600},
    },
    {
        "pool": "threads",
        "concurrency": 8,
        **absent(*_LIMITS),
        "acksLate": None,
        "shutdown": {"mode": "Warm", "gracePeriodSeconds": 60, "softTimeoutSeconds": None},
    },
    {
        "pool": "gevent",
        "concurrency": 100,
        **absent(*_LIMITS),
        "taskTimeLimit": 60,
        "acksLate": True,
        "shutdown": None,
    },
    {"pool": "eventlet", "concurrency": None, **absent(*_LIMITS), "shutdown": None},
    {"pool": "solo", "concurrency": None, **absent(*_LIMITS), "acksLate": False, "shutdown": None},
    {"pool": None, "concurrency": None, **absent(*_LIMITS), "acksLate": None, "shutdown": None},
]
_OPTIONS = (
    "args",
    "pool",
    "concurrency",
    *_LIMITS,
    "acksLate",
    "shutdown",
    "logLevel",
    "prefetchMultiplier",
    "disablePrefetch",
    "taskEvents",
    "gossip",
    "mingle",
    "heartbeat",
    "transportOptions",
)
_COMMANDS = [["celery", "-A", "shop", "worker"], ["sh", "-c", "exec worker # 08\n"], ["08", "on"]]


def rollout(choose: Choose) -> Fields:
    """Written whole: Recreate takes none of the other numbers."""
    number = choose.one(_COUNTS[1:3] + _COUNTS[4:])
    numbers = choose.one([{"maxSurge": number}, {"maxSurge": None, "maxUnavailable": number}])
    kind = {"type": "Recreate"} if choose.chance(30) else {"type": "RollingUpdate", **numbers}
    times = choose.fields(
        30,
        minReadySeconds=lambda c: c.one([5, 0]),
        progressDeadlineSeconds=lambda c: c.one([60, 900]),
    )
    return {**absent("maxSurge", "maxUnavailable"), **kind, **times}


def budget(choose: Choose) -> Fields | None:
    """At most how many may be gone, at least how many must stay, or none."""
    found: Fields | None = choose.one(
        [None, {"maxUnavailable": choose.one(_COUNTS)}, {"minAvailable": choose.one(_COUNTS)}]
    )
    return found


def _health_check(choose: Choose, shape: Shape) -> Fields:
    types = [*(["Heartbeat"] if shape.composed else []), *(["Ping"] if shape.ping else []), "None"]
    return {
        "type": choose.one(types),
        **choose.fields(
            20,
            staleAfterSeconds=lambda c: c.one([60, 1200]),
            periodSeconds=lambda c: c.number(5, 20),
            timeoutSeconds=lambda c: c.number(5, 9),
            failureThreshold=lambda c: c.number(1, 5),
            startupSeconds=lambda c: c.one([60, 1200]),
        ),
    }


def _options(choose: Choose, shape: Shape) -> Fields:
    """What goes to a composed command line."""
    found = choose.fields(
        15,
        args=lambda c: c.one([[], ["--optimization=fair"], ["-O", "fair", "--statedb=/tmp/on"]]),
        logLevel=lambda c: c.one(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "FATAL"]),
        prefetchMultiplier=lambda c: c.number(1, 4),
        disablePrefetch=lambda c: shape.brokers == "redis" and c.chance(70),
        taskEvents=lambda c: c.one([True, False, None]),
        gossip=lambda c: c.chance(50),
        mingle=lambda c: c.one([None, False]),
        heartbeat=lambda c: c.chance(50),
    )
    if not shape.command_line and choose.chance(15):
        found["transportOptions"] = transport_options(choose)
    return found | (choose.one(_EXECUTIONS) if choose.chance(25) else {})


def _scaled(choose: Choose, shape: Shape) -> Fields:
    if not choose.chance(35):
        return {}
    return {"autoscaling": scaling.of_workers(choose, shape), "resources": resources(choose)}


def _common(choose: Choose, shape: Shape, percent: int) -> Fields:
    found = choose.fields(
        percent,
        queues=lambda c: c.some(["default", "e-mails", "08", "on"]) or ["default"],
        replicas=lambda c: c.number(0, 4),
        rollout=rollout,
        podDisruptionBudget=budget,
    )
    if not shape.composed or choose.chance(20):
        found["healthCheck"] = _health_check(choose, shape)
    return found | (_options(choose, shape) if shape.composed else {})


def _own_command(choose: Choose, shape: Shape) -> Fields:
    """A command of the set's own; or one that is composed again, with what then goes to it."""
    if shape.run == "own":
        return {"command": choose.one(_COMMANDS)}
    if not shape.composed or shape.command_line or not choose.chance(15):
        return {"command": None} if shape.composed else {}
    return {"command": choose.one(_COMMANDS), **absent(*_OPTIONS), "healthCheck": {"type": "None"}}


def defaults(choose: Choose, shape: Shape) -> Fields:
    """What every worker set inherits; requests among it, which autoscalers measure by."""
    found = {**_common(choose, shape, 10), **component(choose, "worker")}
    if choose.chance(10):
        found["serviceAccount"] = {"create": choose.chance(50), "name": "given"}
    return {**found, "resources": resources(choose), **_scaled(choose, shape)}


def worker(choose: Choose, shape: Shape, name: str) -> Fields:
    """A worker set."""
    found = {"name": name, **_common(choose, shape, 20)}
    found |= _own_command(choose, shape)
    found |= component(choose, "worker", volume_mounts=shape.volumes)
    return {**found, **own_account(choose, f"shop-{name}"), **_scaled(choose, shape)}
