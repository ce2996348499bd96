"""Command-line options of the older kinds' ``args`` that have a field of their own.

Names and forms are those of ``celery worker`` (Celery 4.4 to 5.7) and Flower 2.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from celery_kustomize.convert.reading import Given

__all__ = ["flower_options", "log_level", "split_queues", "worker_options"]

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "FATAL")
_POOLS = {name: name for name in ("prefork", "gevent", "eventlet", "solo", "threads")}
_POOLS["processes"] = "prefork"  # Celery's own other name for it
_LARGEST = 2**31


@dataclass(frozen=True, slots=True)
class _Option:
    """An option and the native field that says the same.

    ``read`` turns the option's text to the field's value; None: the field cannot say it, the
    option stays. ``flag``: the value of the field for an option without a text. Without ``field``
    the option says what is so anyway.
    """

    field: str | None
    read: Callable[[str], Any] | None = None
    flag: Any = None


def split_queues(text: str) -> list[str]:
    """``a, b`` -> ``[a, b]``; empty names are left out."""
    return [name for part in text.split(",") if (name := part.strip())]


def log_level(text: str) -> str | None:
    """Celery's log level in upper case; None when it is not one."""
    level = "WARNING" if text.upper() == "WARN" else text.upper()
    return level if level in _LOG_LEVELS else None


def _positive(text: str) -> int | None:
    return _count(text) or None


def _count(text: str) -> int | None:
    number = int(text) if text.isdecimal() and text.isascii() and len(text) < 11 else _LARGEST
    return number if number < _LARGEST else None


def _seconds(text: str) -> int | None:
    whole, point, fraction = text.partition(".")
    return _positive(whole) if not point or set(fraction) <= {"0"} else None


def _kibibytes(text: str) -> str | None:
    number = _positive(text)
    return f"{number}Ki" if number else None


def _fair(text: str) -> str | None:
    return text if text == "fair" else None


def _options(*rows: tuple[str, _Option]) -> dict[str, _Option]:
    return {name: option for names, option in rows for name in names.split()}


_WORKER = _options(
    ("-Q --queues", _Option("queues", lambda text: split_queues(text) or None)),
    ("-c --concurrency", _Option("concurrency", _positive)),
    ("-P --pool", _Option("pool", _POOLS.get)),
    ("-l --loglevel", _Option("logLevel", log_level)),
    ("-O --optimization", _Option(None, _fair)),  # the default since Celery 4.0
    ("-E --task-events --events", _Option("taskEvents", flag=True)),
    ("--prefetch-multiplier", _Option("prefetchMultiplier", _count)),
    ("--disable-prefetch", _Option("disablePrefetch", flag=True)),
    ("--time-limit", _Option("taskTimeLimit", _seconds)),
    ("--soft-time-limit", _Option("taskSoftTimeLimit", _seconds)),
    ("--max-tasks-per-child --maxtasksperchild", _Option("maxTasksPerChild", _positive)),
    ("--max-memory-per-child --maxmemperchild", _Option("maxMemoryPerChild", _kibibytes)),
    ("--without-gossip", _Option("gossip", flag=False)),
    ("--without-mingle", _Option("mingle", flag=False)),
    ("--without-heartbeat", _Option("heartbeat", flag=False)),
)
_FLOWER: Mapping[str, Callable[[str], Any]] = {
    "port": lambda text: port if 0 < (port := _count(text) or 0) < 65536 else None,
    "url_prefix": lambda text: text or None,
    "basic_auth": lambda text: text or None,
    "auth": lambda text: text or None,
}

_Args = Sequence[Given[str]]
_Moved = dict[str, Given[Any]]


def worker_options(args: _Args) -> tuple[_Moved, list[Given[str]]]:
    """Divide a worker's arguments into native fields and what stays an argument.

    Of an option given twice the last counts, as on Celery's command line. Nothing after ``--`` is
    an option.
    """
    moved: _Moved = {}
    rest: list[Given[str]] = []
    position = 0
    while position < len(args):
        if args[position].value == "--":
            return moved, [*rest, *args[position:]]
        following = args[position + 1].value if position + 1 < len(args) else None
        option, text, used = _worker_option(args[position].value, following)
        value = None if option is None else _value(option, text)
        if option is None or value is None:
            rest += args[position : position + used]
        elif option.field is not None:
            moved[option.field] = Given(value, args[position + used - 1].mark)
        position += used
    return moved, rest


def _worker_option(text: str, following: str | None) -> tuple[_Option | None, str | None, int]:
    """The option that ``text`` is, its value, and how many arguments both take."""
    if text.startswith("--"):
        name, separator, value = text.partition("=")
        attached = value if separator else None
    else:
        name, attached = text[:2], text[2:] or None
    option = _WORKER.get(name)
    if option is None:
        return None, None, 1
    if option.read is None or attached is not None:
        return option, attached, 1
    return option, following, 1 if following is None else 2


def _value(option: _Option, text: str | None) -> Any:
    if option.read is None:
        return option.flag if text is None else None
    return None if text is None else option.read(text)


def flower_options(args: _Args) -> tuple[_Moved, list[Given[str]]]:
    """Divide Flower's arguments (``--name=value``) into Flower's options by name and the rest.

    Only ``port``, ``url_prefix``, ``basic_auth`` and ``auth`` are taken: fields say them.
    """
    moved: _Moved = {}
    rest: list[Given[str]] = []
    for arg in args:
        name, _, text = arg.value.removeprefix("--").partition("=")
        name = name.replace("-", "_")
        read = _FLOWER.get(name) if arg.value.startswith("--") else None
        value = read(text) if read else None
        if value is None:
            rest.append(arg)
        else:
            moved[name] = Given(value, arg.mark)
    return moved, rest
