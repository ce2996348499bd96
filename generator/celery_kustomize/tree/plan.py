"""What a run would change below OUT: files to write, files to remove, and what is in the way."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem, Severity, SpecError
from celery_kustomize.tree.paths import is_folder_name, is_path, is_segment, obstacle
from celery_kustomize.tree.record import RECORD, parse, render
from celery_kustomize.tree.sources import Inputs, relative_source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

__all__ = ["Folder", "Plan", "make_plan"]

_MAX_RECORD = 16 * 1024 * 1024
_MAX_NOTICES = 100


@dataclass(frozen=True, slots=True)
class Folder:
    """A Kustomize folder to be written.

    ``application`` is the folder of its application below OUT ("shop"; "" when written flat),
    ``name`` its own below that ("base", "overlays/production"), ``files`` its texts by path
    (``tree.files``), ``source`` the spec file that it comes from, as given by the user ("-" for
    standard input).
    """

    application: str
    name: str
    files: Mapping[str, str]
    source: str


@dataclass(slots=True)
class Plan:
    """``write`` and ``remove`` hold paths below ``out``; records stand last in ``write``."""

    out: Path
    write: dict[str, str] = field(default_factory=dict)
    remove: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def report(self, place: Path | str, message: str, severity: Severity) -> None:
        """Add a problem about a file or folder."""
        self.problems.append(Problem(str(place), 0, "", message, severity))


@dataclass(frozen=True, slots=True)
class _Application:
    """One application's folder: what it shall hold and what earlier runs wrote there."""

    folder: str
    wanted: Mapping[str, str]
    sources: Mapping[str, str]
    owned: Mapping[str, str]

    @property
    def prefix(self) -> str:
        return f"{self.folder}/" if self.folder else ""


def make_plan(out: Path, folders: Sequence[Folder], inputs: Collection[str]) -> Plan:
    """Compare ``folders`` with what is on disk; nothing is changed.

    Args:
        out: the folder to write to; need not exist.
        folders: everything that this run renders.
        inputs: the files and folders, as given by the user, that this run has read in full ("-"
            for standard input). What earlier runs wrote from them and this one does not is removed;
            what comes from other specs stays.

    Raises:
        SpecError: a file in the way that celery-kustomize did not write, or a symbolic link.
        ValueError: a folder's or file's name that the stages before should have refused.
    """
    plan = Plan(out)
    try:
        for application in _applications(out, folders):
            _plan_application(plan, application, Inputs.of(out / application.folder, inputs))
    except OSError as error:
        plan.report(error.filename or out, f"cannot be read: {error.strerror}", Severity.ERROR)
    errors = [problem for problem in plan.problems if problem.severity is Severity.ERROR]
    if errors:
        raise SpecError(errors)
    records = {path: text for path, text in plan.write.items() if Path(path).name == RECORD}
    for path in records:
        del plan.write[path]
    plan.write |= records
    return plan


def _applications(out: Path, folders: Sequence[Folder]) -> Iterator[_Application]:
    names = {folder.application for folder in folders}
    for name in sorted(names | set(_recorded(out))):
        wanted: dict[str, str] = {}
        sources: dict[str, str] = {}
        for folder in folders:
            if folder.application == name:
                _add_folder(folder, out, wanted, sources)
        yield _Application(name, wanted, sources, _owned(out, name))


def _add_folder(folder: Folder, out: Path, wanted: dict[str, str], sources: dict[str, str]) -> None:
    if folder.application and not is_segment(folder.application):
        raise ValueError(f"{folder.application!r} is not the name of a folder")
    if not is_folder_name(folder.name):
        raise ValueError(f"{folder.name!r} is not base or overlays/<name>")
    source = relative_source(out / folder.application, folder.source)
    for path, text in folder.files.items():
        full = f"{folder.name}/{path}"
        if not is_path(path) or full in wanted:
            raise ValueError(f"{full!r} leaves its folder or is written twice")
        wanted[full] = text
        sources[full] = source


def _recorded(out: Path) -> Iterator[str]:
    """The applications that have a record; links are left out."""
    if obstacle(out, RECORD) is None and (out / RECORD).exists():
        yield ""
    if out.is_dir():
        for entry in os.scandir(out):
            if entry.is_dir(follow_symlinks=False) and is_segment(entry.name):
                record = Path(entry.path, RECORD)
                if record.is_file() and not record.is_symlink():
                    yield entry.name


