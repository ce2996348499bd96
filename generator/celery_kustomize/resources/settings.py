"""Celery settings and helper modules: the ConfigMaps, and what makes a container use them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.kustomization import ConfigMapGenerator, Object
from celery_kustomize.k8s.yaml_text import dump
from celery_kustomize.model import defaults
from celery_kustomize.model.base import in_order
from celery_kustomize.resources.helper_modules import NAMES, helper_text
from celery_kustomize.resources.metadata import labels, needed_first

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from celery_kustomize.model.worker import Worker
    from celery_kustomize.resources.context import Context

__all__ = [
    "HEARTBEAT",
    "SCHEDULER",
    "application_options",
    "command_line",
    "config_maps",
    "for_container",
    "launcher",
    "modules",
    "options",
    "settings",
    "worker_settings",
]

MODULES_PATH = "/etc/celery-kustomize/modules"
_SETTINGS_PATH = "/etc/celery-kustomize/settings"
_FILE_PATH = "/etc/celery/config.yaml"
_LOADER = "celery_kustomize_loader"
_RUN = "run.sh"

HEARTBEAT = "celery_kustomize_heartbeat"
"""Lets a probe see that a worker lives."""

SCHEDULER = "celery_kustomize_beat"
"""Lets a probe see that beat lives."""

# These have no namespace in their name, so Celery's command line finds no type for them.
_UNTYPED = frozenset({"enable_utc", "accept_content"})


def settings(context: Context) -> dict[str, Any]:
    """All Celery settings of the application: its own, then what broker and backend need."""
    return {**context.spec.config.values, **context.delivered.settings}


def _text(value: Any) -> str:
    """A setting's value in its ConfigMap: plain text where JSON would read it as nothing else."""
    if isinstance(value, str) and value.isprintable():
        try:
            json.loads(value)
        except ValueError:
            return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def modules(context: Context) -> list[str]:
    """The helper modules that this application uses; beat's needs the heartbeat's."""
    spec, beat = context.spec, context.spec.beat
    loader = spec.config.delivery == "Loader" and bool(settings(context))
    worker = any(
        defaults.composed(spec, w) and defaults.health_check_type(spec, w) == "Heartbeat"
        for w in spec.workers
    )
    scheduler = (
        beat is not None
        and defaults.composed(spec, beat)
        and beat.health_check.type == "Heartbeat"
        and not beat.has("liveness_probe")
    )
    used = {_LOADER: loader, HEARTBEAT: worker or scheduler, SCHEDULER: scheduler}
    return [name for name, wanted in used.items() if wanted]


def config_maps(context: Context) -> list[ConfigMapGenerator]:
    """The generated ConfigMaps: helper modules and settings. Their names carry a content hash."""
    identity = {"app.kubernetes.io/name": context.name}
    annotations = {**context.application.metadata.annotations, **needed_first(context)}
    found: list[tuple[str, Mapping[str, str]]] = []
    if modules(context):
        # All of them: a set that depends on the components would roll the others' pods with it.
        found.append((context.modules_name, {name: helper_text(name) for name in NAMES}))
    values = settings(context)
    delivery = context.spec.config.delivery
    if values and delivery == "Loader":
        found.append((context.config_name, {k: _text(v) for k, v in sorted(values.items())}))
    elif delivery == "File":
        whole = in_order({**_literal_urls(context), **values})
        found.append((context.config_name, {"config.yaml": dump(whole)}))
    return [
        ConfigMapGenerator(name, data, labels=labels(identity), annotations=annotations)
        for name, data in found
    ]


def _literal_urls(context: Context) -> dict[str, str]:
    """URLs that the file of delivery ``File`` holds too, as its images expect."""
    spec = context.spec
    given = {"broker_url": spec.broker, "result_backend": spec.result_backend}
    return {
        key: connection.url
        for key, connection in given.items()
        if connection is not None and connection.url and "$(" not in connection.url
    }


