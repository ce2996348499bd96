"""Merging one raw value over another, by the rules of the specification.

Maps merge deeply and a null replaces what it meets (the model then reads it as absent or as
"switched off"). Some lists merge by a key, base order kept and new items last; every other list is
replaced. Giving one member of a one-of group drops the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from celery_kustomize.errors import Problem
from celery_kustomize.located import Map, Mark, Seq

__all__ = ["merge"]


@dataclass(frozen=True, slots=True)
class _Rules:
    """How the lists and maps of one kind of tree merge, by field name."""

    keys: Mapping[str, str] = field(default_factory=dict)
    """Lists merged by this key of their items; "" for lists of strings."""
    whole: frozenset[str] = frozenset()
    """Keyed lists whose items are replaced, not merged."""
    one_of: Mapping[str, tuple[frozenset[str], ...]] = field(default_factory=dict)
    """Maps in which a given member of a group replaces the others."""
    inside: Mapping[str, _Rules] = field(default_factory=dict)
    """Fields below which other rules hold."""
    partial: bool = False
    """Whether the result is merged once more: ``$patch`` directives then stay in it."""


_FREE = _Rules()
_HANDLERS = (frozenset({"exec", "httpGet", "tcpSocket", "grpc"}),)
_POD = _Rules(
    keys={
        "containers": "name",
        "initContainers": "name",
        "ephemeralContainers": "name",
        "env": "name",
        "volumes": "name",
        "imagePullSecrets": "name",
        "volumeMounts": "mountPath",
        "volumeDevices": "devicePath",
        "ports": "containerPort",
        "hostAliases": "ip",
        "topologySpreadConstraints": "topologyKey",
    },
    whole=frozenset({"env", "volumes"}),
    one_of=dict.fromkeys(("livenessProbe", "readinessProbe", "startupProbe"), _HANDLERS),
    partial=True,
)
_CONNECTION = (
    frozenset(
        {
            "url",
            "urlFrom",
            "managedRedis",
            "redis",
            "sentinel",
            "rabbitmq",
            "sqs",
            "kafka",
            "pubsub",
            "azureServiceBus",
        }
    ),
)
_AMOUNT = (frozenset({"averageUtilization", "averageValue"}),)
_REFERENCE = (frozenset({"secretKeyRef", "configMapKeyRef"}),)
_SPEC = _Rules(
    keys={
        "workers": "name",
        "overlays": "name",
        "env": "name",
        "volumes": "name",
        "imagePullSecrets": "name",
        "volumeMounts": "mountPath",
        "extraResources": "",
    },
    whole=frozenset({"env", "volumes"}),
    one_of={
        "broker": _CONNECTION,
        "resultBackend": _CONNECTION,
        "livenessProbe": _HANDLERS,
        "readinessProbe": _HANDLERS,
        "startupProbe": _HANDLERS,
        "podDisruptionBudget": (frozenset({"minAvailable", "maxUnavailable"}),),
        "cpu": _AMOUNT,
        "memory": _AMOUNT,
        "caFrom": _REFERENCE,
        "storage": (frozenset({"size", "existingClaim"}),),
        "rabbitmq": (frozenset({"username", "usernameFrom"}),),
    },
    inside={
        "podTemplate": _POD,
        **dict.fromkeys(
            (
                "affinity",
                "annotations",
                "behavior",
                "labels",
                "metadata",
                "nodeSelector",
                "options",
                "predefinedQueues",
                "resources",
                "transportOptions",
                "values",
            ),
            _FREE,
        ),
    },
)


def merge(base: Map, change: Map, problems: list[Problem]) -> Map:
    """``change`` merged over ``base``; both are a (partial) ``spec`` or a part of one.

    Neither argument is changed. What cannot be merged (an item without its key, a deletion of
    something that is not there) is added to ``problems``.
    """
    return _merge_map("", base, change, _SPEC, problems)


def _merge_map(name: str, base: Map, change: Map, rules: _Rules, problems: list[Problem]) -> Map:
    given = {key for key, value in change.items() if value is not None}
    dropped: set[str] = set()
    for group in rules.one_of.get(name, ()):
        if group & given:
            dropped |= group - given
    result = Map(mark=base.mark if base.marks else change.mark)
    for key, value in base.items():
        if key not in dropped:
            result.put(key, value, base.mark_of(key))
    for key, value in change.items():
        old = result.get(key)
        merged = _merge(key, old, value, rules, problems)
        kept = isinstance(old, Map) and isinstance(value, Map)
        result.put(key, merged, base.mark_of(key) if kept else change.mark_of(key))
    return result


def _merge(name: str, old: Any, new: Any, rules: _Rules, problems: list[Problem]) -> Any:
    below = rules.inside.get(name, rules)
    if isinstance(new, Map):
        old_map = old if isinstance(old, Map) else Map(mark=new.mark)
        return _merge_map(name, old_map, new, below, problems)
    if isinstance(new, Seq) and name in below.keys:
        old_list = old if isinstance(old, Seq) else Seq(mark=new.mark)
        return _merge_list(name, old_list, new, below, problems)
    return new


def _merge_list(name: str, old: Seq, new: Seq, rules: _Rules, problems: list[Problem]) -> Seq:
    key = rules.keys[name]
    if any(isinstance(item, Map) and item.get("$patch") == "replace" for item in new):
        old = Seq(mark=new.mark)
    result = Seq(old, old.mark, [old.mark_of(i) for i in range(len(old))])
    places = {_identity(item, key): i for i, item in enumerate(result)}
    deleted: set[int] = set()
    for index, item in enumerate(new):
        mark = new.mark_of(index)
        identity = _identity(item, key)
        directive = item.get("$patch") if isinstance(item, Map) else None
        if directive == "replace" and len(item) == 1:
            if rules is _POD:
                result.add(item, mark)
            continue
        if directive == "delete" and rules is _SPEC:
            if identity in places:
                deleted.add(places[identity])
            else:
                problems.append(_no_such(name, key, item, mark))
        elif identity is None:
            if isinstance(item, Map):
                text = f'an item of {name} needs "{key}": lists of {name} merge by it'
                problems.append(Problem(mark.file, mark.line, mark.path, text))
            else:
                result.add(item, mark)
        elif identity in places and name not in rules.whole and isinstance(item, Map):
            place = places[identity]
            before = result[place] if isinstance(result[place], Map) else Map(mark=mark)
            result[place] = _merge_map("", before, item, rules, problems)
        elif identity in places:
            result[places[identity]] = item
            result.marks[places[identity]] = mark
        else:
            result.add(item, mark)
    return _without(result, deleted)


def _identity(item: Any, key: str) -> Any:
    """What an item is merged by; None when it has no usable key."""
    if isinstance(item, Map):
        value = item.get(key) if key else None
        return value if isinstance(value, str | int) else None
    return item if not key and isinstance(item, str) else None


def _no_such(name: str, key: str, item: Map, mark: Mark) -> Problem:
    text = f'no item of {name} has {key} "{item.get(key)}": there is nothing to delete'
    return Problem(mark.file, mark.line, mark.path, text)


def _without(items: Seq, places: set[int]) -> Seq:
    kept = [i for i in range(len(items)) if i not in places]
    return Seq((items[i] for i in kept), items.mark, (items.mark_of(i) for i in kept))
