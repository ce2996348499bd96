"""``celery-kustomize build``: the objects that a cluster would get."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from celery_kustomize.argocd.parameters import PARAMETERS, Given, target
from celery_kustomize.build import build
from celery_kustomize.cli.common import defaults_option
from celery_kustomize.kustomize import find

__all__ = ["command"]

_ORIGIN = "--{}"
_F = TypeVar("_F", bound=Callable[..., Any])


def _target_options(function: _F) -> _F:
    """An option for each parameter of the Argo CD plugin."""
    for parameter in reversed(PARAMETERS):
        function = click.option(
            _ORIGIN.format(parameter.name),
            metavar=parameter.metavar,
            help=parameter.tooltip + (" May be repeated." if parameter.is_map else ""),
            multiple=parameter.is_map,
        )(function)
    return function


@click.command("build")
@click.argument("path", metavar="PATH")
@_target_options
@defaults_option
def command(path: str, defaults: str | None, **options: str | Sequence[str] | None) -> None:
    """Render PATH, run kustomize on it and print the objects.

    The options are the parameters of the Argo CD plugin: with the same values it prints the same.
    """
    given = []
    for parameter in PARAMETERS:
        value, origin = options[parameter.name], _ORIGIN.format(parameter.name)
        if value is not None:
            text_or_map = value if isinstance(value, str) else _pairs(value, origin)
            given.append(Given(parameter, text_or_map, origin))
    objects, warnings = build(
        path, target(given, _ORIGIN), find(), stdin=sys.stdin.buffer, defaults=defaults
    )
    for warning in warnings:
        click.echo(str(warning), err=True)
    click.echo(objects, nl=False)


def _pairs(values: Sequence[str], origin: str) -> dict[str, str]:
    result = {}
    for text in values:
        key, separator, value = text.partition("=")
        if not separator:
            raise click.UsageError(f'{origin}: "{text}" is not KEY=VALUE')
        result[key] = value
    return result
