"""The namespace of an overlay: a field where that moves all that has to move, and nothing else.

kustomize's ``namespace`` field also moves objects that name another namespace themselves, and
renames Namespace objects. Where one of these has to stay, a JSON 6902 patch moves what is in the
base's namespace. Names of generated ConfigMaps and references to ServiceAccounts and Services
follow it as they follow the field (observed on kustomize v5.5.0 and v5.8.2).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem, SpecError
from celery_kustomize.k8s.kustomization import Object, Patch
from celery_kustomize.k8s.kustomize_namespace import (
    effective_namespace,
    own_namespace,
    with_namespace,
)
from celery_kustomize.overlay.jsonpatch import is_exact
from celery_kustomize.overlay.patches import target

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from celery_kustomize.overlay.fields import Fields
    from celery_kustomize.overlay.pairing import Item, Matched

__all__ = ["in_namespace"]

_KEPT = "which an overlay cannot take away; give the overlay a namespace"
_ROUNDED = "a patch would round its integers beyond 2^53"
_MIXED_UP = "another one of its kind and name moves there"


def in_namespace(
    before: str | None, after: str | None, matched: Matched, none: Fields
) -> tuple[Fields, list[Patch], Matched]:
    """The simplest way that puts every object where the environment wants it.

    That is no field, the ``namespace`` field, a NamespaceTransformer that leaves objects with a
    namespace of their own, or else patches (and the transformer for what the overlay adds).

    Args:
        before: the base's namespace.
        after: the environment's.
        matched: the objects.
        none: the overlay's other fields.

    Returns:
        All fields, patches to come after the others, and the objects with these patches in effect.

    Raises:
        SpecError: with a problem for each object that no overlay puts there; or the environment
            has no namespace, but the base has.
    """
    field = replace(none, namespace=after)
    unset_only = replace(field, namespace_unset_only=True)
    unseen = [*matched.added, *([] if before else matched.base)]
    least = [] if after and any(map(_is_followed, unseen)) else [none]
    for fields in (*least, field, unset_only):
        if not any(_misfits(fields, matched)):
            return fields, [], matched
    if before and not after:
        raise SpecError([Problem("", 0, "", f"the base is in namespace {before}, {_KEPT}")])
    patches, moved = _moved(before, after, matched) if before and after else ([], matched)
    for fields in (*least, unset_only):
        if not any(_misfits(fields, moved)):
            return fields, patches, moved
    left = _misfits(unset_only, moved)
    raise SpecError(_refusal(item, "no patch moves it alone") for item in left)


def _is_followed(item: Item) -> bool:
    """Whether references take over the object's namespace once a namespace transformer saw it.

    Those of role bindings and webhooks do (kustomize/api v0.21.2, ``filters/nameref``, which looks
    for objects by the names that they had before a transformer).
    """
    return item.raw["kind"] in ("ServiceAccount", "Service")


def _misfits(fields: Fields, matched: Matched) -> Iterator[Item]:
    yield from (pair.wanted for pair in matched.pairs if not fields.fit(pair))
    yield from (item for item in matched.added if not fields.fit_added(item))


def _refusal(item: Item, why: str) -> Problem:
    return item.problem(
        f"cannot get the namespace that it has in the overlay, since {why}: give it to each "
        "overlay (extraResources) instead of the application"
    )


_Moving = tuple["Item", Object, Object]
"""An object, what it is before the patches that move it, and what it is in the environment."""


def _moved(before: str, after: str, matched: Matched) -> tuple[list[Patch], Matched]:
    """Patches that move all of ``before`` and bring back what the environment has there.

    Raises:
        SpecError: with a problem for each object that they damage or do not tell from another.
    """
    objects = [(pair.base, pair.base.built, pair.wanted.built) for pair in matched.pairs]
    objects += [(item, item.raw, item.built) for item in matched.added]
    hit = [each for each in objects if effective_namespace(each[1]) == before]
    staying = [each for each in hit if _is_in(before, each[2])]
    there = {_name(now) for _, now, _ in objects if effective_namespace(now) == after}
    problems = [_refusal(item, _ROUNDED) for item, _, wanted in hit if not is_exact(wanted)]
    problems += _mixed_up(staying, there, matched)
    if problems:
        raise SpecError(problems)
    patches = [_patch({"namespace": before}, after)]
    patches += [_patch(_selector(item, after, matched), before) for item, _, _ in staying]

    def moved(now: Object, wanted: Object) -> Object:
        if effective_namespace(now) != before or _is_in(before, wanted):
            return now
        return with_namespace(now, after)

    pairs = [
        replace(pair, base=replace(pair.base, built=moved(pair.base.built, pair.wanted.built)))
        for pair in matched.pairs
    ]
    added = [replace(item, raw=moved(item.raw, item.built)) for item in matched.added]
    return patches, replace(matched, pairs=pairs, added=added)


def _mixed_up(
    staying: Iterable[_Moving], there: Container[tuple[str, str]], matched: Matched
) -> Iterator[Problem]:
    for item, now, _ in staying:
        written = own_namespace(item.raw) or "namespace" not in target(item, matched.build)
        if not written and _name(now) in there:
            yield _refusal(item, _MIXED_UP)


def _selector(item: Item, after: str, matched: Matched) -> Mapping[str, str]:
    """What selects an object once all are moved: it is found as it is then, or as it is written."""
    selector = target(item, matched.build)
    if "namespace" in selector and not own_namespace(item.raw):
        selector["namespace"] = after
    return selector


def _is_in(namespace: str, item: Object) -> bool:
    return bool(item["metadata"].get("namespace") == namespace)


def _name(item: Object) -> tuple[str, str]:
    return item["kind"], item["metadata"]["name"]


def _patch(target: Mapping[str, str], namespace: str) -> Patch:
    step = {"op": "replace", "path": "/metadata/namespace", "value": namespace}
    return Patch([step], target=target)
