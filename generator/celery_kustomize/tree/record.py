"""The record of what was written, so that later runs remove only that. Pure: no I/O.

Each application's folder has a record of its own, committed with it: two branches that change
different applications never meet in one, and it holds paths, not contents, so it changes only when
files come or go. The paths stand under the spec file that they come from: a run removes what it no
longer writes only of the specs that it has read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from celery_kustomize.k8s.yaml_text import comment
from celery_kustomize.tree.paths import is_folder_name, is_path

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["RECORD", "parse", "render"]

RECORD = ".celery-kustomize"

_HEADER = comment(
    "Files that celery-kustomize wrote and may change or remove. Keep this file in Git."
)


def render(sources: Mapping[str, str]) -> str:
    """The record's text.

    Args:
        sources: by path below the record ("base/shared.yaml"), the spec that it comes from, as a
            path from the record's folder ("../shop.yaml"), or "-" for standard input.
    """
    text = _HEADER
    for source in sorted(set(sources.values())):
        paths = sorted(path for path, its_source in sources.items() if its_source == source)
        text += "\n".join([f"[{source}]", *paths]) + "\n"
    return text


def parse(text: str) -> dict[str, str]:
    """What ``render`` was given.

    The text may come from anyone and bear marks of a merge conflict: a line that is not a path
    inside ``base`` or ``overlays/<name>`` is passed over, so nothing else is ever removed.
    """
    sources: dict[str, str] = {}
    source = "-"
    for line in text.split("\n"):
        if line.startswith("[") and line.endswith("]"):
            source = line[1:-1]
        elif is_path(line) and _is_in_folder(line):
            sources[line] = source
    return sources


def _is_in_folder(path: str) -> bool:
    parts = path.split("/")
    depth = 2 if parts[0] == "overlays" else 1
    return len(parts) > depth and is_folder_name("/".join(parts[:depth]))
