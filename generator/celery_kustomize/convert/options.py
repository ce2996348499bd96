"""Command-line options of the older kinds' ``args`` that have a field of their own.

Names and forms are those of ``celery worker`` (Celery 4.4 to 5.7) and Flower 2.2.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from celery_kustomize.convert.reading import Given
from celery_kustomize.model.flower import FLOWER_OPTIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = [
    "Divided",
    "flower_options",
    "log_level",
    "split_queues",
    "worker_options",
]

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL", "FATAL")
_POOLS = {name: name for name in ("prefork", "gevent", "eventlet", "solo", "threads")}
_POOLS["processes"] = "prefork"  # Celery's own other name for it
_LARGEST = 2**31


@dataclass(frozen=True, slots=True)
class _Option:
    """An option and the native field that says the same.

    ``read`` turns the option's text to the field's value; None: the field cannot say it, the
    option stays. ``flag``: the value of the field for an option without a text. Without ``field``
    the option goes, and ``reason`` is what to tell of that; no reason: it says what is so anyway.
    """

    field: str | None
    read: Callable[[str], Any] | None = None
    flag: Any = None
    reason: str | None = None


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
    ("-n --hostname", _Option(None, str, reason="each pod's worker is called celery@<pod>")),
    ("-f --logfile", _Option(None, str, reason="Celery logs to the container's output")),
    ("--pidfile", _Option(None, str, reason="a file left behind would stop the next start")),
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


@dataclass(slots=True)
class Divided:
    """Arguments divided: native fields by name, what stays, and what goes, each with a reason."""

    fields: dict[str, Given[Any]] = field(default_factory=dict)
    rest: list[Given[str]] = field(default_factory=list)
    gone: list[Given[str]] = field(default_factory=list)


def worker_options(args: Sequence[Given[str]]) -> Divided:
    """Divide a worker's arguments.

    Of an option given twice the last counts, as on Celery's command line. Nothing after ``--`` is
    an option.
    """
    result = Divided()
    position = 0
    while position < len(args):
        if args[position].value == "--":
            result.rest += args[position:]
            break
        following = args[position + 1].value if position + 1 < len(args) else None
        option, text, used = _worker_option(args[position].value, following)
        value = None if option is None else _value(option, text)
        if option is None or value is None:
            result.rest += args[position : position + used]
        elif option.field is not None:
            result.fields[option.field] = Given(value, args[position + used - 1].mark)
        elif option.reason is not None:
            result.gone.append(Given(option.reason, args[position].mark))
        position += used
    return result


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


def flower_options(args: Sequence[Given[str]]) -> Divided:
    """Divide Flower's arguments: its options by name, as in ``--max_tasks=5000``, and the rest.

    Values stay texts, but for whole numbers, true and false. What is no option goes.
    """
    result = Divided()
    for arg in args:
        name, separator, text = arg.value.removeprefix("--").partition("=")
        name = name.replace("-", "_")
        if arg.value.startswith("--") and name in FLOWER_OPTIONS:
            value = _plain_value(text) if separator else True
            result.fields[name] = Given(value, arg.mark)
        else:
            result.gone.append(Given("it is no option of Flower, which ignores it", arg.mark))
    return result


def _plain_value(text: str) -> str | int | bool:
    number = _count(text)
    if number is not None and str(number) == text:
        return number
    return {"true": True, "false": False}.get(text.lower(), text)
