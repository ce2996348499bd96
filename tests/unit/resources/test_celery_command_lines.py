"""Celery's own parsers take every command line that is generated (Celery 5.7)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from celery.bin.beat import beat
from celery.bin.celery import celery
from celery.bin.worker import worker
from celery.loaders.base import BaseLoader

from tests.unit.resources.rendering import Rendering, rendering

COMMANDS: dict[str, click.Command] = {"worker": worker, "beat": beat}
# Their types load an application or a pool, which is not what is asked here.
UNCONVERTED = {"app", "workdir", "result_backend", "broker", "loader", "config", "pool"}
EVERY_FIELD = (Path(__file__).parent / "every_field.yaml").read_text()


def options(command: click.Command, arguments: list[str]) -> tuple[dict[str, Any], list[str]]:
    """The options as Celery reads them, and what follows ``--``; fails for an unknown option."""
    context = click.Context(command)
    found, rest, _ = command.make_parser(context).parse_args(list(arguments))
    for parameter in command.params:
        name = parameter.name or ""
        if name in found and name not in UNCONVERTED:
            found[name] = parameter.type_cast_value(context, found[name])
    return found, rest


def parsed(line: list[str], launcher: int = 1) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options and settings of ``celery --app=... COMMAND ...``."""
    arguments = line[launcher:]
    name = next(word for word in arguments if word in COMMANDS)
    at = arguments.index(name)
    first, nothing = options(celery, arguments[:at])
    assert nothing == []
    found, rest = options(COMMANDS[name], arguments[at + 1 :])
    # Celery turns this one into a number later than all others.
    if "concurrency" in found:
        found["concurrency"] = int(found["concurrency"])
    return {**first, **found}, BaseLoader(app=None).cmdline_config_parser(rest)


def every_field() -> Rendering:
    spec = EVERY_FIELD.split("\nspec:\n", 1)[1]
    return rendering("\n".join(line.removeprefix("  ") for line in spec.splitlines()))


def test_every_worker_option() -> None:
    found, settings = parsed(every_field().command_line("shop-worker-default"), launcher=2)
    assert found == {
        "app": "shop.celery",
        "queues": ["default", "emails"],
        "concurrency": 4,
        "prefetch_multiplier": 2,
        "time_limit": 600,
        "soft_time_limit": 500,
        "max_tasks_per_child": 100,
        "max_memory_per_child": 400 * 1024,
        "loglevel": found["loglevel"],
        "include": ["celery_kustomize_heartbeat"],
        "disable_prefetch": True,
        "task_events": True,
        "without_gossip": True,
        "without_mingle": True,
        "exclude_queues": ["slow"],
    }
    assert found["loglevel"] in (30, "WARNING")
    assert settings == {
        "task_acks_late": False,
        "broker_transport_options": {"visibility_timeout": 7200, "socket_timeout": 5},
    }


@pytest.mark.parametrize("name", ["default", "reports", "metrics", "raw"])
def test_every_worker_set(name: str) -> None:
    found, _ = parsed(every_field().command_line(f"shop-worker-{name}"), launcher=2)
    assert found["app"] == "shop.celery"
    assert found["concurrency"] >= 1


def test_every_beat_option() -> None:
    found, settings = parsed(every_field().command_line("shop-scheduler"), launcher=2)
    assert found["schedule"] == "/var/lib/celery-beat/celerybeat-schedule"
    assert found["scheduler"] == "celery_kustomize_beat:Scheduler"
    assert found["max_interval"] == 60
    assert settings == {}


