"""The command line: the only place that prints, and that turns errors into exit codes.

Exit codes: 0 done, 1 a difference was found, 2 an error. Commands are imported when they are
called, so that ``--help`` and the cheap ones start fast.
"""

from __future__ import annotations

import importlib
import sys

import click

from celery_kustomize.errors import CeleryKustomizeError

__all__ = ["main"]

_COMMANDS = {
    "build": "Print the objects of the base or of one overlay, built by kustomize.",
    "convert": "Rewrite specs of the two older operators as native ones.",
    "plugin": "What Argo CD runs: generate, parameters, discover, config.",
    "render": "Write Kustomize bases and overlays.",
    "schema": "Print the JSON Schema for editors, or a CustomResourceDefinition.",
    "validate": "Report every error and warning.",
}


class _Commands(click.Group):
    """A group that imports a command's module only when the command is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"celery_kustomize.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="celery-kustomize", message="%(prog)s %(version)s")
def _group() -> None:
    """Kustomize bases and overlays for Celery on Kubernetes, from short specs in Git."""


def main() -> None:
    """Run the command line; every expected failure ends with a message and exit code 2."""
    try:
        code = _group.main(prog_name="celery-kustomize", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(130)
    except CeleryKustomizeError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        click.echo(f"{place}{error.strerror or error}", err=True)
        sys.exit(2)
