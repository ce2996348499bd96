"""Kubernetes objects that go into the base as they are: lists expanded, content checked. Pure.

What kustomize (v5.8.2) would drop, strip or fail on without naming a line is a problem here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from celery_kustomize.errors import Problem
from celery_kustomize.k8s.kustomize_annotations import key_problem, reserved_problem
from celery_kustomize.k8s.suggest import quote
from celery_kustomize.located import Map, Mark, Seq

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["checked_object", "expand_lists", "problem_at"]

_KUSTOMIZE_GROUP = "kustomize.config.k8s.io"
_TEXT_MAPS = frozenset({"data", "stringData", "binaryData"})


def problem_at(mark: Mark, message: str) -> Problem:
    """An error at ``mark``."""
    return Problem(mark.file, mark.line, mark.path, message)


def expand_lists(documents: Iterable[Map]) -> tuple[list[Map], list[Problem]]:
    """Replace each ``List`` (``ConfigMapList``, ...) by its items, also lists in lists.

    As kustomize does: any kind that ends in "List" and has ``items`` is one.

    Returns:
        The objects in order, with the marks of where they stand, and problems for items that are
        no objects. The depth is bounded by the parser's.
    """
    objects: list[Map] = []
    problems: list[Problem] = []
    for document in documents:
        kind = document.get("kind")
        if not (isinstance(kind, str) and kind.endswith("List") and "items" in document):
            objects.append(document)
            continue
        items = document["items"]
        if items is None:
            continue
        if not isinstance(items, Seq):
            message = f"must be a list of objects, because the kind is {quote(kind)}"
            problems.append(problem_at(document.mark_of("items"), message))
            continue
        maps = [item for item in items if isinstance(item, Map)]
        problems += [
            problem_at(items.mark_of(index), "must be an object with apiVersion, kind and metadata")
            for index, item in enumerate(items)
            if not isinstance(item, Map)
        ]
        inner, more = expand_lists(maps)
        objects += inner
        problems += more
    return objects, problems


def checked_object(document: Map) -> tuple[Map, list[Problem]]:
    """The object without its null fields, which mean the same to Kubernetes as absent ones.

    Kustomize drops some of them, and only when a patch touches the object; so they must not stay.

    Returns:
        The object, and what keeps it from being deployed unchanged by way of kustomize.
    """
    problems = [*_type_problems(document), *_metadata_problems(document)]
    kind = document.get("kind")
    texts = _TEXT_MAPS if kind in ("ConfigMap", "Secret") else frozenset()
    for field in texts & document.keys():
        problems += _null_texts(document[field])
    return _without_nulls(document, problems), problems


def _type_problems(document: Map) -> Iterable[Problem]:
    for field in ("apiVersion", "kind"):
        value = document.get(field)
        if value is None or value == "":
            yield problem_at(document.mark, f"a Kubernetes object needs {field}: add it")
        elif not isinstance(value, str):
            yield problem_at(document.mark_of(field), "must be a text")
    if str(document.get("apiVersion")).startswith(_KUSTOMIZE_GROUP + "/"):
        message = "a kustomization is no Kubernetes object: remove it, its folder is generated"
        yield problem_at(document.mark_of("apiVersion"), message)


def _metadata_problems(document: Map) -> Iterable[Problem]:
    metadata = document.get("metadata")
    if not isinstance(metadata, Map):
        mark = document.mark_of("metadata")
        yield problem_at(mark, "a Kubernetes object needs metadata with a name")
        return
    name = metadata.get("name")
    if name is None and "generateName" in metadata:
        message = "kustomize cannot name the object: write metadata.name instead"
        yield problem_at(metadata.mark_of("generateName"), message)
    elif name is None or name == "":
        yield problem_at(metadata.mark_of("name"), "a Kubernetes object needs metadata.name")
    for field in ("name", "namespace"):
        value = metadata.get(field)
        if value is not None and not isinstance(value, str):
            yield problem_at(metadata.mark_of(field), "must be a text: quote it")
    for field in ("labels", "annotations"):
        yield from _text_map_problems(metadata, field)
    annotations = metadata.get("annotations")
    if isinstance(annotations, Map):
        yield from _annotation_problems(annotations)


def _text_map_problems(metadata: Map, field: str) -> Iterable[Problem]:
    values = metadata.get(field)
    if values is None:
        return
    if not isinstance(values, Map):
        yield problem_at(metadata.mark_of(field), "must be a map of texts")
        return
    for key, value in values.items():
        if value is not None and not isinstance(value, str):
            yield problem_at(values.mark_of(key), "must be a text: quote it")


def _annotation_problems(annotations: Map) -> Iterable[Problem]:
    for key, value in annotations.items():
        if message := key_problem(key) or reserved_problem(key, value):
            yield problem_at(annotations.mark_of(key), message)


def _null_texts(values: Any) -> Iterable[Problem]:
    if isinstance(values, Map):
        for key, value in values.items():
            if value is None:
                message = 'has no value: write "" for an empty text, or remove the key'
                yield problem_at(values.mark_of(key), message)


def _without_nulls(value: Any, problems: list[Problem]) -> Any:
    if isinstance(value, Map):
        kept = {key: item for key, item in value.items() if item is not None}
        marks = {key: value.mark_of(key) for key in kept}
        items = {key: _without_nulls(item, problems) for key, item in kept.items()}
        return Map(items, value.mark, marks)
    if isinstance(value, Seq):
        for index, item in enumerate(value):
            if item is None:
                mark = value.mark_of(index)
                problems.append(problem_at(mark, "kustomize refuses an empty item: remove it"))
        return Seq((_without_nulls(i, problems) for i in value), value.mark, value.marks)
    return value