def for_container(context: Context, names: Sequence[str] = ()) -> tuple[list[Object], ...]:
    """Environment, volumes and mounts with which a container gets settings and ``names``.

    ``names`` are helper modules that it uses beside the loader.
    """
    env: list[Object] = []
    volumes: list[Object] = []
    mounts: list[Object] = []
    available = modules(context)
    loader = _LOADER in available
    if loader or any(name in available for name in names):
        volumes.append(_volume("celery-modules", context.modules_name))
        mounts.append(_mount("celery-modules", MODULES_PATH))
    if loader:
        env.append({"name": "CELERY_KUSTOMIZE_SETTINGS", "value": _SETTINGS_PATH})
        volumes.append(_volume("celery-config", context.config_name))
        mounts.append(_mount("celery-config", _SETTINGS_PATH))
    elif context.spec.config.delivery == "File":
        env.append({"name": "CELERY_CONFIG", "value": _FILE_PATH})
        volumes.append(_volume("celery-config", context.config_name))
        mounts.append({**_mount("celery-config", _FILE_PATH), "subPath": "config.yaml"})
    return env, volumes, mounts


def _volume(name: str, config_map: str) -> Object:
    return {"name": name, "configMap": {"name": config_map}}


def _mount(name: str, path: str) -> Object:
    return {"name": name, "mountPath": path, "readOnly": True}


def command_line(
    context: Context, command: list[str] | None, args: list[str], names: Sequence[str] = ()
) -> Object:
    """``command`` and ``args`` of a container that may need the loader or the modules ``names``.

    A pod's PYTHONPATH would replace the image's, and Kubernetes cannot add to a variable of the
    image: where a module is needed, ``run.sh`` puts the folder in front and then becomes the
    command, which so stays process 1 and gets the signals. An image's own command (None) cannot
    be reached that way.
    """
    if command is None:
        return {"args": args}
    found = launcher(context, command, names)
    if found == command:
        return {"command": command, "args": args}
    return {"command": found[: -len(command)], "args": [*command, *args]}


def launcher(context: Context, command: list[str], names: Sequence[str] = ()) -> list[str]:
    """``command``, through ``run.sh`` where the loader or the modules ``names`` are needed."""
    available = modules(context)
    if _LOADER in available or any(name in available for name in names):
        return ["sh", f"{MODULES_PATH}/{_RUN}", *command]
    return command


def application_options(context: Context, *, own_image: bool = False) -> list[str]:
    """What stands between ``celery`` and the sub-command; ``own_image``: the code is not in it.

    Celery reads the variable CELERY_CONFIG, which delivery ``File`` sets for the application, as
    its option ``--config``, a module's name, and then fails (5.2 to 5.7): an empty option wins.
    """
    app = [] if own_image or context.spec.app is None else [f"--app={context.spec.app}"]
    return [*app, *(["--config="] if context.spec.config.delivery == "File" else [])]


def worker_settings(context: Context, worker: Worker) -> dict[str, Any]:
    """Settings of one worker set alone, for the end of its command line."""
    spec = context.spec
    result: dict[str, Any] = {}
    configured = spec.config.values.get("task_acks_late", False)
    if worker.acks_late is not None and worker.acks_late != configured:
        result["task_acks_late"] = worker.acks_late
    if worker.shutdown.mode == "Soft":
        grace = defaults.grace_period(spec, worker)
        result["worker_soft_shutdown_timeout"] = worker.shutdown.soft_timeout_seconds or max(
            1, grace - 15
        )
    if worker.transport_options:
        shared = context.delivered.settings.get("broker_transport_options", {})
        result["broker_transport_options"] = {**shared, **worker.transport_options}
    return result


def options(context: Context, own: Mapping[str, Any]) -> list[str]:
    """``-- key=value ...`` for the end of a worker's or beat's command line; empty without any."""
    shared = settings(context) if context.spec.config.delivery == "CommandLine" else {}
    merged = {**shared, **own}
    if not merged:
        return []
    loader = context.spec.config.delivery == "Loader"
    words = [f"{key}={_cast(key, value)}" for key, value in sorted(merged.items())]
    # The loader itself fills in variables: Kubernetes would put a password among the arguments.
    return ["--", *(word.replace("$(", "$$(") if loader else word for word in words)]


def _cast(key: str, value: Any) -> str:
    """A value as Celery's command line reads it (``cmdline_config_parser``, Celery 5.7)."""
    if isinstance(value, bool):
        text = "true" if value else "false"
        return f"(bool){text}" if key in _UNTYPED else text
    if isinstance(value, list):
        return f"(list){json.dumps(value, ensure_ascii=False, sort_keys=True)}"
    if isinstance(value, dict):
        return f"(dict){json.dumps(value, ensure_ascii=False, sort_keys=True)}"
    return str(value)
