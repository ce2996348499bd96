"""``celery-kustomize render``: bases and overlays as folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from celery_kustomize.build import folders
from celery_kustomize.cli.common import defaults_option, paths_argument, rendered
from celery_kustomize.tree import Folder, compare, write

if TYPE_CHECKING:
    from celery_kustomize.pipeline import Rendered, Result

__all__ = ["command"]


@click.command("render")
@paths_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where to write APPLICATION/base and APPLICATION/overlays/NAME. Default: here.",
)
@click.option("--flat", is_flag=True, help="Leave the application's folder out (one application).")
@click.option("--check", is_flag=True, help="Write nothing; show what differs and exit with 1.")
@defaults_option
def command(
    paths: tuple[str, ...], output: Path, flat: bool, check: bool, defaults: str | None
) -> None:
    """Write the Kustomize bases and overlays of every application in PATH...

    Files that an earlier run wrote and this one does not are removed; files that celery-kustomize
    did not write are never touched.
    """
    result = rendered(paths, defaults)
    wanted = _folders(result, flat=flat)
    inputs = [*paths, *([defaults] if defaults else [])]
    changes = (compare if check else write)(output, wanted, inputs)
    for warning in changes.warnings:
        click.echo(str(warning), err=True)
    if check:
        click.echo(changes.diff, nl=False)
        if changes:
            raise click.exceptions.Exit(1)
        return
    names = ", ".join(application.name for application in result.applications)
    summary = f"{len(changes.written)} file(s) written, {len(changes.removed)} removed"
    click.echo(f"{names}: {summary}", err=True)


def _folders(result: Result, *, flat: bool) -> list[Folder]:
    if flat and len(result.applications) > 1:
        names = ", ".join(application.name for application in result.applications)
        raise click.UsageError(f"--flat takes one application, here are several: {names}")
    return [
        Folder("" if flat else application.name, name, files, _source(application, name))
        for application in result.applications
        for name, files in folders(application).items()
    ]


def _source(application: Rendered, folder: str) -> str:
    overlay = folder.removeprefix("overlays/")
    return application.overlay_files.get(overlay, application.file)
