"""What the commands share: the PATH argument, the run, its warnings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from celery_kustomize.pipeline import Rendered, Result, run
from celery_kustomize.tree import files

__all__ = ["defaults_option", "folders", "paths_argument", "rendered"]

_F = TypeVar("_F", bound=Callable[..., Any])


def paths_argument(function: _F) -> _F:
    """One or more PATHs."""
    return click.argument("paths", metavar="PATH...", nargs=-1, required=True)(function)


def defaults_option(function: _F) -> _F:
    """``--defaults FILE``."""
    text = "A file with CeleryApplicationDefaults, merged under every application."
    return click.option("--defaults", metavar="FILE", help=text)(function)


def rendered(paths: tuple[str, ...], defaults: str | None) -> Result:
    """Run the pipeline; warnings go to standard error."""
    result = run(paths, stdin=sys.stdin.buffer, defaults=defaults)
    for warning in result.warnings:
        click.echo(str(warning), err=True)
    return result


def folders(application: Rendered) -> dict[str, dict[str, str]]:
    """An application's folders ("base", "overlays/<name>") with their files."""
    result = {"base": files(application.base)}
    for name, overlay in application.overlays.items():
        result[f"overlays/{name}"] = files(overlay)
    return result
