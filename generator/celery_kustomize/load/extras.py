"""Kubernetes objects in the files that ``extraResources`` names."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem
from celery_kustomize.load.files import FileError, inside, read_file
from celery_kustomize.load.objects import checked_object, expand_lists, problem_at
from celery_kustomize.load.roles import Role, near_miss, role_of
from celery_kustomize.load.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from pathlib import Path

    from celery_kustomize.load.limits import Budget
    from celery_kustomize.located import Map, Mark

__all__ = ["Extras", "read_extra"]

_LONGEST_NAME = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_REMOTE = re.compile(
    r"[a-z0-9+.-]+::?/|[^/]*@[^/]*:|git::|(?:www\.)?(?:github|gitlab|bitbucket)\.[a-z]+/|.*[?&]ref=",
    re.IGNORECASE,
)


def read_extra(
    folder: Path, root: Path, path: str, mark: Mark, budget: Budget | None = None
) -> tuple[list[Map], list[Problem]]:
    """Read the objects in the file at ``path``.

    Args:
        folder: the spec's folder, as the user wrote it; ``path`` is relative to it.
        root: the input folder; the file, all links followed, must lie in it.
        path: a path with "/" between its parts, as written in the spec.
        mark: where it is written.
        budget: what the run may still read; taken from.

    Returns:
        The file's objects with their marks, and all problems: of the path at ``mark``, of the
        content at its own place. Nothing outside ``root`` is opened.
    """
    if reason := _unfit(path):
        return [], [problem_at(mark, reason)]
    try:
        data = read_file(inside(root, folder / path))
    except FileError as error:
        return [], [problem_at(mark, f"{path} {error}")]
    file = str(folder / path)
    parsed, problems = parse(data, file, budget)
    documents, more = expand_lists(parsed)
    problems += more
    objects: list[Map] = []
    for document in documents:
        if problem := _foreign(document):
            problems.append(problem)
            continue
        kubernetes_object, more = checked_object(document)
        objects.append(kubernetes_object)
        problems += more
    if not documents and not problems:
        problems.append(Problem(file, 0, "", "no Kubernetes object in it"))
    return objects, problems


def _unfit(path: str) -> str | None:
    """Why ``path`` cannot be a file of the input folder, without looking at the disk."""
    if not path:
        return "must be the path of a file"
    if _REMOTE.match(path):
        return "must be a file of this folder: nothing is read from other places"
    if path.startswith(("/", "~")):
        return "must be relative to the folder of the spec"
    if "\\" in path:
        return 'must have "/" between its parts'
    return None


def _foreign(document: Map) -> Problem | None:
    """A problem when ``document`` is none of the application's objects."""
    role = role_of(document)
    if role is Role.ARGOCD:
        message = "Argo CD's own objects are not part of an application: remove it"
        return problem_at(document.mark_of("kind"), message)
    if role is not Role.OBJECT:
        message = "must stand in a spec file of its own, not in extraResources"
        return problem_at(document.mark_of("kind"), message)
    return near_miss(document)


class Extras:
    """The ``extraResources`` of one application: each file is read once for all environments.

    ``folder`` is the spec's folder, which no path may leave.
    """

    def __init__(self, folder: Path, budget: Budget) -> None:
        self._folder = folder
        self._budget = budget
        self._read: dict[str, list[Map]] = {}

    def read(
        self, paths: Sequence[str], marks: Sequence[Mark], problems: list[Problem]
    ) -> dict[str, list[Map]]:
        """The objects at ``paths`` by the name of the file to write; ``marks`` are the paths'."""
        result: dict[str, list[Map]] = {}
        for path, mark in zip(paths, marks, strict=True):
            if path not in self._read:
                found, new = read_extra(self._folder, self._folder, path, mark, self._budget)
                self._read[path] = found
                problems += new
            result[_file_name(path, paths, result)] = self._read[path]
        return result


def _file_name(path: str, paths: Sequence[str], taken: Container[str]) -> str:
    """The base name, unless two files share it; then the folders' names stand before it.

    Only what every tool takes in a file's name is kept.
    """
    parts = PurePosixPath(path)
    same = [other for other in paths if PurePosixPath(other).stem == parts.stem]
    stem = parts.stem if len(same) == 1 else "-".join(parts.with_suffix("").parts)
    stem = _UNSAFE.sub("-", stem).strip("-.")[:_LONGEST_NAME] or "objects"
    name, number = f"extra-{stem}.yaml", 2
    while name in taken:
        name, number = f"extra-{stem}-{number}.yaml", number + 1
    return name
