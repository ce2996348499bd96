"""``celery-kustomize schema``: what specs look like, for editors and for clusters."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command("schema")
@click.option("--crd", is_flag=True, help="Print CustomResourceDefinitions, as YAML.")
def command(crd: bool) -> None:
    """Print the JSON Schema of specs.

    Editors with a YAML language server use it by this comment on top of a spec:

    # yaml-language-server: $schema=celery-application.schema.json
    """
    if crd:
        from celery_kustomize.model.crd import crds_text  # noqa: PLC0415 - one of the two is used

        click.echo(crds_text(), nl=False)
    else:
        from celery_kustomize.model.json_schema import json_schema_text  # noqa: PLC0415

        click.echo(json_schema_text(), nl=False)
