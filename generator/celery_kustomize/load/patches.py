"""The text of a Kustomize patch that stands in a spec: objects, or JSON 6902 operations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from celery_kustomize.load.yaml import parse
from celery_kustomize.located import plain

if TYPE_CHECKING:
    from celery_kustomize.errors import Problem

__all__ = ["parse_patch"]

_LIST = "operations"
_LINE = re.compile(r"\bline ([0-9]+)")


def parse_patch(text: str) -> tuple[list[dict[str, Any]], bool, list[str]]:
    """The objects or operations of a patch, whether they are operations, and what is wrong.

    The limits of ``parse`` hold. A patch with something wrong is empty.
    """
    lines = text.split("\n")
    start = next((place for place, line in enumerate(lines) if _says_something(line)), 0)
    first = lines[start].strip()
    operations = first.startswith(("- ", "[")) or first == "-"
    before = 0
    if operations:
        # A list at the top is no document of ours: read it as the value of a field.
        before = start if first.startswith("[") else start - 1
        field = f"{_LIST}: " if first.startswith("[") else f"{_LIST}:\n"
        text = field + "\n".join(lines[start:])
    documents, problems = parse(text.encode(), "")
    content = [plain(document) for document in documents]
    if operations:
        content = [item for document in content for item in document.get(_LIST) or []]
    messages = [_message(problem, before) for problem in problems]
    if not all(isinstance(item, dict) for item in content):
        messages.append("every JSON 6902 operation must be a map")
    if not content and not messages:
        messages = ["the patch is empty"]
    return ([] if messages else content), operations, messages


def _says_something(line: str) -> bool:
    line = line.strip()
    return line not in ("", "---") and not line.startswith("#")


def _message(problem: Problem, before: int) -> str:
    place = f"line {problem.line + before} of the patch" if problem.line else ""
    path = problem.path.removeprefix(_LIST)
    message = _LINE.sub(lambda found: f"line {int(found[1]) + before}", problem.message)
    return ": ".join(part for part in (place, path, message) if part)
