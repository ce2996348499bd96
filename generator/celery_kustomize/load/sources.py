"""Reading specs from files, folders and standard input, with what stands in a file beside them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from celery_kustomize.errors import Problem
from celery_kustomize.load.discover import STDIN, Entry, discover
from celery_kustomize.load.files import FileError, inside, read_file, reason
from celery_kustomize.load.limits import MAX_FILE_BYTES, Budget
from celery_kustomize.load.objects import checked_object, expand_lists, problem_at
from celery_kustomize.load.roles import Role, near_miss, role_of
from celery_kustomize.load.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from celery_kustomize.located import Map

__all__ = ["ApplicationSource", "DefaultsSource", "OverlaySource", "Sources", "read"]

# In a folder, a file without the first is not even parsed, and one without the second may be
# broken (a Helm template, say) without being a problem: neither can hold a spec.
_CELERY = re.compile(rb"celery", re.IGNORECASE)
_SPEC = re.compile(rb"celeryproj|celery\.k8s|kind[\"']?\s*:\s*[\"']?celery", re.IGNORECASE)
_OURS = frozenset({Role.APPLICATION, Role.OVERLAY, Role.DEFAULTS})


@dataclass(frozen=True, slots=True)
class ApplicationSource:
    """An application as read, native or older, with the objects of its file that belong to it.

    ``file`` is as the user wrote it, ``folder`` the folder that holds it and that its
    ``extraResources`` may not leave.
    """

    document: Map
    objects: list[Map]
    file: str
    folder: Path


@dataclass(frozen=True, slots=True)
class OverlaySource:
    """A CeleryApplicationOverlay; ``file`` and ``folder`` as in ApplicationSource."""

    document: Map
    file: str
    folder: Path


@dataclass(frozen=True, slots=True)
class DefaultsSource:
    """A CeleryApplicationDefaults for the applications of ``folder``; None: for all of the run.

    ``file`` is as in ApplicationSource.
    """

    document: Map
    file: str
    folder: Path | None


@dataclass(slots=True)
class Sources:
    """All that was read, in the order of the paths and of each file.

    ``defaults`` begins with those of the defaults file, so a later one overrides an earlier one.
    """

    applications: list[ApplicationSource] = field(default_factory=list)
    overlays: list[OverlaySource] = field(default_factory=list)
    defaults: list[DefaultsSource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read(
    paths: Sequence[str],
    *,
    stdin: BinaryIO | None,
    defaults: str | None = None,
    budget: Budget | None = None,
) -> Sources:
    """Read the specs at ``paths``.

    Args:
        paths: files, folders (their ``*.yaml`` and ``*.yml``, not below) or "-", standard input.
            A file given twice is read once.
        stdin: what "-" reads; None when there is nothing to read.
        defaults: a file with CeleryApplicationDefaults; it may lie anywhere.
        budget: what the run may read; taken from.

    Returns:
        Everything that could be read, and all problems; the caller raises them.
    """
    sources, budget = Sources(), budget or Budget()
    defaults_path = _read_defaults(defaults, budget, sources) if defaults is not None else None
    groups, problems = discover(paths)
    sources.problems += problems
    for entry in dict.fromkeys(entry for _, entries in groups for entry in entries):
        if entry.path is not None and entry.path == defaults_path:
            entry.found = True
        else:
            _read_entry(entry, stdin, budget, sources)
    for path, entries in groups:
        if not any(entry.found for entry in entries):
            where = "it" if any(entry.named for entry in entries) else "its *.yaml and *.yml files"
            sources.problems.append(Problem(path, 0, "", f"no CeleryApplication in {where}"))
    if not sources.problems and not sources.applications:
        message = "no CeleryApplication found, only overlays or defaults"
        sources.problems.append(Problem(paths[0] if paths else STDIN, 0, "", message))
    return sources


def _read_defaults(file: str, budget: Budget, sources: Sources) -> Path | None:
    """Read the defaults file, wherever it lies; return where it really is."""
    try:
        path = inside(Path("/"), Path(file))
        documents, problems = parse(read_file(path), file, budget)
    except FileError as error:
        sources.problems.append(Problem(file, 0, "", str(error)))
        return None
    for document in documents:
        if role_of(document) is Role.DEFAULTS:
            sources.defaults.append(DefaultsSource(document, file, None))
        else:
            message = "only CeleryApplicationDefaults may stand in the defaults file"
            problems.append(near_miss(document) or problem_at(document.mark_of("kind"), message))
    if not documents and not problems:
        problems.append(Problem(file, 0, "", "no CeleryApplicationDefaults in it"))
    sources.problems += problems
    return path


def _read_entry(entry: Entry, stdin: BinaryIO | None, budget: Budget, sources: Sources) -> None:
    """Read one file into ``sources``, unless no spec is in it."""
    try:
        data = _read_stdin(stdin) if entry.path is None else read_file(entry.path)
    except FileError as error:
        entry.found = True
        sources.problems.append(Problem(entry.file, 0, "", str(error)))
        return
    searched = data.replace(b"\0", b"")  # so that a spec saved as UTF-16 is not passed over
    if not entry.named and not _CELERY.search(searched):
        budget.size -= len(data)
        return
    parsed, problems = parse(data, entry.file, budget)
    documents, more = expand_lists(parsed)
    problems += more
    if any(role_of(document) in _OURS or near_miss(document) for document in documents):
        entry.found = True
        problems += _sort_out(documents, entry, sources, complete=not problems)
    elif problems:
        entry.found = entry.named or _SPEC.search(searched) is not None
    if entry.found:
        sources.problems += problems


def _read_stdin(stdin: BinaryIO | None) -> bytes:
    if stdin is None:
        raise FileError("there is no standard input to read: name a file or a folder")
    try:
        data = stdin.read(MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise FileError(f"cannot be read: {reason(error)}") from None
    return data


def _sort_out(
    documents: Sequence[Map], entry: Entry, sources: Sources, *, complete: bool
) -> Iterator[Problem]:
    """Give each document of a file with specs its place in ``sources``.

    ``complete``: no document of the file was left out, which might be the application.
    """
    objects: list[Map] = []  # of the nearest application above; those above all, of the first
    has_application = False
    for document in documents:
        role = role_of(document)
        if role is Role.APPLICATION:
            objects = [] if has_application else objects
            has_application = True
            source = ApplicationSource(document, objects, entry.file, entry.folder)
            sources.applications.append(source)
        elif role is Role.OVERLAY:
            sources.overlays.append(OverlaySource(document, entry.file, entry.folder))
        elif role is Role.DEFAULTS:
            sources.defaults.append(DefaultsSource(document, entry.file, entry.folder))
        elif role is Role.OBJECT and (problem := near_miss(document)):
            complete = False
            yield problem
        elif role is Role.OBJECT:
            kubernetes_object, problems = checked_object(document)
            objects.append(kubernetes_object)
            yield from problems
    if complete and not has_application:
        for document in objects:
            message = (
                "stands in a file without a CeleryApplication and belongs to none:"
                " name a file of its own in extraResources"
            )
            yield problem_at(document.mark_of("kind"), message)
