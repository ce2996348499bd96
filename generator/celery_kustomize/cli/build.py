"""``celery-kustomize build``: the objects that a cluster would get."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from celery_kustomize.cli.common import defaults_option, folders, rendered
from celery_kustomize.kustomize import find

if TYPE_CHECKING:
    from celery_kustomize.pipeline import Rendered

__all__ = ["command"]


@click.command("build")
@click.argument("path", metavar="PATH")
@click.option("--overlay", metavar="NAME", help="The environment. Default: the base.")
@click.option("--application", metavar="NAME", help="Which application, where PATH has several.")
@defaults_option
def command(path: str, overlay: str | None, application: str | None, defaults: str | None) -> None:
    """Render PATH, run kustomize on it and print the objects."""
    result = rendered((path,), defaults)
    chosen = _choose(result.applications, application)
    if overlay is not None and overlay not in chosen.overlays:
        known = ", ".join(chosen.overlays) or "none"
        raise click.UsageError(f'{chosen.name} has no overlay "{overlay}" (it has: {known})')
    tree = folders(chosen)
    wanted = {"base", f"overlays/{overlay}"}
    files = {
        f"{folder}/{name}": text
        for folder, content in tree.items()
        if folder in wanted
        for name, text in content.items()
    }
    target = f"overlays/{overlay}" if overlay is not None else "base"
    click.echo(find().build_files(files, target), nl=False)


def _choose(applications: tuple[Rendered, ...], name: str | None) -> Rendered:
    names = ", ".join(application.name for application in applications)
    if name is None:
        if len(applications) > 1:
            raise click.UsageError(f"there are several applications ({names}): add --application")
        return applications[0]
    found = [application for application in applications if application.name == name]
    if not found:
        raise click.UsageError(f'there is no application "{name}" (found: {names})')
    return found[0]
