"""Merging one raw value over another, by the rules of the specification.

Maps merge deeply and a null replaces what it meets (the model then reads it as absent or as
"switched off"). Some lists merge by a key, base order kept and new items last; every other list is
replaced. Giving a new member of a one-of group drops the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from celery_kustomize.errors import Problem
from celery_kustomize.located import Map, Mark, Seq
from celery_kustomize.model.broker import Broker

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    frozenset(Broker.model_fields[name].alias or name for name in (*Broker.MEMBERS, "url_from")),
)
_AMOUNT = (frozenset({"averageUtilization", "averageValue"}),)
_REFERENCE = (frozenset({"secretKeyRef", "configMapKeyRef"}),)
_PARTIAL = _Rules(
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
    partial=True,
)
_SPEC = replace(_PARTIAL, inside={**_PARTIAL.inside, "overrides": _PARTIAL}, partial=False)


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
        # Members that stand side by side in the base (a typed broker and urlFrom) may stay so.
        if any(base.get(key) is None for key in group & given):
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
    if any(_replaces_list(item) for item in new):
        old = Seq(mark=new.mark)
    merging = _Merging(name, old, rules, problems)
    for index, item in enumerate(new):
        merging.take(item, new.mark_of(index))
    return merging.result()


class _Merging:
    """A list that merges by a key of its items, in the making."""

    def __init__(self, name: str, old: Seq, rules: _Rules, problems: list[Problem]) -> None:
        self._name = name
        self._key = rules.keys[name]
        self._rules = rules
        self._problems = problems
        self._items = Seq(old, old.mark, [old.mark_of(i) for i in range(len(old))])
        identities = ((_identity(item, self._key), i) for i, item in enumerate(old))
        self._places = {identity: i for identity, i in identities if identity is not None}
        self._deleted: set[int] = set()

    def take(self, item: Any, mark: Mark) -> None:
        """Merge one item of the new list."""
        identity = _identity(item, self._key)
        partial = self._rules.partial
        if _replaces_list(item):
            if partial:
                self._items.add(item, mark)
        elif isinstance(item, Map) and item.get("$patch") == "delete" and not partial:
            self._delete(identity, item, mark)
        elif identity is None and isinstance(item, Map) and self._key:
            text = f'an item of {self._name} needs "{self._key}": lists of {self._name} merge by it'
            self._problems.append(Problem(mark.file, mark.line, mark.path, text))
        elif identity in self._places:
            # Taken once only: what stands in the new list twice is for the rules to report.
            self._put(self._places.pop(identity), item, mark)
        else:
            self._items.add(item, mark)

    def _put(self, place: int, item: Any, mark: Mark) -> None:
        before = self._items[place]
        if self._name not in self._rules.whole and isinstance(item, Map):
            before = before if isinstance(before, Map) else Map(mark=mark)
            self._items[place] = _merge_map("", before, item, self._rules, self._problems)
        else:
            self._items[place] = item
            self._items.marks[place] = mark

    def _delete(self, identity: Any, item: Map, mark: Mark) -> None:
        if identity in self._places:
            self._deleted.add(self._places.pop(identity))
            return
        text = f'no item of {self._name} has {self._key} "{item.get(self._key)}"'
        if not self._key:
            text = f"items of {self._name} have no name, write the list anew after $patch: replace"
        text = f"{text}: there is nothing to delete"
        self._problems.append(Problem(mark.file, mark.line, mark.path, text))

    def result(self) -> Seq:
        """The merged list."""
        items = self._items
        kept = [i for i in range(len(items)) if i not in self._deleted]
        return Seq((items[i] for i in kept), items.mark, (items.mark_of(i) for i in kept))


def _replaces_list(item: Any) -> bool:
    return isinstance(item, Map) and dict(item) == {"$patch": "replace"}


def _identity(item: Any, key: str) -> Any:
    """What an item is merged by; None when it has no usable key."""
    if isinstance(item, Map):
        value = item.get(key) if key else None
        return value if isinstance(value, str | int) else None
    return item if not key and isinstance(item, str) else None
