"""The documents of every environment: defaults, application, overlays, worker defaults merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from celery_kustomize.errors import Problem, Severity
from celery_kustomize.located import Map, Mark, Seq
from celery_kustomize.merge.values import merge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from celery_kustomize.merge.target import Target

__all__ = ["Environment", "environments", "overlay_names"]

# Each overlay is rendered whole: hostile input must not multiply a large spec without end.
_MAX_OVERLAYS = 200
_MAX_NODES = 2_000_000


_SWITCHES = ("redis", "beat", "flower", "web", "migration", "networkPolicy", "monitoring")
_EMPTY = "is empty, which switches it off: write {} after it to switch it on, or remove it"


@dataclass(frozen=True, slots=True)
class Environment:
    """One merged document of an application: the base (``name`` None) or an overlay's.

    ``mark`` is where it was declared. ``document`` has the shape of a CeleryApplication; only the
    base's still has ``spec.overlays``, for the model to check what is written in them. An
    overlay's ``spec.patches`` are the base's followed by its own.
    """

    name: str | None
    mark: Mark
    document: Map

    @property
    def file(self) -> str:
        """The file that declares it."""
        return self.mark.file


def environments(
    document: Map,
    overlays: Sequence[Map] = (),
    defaults: Sequence[Map] = (),
    target: Target | None = None,
) -> tuple[list[Environment], list[Problem]]:
    """The base of ``document`` and one environment for each of its overlays.

    ``document`` is a native CeleryApplication, ``overlays`` are CeleryApplicationOverlay documents
    that refer to it, ``defaults`` are CeleryApplicationDefaults, the first one lowest. Values of
    wrong types are passed on: the model reports them.

    With a ``target``, only its environment and the base that it stands on, changed as it says.
    """
    problems: list[Problem] = []
    spec = _with_defaults(document, defaults, problems)
    problems += _empty_switches(_map(document, "spec"), [_map(d, "spec") for d in defaults])
    declared = _declared(spec, overlays, problems)
    wanted = list(declared)
    if target is not None:
        problems += target.check_overlay(_map(document, "metadata").get("name"), declared)
        wanted = [name for name in declared if name == target.overlay]
    of_base = target if target is not None and target.overlay is None else None
    result = [_environment(None, document.mark, document, spec, [], of_base, problems)]
    if _too_much(spec, declared, problems):
        return result, problems
    for name in wanted:
        mark, chain = declared[name].mark_of("name"), _chain(name, declared, problems)
        result.append(_environment(name, mark, document, spec, chain, target, problems))
    return result, problems


def overlay_names(
    document: Map, overlays: Sequence[Map] = (), defaults: Sequence[Map] = ()
) -> list[str]:
    """The names of the overlays that ``environments`` has for the same arguments."""
    ignored: list[Problem] = []
    return list(_declared(_with_defaults(document, defaults, ignored), overlays, ignored))


def _with_defaults(document: Map, defaults: Sequence[Map], problems: list[Problem]) -> Map:
    spec = Map(mark=_map(document, "spec").mark)
    for layer in (*defaults, document):
        spec = merge(spec, _map(layer, "spec"), problems)
    return spec


def _declared(spec: Map, overlays: Sequence[Map], problems: list[Problem]) -> dict[str, Map]:
    return _by_name([*_inline_overlays(spec), *map(_from_file, overlays)], problems)


def _environment(
    name: str | None,
    mark: Mark,
    document: Map,
    spec: Map,
    chain: Sequence[Map],
    target: Target | None,
    problems: list[Problem],
) -> Environment:
    """``spec`` with the overlays of ``chain`` over it, and what ``target`` changes over these."""
    steps = list(chain) if target is None else [*chain, target.values]
    for step in steps:
        spec = merge(spec, _overrides(step, problems), problems)
    if target is not None:
        problems += target.change_image(spec)
    whole = _document(document, spec, _collect(steps), problems)
    if name is not None:
        whole["spec"].pop("overlays", None)
    return Environment(name, mark, whole)


def _too_much(spec: Map, declared: dict[str, Map], problems: list[Problem]) -> bool:
    """Whether the overlays are too many, or their merged specs together too large."""
    if len(declared) > _MAX_OVERLAYS:
        text = f"{len(declared)} overlays are more than {_MAX_OVERLAYS}: make several applications"
    elif _nodes(spec) * (len(declared) + 1) > _MAX_NODES:
        text = (
            f"the spec and its {len(declared)} overlays, each merged, have more than "
            f"{_MAX_NODES:,} keys and values: make several applications"
        )
    else:
        return False
    mark = spec.mark_of("overlays")
    problems.append(Problem(mark.file, mark.line, mark.path, text))
    return True


def _nodes(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + len(value) + sum(map(_nodes, value.values()))
    return 1 + sum(map(_nodes, value)) if isinstance(value, list) else 1


def _empty_switches(spec: Map, defaults: Sequence[Map]) -> list[Problem]:
    """``beat:`` with nothing behind it is a null, which its author hardly meant."""
    return [
        Problem(mark.file, mark.line, mark.path, _EMPTY, Severity.WARNING)
        for key in _SWITCHES
        if key in spec and spec[key] is None and not any(key in layer for layer in defaults)
        for mark in [spec.mark_of(key)]
    ]


def _map(value: Map, key: str) -> Map:
    found = value.get(key)
    return found if isinstance(found, Map) else Map(mark=value.mark_of(key))


def _inline_overlays(spec: Map) -> list[Map]:
    items = spec.get("overlays")
    if not isinstance(items, Seq):
        return []
    result = []
    for index, item in enumerate(items):
        if isinstance(item, Map) and isinstance(item.get("name"), str):
            result.append(Map(item, items.mark_of(index), item.marks))
    return result


def _from_file(document: Map) -> Map:
    """The document of an overlay file in the shape of an item of ``spec.overlays``."""
    spec = _map(document, "spec")
    result = Map(spec, document.mark, spec.marks)
    metadata = _map(document, "metadata")
    result.put("name", metadata.get("name"), metadata.mark_of("name"))
    return result


def _by_name(overlays: list[Map], problems: list[Problem]) -> dict[str, Map]:
    result: dict[str, Map] = {}
    for overlay in overlays:
        name = overlay.get("name")
        if not isinstance(name, str):
            continue
        if name in result:
            mark, first = overlay.mark_of("name"), result[name].mark_of("name")
            text = f'overlay "{name}" is declared twice: the first is at {first.file}:{first.line}'
            problems.append(Problem(mark.file, mark.line, mark.path, text))
        else:
            result[name] = overlay
    return result


def _chain(name: str, declared: dict[str, Map], problems: list[Problem]) -> list[Map]:
    """The overlay and those it starts from, the lowest first."""
    chain: list[Map] = []
    seen: list[str] = []
    current: Any = name
    while isinstance(current, str):
        overlay = declared.get(current)
        mark = (chain[-1] if chain else declared[name]).mark_of("from")
        if overlay is None:
            text = f'there is no overlay "{current}" to start from'
            problems.append(Problem(mark.file, mark.line, mark.path, text))
            break
        if current in seen:
            text = f"overlays start from each other in a circle: {' -> '.join([*seen, current])}"
            problems.append(Problem(mark.file, mark.line, mark.path, text))
            break
        seen.append(current)
        chain.append(overlay)
        current = overlay.get("from")
    return chain[::-1]


def _overrides(overlay: Map, problems: list[Problem]) -> Map:
    overrides = _map(overlay, "overrides")
    for key, advice in (
        ("overlays", "overlays do not nest: use `from` to start from another overlay"),
        ("patches", "write an overlay's patches beside `overrides`, not in it"),
    ):
        if key in overrides:
            mark = overrides.mark_of(key)
            problems.append(Problem(mark.file, mark.line, mark.path, advice))
    kept = {k: v for k, v in overrides.items() if k not in ("overlays", "patches")}
    return Map(kept, overrides.mark, overrides.marks)


def _collect(chain: Sequence[Map]) -> Map:
    """Namespace, labels, annotations and patches that the overlays of ``chain`` add up to."""
    result = Map()
    patches = Seq()
    for overlay in chain:
        if "namespace" in overlay:
            result.put("namespace", overlay["namespace"], overlay.mark_of("namespace"))
        for key in ("labels", "annotations"):
            added, before = _map(overlay, key), _map(result, key)
            if added:
                marks = {**before.marks, **added.marks}
                result.put(key, Map({**before, **added}, added.mark, marks), added.mark)
        items = overlay.get("patches")
        if isinstance(items, Seq):
            for index, item in enumerate(items):
                patches.add(item, items.mark_of(index))
    if patches:
        result.put("patches", patches, patches.marks[0])
    return result


def _document(document: Map, spec: Map, added: Map, problems: list[Problem]) -> Map:
    """The document with ``spec`` and what ``_collect`` found in the overlays over it."""
    result = Map(document, document.mark, document.marks)
    result.put("metadata", _metadata(document, added), document.mark_of("metadata"))
    result.put("spec", _with_worker_defaults(spec, problems), document.mark_of("spec"))
    merged: Map = result["spec"]
    own = merged.get("patches")
    if "patches" in added:
        before = own if isinstance(own, Seq) else Seq(mark=added["patches"].mark)
        patches = Seq(before, before.mark, before.marks)
        for index, item in enumerate(added["patches"]):
            patches.add(item, added["patches"].mark_of(index))
        merged.put("patches", patches, added.mark_of("patches"))
    return result


def _metadata(document: Map, added: Map) -> Any:
    metadata = document.get("metadata")
    if not isinstance(metadata, Map):
        return metadata
    result = Map(metadata, metadata.mark, metadata.marks)
    if "namespace" in added:
        result.put("namespace", added["namespace"], added.mark_of("namespace"))
    for key in ("labels", "annotations"):
        more = added.get(key)
        if more:
            before = _map(metadata, key)
            merged = Map({**before, **more}, before.mark, {**before.marks, **more.marks})
            result.put(key, merged, more.mark)
    return result


def _with_worker_defaults(spec: Map, problems: list[Problem]) -> Map:
    result = Map(spec, spec.mark, spec.marks)
    defaults, workers = spec.get("workerDefaults"), spec.get("workers")
    if isinstance(defaults, Map) and isinstance(workers, Seq):
        merged = Seq(mark=workers.mark)
        for index, worker in enumerate(workers):
            whole = merge(defaults, worker, problems) if isinstance(worker, Map) else worker
            if isinstance(whole, Map):
                whole.mark = worker.mark
            merged.add(whole, workers.mark_of(index))
        result.put("workers", merged, spec.mark_of("workers"))
    return result
