"""Extra ``args`` of composed command lines: options that the generator owns, or unsafe in a pod.

Option names and forms are those of Celery 5.7.0 (celery/bin/worker.py, beat.py, base.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from celery_kustomize.model import defaults
from celery_kustomize.rules.finding import Finding, Loc
from celery_kustomize.rules.pools import AUTOSCALE_POOLS
from celery_kustomize.rules.subject import Subject, several

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["RULES", "Option", "parse_options"]


@dataclass(frozen=True, slots=True)
class Option:
    """A command-line option: its long name, whether it takes a value, and what is wrong with it.

    ``problem`` is the end of a sentence that starts with the option's name; None: it is allowed.
    """

    name: str
    takes_value: bool
    problem: str | None = None


def _owned(field: str) -> str:
    return f"is written by the generator: use the field {field}"


_DETACHES = "takes the process away from the container, which then ends: remove it"
_PID_FILE = "leaves a stale file behind that stops the next start: remove it, pods need none"
_LOGS = "hides the logs from `kubectl logs`: remove it, Celery logs to the container's output"
_USERS = "needs root to change users: use the field security"
_BEAT = "runs a scheduler in every replica, so tasks are sent several times: use spec.beat"
_PURGE = "deletes all waiting tasks whenever a pod starts: remove it"
_GLOBAL = "belongs before the sub-command, where Celery reads it: "
_SETTINGS = "separates settings from options: write them in spec.config.values"

_DAEMON = (
    (("--logfile", "-f"), Option("--logfile", True, _LOGS)),
    (("--pidfile",), Option("--pidfile", True, _PID_FILE)),
    (("--uid",), Option("--uid", True, _USERS)),
    (("--gid",), Option("--gid", True, _USERS)),
    (("--umask",), Option("--umask", True, "works only with --detach: remove it")),
    (("--executable",), Option("--executable", True, "works only with --detach: remove it")),
)
_GROUP = (
    (("-A", "--app"), Option("--app", True, _GLOBAL + "use spec.app")),
    (("-b", "--broker"), Option("--broker", True, _GLOBAL + "use spec.broker")),
    (("--result-backend",), Option("--result-backend", True, _GLOBAL + "use spec.resultBackend")),
    (("--loader",), Option("--loader", True, _GLOBAL + "use spec.config")),
    (("--config",), Option("--config", True, _GLOBAL + "use spec.config")),
    (("--workdir",), Option("--workdir", True, _GLOBAL + "use the field workingDir")),
)


def _table(*rows: tuple[tuple[str, ...], Option]) -> dict[str, Option]:
    return {spelling: option for spellings, option in rows for spelling in spellings}


_WORKER = _table(
    (
        ("-n", "--hostname"),
        Option(
            "--hostname",
            True,
            "names the node, but probes ask for "
            "celery@<pod>, and names must differ by pod: remove it",
        ),
    ),
    (("-D", "--detach"), Option("--detach", False, _DETACHES)),
    (("-S", "--statedb"), Option("--statedb", True)),
    (("-l", "--loglevel"), Option("--loglevel", True, _owned("logLevel"))),
    (("-O", "--optimization"), Option("--optimization", True)),
    (
        ("--prefetch-multiplier",),
        Option("--prefetch-multiplier", True, _owned("prefetchMultiplier")),
    ),
    (("--disable-prefetch",), Option("--disable-prefetch", False, _owned("disablePrefetch"))),
    (("-c", "--concurrency"), Option("--concurrency", True, _owned("concurrency"))),
    (("-P", "--pool"), Option("--pool", True, _owned("pool"))),
    (("-E", "--task-events", "--events"), Option("--task-events", False, _owned("taskEvents"))),
    (("--time-limit",), Option("--time-limit", True, _owned("taskTimeLimit"))),
    (("--soft-time-limit",), Option("--soft-time-limit", True, _owned("taskSoftTimeLimit"))),
    (("--max-tasks-per-child",), Option("--max-tasks-per-child", True, _owned("maxTasksPerChild"))),
    (
        ("--max-memory-per-child",),
        Option("--max-memory-per-child", True, _owned("maxMemoryPerChild")),
    ),
    (("--pool-start-method",), Option("--pool-start-method", True)),
    (("--purge", "--discard"), Option("--purge", False, _PURGE)),
    (("-Q", "--queues"), Option("--queues", True, _owned("queues"))),
    (("-X", "--exclude-queues"), Option("--exclude-queues", True)),
    (
        ("-I", "--include"),
        Option(
            "--include",
            True,
            "would replace the module that feeds the "
            "health check, since Celery takes the last one: write `imports` "
            "in spec.config.values",
        ),
    ),
    (("--without-gossip",), Option("--without-gossip", False, _owned("gossip"))),
    (("--without-mingle",), Option("--without-mingle", False, _owned("mingle"))),
    (("--without-heartbeat",), Option("--without-heartbeat", False, _owned("heartbeat"))),
    (("--heartbeat-interval",), Option("--heartbeat-interval", True)),
    (("--autoscale",), Option("--autoscale", True)),
    (("-B", "--beat"), Option("--beat", False, _BEAT)),
    (("-s", "--schedule", "--schedule-filename"), Option("--schedule", True, _BEAT)),
    (("--scheduler",), Option("--scheduler", True, _BEAT)),
    (("--",), Option("--", False, _SETTINGS)),
    *_DAEMON,
    *_GROUP,
)
_BEAT_OPTIONS = _table(
    (("--detach",), Option("--detach", False, _DETACHES)),
    (("-s", "--schedule"), Option("--schedule", True, _owned("storage"))),
    (("-S", "--scheduler"), Option("--scheduler", True, _owned("scheduler"))),
    (("--max-interval",), Option("--max-interval", True, _owned("maxInterval"))),
    (("-l", "--loglevel"), Option("--loglevel", True, _owned("logLevel"))),
    (("-n", "--hostname"), Option("--hostname", True)),
    (("--enable-remote-control",), Option("--enable-remote-control", False)),
    (("--no-enable-remote-control",), Option("--no-enable-remote-control", False)),
    (("--",), Option("--", False, _SETTINGS)),
    *_DAEMON,
    *_GROUP,
)


def parse_options(
    args: Sequence[str], table: Mapping[str, Option]
) -> Iterator[tuple[int, Option | None, str]]:
    """Each option or loose word of ``args`` as Click reads them (8.x, no abbreviations).

    Gives its index, the option (None: not in ``table``) and what was written: an option's name
    without its value, or the whole word. Values are skipped; ``-EB`` counts as two options.
    After ``--`` nothing more is an option.
    """
    value_follows = False
    for index, word in enumerate(args):
        if value_follows:
            value_follows = False
        elif word.startswith("--"):
            name, has_value, _ = word.partition("=")
            option = table.get(name)
            value_follows = option is not None and option.takes_value and not has_value
            yield index, option, name
            if name == "--":
                return
        elif word.startswith("-") and len(word) > 1:
            for position, letter in enumerate(word[1:], 1):
                option = table.get(f"-{letter}")
                yield index, option, f"-{letter}"
                if option is None or option.takes_value:
                    value_follows = option is not None and position == len(word) - 1
                    break
        else:
            yield index, None, word


def _check(loc: Loc, args: Sequence[str], table: Mapping[str, Option]) -> Iterator[Finding]:
    for index, option, written in parse_options(args, table):
        place = (*loc, "args", index)
        if option is not None and option.problem is not None:
            yield Finding(place, f"{written} {option.problem}")
        elif option is None and not written.startswith("-") and "=" in written:
            yield Finding(place, "is a setting, not an option: write it in spec.config.values")


def worker_arguments(subject: Subject) -> Iterator[Finding]:
    """Options that have a field, or do harm in a pod."""
    for loc, worker in subject.workers:
        if defaults.composed(subject.spec, worker):
            table = dict(_WORKER)
            if defaults.health_check_type(subject.spec, worker) != "Heartbeat":
                table |= {
                    name: Option("--include", takes_value=True) for name in ("-I", "--include")
                }
            yield from _check(loc, worker.args, table)


def beat_arguments(subject: Subject) -> Iterator[Finding]:
    """The same for beat."""
    beat = subject.spec.beat
    if beat is not None and defaults.composed(subject.spec, beat):
        yield from _check(("spec", "beat"), beat.args, _BEAT_OPTIONS)


def autoscale(subject: Subject) -> Iterator[Finding]:
    """``--autoscale`` changes the processes of a pod, a scaler the number of pods."""
    for loc, worker in subject.workers:
        if not defaults.composed(subject.spec, worker):
            continue
        for index, option, _ in parse_options(worker.args, _WORKER):
            if option is None or option.name != "--autoscale":
                continue
            place = (*loc, "args", index)
            if worker.autoscaling is not None:
                yield Finding(
                    place,
                    "--autoscale and the field autoscaling work against each other, one by "
                    "processes and one by pods: remove one of the two",
                )
            elif worker.pool not in AUTOSCALE_POOLS:
                yield Finding(
                    place,
                    f"--autoscale does not work with the {worker.pool} pool, only with "
                    f"{several(AUTOSCALE_POOLS)}: remove it, or write another pool",
                )


def version_of_options(subject: Subject) -> Iterator[Finding]:
    """Options that came with a later Celery: an older one does not start."""
    version = subject.spec.celery_version
    gates = {"--pool-start-method": (5, 7), "--enable-remote-control": (5, 7)}
    lines: list[tuple[Loc, Sequence[str], Mapping[str, Option]]] = [
        (loc, worker.args, _WORKER)
        for loc, worker in subject.workers
        if defaults.composed(subject.spec, worker)
    ]
    beat = subject.spec.beat
    if beat is not None and defaults.composed(subject.spec, beat):
        lines.append((("spec", "beat"), beat.args, _BEAT_OPTIONS))
    for loc, args, table in lines:
        for index, option, written in parse_options(args, table):
            gate = gates.get(option.name) if option is not None else None
            if gate and defaults.version_at_least(subject.spec, *gate) is False:
                yield Finding(
                    (*loc, "args", index),
                    f"{written} needs Celery {gate[0]}.{gate[1]}, but celeryVersion is {version}: "
                    "remove it",
                )


RULES = (worker_arguments, beat_arguments, autoscale, version_of_options)
