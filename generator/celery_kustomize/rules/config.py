"""Celery's settings: names, versions, and how they are delivered (Celery 5.2 to 5.7)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.suggest import did_you_mean, quote
from celery_kustomize.model import defaults
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.subject import Subject, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["RULES", "Setting", "old_names", "settings"]

_VALUES: Loc = ("spec", "config", "values")

_MOVED = {
    "broker_url": "spec.broker.url, or a typed member such as broker.redis",
    "broker_read_url": "spec.broker.url, or a typed member such as broker.redis",
    "broker_write_url": "spec.broker.url, or a typed member such as broker.redis",
    "result_backend": "spec.resultBackend",
    "worker_pool": "the worker set's pool, since gevent and eventlet are patched in by -P only",
    "worker_soft_shutdown_timeout": "the worker set's shutdown: {mode: Soft}",
    "worker_disable_prefetch": "the worker set's disablePrefetch",
}
_BEAT_FIELDS = {
    "beat_scheduler": "beat.scheduler",
    "beat_schedule_filename": "beat.storage",
    "beat_max_loop_interval": "beat.maxInterval",
}

# What makes a task's message, where it goes, or how a result is read: producers and Flower need it.
_SHARED_PREFIXES = ("broker_", "redis_", "result_", "security_", "control_", "event_")
_SHARED = frozenset(
    {
        "accept_content",
        "task_always_eager",
        "task_compression",
        "task_create_missing_queue_exchange_type",
        "task_create_missing_queue_type",
        "task_create_missing_queues",
        "task_default_delivery_mode",
        "task_default_exchange",
        "task_default_exchange_type",
        "task_default_priority",
        "task_default_queue",
        "task_default_queue_type",
        "task_default_routing_key",
        "task_eager_propagates",
        "task_ignore_result",
        "task_protocol",
        "task_publish_retry",
        "task_publish_retry_policy",
        "task_queue_max_priority",
        "task_queues",
        "task_routes",
        "task_send_sent_event",
        "task_serializer",
    }
)
_NOT_ON_THE_COMMAND_LINE = ("timezone", "include", "imports")
_LONGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Setting:
    """``kind`` as Celery declares it; ``since``: first minor release, empty for 5.2 and older."""

    kind: str
    since: str


@cache
def _data() -> dict[str, Any]:
    text = files(__package__).joinpath("celery_settings.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


@cache
def settings() -> dict[str, Setting]:
    """Celery's settings by name (celery/app/defaults.py, Celery 5.7.0)."""
    return {name: Setting(*entry) for name, entry in _data()["settings"].items()}


def old_names() -> dict[str, str]:
    """Names before Celery 4, to the names of today."""
    names: dict[str, str] = _data()["old"]
    return names


def _new_name(name: str) -> str | None:
    """The lower-case setting that an upper-case name stands for."""
    if name in old_names():
        return old_names()[name]
    lower = name.lower()
    for candidate in (lower, lower.removeprefix("celery_")):
        if name != lower and candidate in settings():
            return candidate
    return None


def _own_file(subject: Subject) -> bool:
    """Whether the image's own command reads the settings file, by rules of its own."""
    return subject.spec.app is None and subject.spec.config.delivery == "File"


def names(subject: Subject) -> Iterator[Finding]:
    """Old and new names cannot be mixed; unknown ones are the application's own, or misspelt."""
    for name in subject.spec.config.values:
        if name in settings():
            continue
        new = _new_name(name)
        if new is not None and not _own_file(subject):
            yield Finding(
                (*_VALUES, name),
                f"is the old name, and Celery refuses a mixture with the new ones: write {new}",
            )
        elif name != name.lower() and not name.islower():
            yield Finding(
                (*_VALUES, name),
                f"is not in lower case, as Celery's settings are: write {quote(name.lower())}",
            )
        else:
            guess = did_you_mean(name, settings())
            yield warning((*_VALUES, name), f"is no setting of Celery 5.7{guess}")


def moved(subject: Subject) -> Iterator[Finding]:
    """Settings that have a field: it reaches what a setting does not, and is checked."""
    values = subject.spec.config.values
    own = _own_file(subject)
    for name, field in _MOVED.items():
        if name in values and not (own and name not in ("broker_url", "result_backend")):
            yield Finding((*_VALUES, name), f"has a field of its own: write {field}")
    beat = subject.spec.beat
    if beat is not None and defaults.composed(subject.spec, beat):
        for name, field in _BEAT_FIELDS.items():
            if name in values:
                yield Finding((*_VALUES, name), f"has a field of its own: write {field}")


