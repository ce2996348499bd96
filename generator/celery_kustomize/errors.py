"""Problems as users see them. Imports nothing of the project."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

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

    def __post_init__(self) -> None:
        """Keep a problem on its line: input must not forge output or control the terminal."""
        for name in ("file", "path", "message"):
            text: str = getattr(self, name)
            if not text.isprintable():
                object.__setattr__(self, name, _printable(text))

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        prefix = "warning: " if self.severity is Severity.WARNING else ""
        return prefix + ": ".join(part for part in (place, self.path, self.message) if part)


def _printable(text: str) -> str:
    """``text`` with an escape for each control, format or undecodable character."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


class CeleryKustomizeError(Exception):
    """Base of every expected failure; the command line prints it and exits with 2."""


class SpecError(CeleryKustomizeError):
    """The input is wrong. ``problems`` holds everything found in one run, sorted by place."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class KustomizeError(CeleryKustomizeError):
    """The kustomize program is missing, too old, failed or took too long."""
