"""The objects that a cluster would get: what the pipeline renders, built by kustomize."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO

from celery_kustomize.errors import Problem, SpecError
from celery_kustomize.pipeline import Rendered, run
from celery_kustomize.tree import files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from celery_kustomize.kustomize import Kustomize
    from celery_kustomize.merge import Target

__all__ = ["build", "folders"]

# kustomize (v5.8.2) writes an object's own keys at the beginning of the line.
_OBJECT = re.compile(r"^kind: ", re.MULTILINE)


def build(
    path: str,
    target: Target,
    kustomize: Kustomize,
    *,
    stdin: BinaryIO | None = None,
    defaults: str | None = None,
    timeout: float = 50,
) -> tuple[str, Sequence[Problem]]:
    """The objects of one environment as YAML, at least one, and the warnings about its spec.

    Args:
        path: a file, a folder or "-".
        target: the environment, and what to change in it.
        kustomize: the program that builds it.
        stdin: what "-" reads.
        defaults: a file with CeleryApplicationDefaults.
        timeout: seconds that kustomize may take.

    Raises:
        SpecError: the spec is wrong, or gives no object at all.
        KustomizeError: kustomize failed.
    """
    result = run([path], stdin=stdin, defaults=defaults, target=target)
    (application,) = result.applications
    folder = "base" if target.overlay is None else f"overlays/{target.overlay}"
    tree = {
        f"{parent}/{name}": text
        for parent, content in folders(application).items()
        for name, text in content.items()
    }
    objects = kustomize.build_files(tree, folder, timeout=timeout)
    if not _OBJECT.search(objects):
        problem = Problem(application.file, 0, "", "gives no Kubernetes object at all")
        raise SpecError([*result.warnings, problem])
    return objects, result.warnings


def folders(application: Rendered) -> dict[str, dict[str, str]]:
    """An application's folders ("base", "overlays/<name>") with their files."""
    result = {"base": files(application.base)}
    for name, overlay in application.overlays.items():
        result[f"overlays/{name}"] = files(overlay)
    return result