def kinds(subject: Subject) -> Iterator[Finding]:
    """Celery takes a text for a number or a truth value, and goes wrong late."""
    for name, value in subject.spec.config.values.items():
        setting = settings().get(name)
        if setting is None or name == "broker_use_ssl":
            continue
        wrong_bool = setting.kind == "bool" and not isinstance(value, bool)
        wrong_number = setting.kind in ("int", "float") and (
            isinstance(value, bool) or not isinstance(value, int | float)
        )
        wrong_map = setting.kind == "dict" and not isinstance(value, dict | list)
        if wrong_bool:
            yield Finding((*_VALUES, name), "expected true or false, without quotes")
        elif wrong_number:
            yield Finding((*_VALUES, name), "expected a number, without quotes")
        elif wrong_map:
            yield Finding((*_VALUES, name), "expected a map")


def time_limits(subject: Subject) -> Iterator[Finding]:
    """Pods wait for tasks to end (terminationGracePeriodSeconds), in a number that must be one."""
    for name in ("task_time_limit", "task_soft_time_limit"):
        value = subject.spec.config.values.get(name)
        if isinstance(value, int | float) and not value <= _LONGEST:
            yield Finding(
                (*_VALUES, name), f"at most {_LONGEST} seconds; without a limit, leave it out"
            )


def versions(subject: Subject) -> Iterator[Finding]:
    """An older Celery ignores a setting that it does not know."""
    for name in subject.spec.config.values:
        setting = settings().get(name)
        if setting is None or not setting.since:
            continue
        major, minor = (int(part) for part in setting.since.split("."))
        if defaults.version_at_least(subject.spec, major, minor) is False:
            yield Finding(
                (*_VALUES, name),
                f"needs Celery {setting.since}, but celeryVersion is "
                f"{subject.spec.celery_version}: remove it",
            )


def command_line_delivery(subject: Subject) -> Iterator[Finding]:
    """``-- key=value`` reaches one worker or beat process (observed, Celery 5.3 to 5.7)."""
    config = subject.spec.config
    if config.delivery != "CommandLine":
        return
    for name in config.values:
        if name in _NOT_ON_THE_COMMAND_LINE:
            yield Finding(
                (*_VALUES, name),
                "cannot be set on Celery's command line: write delivery: Loader",
            )
        elif name in _SHARED or name.startswith(_SHARED_PREFIXES):
            yield Finding(
                (*_VALUES, name),
                "is needed by whatever sends tasks and by Flower, which a command line of workers "
                "and beat does not reach: write delivery: Loader",
            )
        elif name not in settings():
            yield Finding(
                (*_VALUES, name),
                "cannot be set on Celery's command line, which takes Celery's own settings only: "
                "write delivery: Loader",
            )
    for key, connection in (
        ("broker", subject.spec.broker),
        ("resultBackend", subject.spec.result_backend),
    ):
        if connection is not None and (connection.transport_options or connection.sentinel):
            yield Finding(
                ("spec", "config", "delivery"),
                f"CommandLine does not bring the transport options of spec.{key} to whatever sends "
                "tasks: write Loader",
            )


def command_line_of_others(subject: Subject) -> Iterator[Finding]:
    """Only composed command lines can carry settings."""
    config = subject.spec.config
    if config.delivery != "CommandLine" or not config.values:
        return
    for place in subject.application_places:
        if place.role in ("worker", "beat") and not defaults.composed(
            subject.spec, place.component
        ):
            yield Finding(
                ("spec", "config", "delivery"),
                f"CommandLine does not reach {place.label}, whose command line is not composed: "
                "write Loader",
            )


def loader_of_others(subject: Subject) -> Iterator[Finding]:
    """The loader's folder is added to PYTHONPATH in front of a command, which must be known."""
    if not subject.uses_loader():
        return
    for place in subject.application_places:
        own = place.role == "web" or (place.role == "worker" and subject.spec.app is None)
        if own and place.component.command is None:
            yield Finding(
                (*place.loc, "command"),
                "is needed, since Celery settings come by a loader that the image's own command "
                "would not find: write the image's command here",
            )


def quorum_queues(subject: Subject) -> Iterator[Finding]:
    """``task_default_queue_type`` is for the default queue only (Celery 5.5, kombu 5.5)."""
    values = subject.spec.config.values
    if values.get("task_default_queue_type") != "quorum":
        return
    place = (*_VALUES, "task_default_queue_type")
    broker = subject.spec.broker
    if broker is not None and broker.member() not in ("rabbitmq", "url", "url_from"):
        yield warning(place, "quorum queues exist in RabbitMQ only: remove it")
    elif values.get("task_create_missing_queue_type") != "quorum":
        yield warning(
            place,
            "makes the default queue a quorum queue only, and other queues stay classic: write "
            "task_create_missing_queue_type: quorum beside it",
        )
    for loc, worker in subject.workers:
        for index, word in enumerate(worker.args):
            if word.partition("=")[0] == "--autoscale":
                yield warning(
                    (*loc, "args", index),
                    "--autoscale does nothing with quorum queues, which have no global prefetch: "
                    "remove it",
                )


RULES = (
    names,
    moved,
    kinds,
    time_limits,
    versions,
    command_line_delivery,
    command_line_of_others,
    loader_of_others,
    quorum_queues,
)
