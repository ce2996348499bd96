"""The text of a Kustomize patch that stands in a spec: objects, or JSON 6902 operations."""

from __future__ import annotations

from typing import Any

from celery_kustomize.load.yaml import parse
from celery_kustomize.located import plain

__all__ = ["parse_patch"]


def parse_patch(text: str) -> tuple[list[dict[str, Any]], bool, list[str]]:
    """The objects or operations of a patch, whether they are operations, and what is wrong.

    The limits of ``parse`` hold. A patch with something wrong is empty.
    """
    operations = _is_list(text)
    if operations:
        # A list at the top is no document of ours: read it as the value of a field.
        value = text.lstrip() if text.lstrip().startswith("[") else f"\n{text}"
        text = f"operations: {value}"
    documents, problems = parse(text.encode(), "")
    content = [plain(document) for document in documents]
    if operations:
        content = [item for document in content for item in document["operations"] or []]
    messages = [problem.message for problem in problems]
    if not all(isinstance(item, dict) for item in content):
        messages.append("every JSON 6902 operation must be a map")
    if not content and not messages:
        messages = ["the patch is empty"]
    return ([] if messages else content), operations, messages


def _is_list(text: str) -> bool:
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith("#")), "")
    return first.startswith(("- ", "[")) or first == "-"
