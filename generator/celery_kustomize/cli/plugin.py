"""``celery-kustomize plugin``: what Argo CD runs beside its repo-server, in a folder of specs.

Only whole results reach standard output: Argo CD takes an empty one for "no objects", and prunes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from celery_kustomize.cli.common import defaults_option

if TYPE_CHECKING:
    from celery_kustomize.errors import Problem

__all__ = ["command"]

_FOLDER = "."


@click.group("plugin")
def command() -> None:
    """What Argo CD runs: a config-management plugin. docs/argocd.md tells how to install it."""


@command.command("generate")
@defaults_option
def _generate(defaults: str | None) -> None:
    """Print the objects that the Application asks for, from the specs in this folder."""

    def objects() -> tuple[str, Sequence[Problem]]:
        from celery_kustomize.argocd.generate import generate  # noqa: PLC0415 - inside the deadline

        return generate(_FOLDER, os.environ, defaults)

    _print(objects, defaults)


@command.command("parameters")
@defaults_option
def _parameters(defaults: str | None) -> None:
    """Print which applications and overlays there are, as Argo CD's parameter announcements."""

    def announcements() -> tuple[str, Sequence[Problem]]:
        from celery_kustomize.argocd.announce import announced  # noqa: PLC0415

        return announced(_FOLDER, defaults)

    _print(announcements, defaults)


@command.command("discover")
def _discover() -> None:
    """Print the name of a file with a CeleryApplication, if this folder has one."""

    def found() -> tuple[str, Sequence[Problem]]:
        from celery_kustomize.argocd.discover import discover  # noqa: PLC0415

        name = discover(_FOLDER)
        return f"{name}\n" if name else "", ()

    _print(found, None)


@command.command("config")
@click.option("--no-discovery", is_flag=True, help="For Applications that name the plugin only.")
def _config(no_discovery: bool) -> None:
    """Print the plugin.yaml of the sidecar."""
    from celery_kustomize.argocd.config import config_text  # noqa: PLC0415

    click.echo(config_text(discovery=not no_discovery), nl=False)


def _print(result: Callable[[], tuple[str, Sequence[Problem]]], defaults: str | None) -> None:
    """Print what ``result`` gives once it is there as a whole, and in time; problems apart."""
    from celery_kustomize.argocd.deadline import bounded, seconds  # noqa: PLC0415
    from celery_kustomize.argocd.message import message  # noqa: PLC0415

    folder = _FOLDER
    try:
        with bounded(seconds(os.environ)):
            folder = os.path.realpath(_FOLDER)
            text, problems = result()
    except Exception as error:  # noqa: BLE001 - a traceback helps nobody who reads it in Argo CD
        click.echo(message(error, folder, defaults), err=True)
        raise click.exceptions.Exit(2) from None
    for problem in sorted(set(problems)):
        click.echo(str(problem), err=True)
    if text and sys.stdout is None:
        raise click.ClickException("there is no standard output to print to")
    click.echo(text, nl=False)
