"""Problems as users see them. Imports nothing of the project."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["CeleryKustomizeError", "KustomizeError", "Problem", "Severity", "SpecError"]


class Severity(StrEnum):
    """An error stops everything and nothing is written; a warning is only printed."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to tell the user. Problems sort by place: file, line, then path.

    ``file`` is the path as the user wrote it ("-" for standard input), ``line`` counts from 1
    (0: the problem has no line), ``path`` is the field as in ``spec.workers[reports].concurrency``
    (empty: the problem concerns the whole file), ``message`` says what is wrong and what to write.
    """

    file: str
    line: int
    path: str
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        prefix = "warning: " if self.severity is Severity.WARNING else ""
        return prefix + ": ".join(part for part in (place, self.path, self.message) if part)


class CeleryKustomizeError(Exception):
    """Base of every expected failure; the command line prints it and exits with 2."""


class SpecError(CeleryKustomizeError):
    """The input is wrong. ``problems`` holds everything found in one run, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class KustomizeError(CeleryKustomizeError):
    """The kustomize program is missing, too old, failed or took too long."""