@pytest.mark.parametrize(
    ("worker_set", "options_given"),
    [
        ("{}", {"concurrency": 2, "prefetch_multiplier": 1, "loglevel": 20}),
        ("{pool: gevent}", {"pool": "gevent", "concurrency": 100}),
        ("{pool: eventlet}", {"pool": "eventlet", "concurrency": 100}),
        ("{pool: solo}", {"pool": "solo", "concurrency": 1}),
        ("{pool: threads, concurrency: 8}", {"pool": "threads", "concurrency": 8}),
        ("{queues: [a-b, c.d]}", {"queues": ["a-b", "c.d"]}),
        ("{heartbeat: false}", {"without_heartbeat": True}),
        ("{taskEvents: true}", {"task_events": True}),
        ("{maxMemoryPerChild: 1G}", {"max_memory_per_child": 976562}),
        ("{taskTimeLimit: 5, taskSoftTimeLimit: 4}", {"time_limit": 5, "soft_time_limit": 4}),
        ("{args: [-X, other]}", {"exclude_queues": ["other"]}),
        ("{env: [{name: CELERY_WORKER_CONCURRENCY, value: '3'}]}", {}),
    ],
)
def test_worker_options(worker_set: str, options_given: dict[str, Any]) -> None:
    found = rendering(f"workerDefaults: {worker_set}\nworkers: [{{name: a}}]")
    line = found.command_line("shop-worker-a")
    actual, _ = parsed(line)
    actual["loglevel"] = {"INFO": 20}.get(actual["loglevel"], actual["loglevel"])
    assert {key: actual[key] for key in options_given} == options_given
    assert ("concurrency" in actual) == ("CELERY_WORKER_CONCURRENCY" not in worker_set)


SETTINGS: list[tuple[str, Any]] = [
    ("task_acks_late", True),
    ("task_acks_late", False),
    ("enable_utc", False),
    ("accept_content", ["json", "pickle"]),
    ("task_time_limit", 300),
    ("broker_connection_timeout", 1.5),
    ("task_default_queue", "a b=c"),
    ("task_default_queue", "日本"),
    ("worker_hijack_root_logger", False),
    ("broker_transport_options", {"visibility_timeout": 7200, "nested": {"a": ["b", True]}}),
    ("task_routes", {"shop.tasks.*": {"queue": "shop"}}),
    ("worker_prefetch_multiplier", 4),
    ("result_expires", 3600),
    ("task_annotations", {"*": {"rate_limit": "10/s"}}),
]


@pytest.mark.parametrize(("name", "value"), SETTINGS, ids=[f"{n}={v}" for n, v in SETTINGS])
@pytest.mark.parametrize("component", ["worker-a", "beat"])
def test_settings_on_the_command_line(name: str, value: Any, component: str) -> None:
    found = rendering(
        f"config: {{delivery: CommandLine, values: {{{name}: {_yaml(value)}}}}}\n"
        "workers: [{name: a}]\nbeat: {}"
    )
    _, settings = parsed(found.command_line(f"shop-{component}"))
    assert settings == {name: value}
    assert isinstance(settings[name], bool) is isinstance(value, bool)


def _yaml(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def test_a_sets_own_settings_come_over_the_shared_ones() -> None:
    found = rendering(
        """
        config: {delivery: CommandLine, values: {task_acks_late: true, task_time_limit: 5}}
        broker: {redis: {host: h}, transportOptions: {a: 1, b: 2}}
        workers:
        - {name: own, acksLate: false, transportOptions: {b: 3}}
        - {name: same, acksLate: true}
        """
    )
    assert parsed(found.command_line("shop-worker-own"))[1] == {
        "task_acks_late": False,
        "task_time_limit": 5,
        "broker_transport_options": {"a": 1, "b": 3},
    }
    assert parsed(found.command_line("shop-worker-same"))[1] == {
        "task_acks_late": True,
        "task_time_limit": 5,
        "broker_transport_options": {"a": 1, "b": 2},
    }


def test_soft_shutdown() -> None:
    found = rendering(
        """
        workerDefaults: {acksLate: true}
        workers:
        - {name: given, shutdown: {mode: Soft, gracePeriodSeconds: 100, softTimeoutSeconds: 60}}
        - {name: default, shutdown: {mode: Soft, gracePeriodSeconds: 100}}
        - {name: warm}
        """
    )
    assert parsed(found.command_line("shop-worker-given"))[1] == {
        "task_acks_late": True,
        "worker_soft_shutdown_timeout": 60.0,
    }
    assert parsed(found.command_line("shop-worker-default"))[1] == {
        "task_acks_late": True,
        "worker_soft_shutdown_timeout": 85.0,
    }
    assert found.env("shop-worker-given")["REMAP_SIGTERM"] == "SIGQUIT"
    assert "REMAP_SIGTERM" not in found.env("shop-worker-warm")
