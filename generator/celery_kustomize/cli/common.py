"""What the commands share: the PATH argument, the run, its warnings."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from celery_kustomize.pipeline import Result

__all__ = ["DEFAULTS_VARIABLE", "defaults_option", "paths_argument", "rendered"]

DEFAULTS_VARIABLE = "CELERY_KUSTOMIZE_DEFAULTS"
"""The environment variable with the file of ``--defaults``."""

_F = TypeVar("_F", bound=Callable[..., Any])


def paths_argument(function: _F) -> _F:
    """One or more PATHs."""
    return click.argument("paths", metavar="PATH...", nargs=-1, required=True)(function)


def defaults_option(function: _F) -> _F:
    """``--defaults FILE``."""
    text = "A file with CeleryApplicationDefaults, merged under every application."
    return click.option(
        "--defaults", metavar="FILE", help=text, envvar=DEFAULTS_VARIABLE, show_envvar=True
    )(function)


def rendered(paths: tuple[str, ...], defaults: str | None) -> Result:
    """Run the pipeline; warnings go to standard error."""
    from celery_kustomize.pipeline import run  # noqa: PLC0415 - not every command needs it

    result = run(paths, stdin=sys.stdin.buffer, defaults=defaults)
    for warning in result.warnings:
        click.echo(str(warning), err=True)
    return result
