"""``plugin discover``: whether a folder is one for this plugin.

Argo CD asks this of every Application that names no plugin. So it is cheap, agrees with what
``generate`` would read, and never fails: what cannot be read is not for us.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from celery_kustomize.load.discover import discover as files_of
from celery_kustomize.load.files import FileError, read_file
from celery_kustomize.load.limits import Budget
from celery_kustomize.load.objects import expand_lists
from celery_kustomize.load.roles import Role, role_of
from celery_kustomize.load.yaml import parse

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["discover"]

_GROUP = re.compile(rb"celeryproject\.org/|celery\.k8s\.io/")
# In what cannot be parsed; its mistake is then for ``generate`` to tell.
_KIND = re.compile(rb"^[\"']?kind[\"']?[ ]*:[ ]*[\"']?Celery(?:Application)?\b(?!-)", re.MULTILINE)


def discover(folder: str) -> str | None:
    """The first file of ``folder`` with a CeleryApplication, native or of an older kind."""
    budget = Budget(nodes=200_000, characters=16_000_000)
    groups, _ = files_of([folder])
    for _, entries in groups:
        for entry in entries:
            if entry.path is not None and _has_application(entry.path, budget):
                return entry.file.encode(errors="backslashreplace").decode()
    return None


def _has_application(path: Path, budget: Budget) -> bool:
    try:
        data = read_file(path)
    except FileError:
        return False
    searched = data.replace(b"\0", b"")  # a spec saved as UTF-16 is one, though a wrong one
    if not _GROUP.search(searched):
        return False
    parsed, problems = parse(data, path.name, budget)
    documents, _ = expand_lists(parsed)
    if any(role_of(document) is Role.APPLICATION for document in documents):
        return True
    return bool(problems) and _KIND.search(searched) is not None