def _owned(out: Path, application: str) -> dict[str, str]:
    record = f"{application}/{RECORD}" if application else RECORD
    place = out / record
    if obstacle(out, record) is not None or not place.exists():
        return {}
    if place.stat().st_size > _MAX_RECORD:
        return {}
    return parse(place.read_bytes().decode(errors="replace"))


def _plan_application(plan: Plan, application: _Application, inputs: Inputs) -> None:
    owned, wanted = application.owned, application.wanted
    # A spec that was renamed, or whose application another one defines now, has no say any more.
    superseded = {owned[path] for path in wanted if path in owned}
    stale = {
        path
        for path, source in owned.items()
        if path not in wanted and (source in superseded or inputs.cover(source))
    }
    kept = {
        path: source
        for path, source in owned.items()
        if path not in wanted
        and path not in stale
        and os.path.lexists(plan.out / application.prefix / path)
    }
    if not wanted and not stale:
        return
    _plan_removals(plan, application, stale)
    _plan_files(plan, application)
    _plan_record(plan, application, kept)
    _notice_kept(plan, application, kept)
    _notice_foreign(plan, application)


def _plan_removals(plan: Plan, application: _Application, stale: Collection[str]) -> None:
    for path in sorted(stale):
        full = application.prefix + path
        blocked = obstacle(plan.out, full)
        if blocked:
            plan.report(*blocked, Severity.ERROR)
        elif os.path.lexists(plan.out / full):
            plan.remove.append(full)


def _plan_files(plan: Plan, application: _Application) -> None:
    for path, text in application.wanted.items():
        full = application.prefix + path
        blocked = obstacle(plan.out, full, plan.remove)
        if blocked:
            plan.report(*blocked, Severity.ERROR)
        elif not _same(plan.out / full, text):
            if path not in application.owned and os.path.lexists(plan.out / full):
                plan.report(
                    plan.out / full,
                    "exists already and was not written by celery-kustomize (it is not listed in"
                    f" {plan.out / application.folder / RECORD}); move it away or delete it",
                    Severity.ERROR,
                )
            plan.write[full] = text


def _plan_record(plan: Plan, application: _Application, kept: Mapping[str, str]) -> None:
    record = application.prefix + RECORD
    sources = {**kept, **application.sources}
    blocked = obstacle(plan.out, record)
    if blocked:
        plan.report(*blocked, Severity.ERROR)
    elif not sources:
        plan.remove.append(record)
    elif not _same(plan.out / record, render(sources)):
        plan.write[record] = render(sources)


def _notice_kept(plan: Plan, application: _Application, kept: Mapping[str, str]) -> None:
    if not application.wanted:
        return
    for source in sorted(set(kept.values())):
        plan.report(
            plan.out / application.folder,
            f"what comes from {source} stays as it is: this run has not read that spec",
            Severity.WARNING,
        )


def _notice_foreign(plan: Plan, application: _Application) -> None:
    """Say which files lie in our folders that we never wrote; they are not part of anything."""
    root = plan.out / application.folder
    known = {*application.wanted, *application.owned}
    found = 0
    for name in sorted({_folder_of(path) for path in known}):
        for parent, folders, names in os.walk(root / name):
            folders.sort()
            for file in sorted(names):
                place = Path(parent, file)
                if file.startswith(".") or place.relative_to(root).as_posix() in known:
                    continue
                found += 1
                if found > _MAX_NOTICES:
                    return
                plan.report(
                    place,
                    "was not written by celery-kustomize and is not part of the kustomization; it"
                    " stays as it is (name it in the spec's extraResources to use it)",
                    Severity.WARNING,
                )


def _folder_of(path: str) -> str:
    first, second, *_ = path.split("/")
    return f"{first}/{second}" if first == "overlays" else first


def _same(place: Path, text: str) -> bool:
    """Whether a regular file (or nothing) at ``place`` holds just ``text``."""
    content = text.encode()
    try:
        info = place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    regular = stat.S_ISREG(info.st_mode) and info.st_size == len(content)
    return regular and place.read_bytes() == content
