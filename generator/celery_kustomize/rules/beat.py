"""Beat: exactly one, and its scheduler's needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.k8s.suggest import quote
from celery_kustomize.load.patches import parse_patch
from celery_kustomize.model import defaults
from celery_kustomize.rules.finding import Finding
from celery_kustomize.rules.subject import Subject, part, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery_kustomize.model.application import Patch

__all__ = ["RULES"]

_TICK_MARGIN = 60


def command(subject: Subject) -> Iterator[Finding]:
    """Without ``app`` nothing says which schedule beat is to run."""
    beat = subject.spec.beat
    if beat is None or subject.spec.app is not None or beat.command is not None:
        return
    yield Finding(
        ("spec", "beat"),
        "has nothing to run, since there is no spec.app: write spec.app, or beat.command",
    )


def own_command(subject: Subject) -> Iterator[Finding]:
    """Options go to a composed command line only."""
    beat = subject.spec.beat
    if beat is None or beat.command is None:
        return
    for name, key in (
        ("scheduler", "scheduler"),
        ("max_interval", "maxInterval"),
        ("log_level", "logLevel"),
    ):
        if beat.has(name) and getattr(beat, name) is not None:
            yield Finding(
                ("spec", "beat", key),
                "has no command line to go to, since beat runs a command of its own: write the "
                "option in the command",
            )
    if beat.has("health_check") and beat.health_check.type == "Heartbeat":
        yield Finding(
            ("spec", "beat", "healthCheck", "type"),
            "Heartbeat needs a scheduler on beat's command line, which is not composed here: write "
            "None, or a livenessProbe",
        )


def storage(subject: Subject) -> Iterator[Finding]:
    """Only the PersistentScheduler writes a file; the others keep their state elsewhere."""
    beat = subject.spec.beat
    if beat is None or beat.storage is None or beat.scheduler.endswith("PersistentScheduler"):
        return
    yield warning(
        ("spec", "beat", "storage"),
        f"{quote(beat.scheduler)} keeps its state elsewhere, so the volume stays empty: remove it",
    )


def heartbeat(subject: Subject) -> Iterator[Finding]:
    """Beat's file is touched at every tick; RedBeat first waits five intervals for a stale lock."""
    beat = subject.spec.beat
    if beat is None or beat.health_check.type != "Heartbeat" or beat.has("liveness_probe"):
        return
    interval = defaults.beat_max_interval(beat)
    if interval is None or not defaults.composed(subject.spec, beat):
        return
    silent = interval * 5 if "redbeat" in beat.scheduler.lower() else interval
    stale = beat.health_check.stale_after_seconds
    if silent + _TICK_MARGIN > stale:
        minutes = -(-(silent + _TICK_MARGIN) // 60)
        yield Finding(
            ("spec", "beat", "maxInterval"),
            f"beat may be silent for {silent} s, but is restarted when its heartbeat is older than "
            f"{stale} s: write less, or healthCheck: {{staleAfterSeconds: {minutes * 60}}}",
        )


def scaled_by_object(subject: Subject) -> Iterator[Finding]:
    """Two schedulers send every task twice: beat has no lock of its own."""
    beat = subject.spec.beat
    name = (beat.name if beat else None) or f"{subject.name}-beat"
    for item in subject.objects if beat else ():
        kind = item.get("kind")
        if kind not in ("HorizontalPodAutoscaler", "ScaledObject"):
            continue
        if part(item, "spec", "scaleTargetRef", "name") == name:
            yield Finding(
                ("spec", "beat"),
                f"{kind} {part(item, 'metadata', 'name')} scales it, but two schedulers send "
                "every task twice: remove that object",
            )


def scaled_by_patch(subject: Subject) -> Iterator[Finding]:
    """The same by a patch of ``spec.replicas``."""
    beat = subject.spec.beat
    if beat is None:
        return
    name = beat.name or f"{subject.name}-beat"
    for index, patch in enumerate(subject.spec.patches):
        if any(count > 1 for count in _replicas(patch, name)):
            yield Finding(
                ("spec", "patches", index),
                "gives beat more than one replica, but two schedulers send every task twice: "
                "remove it",
            )


def _replicas(patch: Patch, name: str) -> Iterator[int]:
    """Numbers of replicas that ``patch`` gives the Deployment ``name``."""
    content, operations, _ = (
        parse_patch(patch.patch) if "replicas" in patch.patch else ([], False, [])
    )
    named = patch.target is not None and patch.target.name == name
    if operations:
        yield from _operations(content) if named else ()
        return
    for item in content:
        count = part(item, "spec", "replicas")
        if isinstance(count, int) and (part(item, "metadata", "name") == name or named):
            yield count


def _operations(operations: list[Any]) -> Iterator[int]:
    for operation in operations:
        if isinstance(operation, dict) and operation.get("path") == "/spec/replicas":
            count = operation.get("value")
            if isinstance(count, int):
                yield count


RULES = (command, own_command, storage, heartbeat, scaled_by_object, scaled_by_patch)
