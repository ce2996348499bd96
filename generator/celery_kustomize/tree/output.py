"""Write Kustomize folders below OUT, or say what writing would change."""

from __future__ import annotations

import difflib
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from celery_kustomize.errors import Problem, SpecError
from celery_kustomize.tree.plan import Folder, Plan, make_plan

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

__all__ = ["Changes", "compare", "write"]

_MAX_DIFF_CHARACTERS = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run changes: paths below OUT, sorted; ``warnings`` is what the user should know.

    ``diff`` is a unified diff from what is on disk to what the specs give; empty after ``write``.
    """

    written: tuple[str, ...]
    removed: tuple[str, ...]
    warnings: tuple[Problem, ...]
    diff: str = ""

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.written or self.removed)


def compare(out: Path, folders: Sequence[Folder], inputs: Collection[str]) -> Changes:
    """What ``write`` would do; nothing is changed. Arguments and errors as of ``write``."""
    plan = make_plan(out, folders, inputs)
    try:
        diff = "".join(_diff(plan))
    except OSError as error:
        raise _failure(error, out, "cannot be read") from error
    return _changes(plan, diff)


def write(out: Path, folders: Sequence[Folder], inputs: Collection[str]) -> Changes:
    """Make ``out`` hold ``folders``; remove what earlier runs wrote and this one does not.

    Everything is first written to a temporary folder inside ``out`` and then renamed file by file,
    so that a full disk or a failing run leaves nothing half-written. Files that are right already
    are not touched, and files that celery-kustomize did not write (``record``) never are.

    Args:
        out: the folder to write to; made when it does not exist.
        folders: everything that this run renders.
        inputs: the files and folders, as given by the user, that this run has read in full ("-"
            for standard input); what comes from other specs stays.

    Raises:
        SpecError: a file in the way that celery-kustomize did not write, a symbolic link, or a
            place that cannot be read or written; but for the last, nothing has been changed.
        ValueError: a folder's or file's name that the stages before should have refused.
    """
    plan = make_plan(out, folders, inputs)
    if plan.write or plan.remove:
        try:
            _apply(plan)
        except OSError as error:
            raise _failure(error, out, "cannot be written") from error
    return _changes(plan)


def _apply(plan: Plan) -> None:
    plan.out.mkdir(parents=True, exist_ok=True)
    # Inside OUT, as a rename cannot cross to another file system.
    stage = Path(tempfile.mkdtemp(prefix=".celery-kustomize-", dir=plan.out))
    try:
        for number, text in enumerate(plan.write.values()):
            (stage / str(number)).write_bytes(text.encode())
        for path in plan.remove:
            (plan.out / path).unlink(missing_ok=True)
            _remove_empty(plan.out, path)
        for number, path in enumerate(plan.write):
            place = plan.out / path
            place.parent.mkdir(parents=True, exist_ok=True)
            (stage / str(number)).replace(place)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _remove_empty(out: Path, path: str) -> None:
    """Remove the folders above ``path`` that nothing is left in, up to ``out``."""
    with suppress(OSError):
        for parent in (out / path).parents:
            if parent == out:
                return
            parent.rmdir()


def _diff(plan: Plan) -> Iterator[str]:
    for path in sorted({*plan.write, *plan.remove}):
        place = plan.out / path
        before = place.read_bytes().decode(errors="replace") if place.is_file() else None
        after = plan.write.get(path)
        old, new = (
            None if text is None else f"{side}/{path}"
            for side, text in (("a", before), ("b", after))
        )
        if len(before or "") + len(after or "") > _MAX_DIFF_CHARACTERS:
            yield f"{path} differs; it is too large to be compared line by line\n"
            continue
        for line in difflib.unified_diff(
            (before or "").splitlines(keepends=True),
            (after or "").splitlines(keepends=True),
            old or "/dev/null",
            new or "/dev/null",
        ):
            yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _changes(plan: Plan, diff: str = "") -> Changes:
    return Changes(
        tuple(sorted(plan.write)),
        tuple(sorted(plan.remove)),
        tuple(sorted(plan.problems)),
        diff,
    )


def _failure(error: OSError, out: Path, what: str) -> SpecError:
    return SpecError([Problem(str(error.filename or out), 0, "", f"{what}: {error.strerror}")])
